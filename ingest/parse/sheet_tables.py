"""Cells of a sheet to tables and paragraphs: which rows belong together, and which name columns."""

from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from itertools import pairwise

import regex

from app.text.width import width
from ingest.parse.document import Builder
from ingest.parse.grid import Grid, Place, is_number, write_grid

Row = tuple[int, Mapping[int, str]]  # number and cells by column, both from 0; only filled cells

# A table that is wider than this is written in parts, each with its first column, as a printer
# lays a wide sheet out: a row of hundreds of cells can't be read with its header.
_WIDE_COLUMNS = 12
_WIDE_HEADER = 600
_PART_HEADER = 240
_MOST_CUTS = 20
_MOST_EMPTY = 2  # rows between the parts of one table
_FEWEST_COLUMNS = 3
_FEWEST_WITH_UNITS = 4  # rows
_UNITS_LOOKED_AT = 5  # rows below
_WIDEST_UNIT = 24  # of its text
_YEAR = regex.compile(
    r"(?:FY|CY|HY|Q[1-4]|H[12])?\s*['’]?(?:19|20)\d\d(?:年|年度)?(?:[-/ ]?(?:Q[1-4]|H[12]|\d{1,2}|第?[一二三四1-4]季度))?月?"
    r"|(?:19|20)\d\d\s*[-/–]\s*(?:19|20)?\d\d|Q[1-4]|\d{1,2}月",
    regex.IGNORECASE,
)


@dataclass
class Sheet:
    """`rows` in order, without empty ones. `across`: places that a cell merged over columns
    covers. `headers`: rows that the file itself says are headers. `bold`: rows set in bold.
    `hidden_rows`, `hidden_columns`: not among `rows`; they make no gap."""

    rows: Sequence[Row]
    across: Set[Place] = field(default_factory=frozenset)
    headers: Set[int] = field(default_factory=frozenset)
    bold: Set[int] = field(default_factory=frozenset)
    hidden_rows: Set[int] = field(default_factory=frozenset)
    hidden_columns: Set[int] = field(default_factory=frozenset)


def write_sheet(
    builder: Builder, sheet: Sheet, after: Callable[[int], None] = lambda _row: None
) -> None:
    """Tables and paragraphs in order. `after` is told the last row of each once it is written."""
    for block in _blocks(sheet):
        for part in _side_by_side(block, sheet.hidden_columns):
            for rows, single in _runs(part, sheet):
                if single:
                    for _, cells in rows:
                        builder.paragraph(next(iter(cells.values())))
                else:
                    _write_table(builder, rows, sheet)
        after(block[-1][0])


def _blocks(sheet: Sheet) -> Iterator[list[Row]]:
    """Runs of rows that follow each other: an empty row ends a table, unless what is below it has
    no names of its own."""
    blocks: list[list[Row]] = []
    for row in sheet.rows:
        if blocks and _follows(blocks[-1][-1][0], row[0], sheet.hidden_rows):
            blocks[-1].append(row)
        else:
            blocks.append([row])
    whole: list[Row] = []
    for block in blocks:
        if whole and _goes_on(whole, block, sheet):
            whole = whole + block
            continue
        if whole:
            yield whole
        whole = block
    if whole:
        yield whole


def _goes_on(above: Sequence[Row], block: Sequence[Row], sheet: Sheet) -> bool:
    """Whether `block` has more rows of the table `above`: of three columns or more that are named
    there, numbers in the same columns, and no names."""
    tables = [[row for row in rows if len(row[1]) > 1] for rows in (above, block)]
    if not all(tables) or block[0][0] - above[-1][0] > _MOST_EMPTY + 1:
        return False
    (number, first), (_, names) = tables[1][0], tables[0][0]
    columns = set(names)
    if len(columns) < _FEWEST_COLUMNS or number in sheet.headers or number in sheet.bold:
        return False
    if not all(set(cells) <= columns for _, cells in block):
        return False
    if any(is_number(cell) and not _YEAR.fullmatch(cell.strip()) for cell in names.values()):
        return False
    return any(
        is_number(cell)
        and not _YEAR.fullmatch(cell.strip())
        and any(is_number(cells.get(column, "")) for _, cells in tables[0][1:])
        for column, cell in first.items()
    )


def _follows(first: int, second: int, hidden: Set[int]) -> bool:
    return all(between in hidden for between in range(first + 1, second))


def _side_by_side(block: list[Row], hidden: Set[int]) -> list[list[Row]]:
    """Tables beside each other, parted by empty columns. Beside one such column they are taken for
    one table with a gap, unless they have different rows, or name their columns alike."""
    used = sorted({column for _, cells in block for column in cells})
    gaps = {b: sum(c not in hidden for c in range(a + 1, b)) for a, b in pairwise(used)}
    cuts = [b for b, empty in gaps.items() if empty]
    if len(cuts) > _MOST_CUTS:
        return [block]  # no tables beside each other, but a sparse one
    for cut in cuts:
        sides: tuple[list[Row], list[Row]] = ([], [])
        for number, cells in block:
            for side, wanted in zip(sides, (False, True), strict=True):
                own = {column: text for column, text in cells.items() if (column >= cut) is wanted}
                if own:
                    side.append((number, own))
        left, right = sides
        if min(_columns(left), _columns(right)) < 2 or min(len(left), len(right)) < 2:
            continue
        same_rows = [number for number, _ in left] == [number for number, _ in right]
        shared = set(left[0][1].values()) & set(right[0][1].values())
        if not same_rows or shared or gaps[cut] > 1:
            return [*_side_by_side(left, hidden), *_side_by_side(right, hidden)]
    return [block]


def _columns(rows: Sequence[Row]) -> int:
    return len({column for _, cells in rows for column in cells})


def _runs(block: Sequence[Row], sheet: Sheet) -> Iterator[tuple[list[Row], bool]]:
    """Tables, and runs of rows with one cell, which are text above, below or between them."""
    rows = list(block)
    left = min(min(cells) for _, cells in rows)
    # A cell further right is part of a row with gaps.
    own = [sum((number, column) not in sheet.across for column in cells) for number, cells in rows]
    single = [
        count == 1 and (left in cells or len(rows) == 1)
        for count, (_, cells) in zip(own, rows, strict=True)
    ]
    first = 0
    while first < len(rows):
        end = first + 1
        if single[first]:
            while end < len(rows) and single[end]:
                end += 1
        else:
            end = _table_end(rows, single, first, sheet)
        yield rows[first:end], single[first]
        first = end


def _table_end(rows: Sequence[Row], single: Sequence[bool], first: int, sheet: Sheet) -> int:
    """The row behind the table that begins at `first`. A row of one cell is a row of the table
    with nothing else in it, unless no table follows, or it is the title of another."""
    counts = bold = False  # of the rows below the first
    row = first + 1
    while row < len(rows):
        following = row
        while following < len(rows) and single[following]:
            following += 1
        if following == len(rows):
            return row if single[row] else following
        number, cells = rows[following]
        if following > row:
            names = len(cells) > 1 and not any(is_number(cell) for cell in cells.values())
            if number in sheet.headers or (
                names and (counts or (number in sheet.bold and not bold))
            ):
                return row
        counts = counts or any(is_number(cell) for cell in cells.values())
        bold = bold or number in sheet.bold
        row = following + 1
    return row


def _write_table(builder: Builder, rows: Sequence[Row], sheet: Sheet) -> None:
    used = sorted({column for _, cells in rows for column in cells})
    grid = Grid(
        [[cells.get(column, "") for column in used] for _, cells in rows],
        frozenset(
            (r, c)
            for r, (number, _) in enumerate(rows)
            for c, column in enumerate(used)
            if (number, column) in sheet.across
        ),
    )
    title = 0
    while title < len(rows) - 1 and grid.is_title(title):
        builder.paragraph(grid.rows[title][0])
        title += 1
    if title:
        grid = grid.part(title, len(rows))
    numbers = [number for number, _ in rows[title:]]
    named = _named(grid, numbers, sheet)
    for part in _parts(grid, named):
        write_grid(builder, part, named)


def _named(grid: Grid, numbers: Sequence[int], sheet: Sheet) -> int:
    """How many rows name the columns, before any that merged cells add."""
    marked = [place for place, number in enumerate(numbers[:4]) if number in sheet.headers]
    if marked:
        return marked[0] + 1
    rows = grid.rows
    if len(rows) < 2:
        return 0
    if _groups(grid):
        _spread(rows[0])
        return 2
    if _units(grid):
        return 2
    bold = [number in sheet.bold for number in numbers]
    return int(_names(rows[0], rows[1:]) or (bold[0] and not any(bold[1:3])))


def _names(first: Sequence[str], below: Sequence[Sequence[str]]) -> bool:
    """Whether a row names the columns: it has no numbers but years, and hardly any gaps."""
    filled = [cell for cell in first if cell]
    numbers = [cell for cell in filled if is_number(cell)]
    years = all(_YEAR.fullmatch(cell.strip()) for cell in numbers)
    if (len(first) - len(filled)) * 3 > len(first):
        return False
    if not numbers:
        return True
    if not years:
        return False
    # 'Anna | 1998' is a person, 'Sales | 2025 | 2026' above numbers a header.
    columns = [c for c, cell in enumerate(first) if is_number(cell)]
    values = [row[c] for row in below[:5] for c in columns if c < len(row) and row[c]]
    return bool(values) and not all(_YEAR.fullmatch(value.strip()) for value in values)


def _groups(grid: Grid) -> bool:
    """Whether the first row names groups of columns without merged cells ('| | 2025 | | 2026 |')."""
    if len(grid.rows) < 3 or grid.across:
        return False
    first, second, third = grid.rows[:3]
    gaps = [c for c, cell in enumerate(first) if not cell]
    group = [c for c, cell in enumerate(first) if cell]
    return (
        len(group) > 1
        and any(c > group[-1] or c - 1 in group for c in gaps if c)
        and all(_is_name(cell) for cell in first if cell)
        and sum(bool(cell) for cell in second) > len(group)
        and not any(is_number(cell) for cell in second)
        and len({cell for cell in second if cell}) < sum(bool(cell) for cell in second)
        and any(is_number(cell) for cell in third)
    )


def _units(grid: Grid) -> bool:
    """Whether the second row says what the columns that the first one names are measured in: it has
    no number, and nothing in the first column, in which all rows below have something."""
    if len(grid.rows) < _FEWEST_WITH_UNITS or grid.across:
        return False
    names, units, *below = grid.rows
    below = below[:_UNITS_LOOKED_AT]
    columns = [c for c, cell in enumerate(units) if cell]
    return (
        all(names)
        and not units[0]
        and 2 * len(columns) >= len(names) - 1
        and all(_is_name(cell) for cell in names)
        and all(row[0] for row in below)
        and all(
            not is_number(units[c])
            and width(units[c]) <= _WIDEST_UNIT
            and any(is_number(row[c]) for row in below)
            for c in columns
        )
    )


def _is_name(cell: str) -> bool:
    return not is_number(cell) or _YEAR.fullmatch(cell.strip()) is not None


def _spread(row: list[str]) -> None:
    """Names of groups stand for the columns up to the next."""
    name = ""
    for column, cell in enumerate(row):
        name = cell or name
        row[column] = name if column else cell


def _parts(grid: Grid, named: int) -> Iterator[Grid]:
    """The table, or its columns in parts that can be read with their header."""
    columns = grid.width()
    header = grid.header(grid.header_rows(named)) if named else []
    if columns <= _WIDE_COLUMNS or width(" | ".join(header)) <= _WIDE_HEADER:
        yield grid
        return
    by_column: dict[int, list[int]] = {}
    for row, column in grid.across:
        by_column.setdefault(column, []).append(row)
    start = 1
    while start < columns:
        end, used = start, width(header[0])
        while end < columns and (end == start or used + width(header[end]) <= _PART_HEADER):
            used += width(header[end]) + 3
            end += 1
        # What is merged with a column of the part before is the first of its merged cell here.
        across = (
            (row, c - start + 1) for c in range(start + 1, end) for row in by_column.get(c, ())
        )
        yield Grid([[row[0], *row[start:end]] for row in grid.rows], frozenset(across))
        start = end
