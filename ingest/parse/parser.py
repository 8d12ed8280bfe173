"""The one door to all formats: a file becomes a ParsedDocument or a named error."""

import errno
from collections import Counter
from collections.abc import Callable, Mapping
from itertools import pairwise
from pathlib import Path, PurePath

from app.errors import (
    DocumentCorrupt,
    DocumentTooLarge,
    DocumentWithoutText,
    FormatUnsupported,
    GroundkbError,
    Phrase,
    SourceUnreadable,
    too_many_bytes,
)
from app.text.language import detect_language
from ingest.parse.books import parse_epub
from ingest.parse.data import parse_code, parse_json, parse_jsonl, parse_yaml
from ingest.parse.document import Content, Limits, ParsedDocument
from ingest.parse.encoding import decode
from ingest.parse.formats import BINARY, IMAGES, SUPPORTED, Format, detect
from ingest.parse.html import parse_html
from ingest.parse.images import parse_image
from ingest.parse.mail import parse_eml, parse_msg
from ingest.parse.markdown import parse_markdown
from ingest.parse.odp import parse_odp
from ingest.parse.ods import parse_ods
from ingest.parse.odt import parse_odt
from ingest.parse.pdf import parse_pdf
from ingest.parse.plain import parse_plain
from ingest.parse.rtf import parse_rtf
from ingest.parse.sheets import parse_xlsx
from ingest.parse.slides import parse_pptx
from ingest.parse.tables import parse_csv
from ingest.parse.word import parse_docx

# The language of a document is judged on its beginning.
_LANGUAGE_SAMPLE = 20_000

# Formats that open the file themselves, those that find their own encoding, plain texts.
_FILES: Mapping[Format, Callable[[Path, str, Limits], Content]] = {
    Format.PDF: parse_pdf,
    Format.DOCX: parse_docx,
    Format.PPTX: parse_pptx,
    Format.XLSX: parse_xlsx,
    Format.EPUB: parse_epub,
    Format.ODT: parse_odt,
    Format.ODS: parse_ods,
    Format.ODP: parse_odp,
    Format.EML: lambda path, name, limits: parse_eml(path, name, limits, _attached),
    Format.MSG: lambda path, name, limits: parse_msg(path, name, limits, _attached),
    **dict.fromkeys(IMAGES, parse_image),
}
_BYTES: Mapping[Format, Callable[[bytes], Content]] = {
    Format.HTML: parse_html,
    Format.RTF: parse_rtf,
}
_NAMED: Mapping[Format, Callable[[str, str], Content]] = {
    Format.JSON: parse_json,
    Format.JSONL: parse_jsonl,
}
_TEXTS: Mapping[Format, Callable[[str], Content]] = {
    Format.TEXT: parse_plain,
    Format.MARKDOWN: parse_markdown,
    Format.CSV: parse_csv,
    Format.YAML: parse_yaml,
    Format.CODE: parse_code,
}


def parse(path: Path, *, name: str | None = None, limits: Limits) -> ParsedDocument:
    """Read one file. `name` is the file's own name where `path` is a copy of it.

    The format is found from the content, then from the name. Raises SourceUnreadable,
    FormatUnsupported, DocumentTooLarge, DocumentEncrypted, DocumentCorrupt, OcrMissing or
    DocumentWithoutText, and nothing else but MemoryError. Safe in threads.
    """
    name = name or path.name
    try:
        size = path.stat().st_size
        if size > limits.max_file_bytes:
            raise DocumentTooLarge(path=name, detail=too_many_bytes(limits.max_file_bytes))
        found = detect(path, name)
        content = _content(found, path, name, limits)
    except (GroundkbError, MemoryError):
        raise  # lack of memory is not the file's damage; `ingest.reading` names it
    except Exception as error:
        # The one boundary to a dozen parsing libraries: on damaged input they raise whatever
        # their code meets (KeyError, struct.error, zlib.error, RecursionError, …). All of it
        # means that this file cannot be parsed; the exception is its cause.
        # Only the operating system's own errors, which have a number, are about reading; EINVAL
        # is a seek to where a damaged directory points.
        if isinstance(error, OSError) and error.errno not in (None, errno.EINVAL):
            raise SourceUnreadable(path=name, detail=error.strerror or str(error)) from error
        said = str(error)[:300].strip()
        detail = Phrase("damaged_said", said=said) if said else Phrase("damaged")
        raise DocumentCorrupt(path=name, detail=detail) from error
    if not content.text.strip() or not content.blocks:
        raise DocumentWithoutText(path=name)
    _bounded(content, name, limits)
    return ParsedDocument(
        title=_title(content, name, found),
        text=content.text,
        blocks=content.blocks,
        media_type=found.value,
        language=detect_language(content.text[:_LANGUAGE_SAMPLE]),
        metadata=content.metadata,
        notes=content.notes,
        enclosed=content.enclosed,
    )


def _attached(path: Path, name: str, limits: Limits) -> ParsedDocument:
    return parse(path, name=name, limits=limits)


def _content(found: Format, path: Path, name: str, limits: Limits) -> Content:
    if found in _FILES:
        return _FILES[found](path, name, limits)
    data = path.read_bytes()
    if found in _BYTES:
        return _BYTES[found](data)
    text = decode(data)
    if text is None:
        raise FormatUnsupported(path=name, detail=BINARY, supported=SUPPORTED)
    if found in _NAMED:
        return _NAMED[found](text, name)
    return _TEXTS[found](text)


def _bounded(content: Content, name: str, limits: Limits) -> None:
    """Raises DocumentTooLarge for more text, rows or headings than may be taken in."""
    kinds = Counter(block.kind for block in content.blocks)
    chars, rows, headings = len(content.text), kinds["table_row"], kinds["heading"]
    if chars > (most := limits.max_text_chars):
        raise DocumentTooLarge(path=name, detail=Phrase("too_many_chars", count=chars, limit=most))
    if rows > (most := limits.max_rows):
        raise DocumentTooLarge(path=name, detail=Phrase("too_many_rows", count=rows, limit=most))
    if headings > (most := limits.max_headings):
        raise DocumentTooLarge(
            path=name, detail=Phrase("too_many_headings", count=headings, limit=most)
        )


def _title(content: Content, name: str, found: Format) -> str:
    """The stated title; else the first heading that text follows; else the name's stem. Headings of
    data are the keys of its parts, which name no document."""
    if content.title:
        return content.title
    blocks = () if found in _NAMED or found is Format.YAML else content.blocks
    for block, following in pairwise(blocks):
        deeper = following.kind == "heading" and following.level > block.level
        if block.kind == "heading" and (following.kind != "heading" or deeper):
            return block.section[-1]
    return PurePath(name).stem or name
