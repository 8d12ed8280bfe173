"""PDF: text with page numbers; `pdf_layout` joins its lines to paragraphs, rows and headings."""

import ctypes
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import pypdfium2
import pypdfium2.raw as pdfium
import regex

from app.errors import DocumentCorrupt, DocumentEncrypted, DocumentTooLarge, DocumentWithoutText
from app.text.width import CJK
from ingest.parse.document import Builder, Content, Limits, clean
from ingest.parse.pdf_layout import Cell, Line, compose, without_running_titles

# PDFium keeps process-wide state and is not thread-safe.
_PDFIUM = threading.Lock()

_SPACED_HAN = regex.compile(r"(?<=\p{Han})[ ](?=\p{Han})")
_TOOL_TITLE = regex.compile(r"^(untitled|microsoft\s|.*\.(docx?|pdf|pptx?|indd|tex)$)", regex.I)
_CELL_GAP = 1.4  # times the size of the type: a wider gap within a line parts cells
_EDGE = 0.085  # of the page's height: running titles stand in the margin above and below


def parse_pdf(path: Path, name: str, limits: Limits) -> Content:
    """Raises DocumentEncrypted, DocumentCorrupt, DocumentTooLarge, DocumentWithoutText."""
    with _PDFIUM:
        lines, metadata = _read(path, name, limits)
    lines = without_running_titles(lines)
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
    return builder.finish(title=title, metadata=kept)


def _read(path: Path, name: str, limits: Limits) -> tuple[list[Line], dict[str, str]]:
    try:
        document = pypdfium2.PdfDocument(path)
    except pypdfium2.PdfiumError as error:
        if error.err_code == pdfium.FPDF_ERR_PASSWORD:
            raise DocumentEncrypted(path=name) from error
        raise DocumentCorrupt(path=name, detail=str(error)) from error
    try:
        if len(document) > limits.max_pages:
            raise DocumentTooLarge(
                path=name,
                detail=f"{len(document)} pages, the limit max_pages is {limits.max_pages}",
            )
        lines: list[Line] = []
        for number in range(len(document)):
            try:
                lines.extend(_page_lines(document, number))
            except pypdfium2.PdfiumError as error:
                detail = f"page {number + 1}: {error}"
                raise DocumentCorrupt(path=name, detail=detail) from error
        return lines, document.get_metadata_dict()
    finally:
        document.close()


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
