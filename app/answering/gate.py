"""Deciding, before and after the model is asked for words, whether a question can be answered.

Thresholds belong to a pair of models and a language. They stand in `calibration.json`, made by
`groundkb eval calibrate`, with the test set they come from; a model that is not in it gets a
stated default, and `Gate.note` says so.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.answering.calibration import read_calibration
from app.answering.refusal import is_refusal
from app.errors import Language
from app.index.protocol import Hit

__all__ = ["Decision", "Gate", "Signals", "is_refusal", "load_gate", "probe_log_odds", "signals_of"]

_YES = frozenset({"yes", "y", "是", "是的", "有", "包含", "能", "可以", "true"})
_NO = frozenset({"no", "n", "否", "不", "不是", "没有", "没", "无", "不能", "未", "false"})
# A probability beyond this says nothing more, and may be a rounding of the server's.
_MOST_LOG_ODDS = 15.0

# For models that were never calibrated. No cosine is too low, since cosines of one model mean
# nothing for another; the probe must lean to 'no' by e^2 before it overrules the model.
_DEFAULT_PROBE = -2.0


@dataclass(frozen=True)
class Signals:
    """What is known of a question before the model answers.

    `cosine` in [-1, 1] is the best passage's, `margin` its lead over the mean of the others
    retrieved; `probe` the natural log-odds of Yes over No, None without token probabilities.
    """

    cosine: float
    margin: float
    probe: float | None = None

    def feature(self, name: str) -> float:
        """The value that a calibration file calls `name`; 0 for an absent probe."""
        values = {"cosine": self.cosine, "margin": self.margin, "probe": self.probe or 0.0}
        return values[name]


@dataclass(frozen=True)
class Decision:
    """`score` is the log-odds that the question is answerable, None where no calibration gives one."""

    answerable: bool
    score: float | None
    note: str


@dataclass(frozen=True)
class Model:
    """Logistic regression: log-odds = bias + sum(weight * feature); answerable at `threshold` or more."""

    weights: Mapping[str, float]
    bias: float
    threshold: float

    def score(self, signals: Signals) -> float:
        """Log-odds that the question is answerable."""
        return self.bias + sum(w * signals.feature(name) for name, w in self.weights.items())


@dataclass(frozen=True)
class Gate:
    """The thresholds for one embedding model and one chat model."""

    least_cosine: Mapping[Language, float]
    models: Mapping[Language, Model]

    def low_relevance(self, hits: Sequence[Hit], language: Language) -> bool:
        """Whether what was found is too far from the question to ask the model at all."""
        least = self.least_cosine.get(language)
        return least is not None and max(hit.cosine for hit in hits) < least

    def answerable(
        self, hits: Sequence[Hit], language: Language, logprobs: Mapping[str, float] | None
    ) -> bool:
        """Whether the model is to be asked, by the probe's first-token log-probabilities."""
        return self.decide(signals_of(hits, logprobs), language).answerable

    def decide(self, signals: Signals, language: Language) -> Decision:
        """The decision with the score behind it."""
        if signals.probe is None:
            return Decision(True, None, self.note(language, probed=False))
        model = self.models.get(language)
        if model is None:
            return Decision(signals.probe >= _DEFAULT_PROBE, None, self.note(language, probed=True))
        score = model.score(signals)
        return Decision(score >= model.threshold, score, self.note(language, probed=True))

    def note(self, language: Language, probed: bool) -> str:
        """How refusals are decided: 'calibrated', 'default' or 'prompt' (no token probabilities)."""
        if not probed:
            return "prompt"
        return "calibrated" if language in self.models else "default"


def load_gate(embedding: str, chat: str, calibration: str | None = None) -> Gate:
    """The gate for an embedding model and a chat model ('provider/name').

    `calibration` is the text of a calibration file; None: the one that ships with groundkb. The
    chat model's provider is not looked at: the same weights give the same probabilities.
    """
    data = read_calibration(calibration)
    name = chat.partition("/")[2].lower()
    return Gate(
        {
            entry["language"]: float(entry["cosine"])
            for entry in data["low_relevance"]
            if entry["embedding"] == embedding
        },
        {
            entry["language"]: Model(
                entry["weights"], float(entry["bias"]), float(entry["threshold"])
            )
            for entry in data["answerable"]
            if entry["embedding"] == embedding and entry["chat"].lower() == name
        },
    )


def signals_of(hits: Sequence[Hit], logprobs: Mapping[str, float] | None = None) -> Signals:
    """What retrieval and the probe say; `hits` must not be empty."""
    cosines = sorted((hit.cosine for hit in hits), reverse=True)
    others = cosines[1:] or cosines
    return Signals(
        cosines[0],
        cosines[0] - sum(others) / len(others),
        None if logprobs is None else probe_log_odds(logprobs),
    )


def probe_log_odds(logprobs: Mapping[str, float]) -> float | None:
    """ln P(yes) - ln P(no) over the wordings of each among the likeliest first tokens.

    A side that is absent has at most the probability of the rarest token listed. None when
    both are: the model did not take the question as one of yes or no.
    """
    yes = [value for token, value in logprobs.items() if _bare(token) in _YES]
    no = [value for token, value in logprobs.items() if _bare(token) in _NO]
    if not yes and not no:
        return None
    floor = min(logprobs.values())
    odds = _log_sum(yes or [floor]) - _log_sum(no or [floor])
    return max(-_MOST_LOG_ODDS, min(_MOST_LOG_ODDS, odds))


def _bare(token: str) -> str:
    return token.strip(" \t\n.。,，!！\"'“”*▁Ġ").lower()


def _log_sum(values: Sequence[float]) -> float:
    top = max(values)
    return top + math.log(sum(math.exp(value - top) for value in values))
