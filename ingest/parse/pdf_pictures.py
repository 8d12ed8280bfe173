"""Pictures that stand beside the text of a PDF page: what is written in them, where OCR is there."""

import ctypes
from collections.abc import Sequence
from hashlib import blake2b

import numpy as np
import pypdfium2
import pypdfium2.raw as pdfium

from app.errors import DocumentTooLarge
from ingest.parse.images import SMALLEST_READ, text_in
from ingest.parse.ocr import WIDEST, Picture, Reader
from ingest.parse.pdf_rules import Ruling

_MOST = 50  # pictures of a page; more are the pieces of a drawing
_TOUCH = 2.0  # points that the strips of one picture may miss each other by


def put_together(boxes: Sequence[Ruling]) -> list[Ruling]:
    """The pictures, those that a program has cut into strips as one."""
    found: list[Ruling] = []
    for box in sorted(boxes, key=lambda b: (round(b[0]), round(b[2]), -b[3])):
        if found:
            left, bottom, right, top = found[-1]
            same = abs(left - box[0]) < _TOUCH and abs(right - box[2]) < _TOUCH
            if same and abs(bottom - box[3]) < _TOUCH:
                found[-1] = (left, box[1], right, top)
                continue
        found.append(box)
    return sorted(found, key=lambda b: (-b[3], b[0]))


def rendered(page: pypdfium2.PdfPage, widest: int = WIDEST) -> Picture:
    """The page as it is seen, its longer side `widest` pixels. Not safe in threads."""
    longest = max(page.get_width(), page.get_height(), 1.0)
    bitmap = page.render(scale=widest / longest)
    try:
        picture: Picture = bitmap.to_numpy()[:, :, :3].copy()
        return picture
    finally:
        bitmap.close()


def cut_out(page: pypdfium2.PdfPage, boxes: Sequence[Ruling]) -> list[Picture]:
    """What the page shows in each of the boxes, as far as it is seen. Not safe in threads."""
    return pieces_of(page, boxes[:_MOST])


def pieces_of(
    page: pypdfium2.PdfPage, boxes: Sequence[Ruling], widest: int = WIDEST
) -> list[Picture]:
    """As `cut_out`, for any number of boxes, from a page that is rendered so wide."""
    whole = rendered(page, widest)
    return [_piece(page, whole, box) for box in boxes]


def _piece(page: pypdfium2.PdfPage, whole: Picture, box: Ruling) -> Picture:
    high, wide = whole.shape[:2]
    x, y = ctypes.c_int(), ctypes.c_int()
    xs, ys = [], []
    for corner in ((box[0], box[1]), (box[2], box[3])):
        pdfium.FPDF_PageToDevice(page, 0, 0, wide, high, 0, *corner, x, y)
        xs.append(min(max(x.value, 0), wide))
        ys.append(min(max(y.value, 0), high))
    return np.ascontiguousarray(whole[min(ys) : max(ys), min(xs) : max(xs)])


class PictureTexts:
    """Reads the pictures of one document; one that is shown again is read once."""

    def __init__(self, reader: Reader | None) -> None:
        """`reader`: None where there is no OCR."""
        self._reader = reader
        self._known: set[bytes] = set()

    @property
    def over(self) -> bool:
        """Whether no more pictures can be read."""
        return self._reader is None or self._reader.spent

    def read(self, picture: Picture) -> str | None:
        """The text in it; '' if that was given already; None if there is none, or it was not read."""
        if self._reader is None or self.over or min(picture.shape[:2]) < SMALLEST_READ:
            return None
        mark = blake2b(picture.tobytes(), digest_size=16).digest()
        if mark in self._known:
            return ""
        try:
            text = text_in(self._reader, picture)
        except DocumentTooLarge:
            return None
        if not text:
            return None
        self._known.add(mark)
        return text
