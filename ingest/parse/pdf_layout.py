"""From the lines of a PDF's pages to headings, paragraphs, list items and table rows.

Rules. Lines of a paragraph are joined (nothing between CJK characters, else a space); a word
divided at a line end is written without the hyphen, unless the document writes it with one
elsewhere. A paragraph ends where the next line starts lower than usual, is indented, is a list
item or has another size, or where its first word would have fitted on the line before. Larger
or bold short lines are headings. Lines of equally many cells below each other are the rows of
a table, the first its header if it is bold or
stands above numbers. Running headers, footers and page numbers are dropped. The
reading order is that of the file, which for ordinary columns is the order of reading.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import regex

from app.text.lines import LIST_MARKER, join_wrapped
from app.text.width import is_cjk, width
from ingest.parse.document import Builder

_HYPHEN = "\x02"  # PDFium's mark for a hyphen at a line end
_DIVIDED = regex.compile(rf"(\p{{L}}+){_HYPHEN}(\p{{L}}+)")
_COMPOUND = regex.compile(r"\p{L}+-\p{L}+")
_DOTS = regex.compile(r"(?:[.·…]\s?){6,}")
_PAGE_NUMBER = regex.compile(
    r"[-–—\s]*(?:(?:page|p\.|第)\s*)?(?:\d{1,4}|[ivxlc]{1,6})\s*"
    r"(?:页|/\s*\d+|of\s+\d+|\s*共\s*\d+\s*页)?[-–—\s]*$",
    regex.IGNORECASE,
)
_DIGITS = regex.compile(r"\d+")
_NOT_IN_HEADING = regex.compile(r"[。；;，,：:]$|[。；]")
_BULLET_CELL = regex.compile(r"\W$|[(（]?[\da-zA-Z一二三四五六七八九十]{1,3}[.)、）]$")
_REPEATED = 3  # pages
_WIDEST_HEADING = 120
_WIDEST_CELLS = 120  # two cells that are wider on average are two columns of text


@dataclass(frozen=True, slots=True)
class Cell:
    """A part of a line between wide gaps; `left` and `right` in points."""

    text: str
    left: float
    right: float


@dataclass(frozen=True, slots=True)
class Line:
    """A line of type; lengths in points, heights from the bottom of the page."""

    text: str
    page: int  # 1-based
    left: float
    right: float
    top: float
    bottom: float
    size: float  # of the type
    bold: bool
    edge: bool  # in the margin above or below the text
    cells: tuple[Cell, ...]


def without_running_titles(lines: Sequence[Line]) -> list[Line]:
    """Lines in the margins go if they are page numbers or stand on several pages."""
    seen = Counter(
        (text, page)
        for text, page in {(_DIGITS.sub("#", line.text), line.page) for line in lines if line.edge}
    )
    repeats = Counter(text for text, _ in seen)
    return [
        line
        for line in lines
        if not (
            line.edge
            and (
                repeats[_DIGITS.sub("#", line.text)] >= _REPEATED
                or (_PAGE_NUMBER.match(line.text) and any(c.isalnum() for c in line.text))
            )
        )
    ]


def compose(builder: Builder, lines: Sequence[Line]) -> None:
    """Write the lines as blocks."""
    if lines:
        _Composer(builder, lines).compose()


class _Composer:
    """Lines to headings, paragraphs and list items."""

    def __init__(self, builder: Builder, lines: Sequence[Line]) -> None:
        self._builder = builder
        self._lines = lines
        sizes = Counter[float]()
        for line in lines:
            sizes[line.size] += len(line.text)
        self._body = sizes.most_common(1)[0][0]
        self._compounds = {word.lower() for line in lines for word in _COMPOUND.findall(line.text)}
        larger = {
            line.size for line in lines if line.size > 1.12 * self._body and self._short(line)
        }
        self._levels = {size: i + 1 for i, size in enumerate(sorted(larger, reverse=True)[:4])}
        self._margins = _margins(lines)
        self._pitch = self._usual_pitch()

    def compose(self) -> None:
        group: list[int] = []
        i = 0
        while i < len(self._lines):
            rows = _table(self._lines, i)
            if group and (rows or not self._continues(group, i)):
                self._emit(group)
                group = []
            if rows:
                self._builder.page = self._lines[i].page
                cells = [[self._mend(cell) for cell in row] for row in rows.cells]
                self._builder.table(cells, has_header=rows.header)
                i += rows.lines
            else:
                group.append(i)
                i += 1
        if group:
            self._emit(group)

    def _emit(self, group: Sequence[int]) -> None:
        first = self._lines[group[0]]
        text = ""
        for i in group:
            text = join_wrapped(text, self._lines[i].text) if text else self._lines[i].text
        text = self._mend(text)
        self._builder.page = first.page
        level = self._heading_level(first)
        if level and width(text) <= 2 * _WIDEST_HEADING:
            self._builder.heading(text, level)
        elif marker := LIST_MARKER.match(text):
            item = text[marker.end() :].strip()
            self._builder.list_item(item, 1, marker.group().strip()) if item else None
        else:
            self._builder.paragraph(text)

    def _mend(self, text: str) -> str:
        """Divided words in one piece, and no leader dots."""
        return _DOTS.sub(" … ", _DIVIDED.sub(self._rejoin, text)).replace(_HYPHEN, "-")

    def _rejoin(self, match: regex.Match[str]) -> str:
        compound = f"{match.group(1)}-{match.group(2)}"
        return compound if compound.lower() in self._compounds else match.group(1) + match.group(2)

    def _heading_level(self, line: Line) -> int:
        if not self._short(line):
            return 0
        if line.size in self._levels:
            return self._levels[line.size]
        bold = line.bold and line.size >= self._body and not LIST_MARKER.match(line.text)
        return min(len(self._levels) + 1, 6) if bold else 0

    @staticmethod
    def _short(line: Line) -> bool:
        return width(line.text) <= _WIDEST_HEADING and not _NOT_IN_HEADING.search(line.text)

    def _continues(self, group: Sequence[int], i: int) -> bool:
        """Whether line i goes on with the paragraph that the lines of `group` began."""
        before, line = self._lines[i - 1], self._lines[i]
        if abs(before.size - line.size) > 0.12 * max(before.size, line.size):
            return False
        heading = self._heading_level(before)
        if heading != self._heading_level(line) or LIST_MARKER.match(line.text):
            return False
        if before.page == line.page and line.top < before.top:
            drop = before.bottom - line.bottom
            if drop > max(1.45 * self._pitch.get(line.size, 1.3 * line.size), 1.3 * line.size):
                return False
            in_item = LIST_MARKER.match(self._lines[group[0]].text)
            if line.left > before.left + 0.8 * line.size and not (in_item and len(group) == 1):
                return False
        elif heading or before.text.rstrip()[-1:] in tuple('。！？；.!?;:：”"）)'):
            # A new page or column: the sentence must be unfinished.
            return False
        if heading:
            return True
        word = line.text.split(" ", 1)[0]
        needed = line.size * (1.0 if is_cjk(word[0]) else 0.5 * len(word) + 0.3)
        return before.right + needed > self._margins[i - 1] - 0.5 * line.size

    def _usual_pitch(self) -> dict[float, float]:
        """For each size, the usual distance of two lines, points."""
        drops: dict[float, list[float]] = {}
        for before, line in pairwise(self._lines):
            if before.page == line.page and before.size == line.size:
                drop = before.bottom - line.bottom
                if 0.8 * line.size < drop < 3 * line.size:
                    drops.setdefault(line.size, []).append(drop)
        # The lower quartile: distances within paragraphs are the smaller ones.
        return {size: sorted(found)[len(found) // 4] for size, found in drops.items()}


def _margins(lines: Sequence[Line]) -> list[float]:
    """For each line, where its column ends on the right, points."""
    pages: dict[int, list[Line]] = {}
    for line in lines:
        pages.setdefault(line.page, []).append(line)
    margins = []
    for line in lines:
        peers = [
            other.right
            for other in pages[line.page]
            if abs(other.left - line.left) < 4 * line.size and other.right > line.left
        ]
        peers.sort()
        # Not the largest: a formula or a wide table may stand out of the column.
        margins.append(peers[int(0.9 * (len(peers) - 1))] if len(peers) > 4 else max(peers))
    return margins


@dataclass(frozen=True)
class _Rows:
    cells: list[list[str]]
    lines: int  # of the page that the rows take
    header: bool  # the first row names the columns


def _table(lines: Sequence[Line], first: int) -> _Rows | None:
    """The table that begins with line `first`, if one does: at least two rows of like cells.

    A line below a row that leaves the first column empty goes on with the row's cells.
    """
    head = lines[first]
    if len(head.cells) < 2 or _BULLET_CELL.match(head.cells[0].text):
        return None
    rows = [[cell.text for cell in head.cells]]
    columns = [(cell.left, cell.right) for cell in head.cells]
    taken = 1
    for before, line in pairwise(lines[first:]):
        if line.page != head.page or line.top >= before.top:
            break
        if before.bottom - line.bottom > 4 * head.size:
            break
        places = _columns_of(line, columns)
        if places is None:
            break
        if len(line.cells) == len(columns):
            rows.append([cell.text for cell in line.cells])
        elif len(rows) > 1 and 0 not in places and before.bottom - line.bottom < 1.6 * line.size:
            for place, cell in zip(places, line.cells, strict=True):
                rows[-1][place] = join_wrapped(rows[-1][place], cell.text)
        else:
            break
        taken += 1
        for place, cell in zip(places, line.cells, strict=True):
            left, right = columns[place]
            columns[place] = (min(left, cell.left), max(right, cell.right))
    average = sum(width(cell) for row in rows for cell in row) / sum(map(len, rows))
    if len(rows) < 2 or (len(columns) == 2 and average > _WIDEST_CELLS):
        return None
    return _Rows(rows, taken, head.bold or _heads_numbers(rows))


def _heads_numbers(rows: Sequence[Sequence[str]]) -> bool:
    """The first row has no digits where most rows below have some."""
    below = [any(_DIGITS.search(cell) for cell in row[1:]) for row in rows[1:]]
    return not _DIGITS.search("".join(rows[0][1:2])) and 2 * sum(below) > len(below)


def _columns_of(line: Line, columns: Sequence[tuple[float, float]]) -> list[int] | None:
    """The column that each cell of the line stands in; None if one stands in none or between."""
    places: list[int] = []
    for cell in line.cells:
        over = [
            n for n, (left, right) in enumerate(columns) if cell.left < right and cell.right > left
        ]
        if len(over) != 1 or over[0] in places:
            return None
        places.append(over[0])
    return places
