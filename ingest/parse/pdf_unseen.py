"""Text of a PDF page that nobody sees: drawn invisibly, in white on white, under a box, beside the page.

What is drawn so is only suspected by how it is drawn: a picture or a colour may lie behind it, or a scan
whose text it is. So the page is rendered, and what leaves no trace where it stands is left out.
"""

import ctypes
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pypdfium2
import pypdfium2.raw as pdfium

from ingest.parse.pdf_pictures import pieces_of
from ingest.parse.pdf_rules import (
    DEEPEST,
    MOST_OBJECTS,
    Ruling,
    Word,
    bounds,
    is_filled,
    is_pale,
    matrix_of,
    placed,
    product,
)

_MOST = 2_000  # suspected texts of a page: more are a drawing
_MOST_DRAWN = 8_000  # objects of a page: to render more takes too long
_WIDEST = 1_200  # pixels of the page: type of six points is then eight high
_MOST_PAIRS = 500_000  # of texts and boxes that may cover them
_CONTRAST = 24  # of 255: less is not seen
_PALE = 240  # of 255 in all three colours
_EDGE = 0.15  # of a text's height that its room is cut by: rulings run there
_TINY = 2.4  # points: type that cannot be read
_TINIER = 3.0  # times smaller than most type of the page
_FAR = 1e6  # points
Matrix = tuple[float, ...]  # a to f
_INVISIBLE = pdfium.FPDF_TEXTRENDERMODE_INVISIBLE


@dataclass(frozen=True, slots=True)
class _Text:
    """`address` by which the page's text names it; `white`: drawn in white; else not drawn, or covered."""

    address: int
    box: Ruling
    white: bool


def unseen_on(page: pypdfium2.PdfPage) -> frozenset[int]:
    """The text objects of a page, by their addresses, that leave no trace on it."""
    suspected = list(_suspected(page))
    if not suspected or len(suspected) > _MOST:
        return frozenset()
    pieces = pieces_of(page, [text.box for text in suspected], _WIDEST)
    found = set()
    for text, piece in zip(suspected, pieces, strict=True):
        # Where a font is missing white text leaves no trace on a colour either.
        blank = piece.size and int(np.ptp(piece, axis=(0, 1)).max()) < _CONTRAST
        if blank and (not text.white or int(piece.min()) >= _PALE - _CONTRAST):
            found.add(text.address)
    return frozenset(found)


def _suspected(page: pypdfium2.PdfPage) -> Iterator[_Text]:
    texts: list[tuple[object, Matrix | None, int]] = []
    covers: list[tuple[int, Ruling]] = []
    colours: list[Ruling] = []  # pictures, and what is filled with a colour
    pale: list[_Text] = []
    for number, (item, outer, kind) in enumerate(_objects(page)):
        if kind == pdfium.FPDF_PAGEOBJ_TEXT:
            if not is_pale(item):
                texts.append((item, outer, number))
                continue
            box = _cut(_room(item, outer))
            if not any(_holds(colour, box) for colour in colours):
                drawn = pdfium.FPDFTextObj_GetTextRenderMode(item) != _INVISIBLE
                pale.append(_Text(address_of(item), box, drawn))
        elif kind != pdfium.FPDF_PAGEOBJ_PATH:
            colours.append(_room(item, outer))
        elif is_filled(item):
            box = _room(item, outer)
            if not pdfium.FPDFPageObj_HasTransparency(item):
                covers.append((number, box))
            if not is_pale(item):
                colours.append(box)
        if number > _MOST_DRAWN or len(pale) > _MOST or len(colours) > _MOST:
            return
    # A scan may be drawn after the text that was found in it.
    yield from (text for text in pale if not any(_holds(box, text.box) for box in colours))
    # Only what is drawn before a box can lie under it.
    last = covers[-1][0] if covers else 0
    under = [text for text in texts if text[2] < last]
    if under and len(covers) * len(under) <= _MOST_PAIRS:
        boxes = [(number, _cut(_room(item, outer))) for item, outer, number in under]
        for place in _covered(boxes, covers):
            yield _Text(address_of(under[place][0]), boxes[place][1], white=False)


def _room(item: object, outer: Matrix | None) -> Ruling:
    """What an object takes of the page, within a form that is drawn under `outer`."""
    return bounds(item) if outer is None else placed(bounds(item), outer)


def _cut(box: Ruling) -> Ruling:
    """The room of a text without its edges, in which rulings run."""
    cut = _EDGE * (box[3] - box[1])
    return box[0], box[1] + cut, box[2], box[3] - cut


def _covered(
    texts: Sequence[tuple[int, Ruling]], covers: Sequence[tuple[int, Ruling]]
) -> Iterator[int]:
    """The places of the texts that lie in a box which was drawn after them."""
    drawn = np.array([number for number, _ in texts])[:, None]
    after = np.array([number for number, _ in covers])
    text = np.array([box for _, box in texts])[:, None]
    cover = np.array([box for _, box in covers])
    held = (
        (after > drawn)
        & (cover[:, 0] <= text[..., 0] + 1)
        & (cover[:, 1] <= text[..., 1])
        & (cover[:, 2] >= text[..., 2] - 1)
        & (cover[:, 3] >= text[..., 3])
    )
    yield from map(int, np.flatnonzero(held.any(axis=1)))


def _objects(page: pypdfium2.PdfPage) -> Iterator[tuple[object, Matrix | None, int]]:
    """What is drawn, in its order, with the matrix of the form that holds it, if one does, and its kind."""
    left = MOST_OBJECTS

    def inside(
        count: int,
        get: Callable[[object, int], object],
        holder: object,
        outer: Matrix | None,
        depth: int,
    ) -> Iterator[tuple[object, Matrix | None, int]]:
        nonlocal left
        for i in range(count):
            left -= 1
            if left < 0:
                return
            item = get(holder, i)
            kind = pdfium.FPDFPageObj_GetType(item)
            if kind == pdfium.FPDF_PAGEOBJ_FORM:
                if depth < DEEPEST:
                    yield from inside(
                        pdfium.FPDFFormObj_CountObjects(item),
                        pdfium.FPDFFormObj_GetObject,
                        item,
                        matrix_of(item) if outer is None else product(matrix_of(item), outer),
                        depth + 1,
                    )
            else:
                yield item, outer, kind

    yield from inside(
        pdfium.FPDFPage_CountObjects(page.raw),
        pdfium.FPDFPage_GetObject,
        page.raw,
        None,
        0,
    )


def _holds(cover: Ruling, box: Ruling) -> bool:
    return (
        cover[0] <= box[0] + 1
        and cover[1] <= box[1]
        and cover[2] >= box[2] - 1
        and cover[3] >= box[3]
    )


def address_of(item: object) -> int:
    """Of an object of PDFium, by which it is known again."""
    return ctypes.cast(item, ctypes.c_void_p).value or 0  # type: ignore[arg-type]


def seen(
    words: Sequence[Word],
    text_page: pypdfium2.PdfTextPage,
    unseen: frozenset[int],
    characters: Callable[[Word], list[Word]],
) -> list[Word]:
    """The words of a run without those that the texts at the addresses `unseen` draw. `characters` takes a
    word apart."""
    kept: list[Word] = []
    for word in words:
        ends = {_address(text_page, i) in unseen for i in {word.first, word.last}}
        if ends == {False}:
            kept.append(word)
        elif len(ends) == 2:
            kept += [c for c in characters(word) if _address(text_page, c.first) not in unseen]
    return kept


def _address(text_page: pypdfium2.PdfTextPage, i: int) -> int:
    return address_of(pdfium.FPDFText_GetTextObject(text_page.raw, i))


def beside_page(page: pypdfium2.PdfPage) -> Callable[[Word], bool]:
    """Whether a word stands outside of what a page shows."""
    shown = pdfium.FS_RECTF()
    if not pdfium.FPDF_GetPageBoundingBox(page.raw, ctypes.byref(shown)):
        shown = pdfium.FS_RECTF(-_FAR, _FAR, _FAR, -_FAR)
    left, right = sorted((float(shown.left), float(shown.right)))
    bottom, top = sorted((float(shown.bottom), float(shown.top)))

    def is_outside(word: Word) -> bool:
        return word.right < left or word.left > right or word.top < bottom or word.bottom > top

    return is_outside


def too_small(heights: Sequence[float]) -> float:
    """The height up to which type cannot be read, on a page whose words are so high; 0 where all are
    small, as on a plan."""
    if not heights:
        return 0.0
    usual = sorted(heights)[len(heights) // 2]
    return _TINY if usual > _TINIER * _TINY else 0.0
