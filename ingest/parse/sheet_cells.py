"""The cells of one Excel sheet, read in one pass and kept sparsely."""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

import regex
from lxml import etree

from ingest.parse.cell_formats import shown, shown_text
from ingest.parse.cell_pictures import CellPicture, CellPictures
from ingest.parse.document import one_line
from ingest.parse.grid import Place
from ingest.parse.ooxml import Package, S, integer, normalised
from ingest.parse.sheet_styles import is_on, styles_of, white_styles

MOST_ROWS, MOST_COLUMNS = 1_048_576, 16_384  # of Excel itself
_MOST_FILLED = 1_000_000  # cells that merged ones may fill in a sheet
_ADDRESS = regex.compile(r"\$?([A-Z]{1,3})\$?([1-9]\d{0,6})")
# Tables and conditions have colours of their own, a picture may lie behind the cells.
_COLOURING = ("tablePart", "conditionalFormatting", "picture")
_ESCAPED = regex.compile(r"_x([0-9A-Fa-f]{4})_")  # how the format writes what XML cannot hold
_ISO_DATE = regex.compile(r"\d{4}-\d\d-\d\dT00:00:00(?:\.0+)?Z?")


@dataclass(frozen=True)
class Book:
    """What a workbook's sheets share. `formats`, `bold` and `struck` (a line through the text) by a
    cell's style number; `struck_parts`: what is struck within strings, by their number. `white`: styles with
    white type and no colour behind it."""

    strings: Sequence[str] = ()
    formats: Sequence[str] = ("General",)
    bold: Sequence[bool] = (False,)
    from_1904: bool = False
    struck: Sequence[bool] = (False,)
    struck_parts: Mapping[int, str] = field(default_factory=dict)
    pictures: CellPictures = field(default_factory=lambda: CellPictures({}, {}))
    white: frozenset[int] = frozenset()

    @classmethod
    def read(cls, package: Package, part: str, workbook: Any) -> "Book":
        styles = next(iter(package.related(part, "styles")), "xl/styles.xml")
        strings = next(iter(package.related(part, "sharedStrings")), "xl/sharedStrings.xml")
        tree = package.tree(styles)
        formats, bold, struck = styles_of(tree)
        properties = workbook.find(f"{S}workbookPr")
        texts, struck_parts = _strings(package.data(strings))
        return cls(
            texts,
            formats,
            bold,
            properties is not None and properties.get("date1904") in ("1", "true"),
            struck,
            struck_parts,
            CellPictures.read(package, part),
            frozenset(white_styles(tree)) if tree is not None else frozenset(),
        )


@dataclass
class Cells:
    """`rows`: number and filled cells by column, both from 0, in order, merged cells filled in.

    `across`: places that a cell merged over columns covers. `bold`: rows whose cells all are.
    `headers`: rows that a filter stands in. `without_value`: formulas that were saved without
    their result. `hidden_cells`: those whose format shows nothing. `margins`: header and footer
    codes. `unfinished`: merged cells were too many to fill in. `struck`: what has a line through it, by
    place. `pictures`: those that are the value of a cell, by place.
    `white`: places of white type on no colour of the cell's own.
    """

    rows: list[tuple[int, dict[int, str]]] = field(default_factory=list)
    across: set[Place] = field(default_factory=set)
    bold: set[int] = field(default_factory=set)
    headers: set[int] = field(default_factory=set)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: "Columns" = field(default_factory=lambda: Columns([]))
    without_value: int = 0
    hidden_cells: int = 0
    margins: dict[str, str] = field(default_factory=dict)
    struck: dict[Place, str] = field(default_factory=dict)
    unfinished: bool = False
    pictures: dict[Place, CellPicture] = field(default_factory=dict)
    white: list[Place] = field(default_factory=list)


class Columns(frozenset[int]):
    """Column numbers."""

    def __new__(cls, runs: Sequence[tuple[int, int]]) -> "Columns":
        """From (first, last), which may overlap."""
        found: list[int] = []
        reached = -1
        for first, last in sorted(runs):
            found.extend(range(max(first, reached + 1), last + 1))
            reached = max(reached, last)
        return super().__new__(cls, found)


def letters(column: int) -> str:
    text, column = "", column + 1
    while column:
        column, rest = divmod(column - 1, 26)
        text = chr(65 + rest) + text
    return text


def address(reference: str) -> Place | None:
    """'B3' as (2, 1); None for what is no cell of a sheet."""
    match = _ADDRESS.fullmatch(reference)
    if match is None:
        return None
    column = 0
    for letter in match.group(1):
        column = column * 26 + ord(letter) - 64
    row = int(match.group(2))
    return (row - 1, column - 1) if row <= MOST_ROWS and column <= MOST_COLUMNS else None


def read_cells(data: bytes, book: Book) -> Cells:
    """The cells of a worksheet's part. Raises XMLSyntaxError."""
    cells = Cells()
    merged: list[str] = []
    hidden: list[tuple[int, int]] = []
    hidden_by_default = False
    last = -1
    coloured = False  # whether something else than its own style may give a cell a colour
    wanted = (*_COLOURING,"row", "col", "mergeCell", "autoFilter", "sheetFormatPr", "oddHeader", "oddFooter",
              "firstHeader", "firstFooter", "evenHeader", "evenFooter")  # fmt: skip
    for _, element in etree.iterparse(
        BytesIO(normalised(data)),
        tag=[f"{S}{name}" for name in wanted],
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        remove_comments=True,
    ):
        name = element.tag.removeprefix(S)
        if name == "row":
            number = integer(element.get("r"), 0) - 1
            # A number that no sheet has, or that goes back: rows follow each other then.
            last = number if last < number < MOST_ROWS else last + 1
            if _is_hidden_row(element, hidden_by_default):
                cells.hidden_rows.add(last)
            row = _read_row(element, last, cells, book)
            if row:
                cells.rows.append((last, row))
        elif name == "col":
            first, end = integer(element.get("min"), 1), integer(element.get("max"), 1)
            if element.get("hidden") in ("1", "true") or _is_zero(element.get("width")):
                hidden.append((max(first, 1) - 1, min(end, MOST_COLUMNS) - 1))
        elif name == "mergeCell":
            merged.append(element.get("ref") or "")
        elif name == "autoFilter":
            place = address((element.get("ref") or "").split(":")[0])
            if place is not None:
                cells.headers.add(place[0])
        elif name in _COLOURING:
            coloured = True
        elif name == "sheetFormatPr":
            hidden_by_default = element.get("zeroHeight") in ("1", "true")
        elif element.text and element.text not in cells.margins.values():
            cells.margins[name] = element.text
        element.clear()
        parent = element.getparent()
        while parent is not None and element.getprevious() is not None:
            del parent[0]
    cells.hidden_columns = Columns(hidden)
    if cells.white and not coloured:
        _without_white(cells)
    _fill(cells, merged)
    return cells


def _without_white(cells: Cells) -> None:
    """Leave out white type on white."""
    rows = dict(cells.rows)
    for number, column in cells.white:
        del rows[number][column]
    cells.hidden_cells += len(cells.white)
    cells.rows = [(number, row) for number, row in cells.rows if row]


def _is_hidden_row(row: Any, by_default: bool) -> bool:
    hidden = row.get("hidden")
    if hidden is not None:
        return hidden in ("1", "true")
    return _is_zero(row.get("ht")) or (by_default and row.get("ht") is None)


def _is_zero(size: str | None) -> bool:
    return size is not None and regex.fullmatch(r"0(?:\.0*)?", size) is not None


def _read_row(element: Any, number: int, cells: Cells, book: Book) -> dict[int, str]:
    row: dict[int, str] = {}
    column, bold = -1, True
    for cell in element.iterchildren(f"{S}c"):
        place = address(cell.get("r") or "")
        column = place[1] if place is not None else column + 1
        style = integer(cell.get("s"))
        text = _cell(cell, style, cells, book)
        if (picture := book.pictures.of(cell, text)) is not None:
            cells.pictures[number, column] = picture
            text = picture.description
        if text and 0 <= style < len(book.struck) and book.struck[style]:
            cells.struck[number, column] = text
            continue
        if part := _struck_part(cell, book):
            cells.struck[number, column] = part
        if text and column < MOST_COLUMNS:
            row[column] = text
            if style in book.white:
                cells.white.append((number, column))
            bold = bold and 0 <= style < len(book.bold) and book.bold[style]
    if row and bold:
        cells.bold.add(number)
    return row


def _cell(cell: Any, style: int, cells: Cells, book: Book) -> str:
    kind = cell.get("t") or "n"
    raw = cell.findtext(f"{S}v") or ""
    form = book.formats[style] if 0 <= style < len(book.formats) else "General"
    formula = cell.find(f"{S}f")
    if formula is not None and not raw and kind not in ("str", "inlineStr"):
        cells.without_value += 1
        return one_line(f"={formula.text or '…'}")
    if kind == "s":
        place = integer(raw, -1)
        text = book.strings[place] if 0 <= place < len(book.strings) else ""
    elif kind == "inlineStr":
        inline = cell.find(f"{S}is")
        text = _rich(inline)[0] if inline is not None else ""
    elif kind == "b":
        return "TRUE" if raw in ("1", "true") else "FALSE"
    elif kind in ("e", "d"):
        return (
            raw[:10]
            if _ISO_DATE.fullmatch(raw)
            else one_line(raw.replace("T", " ") if kind == "d" else raw)
        )
    elif kind == "str":
        text = _unescaped(raw)
    else:
        text = _number(raw, form, book.from_1904)
        if raw and not text:
            cells.hidden_cells += 1
        return one_line(text)
    if not text.strip():
        return ""
    shown_as = shown_text(text, form)
    if not shown_as.strip():
        cells.hidden_cells += 1
    return one_line(shown_as)


def _struck_part(cell: Any, book: Book) -> str:
    """What a line is drawn through within a cell's text."""
    kind = cell.get("t")
    if kind == "s" and book.struck_parts:
        return book.struck_parts.get(integer(cell.findtext(f"{S}v"), -1), "")
    inline = cell.find(f"{S}is") if kind == "inlineStr" else None
    return _rich(inline)[1] if inline is not None else ""


def _number(raw: str, form: str, from_1904: bool) -> str:
    try:
        value = float(raw)
    except ValueError:
        return raw
    if form == "General" and value.is_integer() and abs(value) < 1e15:
        return str(int(value))  # most cells, and much faster
    return shown(value, form, from_1904=from_1904)


def _fill(cells: Cells, merged: Sequence[str]) -> None:
    """Give each row what merged cells show in it; only rows and columns that hold something."""
    numbers = [number for number, _ in cells.rows]
    widest = max((max(row) for _, row in cells.rows), default=0)
    left = _MOST_FILLED
    for reference in merged:
        start, _, end = reference.partition(":")
        first, last = address(start), address(end or start)
        if first is None or last is None:
            continue
        place = bisect_left(numbers, first[0])
        if place == len(numbers) or numbers[place] != first[0]:
            continue
        text = cells.rows[place][1].get(first[1])
        if not text:
            continue
        columns = range(first[1], min(last[1], widest) + 1)
        while place < len(numbers) and numbers[place] <= last[0]:
            left -= len(columns)
            if left < 0:
                cells.unfinished = True
                return
            number, row = cells.rows[place]
            for column in columns:
                row[column] = text
                if column > first[1]:
                    cells.across.add((number, column))
            place += 1


def _strings(data: bytes | None) -> tuple[list[str], dict[int, str]]:
    """The strings that cells share, by number, and what is struck within them."""
    found: list[str] = []
    struck: dict[int, str] = {}
    if data is None:
        return found, struck
    for _, element in etree.iterparse(
        BytesIO(normalised(data)),
        tag=f"{S}si",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
    ):
        text, crossed_out = _rich(element)
        if crossed_out:
            struck[len(found)] = crossed_out
        found.append(text)
        element.clear()
        parent = element.getparent()
        while parent is not None and element.getprevious() is not None:
            del parent[0]
    return found, struck


def _rich(element: Any) -> tuple[str, str]:
    """Its text, without the readings that stand above Japanese, and what a line is drawn through."""
    parts: list[str] = []
    struck: list[str] = []
    for child in element:
        if child.tag == f"{S}t":
            parts.append(_unescaped(child.text or ""))
        elif child.tag == f"{S}r":
            own = child.find(f"{S}rPr")
            crossed_out = own is not None and is_on(own.find(f"{S}strike"))
            (struck if crossed_out else parts).append(_unescaped(child.findtext(f"{S}t") or ""))
    return "".join(parts), "".join(struck)


def _unescaped(text: str) -> str:
    return _ESCAPED.sub(lambda code: chr(int(code.group(1), 16)), text) if "_x" in text else text
