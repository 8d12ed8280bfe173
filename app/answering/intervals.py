"""Figures with their 95% intervals, of cases and of pairs of cases."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

RESAMPLES: Final = 2_000


@dataclass(frozen=True)
class Interval:
    """A mean with its 95% bootstrap percentile interval; `n` cases. All NaN when n is 0."""

    value: float
    low: float
    high: float
    n: int


def mean(values: Sequence[float], seed: int = 0) -> Interval:
    """Mean with a percentile bootstrap interval (Efron 1979) over cases."""
    return ratio(values, [1.0] * len(values), seed)


def ratio(above: Sequence[float], below: Sequence[float], seed: int = 0) -> Interval:
    """sum(above) / sum(below), cases resampled together: precision and recall are such ratios.

    `n` is the sum of `below`. Resamples whose denominator is 0 are left out.
    """
    top, bottom = np.asarray(above, float), np.asarray(below, float)
    total = float(bottom.sum()) if len(bottom) else 0.0
    if not total:
        return Interval(math.nan, math.nan, math.nan, 0)
    drawn = _draws(len(top), seed)
    tops, bottoms = top[drawn].sum(axis=1), bottom[drawn].sum(axis=1)
    values = tops[bottoms > 0] / bottoms[bottoms > 0]
    low, high = np.percentile(values, [2.5, 97.5])
    return Interval(float(top.sum()) / total, float(low), float(high), round(total))


def proportion(successes: int, n: int) -> Interval:
    """successes / n with Wilson's 95% interval (1927), which is honest for few cases and for 0 or all."""
    if not n:
        return Interval(math.nan, math.nan, math.nan, 0)
    share, z2 = successes / n, 1.959964**2
    centre = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = math.sqrt(z2 * share * (1 - share) / n + z2 * z2 / (4 * n * n)) / (1 + z2 / n)
    return Interval(share, max(0.0, centre - half), min(1.0, centre + half), n)


def paired_difference(first: Sequence[float], second: Sequence[float], seed: int = 0) -> Interval:
    """Mean of second - first over the same cases, in the same order, with its bootstrap interval."""
    if len(first) != len(second):
        raise ValueError("paired samples must be of equal length")
    return mean([b - a for a, b in zip(first, second, strict=True)], seed)


def _draws(size: int, seed: int) -> NDArray[np.int64]:
    return np.random.default_rng(seed).integers(0, size, size=(RESAMPLES, size))
