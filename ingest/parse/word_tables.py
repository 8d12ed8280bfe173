"""The rows and cells of a Word table, with merged cells."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from ingest.parse.grid import Grid
from ingest.parse.ooxml import W, integer, is_on
from ingest.parse.word_styles import Styles
from ingest.parse.word_text import visible

_MOST_COLUMNS = 63  # Word's own bound


@dataclass(frozen=True, slots=True)
class Cell:
    """`element`: None where a row begins further right. `merge`: 'restart' or 'continue' of one
    merged over rows, else ''."""

    element: Any | None
    span: int = 1
    merge: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """`named`: how many rows at the top are marked as header; `hidden`: rows that Word does not
    show. Deleted rows and cells are not there."""

    rows: list[list[Cell]]
    named: int
    hidden: int

    def is_layout(self, styles: Styles) -> bool:
        """Whether it frames text or sets it in columns: one cell a row, or headings that divide
        the text of some cell."""
        return all(len(row) == 1 for row in self.rows) or any(
            styles.heading(paragraph.find(f"{W}pPr"))
            for row in self.rows
            for cell in row
            if cell.element is not None
            for paragraph, _following in pairwise(visible(cell.element))
            if paragraph.tag == f"{W}p"
        )

    def grid(self, text_of: Callable[[Any], str]) -> Grid:
        """`text_of` is asked once for each cell, in the order of the document."""
        filled: list[list[str]] = []
        across: set[tuple[int, int]] = set()
        for r, row in enumerate(self.rows):
            texts: list[str] = []
            for cell in row:
                column = len(texts)
                if cell.merge == "continue" and filled and column < len(filled[-1]):
                    text = filled[-1][column]
                else:
                    text = text_of(cell.element) if cell.element is not None else ""
                across.update((r, column + n) for n in range(1, cell.span))
                texts += [text] * cell.span
            filled.append(texts)
        return Grid(filled, across)


def read_table(table: Any) -> Table:
    """By its w:tbl."""
    rows: list[list[Cell]] = []
    named = hidden = 0
    for row in visible(table):
        if row.tag != f"{W}tr":
            continue
        properties = row.find(f"{W}trPr")
        if properties is not None:
            if properties.find(f"{W}del") is not None:
                continue
            if is_on(properties.find(f"{W}hidden"), f"{W}val"):
                hidden += 1
                continue
            named += named == len(rows) and is_on(properties.find(f"{W}tblHeader"), f"{W}val")
        rows.append([*_skipped(properties), *_cells(row)])
    return Table(rows, named, hidden)


def _skipped(properties: Any | None) -> Sequence[Cell]:
    """Columns that a row leaves out at its beginning."""
    before = properties.find(f"{W}gridBefore") if properties is not None else None
    count = integer(before.get(f"{W}val")) if before is not None else 0
    return [Cell(None)] * min(max(count, 0), _MOST_COLUMNS)


def _cells(row: Any) -> list[Cell]:
    return [
        _cell(cell)
        for cell in visible(row)
        if cell.tag == f"{W}tc" and cell.find(f"{W}tcPr/{W}cellDel") is None
    ]


def _cell(cell: Any) -> Cell:
    properties = cell.find(f"{W}tcPr")
    if properties is None:
        return Cell(cell)
    span, merge = properties.find(f"{W}gridSpan"), properties.find(f"{W}vMerge")
    columns = integer(span.get(f"{W}val"), 1) if span is not None else 1
    vertical = "" if merge is None else merge.get(f"{W}val") or "continue"
    return Cell(cell, min(max(columns, 1), _MOST_COLUMNS), vertical)
