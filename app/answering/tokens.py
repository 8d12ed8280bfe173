"""Reckoning tokens where the model's own tokenizer is not here."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from app.models.chat import Message
from app.text.language import HAN

# Characters of a prompt from which its count says something about a rate.
_LEAST_LEARNT = 200


@dataclass(frozen=True)
class Rates:
    """Tokens a Han character and any other character take, from above."""

    han: float = 1.5
    other: float = 1 / 2.5


class LearntRates:
    """What a server without a tokenizer here was seen to count, for each model and script.

    Every answer brings the server's count of its prompt. The highest of the last ratios seen, and a
    tenth more, is what the next prompt is reckoned with; before any, the common tokenizers' worst.
    """

    def __init__(self) -> None:
        self._seen: dict[tuple[str, str], deque[float]] = {}

    def learn(self, model: str, messages: Sequence[Message], tokens: int) -> None:
        """Take in the server's count of a prompt."""
        han, others = _weigh(messages)
        tokens -= 8 * len(messages)
        if han + others < _LEAST_LEARNT or tokens <= 0:
            return
        # Mostly one script: what the other takes is small, and is reckoned at its usual rate.
        if han * 2 > others:
            self._note(model, "han", (tokens - others / 4) / han)
        elif han * 20 < others:
            self._note(model, "other", (tokens - han) / others)

    def rates(self, model: str) -> Rates:
        """What to reckon with for this model."""
        usual = Rates()
        return Rates(
            min(usual.han, self._of(model, "han", usual.han)),
            min(usual.other, self._of(model, "other", usual.other)),
        )

    def _note(self, model: str, script: str, rate: float) -> None:
        if rate > 0:
            self._seen.setdefault((model, script), deque(maxlen=20)).append(rate)

    def _of(self, model: str, script: str, usual: float) -> float:
        seen = self._seen.get((model, script))
        return max(seen) * 1.1 if seen else usual


def estimate_above(messages: Sequence[Message], rates: Rates | None = None) -> int:
    """Tokens, from above: by default common tokenizers' worst, 1.5 on a Han character and 1 on 2.5 others."""
    rates = rates or Rates()
    han, others = _weigh(messages)
    return round(han * rates.han + others * rates.other) + 16 * len(messages)


def estimate_below(messages: Sequence[Message]) -> int:
    """Tokens, from below: at least 0.4 for a Han character and 1 for 8 others."""
    han, others = _weigh(messages)
    return round(han * 0.4 + others / 8)


def _weigh(messages: Sequence[Message]) -> tuple[int, int]:
    text = "".join(message.content for message in messages)
    han = len(HAN.findall(text))
    return han, len(text) - han
