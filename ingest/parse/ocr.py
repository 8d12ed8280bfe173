"""Reading pictures of pages: RapidOCR (PP-OCRv4, Chinese and English) with models from its wheel.

What it finds are boxes with a line of text, or a cell of a table, each. They are put in reading
order and handed on as the lines that `pdf_layout` makes paragraphs, rows and headings of, in
units in which the page's usual type has a size of 10.
"""

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from statistics import median
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.errors import DocumentTooLarge, OcrMissing, Phrase
from app.text.width import is_cjk, width
from ingest.parse.document import Limits, one_line
from ingest.parse.page_lines import Cell, Line

Picture = NDArray[np.uint8]  # shape (height, width, 3), blue first

WIDEST = 2000  # pixels: what the text detector is given at most, in both directions
_DETECTED = 736  # pixels that the detector wants in both directions
_ENLARGED = 2.0  # times at most
_OVERLAP = 120  # pixels that two strips of a tall picture share
# A fixed number, so that a picture gives the same text whatever the machine is busy with.
_THREADS = 2
_TYPE = 10.0  # size of the page's usual type in the lines made here
_BOX_TO_TYPE = 0.8  # a box is higher than the type in it
_LARGER = 1.4  # times the usual height: a heading; less is the boxes' own unevenness
_CELL_GAP = 1.4  # times the height of the type, as for PDF text
_EDGE = 0.085  # of the page's height
_SPACE_WEIGHT = 100.0
_SPANS = 0.6  # of the page's width: such a line belongs to no column
_COLUMN_TEXT = 36  # median width of text in a column of prose; cells of tables hold less
_COLUMN_LINES = 3


@dataclass(frozen=True, slots=True)
class _Box:
    text: str
    left: float
    top: float  # pixels from the top of the page
    right: float
    bottom: float

    @property
    def height(self) -> float:
        return self.bottom - self.top


def too_many_scans(limit: int) -> Phrase:
    """Why a document is too large: it has more pages to recognise than `limit`."""
    return Phrase("ocr_pages", limit=limit)


def _large_enough(picture: Picture) -> tuple[Picture, float]:
    """The picture, enlarged a little if it is small, with room beside and below it up to what the
    detector wants; and how much it was enlarged.

    The detector enlarges a picture until its shorter side has 736 pixels: a line of text, as wide
    as a page, would become five times as large, and take four times as long.
    """
    height, width = picture.shape[:2]
    shorter, longer = min(height, width), max(height, width)
    if shorter >= _DETECTED:
        return np.ascontiguousarray(picture), 1.0
    scale = max(min(_ENLARGED, _DETECTED / shorter, 2 * _DETECTED / longer), 1.0)
    if scale > 1.0:
        from PIL import Image  # lazy: comes with the OCR extra

        size = round(width * scale), round(height * scale)
        picture = np.asarray(Image.fromarray(picture).resize(size, Image.Resampling.BICUBIC))
    height, width = picture.shape[:2]
    border = np.concatenate([picture[0], picture[-1], picture[:, 0], picture[:, -1]])
    room = np.empty((max(height, _DETECTED), max(width, _DETECTED), 3), np.uint8)
    room[:] = np.median(border, axis=0)
    room[:height, :width] = picture
    return room, scale


class Reader:
    """Reads the pictures of one document, within its limits of pages and time."""

    def __init__(self, name: str, limits: Limits) -> None:
        """Raises OcrMissing when OCR is switched off or not installed."""
        if not limits.ocr:
            raise OcrMissing(path=name, detail=Phrase("ocr_off"))
        self._name = name
        self._limits = limits
        if limits.on_ocr is not None:
            limits.on_ocr()
        self._engine = _engine(name)
        self._ends = time.monotonic() + limits.ocr_seconds
        self._pages = 0

    @property
    def spent(self) -> bool:
        """Whether the document's pages or time for OCR are used up."""
        return self._pages >= self._limits.ocr_pages or time.monotonic() > self._ends

    def read(self, picture: Picture, page: int, *, paged: bool) -> list[Line]:
        """The lines of one page. `paged`: it has margins with page numbers and running titles.

        Raises DocumentTooLarge when the document has more pages to read than `ocr_pages`, or
        takes longer than `ocr_seconds` (looked at between pictures, and parts of tall ones).
        """
        self._pages += 1
        if self._pages > self._limits.ocr_pages:
            raise self._too_large(too_many_scans(self._limits.ocr_pages))
        boxes = list(self._boxes(picture))
        if not boxes:
            return []
        return _lines(boxes, page, picture.shape[1], picture.shape[0], paged)

    def _boxes(self, picture: Picture) -> Iterator[_Box]:
        """Tall pictures (screenshots of a whole page) are read in strips: the detector would
        shrink them until nothing can be read."""
        height = picture.shape[0]
        for begin in range(0, height, WIDEST - 2 * _OVERLAP) if height > WIDEST else (0,):
            if time.monotonic() > self._ends:
                seconds = f"{self._limits.ocr_seconds:g}"
                raise self._too_large(Phrase("ocr_seconds", seconds=seconds))
            end = begin + WIDEST - 2 * _OVERLAP if height > WIDEST else height
            above = max(begin - _OVERLAP, 0)
            strip, scale = _large_enough(picture[above : end + _OVERLAP])
            found, _ = self._engine(strip)
            for corners, text, _score in found or ():
                xs = [x / scale for x, _ in corners]
                ys = [y / scale + above for _, y in corners]
                box = _Box(one_line(str(text)), min(xs), min(ys), max(xs), max(ys))
                # A line in the overlap belongs to the strip that holds its middle.
                if box.text and begin <= (box.top + box.bottom) / 2 < end:
                    yield box

    def _too_large(self, detail: Phrase) -> DocumentTooLarge:
        return DocumentTooLarge(path=self._name, detail=detail)


def missing() -> str | None:
    """Why pictures cannot be read here, in the words of the import; None if they can."""
    try:
        _load()
    except ImportError as error:
        return str(error)
    return None


def is_there(limits: Limits) -> bool:
    """Whether pictures can be read: OCR is not switched off, and it loads."""
    try:
        return limits.ocr and _engine("") is not None
    except OcrMissing:
        return False


def _engine(name: str) -> Any:
    try:
        return _load()
    except ImportError as error:
        # Not installed, or a system library that OpenCV needs (libGL) is not there.
        raise OcrMissing(path=name, detail=str(error)) from error


@lru_cache(maxsize=1)
def _load() -> Any:
    """Loading the three networks takes a third of a second; they keep no state."""
    # Lazy: an extra, and 0.5 s that only pictures need.
    from rapidocr_onnxruntime import RapidOCR

    engine = RapidOCR(
        intra_op_num_threads=_THREADS, inter_op_num_threads=1, max_side_len=WIDEST + 2 * _OVERLAP
    )
    engine.text_rec.postprocess_op = _Spaced(engine.text_rec.postprocess_op)
    return engine


class _Spaced:
    """Decodes with the space made likelier: the model, trained on Chinese, leaves it out.

    On 108 rendered lines of English (three typefaces, three sizes, JPEG), 1074 of 1812 spaces
    were missing without this; with it 28 are missing, and 22 stand where none should.
    """

    def __init__(self, decode: Any) -> None:
        self._decode = decode
        self._space: int = decode.dict[" "]

    def __call__(self, probabilities: NDArray[np.float32], *args: Any, **options: Any) -> Any:
        """`probabilities`: shape (lines, places along the line, characters)."""
        weighted = probabilities.copy()
        spaces = weighted[:, :, self._space]
        weighted[:, :, self._space] = np.minimum(spaces * _SPACE_WEIGHT, 1.0)
        return self._decode(weighted, *args, **options)


def _lines(
    boxes: Sequence[_Box], page: int, width_px: int, height_px: int, paged: bool
) -> list[Line]:
    usual = median(box.height for box in boxes for _ in box.text)
    unit = _TYPE / (usual * _BOX_TO_TYPE)
    found = []
    for row in _reading_order(boxes, width_px):
        top, bottom = min(b.top for b in row), max(b.bottom for b in row)
        larger = median(box.height for box in row) / usual
        size = _TYPE if larger < _LARGER else _TYPE * round(larger * 4) / 4
        edge = paged and (top < _EDGE * height_px or bottom > (1 - _EDGE) * height_px)
        cells = _cells(row, unit, size)
        found.append(
            Line(
                _joined(cell.text for cell in cells),
                page,
                cells[0].left,
                cells[-1].right,
                (height_px - top) * unit,
                (height_px - bottom) * unit,
                size,
                False,
                edge,
                cells,
            )
        )
    return found


def _cells(row: Sequence[_Box], unit: float, size: float) -> tuple[Cell, ...]:
    cells: list[Cell] = []
    for box in row:
        left, right = box.left * unit, box.right * unit
        if cells and left - cells[-1].right <= _CELL_GAP * size:
            before = cells.pop()
            cells.append(Cell(_joined((before.text, box.text)), before.left, right))
        else:
            cells.append(Cell(box.text, left, right))
    return tuple(cells)


def _joined(texts: Iterable[str]) -> str:
    """Parts of a line, with a space but between two CJK characters."""
    line = ""
    for text in texts:
        close = not line or (is_cjk(line[-1]) and is_cjk(text[0]))
        line += text if close else f" {text}"
    return line


def _reading_order(boxes: Sequence[_Box], page_width: int) -> Iterator[list[_Box]]:
    """Rows from the top down; two columns of prose one after the other."""
    band: list[_Box] = []
    for box in sorted(boxes, key=lambda b: (b.top, b.left)):
        if box.right - box.left > _SPANS * page_width:
            yield from _band(band)
            yield [box]
            band = []
        else:
            band.append(box)
    yield from _band(band)


def _band(boxes: Sequence[_Box]) -> Iterator[list[_Box]]:
    for column in _columns(boxes):
        yield from _rows(column)


def _columns(boxes: Sequence[_Box]) -> list[list[_Box]]:
    """The boxes left and right of the widest gap that none crosses, if both sides are prose."""
    ordered = sorted(boxes, key=lambda box: box.left)
    reach, gap, cut = 0.0, 0.0, 0
    for i, box in enumerate(ordered):
        if i and box.left - reach > gap:
            gap, cut = box.left - reach, i
        reach = max(reach, box.right)
    sides = [ordered[:cut], ordered[cut:]]
    if all(
        len(side) >= _COLUMN_LINES and median(width(b.text) for b in side) >= _COLUMN_TEXT
        for side in sides
    ):
        return sides
    return [list(boxes)]


def _rows(boxes: Sequence[_Box]) -> Iterator[list[_Box]]:
    """Boxes whose middles are at about the same height, each row from the left."""
    row: list[_Box] = []
    for box in sorted(boxes, key=lambda b: (b.top + b.bottom, b.left)):
        if row:
            drop = (box.top + box.bottom - row[0].top - row[0].bottom) / 2
            if drop > 0.5 * min(box.height, row[0].height):
                yield sorted(row, key=lambda b: b.left)
                row = []
        row.append(box)
    if row:
        yield sorted(row, key=lambda b: b.left)
