"""The lines of a PDF page, from PDFium's characters and the ruling lines that are drawn.

PDFium's order of characters is kept; a line ends where PDFium says so, where the next word
stands at another height, or runs in another direction. Lengths are points in a frame in which
text runs from left to right: the page's own, turned by the direction of the text, and seen in
a mirror where it is written from right to left.

Over 350 lines: one way from characters to lines, in which every length is of the same frame.
"""

import ctypes
import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium
import regex

from app.text.lines import LIST_MARKER
from app.text.width import CJK
from ingest.parse.page_lines import Cell, Line
from ingest.parse.pdf_rules import Grid, Part, Ruling, Word, find_grids, turned
from ingest.parse.pdf_struck import without_struck
from ingest.parse.pdf_unseen import beside_page, seen, too_small
from ingest.parse.symbols import superscript

_SPACED_HAN = regex.compile(r"(?<=\p{Han})[ ](?=\p{Han})")
_LATIN = regex.compile(r"[A-Za-z]")
_VOWEL = regex.compile(r"[AEIOUaeiou]")
_CELL_GAP = 1.4  # times the size of the type: a wider gap within a line parts cells
_NARROW_GAP = 0.8  # a wider one may
_EDGE = 0.085  # of the page's height: running titles stand in the margin above and below
_BLANK = "\t\n\r \xa0\u3000"
_INK = regex.compile(rf"[^{_BLANK}]+")
_LEFTWARD = regex.compile(r"[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
_ODD = regex.compile(r"[\0\ud800-\udfff\ufffe\uffff]")  # what is not to be written as it comes
_HYPHEN = "\x02"  # PDFium's mark for a hyphen at a line end
# Controls, private use, U+FFFD and noncharacters.
_MEANS_NOTHING = regex.compile(r"[\0-\x1f\x7f-\x9f\ue000-\uf8ff\ufffd-\uffff]")
_SAMPLE = 600  # characters of a page by which it is judged
_BOLD = (b"bold", b"black", b"heavy")  # in the name of a font that does not state its weight
_REGULAR = b"regular"
_SMALLER = 0.87  # of the type before: raised numbers are set smaller
_RAISED = 0.12  # of the height of the type before, by which they stand higher
_RISE = 0.1  # of that height, by which they are set above the line
_TOUCH = 0.1  # of the height of type: a narrower gap is none
_CLOSING = ")）]】,，.。;；:：、"  # what may stand behind a raised number
_SIGN = 3  # characters of a word that may be flat
_X, _Y = ctypes.c_double(), ctypes.c_double()  # where PDFium writes a place, for all calls
_NEAR = 0.3  # of that height: farther is no part of it
_BULLETS = 2  # drawn signs that are as far from their lines: fewer may be anything
_BULLET_GAP = 2.5  # times the size of the type, up to which a sign belongs to a line
_RUBBISH = 0.2  # of a page's characters: more without a meaning, and nothing can be read
_FEWEST = 40  # characters that such a judgement takes
_LABELS = 20  # characters on a picture that do not make it a background
_FEWEST_VOWELS = 0.25  # of Latin letters; any language written in them has more


@dataclass(frozen=True, slots=True)
class PageText:
    """`rubbish`: the characters have no meaning, since the file does not say which glyph is
    which letter; `lines` is then empty. `bare`: the pictures on which no text of the page stands.
    `struck`: what a line is drawn through, and which is in no line. `hidden`: how many lines nobody sees."""

    lines: tuple[Line, ...]
    rubbish: bool = False
    bare: tuple[Ruling, ...] = ()
    struck: tuple[str, ...] = ()
    hidden: int = 0


@dataclass(slots=True)
class _Source:
    """The characters of a page. `level`: all its text runs from left to right. `mirror`: the page's
    width where it is written from right to left, else 0."""

    page: pypdfium2.PdfTextPage
    chars: str
    level: bool
    mirror: float = 0.0
    odd: bool = False
    box: Any = field(default_factory=pdfium.FS_RECTF)  # one for all calls

    def __post_init__(self) -> None:
        self.odd = _ODD.search(self.chars) is not None

    def text(self, first: int, last: int) -> str:
        """Of these characters."""
        text = self.chars[first : last + 1]
        if self.odd and _ODD.search(text):
            # Characters beyond the BMP arrive as surrogate pairs.
            units = b"".join(ord(c).to_bytes(2, "little") for c in text if 0 < ord(c) < 0x10000)
            return units.decode("utf-16-le", "replace")
        return text


@dataclass(slots=True)
class _Run:
    """Words on one line; `first` and `last`: their characters on the page."""

    words: list[Word]
    first: int
    last: int
    angle: int


def page_text(
    page: pypdfium2.PdfPage,
    number: int,
    rulings: Sequence[Ruling],
    pictures: Sequence[Ruling] = (),
    *,
    dots: Sequence[Ruling] = (),
    level: bool = False,
    unseen: frozenset[int] = frozenset(),
) -> PageText:
    """The lines of page `number` (from 1); a table drawn with lines is one `Line` with `rows`.
    `pictures`: where they stand. `dots`: small signs that are drawn. `level`: it is known that no
    text on it is turned. `unseen`: the text objects, by their addresses, that nobody sees."""
    text_page = page.get_textpage()
    try:
        source = _Source(text_page, _characters_of(text_page), level)
        if _is_rubbish(source):
            return PageText((), True)
        bare = tuple(box for box in pictures if not _is_written_on(text_page, box))
        mirror = page.get_width() if _is_leftward(source.chars) else 0.0
        source.mirror = mirror
        runs = list(_runs(source))
        if mirror:
            for run in runs:
                run.words = _latin_in_order(run.words)
        runs, hidden = _without_hidden(source, runs, page, unseen)
        struck: list[str] = []
        if rulings and not mirror:
            runs, struck = _without_struck(source, runs, rulings)
        if not runs:
            return PageText((), bare=bare, struck=tuple(struck), hidden=hidden)
        size = Counter[int]()
        for run in runs:
            size[run.angle] += run.last - run.first
        angle = size.most_common(1)[0][0]
        across, high = page.get_size() if page.get_rotation() in (0, 180) else page.get_size()[::-1]
        height = high if angle in (0, 180, -1) else across
        if mirror:
            rulings = [(mirror - r[2], r[1], mirror - r[0], r[3]) for r in rulings]
        grids = find_grids([turned(r, angle, (across, high)) for r in rulings])
        for run in runs:
            if run.angle not in (0, -1):
                run.words = [_turned_word(w, run.angle, (across, high)) for w in run.words]
        ordered = [r for r in runs if r.angle == angle] + [r for r in runs if r.angle != angle]
        lines = list(_lines(source, ordered, grids, number, height, angle))
        if dots and not angle and not mirror:
            lines = _with_bullets(lines, dots)
        return PageText(tuple(lines), bare=bare, struck=tuple(struck), hidden=hidden)
    finally:
        text_page.close()


def _without_hidden(
    source: _Source, runs: Sequence[_Run], page: pypdfium2.PdfPage, unseen: frozenset[int]
) -> tuple[list[_Run], int]:
    """The runs without what nobody sees, and how many of them had such words."""
    beside = beside_page(page)
    smallest = too_small([w.top - w.bottom for w in (run.words[0] for run in runs)])
    hidden = 0

    def characters(word: Word) -> list[Word]:
        return _characters(source, word, 0)

    def is_seen(word: Word) -> bool:
        if beside(word):
            return False
        if word.top - word.bottom > smallest:
            return True
        # The room of a flat sign may be the sign's alone ('一', '—').
        return len(word.text) <= _SIGN and _size(source.page, word.first) > smallest

    for run in runs:
        words = seen(run.words, source.page, unseen, characters) if unseen else run.words
        ends = words[:1] + words[-1:]  # most lines are seen as a whole
        if not (source.mirror or run.angle or all(map(is_seen, ends))):
            words = [word for word in words if is_seen(word)]
        if len(words) < len(run.words):
            hidden += 1
            run.words = words
    return [run for run in runs if run.words], hidden


def _without_struck(
    source: _Source, runs: Sequence[_Run], rulings: Sequence[Ruling]
) -> tuple[list[_Run], list[str]]:
    level = [run for run in runs if not run.angle]
    kept, struck = without_struck(
        [run.words for run in level], rulings, lambda word: _characters(source, word, 0)
    )
    for run, words in zip(level, kept, strict=True):
        run.words = words
    return [run for run in runs if run.words], struck


def _characters_of(text_page: pypdfium2.PdfTextPage) -> str:
    """All characters of the page, each at its own place."""
    count, raw = text_page.count_chars(), text_page.raw
    units = (ctypes.c_ushort * (count + 1))()
    # In one call, which leaves out what means nothing; then each is asked for by itself.
    if pdfium.FPDFText_GetText(raw, 0, count, units) == count + 1:
        codes: Sequence[int] = units[:count]
    else:
        codes = [pdfium.FPDFText_GetUnicode(raw, i) for i in range(count)]
    return "".join(map(chr, codes)).replace("\ufffe", _HYPHEN)


def _is_written_on(text_page: pypdfium2.PdfTextPage, box: Ruling) -> bool:
    """Whether text of the page stands on a picture: that of a scan that was recognised, or the
    page is set on it."""
    return len(text_page.get_text_bounded(*box).strip()) > _LABELS


def _lines(
    source: _Source,
    runs: Sequence[_Run],
    grids: Sequence[Grid],
    page: int,
    height: float,
    angle: int,
) -> Iterator[Line]:
    """Each run as a line; where the first word of a table stood, the table."""
    if not grids:
        for run in runs:
            size, bold = _look(source.page, run)
            yield _line(run.words, page, height, size, bold, run.angle != angle)
        return
    places: dict[int, int] = {}  # of each grid, the run at whose place it stands
    outside: list[list[Word]] = []

    def characters(word: Word) -> list[Word]:
        return _characters(source, word, angle)

    for n, run in enumerate(runs):
        left = []
        for word in run.words:
            g = next((g for g, grid in enumerate(grids) if grid.holds(word)), None)
            if g is None or run.angle != angle:
                left.append(word)
            else:
                places.setdefault(g, n)
                grids[g].take(word, characters)
        outside.append(left)
    tables = {g: grid.parts() for g, grid in enumerate(grids)}
    for n, run in enumerate(runs):
        for g, at in places.items():
            if at == n:
                for part in tables[g]:
                    yield from _part_lines(source, part, grids[g], page, height, run)
        kept = outside[n]
        refused = {g for g, parts in tables.items() if not parts}
        if refused:
            kept = [w for w in run.words if w in kept or any(grids[g].holds(w) for g in refused)]
        if kept:
            size, bold = _look(source.page, run)
            yield _line(kept, page, height, size, bold, run.angle != angle)


def _part_lines(
    source: _Source, part: Part, grid: Grid, page: int, height: float, run: _Run
) -> Iterator[Line]:
    """A part of a grid; `run`: the one whose words the grid begins with."""
    if part.rows:
        yield _table_line(part, grid, page, _look(source.page, run))
    for words in part.lines:
        own = _Run(words, words[0].first, words[-1].last, run.angle)
        size, bold = _look(source.page, own)
        yield _line(words, page, height, size, bold, False)


def _with_bullets(lines: Sequence[Line], dots: Sequence[Ruling]) -> list[Line]:
    """The lines, those that a drawn sign stands before as items: browsers draw what marks them."""
    marked: dict[int, float] = {}
    for n, line in enumerate(lines):
        for left, bottom, right, top in dots:
            if (
                0 < line.left - right < _BULLET_GAP * line.size
                and line.bottom < (bottom + top) / 2 < line.top
                and not line.rows
                and not LIST_MARKER.match(line.text)
            ):
                marked[n] = line.left - left
    places = Counter(round(gap) for gap in marked.values())
    return [
        replace(line, text=f"• {line.text}")
        if n in marked and places[round(marked[n])] >= _BULLETS
        else line
        for n, line in enumerate(lines)
    ]


def _table_line(part: Part, grid: Grid, page: int, look: tuple[float, bool]) -> Line:
    return Line(
        "", page, grid.left, grid.right, part.top, part.bottom, *look, False,
        tuple(Cell("", left, right) for left, right in grid.columns()),
        tuple(tuple(_close_han(cell) for cell in row) for row in part.rows),
    )  # fmt: skip


def _line(
    words: Sequence[Word],
    page: int,
    height: float,
    size: float,
    bold: bool,
    askew: bool,
) -> Line:
    narrow = _cells(words, _NARROW_GAP * size)
    cells = narrow if len(narrow) == 1 else _cells(words, _CELL_GAP * size)
    reach = cells[-1].right
    top, bottom = max(w.top for w in words), min(w.bottom for w in words)
    edge = askew or words[0].top > (1 - _EDGE) * height or bottom < _EDGE * height
    return Line(
        cells[0].text if len(cells) == 1 else _joined(words), page, cells[0].left, reach, top, bottom, size, bold, edge,
        tuple(cells), narrow=tuple(narrow) if len(narrow) > len(cells) else (),
    )  # fmt: skip


def _cells(words: Sequence[Word], gap: float) -> list[Cell]:
    """The words between gaps that are wider."""
    cells: list[Cell] = []
    begin, left, reach = 0, words[0].left, words[0].right
    for i, word in enumerate(words):
        if word.left - reach > gap:
            cells.append(Cell(_joined(words[begin:i]), left, reach))
            begin, left, reach = i, word.left, word.right
        if word.right > reach:
            reach = word.right
        if word.left < left:
            left = word.left
    cells.append(Cell(_joined(words[begin:]), left, reach))
    return cells


def _joined(words: Sequence[Word]) -> str:
    """The words with a space wherever PDFium saw one."""
    text = "".join(f" {w.text}" if w.spaced and i else w.text for i, w in enumerate(words))
    return _close_han(text)


def _is_leftward(chars: str) -> bool:
    """Whether most letters are of scripts that are written from right to left. Then PDFium gives
    them in the order in which they are read."""
    if not _LEFTWARD.search(chars):
        return False
    letters = sum(char > "@" for char in chars)
    return 2 * len(_LEFTWARD.findall(chars)) > letters


def _latin_in_order(words: Sequence[Word]) -> list[Word]:
    """Latin words within a line from right to left, and numbers after them, in their own order:
    PDFium turns each word, but gives them from the right as all others."""
    ordered: list[Word] = []
    group: list[Word] = []
    for word in words:
        near = bool(group) and (
            max(word.left, group[-1].left) - min(word.right, group[-1].right)
            <= group[-1].top - group[-1].bottom
        )
        if not (near and word.text.isascii()):
            ordered += sorted(group, key=lambda w: -w.left)
            group = []
        if group or _LATIN.search(word.text):
            group.append(word)
        else:
            ordered.append(word)
    return ordered + sorted(group, key=lambda w: -w.left)


def _runs(source: _Source) -> Iterator[_Run]:
    run: _Run | None = None
    mixed = bool(source.mirror)
    for first, last, new_line, angle in _turns(source):
        word = _word(source, first, last, spaced=True, level=not angle)
        if (
            run is not None
            and angle == run.angle
            and _follows(run.words[-1], word, angle, new_line, mixed=mixed)
        ):
            if not angle:
                word = _raised(source, run.words[-1], word)
                if new_line and _touches(run.words[-1], word):
                    word = word._replace(spaced=False)
            run.words.append(word)
            run.last = last
        else:
            if run is not None:
                yield run
            run = _Run([word], first, last, angle)
    if run is not None:
        yield run


def _spans(chars: str) -> Iterator[tuple[int, int, bool]]:
    """First and last character of each word, and whether a line break stands before it."""
    before = 0
    for word in _INK.finditer(chars):
        first, end = word.span()
        blank = chars[before:first]
        yield first, end - 1, "\n" in blank or "\r" in blank
        before = end


def _turns(source: _Source) -> Iterator[tuple[int, int, bool, int]]:
    """The words with the direction they run in; cut where it changes, since PDFium sees no space
    between texts that are drawn one after the other."""
    if source.level:
        for first, last, new_line in _spans(source.chars):
            yield first, last, new_line, 0
        return
    text_page = source.page
    for first, last, new_line in _spans(source.chars):
        angle = _angle(text_page, first)
        if last > first and _angle(text_page, last) != angle:
            begin = first
            for i in range(first + 1, last + 1):
                if (turn := _angle(text_page, i)) != angle:
                    yield begin, i - 1, new_line, angle
                    begin, new_line, angle = i, False, turn
            yield begin, last, new_line, angle
        else:
            yield first, last, new_line, angle


def _word(source: _Source, first: int, last: int, *, spaced: bool, level: bool = False) -> Word:
    left, bottom, right, top = _box(source, first)
    text = source.text(first, last)
    if last > first:
        l2, b2, r2, t2 = _box(source, last)
        end = last - 1 if level and last - 1 > first and source.chars[last] in _CLOSING else last
        _, low, _, high = (l2, b2, r2, t2) if end == last else _box(source, end)
        if (
            level
            and _is_raised(bottom, top, low, high)
            and _rises(source, first, end, top - bottom)
        ):
            text = _with_raised_end(source, first, end, bottom, top) + source.text(end + 1, last)
        left, bottom = left if left < l2 else l2, bottom if bottom < b2 else b2
        right, top = right if right > r2 else r2, top if top > t2 else t2
    if source.mirror:
        left, right = source.mirror - right, source.mirror - left
    return Word(text, left, bottom, right, top, first, last, spaced)


def _is_raised(bottom: float, top: float, b2: float, t2: float) -> bool:
    """Whether type between `b2` and `t2` is raised beside that between `bottom` and `top`."""
    height = top - bottom
    return t2 - b2 < _SMALLER * height and b2 > bottom + _RAISED * height


def _rises(source: _Source, first: int, last: int, height: float) -> bool:
    """Whether character `last` stands on a higher line than `first`. The room that fonts state for their
    characters may be that of the glyphs alone, so that digits begin higher than words."""
    text_page, ys = source.page.raw, []
    for i in (first, last):
        if not pdfium.FPDFText_GetCharOrigin(text_page, i, _X, _Y):
            return True
        ys.append(_Y.value)
    return ys[1] - ys[0] > _RISE * height


def _with_raised_end(source: _Source, first: int, last: int, bottom: float, top: float) -> str:
    """A word whose last characters are raised: '10³', 'm²', a note's mark."""
    begin = last
    while begin > first + 1:
        _, b2, _, t2 = _box(source, begin - 1)
        if not (_is_raised(bottom, top, b2, t2) and _rises(source, first, begin - 1, top - bottom)):
            break
        begin -= 1
    end = superscript(source.text(begin, last))
    return source.text(first, last) if end is None else source.text(first, begin - 1) + end


def _box(source: _Source, i: int) -> Ruling:
    """The room of a character on its line. One call into PDFium: there are two for each word."""
    box = source.box
    if not pdfium.FPDFText_GetLooseCharBox(source.page.raw, i, box):
        raise pypdfium2.PdfiumError("Failed to get charbox.")
    return box.left, box.bottom, box.right, box.top


def _characters(source: _Source, word: Word, angle: int) -> list[Word]:
    """The word's characters, for a word that crosses the border of a cell."""
    if angle:
        return [word]
    return [_word(source, i, i, spaced=False) for i in range(word.first, word.last + 1)]


def _follows(before: Word, word: Word, angle: int, new_line: bool, *, mixed: bool) -> bool:
    """Whether a word stands on the line of the one before, and not to the left of it, which words
    of another direction within it do (`mixed`).

    PDFium sees a new line also where a cell with a single character follows on the same line.
    """
    a, b = (before, word) if not angle else (_rotated(before, angle), _rotated(word, angle))
    heights = a.top - a.bottom, b.top - b.bottom
    height = heights[0] if heights[0] < heights[1] else heights[1]
    overlap = (a.top if a.top < b.top else b.top) - (a.bottom if a.bottom > b.bottom else b.bottom)
    if new_line:
        # What is raised or lowered beside it stands at another height, and is smaller.
        near = height < _SMALLER * max(heights) and b.left - a.right < _NEAR * max(heights)
        return overlap >= (0.3 if near else 0.8) * height and b.left >= a.right - 0.1 * height
    return overlap >= 0.3 * height and (mixed or b.right > a.left)


def _touches(before: Word, word: Word) -> bool:
    """Whether there is no room for a space: PDFium sees a new line within words that are drawn glyph by glyph."""
    return word.left - before.right < _TOUCH * max(
        before.top - before.bottom, word.top - word.bottom
    )


def _raised(source: _Source, before: Word, word: Word) -> Word:
    """A raised number that stands right behind a word, as part of it."""
    if not _is_raised(before.bottom, before.top, word.bottom, word.top):
        return word
    height = before.top - before.bottom
    if word.left - before.right > _NEAR * height:
        return word
    if not _rises(source, before.first, word.first, height):
        return word
    text = superscript(word.text)
    return word if text is None else word._replace(text=text, spaced=False)


def _rotated(word: Word, angle: int) -> Word:
    return _turned_word(word, angle, (0.0, 0.0))


def _turned_word(word: Word, angle: int, size: tuple[float, float]) -> Word:
    if angle in (0, -1):
        return word
    left, bottom, right, top = turned((word.left, word.bottom, word.right, word.top), angle, size)
    return Word(word.text, left, bottom, right, top, word.first, word.last, word.spaced)


def _angle(text_page: pypdfium2.PdfTextPage, i: int) -> int:
    """In which direction the text runs: 0, 90 (down), 180, 270 (up); -1: askew."""
    radians = pdfium.FPDFText_GetCharAngle(text_page.raw, i)
    if not radians:
        return 0
    quarter = _quarter(math.degrees(radians))
    if quarter >= 0:
        return quarter
    # PDFium takes slanted type, as programs make italics of fonts without them, for turned.
    matrix = pdfium.FS_MATRIX()
    if not pdfium.FPDFText_GetMatrix(text_page.raw, i, ctypes.byref(matrix)):
        return -1
    return _quarter(-math.degrees(math.atan2(matrix.b, matrix.a)))


def _quarter(degrees: float) -> int:
    """The quarter of a turn that an angle is near to; -1 for none."""
    quarter = round(degrees / 90) * 90
    return quarter % 360 if abs(degrees - quarter) < 10 else -1


def _look(text_page: pypdfium2.PdfTextPage, run: _Run) -> tuple[float, bool]:
    """Size of a line's type, in half points, and whether it is bold."""
    places = {run.words[0].first, run.words[len(run.words) // 2].first, run.last}
    size = round(2 * max(_size(text_page, i) for i in places)) / 2
    middle = run.words[len(run.words) // 2].first
    return size, all(_is_bold(text_page, i) for i in {run.first, middle})


def _is_bold(text_page: pypdfium2.PdfTextPage, i: int) -> bool:
    name = ctypes.create_string_buffer(128)
    pdfium.FPDFText_GetFontInfo(text_page, i, name, len(name), None)
    called = name.value.lower()
    if any(word in called for word in _BOLD):
        return True
    # The weight is reckoned from the width of stems, which tells some regular fonts for bold.
    return _REGULAR not in called and pdfium.FPDFText_GetFontWeight(text_page, i) >= 600


def _size(text_page: pypdfium2.PdfTextPage, i: int) -> float:
    """The size of the type as it appears: font size times the scale of the text matrix."""
    matrix = pdfium.FS_MATRIX()
    size: float = pdfium.FPDFText_GetFontSize(text_page, i)
    if pdfium.FPDFText_GetMatrix(text_page, i, ctypes.byref(matrix)):
        size *= (matrix.c**2 + matrix.d**2) ** 0.5 or 1.0
    return size


def _close_han(text: str) -> str:
    """Justified Chinese may come with a space after each character; then those go."""
    if not _SPACED_HAN.search(text):
        return text
    pairs = len(regex.findall(rf"(?<=[{CJK}])[ ]?(?=[{CJK}])", text))
    return (
        _SPACED_HAN.sub("", text) if len(_SPACED_HAN.findall(text)) > 0.3 * max(pairs, 1) else text
    )


def _is_rubbish(source: _Source) -> bool:
    """Whether the characters are no writing: numbers of glyphs taken for letters.

    Characters that mean nothing tell of it; and those of fonts that do not say which letters
    they show, unless they read as words all the same.
    """
    chars, skipped = source.chars, _BLANK + _HYPHEN
    every = max(len(chars) // _SAMPLE, 1)
    sample = [i for i in range(0, len(chars), every) if chars[i] not in skipped]
    if len(sample) < _FEWEST:
        return False
    seen = "".join(chars[i] for i in sample)
    if len(_MEANS_NOTHING.findall(seen)) > _RUBBISH * len(sample):
        return True
    raw, error = source.page.raw, pdfium.FPDFText_HasUnicodeMapError
    unmapped = sum(error(raw, i) == 1 for i in sample)
    return unmapped > _RUBBISH * len(sample) and not _is_latin(seen)


def _is_latin(text: str) -> bool:
    letters = len(_LATIN.findall(text))
    return letters > 0.5 * len(text) and len(_VOWEL.findall(text)) > _FEWEST_VOWELS * letters
