"""EPUB books."""

from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import unquote

from lxml import etree

from app.errors import DocumentCorrupt, DocumentEncrypted, Phrase
from ingest.parse.archive import Archive, open_archive
from ingest.parse.document import Builder, Content, Limits
from ingest.parse.html import write_html
from ingest.parse.odf import dublin, dublin_metadata

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
        main = packages[0].replace("\\", "/")
        package = _xml(archive.read(main))
        folder = PurePosixPath(main).parent
        items = {
            item.get("id"): item
            for item in package.xpath("//*[local-name()='manifest']/*[local-name()='item']")
        }
        builder = Builder()
        read: set[str] = set()  # a spine may name a chapter again: it is one text all the same
        for reference in package.xpath("//*[local-name()='spine']/*[local-name()='itemref']"):
            item = items.get(reference.get("idref"))
            if item is None or "nav" in (item.get("properties") or "").split():
                continue
            if "html" in (item.get("media-type") or ""):
                member = str(folder / unquote(item.get("href") or ""))
                if member not in read:
                    read.add(member)
                    write_html(builder, archive.read(member))
        return builder.finish(title=dublin(package, "title"), metadata=dublin_metadata(package))


def _xml(data: bytes) -> Any:
    """No entities, no network, and libxml2's own bounds on depth and size of text."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    return etree.fromstring(data, parser)


def _content_is_encrypted(archive: Archive) -> bool:
    """Whether anything but fonts is (fonts are often obfuscated in open books)."""
    tree = _xml(archive.read("META-INF/encryption.xml"))
    methods = tree.xpath("//*[local-name()='EncryptionMethod']/@Algorithm")
    return any(method not in _FONT_ALGORITHMS for method in methods)
