"""Styles of an Excel workbook: how its cells are shown."""

from collections.abc import Iterator, Mapping
from typing import Any

from ingest.parse.cell_formats import BUILT_IN
from ingest.parse.ooxml import S, integer


def styles_of(tree: Any | None) -> tuple[list[str], list[bool], list[bool]]:
    """By the number of a style: its format, whether it is bold, whether it draws a line through the text."""
    if tree is None:
        return ["General"], [False], [False]
    own: Mapping[int, str] = {
        integer(form.get("numFmtId")): form.get("formatCode") or "General"
        for form in tree.iterfind(f"{S}numFmts/{S}numFmt")
    }
    fonts = [
        (is_on(font.find(f"{S}b")), is_on(font.find(f"{S}strike")))
        for font in tree.iterfind(f"{S}fonts/{S}font")
    ]
    formats, bold, struck = [], [], []
    for style in tree.iterfind(f"{S}cellXfs/{S}xf"):
        key = integer(style.get("numFmtId"))
        formats.append(own.get(key) or BUILT_IN.get(key, "General"))
        font = integer(style.get("fontId"))
        own_bold, own_struck = fonts[font] if 0 <= font < len(fonts) else (False, False)
        bold.append(own_bold)
        struck.append(own_struck)
    return formats or ["General"], bold or [False], struck or [False]


def white_styles(tree: Any) -> Iterator[int]:
    """The cells' styles with white type and no fill, or a white one."""
    fonts = [_is_white(font.find(f"{S}color")) for font in tree.iterfind(f"{S}fonts/{S}font")]
    plain = []
    for fill in tree.iterfind(f"{S}fills/{S}fill"):
        pattern = fill.find(f"{S}patternFill")
        kind = pattern.get("patternType", "none") if pattern is not None else "gradient"
        solid = pattern is not None and kind == "solid" and _is_white(pattern.find(f"{S}fgColor"))
        plain.append(kind == "none" or solid)
    for number, style in enumerate(tree.iterfind(f"{S}cellXfs/{S}xf")):
        font, fill = integer(style.get("fontId")), integer(style.get("fillId"))
        if 0 <= font < len(fonts) and fonts[font] and (fill >= len(plain) or plain[fill]):
            yield number


def _is_white(colour: Any | None) -> bool:
    """By its value, or as the first colour of the theme, which is that of paper."""
    if colour is None or colour.get("tint") not in (None, "0"):
        return False
    return (colour.get("rgb") or "").upper()[-6:] == "FFFFFF" or colour.get("theme") == "0"


def is_on(mark: Any | None) -> bool:
    """Whether a mark of a font is there and switched on."""
    return mark is not None and mark.get("val", "1") in ("1", "true")
