"""OpenDocument texts (ODF 1.3), as a writer shows them with all changes accepted.

Notes and comments follow the paragraph or table that holds them; headers and footers stand at
the end, each text once; all of them are labelled. Hidden text is left out and noted.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from ingest.parse.archive import Archive, open_archive
from ingest.parse.document import Builder, Content, Limits, one_line
from ingest.parse.embedded_pictures import Pictures
from ingest.parse.grid import Grid, write_grid
from ingest.parse.labels import Kind, labelled, only_counts_pages
from ingest.parse.odf import (
    DRAW,
    OFFICE,
    STYLE,
    TABLE,
    TEXT,
    Styles,
    finished,
    open_body,
    read_part,
)
from ingest.parse.odt_lists import Lists
from ingest.parse.ooxml import integer

_DC = "{http://purl.org/dc/elements/1.1/}"
_SVG = "{urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0}"
_HREF = "{http://www.w3.org/1999/xlink}href"
_MOST_REPEATED = 100
_ROWS = (f"{TABLE}table-header-rows", f"{TABLE}table-rows", f"{TABLE}table-row-group")
_CONTAINERS = frozenset(
    f"{TEXT}{name}"
    for name in (
        "section", "index-body", "table-of-content", "illustration-index", "table-index",
        "object-index", "user-index", "alphabetical-index", "bibliography", "index-title",
    )
)  # fmt: skip
_COUNTS = frozenset(f"{TEXT}{name}" for name in ("page-number", "page-count"))


def parse_odt(path: Path | IO[bytes], name: str, limits: Limits) -> Content:
    """Headings by outline level, paragraphs, lists with their numbers, tables, notes, comments."""
    with open_archive(path, name, limits) as archive:
        opened = open_body(archive, name, "text")
        styles = Styles(opened.content, opened.styles)
        reader = Reader(archive, styles, Pictures(name, limits))
        reader.blocks(opened.body, reader.builder)
        reader.margins(opened.styles)
        return finished(archive, reader.builder, reader.title)


class Reader:
    """Paragraphs, lists, tables and frames of any OpenDocument, to blocks."""

    def __init__(self, archive: Archive, styles: Styles, pictures: Pictures) -> None:
        self.builder = Builder()
        self.title = ""
        self._archive = archive
        self._styles = styles
        self._lists = Lists(styles)
        self._pictures = pictures
        self._hanging: list[Any] = []  # notes, comments and frames, in order
        self._counts = {"footnote": 0, "endnote": 0}

    def blocks(self, container: Any, into: Builder) -> None:
        for child in container:
            tag = child.tag
            if tag == f"{TEXT}h":
                self._heading(child, into)
            elif tag == f"{TEXT}p":
                self._paragraph(child, into)
            elif tag == f"{TEXT}list":
                self._list(child, into, 1, "")
            elif tag == f"{TABLE}table":
                self._table(child, into)
            elif tag in _CONTAINERS:
                if child.get(f"{TEXT}display") == "none":
                    self.builder.note("hidden", child.get(f"{TEXT}name") or "")
                else:
                    self.blocks(child, into)
            elif tag == f"{DRAW}frame":
                self._hanging.append(child)
            self._flush(into)

    def strikes(self, style: str | None) -> bool:
        """Whether a style of this name draws a line through text."""
        return bool(self._styles.strikes(style))

    def margins(self, styles: Any | None) -> None:
        """Headers and footers of the page styles, each text once."""
        self.builder.leave_sections()
        known: set[str] = set()
        kinds: tuple[Kind, ...] = ("header", "footer")
        for kind in kinds:
            tags = [f"{STYLE}{kind}{suffix}" for suffix in ("", "-first", "-left")]
            for margin in styles.iter(*tags) if styles is not None else ():
                if margin.get(f"{STYLE}display") == "false":
                    continue
                inner = Builder()
                for counted in list(margin.iter(*_COUNTS)):
                    counted.text = ""
                self.blocks(margin, inner)
                lines = inner.finish().text.split("\n")
                text = "\n".join(line for line in lines if not only_counts_pages(line))
                if text and kind + text not in known:
                    known.add(kind + text)
                    self.builder.paragraph(labelled(kind, text))

    def _heading(self, element: Any, into: Builder) -> None:
        level = max(integer(element.get(f"{TEXT}outline-level"), 1), 1)
        text = self.line(element)
        number = self._lists.heading(element, level)
        if text.strip():
            into.heading(f"{number} {text}" if number else text, level)

    def _paragraph(self, element: Any, into: Builder) -> None:
        text = self.line(element)
        if not self.title and self._styles.is_title(element.get(f"{TEXT}style-name")):
            self.title = one_line(text)
            into.heading(text, 1)
        else:
            into.paragraph(text)

    def _list(self, element: Any, into: Builder, level: int, style: str) -> None:
        style = element.get(f"{TEXT}style-name") or style
        self._lists.begin(element, style, level)
        for item in element:
            if item.tag not in (f"{TEXT}list-item", f"{TEXT}list-header"):
                continue
            mark: str | None = None
            if item.tag == f"{TEXT}list-item" and any(c.tag != f"{TEXT}list" for c in item):
                mark = self._lists.next(item, style, level)
            for child in item:
                if child.tag == f"{TEXT}list":
                    self._list(child, into, level + 1, style)
                elif child.tag == f"{TEXT}h":
                    text = self.line(child)
                    into.heading(
                        f"{mark} {text}" if mark else text,
                        integer(child.get(f"{TEXT}outline-level"), 1),
                    )
                    mark = None
                elif child.tag == f"{TEXT}p" and mark is not None:
                    into.list_item(self.line(child), level, mark or "-")
                    mark = None
                elif child.tag == f"{TEXT}p":
                    into.paragraph(self.line(child))
                self._flush(into)

    def _table(self, table: Any, into: Builder) -> None:
        rows: list[list[str]] = []
        across: set[tuple[int, int]] = set()
        pending: dict[int, tuple[int, str]] = {}  # column: rows left of a cell merged over rows
        named = 0
        for row, is_header in _table_rows(table, header=False):
            cells: list[str] = []
            for cell in row:
                self._cell(cell, cells, len(rows), across, pending)
            while cells and not cells[-1].strip():
                cells.pop()  # sheets are filled up with empty cells to their full width
            if any(cells):
                named += is_header
                rows.append(cells)
        write_grid(into, Grid(rows, across), max(named, 1))

    def _cell(
        self,
        cell: Any,
        cells: list[str],
        row: int,
        across: set[tuple[int, int]],
        pending: dict[int, tuple[int, str]],
    ) -> None:
        repeated = min(
            max(integer(cell.get(f"{TABLE}number-columns-repeated"), 1), 1), _MOST_REPEATED
        )
        if cell.tag == f"{TABLE}covered-table-cell":
            for _ in range(repeated):
                column = len(cells)
                left, text = pending.get(column, (0, ""))
                if left:
                    pending[column] = (left - 1, text)
                    cells.append(text)
                else:
                    cells.append(cells[-1] if cells else "")
                    across.add((row, column))
            return
        inner = Builder()
        hanging, self._hanging = self._hanging, []
        self._cell_blocks(cell, inner)
        self._hanging = hanging + self._hanging
        text = one_line(inner.finish().text)
        down = integer(cell.get(f"{TABLE}number-rows-spanned"), 1)
        wide = min(max(integer(cell.get(f"{TABLE}number-columns-spanned"), 1), 1), _MOST_REPEATED)
        for offset in range(wide if down > 1 else 1):
            pending[len(cells) + offset] = (down - 1, text)
        cells += [text] * repeated

    def _cell_blocks(self, cell: Any, inner: Builder) -> None:
        """What hangs on the text of cells waits for the end of the table."""
        for child in cell:
            if child.tag in (f"{TEXT}p", f"{TEXT}h"):
                inner.paragraph(self.line(child))
            elif child.tag == f"{TABLE}table":
                for row, _ in _table_rows(child, header=False):
                    for nested in row:
                        self._cell_blocks(nested, inner)
            elif child.tag in (f"{TEXT}list", f"{TEXT}list-item", f"{TEXT}section"):
                self._cell_blocks(child, inner)

    def _flush(self, into: Builder) -> None:
        hanging, self._hanging = self._hanging, []
        for element in hanging:
            if element.tag == f"{TEXT}note":
                self._note(element, into)
            elif element.tag == f"{OFFICE}annotation":
                author = one_line(element.findtext(f"{_DC}creator") or "")
                text = self.inner(element)
                into.paragraph(
                    labelled("comment", text, f"({author})" if author else "") if text else ""
                )
            else:
                self.frame(element, into)

    def _note(self, note: Any, into: Builder) -> None:
        kind: Kind = "endnote" if note.get(f"{TEXT}note-class") == "endnote" else "footnote"
        self._counts[kind] += 1
        body = note.find(f"{TEXT}note-body")
        mark = one_line(note.findtext(f"{TEXT}note-citation") or "") or str(self._counts[kind])
        text = self.inner(body) if body is not None else ""
        if text:
            into.paragraph(labelled(kind, text, mark))
        self._flush(into)

    def inner(self, element: Any) -> str:
        inner = Builder()
        for child in element:
            if child.tag == f"{TEXT}p":
                inner.paragraph(self.line(child))
            elif child.tag == f"{TEXT}list":
                self._list(child, inner, 1, "")
        return inner.finish().text.replace("\n\n", "\n")

    def frame(self, frame: Any, into: Builder) -> None:
        description = frame.findtext(f"{_SVG}desc") or frame.findtext(f"{_SVG}title") or ""
        for child in frame:
            if child.tag == f"{DRAW}text-box":
                self.blocks(child, into)
                return
            if child.tag == f"{TABLE}table":
                self._table(child, into)
                return
            if child.tag in (f"{DRAW}object", f"{DRAW}object-ole"):
                self._object((child.get(_HREF) or "").removeprefix("./"), into)
                return
            if child.tag == f"{DRAW}image":
                target = (child.get(_HREF) or "").removeprefix("./")
                data = self._archive.read(target) if target in self._archive else None
                self._pictures.write(into, target, data, description)
                return

    def _object(self, target: str, into: Builder) -> None:
        """A formula gives the words it was written in; a chart and others are noted."""
        tree = read_part(self._archive, f"{target}/content.xml")
        root = tree.tag.rpartition("}")[2] if tree is not None else ""
        written = tree.findtext(".//{*}annotation") if tree is not None and root == "math" else None
        if written:
            into.paragraph(written)
        elif tree is not None and tree.find(f".//{OFFICE}chart") is not None:
            into.note("chart", target)
        else:
            into.note("embedded_file", target)

    def line(self, element: Any) -> str:
        """Text of a paragraph; what hangs on it is put aside. Hidden text is left out, and so is what
        a line is drawn through."""
        struck: list[str] = []
        text = self._line(element, struck, crossed_out=False)
        self.builder.struck("".join(struck))
        return text

    def _line(self, element: Any, struck: list[str], *, crossed_out: bool) -> str:
        name = element.get(f"{TEXT}style-name")
        if self._styles.hides(name):
            self.builder.note("hidden")
            return ""
        said = self._styles.strikes(name)
        crossed_out = crossed_out if said is None else said
        parts: list[str] = []
        into = struck if crossed_out else parts
        into.append(element.text or "")
        for child in element:
            if space := _space(child):
                into.append(space)
            else:
                parts.append(self._piece(child, struck, crossed_out))
            into.append(child.tail or "")
        if crossed_out:
            struck.append(" ")
        return "".join(parts)

    def _piece(self, child: Any, struck: list[str], crossed_out: bool) -> str:
        tag = child.tag
        if tag in (f"{TEXT}note", f"{OFFICE}annotation", f"{DRAW}frame"):
            self._hanging.append(child)
            return ""
        if (
            tag in (f"{TEXT}hidden-text", f"{TEXT}hidden-paragraph")
            and child.get(f"{TEXT}is-hidden") == "true"
        ):
            self.builder.note("hidden")
            return ""
        if tag == f"{TEXT}ruby":
            base, above = child.find(f"{TEXT}ruby-base"), child.findtext(f"{TEXT}ruby-text") or ""
            text = self._line(base, struck, crossed_out=crossed_out) if base is not None else ""
            return f"{text}（{above}）" if above and text else text
        if not isinstance(tag, str) or tag in (f"{TEXT}tracked-changes", f"{OFFICE}annotation-end"):
            return ""
        return self._line(child, struck, crossed_out=crossed_out)


def _space(child: Any) -> str:
    """The spaces, tab or line break that an element stands for."""
    if child.tag == f"{TEXT}s":
        return " " * min(max(integer(child.get(f"{TEXT}c"), 1), 1), 100)
    return {f"{TEXT}tab": "\t", f"{TEXT}line-break": "\n"}.get(child.tag, "")


def _table_rows(table: Any, *, header: bool) -> Iterator[tuple[Any, bool]]:
    """The rows' cells, and whether the row is marked as a header; rows in groups too."""
    for child in table:
        if child.tag == f"{TABLE}table-row":
            if child.get(f"{TABLE}visibility") not in ("collapse", "filter"):
                yield (
                    [c for c in child if isinstance(c.tag, str) and c.tag.endswith("table-cell")],
                    header,
                )
        elif child.tag in _ROWS:
            yield from _table_rows(child, header=header or child.tag == _ROWS[0])
