"""Checking an answer against the passages it was made from.

The server, not the model, copies every quote from the stored text; the model's own citation marks
only say where to look first.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from app.answering.answer import Citation, Statement
from app.answering.evidence.context import Material, Sentence, prepare
from app.answering.evidence.judge import Judge
from app.answering.evidence.links import inert
from app.answering.evidence.match import Evidence
from app.answering.evidence.quotations import Quotation, find_quotations
from app.answering.evidence.statements import DraftStatement, bare_assent, cut
from app.errors import Language
from app.index.protocol import Passage
from app.models.embedding import Embedder
from app.models.reading import Reader


@dataclass(frozen=True)
class Verification:
    """`answer` is the text with the verified marks [1], [2], … put behind each statement, in order of
    first use; the spans of `statements` and `unverified_quotes` are of this text. A statement's
    span leaves its marks out. Sentences that assert nothing are no statements.

    `core_supported`: the first statement, the one that answers, is supported. `support` is
    the share of statements that are, [0, 1]; `about` how much of the question the evidence
    of the core holds, [0, 1], None where that evidence is in another language than the question.
    """

    answer: str
    statements: tuple[Statement, ...]
    citations: tuple[Citation, ...]
    unverified_quotes: tuple[tuple[int, int], ...]
    core_supported: bool
    support: float
    about: float | None


def verify(
    answer: str,
    passages: Sequence[Passage] | Material,
    embedder: Embedder | None,
    language: Language,
    *,
    question: str = "",
    reader: Reader | None = None,
) -> Verification:
    """Check `answer` (without reasoning) against `passages`, numbered as in the prompt: [1] is `passages[0]`.

    Links that no cited passage holds are made plain text (see `inert`). `language` is the
    question's. See `Judge` for what decides. Raises EmbeddingFailed, ReadingFailed.
    """
    material = passages if isinstance(passages, Material) else prepare(passages)
    judge = Judge(material, question, language, embedder, reader)
    found = _verify(answer, judge)
    cited = {citation.chunk_id for citation in found.citations}
    safe = inert(answer, [passage.text for passage in material.passages if passage.id in cited])
    return found if safe == answer else _verify(safe, judge)


def _verify(answer: str, judge: Judge) -> Verification:
    text, drafts = cut(answer)
    material = judge.material
    quotations = find_quotations(text, material.normal)
    assent = bare_assent(text)
    if assent is not None and drafts:  # a mere 'Yes.' asserts what the question asks
        found = [judge.assents(assent, drafts[0].marks), *((),) * (len(drafts) - 1)]
        drafts = (replace(drafts[0], claim=judge.question), *drafts[1:])
    else:
        found = [judge.support(draft, quotations) for draft in drafts]
    return _written(text, drafts, found, quotations, material, judge.language)


def _written(
    text: str,
    drafts: Sequence[DraftStatement],
    found: Sequence[tuple[Evidence, ...]],
    quotations: Sequence[Quotation],
    material: Material,
    language: Language,
) -> Verification:
    """Put the marks into the answer and move all spans accordingly."""
    citations: dict[tuple[str, str, int, int], Citation] = {}
    statements: list[Statement] = []
    pieces: list[str] = []
    inserted: list[tuple[int, int]] = []  # place in `text`, characters put there
    position = shift = 0
    for draft, evidence in zip(drafts, found, strict=True):
        if not draft.claim and not evidence:
            continue
        numbers = list(dict.fromkeys(cite(citations, evidence, material)))
        statements.append(
            Statement(draft.start + shift, draft.end + shift, bool(evidence), tuple(numbers))
        )
        mark = "".join(f"[{number}]" for number in numbers)
        pieces += [text[position : draft.end], mark]
        position = draft.end
        inserted.append((draft.end, len(mark)))
        shift += len(mark)
    pieces.append(text[position:])

    def moved(place: int) -> int:
        return place + sum(size for at, size in inserted if at <= place)

    core = next((each[0] for each in found if each), None)
    return Verification(
        answer="".join(pieces),
        statements=tuple(statements),
        citations=tuple(citations.values()),
        unverified_quotes=tuple(
            (moved(q.start), moved(q.start) + q.end - q.start) for q in quotations if not q.found
        ),
        core_supported=bool(statements) and statements[0].supported,
        support=sum(s.supported for s in statements) / len(statements) if statements else 0.0,
        about=_about(core, material, language) if core else 0.0,
    )


def _about(evidence: Evidence, material: Material, language: Language) -> float | None:
    same = material.languages[evidence.sentences[0].passage] == language
    return evidence.about if same else None


def _runs(sentences: Sequence[Sentence]) -> list[tuple[int, int]]:
    """Spans of the passage: neighbouring sentences make one quote."""
    runs: list[tuple[int, int]] = []
    last = -2
    for sentence in sentences:
        if sentence.place == last + 1:
            runs[-1] = (runs[-1][0], sentence.end)
        else:
            runs.append((sentence.start, sentence.end))
        last = sentence.place
    return runs


def cite(
    citations: dict[tuple[str, str, int, int], Citation],
    found: Sequence[Evidence],
    material: Material,
) -> list[int]:
    """The marks of what bears a statement out, new ones put into `citations`."""
    return [
        _cite(citations, material.passages[evidence.sentences[0].passage], *run)
        for evidence in found
        for run in _runs(evidence.sentences)
    ]


def _cite(
    citations: dict[tuple[str, str, int, int], Citation], passage: Passage, start: int, end: int
) -> int:
    """The mark of this quote; passages that overlap give equal sentences one mark."""
    key = (passage.document_id, passage.revision, passage.start + start, passage.start + end)
    if key not in citations:
        place = passage.place_of(key[2], key[3])
        citations[key] = Citation(
            marker=len(citations) + 1,
            document_id=passage.document_id,
            revision=passage.revision,
            chunk_id=passage.id,
            title=passage.title,
            source=passage.source,
            quote=passage.text[start:end],
            start=key[2],
            end=key[3],
            page=place.page,
            section=place.section,
            kb=passage.kb,
        )
    return citations[key].marker
