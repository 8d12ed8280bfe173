"""From the lines of pages to headings, paragraphs, list items and table rows.

Rules. Lines of a paragraph are joined (nothing between CJK characters, else a space); a word
divided at a line end is written without the hyphen, unless the document writes it with one
elsewhere. A paragraph ends where the next line starts lower than usual, is indented, is a list
item or has another size, or where its first word would have fitted on the line before. Larger
or bold short lines are headings. Tables are those drawn with lines, and lines of cells that
stand below each other; the first row is the header if it is bold or stands above numbers. A
table that goes on with the next page keeps its header there; that the page prints it again is
no row. Running headers, footers and page numbers are dropped.
"""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

import regex

from app.text.lines import LIST_MARKER, join_wrapped
from app.text.width import is_cjk, width
from ingest.parse.document import Builder
from ingest.parse.page_lines import Line
from ingest.parse.pdf_tables import Rows, goes_on, same_header, table_at

_HYPHEN = "\x02"  # PDFium's mark for a hyphen at a line end
_DIVIDED = regex.compile(rf"(\p{{L}}+){_HYPHEN}(\p{{L}}+)")
_COMPOUND = regex.compile(r"\p{L}+-\p{L}+")
_DOTS = regex.compile(r"[ ]?(?:[.·…]\s?){6,}")
_ENTRY = regex.compile(rf"{_DOTS.pattern}\s*(?:\d{{1,4}}|[ivxlc]{{1,6}})\s*$")
_NOT_IN_HEADING = regex.compile(r"[。；;，,：:]$|[。；]")
_GOES_ON = regex.compile(
    r"continued|\bcont(?:inuation|['’]?d)?\.?\b|续|續|fortsetzung|suite", regex.I
)
_WIDEST_HEADING = 120
_PEERS = 200  # lines of a page that are looked at for where its column ends
# Of a column's width, how far a line may end before the place where the next word would not have
# fitted, if its sentence goes on: with a small letter, with any.
_RAGGED = (0.3, 0.06)
_LABEL = regex.compile(r"[^:：]{1,40}[:：](?:\s|$)")
# '1.1 ', '2.3.1 ' at the start of a line: a clause, where the sentence before has ended.
_CLAUSE = regex.compile(r"\d{1,2}(?:\.\d{1,2}){1,3}[ 　、．](?!\d)")
_ENDS = tuple('。！？；.!?:;：”"）)')


def compose(
    builder: Builder, lines: Sequence[Line], asides: Mapping[int, Sequence[str]] | None = None
) -> None:
    """Write the lines as blocks. `asides`: paragraphs that stand after the text of a page."""
    waiting = sorted((asides or {}).items(), reverse=True)
    if lines:
        _Composer(builder, lines, waiting).compose()
    _write_asides(builder, waiting, None)


def _write_asides(
    builder: Builder, waiting: list[tuple[int, Sequence[str]]], before: int | None
) -> None:
    """Those of the pages before `before`, of all if it is None."""
    while waiting and (before is None or waiting[-1][0] < before):
        builder.page, texts = waiting.pop()
        for text in texts:
            builder.paragraph(text)


class _Composer:
    """Lines to headings, paragraphs and list items."""

    def __init__(
        self,
        builder: Builder,
        lines: Sequence[Line],
        asides: list[tuple[int, Sequence[str]]],
    ) -> None:
        lines = _without_usual_bold(lines)
        self._builder = builder
        self._asides = asides  # the last page's first
        self._lines = lines
        sizes = Counter[float]()
        for line in lines:
            sizes[line.size] += len(line.text)
        self._body = sizes.most_common(1)[0][0]
        self._compounds = {word.lower() for line in lines for word in _COMPOUND.findall(line.text)}
        larger = {
            line.size
            for line in lines
            if line.size > 1.12 * self._body and line.text and self._short(line)
        }
        self._levels = {size: i + 1 for i, size in enumerate(sorted(larger, reverse=True)[:4])}
        self._margins = _margins(lines)
        self._pitch = self._usual_pitch()
        self._above: Rows | None = None  # the table that ended with the line before
        self._header: list[str] | None = None  # its column names

    def compose(self) -> None:
        group: list[int] = []
        i = 0
        while i < len(self._lines):
            rows = table_at(self._lines, i, None if group else self._above)
            if group and (rows or not self._continues(group, i)):
                self._emit(group)
                group = []
            if rows:
                self._table(rows)
                i += rows.lines
            else:
                if self._above and not (
                    self._lines[i].page == self._above.page + 1
                    and _GOES_ON.search(self._lines[i].text)
                ):
                    self._above = None
                group.append(i)
                i += 1
        if group:
            self._emit(group)

    def _table(self, rows: Rows) -> None:
        _write_asides(self._builder, self._asides, rows.page)
        self._builder.page = rows.page
        cells = [[self._mend(cell) for cell in row] for row in rows.cells]
        above, self._above = self._above, rows
        if above is not None and goes_on(above, rows):
            if self._header is not None and same_header(above, rows):
                cells = cells[1:]
            self._builder.table(cells, has_header=False, header=self._header)
            # What goes on with the page after is measured by the whole table's names.
            self._above = Rows(
                above.cells[:1], rows.lines, above.header, above.bold, rows.page, rows.columns
            )
            return
        self._header = cells[0] if rows.header else None
        self._builder.table(cells, has_header=rows.header)

    def _emit(self, group: Sequence[int]) -> None:
        first = self._lines[group[0]]
        text = ""
        for i in group:
            text = join_wrapped(text, self._lines[i].text) if text else self._lines[i].text
        text = self._mend(text)
        _write_asides(self._builder, self._asides, first.page)
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
        return (
            width(line.text) <= _WIDEST_HEADING
            and not _NOT_IN_HEADING.search(line.text)
            and not _DOTS.search(line.text)
        )

    def _continues(self, group: Sequence[int], i: int) -> bool:
        """Whether line i goes on with the paragraph that the lines of `group` began."""
        before, line = self._lines[i - 1], self._lines[i]
        if abs(before.size - line.size) > 0.12 * max(before.size, line.size):
            return False
        if _ENTRY.search(before.text):
            return False  # of a table of contents
        heading, ends = self._heading_level(before), before.text.rstrip().endswith(_ENDS)
        if ends and (line.bold != before.bold or _CLAUSE.match(line.text)):
            return False
        if heading != self._heading_level(line) or LIST_MARKER.match(line.text):
            return False
        if before.page == line.page and line.top < before.top:
            drop = before.bottom - line.bottom
            if drop > max(1.45 * self._pitch.get(line.size, 1.3 * line.size), 1.3 * line.size):
                return False
            in_item = LIST_MARKER.match(self._lines[group[0]].text)
            if line.left > before.left + 0.8 * line.size and not (in_item and len(group) == 1):
                return False
        elif heading or ends:
            # A new page or column: the sentence must be unfinished.
            return False
        if heading:
            return True
        word = line.text.split(" ", 1)[0]
        needed = line.size * (1.0 if is_cjk(word[0]) else 0.5 * len(word) + 0.3)
        if not ends and not _LABEL.match(line.text):
            ragged = _RAGGED[0] if word[0].islower() else _RAGGED[1] if word[0].isalpha() else 0.0
            needed += ragged * max(self._margins[i - 1] - before.left, 0.0)
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


def _without_usual_bold(lines: Sequence[Line]) -> Sequence[Line]:
    """What most of a document is set in marks no headings."""
    widths = {True: 0, False: 0}
    for line in lines:
        widths[line.bold] += len(line.text) + sum(len(cell) for row in line.rows for cell in row)
    if widths[True] <= widths[False]:
        return lines
    return [replace(line, bold=False) if line.bold else line for line in lines]


def _margins(lines: Sequence[Line]) -> list[float]:
    """For each line, where its column ends on the right, points."""
    pages: dict[int, list[Line]] = {}
    for line in lines:
        pages.setdefault(line.page, []).append(line)
    lefts: dict[int, list[float]] = {}
    for page, found in pages.items():
        found.sort(key=lambda line: line.left)
        lefts[page] = [line.left for line in found]
    margins = []
    # Most lines of a page begin at one place, in one size: then they have one answer.
    known: dict[tuple[int, float, float, float], float | None] = {}
    for line in lines:
        key = line.page, line.left, line.size, line.reach
        if key not in known:
            known[key] = _margin(line, pages[line.page], lefts[line.page])
        margin = known[key]
        margins.append(line.right if margin is None else margin)
    return margins


def _margin(line: Line, page: Sequence[Line], lefts: Sequence[float]) -> float | None:
    """Where the lines that begin about where this one does end on the right; None if no such is known. `page`:
    its lines from the left, which begin at `lefts`."""
    reach = 4 * line.size
    begin = bisect_right(lefts, line.left - reach)
    end = bisect_left(lefts, line.left + reach)
    step = max((end - begin) // _PEERS, 1)
    peers = sorted(
        other.right
        for other in page[begin:end:step]
        if line.left < other.right <= line.reach and abs(other.size - line.size) <= 0.12 * line.size
    )
    if not peers:
        return None
    # Not the largest: a formula or a wide table may stand out of the column.
    return peers[int(0.9 * (len(peers) - 1))] if len(peers) > 4 else peers[-1]
