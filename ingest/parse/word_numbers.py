"""Automatic numbers of Word paragraphs (ECMA-376 part 1, 17.9), as Word shows them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import regex

from ingest.parse.numerals import numeral, padded
from ingest.parse.ooxml import MC, W, alternative, integer, is_on
from ingest.parse.symbols import from_symbols
from ingest.parse.word_styles import Styles

_LEVELS = 9
_PLACE = regex.compile("%([1-9])")
_CHAIN = 10


@dataclass(frozen=True, slots=True)
class Number:
    """`text`: what stands before the paragraph ('' for a bullet); `level`: nesting from 1."""

    text: str
    level: int


@dataclass(frozen=True)
class _Level:
    start: int = 1
    form: str = "decimal"
    pattern: str = ""  # of a custom format
    text: str = ""
    restart: int | None = None
    legal: bool = False
    hidden: bool = False
    style: str = ""


@dataclass
class _List:
    """A w:num: the definition that it counts with, its own levels, the numbers it begins at."""

    abstract: str
    levels: dict[int, _Level]
    starts: dict[int, int] = field(default_factory=dict)


class Numbering:
    """Counts; to be asked once for each numbered paragraph, in the order of the document."""

    def __init__(self, tree: Any | None, styles: Styles) -> None:
        """`tree`: the root of the numbering part."""
        self._styles = styles
        self._abstracts: dict[str, Any] = {}
        self._nums: dict[str, Any] = {}
        for element in tree if tree is not None else ():
            if element.tag == f"{W}abstractNum":
                self._abstracts[element.get(f"{W}abstractNumId") or ""] = element
            elif element.tag == f"{W}num":
                self._nums[element.get(f"{W}numId") or ""] = element
        self._lists: dict[str, _List | None] = {}
        self._counters: dict[str, dict[int, int]] = {}
        self._begun: set[tuple[str, int]] = set()

    def of(self, properties: Any | None) -> Number | None:
        """The number of a paragraph by its w:pPr; None if it has none."""
        found = self._reference(properties)
        if found is None:
            return None
        key, level = found
        known = self._list(key)
        if known is None or level not in known.levels:
            return None
        counters = self._counters.setdefault(known.abstract, {})
        self._count(key, known, counters, level)
        definition = known.levels[level]
        if definition.hidden:
            return Number("", level + 1)
        if definition.form == "bullet":
            return Number("", level + 1)
        return Number(self._text(known, counters, level), level + 1)

    def _reference(self, properties: Any | None) -> tuple[str, int] | None:
        """The list and level that a paragraph names, itself or by its style."""
        own = properties.find(f"{W}numPr") if properties is not None else None
        key, level = _named(own)
        if key is None:
            chain = list(self._styles.chain(self._styles.of_paragraph(properties)))
            names = [style.get(f"{W}styleId") or "" for style in chain[:_CHAIN]]
            # A style takes what it does not say itself, the list or the level, from the one below.
            of_style: int | None = None
            for style in chain[:_CHAIN]:
                key, here = _named(style.find(f"{W}pPr/{W}numPr"))
                of_style = here if of_style is None else of_style
                if key is not None:
                    level = self._linked(key, names, of_style) if level is None else level
                    break
        if key is None or key == "0":
            return None
        return key, min(max(level or 0, 0), _LEVELS - 1)

    def _linked(self, key: str, styles: Sequence[str], level: int | None) -> int:
        """The level whose definition names the first of the styles; else the one that they say; else
        the level of one that it is made from."""
        known = self._list(key)
        linked = {d.style: n for n, d in known.levels.items()} if known else {}
        if styles[0] in linked:
            return linked[styles[0]]
        if level is not None:
            return level
        return next((linked[style] for style in styles if style in linked), 0)

    def _list(self, key: str) -> _List | None:
        if key not in self._lists:
            self._lists[key] = self._read(key)
        return self._lists[key]

    def _read(self, key: str) -> _List | None:
        num = self._nums.get(key)
        if num is None:
            return None
        abstract = _value(num.find(f"{W}abstractNumId"))
        for _ in range(_CHAIN):  # a style may stand for the definition
            link = self._abstracts.get(abstract)
            name = _value(link.find(f"{W}numStyleLink")) if link is not None else ""
            if not name:
                break
            style = self._styles.element(name)
            through = _named(style.find(f"{W}pPr/{W}numPr"))[0] if style is not None else None
            linked = self._nums.get(through or "")
            if linked is None:
                break
            abstract = _value(linked.find(f"{W}abstractNumId"))
        definition = self._abstracts.get(abstract)
        if definition is None:
            return None
        levels = {
            integer(level.get(f"{W}ilvl")): _level(level) for level in definition.findall(f"{W}lvl")
        }
        known = _List(abstract, levels)
        for override in num.findall(f"{W}lvlOverride"):
            n = integer(override.get(f"{W}ilvl"))
            if (own := override.find(f"{W}lvl")) is not None:
                levels[n] = _level(own)
            if (start := override.find(f"{W}startOverride")) is not None:
                known.starts[n] = integer(start.get(f"{W}val"))
        return known

    def _count(self, key: str, known: _List, counters: dict[int, int], level: int) -> None:
        first = (key, level) not in self._begun
        self._begun.add((key, level))
        if level not in counters or (first and level in known.starts):
            counters[level] = _start(known, level)
        else:
            counters[level] += 1
        for deeper in [n for n in counters if n > level]:
            definition = known.levels.get(deeper)
            restart = definition.restart if definition else None
            if restart is None or (restart and level < restart):
                del counters[deeper]

    def _text(self, known: _List, counters: dict[int, int], level: int) -> str:
        definition = known.levels[level]

        def shown(match: regex.Match[str]) -> str:
            n = int(match.group(1)) - 1
            other = known.levels.get(n, _Level())
            value = counters.get(n, _start(known, n))
            if definition.legal:  # Arabic numerals alone: 'Section 1.01' below 'Article I'
                return numeral(value, other.form if other.form == "decimalZero" else "decimal")
            return padded(value, other.pattern) if other.pattern else numeral(value, other.form)

        return _PLACE.sub(shown, definition.text).strip()


def _start(known: _List, level: int) -> int:
    return known.starts.get(level, known.levels.get(level, _Level()).start)


def _named(properties: Any | None) -> tuple[str | None, int | None]:
    if properties is None:
        return None, None
    key, level = properties.find(f"{W}numId"), properties.find(f"{W}ilvl")
    return (
        _value(key) or None if key is not None else None,
        integer(_value(level)) if level is not None else None,
    )


def _level(element: Any) -> _Level:
    parts = {child.tag: child for child in _flat(element)}
    form = parts.get(f"{W}numFmt")
    restart = parts.get(f"{W}lvlRestart")
    run = parts.get(f"{W}rPr")
    fonts = run.find(f"{W}rFonts") if run is not None else None
    font = fonts.get(f"{W}ascii") or "" if fonts is not None else ""
    custom = _value(form) == "custom" and form is not None
    start = parts.get(f"{W}start")
    return _Level(
        start=integer(_value(start), 1) if start is not None else 0,
        form=_value(form) or "decimal",
        pattern=form.get(f"{W}format") or "" if custom and form is not None else "",
        text=from_symbols(_value(parts.get(f"{W}lvlText")), font),
        restart=integer(_value(restart)) if restart is not None else None,
        legal=is_on(parts.get(f"{W}isLgl"), f"{W}val"),
        hidden=run is not None and is_on(run.find(f"{W}vanish"), f"{W}val"),
        style=_value(parts.get(f"{W}pStyle")),
    )


def _flat(element: Any) -> Iterator[Any]:
    for child in element:
        if child.tag == f"{MC}AlternateContent":
            chosen = alternative(child)
            yield from () if chosen is None else chosen
        else:
            yield child


def _value(element: Any | None) -> str:
    return element.get(f"{W}val") or "" if element is not None else ""
