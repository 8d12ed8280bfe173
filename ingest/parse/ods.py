"""OpenDocument sheets (ODF 1.3), as Calc shows them: by the rules of Excel workbooks.

Values stand as the file keeps what is shown; merged cells in each row that they cover. Sheets,
rows and columns that are hidden are left out and noted; comments follow the table of their cell.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, Final

import regex

from ingest.parse.archive import open_archive
from ingest.parse.cell_formats import shown
from ingest.parse.document import Builder, Content, Limits, one_line
from ingest.parse.embedded_pictures import Pictures
from ingest.parse.labels import labelled
from ingest.parse.odf import DRAW, OFFICE, TABLE, TEXT, Styles, finished, open_body
from ingest.parse.odt import Reader
from ingest.parse.ooxml import integer
from ingest.parse.sheet_cells import letters
from ingest.parse.sheet_tables import Row, Sheet, write_sheet

_DC: Final = "{http://purl.org/dc/elements/1.1/}"
_GROUPS: Final = frozenset(
    f"{TABLE}{name}"
    for name in (
        "table-rows", "table-row-group", "table-header-rows", "table-columns",
        "table-column-group", "table-header-columns",
    )
)  # fmt: skip
_TIME: Final = regex.compile(r"PT(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,9})(?:[.,]0*)?S)?")
_HIDDEN: Final = ("collapse", "filter")
_MOST_REPEATED: Final = 100  # cells or rows that are the same


def parse_ods(path: Path | IO[bytes], name: str, limits: Limits) -> Content:
    """Sheets in order; each is a heading."""
    with open_archive(path, name, limits) as archive:
        opened = open_body(archive, name, "spreadsheet")
        styles = Styles(opened.content, opened.styles)
        reader = Reader(archive, styles, Pictures(name, limits))
        for table in opened.body.iterchildren(f"{TABLE}table"):
            title = table.get(f"{TABLE}name") or ""
            own = table.get(f"{TABLE}style-name")
            if styles.says(own, "table-properties", f"{TABLE}display") == "false":
                reader.builder.note("hidden", title)
                continue
            reader.builder.leave_sections()
            reader.builder.heading(title, 1)
            _Cells(reader, title, table).write()
        return finished(archive, reader.builder, "")


class _Cells:
    """Reads one sheet."""

    def __init__(self, reader: Reader, title: str, table: Any) -> None:
        self._reader = reader
        self._builder: Builder = reader.builder
        self._title = title
        self._table = table
        self._rows: list[Row] = []
        self._across: set[tuple[int, int]] = set()
        self._headers: set[int] = set()
        self._hidden_rows: set[int] = set()
        self._hidden_columns = set(self._columns())
        self._comments: list[tuple[int, str]] = []
        self._below: dict[int, tuple[int, str]] = {}  # column: last row of a merged cell, its text
        self._formulas = 0

    def write(self) -> None:
        self._read()
        sheet = Sheet(
            self._rows, self._across, self._headers, frozenset(),
            self._hidden_rows, self._hidden_columns,
        )  # fmt: skip
        write_sheet(self._builder, sheet, self._tell)
        self._tell(None)
        if self._formulas:
            self._builder.note("formula", self._title, count=self._formulas)
        for frame in self._table.iter(f"{DRAW}frame"):
            self._reader.frame(frame, self._builder)

    def _columns(self) -> Iterator[int]:
        """Those that are hidden."""
        place = 0
        for column, _ in _flat(self._table, f"{TABLE}table-column"):
            count = max(integer(column.get(f"{TABLE}number-columns-repeated"), 1), 1)
            if column.get(f"{TABLE}visibility") in _HIDDEN:
                yield from range(place, place + min(count, _MOST_REPEATED))
                self._builder.note("hidden", f"{self._title}!{letters(place)}")
            place += count

    def _read(self) -> None:
        number = 0
        for row, is_header in _flat(self._table, f"{TABLE}table-row"):
            times = max(integer(row.get(f"{TABLE}number-rows-repeated"), 1), 1)
            hidden = row.get(f"{TABLE}visibility") in _HIDDEN
            cells = self._row(row, number, hidden)
            if hidden:
                self._hidden_rows.update(range(number, number + min(times, _MOST_REPEATED)))
                if cells:
                    self._builder.note("hidden", f"{self._title}!{number + 1}")
            elif cells:
                if times > _MOST_REPEATED:
                    self._builder.note("cut", self._title, times - _MOST_REPEATED)
                for again in range(min(times, _MOST_REPEATED)):
                    self._rows.append((number + again, cells))
                    if is_header:
                        self._headers.add(number + again)
            number += times

    def _row(self, row: Any, number: int, hidden: bool) -> dict[int, str]:
        cells: dict[int, str] = {}
        column = 0
        for cell in row.iterchildren(f"{TABLE}table-cell", f"{TABLE}covered-table-cell"):
            times = max(integer(cell.get(f"{TABLE}number-columns-repeated"), 1), 1)
            if cell.tag == f"{TABLE}table-cell":
                text = self._text(cell)
                if text and times > _MOST_REPEATED:
                    self._builder.note("cut", self._title)
                wide = integer(cell.get(f"{TABLE}number-columns-spanned"), 1)
                down = integer(cell.get(f"{TABLE}number-rows-spanned"), 1)
                for place in range(column, column + min(max(times, wide, 1), _MOST_REPEATED)):
                    if text and place not in self._hidden_columns:
                        cells[place] = text
                    if place > column and wide > 1:
                        self._across.add((number, place))
                    if down > 1:
                        self._below[place] = (number + down - 1, text)
                if not hidden:
                    self._comment(cell, number, column)
            else:
                for place in range(column, column + min(times, _MOST_REPEATED)):
                    last, text = self._below.get(place, (-1, ""))
                    if number <= last and text and place not in self._hidden_columns:
                        cells.setdefault(place, text)
            column += times
        return cells

    def _text(self, cell: Any) -> str:
        text = one_line("\n".join(self._reader.line(p) for p in cell.iterchildren(f"{TEXT}p")))
        if text and self._reader.strikes(cell.get(f"{TABLE}style-name")):
            self._builder.struck(text)
            return ""
        if not text and cell.find(f"{TEXT}p") is None:
            text = _saved(cell)
        formula = cell.get(f"{TABLE}formula") or ""
        if not text and formula:
            self._formulas += 1
            return formula.partition(":")[2] or formula
        return text

    def _comment(self, cell: Any, row: int, column: int) -> None:
        for note in cell.iterchildren(f"{OFFICE}annotation"):
            text = self._reader.inner(note)
            author = one_line(note.findtext(f"{_DC}creator") or "")
            where = ", ".join(filter(None, (f"{letters(column)}{row + 1}", author)))
            if text:
                self._comments.append((row, labelled("comment", text, f"({where})")))

    def _tell(self, last: int | None) -> None:
        """The comments of cells up to row `last`, or of all."""
        while self._comments and (last is None or self._comments[0][0] <= last):
            self._builder.paragraph(self._comments.pop(0)[1])


def _saved(cell: Any) -> str:
    """The value of a cell that its program did not write as it is shown."""
    value = one_line(cell.get(f"{OFFICE}value") or "")
    match cell.get(f"{OFFICE}value-type"):
        case "percentage":
            try:
                return shown(float(value), "0.######%").replace(".%", "%")
            except ValueError:
                return value
        case "currency":
            return " ".join(filter(None, (value, cell.get(f"{OFFICE}currency"))))
        case "date":
            return one_line(cell.get(f"{OFFICE}date-value") or "").replace("T", " ")
        case "time":
            return _duration(cell.get(f"{OFFICE}time-value") or "")
        case "boolean":
            return (cell.get(f"{OFFICE}boolean-value") or "").upper()
        case "string":
            return one_line(cell.get(f"{OFFICE}string-value") or "")
        case _:
            return value


def _duration(text: str) -> str:
    """'PT30H15M00S' as 30:15:00."""
    match = _TIME.fullmatch(text)
    return ":".join(part.zfill(2) for part in match.groups("0")) if match else text


def _flat(element: Any, tag: str, header: bool = False) -> Iterator[tuple[Any, bool]]:
    """Rows or columns, those in groups too, and whether they are marked as headers."""
    for child in element:
        if child.tag == tag:
            yield child, header
        elif child.tag in _GROUPS:
            yield from _flat(child, tag, header or child.tag == f"{TABLE}table-header-rows")
