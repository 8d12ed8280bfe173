"""Styles of a Word document: what a paragraph is by its style, and what is hidden by it."""

from collections.abc import Iterator
from typing import Any

import regex

from ingest.parse.ooxml import W, integer, is_on

_HEADING = regex.compile(r"(?:heading|标题|標題|见出し|見出し)\s*([1-9])\b", regex.IGNORECASE)
_TITLE = frozenset(("title", "标题", "標題", "文档标题", "文件標題"))
_CHAIN = 10  # a cycle in a broken file ends here


class Styles:
    """The styles part, looked up by style id."""

    def __init__(self, tree: Any | None) -> None:
        """`tree`: the root of the styles part."""
        self._styles: dict[str, Any] = {}
        self._default = ""
        self._levels: dict[str, int] = {}
        for style in tree.findall(f"{W}style") if tree is not None else ():
            key = style.get(f"{W}styleId") or ""
            self._styles[key] = style
            if style.get(f"{W}type") == "paragraph" and style.get(f"{W}default") in ("1", "true"):
                self._default = key

    def element(self, key: str) -> Any | None:
        return self._styles.get(key)

    def of_paragraph(self, properties: Any | None) -> str:
        """The style id of a paragraph by its w:pPr."""
        named = properties.find(f"{W}pStyle") if properties is not None else None
        return named.get(f"{W}val") or "" if named is not None else self._default

    def chain(self, key: str) -> Iterator[Any]:
        """The style's element and those it builds on."""
        for _ in range(_CHAIN):
            style = self._styles.get(key)
            if style is None:
                return
            yield style
            base = style.find(f"{W}basedOn")
            key = base.get(f"{W}val") or "" if base is not None else ""

    def heading(self, properties: Any | None) -> int:
        """The heading level, 1 to 6, of a paragraph; 0 for none."""
        own = properties.find(f"{W}outlineLvl") if properties is not None else None
        if own is not None:
            return _level(own)
        key = self.of_paragraph(properties)
        if key not in self._levels:
            self._levels[key] = self._of_style(key)
        return self._levels[key]

    def is_title(self, properties: Any | None) -> bool:
        """Whether the paragraph's style is Word's 'Title' or builds on it."""
        chain = self.chain(self.of_paragraph(properties))
        return any(_name(style).lower() in _TITLE for style in chain)

    def hides(self, key: str) -> bool:
        """Whether a style hides its text."""
        return any(
            is_on(hidden, f"{W}val")
            for style in self.chain(key)
            if (hidden := style.find(f"{W}rPr/{W}vanish")) is not None
        )

    def strikes(self, key: str) -> bool:
        """Whether a style draws a line through its text."""
        for style in self.chain(key):
            said = struck(style.find(f"{W}rPr"))
            if said is not None:
                return said
        return False

    def _of_style(self, key: str) -> int:
        for style in self.chain(key):
            if named := _HEADING.match(_name(style)):
                return min(int(named.group(1)), 6)
            if (own := style.find(f"{W}pPr/{W}outlineLvl")) is not None:
                return _level(own)
        return 0


def struck(properties: Any | None) -> bool | None:
    """Whether a w:rPr draws a line, or two, through its text; None if it does not say."""
    if properties is None:
        return None
    said = [
        is_on(mark, f"{W}val")
        for name in ("strike", "dstrike")
        if (mark := properties.find(f"{W}{name}")) is not None
    ]
    return any(said) if said else None


def _name(style: Any) -> str:
    name = style.find(f"{W}name")
    return name.get(f"{W}val") or "" if name is not None else ""


def _level(outline: Any) -> int:
    """Outline levels count from 0; 9 is 'body text'."""
    level = integer(outline.get(f"{W}val"), 9)
    return min(level + 1, 6) if 0 <= level < 9 else 0
