"""An answer made of the evidence itself: verbatim sentences, introduced as such.

Given when there is no chat model, when quotes are asked for, and when the reader is sure and the
chat model's draft does not hold.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from app.answering.answer import Citation, Statement
from app.answering.evidence.context import Sentence, prepare
from app.answering.evidence.match import Evidence
from app.answering.evidence.pick import pick
from app.answering.evidence.verify import Verification, cite
from app.answering.question import WHOLE, Kind
from app.answering.read import ReadHit
from app.errors import Language, Phrase
from app.texts import say

_MARK = re.compile(r"[-*+•·▪●○■◆–—]\s+")
_STEP = re.compile(
    r"(?:step|phase)\s?\d|第[\d一二三四五六七八九十]{1,3}步|步骤\s?[\d一二三四五六七八九十]",
    re.IGNORECASE,
)
_WHY = re.compile(
    r"^\W{0,4}(?:[一二三四五六七八九十\d.、]{1,4})?\s?(?:为什么|为何|why\b)", re.IGNORECASE
)
_MOST_PASSAGES = 3
_MOST_OF_A_LIST = 6
_MOST_OF_AN_ANSWER = 4  # sentences


@dataclass(frozen=True)
class Found:
    """Sentences of one passage that answer; `of`: which of several things they are about, '' for one."""

    item: ReadHit
    sentences: tuple[Sentence, ...]
    of: str = ""


def find(items: Sequence[ReadHit], question: str, kind: Kind) -> tuple[Found, ...]:
    """The sentences of each passage that answer, best passage first; passages without any left out.
    The same sentence of two passages is taken once."""
    found: list[Found] = []
    seen: set[tuple[str, int]] = set()
    for item in items:
        passage = item.hit.passage
        sentences = tuple(
            sentence
            for sentence in pick(passage, item.spans, question, kind)
            if (passage.document_id, passage.start + sentence.start) not in seen
        )
        if sentences:
            seen |= {(passage.document_id, passage.start + s.start) for s in sentences}
            found.append(Found(item, sentences))
    return tuple(found)


def with_answers(found: Sequence[Found]) -> tuple[Found, ...]:
    """What was found, with all of a short answer that stands under its question, of which a sentence was: the condition
    of a yes stands in the next one."""
    whole: list[Found] = []
    for each in found:
        heading = each.sentences[0].heading
        under = [
            s
            for s in prepare([each.item.hit.passage]).sentences[0]
            if s.quotable and s.heading == heading
        ]
        asks = heading.rstrip(" *_").endswith(("?", "？")) or _WHY.search(heading)
        asked = asks and len(under) <= _MOST_OF_AN_ANSWER and each.sentences[0].role == "prose"
        whole.append(replace(each, sentences=tuple(under)) if asked and not each.of else each)
    return tuple(whole)


def evidence_of(found: Sequence[Found]) -> tuple[Citation, ...]:
    """What was found, as quotes; `marker` is the rank, from 1."""
    quotes: dict[tuple[str, str, int, int], Citation] = {}
    for each in found:
        _cited(quotes, each.item, each.sentences)
    return tuple(quotes.values())


def most_quoted(kind: Kind) -> int:
    """From how many passages an answer is quoted: a list may be spread over several documents."""
    return _MOST_OF_A_LIST if kind in WHOLE else _MOST_PASSAGES


def completed(
    result: Verification, parts: Sequence[Sequence[Found]], language: Language
) -> Verification:
    """A written answer to several questions with the evidence itself for each that it leaves out: none of
    its quotes stands in a passage that was found for that one."""
    cited = {(c.document_id, place) for c in result.citations for place in (c.start, c.end)}
    open_: list[Found] = []
    for part in parts:
        passages = [each.item.hit.passage for each in part]
        if passages and not any(
            document == p.document_id and p.start <= place <= p.end
            for document, place in cited
            for p in passages
        ):
            open_ += part[:1]
    if not open_:
        return result
    return quoted(open_, language, len(open_), behind=result)


def quoted(
    found: Sequence[Found],
    language: Language,
    most: int = _MOST_PASSAGES,
    *,
    introduced: str | None = None,
    titled: bool = False,
    titles: Mapping[str, str] | None = None,
    behind: Verification | None = None,
) -> Verification:
    """The answer that quotes what was found; `found` must not be empty. `introduced`: how, unless as
    what the documents say; `titled`: each under its document's title, or that of
    `titles` by document id; `behind`: the answer that this
    goes on from, with its marks."""
    told = behind.citations if behind else ()
    quotes = {(c.document_id, c.revision, c.start, c.end): c for c in told}
    statements = list(behind.statements) if behind else []
    answer = f"{behind.answer}\n\n" if behind else ""
    answer += introduced or say(Phrase("quotes_introduced"), language)
    title = ""
    goes_on = False  # a table of what is said of each
    last: Sentence | None = None
    # What is told of each of several things is one answer.
    for each in (each for n, each in enumerate(found) if each.of or n < most):
        passage = each.item.hit.passage
        own = (titles or {}).get(passage.document_id, passage.title)
        if (titled or titles) and own != title:
            title = own
            answer += f"\n\n**{title}**"
        same = not (titled or titles) and last is not None and not each.of
        for head, text, sentences in _blocks(
            each, language, heads=not goes_on, before=last if same else None
        ):
            (mark, *_) = _cited(quotes, each.item, sentences)
            answer += head
            start = len(answer)
            shown = f"{text[:-2]} [{mark}] |" if text.endswith(" |") else f"{text} [{mark}]"
            answer += shown
            statements.append(Statement(start, start + len(text), True, (mark,)))
        goes_on = bool(each.of)
        last = None if each.of else each.sentences[-1]
    return Verification(
        answer=answer,
        statements=tuple(statements),
        citations=tuple(quotes.values()),
        unverified_quotes=behind.unverified_quotes if behind else (),
        core_supported=True,
        support=1.0,
        about=1.0,
    )


def _blocks(
    found: Found, language: Language, heads: bool, before: Sentence | None = None
) -> Iterator[tuple[str, str, tuple[Sentence, ...]]]:
    """(what stands before, the quoted text on one line, its sentences): rows as a table under their
    column names, items as a list, neighbouring sentences together as a block quote; what is about one
    of several as a row with its name, under column names if it `heads` them. `before`: what was quoted before, so
    that a table which goes on in another passage stays one."""
    text = found.item.hit.passage.text
    if found.of:
        said = " ".join(text[found.sentences[0].start : found.sentences[-1].end].split())
        head = f"\n\n| | {say(Phrase('documents_say'), language)} |\n| --- | --- |\n"
        row = f"| {_cell(found.of)} | {_cell(said)} |"
        yield (head if heads else "\n"), row, found.sentences
        return
    elsewhere = before is not None
    for run in _runs(found.sentences):
        first = run[0]
        if first.role == "row":
            for sentence in run:
                same = (
                    before is not None
                    and before.role == "row"
                    and before.around.columns == sentence.around.columns
                    and (not elsewhere or before.around.text == sentence.around.text)
                )
                yield ("\n" if same else _table_head(sentence)), _row(sentence), (sentence,)
                before, elsewhere = sentence, False
            continue
        body = " ".join(text[run[0].start : run[-1].end].split())
        if first.role == "item":
            follows = before is not None and before.role == "item" and not elsewhere
            bullet = _bullet(text, first)
            # The mark may be the item's own, or stand before it.
            body = _MARK.sub("", body, count=1) if bullet else body
            follows = follows and before is not None and before.names == first.names
            named = f"{first.names}\n\n" if first.names else ""
            yield ("\n" if follows else f"\n\n{named}") + bullet, body, run
        else:
            yield "\n\n> ", body, run
        before, elsewhere = run[-1], False


def _runs(sentences: Sequence[Sentence]) -> Iterator[tuple[Sentence, ...]]:
    """Neighbours of one kind together; each item begins its own, with all its sentences."""
    run: list[Sentence] = []
    for sentence in sentences:
        goes_on = bool(run) and sentence.place == run[-1].place + 1
        item_goes_on = (
            bool(run)
            and run[0].role == "item"
            and (sentence.role == "prose" or sentence.line == run[-1].line)
        )
        same = bool(run) and run[0].role == sentence.role and sentence.role != "item"
        if same and sentence.role == "prose" and _STEP.match(sentence.text):
            same = False  # each step for itself, though no list's mark stands before it
        if run and not (goes_on and (same or item_goes_on)):
            yield tuple(run)
            run = []
        run.append(sentence)
    if run:
        yield tuple(run)


def _table_head(sentence: Sentence) -> str:
    columns = sentence.around.columns
    width = len(sentence.cells)
    names = columns if len(columns) == width else ("",) * width
    head = "| " + " | ".join(names) + " |"
    return f"\n\n{head}\n|{' --- |' * width}\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _row(sentence: Sentence) -> str:
    return "| " + " | ".join(sentence.cells) + " |"


def _bullet(text: str, sentence: Sentence) -> str:
    """The marker that stands before an item, '- ' for another than a number."""
    line = text[text.rfind("\n", 0, sentence.start) + 1 : sentence.start].strip()
    shown = text[sentence.start : sentence.start + 4]
    return "" if shown[:1].isdigit() else (f"{line} " if line[:1].isdigit() else "- ")


def _cited(
    quotes: dict[tuple[str, str, int, int], Citation],
    item: ReadHit,
    sentences: tuple[Sentence, ...],
) -> list[int]:
    material = prepare([item.hit.passage])
    # Their numbers may be those of a whole section.
    own = tuple(replace(sentence, passage=0) for sentence in sentences)
    return cite(quotes, (Evidence(own, 1.0, 1.0),), material)
