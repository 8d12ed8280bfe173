"""Names that a question asks about and the documents do not know.

Search by words finds every passage that holds a name. So a name that none of the passages found holds is
in no document, and what they say is about something else, however near it comes.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final

from app.answering.addressed import without_known
from app.answering.evidence.context import whole_units
from app.answering.evidence.units import fold, units
from app.answering.numbered import unknown_numbers, whole
from app.errors import Language
from app.index.protocol import Hit

# 'Llama 4', 'Windows 11': a name with its number.
_NUMBERED: Final = re.compile(
    # No \b or \w: a Han character is one, too ('升级到Windows 11后').
    r"(?<![A-Za-z0-9_])([A-Z][A-Za-z]+)[ -](\d+(?:\.\d+)*)(?![A-Za-z0-9_%]|[.,:]\d| ?(?:GB|MB|TB|K|B)(?![A-Za-z]))"
)
_YEAR: Final = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d|\.\d)")
# 'firmware 4.8', '固件 2.4': what comes in versions, with the one that is meant.
_VERSIONED: Final = re.compile(
    r"(?:\b(?:firmware|versions?|releases?|builds?|editions?|kernel|protocol|driver)|固件|版本|内核|协议|驱动)"
    r"(?: ?号| is| 是|为)?\s?[vV]?(?P<number>\d+(?:\.\d+)+)(?![\w%])",
    re.IGNORECASE,
)
# Letters from which a misspelt name is still told.
_SPELT: Final = 5
_ALIKE: Final = 0.8


@dataclass(frozen=True)
class Unknown:
    """What a question asks about and none of the hits holds. `codes`: identifiers with digits, versions and
    numbered names, which every language writes alike; `names`: what another language may write otherwise."""

    codes: tuple[str, ...] = ()
    names: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.codes or self.names)


def unknown_names(question: str, language: Language, hits: Sequence[Hit]) -> Unknown:
    """What of a question's names and identifiers none of the hits holds, in text, title or headings.

    Latin words of a Chinese question are names; of an English one capitalised words are, where a hit is
    English: all hits being Chinese, a name that is not found may stand there in Chinese.
    """
    question = without_known(question, [hit.passage for hit in hits])
    asked = units(question)
    numbered, versioned = list(_NUMBERED.finditer(question)), list(_VERSIONED.finditer(question))
    with_digits = {code for code in asked.codes if any(piece[0].isdigit() for piece in code)}
    capitals = asked.codes - with_digits
    if language == "zh":
        words_asked = {word for word in asked.words if word.isascii() and word.isalpha()}
    elif any(hit.passage.language == "en" for hit in hits):
        words_asked = set(asked.names)
    else:
        words_asked, capitals = set(), frozenset()
    years = years_of(question)
    numbers = unknown_numbers(question, hits)
    if not (asked.codes or words_asked or numbered or versioned or years or numbers):
        return Unknown()
    missing_years = _other_years(years, hits)
    held = [whole_units(hit.passage) for hit in hits]
    words = frozenset[str]().union(*(each.words | frozenset(each.pieces) for each in held))
    missing = [" ".join(c) for c in sorted(with_digits) if not any(h.has_run(c) for h in held)]
    names = [" ".join(c) for c in sorted(capitals) if not any(h.has_run(c) for h in held)]
    for name in sorted(words_asked):
        spelt = len(name) >= _SPELT and get_close_matches(name, words, 1, _ALIKE)
        if name not in words and not spelt:
            names.append(name)
    for match in numbered:
        run = (match[1].casefold(), match[2])
        if match[1].casefold() in words and not any(h.has_run(run) for h in held):
            missing.append(fold(match.group()))
    if versioned:
        texts = [whole(hit.passage) for hit in hits]
        for match in versioned:
            if not any(_stands(match["number"], text) for text in texts):
                missing.append(fold(match.group()))
    return Unknown((*missing, *missing_years, *numbers), tuple(names))


def years_of(text: str) -> set[str]:
    """The years of a text, 1900 to 2099, as they are written."""
    return set(_YEAR.findall(text))


def _other_years(years: set[str], hits: Sequence[Hit]) -> tuple[str, ...]:
    """The years of a question that stand nowhere, where titles and headings tell of others."""
    if not years:
        return ()
    above = {
        year
        for hit in hits
        for text in (hit.passage.title, *hit.passage.section)
        for year in years_of(text)
    }
    known = above | {year for hit in hits for year in years_of(hit.passage.text)}
    return tuple(sorted(years - known)) if above else ()


def _stands(number: str, text: str) -> bool:
    return re.search(rf"(?<![\d.]){re.escape(number)}(?!\d|\.\d)", text) is not None
