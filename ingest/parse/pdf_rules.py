"""Tables drawn with lines: from the paths of a page to cells, and from words to their rows.

The lines (thin rectangles are lines too) that cross one another make a grid. Where a line is
missing between two squares of it, they are one cell: a cell over several rows is repeated in
each, so that a row can be read alone; one over several columns is followed by empty cells.

Over 350 lines: one way from lines to rows, of which no part is of use alone.
"""

import ctypes
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

import pypdfium2
import pypdfium2.raw as pdfium
import regex

from app.text.lines import join_wrapped
from app.text.width import is_cjk, width
from ingest.parse.grid import Grid as MergedRows
from ingest.parse.pdf_charts import Marks

Ruling = tuple[float, float, float, float]  # left, bottom, right, top of a line; points

_THIN = 2.6  # points: thicker is a surface
_SNAP = 3.0  # points that two lines may miss each other by
_SHORTEST = 4.0
MOST_OBJECTS = 20_000  # of a page: more is a drawing
_MOST_SEGMENTS = 400  # of a path
_MOST_LINES = 600  # across, and as many down
_STRAIGHT, _SLANTED = 0.1, 0.5  # slope up to which text counts as level, and as italics
_DOT = 2.0, 8.0  # points
_MOST_DOTS = 300  # of a page: more is a drawing
DEEPEST = 3  # forms within forms
_PALE = 240  # of 255 in all three colours
_INVISIBLE = pdfium.FPDF_TEXTRENDERMODE_INVISIBLE
_PICTURE = 24.0  # points: what is smaller in a direction is decoration
# Of a table within a cell: at least so many columns and lines, and gaps of so many times the height of type.
_COLUMNS, _LINES, _GAP = 3, 2, 0.8
_LABELLED = regex.compile(r"[^:：，。,;；]{2,30}[:：]")
_WIDEST_CELL = 900  # a frame around text is no table
# Where PDFium writes what it is asked, one of each for all calls: there are several for each object of a
# page, and never two at the same time.
_RED, _GREEN, _BLUE, _OPACITY = (ctypes.c_uint() for _ in range(4))
_COLOUR = tuple(map(ctypes.pointer, (_RED, _GREEN, _BLUE, _OPACITY)))
_LEFT, _BOTTOM, _RIGHT, _TOP = (ctypes.c_float() for _ in range(4))
_BOUNDS = tuple(map(ctypes.pointer, (_LEFT, _BOTTOM, _RIGHT, _TOP)))
_MATRIX = pdfium.FS_MATRIX()
_MATRIX_AT = ctypes.pointer(_MATRIX)
_render_mode, _fill_colour = pdfium.FPDFTextObj_GetTextRenderMode, pdfium.FPDFPageObj_GetFillColor


class Word(NamedTuple):
    """`first` and `last`: its characters on the page; `spaced`: a space stands before it."""

    text: str
    left: float
    bottom: float
    right: float
    top: float
    first: int
    last: int
    spaced: bool


@dataclass(slots=True)
class Drawn:
    """What a page shows besides text. `pictures`: where they stand, in the page's own frame."""

    rulings: list[Ruling] = field(default_factory=list)
    pictures: list[Ruling] = field(default_factory=list)
    largest: float = 0.0  # share of the page that the largest picture takes
    anything: bool = False
    level: bool = True  # whether all text is known to run from left to right
    dots: list[Ruling] = field(default_factory=list)  # small signs, about as wide as high
    marks: Marks = field(default_factory=Marks)
    doubtful: bool = False  # whether some text may be unseen: pale, not drawn, or under a box


def drawn_on(page: pypdfium2.PdfPage) -> Drawn:
    """The lines and pictures of a page; of a page with too many objects only some."""
    found = Drawn()
    area = page.get_width() * page.get_height() or 1.0
    kind_of = pdfium.FPDFPageObj_GetType
    left = MOST_OBJECTS
    written = False
    waiting: list[tuple[object, bool, int, tuple[float, ...]]] = [
        (page.raw, True, 0, (1.0, 0.0, 0.0, 1.0, 0.0, 0.0))
    ]
    while waiting and left > 0:
        holder, is_page, depth, outer = waiting.pop()
        count = (pdfium.FPDFPage_CountObjects if is_page else pdfium.FPDFFormObj_CountObjects)(
            holder
        )
        get = pdfium.FPDFPage_GetObject if is_page else pdfium.FPDFFormObj_GetObject
        for i in range(min(count, left)):
            item = get(holder, i)
            kind = kind_of(item)
            found.anything = True
            if kind == pdfium.FPDF_PAGEOBJ_TEXT:
                written = True
                if not found.doubtful:
                    found.doubtful = is_pale(item)
                if found.level:
                    found.level = _is_level(
                        product(matrix_of(item), outer) if depth else matrix_of(item)
                    )
            elif kind == pdfium.FPDF_PAGEOBJ_PATH:
                boxes = len(found.marks.filled)
                _read_path(item, outer, found)
                found.doubtful |= written and len(found.marks.filled) > boxes
            elif kind == pdfium.FPDF_PAGEOBJ_IMAGE:
                x, y, x2, y2 = placed(bounds(item), outer)
                if min(x2 - x, y2 - y) >= _PICTURE:
                    found.pictures.append((x, y, x2, y2))
                    found.largest = max(found.largest, (x2 - x) * (y2 - y) / area)
            elif kind == pdfium.FPDF_PAGEOBJ_FORM:
                if depth < DEEPEST:
                    waiting.append((item, False, depth + 1, product(matrix_of(item), outer)))
                else:
                    found.level = False  # what is in it is not looked at
        left -= count
    if left < 0 or waiting:
        found.level = False
    return found


def _is_level(m: tuple[float, ...]) -> bool:
    """Whether text under a matrix runs from left to right."""
    return m[0] > 0 and m[3] > 0 and abs(m[1]) < _STRAIGHT * m[0] and abs(m[2]) < _SLANTED * m[3]


def turned(box: Ruling, angle: int, size: tuple[float, float]) -> Ruling:
    """A box in the frame in which text of this direction runs from left to right; `size`: width
    and height of the page."""
    left, bottom, right, top = box
    across, high = size
    if angle == 270:
        return bottom, across - right, top, across - left
    if angle == 90:
        return high - top, left, high - bottom, right
    if angle == 180:
        return across - right, high - top, across - left, high - bottom
    return box


@dataclass(frozen=True, slots=True)
class Part:
    """Rows of a grid between two heights; else the words in one of its cells, line by line."""

    bottom: float
    top: float
    rows: list[list[str]]
    lines: list[list[Word]] = field(default_factory=list)


class Grid:
    """The cells that the lines of one table make. `left` to `top`: its outer border."""

    def __init__(self, across: Sequence[Ruling], down: Sequence[Ruling]) -> None:
        xs = [(r[0] + r[2]) / 2 for r in down]
        xs += [min(r[0] for r in across), max(r[2] for r in across)]
        ys = [(r[1] + r[3]) / 2 for r in across]
        ys += [min(r[1] for r in down), max(r[3] for r in down)]
        self._xs, self._ys = _clustered(xs), _clustered(ys)
        self.left, self.right = self._xs[0], self._xs[-1]
        self.bottom, self.top = self._ys[0], self._ys[-1]
        self._owner = self._cells(across, down)
        self._words: dict[tuple[int, int], list[Word]] = {}

    def columns(self) -> list[tuple[float, float]]:
        """Left and right of each column."""
        return list(zip(self._xs, self._xs[1:], strict=False))

    def holds(self, word: Word) -> bool:
        x, y = (word.left + word.right) / 2, (word.bottom + word.top) / 2
        return self.left - 1 <= x <= self.right + 1 and self.bottom - 1 <= y <= self.top + 1

    def take(self, word: Word, characters: Callable[[Word], list[Word]]) -> None:
        """Put a word into the cell that it stands in, or its characters into theirs when it reaches
        into another."""
        _, left, bottom, right, top, *_ = word
        y = (bottom + top) / 2
        inset = min(1.5, (right - left) / 4)
        row = self._row(y)
        place = self._owner[self._column(left + inset), row]
        if place == self._owner[self._column(right - inset), row]:
            self._words.setdefault(place, []).append(word)
            return
        for part in self._parts(word, y, characters):
            place = self._at((part.left + part.right) / 2, (part.bottom + part.top) / 2)
            self._words.setdefault(place, []).append(part)

    def _parts(self, word: Word, y: float, characters: Callable[[Word], list[Word]]) -> list[Word]:
        """The characters of a word, those in one cell put together."""
        parts: list[Word] = []
        for i, c in enumerate(characters(word)):
            same = parts and self._at((c.left + c.right) / 2, y) == self._at(
                (parts[-1].left + parts[-1].right) / 2, y
            )
            if same:
                last = parts.pop()
                c = Word(last.text + c.text, last.left, min(last.bottom, c.bottom), c.right,
                         max(last.top, c.top), last.first, c.last, last.spaced)  # fmt: skip
            elif not i:
                c = Word(c.text, c.left, c.bottom, c.right, c.top, c.first, c.last, word.spaced)
            parts.append(c)
        return parts

    def rows(self) -> list[list[str]]:
        """The rows from the top, without empty rows and columns; the header is one row; none if
        this is no table: a frame, or fewer than two columns."""
        return self._rows([*reversed(range(len(self._ys) - 1))])

    def _rows(self, chosen: Sequence[int]) -> list[list[str]]:
        texts = {place: _cell_text(words) for place, words in self._words.items()}
        if any(width(text) > _WIDEST_CELL for text in texts.values()):
            return []
        across = range(len(self._xs) - 1)
        owners = [[self._owner[column, row] for column in across] for row in chosen]
        table = [
            [texts.get(owner, "") if owner[0] == column else "" for column, owner in enumerate(row)]
            for row in owners
        ]
        filled = [i for i in across if any(row[i] for row in table)]
        kept = [n for n, row in enumerate(table) if any(row)]
        found = [[table[n][i] for i in filled] for n in kept]
        cells_filled = sum(bool(cell) for row in found for cell in row)
        if len(filled) < 2 or cells_filled <= len(found):
            return []
        if len(kept) < 3 or owners[kept[0]][filled[0]] != owners[kept[1]][filled[0]]:
            return found
        cells = MergedRows(
            [[texts.get(owners[n][i], "") for i in filled] for n in kept],
            frozenset(
                (r, c)
                for r, n in enumerate(kept)
                for c, i in enumerate(filled)
                if owners[n][i][0] != i
            ),
        )
        names = 1 if cells.is_title(0) else cells.header_rows()
        return [cells.header(names), *found[names:]] if names > 1 else found

    def parts(self) -> list["Part"]:
        """The grid from the top: its rows, and in their order cells over its whole width in which text stands in
        columns of its own, as on invoices, which no lines part. Most grids are one part; none if this is no table."""
        across = range(len(self._xs) - 1)
        found: list[Part] = []
        rows: list[int] = []

        def close() -> None:
            if rows:
                cells = self._rows(rows)
                words = [w for (_, row), held in self._words.items() if row in rows for w in held]
                lines = [] if cells else list(_rows_of(words))
                found.append(Part(self._ys[rows[-1]], self._ys[rows[0] + 1], cells, lines))
                rows.clear()

        for row in reversed(range(len(self._ys) - 1)):
            words = self._words.get((0, row), [])
            whole = all(self._owner[column, row] == (0, row) for column in across)
            if whole and len(across) > 1 and _in_columns(words):
                close()
                found.append(Part(self._ys[row], self._ys[row + 1], [], list(_rows_of(words))))
            else:
                rows.append(row)
        close()
        return found if len(found) > 1 or found[0].rows else []

    def _at(self, x: float, y: float) -> tuple[int, int]:
        return self._owner[self._column(x), self._row(y)]

    # Left of all, or below, is in the first; right of all, or above, in the last.
    def _column(self, x: float) -> int:
        return bisect_right(self._xs, x, 1, len(self._xs) - 1) - 1

    def _row(self, y: float) -> int:
        return bisect_right(self._ys, y, 1, len(self._ys) - 1) - 1

    def _cells(
        self, across: Sequence[Ruling], down: Sequence[Ruling]
    ) -> dict[tuple[int, int], tuple[int, int]]:
        """For each square (column, row from below) the square that stands for its cell: the one
        farthest left, then lowest."""
        owner: dict[tuple[int, int], tuple[int, int]] = {}
        walls = _covering(self._xs, self._ys, [(r[0] + r[2], r[1], r[3]) for r in down])
        floors = _covering(self._ys, self._xs, [(r[1] + r[3], r[0], r[2]) for r in across])
        for column in range(len(self._xs) - 1):
            for row in range(len(self._ys) - 1):
                square = (column, row)
                beside = column and (column, row) not in walls
                below = row and (row, column) not in floors
                if beside:
                    owner[square] = owner[column - 1, row]
                elif below:
                    owner[square] = owner[column, row - 1]
                else:
                    owner[square] = square
        return owner


def find_grids(rulings: Sequence[Ruling]) -> list[Grid]:
    """The grids that crossing lines make, with two columns at least."""
    across = _merged([r for r in rulings if r[3] - r[1] <= _THIN < r[2] - r[0]])
    down = [
        (r[1], r[0], r[3], r[2])
        for r in _merged(
            [(r[1], r[0], r[3], r[2]) for r in rulings if r[2] - r[0] <= _THIN < r[3] - r[1]]
        )
    ]
    if not across or not down or max(len(across), len(down)) > _MOST_LINES:
        return []
    group = list(range(len(across) + len(down)))

    def root(n: int) -> int:
        while group[n] != n:
            group[n] = group[group[n]]
            n = group[n]
        return n

    for i, h in enumerate(across):
        for j, v in enumerate(down):
            x, y = (v[0] + v[2]) / 2, (h[1] + h[3]) / 2
            if h[0] - _SNAP <= x <= h[2] + _SNAP and v[1] - _SNAP <= y <= v[3] + _SNAP:
                group[root(i)] = root(len(across) + j)
    members: dict[int, tuple[list[Ruling], list[Ruling]]] = {}
    for n in range(len(group)):
        rows, columns = members.setdefault(root(n), ([], []))
        (rows if n < len(across) else columns).append((*across, *down)[n])
    grids = [Grid(*found) for found in members.values() if len(found[0]) > 1 and found[1]]
    return [grid for grid in grids if len(grid.columns()) > 1]


def _covering(
    borders: Sequence[float], other: Sequence[float], lines: Sequence[tuple[float, float, float]]
) -> set[tuple[int, int]]:
    """(border, square) of each stretch between two of `other` along which a line is drawn."""
    found = set()
    for twice, begin, end in lines:
        border = bisect_right(borders, twice / 2) - 1
        if border < 0 or (
            border + 1 < len(borders)
            and borders[border + 1] - twice / 2 < twice / 2 - borders[border]
        ):
            border += 1  # the nearest
        for square in range(len(other) - 1):
            middle = (other[square] + other[square + 1]) / 2
            if begin - 1 <= middle <= end + 1:
                found.add((border, square))
    return found


def _clustered(values: Sequence[float]) -> list[float]:
    """The values in order, those nearer than `_SNAP` to the one before left out."""
    found: list[float] = []
    for value in sorted(values):
        if not found or value - found[-1] > _SNAP:
            found.append(value)
    return found


def _merged(lines: Sequence[Ruling]) -> list[Ruling]:
    """Level lines, pieces of one line put together; each as (left, bottom, right, top)."""
    found: list[Ruling] = []
    level: list[Ruling] = []

    def close() -> None:
        level.sort()
        for line in level:
            if found and found[-1] in joined and line[0] <= found[-1][2] + _SNAP:
                last = found.pop()
                joined.discard(last)
                line = (last[0], last[1], max(last[2], line[2]), last[3])
            found.append(line)
            joined.add(line)
        level.clear()

    joined: set[Ruling] = set()
    for line in sorted(lines, key=lambda r: r[1] + r[3]):
        if level and (line[1] + line[3] - level[0][1] - level[0][3]) / 2 > _THIN:
            close()
            joined.clear()
        level.append(line)
    close()
    return found


def _cell_text(words: Sequence[Word]) -> str:
    """The words of a cell, lines from the top joined as a wrapped text."""
    if len(words) == 1:
        return words[0].text
    text = ""
    for line in _rows_of(words):
        part = ""
        for word in line:
            close = (
                not part or not word.spaced or (is_cjk(part[-1]) and is_cjk(word.text[:1] or " "))
            )
            part += word.text if close else f" {word.text}"
        if text and _LABELLED.match(part):
            text = f"{text} {part}"  # 'Name: …' on a line of its own is none that was wrapped
        else:
            text = join_wrapped(text, part) if text else part
    return text


def _in_columns(words: Sequence[Word]) -> bool:
    """Whether several lines of a cell have wide gaps, which are no spaces of a text."""
    if len(words) < _COLUMNS * _LINES:
        return False
    apart = 0
    for line in _rows_of(words):
        wide = sum(
            word.left - before.right > _GAP * (word.top - word.bottom)
            for before, word in pairwise(line)
        )
        apart += wide >= _COLUMNS - 1
    return apart >= _LINES


def _rows_of(words: Sequence[Word]) -> Iterator[list[Word]]:
    line: list[Word] = []
    for word in sorted(words, key=lambda w: -(w.top + w.bottom)):
        if line:
            drop = (line[0].top + line[0].bottom - word.top - word.bottom) / 2
            lower = min(word.top - word.bottom, line[0].top - line[0].bottom)
            shared = min(word.top, line[0].top) - max(word.bottom, line[0].bottom)
            # The room of a flat sign may be the sign's alone ('一', '-').
            if drop > 0.5 * lower and shared < 0.8 * lower:
                yield sorted(line, key=lambda w: w.left)
                line = []
        line.append(word)
    if line:
        yield sorted(line, key=lambda w: w.left)


def _read_path(path: object, outer: tuple[float, ...], found: Drawn) -> None:
    """The level and upright lines of a path, a thin rectangle being one of them; and its other
    marks."""
    box = placed(bounds(path), outer)
    if _is_line(box):
        found.rulings.append(box)
        return
    if _is_dot(box):
        if len(found.dots) < _MOST_DOTS:
            found.dots.append(box)
        return
    segments = pdfium.FPDFPath_CountSegments(path)
    if segments > _MOST_SEGMENTS or segments < 2:
        return
    matrix = product(matrix_of(path), outer)
    x, y = ctypes.c_float(), ctypes.c_float()
    start = before = (0.0, 0.0)
    curved = 0  # points of a curve that were met: two that draw it, then its end
    straight = True

    def line(a: tuple[float, float], b: tuple[float, float]) -> None:
        nonlocal straight
        piece = min(a[0], b[0]), min(a[1], b[1]), max(a[0], b[0]), max(a[1], b[1])
        if _is_line(piece):
            found.rulings.append(piece)
        elif min(piece[2] - piece[0], piece[3] - piece[1]) > _THIN:
            straight = False
            found.marks.stroke(a, b)

    for i in range(segments):
        segment = pdfium.FPDFPath_GetPathSegment(path, i)
        pdfium.FPDFPathSegment_GetPoint(segment, x, y)
        kind = pdfium.FPDFPathSegment_GetType(segment)
        point = _moved(x.value, y.value, matrix)
        if kind == pdfium.FPDF_SEGMENT_MOVETO:
            start = point
        elif kind == pdfium.FPDF_SEGMENT_LINETO:
            line(before, point)
        elif (curved := curved + 1) % 3:
            continue
        else:
            straight = False
            found.marks.stroke(before, point)
        before = point
        if pdfium.FPDFPathSegment_GetClose(segment):
            line(before, start)
    if straight and is_filled(path):
        found.marks.filled.append(box)


def is_pale(item: object) -> bool:
    """Whether a text or path is not drawn at all, or nearly in white, so that white paper does not show it."""
    if _render_mode(item) == _INVISIBLE:
        return True
    if not _fill_colour(item, *_COLOUR):
        return False
    if not _OPACITY.value:
        return True
    return _RED.value >= _PALE and min(_GREEN.value, _BLUE.value) >= _PALE  # most text is black


def is_filled(path: object) -> bool:
    """Whether a path fills what it runs around."""
    fill, stroke = ctypes.c_int(), ctypes.c_int()
    pdfium.FPDFPath_GetDrawMode(path, fill, stroke)
    return bool(fill.value != pdfium.FPDF_FILLMODE_NONE)


def _is_dot(box: Ruling) -> bool:
    sides = box[2] - box[0], box[3] - box[1]
    return _DOT[0] <= min(sides) and max(sides) <= _DOT[1] and max(sides) < 1.3 * min(sides)


def _is_line(box: Ruling) -> bool:
    across, high = box[2] - box[0], box[3] - box[1]
    return min(across, high) <= _THIN and max(across, high) >= _SHORTEST


def bounds(item: object) -> Ruling:
    """The room that an object takes, before the matrix of the form that holds it."""
    if not pdfium.FPDFPageObj_GetBounds(item, *_BOUNDS):
        return 0.0, 0.0, 0.0, 0.0
    return _LEFT.value, _BOTTOM.value, _RIGHT.value, _TOP.value


def matrix_of(item: object) -> tuple[float, ...]:
    """The matrix of an object, a to f."""
    if not pdfium.FPDFPageObj_GetMatrix(item, _MATRIX_AT):
        return 1.0, 0.0, 0.0, 1.0, 0.0, 0.0
    m = _MATRIX
    return m.a, m.b, m.c, m.d, m.e, m.f


def product(inner: tuple[float, ...], outer: tuple[float, ...]) -> tuple[float, ...]:
    """The matrix that applies `inner` first."""
    a, b, c, d, e, f = inner
    a2, b2, c2, d2, e2, f2 = outer
    return (
        a * a2 + b * c2,
        a * b2 + b * d2,
        c * a2 + d * c2,
        c * b2 + d * d2,
        e * a2 + f * c2 + e2,
        e * b2 + f * d2 + f2,
    )


def _moved(x: float, y: float, m: tuple[float, ...]) -> tuple[float, float]:
    return m[0] * x + m[2] * y + m[4], m[1] * x + m[3] * y + m[5]


def placed(box: Ruling, m: tuple[float, ...]) -> Ruling:
    """The box that a box takes under a matrix."""
    corners = [_moved(x, y, m) for x in (box[0], box[2]) for y in (box[1], box[3])]
    xs, ys = [x for x, _ in corners], [y for _, y in corners]
    return min(xs), min(ys), max(xs), max(ys)
