"""Figures of an evaluation, each with the paper or convention that it follows."""

import math
import re
from collections import Counter
from collections.abc import Sequence

import numpy as np

from app.answering.intervals import Interval, mean, paired_difference, proportion, ratio
from app.text.language import HAN
from app.text.marks import normalised

_ARTICLES = re.compile(r"\b(?:a|an|the)\b")
_WORD = re.compile(r"[^\W_]+")

__all__ = ["Interval", "mean", "paired_difference", "proportion", "ratio"]


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


def auroc(positive: Sequence[float], negative: Sequence[float]) -> float:
    """Probability that a positive scores above a negative, ties counting half (Mann and Whitney 1947)."""
    if not len(positive) or not len(negative):
        return math.nan
    difference = np.asarray(positive, float)[:, None] - np.asarray(negative, float)[None, :]
    return float(((difference > 0) + 0.5 * (difference == 0)).mean())
