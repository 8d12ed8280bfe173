"""Excel workbooks, as Excel shows them.

A sheet is a heading. Values stand as their number formats show them, merged cells in each row
that they cover. What is hidden (sheets, rows, columns, cells) is left out and noted; comments
follow the table that holds their cell.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path, PurePath
from typing import IO, Any

import regex

from ingest.parse.archive import open_archive
from ingest.parse.document import Builder, Content, Limits, one_line
from ingest.parse.drawings import chart_title, drawn_text, write_smart_art
from ingest.parse.embedded_pictures import Pictures
from ingest.parse.grid import Place
from ingest.parse.labels import labelled, only_counts_pages
from ingest.parse.ooxml import MC, A, C, Package, R, S, alternative, integer, read_xml
from ingest.parse.sheet_cells import Book, Cells, address, letters, read_cells
from ingest.parse.sheet_tables import Sheet, write_sheet

_XDR = "{http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing}"
_SHAPES = frozenset(f"{_XDR}{name}" for name in ("sp", "pic", "graphicFrame"))
_DGM = "{http://schemas.openxmlformats.org/drawingml/2006/diagram}"
_THREADED = "{http://schemas.microsoft.com/office/spreadsheetml/2018/threadedcomments}"
_CODES = regex.compile(r'&(?:"[^"]*"|K[0-9A-F]{6}|K\d\d[+-]\d{3}|\d{1,3}|[BIUESXYOH])', regex.I)
_FIELDS = regex.compile(r"&(?:[PNDTZFAG](?:[+-]\d+)?|\[[^\]]*\])")
_SECTIONS = regex.compile(r"&[LCR]")
# Names that programs give: no title for the document.
_UNNAMED = regex.compile(
    r"(?:sheet|table|tabelle|feuil|hoja|foglio|工作表|表格?)\s*\d*", regex.IGNORECASE
)
_MOST_HIDDEN_NOTES = 20
_BOXES = frozenset(("CheckBox", "Radio"))
_UNTICKED = frozenset(("", "0", "false", "Unchecked"))


def parse_xlsx(path: Path | IO[bytes], name: str, limits: Limits) -> Content:
    """Sheets in order; text boxes, pictures and charts at the end of their sheet."""
    with open_archive(path, name, limits) as archive:
        package = Package(archive, name)
        part = package.main("xl/workbook.xml")
        workbook = package.required(part)
        reader = _Reader(package, Book.read(package, part, workbook), Pictures(name, limits))
        for sheet in workbook.iterfind(f"{S}sheets/{S}sheet"):
            title = sheet.get("name") or ""
            if sheet.get("state", "visible") != "visible":
                reader.builder.note("hidden", title)
                continue
            reader.sheet(title, package.target(part, sheet.get(f"{R}id")) or "")
        package.note_macros(reader.builder)
        title, metadata = package.properties()
        first = workbook.find(f"{S}sheets/{S}sheet")
        if first is not None and _UNNAMED.fullmatch(first.get("name") or ""):
            title = title or PurePath(name).stem
        return reader.builder.finish(title=title, metadata=metadata)


class _Reader:
    def __init__(self, package: Package, book: Book, pictures: Pictures) -> None:
        self.builder = Builder()
        self._package = package
        self._book = book
        self._pictures = pictures

    def sheet(self, title: str, part: str) -> None:
        data = self._package.data(part)
        if data is None:
            return
        self.builder.heading(title, 1)
        if "worksheet" not in part and read_xml(data).tag == f"{S}chartsheet":
            self._drawings(part)
            return
        cells = read_cells(data, self._book)
        comments = dict(self._comments(part))
        values = dict(cells.rows)
        self._note_hidden(title, cells)
        for (row, column), text in cells.struck.items():
            if row not in cells.hidden_rows and column not in cells.hidden_columns:
                self.builder.struck(text)
        if cells.unfinished:
            self.builder.note("cut", title)
        if cells.without_value:
            self.builder.note("formula", title, cells.without_value)
        rows = [
            (number, shown)
            for number, row in cells.rows
            if number not in cells.hidden_rows
            and (shown := {c: t for c, t in row.items() if c not in cells.hidden_columns})
        ]
        headers = cells.headers | self._table_headers(part)

        waiting = sorted(comments, reverse=True)

        def after(last: int) -> None:
            while waiting and waiting[-1][0] <= last:
                place = waiting.pop()
                self._comment(place, comments[place], cells, values)

        sheet = Sheet(
            rows, cells.across, headers, cells.bold, cells.hidden_rows, cells.hidden_columns
        )
        write_sheet(self.builder, sheet, after)
        after(2**31)
        for (row, column), picture in sorted(cells.pictures.items(), key=lambda item: item[0]):
            if row not in cells.hidden_rows and column not in cells.hidden_columns:
                data = self._package.data(picture.part) if picture.part else None
                where = picture.part or f"{title}!{letters(column)}{row + 1}"
                self._pictures.write(self.builder, where, data)
        self._drawings(part)
        for kind, text in cells.margins.items():
            self._margin("header" if "Header" in kind else "footer", text)

    def _note_hidden(self, title: str, cells: Cells) -> None:
        """One note for each run of hidden rows or columns that hold something."""
        rows = [n for n, row in cells.rows if n in cells.hidden_rows and row]
        columns = sorted({c for _, row in cells.rows for c in row} & cells.hidden_columns)
        runs = [(f"{title}!{a + 1}:{b + 1}", b - a + 1) for a, b in _runs(rows)]
        runs += [(f"{title}!{letters(a)}:{letters(b)}", b - a + 1) for a, b in _runs(columns)]
        if len(runs) > _MOST_HIDDEN_NOTES:
            runs = [(title, sum(count for _, count in runs))]
        if cells.hidden_cells:
            runs.append((title, cells.hidden_cells))
        for detail, count in runs:
            self.builder.note("hidden", detail, count)

    def _comments(self, part: str) -> Iterator[tuple[Place, str]]:
        """By the place of their cell; a thread of comments as its lines."""
        people = self._people()
        threads: dict[str, list[str]] = {}
        for target in self._package.related(part, "threadedComment"):
            tree = self._package.tree(target)
            for comment in tree.iter(f"{_THREADED}threadedComment") if tree is not None else ():
                text = comment.findtext(f"{_THREADED}text") or ""
                author = people.get(comment.get("personId") or "", "")
                line = f"{author}: {text}" if author else text
                threads.setdefault(comment.get("ref") or "", []).append(line)
        found = {ref: "\n".join(lines) for ref, lines in threads.items()}
        for target in self._package.related(part, "comments"):
            tree = self._package.tree(target)
            authors = [a.text or "" for a in tree.iter(f"{S}author")] if tree is not None else []
            for comment in tree.iter(f"{S}comment") if tree is not None else ():
                text = "".join(t.text or "" for t in comment.iter(f"{S}t"))
                number = integer(comment.get("authorId"), -1)
                author = one_line(authors[number]) if 0 <= number < len(authors) else ""
                # Excel writes the name above the text as well, in bold.
                if author and text.strip() and not text.lstrip().startswith(author):
                    text = f"{author}: {text}"
                # For older programs, a thread is kept a second time with a lead-in.
                found.setdefault(comment.get("ref") or "", text)
        for ref, text in found.items():
            place = address(ref)
            if place is not None and text.strip():
                yield place, text

    def _people(self) -> dict[str, str]:
        """Who wrote threads of comments, by their ids."""
        found: dict[str, str] = {}
        for part in self._package.parts:
            if part.startswith("xl/persons/"):
                tree = self._package.tree(part)
                for person in tree.iter(f"{_THREADED}person") if tree is not None else ():
                    found[person.get("id") or ""] = one_line(person.get("displayName") or "")
        return found

    def _comment(
        self,
        place: Place,
        text: str,
        cells: Cells,
        values: Mapping[int, Mapping[int, str]],
    ) -> None:
        row, column = place
        if row in cells.hidden_rows or column in cells.hidden_columns:
            self.builder.note("hidden", f"{letters(column)}{row + 1}")
            return
        value = values.get(row, {}).get(column, "")
        which = f"{letters(column)}{row + 1}" + (f", {value}" if value else "")
        self.builder.paragraph(labelled("comment", text, f"({which})"))

    def _table_headers(self, part: str) -> set[int]:
        """Rows that are headers of the tables that the sheet declares."""
        found = set()
        for target in self._package.related(part, "table"):
            tree = self._package.tree(target)
            if tree is not None and tree.get("headerRowCount", "1") != "0":
                place = address((tree.get("ref") or "").split(":")[0])
                if place is not None:
                    found.add(place[0])
        return found

    def _drawings(self, part: str) -> None:
        boxes = self._boxes(part) if self._package.related(part, "ctrlProp") else {}
        for target in self._package.related(part, "drawing"):
            tree = self._package.tree(target)
            for shape in _shapes(tree) if tree is not None else ():
                self._shape(shape, target, boxes)
        for kind in ("oleObject", "package"):
            for target in self._package.related(part, kind):
                self.builder.note("embedded_file", target)

    def _boxes(self, part: str) -> dict[str, str]:
        """Whether the check boxes of a sheet are ticked, by the ids of their shapes."""
        tree = self._package.tree(part)
        found: dict[str, str] = {}
        for control in tree.iter(f"{S}control") if tree is not None else ():
            target = self._package.target(part, control.get(f"{R}id"))
            own = self._package.tree(target) if target else None
            if own is not None and own.get("objectType") in _BOXES:
                ticked = (own.get("checked") or "") not in _UNTICKED
                found[control.get("shapeId") or ""] = "☒" if ticked else "☐"
        return found

    def _shape(self, shape: Any, part: str, boxes: Mapping[str, str]) -> None:
        own = next(shape.iter(f"{_XDR}cNvPr"), None)
        if own is not None and own.get("hidden") in ("1", "true"):
            self.builder.note("hidden", own.get("name") or "")
            return
        description = own.get("descr") or "" if own is not None else ""
        if shape.tag == f"{_XDR}sp":
            lines = [drawn_text(paragraph, self.builder) for paragraph in shape.iter(f"{A}p")]
            mark = boxes.get(own.get("id") or "", "") if own is not None else ""
            text = "\n".join(lines)
            self.builder.paragraph(f"{mark} {text}" if mark and text.strip() else text)
        elif shape.tag == f"{_XDR}pic":
            for blip in shape.iter(f"{A}blip"):
                target = self._package.target(part, blip.get(f"{R}embed"))
                data = self._package.data(target) if target else None
                self._pictures.write(self.builder, target or "", data, description)
        else:
            self._frame(shape, part, description)

    def _frame(self, frame: Any, part: str, description: str) -> None:
        """A chart draws numbers that stand in the cells: it gives its title, and is noted."""
        for chart in frame.iter(f"{C}chart"):
            target = self._package.target(part, chart.get(f"{R}id"))
            title = chart_title(self._package.tree(target)) if target else ""
            if text := title or description:
                self.builder.paragraph(labelled("chart", text))
            self.builder.note("chart", title or target or "")
        for diagram in frame.iter(f"{_DGM}relIds"):
            write_smart_art(
                self.builder, self._package, self._package.target(part, diagram.get(f"{R}dm"))
            )

    def _margin(self, kind: Any, text: str) -> None:
        """A header or footer of the printed sheet, without its codes."""
        plain = _FIELDS.sub("", _CODES.sub("", text.replace("&&", "\0")))
        parts = [one_line(part.replace("\0", "&")) for part in _SECTIONS.split(plain)]
        words = [part for part in parts if not only_counts_pages(part)]
        if words:
            self.builder.paragraph(labelled(kind, " | ".join(words)))


def _shapes(container: Any) -> Iterator[Any]:
    """Those that are shown: what stands for a part that Excel knows is left out."""
    for child in container:
        if child.tag in _SHAPES:
            yield child
        elif child.tag == f"{MC}AlternateContent":
            chosen = alternative(child)
            yield from () if chosen is None else _shapes(chosen)
        elif isinstance(child.tag, str):
            yield from _shapes(child)


def _runs(numbers: list[int]) -> list[tuple[int, int]]:
    runs: list[tuple[int, int]] = []
    for number in numbers:
        if runs and number == runs[-1][1] + 1:
            runs[-1] = (runs[-1][0], number)
        else:
            runs.append((number, number))
    return runs
