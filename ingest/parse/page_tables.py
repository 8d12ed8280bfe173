"""Tables of an HTML page: which hold data, and their rows with merged cells."""

from collections.abc import Iterable

from lxml import etree
from lxml.html import HtmlElement

from ingest.parse.document import clean, one_line
from ingest.parse.grid import Grid
from ingest.parse.page import BLOCKS


def is_data(table: HtmlElement) -> bool:
    """Whether it is a table of data, not one that arranges a page: two columns, and no inner
    table unless its columns or rows are named."""
    rows = _own_rows(table)
    if table.find(".//table") is not None and not any(row.find("th") is not None for row in rows):
        return False
    return any(len(row) > 1 for row in rows)


def _own_rows(table: HtmlElement) -> list[HtmlElement]:
    """Its rows, without those of tables within its cells."""
    parts = [table, *table.iterchildren("thead", "tbody", "tfoot")]
    return [row for part in parts for row in part.iterchildren("tr")]


def table_grid(table: HtmlElement) -> tuple[Grid, int]:
    """The table, and how many of its rows name the columns: those of its head, or of header
    cells alone; else the first, unless it mixes <th> and <td> (then its first cell heads the row).
    """
    rows: list[list[str]] = []
    across: set[tuple[int, int]] = set()
    pending: dict[int, tuple[int, str, bool]] = {}  # column: rows left, text, whether across
    named = 0
    mixed = False
    for number, row in enumerate(_own_rows(table)):
        cells: list[str] = []
        tags: set[str] = set()

        def take_pending(cells: list[str] = cells, number: int = number) -> None:
            while len(cells) in pending:
                left, text, wide = pending.pop(len(cells))
                if left > 1:
                    pending[len(cells)] = (left - 1, text, wide)
                if wide:
                    across.add((number, len(cells)))
                cells.append(text)

        for cell in row.iterchildren("td", "th"):
            take_pending()
            tags.add(str(cell.tag))
            text, down = cell_text(cell), _span(cell, "rowspan")
            for n in range(_span(cell, "colspan")):
                if down > 1:
                    pending[len(cells)] = (down - 1, text, n > 0)
                if n:
                    across.add((number, len(cells)))
                cells.append(text)
        take_pending()
        if named == number and (row.getparent().tag == "thead" or tags == {"th"}):
            named += 1
        if not rows:
            mixed = len(tags) != 1
        rows.append(cells)
    return Grid(rows, frozenset(across)), named or (0 if mixed else 1)


def _span(cell: HtmlElement, name: str) -> int:
    value = cell.get(name) or "1"
    return min(max(int(value), 1), 100) if value.isdecimal() and len(value) < 6 else 1


def cell_text(cell: HtmlElement) -> str:
    return one_line(" ".join(_texts(cell)))


def _texts(cell: HtmlElement) -> Iterable[str]:
    """Texts of a cell, one piece for each block or line in it."""
    parts = [""]
    for event, element in etree.iterwalk(cell, events=("start", "end")):
        breaks = element.tag in BLOCKS or element.tag in ("br", "li")
        if breaks and element is not cell:
            parts.append("")
        if event == "start":
            if element.tag == "img" and (alt := one_line(element.get("alt") or "")):
                parts[-1] += alt
            parts[-1] += element.text or ""
        elif element is not cell:
            parts[-1] += element.tail or ""
    return (clean(part) for part in parts if part.strip())
