"""What is written onto a PDF: values of form fields, comments, text that was added; attachments."""

import ctypes
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import pypdfium2
import pypdfium2.raw as pdfium

from ingest.parse.document import Builder, clean, one_line
from ingest.parse.labels import labelled
from ingest.parse.pdf_rules import Ruling

_HIDDEN = 2 | 32  # flags of an annotation: hidden, not to be viewed
_MOST_MARKS = 5_000  # of a page
_COMMENTS = (
    pdfium.FPDF_ANNOT_TEXT, pdfium.FPDF_ANNOT_FREETEXT, pdfium.FPDF_ANNOT_HIGHLIGHT,
    pdfium.FPDF_ANNOT_UNDERLINE, pdfium.FPDF_ANNOT_SQUIGGLY, pdfium.FPDF_ANNOT_STRIKEOUT,
    pdfium.FPDF_ANNOT_STAMP, pdfium.FPDF_ANNOT_CARET, pdfium.FPDF_ANNOT_INK,
    pdfium.FPDF_ANNOT_SQUARE, pdfium.FPDF_ANNOT_CIRCLE, pdfium.FPDF_ANNOT_LINE,
    pdfium.FPDF_ANNOT_POLYGON, pdfium.FPDF_ANNOT_POLYLINE,
)  # fmt: skip
_CHECKED = frozenset((pdfium.FPDF_FORMFIELD_CHECKBOX, pdfium.FPDF_FORMFIELD_RADIOBUTTON))
_NAMED_ONLY = frozenset((pdfium.FPDF_FORMFIELD_PUSHBUTTON, pdfium.FPDF_FORMFIELD_SIGNATURE))


@dataclass(frozen=True, slots=True)
class PageMarks:
    """The filled-in fields of a page as (name, value), and its comments as (author, text)."""

    page: int  # from 1
    fields: list[tuple[str, str]]
    comments: list[tuple[str, str]]


@dataclass(slots=True)
class Marks:
    """`pages`: those that have any. `attached`: names of the files within the PDF."""

    pages: list[PageMarks] = field(default_factory=list)
    attached: list[str] = field(default_factory=list)
    hidden: int = 0  # annotations that a viewer does not show


def has_marks(page: pypdfium2.PdfPage) -> bool:
    """Whether the page has fields, comments or links. Not safe in threads, as all of PDFium."""
    return bool(pdfium.FPDFPage_GetAnnotCount(page) > 0)


def crossed_out(page: pypdfium2.PdfPage) -> list[Ruling]:
    """The lines that annotations draw through text. Not safe in threads, as all of PDFium."""
    found: list[Ruling] = []
    for i in range(min(pdfium.FPDFPage_GetAnnotCount(page), _MOST_MARKS)):
        annotation = pdfium.FPDFPage_GetAnnot(page, i)
        if not annotation:
            continue
        try:
            if (
                pdfium.FPDFAnnot_GetSubtype(annotation) != pdfium.FPDF_ANNOT_STRIKEOUT
                or pdfium.FPDFAnnot_GetFlags(annotation) & _HIDDEN
            ):
                continue
            quad = pdfium.FS_QUADPOINTSF()
            for n in range(min(pdfium.FPDFAnnot_CountAttachmentPoints(annotation), _MOST_MARKS)):
                if pdfium.FPDFAnnot_GetAttachmentPoints(annotation, n, quad):
                    across = quad.x1, quad.x2, quad.x3, quad.x4
                    high = quad.y1, quad.y2, quad.y3, quad.y4
                    middle = (min(high) + max(high)) / 2
                    found.append((min(across), middle - 0.5, max(across), middle + 0.5))
        finally:
            pdfium.FPDFPage_CloseAnnot(annotation)
    return found


def read_marks(document: pypdfium2.PdfDocument, pages: Sequence[int]) -> Marks:
    """What was written onto these pages (from 0) of the document; loading a page takes long, so
    the others are left alone. Not safe in threads, as all of PDFium."""
    marks = Marks()
    for i in range(min(pdfium.FPDFDoc_GetAttachmentCount(document), _MOST_MARKS)):
        attachment = pdfium.FPDFDoc_GetAttachment(document, i)
        size = pdfium.FPDFAttachment_GetName(attachment, None, 0)
        buffer = ctypes.create_string_buffer(size)
        pdfium.FPDFAttachment_GetName(
            attachment, ctypes.cast(buffer, ctypes.POINTER(pdfium.FPDF_WCHAR)), size
        )
        marks.attached.append(_decoded(buffer.raw))
    if document.get_formtype() != pdfium.FORMTYPE_NONE:
        document.init_forms()
    for number in pages:
        page = document[number]
        try:
            count = min(pdfium.FPDFPage_GetAnnotCount(page), _MOST_MARKS)
            if count > 0:
                found = _page_marks(document, page, number + 1, count, marks)
                if found.fields or found.comments:
                    marks.pages.append(found)
        finally:
            page.close()
    return marks


def texts_of(page: PageMarks) -> list[str]:
    """Fields as 'name: value', comments marked as such."""
    fields = "\n".join(f"{name}: {value}" for name, value in page.fields)
    return [fields, *(labelled("comment", text, author) for author, text in page.comments)]


def note_marks(builder: Builder, marks: Marks) -> None:
    """What of them is not read."""
    for name in marks.attached:
        builder.note("embedded_file", name)
    if marks.hidden:
        builder.note("hidden", count=marks.hidden)


def _page_marks(
    document: pypdfium2.PdfDocument,
    page: pypdfium2.PdfPage,
    number: int,
    count: int,
    marks: Marks,
) -> PageMarks:
    found = PageMarks(number, [], [])
    form = document.formenv.raw if document.formenv else None
    for i in range(count):
        annotation = pdfium.FPDFPage_GetAnnot(page, i)
        if not annotation:
            continue
        try:
            kind = pdfium.FPDFAnnot_GetSubtype(annotation)
            hidden = pdfium.FPDFAnnot_GetFlags(annotation) & _HIDDEN
            if kind == pdfium.FPDF_ANNOT_WIDGET and form is not None:
                filled = list(_field(form, annotation))
                marks.hidden += len(filled) if hidden else 0
                found.fields.extend(() if hidden else filled)
            elif kind in _COMMENTS and (text := _string(annotation, b"Contents")):
                marks.hidden += 1 if hidden else 0
                if not hidden:
                    found.comments.append((one_line(_string(annotation, b"T")), clean(text)))
        finally:
            pdfium.FPDFPage_CloseAnnot(annotation)
    return found


def _field(form: object, annotation: object) -> Iterator[tuple[str, str]]:
    """Name and value of a field that is filled in; of a box, its name and 'on' value."""
    kind = pdfium.FPDFAnnot_GetFormFieldType(form, annotation)
    if kind in _NAMED_ONLY:
        return
    name = _text(pdfium.FPDFAnnot_GetFormFieldAlternateName, form, annotation) or _text(
        pdfium.FPDFAnnot_GetFormFieldName, form, annotation
    )
    if kind in _CHECKED:
        if pdfium.FPDFAnnot_IsChecked(form, annotation):
            value = _text(pdfium.FPDFAnnot_GetFormFieldExportValue, form, annotation)
            yield one_line(name), one_line(value) or "✓"
    elif value := _text(pdfium.FPDFAnnot_GetFormFieldValue, form, annotation):
        yield one_line(name), clean(value).strip()


def _text(get: object, form: object, annotation: object) -> str:
    size = get(form, annotation, None, 0)  # type: ignore[operator]
    if size <= 2:
        return ""
    buffer = ctypes.create_string_buffer(size)
    wide = ctypes.cast(buffer, ctypes.POINTER(pdfium.FPDF_WCHAR))
    get(form, annotation, wide, size)  # type: ignore[operator]
    return _decoded(buffer.raw)


def _string(annotation: object, key: bytes) -> str:
    size = pdfium.FPDFAnnot_GetStringValue(annotation, key, None, 0)
    if size <= 2:
        return ""
    buffer = ctypes.create_string_buffer(size)
    wide = ctypes.cast(buffer, ctypes.POINTER(pdfium.FPDF_WCHAR))
    pdfium.FPDFAnnot_GetStringValue(annotation, key, wide, size)
    return _decoded(buffer.raw)


def _decoded(raw: bytes) -> str:
    return raw.decode("utf-16-le", "replace").rstrip("\x00").strip()
