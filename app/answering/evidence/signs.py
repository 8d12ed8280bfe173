"""What says as much as a word, and is none: ≥ and ≤, a minus, a number of stars, ↑, ✓, 3:1, µg; and words of other scripts."""

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
_RATIO: Final = re.compile(r"(?<![\d.:–-])(\d{1,6}) ?[:–-] ?(\d{1,6})(?![\d:–-]|\.\d)")
_MICRO: Final = re.compile(r"(\d[\d.,]{0,20}) ?μ[a-z]")
_WITH_UNIT: Final = re.compile(r"(\d[\d.,]{0,20}) ?[a-z]")
_SPELT_MICRO: Final = re.compile(r"micro|mcg|\bug\b|微")
# Each pair says the opposite of the other.
_OPPOSED: Final = (
    (re.compile("[↑⬆▲]"), re.compile("[↓⬇▼]")),
    (re.compile("[✓✔√☑]"), re.compile(r"[✗✘☒]|(?<![\d ])×(?! ?\d)|(?<!\d) ×(?! ?\d)")),
)
# Words that are neither Latin nor Han: Greek, Cyrillic and what follows up to Thai, kana, Hangul.
_OTHER_WORD: Final = re.compile("[\u0370-\u0fff\u3041-\u30fa\uac00-\ud7a3]{2,60}")


def signs_differ(statement: str, sentences: Iterable[str], around: Iterable[str] = ()) -> bool:
    """Whether a number of the statement has the opposite sign in the sentences, or is another bound there; there
    are more or fewer stars; or a word of another script is neither there nor `around`."""
    said, held = fold(statement), fold("\n".join(sentences))
    if any(word not in held for word in _OTHER_WORD.findall(said)):
        beside = f"{held}\n{fold(chr(10).join(around))}"
        if any(word not in beside for word in _OTHER_WORD.findall(said)):
            return True
    if any(
        (mine.search(said) and other.search(held) and not mine.search(held))
        for one, two in _OPPOSED
        for mine, other in ((one, two), (two, one))
    ):
        return True
    ratios = set(_RATIO.findall(held))
    if any((b, a) in ratios and (a, b) not in ratios for a, b in _RATIO.findall(said)):
        return True
    if _micro_differs(said, held):
        return True
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


def _micro_differs(said: str, held: str) -> bool:
    """Whether one of them has µg where the other has mg."""
    if _SPELT_MICRO.search(said) or _SPELT_MICRO.search(held):
        return False
    mine, theirs = set(_MICRO.findall(said)), set(_MICRO.findall(held))
    plain, other = set(_WITH_UNIT.findall(said)), set(_WITH_UNIT.findall(held))
    return any(n not in theirs and n in other for n in mine) or any(
        n not in mine and n in plain for n in theirs
    )


def _by_number(text: str, pattern: re.Pattern[str]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for sign, number in pattern.findall(text):
        plain = number.replace(",", "").rstrip(".")
        found.setdefault(plain, set()).add(_SAME.get(sign, sign).replace("−", "-"))
    return found
