"""What remains of two sequences without what both begin and end with."""

from typing import TypeVar

S = TypeVar("S", str, tuple[str, ...])


def differing(one: S, other: S) -> tuple[S, S]:
    """The parts of two sequences of one length from their first to their last difference; empty where they
    are equal."""
    start, end = 0, len(one)
    while start < end and one[start] == other[start]:
        start += 1
    while end > start and one[end - 1] == other[end - 1]:
        end -= 1
    return one[start:end], other[start:end]
