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

# Before the answer, and after it: more of them gained nothing (docs/decisions/0012).
FEATURES = ("cosine", "margin", "probe")
AFTER = ("margin", "probe", "about")
# Fewer of either kind give a threshold that means nothing.
_LEAST = 20
# Share of answerable questions that may be lost before the model has answered: what can wait for
# the answer's evidence is judged better then.
_LOST_BY_PROBE = 0.03
# A little above the 0.90 that is wanted of other questions than those the threshold is found on.
_WANTED_RECALL = 0.92


@dataclass(frozen=True)
class Fit:
    """`answerable`, `grounded` and `low_relevance` are entries of a calibration file, `summary` what
    they reach on the questions they were found on (so too good by a little: judge on another slice).
    """

    answerable: dict[str, Any]
    grounded: dict[str, Any]
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
    wanted_recall: float = _WANTED_RECALL,
    today: date | None = None,
) -> Fit:
    """Two logistic regressions of answerability on the signals: before the answer, with a threshold
    that loses hardly an answerable question, and after it, with the threshold that in all refuses
    `wanted_recall` of the unanswerable at least loss of answers, counting what the probe and the model
    itself refuse and what has no evidence. `records` are of the system `open`.

    Raises RequestInvalid with fewer than 20 records of either kind, or without signals.
    """
    used = [r for r in records if r.language == language and r.signals.get("probe") is not None]
    labels = np.array([r.answerable for r in used], bool)
    if min(labels.sum(), (~labels).sum()) < _LEAST:
        raise RequestInvalid(
            detail=f"calibration needs {_LEAST} answerable and unanswerable questions with token probabilities, "
            f"found {int(labels.sum())} and {int((~labels).sum())} in {language}"
        )
    provenance = {
        "dataset": dataset,
        "slice": part,
        "date": (today or date.today()).isoformat(),
        "answerable": int(labels.sum()),
        "unanswerable": int((~labels).sum()),
    }
    models = {"embedding": embedding, "chat": chat.partition("/")[2], "language": language}
    before = _regress(_features(used, FEATURES), labels, FEATURES)
    backed = np.array([r.answered and bool(r.signals.get("core")) for r in used])
    least_score = min(
        float(np.quantile(before.scores[labels], _LOST_BY_PROBE)),
        _threshold(before.scores, labels, backed, wanted_recall),
    )
    passed = backed & (before.scores >= least_score)
    after = _regress(_features(used, AFTER), labels, AFTER)
    threshold = _threshold(after.scores, labels, passed, wanted_recall)
    cosines = _features(used, ("cosine",))[:, 0]
    answers = (after.scores >= threshold) & passed
    return Fit(
        answerable={**models, **before.entry(least_score, labels, provenance)},
        grounded={**models, **after.entry(threshold, labels, provenance)},
        low_relevance={
            "embedding": embedding,
            "language": language,
            "cosine": round(_least_cosine(cosines[labels]), 4),
            "provenance": {**provenance, "auroc": round(_auroc(cosines, labels), 3)},
        },
        summary={
            "auroc": _auroc(before.scores, labels),
            "auroc_after": _auroc(after.scores, labels),
            **{
                f"auroc_{name}": _auroc(_features(used, (name,))[:, 0], labels)
                for name in dict.fromkeys((*FEATURES, *AFTER))
            },
            "refusal_recall": float((~answers)[~labels].mean()),
            "false_refusals": float((~answers)[labels].mean()),
            "refused_before": float((before.scores < least_score).mean()),
        },
    )


def merge(text: str, fits: Sequence[Fit]) -> str:
    """A calibration file with the fits' entries in place of those for the same models and language."""
    data = json.loads(text)
    for found in fits:
        for table, entry, same in (
            ("low_relevance", found.low_relevance, ("embedding", "language")),
            ("answerable", found.answerable, ("embedding", "chat", "language")),
            ("grounded", found.grounded, ("embedding", "chat", "language")),
        ):
            kept = [old for old in data.get(table, []) if any(old[k] != entry[k] for k in same)]
            data[table] = [*kept, entry]
    return json.dumps(data, ensure_ascii=False, indent=2) + "\n"


def signals_of_record(record: Record) -> Signals:
    """The gate's view of a record."""
    return Signals(
        float(record.signals["cosine"] or 0.0),
        float(record.signals["margin"] or 0.0),
        record.signals["probe"],
        record.signals.get("about"),
        crossed=bool(record.signals.get("crossed")),
    )


@dataclass(frozen=True)
class _Regression:
    names: Sequence[str]
    weights: NDArray[np.float64]
    bias: float
    scores: NDArray[np.float64]

    def entry(
        self, threshold: float, labels: NDArray[np.bool_], provenance: dict[str, Any]
    ) -> dict[str, Any]:
        named = zip(self.names, self.weights, strict=True)
        return {
            "weights": {name: round(float(weight), 4) for name, weight in named},
            "bias": round(self.bias, 4),
            "threshold": round(threshold, 4),
            "provenance": {**provenance, "auroc": round(_auroc(self.scores, labels), 3)},
        }


def _features(records: Sequence[Record], names: Sequence[str]) -> NDArray[np.float64]:
    """One row a record, one column a signal, as the gate takes them."""
    return np.array([[signals_of_record(r).feature(name) for name in names] for r in records])


def _least_cosine(cosines: NDArray[np.float64]) -> float:
    """Half as far below the lowest of the answerable as the median is above it: nobody sees a question
    that is refused here, and other libraries' cosines are lower than a test set's."""
    least = float(cosines.min())
    return least - 0.5 * (float(np.median(cosines)) - least)


def _auroc(scores: NDArray[np.float64], labels: NDArray[np.bool_]) -> float:
    return auroc(list(scores[labels]), list(scores[~labels]))


def _regress(
    values: NDArray[np.float64], labels: NDArray[np.bool_], names: Sequence[str]
) -> _Regression:
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
    bias = float(beta[-1] - weights @ centre)
    return _Regression(names, weights, bias, values @ weights + bias)


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
