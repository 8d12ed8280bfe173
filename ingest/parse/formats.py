"""Which format a file has: by what it holds first, by its name where that leaves a choice."""

import zipfile
from enum import StrEnum
from pathlib import Path, PurePath

import olefile
import regex

from app.errors import DocumentCorrupt, DocumentEncrypted, FormatUnsupported, Phrase
from ingest.parse.archive import ENCRYPTED, broken_zip, member_name
from ingest.parse.calendars import is_calendar
from ingest.parse.encoding import decode
from ingest.parse.flat import kind_of
from ingest.parse.mail_folder import is_mail_folder
from ingest.parse.markdown import looks_like_markdown
from ingest.parse.sheets_2003 import is_workbook_2003


class Format(StrEnum):
    """The formats read; the value is the media type."""

    TEXT = "text/plain"
    MARKDOWN = "text/markdown"
    HTML = "text/html"
    PDF = "application/pdf"
    DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    PPTX = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
    XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    XML_SHEETS = "application/vnd.ms-excel"  # Excel 2003
    XML_WORD = "application/msword"  # Word 2003
    CSV = "text/csv"
    EPUB = "application/epub+zip"
    EML = "message/rfc822"
    MSG = "application/vnd.ms-outlook"
    MBOX = "application/mbox"
    RTF = "application/rtf"
    ODT = "application/vnd.oasis.opendocument.text"
    ODS = "application/vnd.oasis.opendocument.spreadsheet"
    ODP = "application/vnd.oasis.opendocument.presentation"
    OFD = "application/ofd"
    JSON = "application/json"
    JSONL = "application/jsonl"
    YAML = "application/yaml"
    NOTEBOOK = "application/x-ipynb+json"
    CALENDAR = "text/calendar"
    CODE = "text/x-source"
    PNG = "image/png"
    JPEG = "image/jpeg"
    TIFF = "image/tiff"
    WEBP = "image/webp"
    BMP = "image/bmp"


_FLAT = {
    "word": Format.DOCX,
    "ppt": Format.PPTX,
    "xl": Format.XLSX,
    "text": Format.ODT,
    "spreadsheet": Format.ODS,
    "presentation": Format.ODP,
}
IMAGES = (Format.PNG, Format.JPEG, Format.TIFF, Format.WEBP, Format.BMP)
SUPPORTED = (
    "txt, md, html, pdf, docx, pptx, xlsx, csv, tsv, epub, eml, msg, mbox, rtf, odt, ods, odp, ofd, json, jsonl, yaml,"
    " ipynb, ics, vcf, source code, png, jpg, tiff, webp, bmp"
)

_CONTAINERS = {
    ".docx": Format.DOCX,
    ".pptx": Format.PPTX,
    ".xlsx": Format.XLSX,
    ".epub": Format.EPUB,
    ".odt": Format.ODT,
    ".ods": Format.ODS,
    ".odp": Format.ODP,
    ".ofd": Format.OFD,
    ".pdf": Format.PDF,
    ".msg": Format.MSG,
    ".png": Format.PNG,
    ".jpg": Format.JPEG,
    ".jpeg": Format.JPEG,
    ".tif": Format.TIFF,
    ".tiff": Format.TIFF,
    ".webp": Format.WEBP,
    ".bmp": Format.BMP,
}
_TEXTS = {
    ".md": Format.MARKDOWN,
    ".markdown": Format.MARKDOWN,
    ".mdx": Format.MARKDOWN,
    ".html": Format.HTML,
    ".htm": Format.HTML,
    ".xhtml": Format.HTML,
    ".mht": Format.HTML,
    ".mhtml": Format.HTML,
    ".csv": Format.CSV,
    ".tsv": Format.CSV,
    ".tab": Format.CSV,
    ".eml": Format.EML,
    ".json": Format.JSON,
    ".jsonl": Format.JSONL,
    ".ndjson": Format.JSONL,
    ".yaml": Format.YAML,
    ".yml": Format.YAML,
    ".ipynb": Format.NOTEBOOK,
} | dict.fromkeys(
    (
        ".py .pyi .js .mjs .ts .tsx .jsx .java .kt .scala .c .h .cc .cpp .hpp .cs .go .rs .rb .php"
        " .swift .m .r .jl .lua .pl .sh .bash .zsh .ps1 .bat .sql .css .scss .vue .svelte .dart .ex"
        " .exs .erl .hs .ml .clj .lisp .vb .f90 .asm .proto .graphql .tf .toml .ini .cfg"
        " .conf .xml .cmake .gradle .make .mk .dockerfile"
    ).split(),
    Format.CODE,
)
_OLD_OFFICE = {".doc": "Word 97–2003", ".xls": "Excel 97–2003", ".ppt": "PowerPoint 97–2003"}
# Zip archives that are documents of kinds which are not read, by a member, and their names.
_UNREAD_ZIPS = {
    "xl/workbook.bin": "Excel xlsb",
    "visio/document.xml": "Visio",
    "Index/Document.iwa": "Apple Pages, Numbers, Keynote",
}
BINARY = Phrase("binary_content")
# What may stand before a page begins, piece by piece: one expression for all of it would try every
# way to part a run of comments.
_BEFORE_HTML = regex.compile(rb"\s+|<!--.*?-->|<\?xml[^>]*>", regex.I | regex.S)
_HTML_START = regex.compile(rb"<(?:!doctype\s+html|html[\s>])", regex.I)
_PICTURES = {
    b"\x89PNG\r\n\x1a\n": Format.PNG,
    b"\xff\xd8\xff": Format.JPEG,
    b"II*\x00": Format.TIFF,
    b"MM\x00*": Format.TIFF,
}
_TYPES, _LARGEST_TYPES = "[Content_Types].xml", 5_000_000
_MAIN_PART = regex.compile(
    rb"""<Override\b(?=[^<>]{0,500}\bContentType=["'][^"'<>]{1,200}\.main\+xml["'])[^<>]{0,500}?\bPartName=["']/([^"'<>]{1,200})["']"""
)
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def detect(path: Path, name: str) -> Format:
    """Raises FormatUnsupported, DocumentEncrypted, or DocumentCorrupt when the file is not what
    its name says and cannot be told for anything else; OSError if it cannot be read.
    """
    suffix = PurePath(name).suffix.lower()
    with path.open("rb") as file:
        head = file.read(65_536)
    if b"%PDF-" in head[:1024]:
        return Format.PDF
    if head.startswith((_ZIP, b"PK\x05\x06")):
        return _in_zip(path, name, suffix)
    if head.startswith(_OLE):
        return _in_ole(path, name, suffix)
    if (picture := _picture(head)) is not None:
        return picture
    if head.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"{\\rtf"):
        return Format.RTF
    if b"<" in head[:8] and (flat := kind_of(decode(head) or "")) is not None:
        kind, is_word_2003 = flat
        return Format.XML_WORD if is_word_2003 else _FLAT[kind]
    if suffix in _CONTAINERS:
        detail = Phrase("content_of_other_kind", suffix=suffix)
        raise DocumentCorrupt(path=name, detail=detail)
    if head.startswith(b"\x1f\x8b") or (text := decode(head)) is None:
        raise _unsupported(name, BINARY)
    if is_workbook_2003(head[:4096]):
        return Format.XML_SHEETS
    if suffix not in _TEXTS and is_calendar(text):
        return Format.CALENDAR
    if suffix != ".eml" and is_mail_folder(head):
        return Format.MBOX
    if (found := _TEXTS.get(suffix)) is not None:
        return found
    if PurePath(name).name.lower() in ("dockerfile", "makefile"):
        return Format.CODE
    if begins_as_html(head[:4096]) or is_web_archive(head):
        return Format.HTML
    if suffix == ".xls":  # many programs call a table of text so
        return Format.CSV
    return Format.MARKDOWN if looks_like_markdown(text) else Format.TEXT


def is_web_archive(head: bytes) -> bool:
    """Whether a file begins as a page that was saved with all that belongs to it (MHTML)."""
    top = head[:4096].replace(b"\r\n", b"\n").partition(b"\n\n")[0].lower()
    return b"\nmime-version:" in b"\n" + top and b"multipart/related" in top


def begins_as_html(head: bytes) -> bool:
    """Whether a file begins as a page of HTML, be it behind comments."""
    place = 0
    while found := _BEFORE_HTML.match(head, place):
        place = found.end()
    return _HTML_START.match(head, place) is not None


def _picture(head: bytes) -> Format | None:
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return Format.WEBP
    # 'BM' begins words too: the two bytes are followed by the length, and four that are zero.
    if head.startswith(b"BM") and head[6:10] == bytes(4):
        return Format.BMP
    return next((found for mark, found in _PICTURES.items() if head.startswith(mark)), None)


def _in_zip(path: Path, name: str, suffix: str) -> Format:
    try:
        with zipfile.ZipFile(path) as zipped:
            names = {member_name(info): info for info in zipped.infolist()}
            locked = [info for info in names.values() if info.flag_bits & ENCRYPTED]
            kind = types = b""
            if "mimetype" in names and names["mimetype"].file_size < 200:
                kind = zipped.read(names["mimetype"]).strip()
            if _TYPES in names and names[_TYPES].file_size < _LARGEST_TYPES:
                types = zipped.read(names[_TYPES])
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, ValueError, EOFError) as error:
        raise DocumentCorrupt(path=name, detail=broken_zip(error)) from error
    for member, found in (
        ("word/document.xml", Format.DOCX),
        ("ppt/presentation.xml", Format.PPTX),
        ("xl/workbook.xml", Format.XLSX),
    ):
        if member in names or _main_of(types, member.partition("/")[0]) in names:
            return found
    if "OFD.xml" in names:
        return Format.OFD
    if kind == Format.EPUB.encode() or "META-INF/container.xml" in names:
        return Format.EPUB
    for document in (Format.ODT, Format.ODS, Format.ODP):
        if kind.startswith(document.encode()):
            return document
    if suffix in _CONTAINERS:
        detail = Phrase("zip_without_document", kind=suffix[1:])
        raise DocumentCorrupt(path=name, detail=detail)
    if locked:
        raise DocumentEncrypted(path=name)
    unread = next((kind for member, kind in _UNREAD_ZIPS.items() if member in names), None)
    raise _unsupported(name, unread or Phrase("zip_archive"))


def _main_of(types: bytes, folder: str) -> str:
    """The part that an Office package declares as its document, of the program whose folder it lies
    in; some name it otherwise than all others do ('word/document2.xml')."""
    found = _MAIN_PART.search(types)
    name = found.group(1).decode("ascii", "replace") if found else ""
    return name if name.startswith(f"{folder}/") else ""


def _in_ole(path: Path, name: str, suffix: str) -> Format:
    try:
        with olefile.OleFileIO(path) as ole:
            streams = {entry[0].lower() for entry in ole.listdir()}
    except OSError as error:
        raise DocumentCorrupt(path=name, detail=str(error)) from error
    if "encryptedpackage" in streams:
        raise DocumentEncrypted(path=name)
    if "__properties_version1.0" in streams:
        return Format.MSG
    raise _unsupported(name, _OLD_OFFICE.get(suffix, Phrase("old_office")))


def _unsupported(name: str, detail: str | Phrase) -> FormatUnsupported:
    return FormatUnsupported(path=name, detail=detail, supported=SUPPORTED)
