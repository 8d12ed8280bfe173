"""PDF: text with page numbers, its lines joined to paragraphs.

Rules. Lines of a paragraph are joined (nothing between CJK characters, else a space); a word
divided at a line end is written without the hyphen, unless the document writes it with one
elsewhere. A paragraph ends where the next line starts lower than usual, is indented, is a list
item or has another size, or where its first word would have fitted on the line before. Larger
or bold short lines are headings. Running headers, footers and page numbers are dropped. The
reading order is that of the file, which for ordinary columns is the order of reading; tables
come out as lines of text, since a PDF has no rows or cells.
"""

import ctypes
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pypdfium2
import pypdfium2.raw as pdfium
import regex

from app.errors import DocumentCorrupt, DocumentEncrypted, DocumentTooLarge, DocumentWithoutText
from app.text.lines import LIST_MARKER, join_wrapped
from app.text.width import CJK, is_cjk, width
from ingest.parse.document import Builder, Content, Limits, clean

# PDFium keeps process-wide state and is not thread-safe.
_PDFIUM = threading.Lock()

_HYPHEN = "\x02"  # PDFium's mark for a hyphen at a line end
_DIVIDED = regex.compile(rf"(\p{{L}}+){_HYPHEN}(\p{{L}}+)")
_COMPOUND = regex.compile(r"\p{L}+-\p{L}+")
_DOTS = regex.compile(r"(?:[.·…]\s?){6,}")
_PAGE_NUMBER = regex.compile(
    r"[-–—\s]*(?:(?:page|p\.|第)\s*)?(?:\d{1,4}|[ivxlc]{1,6})\s*(?:页|/\s*\d+|of\s+\d+|\s*共\s*\d+\s*页)?[-–—\s]*$",
    regex.IGNORECASE,
)
_SPACED_HAN = regex.compile(r"(?<=\p{Han})[ ](?=\p{Han})")
_DIGITS = regex.compile(r"\d+")
_NOT_IN_HEADING = regex.compile(r"[。；;，,：:]$|[。；]")
_TOOL_TITLE = regex.compile(r"^(untitled|microsoft\s|.*\.(docx?|pdf|pptx?|indd|tex)$)", regex.I)
_WIDEST_HEADING = 120


@dataclass(frozen=True, slots=True)
class _Line:
    text: str
    page: int  # 1-based
    left: float
    right: float
    top: float  # distance from the page's bottom, points
    bottom: float
    size: float  # of the type, points
    bold: bool
    edge: bool  # in the top or bottom tenth of the page


def parse_pdf(path: Path, name: str, limits: Limits) -> Content:
    """Raises DocumentEncrypted, DocumentCorrupt, DocumentTooLarge, DocumentWithoutText."""
    with _PDFIUM:
        lines, metadata = _read(path, name, limits)
    lines = _without_running_titles(lines)
    if not any(line.text.strip() for line in lines):
        raise DocumentWithoutText(path=name)
    builder = Builder()
    _Composer(builder, lines).compose()
    title = clean(metadata.get("Title", "")).strip()
    if _TOOL_TITLE.match(title):
        title = ""
    kept = {
        key.lower(): clean(metadata[key]).strip()
        for key in ("Author", "Subject", "Keywords")
        if metadata.get(key, "").strip()
    }
    return builder.finish(title=title, metadata=kept)


def _read(path: Path, name: str, limits: Limits) -> tuple[list[_Line], dict[str, str]]:
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
        lines: list[_Line] = []
        for number in range(len(document)):
            try:
                lines.extend(_page_lines(document, number))
            except pypdfium2.PdfiumError as error:
                detail = f"page {number + 1}: {error}"
                raise DocumentCorrupt(path=name, detail=detail) from error
        return lines, document.get_metadata_dict()
    finally:
        document.close()


def _page_lines(document: pypdfium2.PdfDocument, number: int) -> Iterator[_Line]:
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
) -> _Line | None:
    while first < last and codes[first] in (0, 32):
        first += 1
    while first < last and codes[last - 1] in (0, 32):
        last -= 1
    if first == last:
        return None
    # Characters beyond the BMP arrive as surrogate pairs.
    units = b"".join(c.to_bytes(2, "little") for c in codes[first:last] if 0 < c < 0x10000)
    text = units.decode("utf-16-le", "replace")
    if _SPACED_HAN.search(text):
        text = _close_han(text)
    left, bottom, _, top = text_page.get_charbox(first, loose=True)
    _, low, right, _ = text_page.get_charbox(last - 1, loose=True)
    middle = (first + last) // 2
    samples = [_size(text_page, i) for i in {first, middle, last - 1}]
    bold = all(pdfium.FPDFText_GetFontWeight(text_page, i) >= 600 for i in {first, middle})
    edge = top > 0.9 * height or bottom < 0.1 * height
    return _Line(
        text, page, left, right, top, min(bottom, low), round(max(samples) * 2) / 2, bold, edge
    )


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


def _without_running_titles(lines: list[_Line]) -> list[_Line]:
    pages = len({line.page for line in lines})
    seen = Counter(
        (text, page)
        for text, page in {(_DIGITS.sub("#", line.text), line.page) for line in lines if line.edge}
    )
    repeats = Counter(text for text, _ in seen)
    often = max(3, 0.3 * pages)
    return [
        line
        for line in lines
        if not (
            line.edge
            and (
                repeats[_DIGITS.sub("#", line.text)] >= often
                or (_PAGE_NUMBER.match(line.text) and any(c.isalnum() for c in line.text))
            )
        )
    ]


class _Composer:
    """Lines to headings, paragraphs and list items."""

    def __init__(self, builder: Builder, lines: Sequence[_Line]) -> None:
        self._builder = builder
        self._lines = lines
        sizes = Counter[float]()
        for line in lines:
            sizes[line.size] += len(line.text)
        self._body = sizes.most_common(1)[0][0]
        self._compounds = {word.lower() for line in lines for word in _COMPOUND.findall(line.text)}
        larger = {
            line.size for line in lines if line.size > 1.12 * self._body and self._short(line)
        }
        self._levels = {size: i + 1 for i, size in enumerate(sorted(larger, reverse=True)[:4])}
        self._margins = _margins(lines)
        self._pitch = self._usual_pitch()

    def compose(self) -> None:
        group: list[int] = []
        for i in range(len(self._lines)):
            if group and not self._continues(group, i):
                self._emit(group)
                group = []
            group.append(i)
        if group:
            self._emit(group)

    def _emit(self, group: Sequence[int]) -> None:
        first = self._lines[group[0]]
        text = ""
        for i in group:
            text = join_wrapped(text, self._lines[i].text) if text else self._lines[i].text
        text = _DOTS.sub(" … ", _DIVIDED.sub(self._rejoin, text)).replace(_HYPHEN, "-")
        self._builder.page = first.page
        level = self._heading_level(first)
        if level and width(text) <= 2 * _WIDEST_HEADING:
            self._builder.heading(text, level)
        elif marker := LIST_MARKER.match(text):
            item = text[marker.end() :].strip()
            self._builder.list_item(item, 1, marker.group().strip()) if item else None
        else:
            self._builder.paragraph(text)

    def _rejoin(self, match: regex.Match[str]) -> str:
        compound = f"{match.group(1)}-{match.group(2)}"
        return compound if compound.lower() in self._compounds else match.group(1) + match.group(2)

    def _heading_level(self, line: _Line) -> int:
        if not self._short(line):
            return 0
        if line.size in self._levels:
            return self._levels[line.size]
        bold = line.bold and line.size >= self._body and not LIST_MARKER.match(line.text)
        return min(len(self._levels) + 1, 6) if bold else 0

    @staticmethod
    def _short(line: _Line) -> bool:
        return width(line.text) <= _WIDEST_HEADING and not _NOT_IN_HEADING.search(line.text)

    def _continues(self, group: Sequence[int], i: int) -> bool:
        """Whether line i goes on with the paragraph that the lines of `group` began."""
        before, line = self._lines[i - 1], self._lines[i]
        if abs(before.size - line.size) > 0.12 * max(before.size, line.size):
            return False
        heading = self._heading_level(before)
        if heading != self._heading_level(line) or LIST_MARKER.match(line.text):
            return False
        if before.page == line.page and line.top < before.top:
            drop = before.bottom - line.bottom
            if drop > max(1.45 * self._pitch.get(line.size, 1.3 * line.size), 1.3 * line.size):
                return False
            in_item = LIST_MARKER.match(self._lines[group[0]].text)
            if line.left > before.left + 0.8 * line.size and not (in_item and len(group) == 1):
                return False
        elif heading or before.text.rstrip()[-1:] in tuple('。！？；.!?;:：”"）)'):
            # A new page or column: the sentence must be unfinished.
            return False
        if heading:
            return True
        word = line.text.split(" ", 1)[0]
        needed = line.size * (1.0 if is_cjk(word[0]) else 0.5 * len(word) + 0.3)
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


def _margins(lines: Sequence[_Line]) -> list[float]:
    """For each line, where its column ends on the right, points."""
    pages: dict[int, list[_Line]] = {}
    for line in lines:
        pages.setdefault(line.page, []).append(line)
    margins = []
    for line in lines:
        peers = [
            other.right
            for other in pages[line.page]
            if abs(other.left - line.left) < 4 * line.size and other.right > line.left
        ]
        peers.sort()
        # Not the largest: a formula or a wide table may stand out of the column.
        margins.append(peers[int(0.9 * (len(peers) - 1))] if len(peers) > 4 else max(peers))
    return margins
