"""PDF: text with page numbers; `pdf_layout` joins its lines to paragraphs, rows and headings.

Pages that are pictures (a scan, or text drawn as outlines) are read by OCR, these pages only.
"""

import threading
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
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
from ingest.parse.document import PAGES_WITHOUT_TEXT, Builder, Content, Limits, NoteKind, clean
from ingest.parse.labels import labelled
from ingest.parse.ocr import Reader, too_many_scans
from ingest.parse.page_lines import Line
from ingest.parse.pdf_columns import in_reading_order, with_reach
from ingest.parse.pdf_forms import refuse_nested_forms
from ingest.parse.pdf_layout import compose
from ingest.parse.pdf_marks import crossed_out, has_marks, note_marks, read_marks, texts_of
from ingest.parse.pdf_pictures import PictureTexts, cut_out, put_together, rendered
from ingest.parse.pdf_rules import Drawn, Ruling, drawn_on
from ingest.parse.pdf_text import PageText, page_text
from ingest.parse.pdf_unseen import unseen_on
from ingest.parse.running_titles import without_running_titles, write_said

# PDFium keeps process-wide state and is not thread-safe.
_PDFIUM = threading.Lock()

_TOOL_TITLE = regex.compile(
    r"^(untitled|\(?anonymous\)?$|\(?unspecified\)?$|microsoft\s|.*\.(docx?|pdf|pptx?|indd|tex)$)",
    regex.I,
)
_STAMP = 100  # characters: a page with more text than a page number or a scanner's mark is no scan
_MOST_OF_PAGE = 0.5
_MOST_DOUBTFUL = 500  # pages of a document that are looked through for text that nobody sees
_LONGEST_PROPERTY = 150


@dataclass(frozen=True)
class _Pages:
    """The lines of each page; pages (from 0) that are pictures, or whose text has no meaning
    (`rubbish`, among `scanned`). `pictures`: where they stand on the other pages; `marked`: the
    pages with something written onto them."""

    lines: list[list[Line]]
    scanned: list[int]
    rubbish: list[int]
    pictures: dict[int, list[Ruling]]
    marked: list[int]


def parse_pdf(path: Path, name: str, limits: Limits) -> Content:
    """Raises DocumentEncrypted, DocumentCorrupt, DocumentTooLarge, DocumentWithoutText, OcrMissing.

    A file that has text on some pages is taken in with these when the others cannot be read: its
    notes name them, and for lack of OCR so does `pages_without_text` among its metadata, by which
    a sync finds it again once OCR is there.
    """
    builder = Builder()
    refuse_nested_forms(path, name)
    asides: dict[int, list[str]] = defaultdict(list)
    with _opened(path, name, limits) as document:
        pages = _text_pages(document, builder)
        reader = _reader(pages, name, limits)
        unread, lacking = _recognise(document, pages, reader, name, limits)
        _read_pictures(document, pages, reader, asides, builder)
        with _PDFIUM:
            metadata = document.get_metadata_dict()
            marks = read_marks(document, pages.marked)
    for page in marks.pages:
        asides[page.page] += texts_of(page)
    lines, said = without_running_titles([line for page in pages.lines for line in page])
    if not (said or asides) and not any(line.text.strip() or line.rows for line in lines):
        raise DocumentWithoutText(path=name)
    compose(builder, lines, asides)
    write_said(builder, said)
    note_marks(builder, marks)
    for number in unread:
        kind: NoteKind = "unreadable_text" if number in pages.rubbish else "picture"
        builder.note(kind, str(number + 1))
    title = clean(metadata.get("Title", "")).strip()
    if _TOOL_TITLE.match(title):
        title = ""
    kept = {
        key.lower(): clean(metadata[key]).strip()
        for key in ("Author", "Subject", "Keywords")
        if metadata.get(key, "").strip() and not _TOOL_TITLE.match(metadata[key].strip())
    }
    if lacking:
        kept[PAGES_WITHOUT_TEXT] = _numbers(unread)
    return builder.finish(title=title, metadata=kept)


def _numbers(pages: Sequence[int]) -> str:
    """'3, 4, 7', as many as a property that can be searched by holds."""
    text = ", ".join(str(number + 1) for number in pages)
    return (
        text
        if len(text) <= _LONGEST_PROPERTY
        else text[:_LONGEST_PROPERTY].rpartition(",")[0] + ", …"
    )


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


def _text_pages(document: pypdfium2.PdfDocument, builder: Builder) -> _Pages:
    found = _Pages([], [], [], {}, [])
    doubtful = 0
    for number in range(len(document)):
        with _PDFIUM:
            try:
                page = document[number]
                try:
                    drawn = drawn_on(page)
                    if has_marks(page):
                        found.marked.append(number)
                        drawn.rulings += crossed_out(page)
                    pictures = put_together(drawn.pictures)
                    doubtful += drawn.doubtful
                    looked_at = drawn.doubtful and doubtful <= _MOST_DOUBTFUL
                    unseen = unseen_on(page) if looked_at else frozenset[int]()
                    text = page_text(
                        page,
                        number + 1,
                        drawn.rulings,
                        pictures,
                        dots=drawn.dots,
                        level=drawn.level,
                        unseen=unseen,
                    )
                finally:
                    page.close()
            except pypdfium2.PdfiumError as error:
                raise pypdfium2.PdfiumError(f"page {number + 1}: {error}") from error
        for words in text.struck:
            builder.struck(words)
        if text.hidden:
            builder.note("hidden", str(number + 1), text.hidden)
        found.lines.append(with_reach(in_reading_order(text.lines)))
        if text.rubbish:
            found.rubbish.append(number)
        if text.rubbish or _is_picture(text, drawn):
            found.scanned.append(number)
        else:
            if text.bare:
                found.pictures[number] = list(text.bare)
            if drawn.marks.chart():
                builder.note("chart", str(number + 1))
    return found


def _is_picture(text: PageText, drawn: Drawn) -> bool:
    """Whether nearly all that the page shows is drawn: it has no text, or a picture with a stamp."""
    characters = sum(len(line.text) + len("".join(map("".join, line.rows))) for line in text.lines)
    characters += sum(map(len, text.struck))
    if characters > _STAMP or (text.hidden and not drawn.pictures):
        return False
    return drawn.largest > _MOST_OF_PAGE or (not characters and drawn.anything)


def _reader(pages: _Pages, name: str, limits: Limits) -> Reader | None:
    """What reads pictures, if there are any; None without OCR. Raises OcrMissing when the file
    has nothing else."""
    if not pages.scanned and not pages.pictures:
        return None
    try:
        return Reader(name, limits)
    except OcrMissing:
        if any(pages.lines):
            return None
        raise


def _recognise(
    document: pypdfium2.PdfDocument,
    pages: _Pages,
    reader: Reader | None,
    name: str,
    limits: Limits,
) -> tuple[Sequence[int], bool]:
    """Put the text of the scanned pages into `pages`; returns the pages that could not be read
    while others hold text, and whether that is for lack of OCR, not for its limits."""
    if not pages.scanned:
        return (), False
    if reader is None:
        return pages.scanned, True
    readable = any(pages.lines)
    if len(pages.scanned) > limits.ocr_pages and not readable:
        raise DocumentTooLarge(path=name, detail=too_many_scans(limits.ocr_pages))
    for done, number in enumerate(pages.scanned):
        with _PDFIUM:
            page = document[number]
            try:
                picture = rendered(page)
            finally:
                page.close()
        try:
            pages.lines[number] = reader.read(picture, number + 1, paged=True)
        except DocumentTooLarge:
            if not readable:
                raise
            return pages.scanned[done:], False
    return (), False


def _read_pictures(
    document: pypdfium2.PdfDocument,
    pages: _Pages,
    reader: Reader | None,
    asides: dict[int, list[str]],
    builder: Builder,
) -> None:
    """The text in the pictures beside the text; those without are noted by their page."""
    texts = PictureTexts(reader)
    for number, boxes in pages.pictures.items():
        shown = len(boxes)
        if not texts.over:
            with _PDFIUM:
                page = document[number]
                try:
                    pieces = cut_out(page, boxes)
                finally:
                    page.close()
            for piece in pieces:
                text = texts.read(piece)
                shown -= text is not None
                if text:
                    asides[number + 1].append(labelled("picture_text", text))
        if shown:
            builder.note("picture", str(number + 1), shown)
