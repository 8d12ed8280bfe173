"""Word documents, as Word shows them with all tracked changes accepted.

Headings are those that the author marked by style or outline level. Automatic numbers stand in
the text. Footnotes, endnotes and comments follow the paragraph or table that refers to them;
headers and footers stand at the end, each distinct text once; all of them are labelled.
"""

from io import BytesIO
from pathlib import Path
from typing import IO, Any

from lxml.etree import XMLSyntaxError

from app.errors import DocumentCorrupt, GroundkbError, Phrase
from ingest.parse.archive import open_archive
from ingest.parse.document import Builder, Content, Limits, one_line
from ingest.parse.embedded_pictures import Pictures
from ingest.parse.formulas import formula
from ingest.parse.grid import write_grid
from ingest.parse.labels import Kind, labelled, only_counts_pages
from ingest.parse.numerals import numeral
from ingest.parse.ooxml import M, Package, R, W, is_on
from ingest.parse.word_chunks import write_chunk
from ingest.parse.word_drawings import Drawings
from ingest.parse.word_numbers import Number, Numbering
from ingest.parse.word_styles import Styles
from ingest.parse.word_tables import read_table
from ingest.parse.word_text import Inline, Lines, NoteRef, references_of, visible

_MOST_CHUNKS = 200
_SPECIAL_NOTES = frozenset(("separator", "continuationSeparator", "continuationNotice"))


def parse_docx(path: Path | IO[bytes], name: str, limits: Limits) -> Content:
    """Headings, paragraphs, lists with their numbers, tables, text boxes, notes and comments."""
    with open_archive(path, name, limits) as archive:
        package = Package(archive, name)
        reader = _opened(package, name, limits)
        package.note_macros(reader.builder)
        title, metadata = package.properties()
        return reader.builder.finish(title=reader.title or title, metadata=metadata)


def _opened(package: Package, name: str, limits: Limits, *, chunk: bool = False) -> "_Reader":
    """A document that has been read. `chunk`: it stands in another one, whose headers are shown."""
    reader = _Reader(package, name, limits, is_chunk=chunk)
    body = package.required(reader.part).find(f"{W}body")
    if body is None:
        detail = Phrase("word_without_text")
        raise DocumentCorrupt(path=name, detail=detail)
    reader.document(body)
    return reader


class _Reader:
    def __init__(self, package: Package, name: str, limits: Limits, *, is_chunk: bool) -> None:
        self.builder = Builder()
        self._name, self._limits, self._is_chunk = name, limits, is_chunk
        self._chunks = 0
        part, pictures = package.main("word/document.xml"), Pictures(name, limits)
        self.title = ""
        self.part = part
        self._package = package
        self._drawings = Drawings(package, pictures)
        self.styles = Styles(self._tree("styles"))
        self._numbering = Numbering(self._tree("numbering"), self.styles)
        self._settings = self._tree("settings")
        self._notes: dict[tuple[NoteRef, str], Any] = {}
        self._note_parts: dict[NoteRef, str] = {}
        for kind in ("footnote", "endnote", "comment"):
            self._read_notes(kind)
        self._written: set[tuple[NoteRef, str]] = set()
        self._counts: dict[NoteRef, int] = {}
        self._sections: list[Any] = []
        self._title_open = True

    def document(self, body: Any) -> None:
        story = _Story(self, body, self.part)
        story.blocks(body, self.builder)
        # Those that a deletion took the reference of are gone; those that never had one are kept.
        referred = references_of(body)
        for kind, key in self._notes:
            if (kind, key) not in referred:
                self.note(kind, key)
        if not self._is_chunk:
            self._margins()

    def paragraph(self, story: "_Story", paragraphs: list[Any], into: Builder) -> Inline:
        """One paragraph, of several whose marks were deleted; with what hangs on it to be written."""
        line = story.lines.read(paragraphs)
        text = line.text()
        shown = [p for p in paragraphs if _has_text(p)] or paragraphs[-1:]
        properties = shown[0].find(f"{W}pPr")
        if line.hidden:
            self.builder.note("hidden", count=line.hidden)
        for piece in line.struck:
            self.builder.struck(piece)
        if not text.strip() and line.hidden and _hidden_mark(properties):
            return line
        number = self._numbering.of(properties)
        self._write(into, text, properties, number, story)
        return line

    def note(self, kind: NoteRef, key: str) -> None:
        """A footnote, endnote or comment, once."""
        element = self._notes.get((kind, key))
        if element is None or (kind, key) in self._written:
            return
        self._written.add((kind, key))
        inner = Builder()
        story = _Story(self, element, self._note_parts[kind])
        story.blocks(element, inner, aside=True)
        text = inner.finish().text.replace("\n\n", "\n")
        if not text:
            return
        if kind == "comment":
            which = one_line(element.get(f"{W}author") or "")
            which = f"({which})" if which else ""
        else:
            self._counts[kind] = self._counts.get(kind, 0) + 1
            which = numeral(self._counts[kind], self._form(kind))
        self.builder.paragraph(labelled(kind, text, which))
        story.flush(self.builder)

    def section(self, properties: Any) -> None:
        self._sections.append(properties)

    def drawing(self, drawing: Any, part: str, into: Builder) -> None:
        """A drawing, picture or object, with its text boxes."""
        for box in self._drawings.write(drawing, part, into):
            story = _Story(self, box, part)
            story.blocks(box, into, aside=True)
            story.flush(into)

    def chunk(self, element: Any, part: str, into: Builder) -> None:
        """A file that Word shows in place (w:altChunk)."""
        target = self._package.target(part, element.get(f"{R}id")) or ""
        data = self._package.data(target)
        self._chunks += 1
        if data is None or self._chunks > _MOST_CHUNKS or not write_chunk(data, into, self._inner):
            into.note("embedded_file", target)

    def _inner(self, data: bytes) -> Content | None:
        """A document within this one; None for a broken one, or one that lies deeper."""
        if self._is_chunk:
            return None
        try:
            with open_archive(BytesIO(data), self._name, self._limits) as archive:
                package = Package(archive, self._name)
                inner = _opened(package, self._name, self._limits, chunk=True)
        except (GroundkbError, XMLSyntaxError):
            return None
        return inner.builder.finish()

    def _write(
        self, into: Builder, text: str, properties: Any, number: Number | None, story: "_Story"
    ) -> None:
        """The paragraph's own text, as what its style makes it."""
        if not text.strip():
            return
        mark = number.text if number else ""
        numbered = f"{mark} {text}" if mark else text
        is_title = self.styles.is_title(properties)
        if is_title and self._title_open and into is self.builder:
            self.title = one_line(f"{self.title} {text}")
        elif self.title:
            self._title_open = False
        level = self.styles.heading(properties)
        if (level or is_title) and not story.aside:
            into.heading(numbered, level or 1)
        elif number and not level:
            into.list_item(text, number.level, mark or "-")
        else:
            into.paragraph(numbered)

    def _read_notes(self, kind: NoteRef) -> None:
        part = next(iter(self._package.related(self.part, f"{kind}s")), "")
        # Files are made whose parts no relation names.
        part = part or f"word/{kind}s.xml"
        self._note_parts[kind] = part
        tree = self._package.tree(part)
        for element in tree.findall(f"{W}{kind}") if tree is not None else ():
            if element.get(f"{W}type") not in _SPECIAL_NOTES:
                self._notes[kind, element.get(f"{W}id") or ""] = element

    def _form(self, kind: NoteRef) -> str:
        """The number format of notes."""
        found = None
        if self._settings is not None:
            found = self._settings.find(f"{W}{kind}Pr/{W}numFmt")
        usual = "decimal" if kind == "footnote" else "lowerRoman"
        return found.get(f"{W}val") or usual if found is not None else usual

    def _margins(self) -> None:
        """Headers and footers, each text once, those of first and even pages where they are used."""
        self.builder.leave_sections()
        even = self._settings is not None and is_on(
            self._settings.find(f"{W}evenAndOddHeaders"), f"{W}val"
        )
        known: set[tuple[str, str]] = set()
        margins: tuple[Kind, ...] = ("header", "footer")
        for kind in margins:
            for section in self._sections:
                used = {
                    "default": True,
                    "even": even,
                    "first": is_on(section.find(f"{W}titlePg"), f"{W}val"),
                }
                for reference in section.findall(f"{W}{kind}Reference"):
                    part = self._package.target(self.part, reference.get(f"{R}id")) or ""
                    story = reference.get(f"{W}type") or "default"
                    self._margin(kind, part, used.get(story, True), known)

    def _margin(self, kind: Kind, part: str, used: bool, known: set[tuple[str, str]]) -> None:
        tree = self._package.tree(part)
        if tree is None or ("part", part) in known:
            return
        inner = Builder()
        story = _Story(self, tree, part, margins=True)
        story.blocks(tree, inner, aside=True)
        story.flush(inner)
        lines = [line for line in inner.finish().text.split("\n") if not only_counts_pages(line)]
        text = "\n".join(lines)
        if not used:
            if text:
                self.builder.note("hidden", part)
            return
        known.add(("part", part))
        if text and (kind, text) not in known:
            known.add((kind, text))
            self.builder.paragraph(labelled(kind, text))
        for note in inner.finish().notes:
            self.builder.note(note.kind, note.detail, note.count)

    def _tree(self, kind: str) -> Any | None:
        part = next(iter(self._package.related(self.part, kind)), f"word/{kind}.xml")
        return self._package.tree(part)


class _Story:
    """One run of text with fields of its own: the body, a note, a text box, a header."""

    def __init__(self, reader: _Reader, root: Any, part: str, *, margins: bool = False) -> None:
        self._reader = reader
        self._part = part
        self.lines = Lines(root, reader.styles, margins=margins)
        self.aside = False
        self._hanging: list[Inline] = []

    def blocks(
        self, container: Any, into: Builder, *, aside: bool = False, nested: bool = False
    ) -> None:
        """All blocks of a container. `aside`: its headings divide nothing. `nested`: it is a cell."""
        self.aside = aside
        waiting: list[Any] = []
        for child in visible(container):
            if child.tag == f"{W}p":
                waiting.append(child)
                section = child.find(f"{W}pPr/{W}sectPr")
                if section is not None:
                    self._reader.section(section)
                if _runs_on(child):
                    continue
                self._paragraph(waiting, into, nested)
                waiting = []
                continue
            if waiting:
                self._paragraph(waiting, into, nested)
                waiting = []
            if child.tag == f"{W}tbl":
                self._table(child, into, nested)
            elif child.tag in (f"{M}oMathPara", f"{M}oMath"):
                into.paragraph(formula(child))
            elif child.tag == f"{W}altChunk":
                self._reader.chunk(child, self._part, into)
            elif child.tag == f"{W}sectPr":
                self._reader.section(child)
        if waiting:
            self._paragraph(waiting, into, nested)

    def flush(self, into: Builder) -> None:
        """Write what hangs on the paragraphs so far."""
        hanging, self._hanging = self._hanging, []
        for line in hanging:
            for drawing in line.drawn:
                self._reader.drawing(drawing, self._part, into)
            for kind, key in line.references:
                self._reader.note(kind, key)

    def _paragraph(self, paragraphs: list[Any], into: Builder, nested: bool) -> None:
        line = self._reader.paragraph(self, paragraphs, into)
        if line.drawn or line.references:
            self._hanging.append(line)
            if not nested and into is self._reader.builder:
                self.flush(into)

    def _table(self, table: Any, into: Builder, nested: bool) -> None:
        read = read_table(table)
        if read.hidden:
            self._reader.builder.note("hidden", count=read.hidden)
        if read.is_layout(self._reader.styles):
            for cell in (cell for row in read.rows for cell in row):
                if cell.merge != "continue" and cell.element is not None:
                    self.blocks(cell.element, into, aside=self.aside, nested=nested)
        else:
            write_grid(into, read.grid(self._text), max(read.named, 1))
        if not nested and into is self._reader.builder:
            self.flush(into)

    def _text(self, cell: Any) -> str:
        inner = Builder()
        aside = self.aside
        self.blocks(cell, inner, aside=True, nested=True)
        self.aside = aside
        return one_line(inner.finish().text)


def _runs_on(paragraph: Any) -> bool:
    """Whether the paragraph's own mark is deleted, or it is a drop cap: the next one goes on."""
    properties = paragraph.find(f"{W}pPr")
    if properties is None:
        return False
    frame = properties.find(f"{W}framePr")
    if frame is not None and frame.get(f"{W}dropCap") in ("drop", "margin"):
        return True
    mark = properties.find(f"{W}rPr")
    return mark is not None and any(
        mark.find(f"{W}{name}") is not None for name in ("del", "moveFrom")
    )


def _has_text(paragraph: Any) -> bool:
    for child in visible(paragraph):
        if child.tag == f"{W}r" and any(
            part.tag != f"{W}t" or part.text for part in visible(child) if part.tag != f"{W}rPr"
        ):
            return True
    return False


def _hidden_mark(properties: Any | None) -> bool:
    hidden = properties.find(f"{W}rPr/{W}vanish") if properties is not None else None
    return is_on(hidden, f"{W}val")
