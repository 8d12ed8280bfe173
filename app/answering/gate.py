"""Deciding, before and after the model is asked for words, whether a question can be answered.

Before: from what was found (`low_relevance`) and what the model's probe says (`decide`). After: from
these and how much of the question the answer's evidence holds (`holds`).

Thresholds belong to a pair of models and a language. They stand in `calibration.json`, made by
`groundkb eval calibrate`, with the test set they come from; a model that is not in it gets a
stated default, and `Decision.by` says so.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.answering.answer import GateKind
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
    `crossed`: that passage is not in the question's language. `about`, [0, 1], is known after the
    answer: how much of the question the evidence of its core holds; None where words cannot
    tell, since question and evidence differ in language.
    """

    cosine: float
    margin: float
    probe: float | None = None
    about: float | None = None
    crossed: bool = False

    def feature(self, name: str) -> float:
        """The value that a calibration file calls `name`; 0 for an absent one."""
        values = {
            "cosine": self.cosine,
            "margin": self.margin,
            "probe": self.probe or 0.0,
            "about": self.about or 0.0,
        }
        return values[name]


@dataclass(frozen=True)
class Decision:
    """`score` is the log-odds that the question is answerable, None where no calibration gives one.
    `by`: what decided; 'prompt' is the model's instructions alone, without token probabilities.
    """

    answerable: bool
    score: float | None
    by: GateKind


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
    """The thresholds for one embedding model and one chat model.

    They were found on questions and passages of one language. Two languages are farther apart
    in every signal but the probe, so that a question that goes across them is left to the default.
    """

    least_cosine: Mapping[Language, float]
    models: Mapping[Language, Model]
    grounded: Mapping[Language, Model]

    def low_relevance(self, hits: Sequence[Hit], language: Language) -> bool:
        """Whether what was found is too far from the question to ask the model at all."""
        least = self.least_cosine.get(language)
        best = _nearest(hits)
        return least is not None and best.cosine < least and not _crossed(best, language)

    def decide(self, signals: Signals, language: Language) -> Decision:
        """The decision with the score behind it."""
        if signals.probe is None:
            return Decision(True, None, "prompt")
        model = None if signals.crossed else self.models.get(language)
        if model is None:
            return Decision(signals.probe >= _DEFAULT_PROBE, None, "default")
        score = model.score(signals)
        return Decision(score >= model.threshold, score, "calibrated")

    def holds(self, signals: Signals, language: Language) -> bool:
        """Whether an answer with evidence is to be given, or its evidence is beside the question.

        True where that cannot be judged: without calibration, token probabilities or `about`.
        """
        model = self.grounded.get(language)
        if model is None or signals.probe is None or signals.about is None:
            return True
        return model.score(signals) >= model.threshold


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
        _models(data["answerable"], embedding, name),
        _models(data["grounded"], embedding, name),
    )


def _models(
    table: Sequence[Mapping[str, Any]], embedding: str, chat: str
) -> Mapping[Language, Model]:
    return {
        entry["language"]: Model(entry["weights"], float(entry["bias"]), float(entry["threshold"]))
        for entry in table
        if entry["embedding"] == embedding and entry["chat"].lower() == chat
    }


def signals_of(
    hits: Sequence[Hit], logprobs: Mapping[str, float] | None, language: Language
) -> Signals:
    """What retrieval and the probe say of a question in `language`; `hits` must not be empty."""
    cosines = sorted((hit.cosine for hit in hits), reverse=True)
    others = cosines[1:] or cosines
    return Signals(
        cosines[0],
        cosines[0] - sum(others) / len(others),
        None if logprobs is None else probe_log_odds(logprobs),
        crossed=_crossed(_nearest(hits), language),
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


def _nearest(hits: Sequence[Hit]) -> Hit:
    return max(hits, key=lambda hit: hit.cosine)


def _crossed(hit: Hit, language: Language) -> bool:
    return hit.passage.language != language


def _bare(token: str) -> str:
    return token.strip(" \t\n.。,，!！\"'“”*▁Ġ").lower()


def _log_sum(values: Sequence[float]) -> float:
    top = max(values)
    return top + math.log(sum(math.exp(value - top) for value in values))
