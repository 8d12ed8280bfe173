"""Tables with merged cells and headers of several rows, made plain rows that can be read alone."""

from collections.abc import Sequence, Set
from dataclasses import dataclass, field

from ingest.parse.document import Builder, one_line

Place = tuple[int, int]  # row, column, from 0


@dataclass
class Grid:
    """Rows of cells, merged ones filled in everywhere they cover. `across`: the places, but for
    the first of each, that a cell merged over columns covers."""

    rows: list[list[str]]
    across: Set[Place] = field(default_factory=frozenset)

    def width(self) -> int:
        return max((len(row) for row in self.rows), default=0)

    def part(self, start: int, end: int) -> "Grid":
        """Some of the rows."""
        across = frozenset((r - start, c) for r, c in self.across if start <= r < end)
        return Grid(self.rows[start:end], across)

    def is_title(self, row: int) -> bool:
        """Whether the row is one cell merged over the whole table."""
        width = self.width()
        return width > 1 and all((row, column) in self.across for column in range(1, width))

    def header(self, count: int) -> list[str]:
        """The first `count` rows as one: what stands above each other is joined ('2026 Actual')."""
        joined = []
        for column in range(self.width()):
            parts: list[str] = []
            for row in self.rows[:count]:
                text = one_line(row[column]) if column < len(row) else ""
                if text and text not in parts[-1:]:
                    parts.append(text)
            joined.append(" ".join(parts))
        return joined

    def body(self, start: int) -> list[list[str]]:
        """The rows from `start` on, without empty cells at their ends; a cell merged over columns
        gives its value once."""
        body = []
        for r in range(start, len(self.rows)):
            row = ["" if (r, c) in self.across else text for c, text in enumerate(self.rows[r])]
            while row and not row[-1].strip():
                row.pop()
            body.append(row)
        return body

    def header_rows(self, named: int = 1) -> int:
        """How many rows name the columns, if `named` do at least: a row with cells merged over
        columns is continued by the next."""
        count = named
        while count and count < len(self.rows) - 1 and count < 4:
            spanning = any(r == count - 1 for r, _ in self.across)
            if not spanning or any(is_number(cell) for cell in self._below(count)):
                break
            count += 1
        return count

    def _below(self, row: int) -> list[str]:
        return [text for c, text in enumerate(self.rows[row]) if text != self._above(row, c)]

    def _above(self, row: int, column: int) -> str:
        above = self.rows[row - 1]
        return above[column] if column < len(above) else ""


def write_grid(builder: Builder, grid: Grid, named: int) -> None:
    """The table with its first `named` rows as header, and titles above it as paragraphs."""
    first = 0
    while first < len(grid.rows) - 1 and grid.is_title(first):
        builder.paragraph(grid.rows[first][0])
        first += 1
    if first:
        named = max(named - first, 1) if named else 0
        grid = grid.part(first, len(grid.rows))
    if len(grid.rows) < 2:
        named = 0
    count = grid.header_rows(named) if named else 0
    rows: list[Sequence[str]] = [grid.header(count)] if count else []
    builder.table([*rows, *grid.body(count)], has_header=bool(count))


def is_number(cell: str) -> bool:
    """Whether a cell's text is a number, with signs of currencies, per cent and grouping."""
    text = cell.strip().strip("%‰()+-−$€£¥￥ ").replace(",", "").replace(" ", "")
    try:
        float(text)
    except ValueError:
        return False
    return True
