"""OpenDocument presentations (ODF 1.3): each slide with its title, texts, tables and notes."""

from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, Final

import regex

from ingest.parse.archive import open_archive
from ingest.parse.document import Builder, Content, Limits, one_line
from ingest.parse.embedded_pictures import Pictures
from ingest.parse.labels import labelled
from ingest.parse.odf import DRAW, OFFICE, TEXT, Styles, finished, open_body
from ingest.parse.odt import Reader

_PRESENTATION: Final = "{urn:oasis:names:tc:opendocument:xmlns:presentation:1.0}"
_SVG: Final = "{urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0}"
_LENGTH: Final = regex.compile(r"(-?[\d.]+)(cm|mm|in|pt)?")
_UNITS: Final = {"cm": 1.0, "mm": 0.1, "in": 2.54, "pt": 2.54 / 72}
_MARGINS: Final = frozenset(("header", "footer", "date-time", "page-number"))


def parse_odp(path: Path | IO[bytes], name: str, limits: Limits) -> Content:
    """Slides are pages; hidden ones are left out and noted."""
    with open_archive(path, name, limits) as archive:
        opened = open_body(archive, name, "presentation")
        styles = Styles(opened.content, opened.styles)
        reader = Reader(archive, styles, Pictures(name, limits))
        for number, page in enumerate(opened.body.iterchildren(f"{DRAW}page"), 1):
            own = page.get(f"{DRAW}style-name")
            hiding = f"{_PRESENTATION}visibility"
            if styles.says(own, "drawing-page-properties", hiding) == "hidden":
                reader.builder.note("hidden", _title(page) or str(number))
                continue
            _write(reader, page, number)
        return finished(archive, reader.builder, "")


def _write(reader: Reader, page: Any, number: int) -> None:
    builder: Builder = reader.builder
    builder.page = number
    builder.leave_sections()
    builder.heading(_title(page), 1)
    for shape in sorted(_shapes(page), key=_place):
        if shape.get(f"{_PRESENTATION}class") in ("title", *_MARGINS):
            continue
        if shape.tag == f"{DRAW}frame":
            reader.frame(shape, builder)
        else:
            reader.blocks(shape, builder)
    for notes in page.iterchildren(f"{_PRESENTATION}notes"):
        inner = Builder()
        for shape in _shapes(notes):
            if shape.get(f"{_PRESENTATION}class") == "notes":
                reader.frame(shape, inner)
        if text := inner.finish().text.strip():
            builder.paragraph(labelled("notes", text))
    for comment in page.iterchildren(f"{OFFICE}annotation"):
        if text := reader.inner(comment):
            builder.paragraph(labelled("comment", text))


def _shapes(element: Any) -> Iterator[Any]:
    """What can hold text, also within groups."""
    for child in element:
        if child.tag == f"{DRAW}g":
            yield from _shapes(child)
        elif child.tag == f"{DRAW}frame" or (
            isinstance(child.tag, str)
            and child.tag.startswith(DRAW)
            and child.find(f"{TEXT}p") is not None
        ):
            yield child


def _title(page: Any) -> str:
    for frame in page.iter(f"{DRAW}frame"):
        if frame.get(f"{_PRESENTATION}class") == "title":
            return one_line(" ".join("".join(p.itertext()) for p in frame.iter(f"{TEXT}p")))
    return ""


def _place(shape: Any) -> tuple[float, float]:
    """From the top, then from the left."""
    return _length(shape.get(f"{_SVG}y")), _length(shape.get(f"{_SVG}x"))


def _length(text: str | None) -> float:
    found = _LENGTH.match(text or "")
    try:
        return float(found.group(1)) * _UNITS.get(found.group(2) or "cm", 1.0) if found else 0.0
    except ValueError:
        return 0.0
