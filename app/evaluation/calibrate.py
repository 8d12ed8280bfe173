"""Finding the gate's thresholds from labelled questions, for one embedding and one chat model."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.answering.gate import Signals
from app.errors import Language, RequestInvalid
from app.evaluation.metrics import auroc
from app.evaluation.records import Record

FEATURES = ("cosine", "margin", "probe")
# Fewer of either kind give a threshold that means nothing.
_LEAST = 20
# Share of answerable questions that may be lost before any model is asked.
_LOST = 0.01


@dataclass(frozen=True)
class Fit:
    """`answerable` and `low_relevance` are entries of a calibration file, `summary` what they reach on
    the questions they were found on (so too good by a little: judge on another slice).
    """

    answerable: dict[str, Any]
    low_relevance: dict[str, Any]
    summary: dict[str, float]


def fit(
    records: Sequence[Record],
    language: Language,
    *,
    embedding: str,
    chat: str,
    dataset: str,
    part: str,
    wanted_recall: float = 0.90,
    today: date | None = None,
) -> Fit:
    """Logistic regression of answerability on the signals, and the threshold that refuses `wanted_recall`
    of the unanswerable at least loss of answers, counting what the model itself refuses and what
    has no evidence. `records` are of the system `open`.

    Raises RequestInvalid with fewer than 20 records of either kind, or without signals.
    """
    used = [r for r in records if r.language == language and r.signals.get("probe") is not None]
    labels = np.array([r.answerable for r in used], bool)
    if min(labels.sum(), (~labels).sum()) < _LEAST:
        raise RequestInvalid(
            detail=f"calibration needs {_LEAST} answerable and unanswerable questions with token probabilities, "
            f"found {int(labels.sum())} and {int((~labels).sum())} in {language}"
        )
    values = np.array([[float(r.signals[name] or 0.0) for name in FEATURES] for r in used])
    weights, bias = _regress(values, labels)
    scores = values @ weights + bias
    passed = np.array([r.answered and bool(r.signals.get("core")) for r in used])
    threshold = _threshold(scores, labels, passed, wanted_recall)
    cosines = values[:, 0]
    provenance = {
        "dataset": dataset,
        "slice": part,
        "date": (today or date.today()).isoformat(),
        "answerable": int(labels.sum()),
        "unanswerable": int((~labels).sum()),
    }
    least = float(np.quantile(cosines[labels], _LOST))
    answers = (scores >= threshold) & passed
    return Fit(
        answerable={
            "embedding": embedding,
            "chat": chat.partition("/")[2],
            "language": language,
            "weights": {n: round(float(w), 4) for n, w in zip(FEATURES, weights, strict=True)},
            "bias": round(bias, 4),
            "threshold": round(threshold, 4),
            "provenance": {
                **provenance,
                "auroc": round(auroc(list(scores[labels]), list(scores[~labels])), 3),
            },
        },
        low_relevance={
            "embedding": embedding,
            "language": language,
            "cosine": round(least, 4),
            "provenance": {
                **provenance,
                "auroc": round(auroc(list(cosines[labels]), list(cosines[~labels])), 3),
            },
        },
        summary={
            "auroc": auroc(list(scores[labels]), list(scores[~labels])),
            **{
                f"auroc_{name}": auroc(list(column[labels]), list(column[~labels]))
                for name, column in zip(FEATURES, values.T, strict=True)
            },
            "refusal_recall": float((~answers)[~labels].mean()),
            "false_refusals": float((~answers)[labels].mean()),
        },
    )


def merge(text: str, fits: Sequence[Fit]) -> str:
    """A calibration file with the fits' entries in place of those for the same models and language."""
    data = json.loads(text)
    for found in fits:
        for table, entry, same in (
            ("low_relevance", found.low_relevance, ("embedding", "language")),
            ("answerable", found.answerable, ("embedding", "chat", "language")),
        ):
            kept = [old for old in data[table] if any(old[k] != entry[k] for k in same)]
            data[table] = [*kept, entry]
    return json.dumps(data, ensure_ascii=False, indent=2) + "\n"


def signals_of_record(record: Record) -> Signals:
    """The gate's view of a record."""
    return Signals(
        float(record.signals["cosine"] or 0.0),
        float(record.signals["margin"] or 0.0),
        record.signals["probe"],
    )


def _regress(
    values: NDArray[np.float64], labels: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], float]:
    """Ridge logistic regression by Newton's method, both labels weighing the same in all.

    Fitted on standardised features, so that the penalty is fair to each; the weights returned are
    for the raw ones.
    """
    centre, spread = values.mean(axis=0), values.std(axis=0)
    spread[spread == 0] = 1.0
    design = np.column_stack([(values - centre) / spread, np.ones(len(values))])
    balance = np.where(labels, 0.5 / labels.mean(), 0.5 / (~labels).mean())
    penalty = np.diag([1.0] * values.shape[1] + [0.0])
    beta = np.zeros(design.shape[1])
    for _ in range(50):
        chance = 1 / (1 + np.exp(-(design @ beta)))
        gradient = design.T @ (balance * (labels - chance)) - penalty @ beta
        curvature = (design.T * (balance * chance * (1 - chance))) @ design + penalty
        step = np.linalg.solve(curvature, gradient)
        beta += step
        if np.abs(step).max() < 1e-8:
            break
    weights = beta[:-1] / spread
    return weights, float(beta[-1] - weights @ centre)


def _threshold(
    scores: NDArray[np.float64],
    labels: NDArray[np.bool_],
    passed: NDArray[np.bool_],
    wanted_recall: float,
) -> float:
    """The lowest threshold at which `wanted_recall` of the unanswerable are refused by it or by what
    comes after; halfway to the next score below, so as not to sit on a question.
    """
    ordered = np.unique(scores)
    steps = np.concatenate([[ordered[0] - 1], (ordered[1:] + ordered[:-1]) / 2, [ordered[-1] + 1]])
    for step in steps:
        refused = ~((scores >= step) & passed)
        if refused[~labels].mean() >= wanted_recall:
            return float(step)
    return float(steps[-1])
