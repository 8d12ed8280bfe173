"""Signs that say as much as a word, and are none: ≥ and ≤, a minus, a number of stars."""

import re
from collections.abc import Iterable
from typing import Final

from app.answering.evidence.units import fold

_COMPARED: Final = re.compile(r"(?<=[^\s>]) ?(>=|<=|[≥≤⩾⩽≧≦><]) ?(\d[\d.,]{0,20})")
_SAME: Final = {">=": "≥", "⩾": "≥", "≧": "≥", "<=": "≤", "⩽": "≤", "≦": "≤"}
_SIGNED: Final = re.compile(r"(?<![A-Za-z0-9.,\-−])([-−]?)(\d[\d.,]{0,20})")
# Where one of these is said, the sign need not be.
_LESS: Final = re.compile(
    r"minus|negative|below|loss|lower|less|decreas|declin|drop|fell|fall|reduc|负(?![责担])|零下|亏|下降|减|降|跌"
)
_STARS: Final = re.compile("[★☆⭐]{1,10}")


def signs_differ(statement: str, sentences: Iterable[str]) -> bool:
    """Whether a number of the statement has the opposite sign in the sentences, or is another bound there; or
    there are more or fewer stars."""
    said, held = fold(statement), fold("\n".join(sentences))
    bounds = _by_number(held, _COMPARED)
    for number, signs in _by_number(said, _COMPARED).items():
        if number in bounds and not signs & bounds[number]:
            return True
    if not (_LESS.search(said) or _LESS.search(held)):
        signed = _by_number(held, _SIGNED)
        for number, signs in _by_number(said, _SIGNED).items():
            if number in signed and not signs & signed[number]:
                return True
    stars = set(_STARS.findall(said))
    shown = set(_STARS.findall(held))
    return bool(shown) and not stars <= shown


def _by_number(text: str, pattern: re.Pattern[str]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for sign, number in pattern.findall(text):
        plain = number.replace(",", "").rstrip(".")
        found.setdefault(plain, set()).add(_SAME.get(sign, sign).replace("−", "-"))
    return found
