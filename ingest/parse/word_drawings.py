"""Drawings of Word documents: DrawingML, VML and embedded objects."""

from collections.abc import Iterator
from typing import Any

from ingest.parse.document import Builder
from ingest.parse.drawings import write_chart, write_smart_art
from ingest.parse.embedded_pictures import Pictures
from ingest.parse.labels import labelled
from ingest.parse.ooxml import A, C, Package, R, W
from ingest.parse.word_text import visible

_WP = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}"
_PIC = "{http://schemas.openxmlformats.org/drawingml/2006/picture}"
_DGM = "{http://schemas.openxmlformats.org/drawingml/2006/diagram}"
_V = "{urn:schemas-microsoft-com:vml}"
_O = "{urn:schemas-microsoft-com:office:office}"
_TEXT_BOX = f"{W}txbxContent"


class Drawings:
    """Writes what a document's drawings hold, but for their text boxes."""

    def __init__(self, package: Package, pictures: Pictures) -> None:
        self._package = package
        self._pictures = pictures

    def write(self, drawing: Any, part: str, into: Builder) -> Iterator[Any]:
        """Yields the text boxes, in order, for the caller to write at that place.

        `drawing`: a w:drawing, w:pict or w:object of `part`.
        """
        if drawing.tag == f"{W}object":
            self._object(drawing, part, into)
            return
        described = drawing.find(f".//{_WP}docPr")
        if described is not None and described.get("hidden") in ("1", "true"):
            into.note("hidden")
            return
        description = described.get("descr") or "" if described is not None else ""
        for found in _drawn(drawing):
            if found.tag == _TEXT_BOX:
                yield found
            else:
                self._one(found, part, description, into)

    def _one(self, found: Any, part: str, description: str, into: Builder) -> None:
        if found.tag == f"{_V}textpath":
            into.paragraph(found.get("string") or "")
        elif found.tag == f"{C}chart":
            if description:
                into.paragraph(labelled("picture", description))
            write_chart(into, self._package, self._package.target(part, found.get(f"{R}id")))
        elif found.tag == f"{_DGM}relIds":
            target = self._package.target(part, found.get(f"{R}dm"))
            if not write_smart_art(into, self._package, target):
                into.note("picture", target or "")
        elif found.tag.endswith("}chart"):
            into.note("chart", description)
        else:
            self._picture(found, part, description, into)

    def _picture(self, found: Any, part: str, description: str, into: Builder) -> None:
        if found.tag == f"{A}blip":
            own = found.getparent().getparent().find(f"{_PIC}nvPicPr/{_PIC}cNvPr")
            alone = own.get("descr") or "" if own is not None else ""
            target = self._package.target(part, found.get(f"{R}embed"))
            description = alone or description
        else:
            target = self._package.target(part, found.get(f"{R}id"))
            description = found.getparent().get("alt") or description
        data = self._package.data(target) if target else None
        self._pictures.write(into, target or "", data, description)

    def _object(self, element: Any, part: str, into: Builder) -> None:
        for embedded in element.iter(f"{_O}OLEObject"):
            target = self._package.target(part, embedded.get(f"{R}id")) or ""
            into.note("embedded_file", f"{embedded.get('ProgID') or ''} {target}")


def _drawn(drawing: Any) -> list[Any]:
    """Text boxes, pictures, charts and diagrams of a drawing; not what stands in its text boxes."""
    ends = (_TEXT_BOX, f"{A}blip", f"{_DGM}relIds", f"{_V}imagedata", f"{_V}textpath")
    found: list[Any] = []
    for child in visible(drawing):
        if not isinstance(child.tag, str):
            continue
        if child.tag in ends or child.tag.endswith("}chart"):
            found.append(child)
        else:
            found += _drawn(child)
    return found
