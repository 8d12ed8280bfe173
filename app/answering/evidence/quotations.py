"""Quotation marks in an answer: does the text between them stand in the material?"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from app.text.normalise import Normalised, normalise

# 《》 and 〈〉 enclose titles and are no quotation. A straight quote opens after a blank or a mark
# and closes before one, so that 5'10" and rock 'n' roll open nothing.
_QUOTED = re.compile(
    r"“([^“”]+)”|„([^„“”]+)[“”]|「([^「」]+)」|『([^『』]+)』|«([^«»]+)»"
    r'|(?<![\w"])"([^"\n]+)"(?!\w)|(?<=[^\x00-\x7f])"([^"\n]+)"'
)
_ELLIPSIS = re.compile(r"…+|\.{3,}|。{3,}|\[…\]|\[\.\.\.\]")
_EDGE = " \t\n,.;:!?，。；：！？、*_\"'"


@dataclass(frozen=True)
class Quotation:
    """`answer[start:end]` is what stands between the marks. `found` is where in the material: passage
    number (0-based) and span of its text; None when it does not stand there.
    """

    start: int
    end: int
    found: tuple[int, int, int] | None


def find_quotations(answer: str, texts: Sequence[Normalised]) -> tuple[Quotation, ...]:
    """Every quotation of `answer`, looked up in `texts` (case folded); see `locate`."""
    quotations = []
    for match in _QUOTED.finditer(answer):
        group = next(i for i, value in enumerate(match.groups(), 1) if value is not None)
        if any(character.isalnum() for character in match[group]):
            quotations.append(Quotation(*match.span(group), locate(match[group], texts)))
    return tuple(quotations)


def locate(words: str, texts: Sequence[Normalised]) -> tuple[int, int, int] | None:
    """Where `words` stand in `texts`: place of the text and span of its original, the first if several.

    Compared under the rules of `app.text.normalise`, letter case ignored, punctuation at the edges
    left away, '…' standing for an omission. None when they stand nowhere.
    """
    parts = [normalise(part, casefold=True).text.strip(_EDGE) for part in _ELLIPSIS.split(words)]
    parts = [part for part in parts if part]
    for number, text in enumerate(texts):
        span = _in_order(text.text, parts) if parts else None
        if span:
            return (number, *text.to_original(*span))
    return None


def _in_order(text: str, parts: Sequence[str]) -> tuple[int, int] | None:
    """The span of `text` from the first part to the last, all in order; None when one is missing."""
    first, position = -1, 0
    for part in parts:
        place = _whole(text, part, position)
        if place < 0:
            return None
        first = place if first < 0 else first
        position = place + len(part)
    return first, position


def _whole(text: str, part: str, position: int) -> int:
    """Where `part` begins in text[position:], not cutting a Latin word or a number in two; -1: nowhere."""
    place = text.find(part, position)
    while place >= 0:
        end = place + len(part)
        if not (_joined(text, place) or _joined(text, end)):
            return place
        place = text.find(part, place + 1)
    return -1


def _joined(text: str, place: int) -> bool:
    """Whether a Latin word or number goes on across `place`."""
    around = text[place - 1 : place + 1] if place else ""
    return len(around) == 2 and around.isascii() and around.isalnum()
