"""Which of the passages that were read the chat model is shown, and how much of each."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from app.answering.question import WHOLE, Kind
from app.answering.read import ReadHit, region
from app.index.protocol import Passage

# A passage whose log-odds are this much below the best one's is not worth its tokens: none of the right passages of 240
# questions was (see `app.answering.weigh`), and 3 were 3 below. Lists and comparisons are gathered from more of them.
_WORTH: Final = 4.0
_WORTH_WHOLE: Final = 7.0
# Passages of a section that are added around one that answers, at most.
_NEIGHBOURS: Final = 6

Neighbours = Callable[[Passage], Sequence[Passage]]


def worth(scored: Sequence[tuple[float, ReadHit]], kind: Kind, most: int) -> tuple[ReadHit, ...]:
    """The hits worth showing, best first, at most `most`. `scored`: log-odds above the gate's threshold
    with each hit; they need not be in order."""
    if not scored:
        return ()
    ordered = sorted(scored, key=lambda pair: -pair[0])
    least = ordered[0][0] - (_WORTH_WHOLE if kind in WHOLE else _WORTH)
    return tuple(item for score, item in ordered if score >= least)[:most]


def context(items: Sequence[ReadHit], kind: Kind, neighbours: Neighbours) -> tuple[Passage, ...]:
    """The passages of the prompt, most relevant first: the region that answers for a fact, whole
    passages else, with the rest of their section for lists, steps and tables."""
    if kind in ("fact", "yesno", "definition"):
        return tuple(_region(item) for item in items)
    if kind not in WHOLE:
        return tuple(item.hit.passage for item in items)
    found: dict[str, Passage] = {}
    for rank, item in enumerate(items):
        passage = item.hit.passage
        around = section_of(passage, neighbours(passage)) if rank == 0 else (passage,)
        found |= {each.id: each for each in around if each.id not in found}
    return tuple(found.values())


def section_of(passage: Passage, document: Sequence[Passage]) -> tuple[Passage, ...]:
    """The passages of one document that stand under the same heading as `passage`, in order, itself
    among them; at most _NEIGHBOURS before or behind it."""
    same = [
        each
        for each in document
        if each.section == passage.section and abs(each.ordinal - passage.ordinal) <= _NEIGHBOURS
    ]
    run = [passage]
    for step in (-1, 1):
        ordinals = {each.ordinal: each for each in same}
        place = passage.ordinal + step
        while place in ordinals:
            run.append(ordinals[place])
            place += step
    return tuple(sorted(run, key=lambda each: each.ordinal))


def _region(item: ReadHit) -> Passage:
    """The passage cut to the region that was read, widened to hold the best span."""
    passage = item.hit.passage
    start, end = region(item.hit)
    if item.spans:
        start, end = min(start, item.spans[0].start), max(end, item.spans[0].end)
    inside = [window for window in passage.windows if window[0] < end and start < window[1]]
    if inside:
        start, end = min(start, inside[0][0]), max(end, inside[-1][1])
    start, end = max(start, passage.start), min(end, passage.end)
    if (start, end) == (passage.start, passage.end):
        return passage
    return replace(
        passage,
        text=passage.text[start - passage.start : end - passage.start],
        start=start,
        end=end,
        windows=tuple(inside) or ((start, end),),
    )
