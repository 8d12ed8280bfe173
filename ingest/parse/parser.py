"""The one door to all formats: a file becomes a ParsedDocument or a named error."""

import errno
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from pathlib import Path, PurePath
from typing import IO

import regex

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
from app.text.width import width
from ingest.parse.books import parse_epub
from ingest.parse.calendars import parse_calendar
from ingest.parse.data import parse_code, parse_json, parse_jsonl, parse_yaml
from ingest.parse.document import Block, Content, Limits, ParsedDocument
from ingest.parse.encoding import decode
from ingest.parse.flat import packed
from ingest.parse.formats import BINARY, IMAGES, SUPPORTED, Format, detect, is_web_archive
from ingest.parse.html import parse_html
from ingest.parse.images import parse_image
from ingest.parse.mail import parse_eml, parse_mbox, parse_msg
from ingest.parse.markdown import parse_markdown
from ingest.parse.mime import saved_page
from ingest.parse.notebooks import parse_notebook
from ingest.parse.odp import parse_odp
from ingest.parse.ods import parse_ods
from ingest.parse.odt import parse_odt
from ingest.parse.ofd import parse_ofd
from ingest.parse.pdf import parse_pdf
from ingest.parse.plain import parse_plain
from ingest.parse.rtf import parse_rtf
from ingest.parse.sheets import parse_xlsx
from ingest.parse.sheets_2003 import parse_workbook_2003
from ingest.parse.slides import parse_pptx
from ingest.parse.tables import parse_csv
from ingest.parse.word import parse_docx

# The language of a document is judged on its beginning.
_LANGUAGE_SAMPLE = 20_000

# How parts of a document are numbered: '第一部分', '第3章', '一、', 'Chapter 2', '1.', '2.1 '.
_PART = regex.compile(
    r"第\s*[\d一二三四五六七八九十百零〇两]{1,6}\s*(?:部分|[编編篇部卷章节節条條款])"
    r"|[一二三四五六七八九十]{1,3}[、.．]|[（(][一二三四五六七八九十\d]{1,3}[)）]"
    r"|(?:part|chapter|section|article|appendix)\s+(?:\d+|[ivxlc]+|[a-z]|one|two|three|four|five)\b"
    r"|\d{1,2}(?:\.\d{1,2})*(?:[.、)]\s*|\s+)(?=\p{L})",
    regex.IGNORECASE,
)
_SENTENCE = regex.compile(r"[。；;：:！？!?|]|\.\s*$|[,，].*[,，]")
_WIDEST_TITLE = 80
_ZIP = b"PK"

# Zip archives that may come as one XML file, formats that open the file themselves, those that find
# their own encoding, plain texts.
_PACKED: Mapping[Format, Callable[[Path | IO[bytes], str, Limits], Content]] = {
    Format.DOCX: parse_docx,
    Format.XML_WORD: parse_docx,
    Format.PPTX: parse_pptx,
    Format.XLSX: parse_xlsx,
    Format.ODT: parse_odt,
    Format.ODS: parse_ods,
    Format.ODP: parse_odp,
}
_FILES: Mapping[Format, Callable[[Path, str, Limits], Content]] = {
    Format.PDF: parse_pdf,
    Format.EPUB: parse_epub,
    Format.OFD: parse_ofd,
    Format.EML: lambda path, name, limits: parse_eml(path, name, limits, _attached),
    Format.MSG: lambda path, name, limits: parse_msg(path, name, limits, _attached),
    Format.MBOX: lambda path, name, limits: parse_mbox(path, name, limits, _attached),
    **dict.fromkeys(IMAGES, parse_image),
}
_BYTES: Mapping[Format, Callable[[bytes], Content]] = {
    Format.HTML: parse_html,
    Format.RTF: parse_rtf,
    Format.XML_SHEETS: parse_workbook_2003,
}
_NAMED: Mapping[Format, Callable[[str, str], Content]] = {
    Format.JSON: parse_json,
    Format.JSONL: parse_jsonl,
    Format.NOTEBOOK: parse_notebook,
}
_DATA = (Format.JSON, Format.JSONL, Format.YAML)
_TEXTS: Mapping[Format, Callable[[str], Content]] = {
    Format.TEXT: parse_plain,
    Format.MARKDOWN: parse_markdown,
    Format.CSV: parse_csv,
    Format.YAML: parse_yaml,
    Format.CALENDAR: parse_calendar,
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
    if found in _PACKED:
        return _PACKED[found](_zip_of(path), name, limits)
    data = path.read_bytes()
    if found is Format.HTML and is_web_archive(data):
        data = saved_page(data) or data
    if found in _BYTES:
        return _BYTES[found](data)
    text = decode(data)
    if text is None:
        raise FormatUnsupported(path=name, detail=BINARY, supported=SUPPORTED)
    if found in _NAMED:
        return _NAMED[found](text, name)
    return _TEXTS[found](text)


def _zip_of(path: Path) -> Path | IO[bytes]:
    """The file itself, or its parts where it is one of XML."""
    with path.open("rb") as file:
        if file.read(len(_ZIP)) == _ZIP:
            return path
    return packed(path.read_bytes())


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
    data are the keys of its parts, which name no document; nor does the first of several numbered
    parts, but what stands alone on the line above them all."""
    if content.title:
        return content.title
    blocks = () if found in _DATA else content.blocks
    for i, (block, following) in enumerate(pairwise(blocks)):
        if block.kind != "heading":
            continue
        deeper = following.kind == "heading" and following.level > block.level
        above_parts = i == 0 and following.kind == "heading" and _is_part(following.section[-1])
        if following.kind != "heading" or deeper or above_parts:
            if _is_part(block.section[-1]) and _has_siblings(block, blocks[i + 1 :]):
                break
            return block.section[-1]
    else:
        return PurePath(name).stem or name
    first = content.text[blocks[0].start : blocks[0].end]
    if blocks[0].kind == "paragraph" and _names_a_document(first):
        return first
    return PurePath(name).stem or name


def _is_part(heading: str) -> bool:
    return _PART.match(heading) is not None


def _has_siblings(heading: Block, following: Sequence[Block]) -> bool:
    """Whether another numbered part of its level comes."""
    return any(
        block.kind == "heading" and block.level <= heading.level and _is_part(block.section[-1])
        for block in following
    )


def _names_a_document(line: str) -> bool:
    return "\n" not in line and width(line) <= _WIDEST_TITLE and not _SENTENCE.search(line)
