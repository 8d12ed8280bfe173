"""Names that a question asks about and the documents do not know.

Search by words finds every passage that holds a name. So a name that none of the passages found holds is
in no document, and what they say is about something else, however near it comes.
"""

import re
from collections.abc import Sequence
from difflib import get_close_matches
from typing import Final

from app.answering.addressed import without_known
from app.answering.evidence.units import Units, fold, units
from app.errors import Language
from app.index.protocol import Hit

# 'Llama 4', 'Windows 11': a name with its number.
_NUMBERED: Final = re.compile(
    # No \b or \w: a Han character is one, too ('升级到Windows 11后').
    r"(?<![A-Za-z0-9_])([A-Z][A-Za-z]+)[ -](\d+(?:\.\d+)*)(?![A-Za-z0-9_%]|[.,:]\d| ?(?:GB|MB|TB|K|B)(?![A-Za-z]))"
)
_YEAR: Final = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d|\.\d)")
# Letters from which a misspelt name is still told.
_SPELT: Final = 5
_ALIKE: Final = 0.8


def unknown_names(question: str, language: Language, hits: Sequence[Hit]) -> tuple[str, ...]:
    """The names and identifiers of a question that none of the hits holds, in text, title or headings.

    Latin words of a Chinese question are names; of an English one capitalised words and
    identifiers are, where a hit is English: a name may be written otherwise in another language.
    """
    if language == "en" and all(hit.passage.language != "en" for hit in hits):
        return ()
    question = without_known(question, [hit.passage for hit in hits])
    asked, numbered = units(question), list(_NUMBERED.finditer(question))
    if language == "zh":
        names = {word for word in asked.words if word.isascii() and word.isalpha()}
    else:
        names = set(asked.names)
    years = set(_YEAR.findall(question))
    if not (asked.codes or names or numbered or years):
        return ()
    missing_years = _other_years(years, hits)
    held = [_held(hit) for hit in hits]
    words = frozenset[str]().union(*(each.words | frozenset(each.pieces) for each in held))
    missing = [
        " ".join(code) for code in sorted(asked.codes) if not any(h.has_run(code) for h in held)
    ]
    for name in sorted(names):
        spelt = len(name) >= _SPELT and get_close_matches(name, words, 1, _ALIKE)
        if name not in words and not spelt:
            missing.append(name)
    for match in numbered:
        run = (match[1].casefold(), match[2])
        if match[1].casefold() in words and not any(h.has_run(run) for h in held):
            missing.append(fold(match.group()))
    return (*missing, *missing_years)


def _other_years(years: set[str], hits: Sequence[Hit]) -> tuple[str, ...]:
    """The years of a question that stand nowhere, where titles and headings tell of others."""
    if not years:
        return ()
    above = {
        year
        for hit in hits
        for text in (hit.passage.title, *hit.passage.section)
        for year in _YEAR.findall(text)
    }
    known = above | {year for hit in hits for year in _YEAR.findall(hit.passage.text)}
    return tuple(sorted(years - known)) if above else ()


def _held(hit: Hit) -> Units:
    passage = hit.passage
    return units(" . ".join((passage.title, *passage.section, passage.text)))
