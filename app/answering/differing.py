"""Two documents that say different things of the same: both are given, the later one first."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import combinations
from typing import Final

from app.answering.evidence.binding import leading_word
from app.answering.evidence.context import Sentence
from app.answering.evidence.keys import dimension
from app.answering.quotes import Found

# Share of the words of the shorter sentence that the other has, to be about the same.
_SAME: Final = 0.75
_REPLACES: Final = re.compile(
    r"\b(?:replaces|supersedes|replacing|superseding)\b|取代|替代|代替|同时废止", re.IGNORECASE
)
_MONTHS: Final = "jan feb mar apr may jun jul aug sep oct nov dec".split()
_DATE: Final = re.compile(
    r"(?P<y1>(?:19|20)\d\d)[-/.年](?P<m1>\d{1,2})(?:[-/.月](?P<d1>\d{1,2}))?"
    rf"|(?:(?P<d2>\d{{1,2}}) )?(?P<m2>{'|'.join(_MONTHS)})[a-z]* (?P<y2>(?:19|20)\d\d)"
    r"|(?<!\d)(?P<y3>(?:19|20)\d\d)(?!\d)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Differing:
    """`later` first where a date or a word of replacing tells which; `dates` are theirs, None for none.
    `known`: whether it is known which is the later."""

    later: Found
    older: Found
    dates: tuple[date | None, date | None]
    known: bool


def differing(found: Sequence[Found]) -> Differing | None:
    """The first two of different documents that give the same quantity otherwise; None for none."""
    for one, other in combinations(found, 2):
        a, b = one.item.hit.passage, other.item.hit.passage
        if a.document_id == b.document_id:
            continue
        for first in one.sentences:
            for second in other.sentences:
                if _disagree(first, second):
                    return _ordered(Found(one.item, (first,)), Found(other.item, (second,)))
    return None


def date_of(found: Found) -> date | None:
    """The latest date in the document's title, headings, file name and what was found; None for none."""
    told = f"{_told(found)} {found.item.hit.passage.source.rpartition('/')[2]}"
    dates = [each for match in _DATE.finditer(told) if (each := _date(match)) is not None]
    return max(dates, default=None)


def _disagree(one: Sentence, other: Sentence) -> bool:
    if one.role in ("row", "header") or other.role in ("row", "header"):
        return False
    words, others = ({w for w in s.units.words if w[0] != "#"} for s in (one, other))
    if len(words & others) < _SAME * max(3, min(len(words), len(others))):
        return False
    if not (_begins_with(one, others) and _begins_with(other, words)):
        return False
    if one.units.negated != other.units.negated or one.units.names != other.units.names:
        return False
    if one.units.codes != other.units.codes:
        return False
    by_unit: list[dict[str, set[tuple[str, str]]]] = []
    for sentence in (one, other):
        measured: dict[str, set[tuple[str, str]]] = {}
        for value, unit in sentence.keys.quantities:
            measured.setdefault(dimension(unit), set()).add((value, unit))
        by_unit.append(measured)
    return any(by_unit[0][of].isdisjoint(by_unit[1][of]) for of in by_unit[0].keys() & by_unit[1])


def _begins_with(sentence: Sentence, words: set[str]) -> bool:
    """Whether what the sentence is about, the first of its words, is among `words`."""
    first = leading_word(sentence.body, sentence.units.words)
    return not first or first in words


def _ordered(one: Found, other: Found) -> Differing:
    first, second = date_of(one), date_of(other)
    replacing = [bool(_REPLACES.search(_told(found))) for found in (one, other)]
    if replacing[0] != replacing[1]:
        turned, known = replacing[1], True
    else:
        known = first is not None and second is not None and first != second
        turned = first is not None and second is not None and second > first
    if turned:
        return Differing(other, one, (second, first), known)
    return Differing(one, other, (first, second), known)


def _told(found: Found) -> str:
    passage = found.item.hit.passage
    return " ".join((passage.title, *passage.section, *(s.around.text for s in found.sentences)))


def _date(match: re.Match[str]) -> date | None:
    year = int(match["y1"] or match["y2"] or match["y3"])
    month = int(match["m1"]) if match["m1"] else 1
    if match["m2"]:
        month = _MONTHS.index(match["m2"][:3].lower()) + 1
    day = int(match["d1"] or match["d2"] or 1)
    try:
        return date(year, month, day)
    except ValueError:
        return None
