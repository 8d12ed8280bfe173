"""Deciding from what the reader says whether the documents answer a question, before a word is written.

The chat model has no part in it: the same question over the same documents is refused or answered
alike with any. A hit's log-odds are a logistic regression over the reader's score, its best span and
how the hit stands among what was read (`app.answering.signals`), found on labelled questions
(`groundkb calibrate`), apart for questions and passages of one language and of two. An uncalibrated reader's own score decides at 0.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from app.answering.answer import GateKind
from app.answering.calibration import read_calibration
from app.answering.read import ReadHit, ReadResult
from app.errors import Language

# Signals of one hit that are weighed where it is in the question's language, and in another one. How it stands among
# what was read differs between kinds of documents, so that it is weighed only where the reader itself tells too little.
# Not the cosine: that is of the embedding model, which may be another one.
FEATURES: Final = ("answers", "span")
FEATURES_CROSSED: Final = (*FEATURES, "near", "covered")


@dataclass(frozen=True, slots=True)
class Decision:
    """`score`: log-odds that the documents answer, of the hit that comes nearest; at or above
    `threshold` they do. `nearest` is None, and `score` too, when nothing was read. `looked`: how
    many passages were read. `by`: whether a calibration or the default decided.
    """

    answerable: bool
    score: float | None
    threshold: float
    by: GateKind
    nearest: ReadHit | None
    looked: int


@dataclass(frozen=True, slots=True)
class Model:
    """log-odds = bias + sum(weight x feature); answerable at `threshold` or more."""

    weights: Mapping[str, float]
    bias: float
    threshold: float

    def score(self, features: Mapping[str, float]) -> float:
        return self.bias + sum(weight * features[name] for name, weight in self.weights.items())


_DEFAULT: Final = Model({"answers": 1.0}, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class AnswerGate:
    """`models` by (the question's language, whether the passage is in another)."""

    models: Mapping[tuple[Language, bool], Model]

    def score(self, item: ReadHit, language: Language) -> float | None:
        """Log-odds above the threshold that this hit answers a question in `language`, so that hits of
        both languages can be compared; None for one that was not read."""
        if item.answers is None:
            return None
        model = self.model(language, item.crossed(language))
        return model.score(features_of(item)) - model.threshold

    def decide(self, read: ReadResult, language: Language) -> Decision:
        """Whether any hit answers."""
        scored = [
            (score, item) for item in read.hits if (score := self.score(item, language)) is not None
        ]
        if not scored:
            return Decision(False, None, 0.0, "default", None, read.looked)
        above, nearest = max(scored, key=lambda pair: pair[0])
        model = self.model(language, nearest.crossed(language))
        calibrated = (language, nearest.crossed(language)) in self.models
        return Decision(
            above >= 0,
            above + model.threshold,
            model.threshold,
            "calibrated" if calibrated else "default",
            nearest,
            read.looked,
        )

    def model(self, language: Language, crossed: bool) -> Model:
        """The one found for this pair, else the default."""
        return self.models.get((language, crossed), _DEFAULT)


def features_of(item: ReadHit) -> dict[str, float]:
    """The signals of a hit that was read, by the names of FEATURES_CROSSED, and the cosine, which calibrations of
    earlier versions may weigh."""
    return {
        "answers": item.answers if item.answers is not None else 0.0,
        "span": item.spans[0].score if item.spans else -20.0,
        "near": item.signals.near,
        "covered": item.signals.covered,
        "cosine": item.hit.cosine,
    }


def load_answer_gate(reader: str, calibration: str | None = None) -> AnswerGate:
    """The gate for a reader by its name. `calibration` is the text of a calibration file; None: the
    one that ships with groundkb."""
    return AnswerGate(_models(read_calibration(calibration)["reading"], reader))


def _models(
    table: Sequence[Mapping[str, Any]], reader: str
) -> Mapping[tuple[Language, bool], Model]:
    return {
        (entry["language"], bool(entry["crossed"])): Model(
            entry["weights"], float(entry["bias"]), float(entry["threshold"])
        )
        for entry in table
        if entry["reader"] == reader.partition(" ")[0]
    }
