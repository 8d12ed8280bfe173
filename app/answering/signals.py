"""What tells whether a hit answers, besides the reader's own score: how it stands among what was read with it.

The reader scores each passage by itself, and across languages it likes whatever is near. A passage that
answers stands out: it is nearer by meaning, holds more of what the question names, and the others are
disliked. All are relative, so that they mean the same with any embedding model and any question. Passages of
the two languages are compared apart, since those of the other one are farther by nature.
"""

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from app.errors import Language
from app.index.protocol import Passage
from app.text.glosses import holds, named, stems_of

# Hits of a language that are taken as the measure, the best ones of the search: they are always read.
_MEASURE: Final = 8
# With fewer, one that is nearer than the others says nothing.
_FEWEST: Final = 4
_FARTHEST: Final = 3.0
# What says neither yes nor no: between the medians of right passages and of the best wrong ones, 1.8 and 0.5, 0.31 and
# 0.13, of 140 questions across languages over XQuAD's even articles (2026-11-28).
_NEAR: Final = 1.1
_COVERED: Final = 0.2


@dataclass(frozen=True, slots=True)
class Signals:
    """`near`: cosine in standard deviations above the mean, [-3, 3]; `covered`: share of what the question
    names that the passage holds, under its heading, what few passages hold weighing more, [0, 1]. Where there is nothing
    to compare or to hold, values that say nothing."""

    near: float = _NEAR
    covered: float = _COVERED


NONE: Final = Signals()


@dataclass(frozen=True, slots=True)
class Measured:
    """A passage that was read, its cosine and its score in the search."""

    passage: Passage
    cosine: float
    score: float


def signals(question: str, language: Language, read: Sequence[Measured]) -> list[Signals]:
    """The signals of each, in the order given."""
    found: list[Signals | None] = [None] * len(read)
    for crossed in (False, True):
        places = [
            n for n, each in enumerate(read) if (each.passage.language != language) == crossed
        ]
        of_these = _of_one_language(question, language, [read[n] for n in places])
        for place, each in zip(places, of_these, strict=True):
            found[place] = each
    return [each for each in found if each is not None]


def _of_one_language(question: str, language: Language, read: Sequence[Measured]) -> list[Signals]:
    if not read:
        return []
    best = sorted(read, key=lambda each: -each.score)[:_MEASURE]
    mean = statistics.fmean(each.cosine for each in best)
    spread = statistics.pstdev(each.cosine for each in best) if len(best) >= _FEWEST else 0.0
    covered = _covered(question, language, [each.passage for each in read])
    return [
        Signals(
            min(_FARTHEST, max(-_FARTHEST, (each.cosine - mean) / spread))
            if spread > 1e-6
            else _NEAR,
            share,
        )
        for each, share in zip(read, covered, strict=True)
    ]


def _covered(question: str, language: Language, passages: Sequence[Passage]) -> list[float]:
    """The share of each passage, of one language, in what the question names and the dictionary knows."""
    wanted = [each.said for each in named(question, language, passages[0].language) if each.said]
    held: list[list[bool]] = []
    for passage in passages:
        text = " ".join((passage.title, *passage.section, passage.text)).lower()
        stems = frozenset(stems_of(text))
        held.append([holds(text, stems, said) for said in wanted])
    count = len(passages)
    weights = []
    for number in range(len(wanted)):
        having = sum(row[number] for row in held)
        weights.append(math.log(1 + (count - having + 0.5) / (having + 0.5)))
    whole = sum(weights)
    if not whole:
        return [_COVERED] * count
    return [sum(w for w, there in zip(weights, row, strict=True) if there) / whole for row in held]
