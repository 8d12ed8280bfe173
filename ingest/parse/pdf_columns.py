"""The order of reading where a file holds columns of text line by line across the page.

Files that hold one column after the other are in the order of reading already.
"""

import math
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from statistics import median

import regex

from app.text.width import is_cjk, width
from ingest.parse.page_lines import Cell, Line

_FEWEST_LINES = 4  # of each column
_NARROWEST = 20  # usual width of a column's line (`app.text.width`); cells of tables hold less
_FARTHEST = 3  # times the size of the type, from one line of a column to the next
_LOOKED_AT = 40  # lines at one height
_GUTTER = 0.8  # times the size of the type
_GOES_ON = regex.compile(r"[\p{Ll}(“‘\"'\d]")
_STOP = regex.compile(r"[,.;!?，。；！？、]")
_STOPS = tuple("。！？；：.!?:;")


def in_reading_order(lines: Sequence[Line]) -> list[Line]:
    """The lines of one page, columns of prose that stand side by side one after the other.

    What is no prose (the cells of a table) and what spans the columns stays where it is; a title
    above all that was drawn before it comes first.
    """
    ordered: list[Line] = []
    lines = _titles_first(lines)
    i = 0
    while i < len(lines):
        sides, end = _columns(lines, i)
        if sides:
            for side in sides:
                ordered += in_reading_order(side)
        else:
            ordered += lines[i:end]
        i = end
    return ordered


def with_reach(lines: Sequence[Line]) -> list[Line]:
    """The lines of one page in the order of reading, those of prose with where their column ends
    if another stands to the right of it."""
    across = sorted((line for line in lines if not line.rows), key=lambda line: line.bottom)
    bottoms = [line.bottom for line in across]
    found: list[Line] = []
    for block in _blocks(lines):
        reach = min((_neighbour(line, across, bottoms) for line in block), default=math.inf)
        if reach < math.inf and _is_prose(block) and all(line.right <= reach for line in block):
            block = [replace(line, reach=min(line.reach, reach)) for line in block]
        found += block
    return found


def _blocks(lines: Sequence[Line]) -> Iterator[list[Line]]:
    """Runs of lines of one size that begin below each other."""
    block: list[Line] = []
    for line in lines:
        before = block[-1] if block else line
        if block and not (
            line.size == before.size
            and not line.rows
            and not before.rows
            and abs(line.left - block[0].left) < 2 * line.size
            and 0 < before.bottom - line.bottom < _FARTHEST * line.size
        ):
            yield block
            block = []
        block.append(line)
    if block:
        yield block


def _neighbour(line: Line, across: Sequence[Line], bottoms: Sequence[float]) -> float:
    """Where what stands to the right of a line begins."""
    begin = bisect_left(bottoms, line.bottom - line.size)
    found = math.inf
    for other in across[begin : begin + _LOOKED_AT]:
        if other.bottom > line.bottom + line.size:
            break
        if other.left > line.right:
            found = min(found, other.left)
    return found


def _titles_first(lines: Sequence[Line]) -> Sequence[Line]:
    """The lines, those first that were drawn later than what is all below them and does not begin
    further left."""
    titles: list[Line] = []
    rest: list[Line] = []
    top, left = -math.inf, math.inf
    for line in lines:
        if rest and line.bottom >= top and line.left <= left + line.size:
            titles.append(line)
            continue
        rest.append(line)
        top, left = max(top, line.top), min(left, line.left)
    return [*titles, *rest] if titles else lines


def _columns(lines: Sequence[Line], first: int) -> tuple[Sequence[list[Line]], int]:
    """The lines left and right of a gutter that begins at line `first`, and where it ends; no
    sides, and where to look next, if there are none."""
    gap = _first_gap(lines, first)
    if gap is None:
        return (), first + 1
    left, right = gap
    sides: tuple[list[Line], list[Line]] = ([], [])
    i = first
    while i < len(lines) and not lines[i].rows:
        line = lines[i]
        parts = _parted(line, (left + right) / 2)
        if parts is None:
            break
        inner = max([left, *(p.right for p in parts[:1] if p)])
        outer = min([right, *(p.left for p in parts[1:] if p)])
        if outer - inner < _GUTTER * line.size:
            break
        left, right = inner, outer
        for side, part in zip(sides, parts, strict=True):
            if part:
                side.append(part)
        i += 1
    if all(map(_is_prose, sides)):
        return ([replace(line, reach=min(line.reach, right)) for line in sides[0]], sides[1]), i
    # The rows of a long table are not looked at again from each of them.
    return (), i if i - first > 2 * _FEWEST_LINES else first + 1


def _first_gap(lines: Sequence[Line], first: int) -> tuple[float, float] | None:
    """Where the gutter is, if line `first` has one, or the next line stands beside it."""
    line = lines[first]
    if len(line.cells) == 2:
        return line.cells[0].right, line.cells[1].left
    if len(line.cells) > 2 and not line.rows:
        middle = len(line.cells) // 2
        return line.cells[middle - 1].right, line.cells[middle].left
    if first + 1 < len(lines) and len(line.cells) == 1:
        other = lines[first + 1]
        beside = abs(line.bottom - other.bottom) < line.size and other.left > line.right
        if beside and len(other.cells) == 1:
            return line.right, other.left
    return None


def _parted(line: Line, middle: float) -> tuple[Line | None, Line | None] | None:
    """The line's parts left and right of the gutter; None if a part lies across it."""
    left = tuple(cell for cell in line.cells if cell.right <= middle)
    right = tuple(cell for cell in line.cells if cell.left >= middle)
    if len(left) + len(right) < len(line.cells):
        return None
    return _part(line, left), _part(line, right)


def _part(line: Line, cells: tuple[Cell, ...]) -> Line | None:
    if not cells:
        return None
    if cells == line.cells:
        return line
    text = " ".join(cell.text for cell in cells)
    left, right = cells[0].left, cells[-1].right
    return replace(line, text=text, left=left, right=right, cells=cells, narrow=())


def _is_prose(lines: Sequence[Line]) -> bool:
    """Whether sentences run on from line to line, which are about as long as each other."""
    if len(lines) < _FEWEST_LINES or median(width(line.text) for line in lines) < _NARROWEST:
        return False
    if sum(_STOP.search(line.text) is not None for line in lines) < 0.15 * len(lines):
        return False
    margin = median(line.right for line in lines)
    breaks = list(pairwise(lines))
    return sum(_runs_on(*pair, margin) for pair in breaks) >= 0.4 * len(breaks)


def _runs_on(before: Line, line: Line, margin: float) -> bool:
    if before.text.rstrip().endswith(_STOPS):
        return False
    if is_cjk(line.text[0]):
        return is_cjk(before.text[-1]) and before.right > margin - 1.5 * line.size
    return _GOES_ON.match(line.text) is not None
