"""EPUB books and OpenDocument texts."""

from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import unquote

from lxml import etree

from app.errors import DocumentCorrupt, DocumentEncrypted, Phrase
from ingest.parse.archive import Archive, open_archive
from ingest.parse.document import Builder, Content, Limits, Metadata, one_line
from ingest.parse.html import write_html

_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_DC = "{http://purl.org/dc/elements/1.1/}"
_FONT_ALGORITHMS = ("http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC")


def parse_epub(path: Path, name: str, limits: Limits) -> Content:
    """Chapters in reading order; their own headings make the section path."""
    with open_archive(path, name, limits) as archive:
        if "META-INF/encryption.xml" in archive and _content_is_encrypted(archive):
            raise DocumentEncrypted(path=name)
        container = _xml(archive.read("META-INF/container.xml"))
        packages = container.xpath("//*[local-name()='rootfile']/@full-path")
        if not packages:
            detail = Phrase("epub_without_package")
            raise DocumentCorrupt(path=name, detail=detail)
        package = _xml(archive.read(packages[0]))
        folder = PurePosixPath(packages[0]).parent
        items = {
            item.get("id"): item
            for item in package.xpath("//*[local-name()='manifest']/*[local-name()='item']")
        }
        builder = Builder()
        for reference in package.xpath("//*[local-name()='spine']/*[local-name()='itemref']"):
            item = items.get(reference.get("idref"))
            if item is None or "nav" in (item.get("properties") or "").split():
                continue
            if "html" in (item.get("media-type") or ""):
                member = str(folder / unquote(item.get("href") or ""))
                write_html(builder, archive.read(member))
        return builder.finish(title=_dublin(package, "title"), metadata=_metadata(package))


def parse_odt(path: Path, name: str, limits: Limits) -> Content:
    """Headings by outline level, paragraphs, lists, tables; no deleted text, no comments."""
    with open_archive(path, name, limits) as archive:
        manifest = "META-INF/manifest.xml"
        if manifest in archive and b"encryption-data" in archive.read(manifest):
            raise DocumentEncrypted(path=name)
        body = _xml(archive.read("content.xml")).find(f".//{_OFFICE}text")
        if body is None:
            detail = Phrase("odt_without_text")
            raise DocumentCorrupt(path=name, detail=detail)
        builder = Builder()
        _odt_blocks(builder, body, 0)
        if "meta.xml" not in archive:
            return builder.finish()
        meta = _xml(archive.read("meta.xml"))
        return builder.finish(title=_dublin(meta, "title"), metadata=_metadata(meta))


def _xml(data: bytes) -> Any:
    """No entities, no network, and libxml2's own bounds on depth and size of text."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    return etree.fromstring(data, parser)


def _content_is_encrypted(archive: Archive) -> bool:
    """Whether anything but fonts is (fonts are often obfuscated in open books)."""
    tree = _xml(archive.read("META-INF/encryption.xml"))
    methods = tree.xpath("//*[local-name()='EncryptionMethod']/@Algorithm")
    return any(method not in _FONT_ALGORITHMS for method in methods)


def _dublin(tree: Any, field: str) -> str:
    return next((one_line(e.text) for e in tree.iter(f"{_DC}{field}") if e.text), "")


def _metadata(tree: Any) -> Metadata:
    fields = ("creator", "subject", "date", "publisher", "language")
    return {field: value for field in fields if (value := _dublin(tree, field))}


def _odt_blocks(builder: Builder, element: Any, depth: int) -> None:
    marker = depth > 0
    for child in element:
        if child.tag == f"{_TEXT}h":
            level = child.get(f"{_TEXT}outline-level") or "1"
            builder.heading(_odt_text(child), int(level) if level.isdecimal() else 1)
        elif child.tag == f"{_TEXT}p":
            if marker:
                builder.list_item(_odt_text(child), depth)
                marker = False
            else:
                builder.paragraph(_odt_text(child))
        elif child.tag == f"{_TEXT}list":
            for item in child:
                _odt_blocks(builder, item, depth + 1)
        elif child.tag == f"{_TABLE}table":
            builder.table([list(_odt_cells(row)) for row in child.iter(f"{_TABLE}table-row")])
        elif child.tag == f"{_TEXT}section":
            _odt_blocks(builder, child, depth)


def _odt_cells(row: Any) -> Iterator[str]:
    cells = [
        (
            " ".join(_odt_text(p) for p in cell.iter(f"{_TEXT}p")),
            cell.get(f"{_TABLE}number-columns-repeated") or "1",
        )
        for cell in row
        if cell.tag in (f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell")
    ]
    while cells and not cells[-1][0]:
        cells.pop()  # sheets are filled up with empty cells to their full width
    for text, repeated in cells:
        for _ in range(min(int(repeated), 100) if repeated.isdecimal() else 1):
            yield text


def _odt_text(element: Any) -> str:
    if element.tag in (f"{_OFFICE}annotation", f"{_TEXT}note-citation", f"{_TEXT}tracked-changes"):
        return ""
    parts = [element.text or ""]
    for child in element:
        if child.tag == f"{_TEXT}s":
            parts.append(" ")
        elif child.tag == f"{_TEXT}tab":
            parts.append("\t")
        elif child.tag == f"{_TEXT}line-break":
            parts.append("\n")
        elif isinstance(child.tag, str):
            parts.append(_odt_text(child))
        parts.append(child.tail or "")
    return "".join(parts)
