"""OpenDocument packages: their parts, properties and styles."""

from dataclasses import dataclass
from typing import Any, Literal

from lxml import etree

from app.errors import DocumentCorrupt, DocumentEncrypted, Phrase
from ingest.parse.archive import Archive
from ingest.parse.document import Builder, Content, Metadata, one_line
from ingest.parse.ooxml import read_xml

OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
STYLE = "{urn:oasis:names:tc:opendocument:xmlns:style:1.0}"
DRAW = "{urn:oasis:names:tc:opendocument:xmlns:drawing:1.0}"
_DC = "{http://purl.org/dc/elements/1.1/}"
_TITLES = frozenset(("Title", "标题", "標題"))
_CHAIN = 10  # a cycle in a broken file ends here


def read_part(archive: Archive, name: str) -> Any | None:
    """The part's root element; None if it is missing or no XML."""
    if name not in archive:
        return None
    try:
        return read_xml(archive.read(name))
    except etree.XMLSyntaxError:
        return None


def dublin(tree: Any, field: str) -> str:
    """The first Dublin Core element of that name that says something."""
    return next((one_line(e.text) for e in tree.iter(f"{_DC}{field}") if e.text), "")


def dublin_metadata(tree: Any) -> Metadata:
    fields = ("creator", "subject", "date", "publisher", "language")
    return {field: value for field in fields if (value := dublin(tree, field))}


def properties(meta: Any | None) -> tuple[str, Metadata]:
    """The title and what else the document says of itself, by its meta.xml."""
    return ("", {}) if meta is None else (dublin(meta, "title"), dublin_metadata(meta))


@dataclass(frozen=True)
class Opened:
    """`body`: what the document holds, within `content`."""

    content: Any
    body: Any
    styles: Any | None


def open_body(
    archive: Archive, name: str, kind: Literal["text", "spreadsheet", "presentation"]
) -> Opened:
    """Raises DocumentEncrypted, and DocumentCorrupt for a package without such a body."""
    manifest = "META-INF/manifest.xml"
    if manifest in archive and b"encryption-data" in archive.read(manifest):
        raise DocumentEncrypted(path=name)
    content = read_part(archive, "content.xml")
    body = content.find(f".//{OFFICE}{kind}") if content is not None else None
    if body is None:
        raise DocumentCorrupt(path=name, detail=Phrase("odt_without_text"))
    return Opened(content, body, read_part(archive, "styles.xml"))


def finished(archive: Archive, builder: Builder, title: str) -> Content:
    """What was read, with the macros noted and what the document says of itself."""
    for member in archive.members:
        if member.startswith(("Basic/", "Scripts/")) and not member.endswith((".xml", "/")):
            builder.note("macro", member)
    stated, metadata = properties(read_part(archive, "meta.xml"))
    return builder.finish(title=stated or title, metadata=metadata)


class Styles:
    """The styles of a document, by name; those of its content before the shared ones."""

    def __init__(self, *trees: Any | None) -> None:
        self._styles: dict[str, Any] = {}
        self.lists: dict[str, Any] = {}
        self.outline: Any | None = None
        for tree in trees:
            if tree is None:
                continue
            for style in tree.iter(f"{STYLE}style"):
                self._styles.setdefault(style.get(f"{STYLE}name") or "", style)
            for style in tree.iter(f"{TEXT}list-style"):
                self.lists.setdefault(style.get(f"{STYLE}name") or "", style)
            if self.outline is None:
                self.outline = tree.find(f".//{TEXT}outline-style")

    def says(self, name: str | None, properties: str, attribute: str) -> str:
        """What a style, or else those that it is made from, says in one of its properties."""
        for style in self._chain(name):
            found = style.find(f"{STYLE}{properties}")
            if found is not None and (value := found.get(attribute)):
                return str(value)
        return ""

    def is_title(self, name: str | None) -> bool:
        return any(
            (style.get(f"{STYLE}display-name") or style.get(f"{STYLE}name")) in _TITLES
            for style in self._chain(name)
        )

    def hides(self, name: str | None) -> bool:
        return any(
            (text := style.find(f"{STYLE}text-properties")) is not None
            and text.get(f"{TEXT}display") == "none"
            for style in self._chain(name)
        )

    def strikes(self, name: str | None) -> bool | None:
        """Whether a style draws a line through its text; None if it does not say."""
        said = self.says(name, "text-properties", f"{STYLE}text-line-through-style") or self.says(
            name, "text-properties", f"{STYLE}text-line-through-type"
        )
        return said != "none" if said else None

    def _chain(self, name: str | None) -> list[Any]:
        found: list[Any] = []
        while name in self._styles and len(found) < _CHAIN:
            found.append(self._styles[name])
            name = found[-1].get(f"{STYLE}parent-style-name")
        return found
