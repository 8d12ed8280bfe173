"""Rows of a table: cells that stand below each other, or between lines that are drawn."""

from collections.abc import Sequence
from dataclasses import dataclass

import regex

from app.text.lines import join_wrapped
from app.text.width import width
from ingest.parse.page_lines import Cell, Line

_DIGITS = regex.compile(r"\d+")
_BULLET_CELL = regex.compile(r"\W$|[(（]?[\da-zA-Z一二三四五六七八九十]{1,3}[.)、）]$")
_WIDEST_CELLS = 120  # two cells that are wider on average are two columns of text
_JUDGED = 12  # rows after which it is known what they are

Columns = list[tuple[float, float]]  # left and right of each


@dataclass(frozen=True)
class Rows:
    """`lines`: how many lines of the page the rows take. `header`: the first row names the
    columns. `bold`: it is set in bold."""

    cells: list[list[str]]
    lines: int
    header: bool
    bold: bool
    page: int
    columns: Columns


def table_at(lines: Sequence[Line], first: int, above: Rows | None) -> Rows | None:
    """The table that begins with line `first`, if one does. `above`: the table that ends just
    before, on the last page, and may go on here; then a single row is enough."""
    head = lines[first]
    if head.rows:
        rows = [list(row) for row in head.rows]
        columns = [(cell.left, cell.right) for cell in head.cells]
        return Rows(rows, 1, _has_header(rows, head.bold), head.bold, head.page, columns)
    if len(head.cells) < 2 or _BULLET_CELL.match(head.cells[0].text):
        return None
    if above is not None and (found := _aligned(lines, first, above.columns, 1)):
        return found
    return _aligned(lines, first, [(cell.left, cell.right) for cell in head.cells], 2)


def goes_on(above: Rows, rows: Rows) -> bool:
    """Whether `rows` are more of the table `above`, which ended the page before."""
    if rows.page != above.page + 1 or len(rows.cells[0]) != len(above.cells[0]):
        return False
    if same_header(above, rows):
        return True
    if rows.bold and above.bold:
        return False  # other names for its columns
    return all(
        left < right2 and left2 < right
        for (left, right), (left2, right2) in zip(above.columns, rows.columns, strict=False)
    )


def same_header(above: Rows, rows: Rows) -> bool:
    """Whether the first row names the columns as the table above does."""
    return above.header and rows.cells[0] == above.cells[0]


def _aligned(lines: Sequence[Line], first: int, columns: Columns, fewest: int) -> Rows | None:
    """Rows whose cells stand in these columns: `fewest` of them at least.

    A line below a row that leaves the first column empty goes on with the row's cells.
    """
    head = lines[first]
    columns = list(columns)
    rows: list[list[str]] = []
    i = first
    while i < len(lines):
        line = lines[i]
        if i > first:
            before = lines[i - 1]
            drop = before.bottom - line.bottom
            if (
                line.rows
                or line.page != head.page
                or line.top >= before.top
                or drop > 4 * head.size
            ):
                break
        places = _columns_of(line.cells, columns)
        if places is None:
            break
        if len(places) == len(columns) or (0 in places and len(places) > 1):
            rows.append([""] * len(columns))
        elif not (rows and len(rows) + fewest > 2 and 0 not in places and drop < 1.6 * line.size):
            break
        for place, cell in zip(places, line.cells, strict=True):
            rows[-1][place] = join_wrapped(rows[-1][place], cell.text)
            left, right = columns[place]
            columns[place] = (min(left, cell.left), max(right, cell.right))
        i += 1
        if len(rows) == _JUDGED and _is_text(rows):
            return None
    if len(rows) < fewest or _is_text(rows):
        return None
    return Rows(rows, i - first, head.bold or _heads_numbers(rows), head.bold, head.page, columns)


def _is_text(rows: Sequence[Sequence[str]]) -> bool:
    """Whether it is two columns of text."""
    average = sum(width(cell) for row in rows for cell in row) / sum(map(len, rows))
    return len(rows[0]) == 2 and average > _WIDEST_CELLS


def _has_header(rows: Sequence[Sequence[str]], bold: bool) -> bool:
    """Of a ruled table: bold, above numbers, or without any number in three columns or more."""
    if len(rows) < 2:
        return bold
    names = len(rows[0]) > 2 and all(rows[0]) and not _DIGITS.search("".join(rows[0]))
    return bold or names or _heads_numbers(rows)


def _heads_numbers(rows: Sequence[Sequence[str]]) -> bool:
    """The first row has no digits where most rows below have some."""
    below = [any(_DIGITS.search(cell) for cell in row[1:]) for row in rows[1:]]
    return bool(below) and not _DIGITS.search("".join(rows[0][1:2])) and 2 * sum(below) > len(below)


def _columns_of(cells: Sequence[Cell], columns: Columns) -> list[int] | None:
    """The column that each cell stands in; None if one stands in none or between."""
    places: list[int] = []
    for cell in cells:
        over = [
            n for n, (left, right) in enumerate(columns) if cell.left < right and cell.right > left
        ]
        if len(over) != 1 or over[0] in places:
            return None
        places.append(over[0])
    return places
