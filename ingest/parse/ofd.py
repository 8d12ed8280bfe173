"""OFD (GB/T 33190), in which Chinese offices publish and invoices are issued: text with page numbers.

A page is placed text and lines, as in a PDF; so its lines are composed by the same rules.
"""

from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from posixpath import normpath
from typing import Any, Final

from app.errors import DocumentCorrupt, DocumentEncrypted, DocumentTooLarge, Phrase
from ingest.parse.archive import Archive, open_archive
from ingest.parse.document import Builder, Content, Limits, one_line
from ingest.parse.embedded_pictures import Pictures
from ingest.parse.odf import read_part
from ingest.parse.ofd_page import POINTS, Page, box_of, lines_of, place
from ingest.parse.page_lines import Line
from ingest.parse.pdf_columns import in_reading_order, with_reach
from ingest.parse.pdf_layout import compose
from ingest.parse.running_titles import without_running_titles, write_said

_PAGE: Final = (0.0, 0.0, 210.0, 297.0)
_PROPERTIES: Final = (("Author", "author"), ("Subject", "subject"))


def parse_ofd(path: Path, name: str, limits: Limits) -> Content:
    """Raises DocumentCorrupt, DocumentEncrypted, DocumentTooLarge."""
    with open_archive(path, name, limits) as archive:
        root = read_part(archive, "OFD.xml")
        if "Encryptions.xml" in archive:
            raise DocumentEncrypted(path=name)
        if root is None:
            raise DocumentCorrupt(path=name, detail=Phrase("zip_without", member="OFD.xml"))
        reader = _Reader(archive, Pictures(name, limits))
        bodies = [_Body(archive, body) for body in root.iterfind("{*}DocBody")]
        count = sum(len(body.pages) for body in bodies)
        if count > limits.max_pages:
            detail = Phrase("pages", count=count, limit=limits.max_pages)
            raise DocumentTooLarge(path=name, detail=detail)
        for body in bodies:
            reader.body(body)
        return reader.finish(bodies[0] if bodies else None)


class _Body:
    """A document of the file, with what its pages share."""

    def __init__(self, archive: Archive, element: Any) -> None:
        self.archive = archive
        self.info = element.find("{*}DocInfo")
        self.part = _placed("", element.findtext("{*}DocRoot") or "")
        tree = read_part(archive, self.part)
        self.pages: list[str] = []
        self.templates: dict[str, str] = {}
        self.media: dict[str, str] = {}
        self.bold: set[str] = set()
        self.box = _PAGE
        self.attached = ""
        if tree is None:
            return
        self.pages = [
            _placed(self.part, page.get("BaseLoc") or "")
            for page in tree.iterfind("{*}Pages/{*}Page")
        ]
        self.attached = _placed(self.part, tree.findtext("{*}Attachments") or "")
        self.box = box_of(tree.findtext("{*}CommonData/{*}PageArea/{*}PhysicalBox"), _PAGE)
        for template in tree.iterfind("{*}CommonData/{*}TemplatePage"):
            key = template.get("ID") or ""
            self.templates[key] = _placed(self.part, template.get("BaseLoc") or "")
        for kind in ("PublicRes", "DocumentRes"):
            for found in tree.iterfind(f"{{*}}CommonData/{{*}}{kind}"):
                self._resources(_placed(self.part, found.text or ""))

    def _resources(self, part: str) -> None:
        tree = read_part(self.archive, part)
        if tree is None:
            return
        base = _placed(part, f"{tree.get('BaseLoc') or '.'}/x")
        for media in tree.iter("{*}MultiMedia"):
            file = media.findtext("{*}MediaFile") or ""
            self.media[media.get("ID") or ""] = _placed(base, file)
        self.bold |= {f.get("ID") or "" for f in tree.iter("{*}Font") if f.get("Bold") == "true"}


class _Reader:
    def __init__(self, archive: Archive, pictures: Pictures) -> None:
        self._archive = archive
        self._pictures = pictures
        self._builder = Builder()
        self._lines: list[Line] = []
        self._asides: dict[int, list[str]] = defaultdict(list)
        self._count = 0

    def body(self, body: _Body) -> None:
        templates = {key: read_part(self._archive, part) for key, part in body.templates.items()}
        for part in body.pages:
            self._count += 1
            tree = read_part(self._archive, part)
            if tree is not None:
                self._page(body, tree, templates)
        attached = read_part(self._archive, body.attached) if body.attached else None
        for file in attached.iter("{*}Attachment") if attached is not None else ():
            self._builder.note("embedded_file", file.get("Name") or "")

    def finish(self, first: _Body | None) -> Content:
        """`first`: the document whose properties are the file's."""
        lines, said = without_running_titles(self._lines)
        compose(self._builder, lines, self._asides)
        write_said(self._builder, said)
        info = first.info if first is not None else None
        told = (
            {key: one_line(info.findtext(f"{{*}}{of}") or "") for of, key in _PROPERTIES}
            if info is not None
            else {}
        )
        title = info.findtext("{*}Title") or "" if info is not None else ""
        return self._builder.finish(
            title=title, metadata={key: text for key, text in told.items() if text}
        )

    def _page(self, body: _Body, tree: Any, templates: Mapping[str, Any]) -> None:
        box = box_of(tree.findtext("{*}Area/{*}PhysicalBox"), body.box)
        page = Page(self._count, box[3] * POINTS)
        for template in tree.iterfind("{*}Template"):
            behind = templates.get(template.get("TemplateID") or "")
            if behind is not None:
                place(behind, page, body.bold, body.media)
        place(tree, page, body.bold, body.media)
        self._lines += with_reach(in_reading_order(list(lines_of(page))))
        if page.hidden:
            self._builder.note("hidden", str(page.number), page.hidden)
        for part in page.pictures:
            inner = Builder()
            data = self._archive.read(part) if part in self._archive else None
            self._pictures.write(inner, part, data)
            read = inner.finish()
            self._asides[page.number] += [read.text] if read.text else []
            for note in read.notes:
                self._builder.note(note.kind, note.detail, note.count)


def _placed(part: str, place: str) -> str:
    """The member that a place leads to, named in the part `part`."""
    if not place:
        return ""
    base = "" if place.startswith("/") else str(PurePosixPath(part).parent)
    return normpath(f"{base}/{place}").lstrip("/").removeprefix("./")
