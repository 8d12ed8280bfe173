"""Workbooks as one XML file (Excel 2003), as programs of accounting and of banks still export them."""

from collections.abc import Iterator
from typing import Any, Final

from ingest.parse.cell_formats import shown
from ingest.parse.document import Builder, Content, one_line
from ingest.parse.grid import Place
from ingest.parse.labels import labelled
from ingest.parse.ooxml import integer, read_xml
from ingest.parse.sheet_cells import MOST_COLUMNS, MOST_ROWS, letters
from ingest.parse.sheet_tables import Row, Sheet, write_sheet

_SPACE: Final = "urn:schemas-microsoft-com:office:spreadsheet"
_S: Final = f"{{{_SPACE}}}"
_X: Final = "{urn:schemas-microsoft-com:office:excel}"
_FORMATS: Final = {
    "Percent": "0.00%", "Fixed": "0.00", "Standard": "#,##0.00", "Scientific": "0.00E+00",
    "Currency": "#,##0.00", "Euro Currency": "€#,##0.00",
}  # fmt: skip
_MOST_FILLED: Final = 1_000_000  # cells that merged ones may fill in a sheet


def is_workbook_2003(head: bytes) -> bool:
    """Whether a file begins as such a workbook."""
    return head.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"<?xml") and (
        b"<Workbook" in head or b":Workbook" in head
    ) and _SPACE.encode() in head  # fmt: skip


def parse_workbook_2003(data: bytes) -> Content:
    """Sheets in order, by the rules of xlsx. Raises XMLSyntaxError."""
    tree = read_xml(data)
    builder = Builder()
    formats = {
        style.get(f"{_S}ID") or "": form.get(f"{_S}Format") or "General"
        for style in tree.iter(f"{_S}Style")
        for form in style.iterfind(f"{_S}NumberFormat")
    }
    for sheet in tree.iterfind(f"{_S}Worksheet"):
        title = sheet.get(f"{_S}Name") or ""
        if sheet.findtext(f"{_X}WorksheetOptions/{_X}Visible") is not None:
            builder.note("hidden", title)
            continue
        builder.leave_sections()
        builder.heading(title, 1)
        for table in sheet.iterfind(f"{_S}Table"):
            _Cells(builder, title, formats).write(table)
    return builder.finish()


class _Cells:
    def __init__(self, builder: Builder, title: str, formats: dict[str, str]) -> None:
        self._builder = builder
        self._title = title
        self._formats = formats
        self._comments: list[tuple[int, str]] = []
        self._below: dict[int, dict[int, str]] = {}  # what merged cells show, by row and column
        self._filled = 0
        self._across: set[Place] = set()

    def write(self, table: Any) -> None:
        hidden_columns = frozenset(_hidden(table, f"{_S}Column", MOST_COLUMNS))
        hidden_rows: set[int] = set()
        rows: list[Row] = []
        for number, row in _placed(table, f"{_S}Row", MOST_ROWS):
            cells = self._row(row, number)
            if row.get(f"{_S}Hidden") == "1":
                hidden_rows.add(number)
                if cells:
                    self._builder.note("hidden", f"{self._title}!{number + 1}:{number + 1}")
                continue
            seen = {column: text for column, text in cells.items() if column not in hidden_columns}
            if len(seen) < len(cells):
                self._builder.note("hidden", self._title, len(cells) - len(seen))
            if seen:
                rows.append((number, seen))
        sheet = Sheet(rows, self._across, hidden_rows=hidden_rows, hidden_columns=hidden_columns)
        write_sheet(self._builder, sheet)
        for _, comment in self._comments:
            self._builder.paragraph(comment)

    def _row(self, row: Any, number: int) -> dict[int, str]:
        cells: dict[int, str] = {}
        for column, cell in _placed(row, f"{_S}Cell", MOST_COLUMNS):
            text = self._text(cell)
            if text:
                cells[column] = text
                self._merge(cell, number, column, text)
            for comment in cell.iterfind(f"{_S}Comment"):
                said = one_line(" ".join(comment.itertext()))
                which = f"({letters(column)}{number + 1})"
                if said:
                    self._comments.append((number, labelled("comment", said, which)))
        return {**cells, **self._below.pop(number, {})}

    def _merge(self, cell: Any, number: int, column: int, text: str) -> None:
        wide = min(integer(cell.get(f"{_S}MergeAcross")), MOST_COLUMNS - column - 1)
        down = min(integer(cell.get(f"{_S}MergeDown")), MOST_ROWS - number - 1)
        self._filled += max(wide + 1, 1) * max(down + 1, 1)
        if self._filled > _MOST_FILLED:
            self._builder.note("cut", self._title)
            return
        for r in range(number, number + max(down, 0) + 1):
            for c in range(column, column + max(wide, 0) + 1):
                if (r, c) != (number, column):
                    self._below.setdefault(r, {})[c] = text
                if c > column:
                    self._across.add((r, c))

    def _text(self, cell: Any) -> str:
        data = cell.find(f"{_S}Data")
        text = one_line("".join(data.itertext())) if data is not None else ""
        kind = data.get(f"{_S}Type") if data is not None else ""
        if not text:
            return ""
        form = self._formats.get(cell.get(f"{_S}StyleID") or "", "General")
        form = _FORMATS.get(form, form)
        if kind == "Boolean":
            return "TRUE" if text == "1" else "FALSE"
        if kind == "DateTime":
            return text.partition(".")[0].removesuffix("T00:00:00").replace("T", " ")
        if kind == "Number" and form[:1] in '0#"¥$€[?(':
            try:
                return one_line(shown(float(text), form))
            except ValueError:
                return text
        return text


def _placed(holder: Any, tag: str, most: int) -> Iterator[tuple[int, Any]]:
    """Rows or cells with their numbers from 0: an index tells of empty ones before."""
    number = -1
    for element in holder.iterchildren(tag):
        index = integer(element.get(f"{_S}Index")) - 1
        number = index if number < index < most else number + 1
        if number < most:
            yield number, element
        number += integer(element.get(f"{_S}MergeAcross")) if tag.endswith("Cell") else 0


def _hidden(table: Any, tag: str, most: int) -> Iterator[int]:
    number = 0
    for column in table.iterchildren(tag):
        index = integer(column.get(f"{_S}Index")) - 1
        number = index if number < index < most else number
        if number >= most:
            return
        span = min(integer(column.get(f"{_S}Span")) + 1, most)
        if column.get(f"{_S}Hidden") == "1":
            yield from range(number, number + span)
        number += span
