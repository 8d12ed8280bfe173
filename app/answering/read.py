"""The reader goes over what search found: who answers, where, and in what order.

Passages are read with title and heading path above, as the chat model is shown them: of two like
tables these tell which one is meant. A span is never of the heading. First the region around each
hit's best window is read, then, as time remains, the whole of the passages that read best.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from app.answering.context import heading_of
from app.answering.repeats import part_repeats
from app.answering.signals import NONE, Measured, Signals, signals
from app.errors import Language
from app.index.protocol import Hit, Passage
from app.models.reading import Reader, Reading, Span
from app.models.reranking import Reranker
from app.text.language import detect_language
from app.text.width import width

# Width (`app.text.width`) of the region that is read first: two or three windows.
REGION: Final = 600
# Hits read between two looks at the clock; the first so many are read whatever it says.
_AT_ONCE: Final = 8
# Passages that are read whole after their region.
_WHOLE: Final = 4


@dataclass(frozen=True, slots=True)
class ReadHit:
    """A hit as it was read. `answers` as in `Reading`, None when time ran out before it. `spans`
    are in characters of the document's stored text, within the passage, best first. `signals`: how it
    stands among what was read with it."""

    hit: Hit
    answers: float | None = None
    spans: tuple[Span, ...] = ()
    signals: Signals = NONE

    def crossed(self, language: Language) -> bool:
        """Whether the passage is in another language than a question in `language`."""
        return self.hit.passage.language != language


@dataclass(frozen=True, slots=True)
class ReadResult:
    """`hits` best first: those that were read, then those that were not, then repeats of better
    ones (see `part_repeats`). `looked` is how many were read, `ms` how long it took."""

    hits: tuple[ReadHit, ...]
    looked: int
    reader: str
    ms: float


def read_hits(
    reader: Reader,
    question: str,
    hits: Sequence[Hit],
    *,
    seconds: float,
    reranker: Reranker | None = None,
) -> ReadResult:
    """Read `hits`, best first, for about `seconds` at most; the first eight are read in any case.

    With a `reranker` its scores order what was read; the reader's judgement stays beside each hit.
    Raises ReadingFailed, and EmbeddingFailed for the reranker.
    """
    started = time.perf_counter()
    new, repeats = part_repeats(hits)
    found: list[ReadHit] = []
    for first in range(0, len(new), _AT_ONCE):
        spent = time.perf_counter() - started
        # As long again as the last round took has to remain.
        if first and spent + spent * _AT_ONCE / first > seconds:
            break
        batch = new[first : first + _AT_ONCE]
        found.extend(_read(reader, question, batch, [region(hit) for hit in batch]))
    unread = [ReadHit(hit) for hit in (*new[len(found) :], *repeats)]
    found.sort(key=_answers, reverse=True)
    found = measured(question, _read_whole(reader, question, found, started, seconds))
    if reranker is not None:
        texts = [_shown(item.hit.passage, item.hit.passage.text) for item in found]
        scores = reranker.score(question, texts)
        order = sorted(range(len(found)), key=lambda place: -float(scores[place]))
        found = [found[place] for place in order]
    ms = round((time.perf_counter() - started) * 1000, 1)
    looked = len(new) - (len(unread) - len(repeats))
    return ReadResult((*found, *unread), looked, reader.name, ms)


def measured(question: str, items: Sequence[ReadHit]) -> list[ReadHit]:
    """Hits that were read, each with how it stands among them; in order."""
    found = signals(
        question,
        detect_language(question),
        [Measured(item.hit.passage, item.hit.cosine, item.hit.score) for item in items],
    )
    return [replace(item, signals=each) for item, each in zip(items, found, strict=True)]


def region(hit: Hit) -> tuple[int, int]:
    """Document offsets of the windows around the best one, within REGION; the passage where it fits."""
    passage = hit.passage
    if width(passage.text) <= REGION * 1.25 or not passage.windows:
        return passage.start, passage.end
    first = last = hit.best_window
    windows = passage.windows

    def room(start: int, end: int) -> bool:
        text = passage.text[windows[start][0] - passage.start : windows[end][1] - passage.start]
        return width(text) <= REGION

    while True:
        # What comes before explains a window more often than it is explained by it.
        if first > 0 and room(first - 1, last):
            first -= 1
            if last + 1 < len(windows) and room(first, last + 1):
                last += 1
        elif last + 1 < len(windows) and room(first, last + 1):
            last += 1
        else:
            return windows[first][0], windows[last][1]


def _read(
    reader: Reader, question: str, hits: Sequence[Hit], places: Sequence[tuple[int, int]]
) -> list[ReadHit]:
    texts = []
    for hit, (start, end) in zip(hits, places, strict=True):
        passage = hit.passage
        texts.append(_shown(passage, passage.text[start - passage.start : end - passage.start]))
    readings = reader.read(question, texts)
    return [
        ReadHit(hit, reading.answers, _placed(reading, len(text) - (end - start), start))
        for hit, reading, text, (start, end) in zip(hits, readings, texts, places, strict=True)
    ]


def _read_whole(
    reader: Reader, question: str, found: list[ReadHit], started: float, seconds: float
) -> list[ReadHit]:
    """The best few, of which only a region was read, read whole while there is time; in order."""
    result = list(found)
    spent = time.perf_counter() - started
    each = spent / max(1, len(found))
    for place, item in enumerate(found[:_WHOLE]):
        passage = item.hit.passage
        if region(item.hit) == (passage.start, passage.end):
            continue
        # A whole passage is up to four regions long.
        if time.perf_counter() - started + 4 * each > seconds:
            break
        (whole,) = _read(reader, question, [item.hit], [(passage.start, passage.end)])
        if _answers(whole) > _answers(item):
            result[place] = replace(whole, hit=item.hit)
    return sorted(result, key=_answers, reverse=True)


def _answers(item: ReadHit) -> float:
    return item.answers if item.answers is not None else float("-inf")


def _shown(passage: Passage, text: str) -> str:
    heading = heading_of(passage)
    return f"{heading}\n{text}" if heading else text


def _placed(reading: Reading, lead: int, start: int) -> tuple[Span, ...]:
    """Spans in document offsets; those of the heading, `lead` characters, are left out."""
    return tuple(
        Span(max(span.start, lead) - lead + start, span.end - lead + start, span.score)
        for span in reading.spans
        if span.end > lead
    )
