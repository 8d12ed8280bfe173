"""Rows of a table: cells that stand below each other, or between lines that are drawn."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import regex

from app.text.lines import join_wrapped
from app.text.width import width
from ingest.parse.page_lines import Cell, Line

_YEARS = regex.compile(r"\b(?:19|20)\d\d(?:/\d\d)?(?!\d|[.,]\d)")
_DIGITS = regex.compile(r"\d+")
_BULLET_CELL = regex.compile(r"\W$|[(（]?[\da-zA-Z一二三四五六七八九十]{1,3}[.)、）]$")
_MEASURED = regex.compile(r"\d[.,]\d|^\d{1,3}$")  # a value, which names no group of columns
_VALUE = regex.compile(r"[-−(]?\p{Sc}?\s?[-−]?\d[\d.,'’ ]*(?:\s?[%\p{Sc}元)])?")
_DECIMALS = regex.compile(r"[.,]\d{1,2}$")
_ALIGNED = 4.0  # points that what stands above each other may miss each other by
_WIDEST_GROUP = 12  # columns
_WIDEST_CELLS = 120  # two cells that are wider on average are two columns of text
# Rows that make sure of a table with narrow gaps: of two columns, of more.
_SURE_ROWS = (6, 4)
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
    if found := _below_names(lines, first):
        return found
    if found := _narrow(lines, first):
        return found
    if len(head.cells) < 2 or _BULLET_CELL.match(head.cells[0].text):
        return None
    if found := _below_two_rows(lines, first):
        return found
    if above is not None and (found := _aligned(lines, first, above.columns, 1)):
        return found
    return _aligned(lines, first, [(cell.left, cell.right) for cell in head.cells], 2)


def _below_names(lines: Sequence[Line], first: int) -> Rows | None:
    """A table whose columns are named by a line that is not parted as its rows are: by names that
    stand near each other, or, in bold type, in the middle of wide columns."""
    if first + 2 >= len(lines):
        return None
    head, body, other = lines[first : first + 3]
    count = len(body.cells)
    if count < 2 or len(other.cells) != count or other.page != head.page or body.rows:
        return None
    if not 0 < head.bottom - body.bottom < 3 * head.size:
        return None
    columns = [(cell.left, cell.right) for cell in body.cells]
    if len(head.cells) == count and _columns_of(head.cells, columns) is not None:
        return None  # a row like all others
    found = _aligned(lines, first + 1, columns, 2)
    if found is None or found.header:
        return None
    columns = list(found.columns)
    if len(head.narrow) == count and _columns_of(head.narrow, columns) == list(range(count)):
        names = head.narrow
        if any(_MEASURED.search(cell.text) for cell in names):
            return None
    elif len(head.cells) == count and head.bold and not body.bold:
        names = head.cells
        ends = [left for left, _ in columns[1:]] + [math.inf]
        middles = [(cell.left + cell.right) / 2 for cell in names]
        if not all(
            left - _ALIGNED <= middle <= end
            for (left, _), middle, end in zip(columns, middles, ends, strict=True)
        ):
            return None
    else:
        return None
    header = [cell.text for cell in names]
    return Rows([header, *found.cells], found.lines + 1, True, head.bold, head.page, columns)


def _narrow(lines: Sequence[Line], first: int) -> Rows | None:
    """A table with narrow gaps between its columns: several lines of as many cells, which begin,
    or end, below each other, as the words of a text hardly do."""
    if not any(line.narrow for line in lines[first : first + _SURE_ROWS[True]]):
        return None
    head = _split(lines[first])
    count = len(head.cells)
    if count < 2 or _BULLET_CELL.match(head.cells[0].text):
        return None
    sure = _SURE_ROWS[count > 2]
    split = [_split(line) for line in lines[first : first + sure]]
    if len(split) < sure or any(len(line.cells) != count for line in split):
        return None
    for column in zip(*(line.cells for line in split), strict=True):
        if not any(
            max(ends) - min(ends) <= _ALIGNED / 2
            for ends in ([cell.left for cell in column], [cell.right for cell in column])
        ):
            return None
    end = next((n for n, line in enumerate(lines[first:]) if line.page != head.page), None)
    split = [_split(line) for line in lines[first : None if end is None else first + end]]
    return _aligned(split, 0, [(cell.left, cell.right) for cell in head.cells], sure)


def _split(line: Line) -> Line:
    return replace(line, cells=line.narrow) if line.narrow else line


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


def _below_two_rows(lines: Sequence[Line], first: int) -> Rows | None:
    """A table whose columns are named by two lines: groups of them by the first, and each by the
    second ('2026' above 'Plan' and 'Actual'). The names are put together."""
    if first + 3 >= len(lines):
        return None
    top, names, body = lines[first : first + 3]
    close = all(
        a.page == b.page and 0 < a.bottom - b.bottom < 3 * a.size
        for a, b in ((top, names), (names, body))
    )
    if not close or not len(top.cells) < len(body.cells) >= len(names.cells) > 1:
        return None
    if _DIGITS.search(names.text) or any(_MEASURED.search(cell.text) for cell in top.cells):
        return None
    columns = [(cell.left, cell.right) for cell in body.cells]
    found = _aligned(lines, first + 2, columns, 2)
    if found is None or not _mostly_numbers(found.cells):
        return None
    columns = list(found.columns)
    places = _columns_of(names.cells, columns)
    groups = _groups(top.cells, columns)
    if places is None or groups is None or not any(len(group) > 1 for group in groups):
        return None
    header = [""] * len(columns)
    for group, cell in zip(groups, top.cells, strict=True):
        for column in group:
            header[column] = cell.text
    for place, cell in zip(places, names.cells, strict=True):
        header[place] = f"{header[place]} {cell.text}".strip()
    return Rows([header, *found.cells], found.lines + 2, True, top.bold, top.page, columns)


def _mostly_numbers(rows: Sequence[Sequence[str]]) -> bool:
    return 2 * sum(any(_DIGITS.search(cell) for cell in row[1:]) for row in rows) > len(rows)


def _groups(cells: Sequence[Cell], columns: Columns) -> list[list[int]] | None:
    """The columns that each cell of the upper line stands above: those from where it begins to
    where the next does, if all begin with a column; else those that it stands in the middle of."""
    begins = [
        next((n for n, (left, _) in enumerate(columns) if abs(cell.left - left) <= _ALIGNED), None)
        for cell in cells
    ]
    known = [begin for begin in begins if begin is not None]
    if len(known) == len(begins) and known == sorted(set(known)):
        ends = [*known[1:], len(columns)]
        return [list(range(begin, end)) for begin, end in zip(known, ends, strict=True)]
    groups: list[list[int]] = []
    taken = 0
    for cell, begin in zip(cells, begins, strict=True):
        middle = (cell.left + cell.right) / 2
        runs = [
            (abs((columns[a][0] + columns[b][1]) / 2 - middle), a, b)
            for a in range(taken, len(columns))
            for b in range(a, min(a + _WIDEST_GROUP, len(columns)))
        ]
        nearest = min(runs, default=(math.inf, 0, 0))
        if nearest[0] > 2 * _ALIGNED:
            if begin is None or begin < taken:
                return None
            nearest = (0.0, begin, begin)
        groups.append(list(range(nearest[1], nearest[2] + 1)))
        taken = nearest[2] + 1
    return groups


def _aligned(lines: Sequence[Line], first: int, columns: Columns, fewest: int) -> Rows | None:
    """Rows whose cells stand in these columns: `fewest` of them at least.

    A line below a row that leaves the first column empty goes on with the row's cells, unless it
    has a value below one: a total.
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
        full = len(places) == len(columns) or (0 in places and len(places) > 1)
        if full or (rows and len(rows) + fewest > 2 and _adds_up(rows[-1], places, line.cells)):
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


def _adds_up(above: Sequence[str], places: Sequence[int], cells: Sequence[Cell]) -> bool:
    """Whether a line is a row of its own though it leaves the first column empty: values do not go
    on below values, as words do. A lone one has to have as many decimals."""
    values = [
        (above[place], cell.text)
        for place, cell in zip(places, cells, strict=True)
        if _VALUE.fullmatch(cell.text) and _VALUE.fullmatch(above[place])
    ]
    named = any(not _VALUE.fullmatch(cell.text) for cell in cells)
    return 0 not in places and any(named or _decimals(a) == _decimals(b) > 0 for a, b in values)


def _decimals(value: str) -> int:
    return (
        len(value) - 1 - max(value.rfind("."), value.rfind(",")) if _DECIMALS.search(value) else 0
    )


def _is_text(rows: Sequence[Sequence[str]]) -> bool:
    """Whether it is two columns of text."""
    average = sum(width(cell) for row in rows for cell in row) / sum(map(len, rows))
    return len(rows[0]) == 2 and average > _WIDEST_CELLS


def _has_header(rows: Sequence[Sequence[str]], bold: bool) -> bool:
    """Of a ruled table: bold, above numbers, or without any number in three columns or more."""
    if len(rows) < 2:
        return bold
    names = len(rows[0]) > 2 and all(rows[0]) and not _has_number(" ".join(rows[0]))
    return bold or names or _heads_numbers(rows)


def _heads_numbers(rows: Sequence[Sequence[str]]) -> bool:
    """The first row has no digits but years where most rows below have others."""
    below = [any(_has_number(cell) for cell in row[1:]) for row in rows[1:]]
    return bool(below) and not _has_number("".join(rows[0][1:2])) and 2 * sum(below) > len(below)


def _has_number(text: str) -> bool:
    return _DIGITS.search(_YEARS.sub("", text)) is not None


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
