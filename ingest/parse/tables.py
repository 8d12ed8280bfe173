"""Delimited text: rows that keep their header."""

import csv
from io import StringIO

import regex

from ingest.parse.document import Builder, Content, clean, one_line
from ingest.parse.sheet_tables import Sheet, write_sheet

_DELIMITERS = ",\t;|"
_CELL = r"(?:'(?:[^']|'')*+'|[^',;\t|]*+)"
_CELLS = regex.compile(rf"{_CELL}(?:[,;\t|] ?{_CELL})*+")  # of a line, some in single quotes
_SAID = regex.compile(r"\s*\"?sep=(.)\"?[ \t]*\n", regex.IGNORECASE)  # a line for Excel


def parse_csv(text: str) -> Content:
    """Comma, semicolon, tab or bar separated values, whichever parts the first lines best."""
    text = clean(text).lstrip("\ufeff")
    builder = Builder()
    if said := _SAID.match(text):
        text, mark = text[said.end() :], said.group(1)
    else:
        mark = _delimiter(text)
    rows = csv.reader(StringIO(text, newline=""), delimiter=mark, quotechar=_quote(text))
    found = []
    for number, row in enumerate(rows):
        cells = {column: cell for column, text in enumerate(row) if (cell := one_line(text))}
        if cells:
            found.append((number, cells))
    write_sheet(builder, Sheet(found))
    return builder.finish()


def _quote(text: str) -> str:
    """What cells are put between: some programs take single quotes."""
    lines = [line.strip() for line in text[:50_000].split("\n")[:20] if line.strip()]
    if any('"' in line for line in lines):
        return '"'
    single = sum("'" in line and _CELLS.fullmatch(line) is not None for line in lines)
    return "'" if single > 0.8 * len(lines) else '"'


def _delimiter(text: str) -> str:
    """The mark that parts most of the first 20 lines into the same number of cells."""
    lines = [line for line in text[:50_000].split("\n")[:20] if line.strip()]
    best, best_score = ",", 0.0
    for mark in _DELIMITERS:
        counts = [len(row) for row in csv.reader(lines, delimiter=mark, quotechar=_quote(text))]
        usual = max(set(counts), key=counts.count, default=1)
        score = counts.count(usual) / max(len(counts), 1) if usual > 1 else 0.0
        if score > best_score:
            best, best_score = mark, score
    return best
