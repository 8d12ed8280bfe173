"""From records to figures."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from app.evaluation.metrics import Interval, mean, paired_difference, ratio
from app.evaluation.records import Record, pair


@dataclass(frozen=True)
class Figures:
    """Each with its 95% bootstrap interval; `n` says over how many cases.

    A refusal is right on an unanswerable question. `refusal_precision`: of the refusals, those that
    are right; `refusal_recall`: of the unanswerable, those refused; `false_refusals`: of the
    answerable, those refused. `match` (the gold answer is in the answer) and `f1` are over all
    answerable questions, a refusal scoring 0; `match_when_answered` leaves refusals out.
    `citation_precision`: of the citations in answers to answerable questions, those of a gold
    document; `citation_recall`: of these answers, those with one. `supported`: of the
    statements, those with evidence. `verbatim`: of the quotes shown, those that stand
    character for character in the stored text.
    """

    match: Interval
    f1: Interval
    match_when_answered: Interval
    refusal_precision: Interval
    refusal_recall: Interval
    false_refusals: Interval
    citation_precision: Interval
    citation_recall: Interval
    supported: Interval
    verbatim: Interval
    retrieved: Interval
    total_ms_p50: float
    first_token_ms_p50: float | None
    verify_ms_p50: float | None
    reasons: dict[str, int]

    def as_json(self) -> dict[str, Any]:
        """The figures as plain JSON values."""
        return asdict(self)


FIGURES: tuple[str, ...] = (
    "match",
    "f1",
    "match_when_answered",
    "refusal_precision",
    "refusal_recall",
    "false_refusals",
    "citation_precision",
    "citation_recall",
    "supported",
    "verbatim",
    "retrieved",
)


def figures(records: Sequence[Record]) -> Figures:
    """All figures of one system's records."""
    answerable = [r for r in records if r.answerable]
    unanswerable = [r for r in records if not r.answerable]
    answers = [r for r in answerable if r.answered]
    refusals = [r for r in records if not r.answered]
    reasons: dict[str, int] = {}
    for record in refusals:
        reasons[record.reason or "model"] = reasons.get(record.reason or "model", 0) + 1
    return Figures(
        match=mean([float(r.match) for r in answerable]),
        f1=mean([r.f1 for r in answerable]),
        match_when_answered=mean([float(r.match) for r in answers]),
        refusal_precision=mean([float(not r.answerable) for r in refusals]),
        refusal_recall=mean([float(not r.answered) for r in unanswerable]),
        false_refusals=mean([float(not r.answered) for r in answerable]),
        citation_precision=ratio(
            [float(sum(d in r.gold for d in r.cited)) for r in answers],
            [float(len(r.cited)) for r in answers],
        ),
        citation_recall=mean([float(any(d in r.gold for d in r.cited)) for r in answers]),
        supported=ratio(
            [float(r.supported) for r in records if r.answered],
            [float(r.statements) for r in records if r.answered],
        ),
        verbatim=ratio([float(r.verbatim) for r in records], [float(r.quotes) for r in records]),
        retrieved=mean([float(r.found) for r in answerable]),
        total_ms_p50=round(float(np.median([r.total_ms for r in records])), 1),
        first_token_ms_p50=_median([r.first_token_ms for r in records]),
        verify_ms_p50=_median([r.verify_ms for r in records]),
        reasons=reasons,
    )


def differences(first: Sequence[Record], second: Sequence[Record]) -> dict[str, Interval]:
    """Second run minus first on the questions that both asked, paired by question."""
    both = pair(first, second)
    answerable = [(a, b) for a, b in both if a.answerable]
    unanswerable = [(a, b) for a, b in both if not a.answerable]
    measures: dict[str, tuple[list[tuple[Record, Record]], Callable[[Record], float]]] = {
        "match": (answerable, lambda r: float(r.match)),
        "f1": (answerable, lambda r: r.f1),
        "refusal_recall": (unanswerable, lambda r: float(not r.answered)),
        "false_refusals": (answerable, lambda r: float(not r.answered)),
        "right": (both, lambda r: float(r.match if r.answerable else not r.answered)),
        "cites_gold": (answerable, lambda r: float(any(d in r.gold for d in r.cited))),
        "total_ms": (both, lambda r: r.total_ms),
    }
    return {
        name: paired_difference([of(a) for a, _ in pairs], [of(b) for _, b in pairs])
        for name, (pairs, of) in measures.items()
    }


def _median(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return round(float(np.median(known)), 1) if known else None
