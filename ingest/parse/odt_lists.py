"""Numbers of lists and headings of OpenDocument texts."""

from typing import Any

import regex

from ingest.parse.numerals import numeral
from ingest.parse.odf import STYLE, TEXT, Styles
from ingest.parse.ooxml import integer

_FORMS = {
    "1": "decimal", "a": "lowerLetter", "A": "upperLetter", "i": "lowerRoman", "I": "upperRoman",
    "一, 二, 三, ...": "chineseCountingThousand", "壹, 贰, 叁, ...": "chineseLegalSimplified",
    "壹, 貳, 參, ...": "ideographLegalTraditional", "甲, 乙, 丙, ...": "ideographTraditional",
    "子, 丑, 寅, ...": "ideographZodiac", "①, ②, ③, ...": "decimalEnclosedCircle",
}  # fmt: skip
_SPACES = regex.compile(r"\s+")


class Lists:
    """Counts; to be told of each list and item in the order of the document."""

    def __init__(self, styles: Styles) -> None:
        self._styles = styles
        self._counts: dict[str, dict[int, int]] = {}
        self._headings: dict[int, int] = {}

    def begin(self, element: Any, style: str, level: int) -> None:
        """A list begins: it counts from its start, unless it goes on with an earlier one."""
        counts = self._counts.setdefault(style, {})
        goes_on = (
            element.get(f"{TEXT}continue-numbering") == "true"
            or element.get(f"{TEXT}continue-list") is not None
        )
        if not goes_on:
            for deeper in [n for n in counts if n >= level]:
                del counts[deeper]

    def next(self, item: Any, style: str, level: int) -> str:
        """The number of a list's next item; '' for a bullet."""
        definition = self._level(self._styles.lists.get(style), level)
        counts = self._counts.setdefault(style, {})
        return self._number(definition, self._styles.lists.get(style), counts, level, item)

    def heading(self, element: Any, level: int) -> str:
        """The number of a heading, by the document's outline; '' for none."""
        if element.get(f"{TEXT}is-list-header") == "true":
            return ""
        outline = self._styles.outline
        return self._number(self._level(outline, level), outline, self._headings, level, element)

    def _level(self, style: Any | None, level: int) -> Any | None:
        for definition in style if style is not None else ():
            if integer(definition.get(f"{TEXT}level")) == level:
                return definition
        return None

    def _number(
        self,
        definition: Any | None,
        style: Any | None,
        counts: dict[int, int],
        level: int,
        item: Any,
    ) -> str:
        if definition is None or definition.tag == f"{TEXT}list-level-style-bullet":
            return ""
        start = integer(definition.get(f"{TEXT}start-value"), 1)
        own = item.get(f"{TEXT}start-value")
        counts[level] = integer(own, start) if own is not None else counts.get(level, start - 1) + 1
        for deeper in [n for n in counts if n > level]:
            del counts[deeper]
        if not definition.get(f"{STYLE}num-format"):
            return ""
        shown = max(integer(definition.get(f"{TEXT}display-levels"), 1), 1)
        parts = []
        for n in range(max(level - shown + 1, 1), level + 1):
            other = self._level(style, n)
            form = other.get(f"{STYLE}num-format") if other is not None else ""
            if form:
                value = (
                    counts.get(n, integer(other.get(f"{TEXT}start-value"), 1))
                    if other is not None
                    else 1
                )
                parts.append(numeral(value, _FORMS.get(form, "decimal")))
        before, after = definition.get(f"{STYLE}num-prefix"), definition.get(f"{STYLE}num-suffix")
        return _SPACES.sub(" ", f"{before or ''}{'.'.join(parts)}{after or ''}").strip()
