"""What a reader is for: does a passage answer a question, where, and is this the answer it gives?

It stands between search and prompt (ranks, chooses the context, refuses) and between draft and
user (checks each statement), and knows nothing of the chat model. Scores are comparable across
passages and questions of one reader; what a score is worth, the gate's calibration says
(`app.answering.answerable`). `app.models.e5_reader.build_e5_reader` loads the one that ships.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

# Spans that a reading names at most.
MOST_SPANS = 5


@dataclass(frozen=True, slots=True)
class Span:
    """`passage[start:end]`, characters of the text that was given; `score` is the log-odds of
    this span over 'no span', higher is better, about [-20, 20]."""

    start: int
    end: int
    score: float


@dataclass(frozen=True, slots=True)
class Reading:
    """`answers`: log-odds that the passage answers the question, about [-15, 15], as the model has
    it, not calibrated. `spans`: where, best first, none overlapping another, at most MOST_SPANS;
    empty for a text without a word."""

    answers: float
    spans: tuple[Span, ...]


class Reader(Protocol):
    """Safe to call from several threads; they take turns, so that the cores are never oversubscribed."""

    @property
    def name(self) -> str:
        """What names the exact reader: adapter and base weights. Goes into doctor and stored answers."""
        ...

    @property
    def checks(self) -> bool:
        """Whether `check` was trained for, rather than put together from `read`."""
        ...

    def read(self, question: str, passages: Sequence[str]) -> list[Reading]:
        """One reading a passage, in the caller's order; batches are made by length inside.

        A passage longer than the model's window is read window by window and has the best
        window's score; what lies beyond 8 windows (some 2,500 tokens) is not read. A question is
        read up to 64 tokens. Raises ReadingFailed.
        """
        ...

    def check(self, question: str, answer: str, passages: Sequence[str]) -> NDArray[np.float32]:
        """Log-odds that `answer`, a word or a sentence, is the answer that each passage gives to
        the question. Shape (len(passages),); above 0 leans to yes. Raises ReadingFailed.

        It knows meaning, not keys: whoever shows the answer compares codes, numbers, units and
        names by rule besides.
        """
        ...
