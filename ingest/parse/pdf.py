"""PDF: text with page numbers; `pdf_layout` joins its lines to paragraphs, rows and headings.

Pages that are pictures (a scan, or text drawn as outlines) are read by OCR, these pages only.
"""

import ctypes
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pypdfium2
import pypdfium2.raw as pdfium
import regex

from app.errors import (
    DocumentCorrupt,
    DocumentEncrypted,
    DocumentTooLarge,
    DocumentWithoutText,
    OcrMissing,
    Phrase,
)
from app.text.width import CJK
from ingest.parse.document import Builder, Content, Limits, clean
from ingest.parse.ocr import WIDEST, Picture, Reader, too_many_scans
from ingest.parse.pdf_layout import Cell, Line, compose, without_running_titles

# PDFium keeps process-wide state and is not thread-safe.
_PDFIUM = threading.Lock()

_SPACED_HAN = regex.compile(r"(?<=\p{Han})[ ](?=\p{Han})")
_TOOL_TITLE = regex.compile(r"^(untitled|microsoft\s|.*\.(docx?|pdf|pptx?|indd|tex)$)", regex.I)
_CELL_GAP = 1.4  # times the size of the type: a wider gap within a line parts cells
_EDGE = 0.085  # of the page's height: running titles stand in the margin above and below
_STAMP = 100  # characters: a page with more text than a page number or a scanner's mark is no scan
_MOST_OF_PAGE = 0.5


def parse_pdf(path: Path, name: str, limits: Limits) -> Content:
    """Raises DocumentEncrypted, DocumentCorrupt, DocumentTooLarge, DocumentWithoutText, OcrMissing.

    Without OCR, a file that has text on some pages is taken in with these; `pages_without_text`
    among its metadata names the others.
    """
    with _opened(path, name, limits) as document:
        pages, scanned = _text_pages(document)
        unread = _recognise(document, pages, scanned, name, limits) if scanned else ()
        with _PDFIUM:
            metadata = document.get_metadata_dict()
    lines = without_running_titles([line for page in pages for line in page])
    if not any(line.text.strip() for line in lines):
        raise DocumentWithoutText(path=name)
    builder = Builder()
    compose(builder, lines)
    title = clean(metadata.get("Title", "")).strip()
    if _TOOL_TITLE.match(title):
        title = ""
    kept = {
        key.lower(): clean(metadata[key]).strip()
        for key in ("Author", "Subject", "Keywords")
        if metadata.get(key, "").strip()
    }
    if unread:
        kept["pages_without_text"] = ", ".join(str(number + 1) for number in unread)
    return builder.finish(title=title, metadata=kept)


@contextmanager
def _opened(path: Path, name: str, limits: Limits) -> Iterator[pypdfium2.PdfDocument]:
    """The document, with errors of PDFium as DocumentCorrupt."""
    try:
        with _PDFIUM:
            document = pypdfium2.PdfDocument(path)
    except pypdfium2.PdfiumError as error:
        if error.err_code == pdfium.FPDF_ERR_PASSWORD:
            raise DocumentEncrypted(path=name) from error
        raise DocumentCorrupt(path=name, detail=str(error)) from error
    try:
        with _PDFIUM:
            count = len(document)
        if count > limits.max_pages:
            raise DocumentTooLarge(
                path=name,
                detail=Phrase("pages", count=count, limit=limits.max_pages),
            )
        yield document
    except pypdfium2.PdfiumError as error:
        raise DocumentCorrupt(path=name, detail=str(error)) from error
    finally:
        with _PDFIUM:
            document.close()


def _text_pages(document: pypdfium2.PdfDocument) -> tuple[list[list[Line]], list[int]]:
    """The lines of each page, and the numbers (from 0) of the pages that are pictures."""
    pages, scanned = [], []
    for number in range(len(document)):
        with _PDFIUM:
            try:
                lines = list(_page_lines(document, number))
                if _is_picture(document, number, lines):
                    scanned.append(number)
            except pypdfium2.PdfiumError as error:
                raise pypdfium2.PdfiumError(f"page {number + 1}: {error}") from error
        pages.append(lines)
    return pages, scanned


def _is_picture(document: pypdfium2.PdfDocument, number: int, lines: Sequence[Line]) -> bool:
    """Whether nearly all that the page shows is drawn: it has no text, or a picture with a stamp."""
    characters = sum(len(line.text) for line in lines)
    if characters > _STAMP:
        return False
    page = document[number]
    try:
        area = page.get_width() * page.get_height()
        for item in page.get_objects(max_depth=3):
            if not characters:
                return True  # something is drawn
            if item.type == pdfium.FPDF_PAGEOBJ_IMAGE:
                left, bottom, right, top = item.get_bounds()
                if (right - left) * (top - bottom) > _MOST_OF_PAGE * area:
                    return True
    finally:
        page.close()
    return False


def _recognise(
    document: pypdfium2.PdfDocument,
    pages: list[list[Line]],
    scanned: Sequence[int],
    name: str,
    limits: Limits,
) -> Sequence[int]:
    """Put the text of the scanned pages into `pages`; returns the pages that could not be read,
    for lack of OCR, while others hold text."""
    try:
        reader = Reader(name, limits)
    except OcrMissing:
        if any(pages):
            return scanned
        raise
    if len(scanned) > limits.ocr_pages:
        raise DocumentTooLarge(path=name, detail=too_many_scans(limits.ocr_pages))
    for number in scanned:
        with _PDFIUM:
            picture = _rendered(document, number)
        pages[number] = reader.read(picture, number + 1, paged=True)
    return ()


def _rendered(document: pypdfium2.PdfDocument, number: int) -> Picture:
    page = document[number]
    try:
        longest = max(page.get_width(), page.get_height(), 1.0)
        bitmap = page.render(scale=WIDEST / longest)
        try:
            picture: Picture = bitmap.to_numpy()[:, :, :3].copy()
            return picture
        finally:
            bitmap.close()
    finally:
        page.close()


def _page_lines(document: pypdfium2.PdfDocument, number: int) -> Iterator[Line]:
    page = document[number]
    try:
        height = page.get_height()
        text_page = page.get_textpage()
        try:
            count = text_page.count_chars()
            codes = [pdfium.FPDFText_GetUnicode(text_page, i) for i in range(count)]
            first = 0
            for i in range(count + 1):
                if i == count or codes[i] in (10, 13):
                    if line := _line(text_page, codes, first, i, number + 1, height):
                        yield line
                    first = i + 1
        finally:
            text_page.close()
    finally:
        page.close()


def _line(
    text_page: pypdfium2.PdfTextPage,
    codes: Sequence[int],
    first: int,
    last: int,
    page: int,
    height: float,
) -> Line | None:
    while first < last and codes[first] in (0, 32):
        first += 1
    while first < last and codes[last - 1] in (0, 32):
        last -= 1
    if first == last:
        return None
    left, bottom, _, top = text_page.get_charbox(first, loose=True)
    _, low, right, _ = text_page.get_charbox(last - 1, loose=True)
    middle = (first + last) // 2
    size = round(2 * max(_size(text_page, i) for i in {first, middle, last - 1})) / 2
    bold = all(pdfium.FPDFText_GetFontWeight(text_page, i) >= 600 for i in {first, middle})
    edge = top > (1 - _EDGE) * height or bottom < _EDGE * height
    cells = _cells(text_page, codes, first, last, size)
    text = _text(codes[first:last])
    return Line(text, page, left, right, top, min(bottom, low), size, bold, edge, cells)


def _cells(
    text_page: pypdfium2.PdfTextPage, codes: Sequence[int], first: int, last: int, size: float
) -> tuple[Cell, ...]:
    """The line's parts between gaps that are wider than spaces are."""
    cuts = [first]
    for i in range(first + 1, last - 1):
        if codes[i] == 32 and codes[i - 1] != 32:
            after = i + 1
            while codes[after] == 32 and after < last - 1:
                after += 1
            gap = text_page.get_charbox(after)[0] - text_page.get_charbox(i - 1)[2]
            if gap > _CELL_GAP * size:
                cuts.append(after)
    cells = []
    for begin, end in zip(cuts, [*cuts[1:], last], strict=True):
        text = _text(codes[begin:end]).strip()
        inner = end - 1
        while inner > begin and codes[inner] == 32:
            inner -= 1
        left, right = text_page.get_charbox(begin)[0], text_page.get_charbox(inner)[2]
        cells.append(Cell(text, left, right))
    return tuple(cells)


def _text(codes: Sequence[int]) -> str:
    # Characters beyond the BMP arrive as surrogate pairs.
    units = b"".join(c.to_bytes(2, "little") for c in codes if 0 < c < 0x10000)
    text = units.decode("utf-16-le", "replace")
    return _close_han(text) if _SPACED_HAN.search(text) else text


def _size(text_page: pypdfium2.PdfTextPage, i: int) -> float:
    """The size of the type as it appears: font size times the scale of the text matrix."""
    matrix = pdfium.FS_MATRIX()
    size: float = pdfium.FPDFText_GetFontSize(text_page, i)
    if pdfium.FPDFText_GetMatrix(text_page, i, ctypes.byref(matrix)):
        size *= (matrix.c**2 + matrix.d**2) ** 0.5 or 1.0
    return size


def _close_han(text: str) -> str:
    """Justified Chinese may come with a space after each character; then those go."""
    pairs = len(regex.findall(rf"(?<=[{CJK}])[ ]?(?=[{CJK}])", text))
    return (
        _SPACED_HAN.sub("", text) if len(_SPACED_HAN.findall(text)) > 0.3 * max(pairs, 1) else text
    )
