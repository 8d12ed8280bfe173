"""Spreadsheets and delimited text: rows that keep their header."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time
from io import StringIO
from pathlib import Path

from ingest.parse.archive import open_archive
from ingest.parse.document import Builder, Content, Limits, clean, one_line

_DELIMITERS = ",\t;|"


def parse_xlsx(path: Path, name: str, limits: Limits) -> Content:
    """A sheet is a heading; an empty row ends a table; a row of one cell is a paragraph.

    Formulas give the value that was saved with them. Hidden sheets are left out.
    """
    from openpyxl import load_workbook  # lazy: only Excel files need it

    with open_archive(path, name, limits):
        pass  # checks the container only; openpyxl opens it itself
    builder = Builder()
    # As a file object: openpyxl goes by a path's extension, and a stored copy has none.
    with path.open("rb") as file:
        book = load_workbook(file, read_only=True, data_only=True)
        for sheet in book.worksheets:
            if sheet.sheet_state == "visible":
                sheet.reset_dimensions()  # the file may state a wrong size
                builder.heading(sheet.title, 1)
                _write(builder, ([_cell(v) for v in row] for row in sheet.values))
        return builder.finish(title=book.properties.title or "")


def parse_csv(text: str) -> Content:
    """Comma, semicolon, tab or bar separated values, whichever parts the first lines best."""
    text = clean(text).lstrip("\ufeff")
    builder = Builder()
    rows = csv.reader(StringIO(text, newline=""), delimiter=_delimiter(text))
    _write(builder, ([one_line(cell) for cell in row] for row in rows))
    return builder.finish()


def _write(builder: Builder, rows: Iterable[list[str]]) -> None:
    for table in _tables(rows):
        if all(len(row) == 1 for row in table):
            for row in table:
                builder.paragraph(row[0])
        else:
            builder.table(table, has_header=_is_header(table))


def _tables(rows: Iterable[list[str]]) -> Iterator[list[list[str]]]:
    """Runs of rows with more than one filled cell, and runs of rows with one, in turn."""
    run: list[list[str]] = []
    single = False
    for row in rows:
        while row and not row[-1]:
            row.pop()
        filled = [cell for cell in row if cell]
        # A single filled cell that is not the first is a row of a table, with gaps.
        other = (len(filled) == 1) != single and (single or len(row) == 1)
        if run and (not filled or other):
            yield run
            run = []
        if filled:
            if not run:
                single = len(filled) == 1
            run.append(filled if single else row)
    if run:
        yield run


def _is_header(rows: Sequence[Sequence[str]]) -> bool:
    """The first row names the columns if it has no numbers and hardly any gaps."""
    first = rows[0]
    gaps = sum(not cell for cell in first)
    numbers = sum(_number(cell) for cell in first)
    return len(rows) > 1 and not numbers and gaps * 3 <= len(first)


def _number(cell: str) -> bool:
    try:
        float(cell.replace(",", "").rstrip("%"))
    except ValueError:
        return False
    return True


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return f"{value:.15g}"
    if isinstance(value, datetime):
        midnight = value.time() == time()
        return value.date().isoformat() if midnight else value.isoformat(" ", "seconds")
    if isinstance(value, (date, time)):
        return value.isoformat()
    return one_line(str(value))


def _delimiter(text: str) -> str:
    """The mark that parts most of the first 20 lines into the same number of cells."""
    lines = [line for line in text[:50_000].split("\n")[:20] if line.strip()]
    best, best_score = ",", 0.0
    for mark in _DELIMITERS:
        counts = [len(row) for row in csv.reader(lines, delimiter=mark)]
        usual = max(set(counts), key=counts.count, default=1)
        score = counts.count(usual) / max(len(counts), 1) if usual > 1 else 0.0
        if score > best_score:
            best, best_score = mark, score
    return best
