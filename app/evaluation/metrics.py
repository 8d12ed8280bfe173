"""Figures of an evaluation, each with the paper or convention that it follows."""

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.text.language import HAN
from app.text.marks import normalised

_ARTICLES = re.compile(r"\b(?:a|an|the)\b")
_WORD = re.compile(r"[^\W_]+")
RESAMPLES = 2_000


@dataclass(frozen=True)
class Interval:
    """A mean with its 95% bootstrap percentile interval; `n` cases. All NaN when n is 0."""

    value: float
    low: float
    high: float
    n: int


# --- retrieval, document-level --------------------------------------------------------------


def recall_at(ranked: Sequence[str], gold: frozenset[str], k: int) -> float:
    """1 if any gold document is among the first `k`, else 0."""
    return float(any(document in gold for document in ranked[:k]))


def reciprocal_rank(ranked: Sequence[str], gold: frozenset[str], k: int = 10) -> float:
    """1 / rank of the first gold document within the first `k`, else 0."""
    for rank, document in enumerate(ranked[:k], 1):
        if document in gold:
            return 1 / rank
    return 0.0


def ndcg(ranked: Sequence[str], gold: frozenset[str], k: int = 10) -> float:
    """Normalised discounted cumulative gain with binary gains (Järvelin and Kekäläinen 2002)."""
    gain = sum(
        1 / math.log2(rank + 1) for rank, document in enumerate(ranked[:k], 1) if document in gold
    )
    ideal = sum(1 / math.log2(rank + 1) for rank in range(1, min(len(gold), k) + 1))
    return gain / ideal if ideal else 0.0


# --- answers --------------------------------------------------------------------------------


def tokens(text: str) -> list[str]:
    """Words for comparing answers: NFKC, lower case, no punctuation and no English articles (as
    SQuAD's script), each Han character by itself (as CMRC's script).
    """
    folded = _ARTICLES.sub(" ", normalised("NFKC", text).casefold())
    return _WORD.findall(HAN.sub(r" \g<0> ", folded))


def contains(answer: str, groups: Sequence[Sequence[str]]) -> bool:
    """Whether the answer holds one wording of every group, as a run of whole tokens."""
    said = tokens(answer)
    return bool(groups) and all(
        any(_has_run(said, tokens(wording)) for wording in group) for group in groups
    )


def points_in(answer: str, groups: Sequence[Sequence[str]]) -> int:
    """How many of the groups the answer holds a wording of."""
    said = tokens(answer)
    return sum(any(_has_run(said, tokens(wording)) for wording in group) for group in groups)


def in_order(answer: str, groups: Sequence[Sequence[str]]) -> bool:
    """Whether the groups that the answer holds stand in it in their order, by their first places."""
    said = tokens(answer)
    places = [
        min(found)
        for group in groups
        if (found := [p for w in group if (p := _place(said, tokens(w))) is not None])
    ]
    return places == sorted(places)


def f1(answer: str, groups: Sequence[Sequence[str]]) -> float:
    """Token F1 (SQuAD) with the best wording of each group, [0, 1]; mean over groups."""
    said = Counter(tokens(answer))
    best = [
        max((_overlap(said, Counter(tokens(w))) for w in group), default=0.0) for group in groups
    ]
    return sum(best) / len(best) if best else 0.0


def _overlap(said: Counter[str], gold: Counter[str]) -> float:
    common = sum((said & gold).values())
    if not common:
        return 0.0
    precision, recall = common / said.total(), common / gold.total()
    return 2 * precision * recall / (precision + recall)


def _has_run(said: list[str], wanted: list[str]) -> bool:
    return _place(said, wanted) is not None


def _place(said: list[str], wanted: list[str]) -> int | None:
    size = len(wanted)
    starts = range(len(said) - size + 1) if size else range(0)
    return next((start for start in starts if said[start : start + size] == wanted), None)


# --- uncertainty ----------------------------------------------------------------------------


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


def auroc(positive: Sequence[float], negative: Sequence[float]) -> float:
    """Probability that a positive scores above a negative, ties counting half (Mann and Whitney 1947)."""
    if not len(positive) or not len(negative):
        return math.nan
    difference = np.asarray(positive, float)[:, None] - np.asarray(negative, float)[None, :]
    return float(((difference > 0) + 0.5 * (difference == 0)).mean())


def _draws(size: int, seed: int) -> NDArray[np.int64]:
    return np.random.default_rng(seed).integers(0, size, size=(RESAMPLES, size))
