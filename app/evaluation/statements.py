"""Is a statement supported by the documents exactly when it is true? A suite of true and planted false
statements, each checked as a draft of the chat model would be, against what search finds for its
question in both languages."""

import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from app.answering.answer import Question
from app.answering.evidence import prepare
from app.answering.evidence.checker import Checker
from app.answering.evidence.judge import Judge
from app.answering.retrieve import retrieve
from app.answering.rounds import Round, rounds
from app.errors import Phrase, RequestInvalid
from app.evaluation.corpus import KB
from app.index.protocol import Passage
from app.models.reading import Reader
from app.runtime import Storage
from app.text.language import detect_language

_PASSAGES = 8


@dataclass(frozen=True)
class Planted:
    """`kind`: 'true', or the way in which the statement is false."""

    question: str
    statement: str
    supported: bool
    kind: str
    document: str


@dataclass(frozen=True)
class Judged:
    planted: Planted
    found: bool
    quote: str


def read_statements(path: Path) -> list[Planted]:
    """One JSON object a line, with the fields of `Planted`. Raises RequestInvalid."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
        return [Planted(**json.loads(line)) for line in lines if line.strip()]
    except (OSError, ValueError, TypeError) as error:
        raise RequestInvalid(detail=Phrase("file_said", path=path, error=error)) from error


def judge_statements(
    storage: Storage,
    reader: Reader | None,
    statements: Sequence[Planted],
    on_statement: Callable[[], None] = lambda: None,
) -> list[Judged]:
    """Each statement as the product would check it. Raises as its parts do."""
    shown: dict[str, list[Passage]] = {}
    judged = []
    for planted in statements:
        if planted.question not in shown:
            shown[planted.question] = _passages(storage, planted.question)
        judge = Judge(
            prepare(shown[planted.question]),
            planted.question,
            detect_language(planted.question),
            storage.embedder,
            reader,
        )
        checker = Checker(judge, strict=True)
        for segment in (*checker.take(planted.statement), *checker.end()):
            checker.check(segment)
        checker.close()
        quotes = [citation.quote for citation in checker.result().citations]
        judged.append(Judged(planted, bool(checker.answer), " / ".join(quotes)))
        on_statement()
    return judged


def rates(judged: Sequence[Judged]) -> dict[str, tuple[int, int]]:
    """By kind: (judged rightly, all); the kinds of false ones together as 'false', too."""
    right: Counter[str] = Counter()
    total: Counter[str] = Counter()
    for each in judged:
        kinds = [each.planted.kind] if each.planted.supported else [each.planted.kind, "false"]
        for kind in kinds:
            total[kind] += 1
            right[kind] += each.found == each.planted.supported
    return {kind: (right[kind], total[kind]) for kind in sorted(total)}


def _passages(storage: Storage, question: str) -> list[Passage]:
    """What a first and, for the documents of the other language, a further search find."""
    asked = Question(question, KB)
    found: dict[str, Passage] = {}
    space = storage.indexes.reading(KB)
    searches = (Round(question, "hybrid", asked.filter, ""), next(rounds(asked, question)))
    for each in searches:
        hits = retrieve(
            storage.library,
            space,
            storage.sparse,
            each.text,
            kb=KB,
            limit=_PASSAGES,
            mode=each.mode,
            filter=each.filter,
        ).hits
        found |= {hit.passage.id: hit.passage for hit in hits if hit.passage.id not in found}
    return list(found.values())
