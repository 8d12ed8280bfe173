"""What a page of an OFD file draws: placed text and lines, to lines of type and tables."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import regex

from app.text.width import is_cjk
from ingest.parse.document import clean
from ingest.parse.page_lines import Cell, Line
from ingest.parse.pdf_rules import Grid, Part, Ruling, Word, find_grids

Box = tuple[float, float, float, float]  # left, top, width, height

POINTS: Final = 72 / 25.4  # of a millimetre, in which all lengths of a file are
_ASCENT, _DESCENT = 0.85, 0.15  # of the size of type, above and below where it stands
_CELL_GAP, _WORD_GAP = 1.4, 0.3  # times the size of the type
_EDGE: Final = 0.085  # of the page's height
_BOLD: Final = 600  # weight
_MOST_STEPS: Final = 20_000  # of one piece of text
_MOST_SEGMENTS: Final = 400  # of a path
_MOST_OBJECTS: Final = 50_000  # of a page
_PATH: Final = regex.compile(r"[A-Za-z]|-?\d{1,7}(?:\.\d{0,9})?")
_OVERLAP: Final = 0.5  # of the height of type: what stands so beside other type is on its line


@dataclass
class Page:
    """What is placed on one page; lengths in points, heights from its bottom."""

    number: int
    height: float
    words: list[tuple[Word, float, bool]] = field(default_factory=list)  # with size, boldness
    rulings: list[Ruling] = field(default_factory=list)
    pictures: list[str] = field(default_factory=list)
    hidden: int = 0
    left: int = _MOST_OBJECTS


def place(tree: Any, page: Page, bold_fonts: Collection[str], media: Mapping[str, str]) -> None:
    """Put what a tree draws onto the page. `media`: the parts of pictures, by their ids."""
    content = tree.find("{*}Content")
    for element in (
        content.iter("{*}TextObject", "{*}PathObject", "{*}ImageObject")
        if content is not None
        else ()
    ):
        page.left -= 1
        if page.left < 0:
            return
        if element.get("Visible") == "false":
            page.hidden += element.tag.endswith("}TextObject")
        elif element.tag.endswith("}TextObject"):
            size = _number(element.get("Size"), 3.0)
            scale = abs(_matrix(element)[3]) or 1.0
            weight = _number(element.get("Weight"), 400.0)
            bold = (element.get("Font") or "") in bold_fonts or weight >= _BOLD
            points = size * scale * POINTS
            page.words += [(word, points, bold) for word in _words(element, size, page.height)]
        elif element.tag.endswith("}PathObject"):
            page.rulings += _rulings(element, page.height)
        else:
            page.pictures.append(media.get(element.get("ResourceID") or "", ""))


def _words(element: Any, size: float, height: float) -> Iterator[Word]:
    """The pieces of a text between gaps in which something else may stand."""
    box = box_of(element.get("Boundary"), (0.0, 0.0, 0.0, 0.0))
    a, b, c, d, e, f = _matrix(element)
    x = y = 0.0
    for code in element.iterfind("{*}TextCode"):
        text = clean(code.text or "").replace("\n", " ")
        x, y = _number(code.get("X"), x), _number(code.get("Y"), y)
        steps = _steps(code.get("DeltaX"))
        places = [0.0]
        for i, char in enumerate(text):
            usual = size if is_cjk(char) else size / 2
            places.append(places[-1] + (steps[i] if i < len(steps) else usual))
        begin = 0
        for i in range(1, len(text) + 1):
            ends = i == len(text)
            own = size if text and is_cjk(text[i - 1]) else size / 2
            if not ends and places[i] - places[i - 1] <= own + _CELL_GAP * size:
                continue
            if piece := text[begin:i].strip():
                left = box[0] + a * (x + places[begin]) + c * y + e
                right = box[0] + a * (x + places[i - 1] + own) + c * y + e
                base = box[1] + b * x + d * y + f
                tall = size * (abs(d) or 1.0)
                top, bottom = (
                    height - (base - _ASCENT * tall) * POINTS,
                    height - (base + _DESCENT * tall) * POINTS,
                )
                yield Word(piece, left * POINTS, bottom, right * POINTS, top, 0, 0, True)
            begin = i


def _rulings(element: Any, height: float) -> Iterator[Ruling]:
    """The straight strokes of a path."""
    box, matrix = box_of(element.get("Boundary"), (0.0, 0.0, 0.0, 0.0)), _matrix(element)
    a, b, c, d, e, f = matrix
    marks = _PATH.findall((element.findtext("{*}AbbreviatedData") or "")[: 40 * _MOST_SEGMENTS])
    points: list[tuple[float, float]] = []
    start = before = (0.0, 0.0)
    i = 0
    while i < len(marks) and len(points) < _MOST_SEGMENTS:
        mark = marks[i]
        if mark in ("S", "M", "L") and i + 2 < len(marks):
            try:
                x, y = float(marks[i + 1]), float(marks[i + 2])
            except ValueError:
                return
            here = box[0] + a * x + c * y + e, box[1] + b * x + d * y + f
            if mark == "L":
                yield _ruling(before, here, height)
            else:
                start = here
            before = here
            points.append(here)
            i += 3
        elif mark == "C":
            yield _ruling(before, start, height)
            before = start
            i += 1
        else:
            i += 1


def _ruling(first: tuple[float, float], second: tuple[float, float], height: float) -> Ruling:
    xs, ys = sorted((first[0], second[0])), sorted((first[1], second[1]))
    return (
        xs[0] * POINTS, height - ys[1] * POINTS, xs[1] * POINTS, height - ys[0] * POINTS,
    )  # fmt: skip


def lines_of(page: Page) -> Iterator[Line]:
    """From the top; a table that is drawn with lines is one."""
    grids = find_grids(page.rulings)
    looks: dict[int, tuple[float, bool]] = {}
    outside: list[tuple[Word, float, bool]] = []
    held: dict[int, list[tuple[Word, float, bool]]] = defaultdict(list)
    for item in page.words:
        g = next((g for g, grid in enumerate(grids) if grid.holds(item[0])), None)
        if g is None:
            outside.append(item)
        else:
            grids[g].take(item[0], _characters)
            looks.setdefault(g, item[1:])
            held[g].append(item)
    found: list[Line] = []
    for g, grid in enumerate(grids):
        parts = grid.parts()
        for part in parts:
            if part.rows:
                found.append(_table(part, grid, page, looks[g]))
            found += [_line([(word, *looks[g]) for word in words], page) for words in part.lines]
        if not parts:
            outside += held[g]
    found += _rows(outside, page)
    yield from sorted(found, key=lambda line: -line.top)


def _characters(word: Word) -> list[Word]:
    step = (word.right - word.left) / max(len(word.text), 1)
    return [
        word._replace(
            text=c, left=word.left + i * step, right=word.left + (i + 1) * step, spaced=False
        )
        for i, c in enumerate(word.text)
    ]


def _table(part: Part, grid: Grid, page: Page, look: tuple[float, bool]) -> Line:
    return Line(
        "", page.number, grid.left, grid.right, part.top, part.bottom, *look, False,
        tuple(Cell("", left, right) for left, right in grid.columns()),
        tuple(map(tuple, part.rows)),
    )  # fmt: skip


def _rows(items: list[tuple[Word, float, bool]], page: Page) -> Iterator[Line]:
    """Words that stand at one height, as lines."""
    row: list[tuple[Word, float, bool]] = []
    for item in sorted(items, key=lambda found: (-found[0].top - found[0].bottom, found[0].left)):
        if row:
            first, word = row[0][0], item[0]
            shared = min(first.top, word.top) - max(first.bottom, word.bottom)
            if shared < _OVERLAP * min(first.top - first.bottom, word.top - word.bottom):
                yield _line(row, page)
                row = []
        row.append(item)
    if row:
        yield _line(row, page)


def _line(row: list[tuple[Word, float, bool]], page: Page) -> Line:
    row = sorted(row, key=lambda item: item[0].left)
    size = max(item[1] for item in row)
    cells: list[Cell] = []
    text = ""
    for word, _, _ in row:
        gap = word.left - cells[-1].right if cells else 0.0
        joint = " " if gap > _WORD_GAP * size else ""
        text = f"{text}{joint}{word.text}" if text else word.text
        if cells and gap <= _CELL_GAP * size:
            last = cells.pop()
            cells.append(
                Cell(f"{last.text}{joint}{word.text}", last.left, max(last.right, word.right))
            )
        else:
            cells.append(Cell(word.text, word.left, word.right))
    top, bottom = max(w.top for w, _, _ in row), min(w.bottom for w, _, _ in row)
    edge = top > (1 - _EDGE) * page.height or bottom < _EDGE * page.height
    return Line(
        text, page.number, cells[0].left, cells[-1].right, top, bottom, round(2 * size) / 2,
        all(bold for _, _, bold in row), edge, tuple(cells),
    )  # fmt: skip


def _steps(text: str | None) -> list[float]:
    """How far each character is from the one before; 'g 3 2.5' stands for three of them."""
    found: list[float] = []
    parts = iter((text or "").split())
    for part in parts:
        times = 1
        if part == "g":
            times, part = int(_number(next(parts, ""), 0.0)), next(parts, "")
        found += [_number(part, 0.0)] * min(max(times, 0), _MOST_STEPS - len(found))
        if len(found) >= _MOST_STEPS:
            break
    return found


def _matrix(element: Any) -> tuple[float, float, float, float, float, float]:
    parts = [_number(part, 0.0) for part in (element.get("CTM") or "").split()[:6]]
    if len(parts) < 6:
        return 1.0, 0.0, 0.0, 1.0, 0.0, 0.0
    return parts[0], parts[1], parts[2], parts[3], parts[4], parts[5]


def box_of(text: str | None, usual: Box) -> Box:
    """Left, top, width, height."""
    parts = [_number(part, 0.0) for part in (text or "").split()[:4]]
    return (parts[0], parts[1], parts[2], parts[3]) if len(parts) == 4 else usual


def _number(text: str | None, usual: float) -> float:
    try:
        value = float(text or "")
    except ValueError:
        return usual
    return value if abs(value) < 1e6 else usual
