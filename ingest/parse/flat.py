"""Documents of Office and OpenDocument that were saved as one XML file: found, and packed as all others are."""

import binascii
import io
import zipfile
from base64 import b64decode
from collections.abc import Iterator, Mapping
from typing import IO, Any, Final

import regex
from lxml import etree

from ingest.parse.odf import DRAW, OFFICE
from ingest.parse.ooxml import read_xml
from ingest.parse.word_2003 import SPACE as WORD_2003
from ingest.parse.word_2003 import parts_of

_PACKAGE: Final = "http://schemas.microsoft.com/office/2006/xmlPackage"
_PKG: Final = f"{{{_PACKAGE}}}"
_HREF: Final = "{http://www.w3.org/1999/xlink}href"
_ROOT: Final = regex.compile(
    r"\ufeff?(?>\s+|<\?[^>]*>|<!--.*?-->)*+<(?:[\w.-]{1,30}:)?(wordDocument|package|document)\b[^>]*",
    regex.DOTALL,
)
_FOLDER: Final = regex.compile(r"""\bname=["']/(word|ppt|xl)/""")
_KIND: Final = regex.compile(
    r"""\bmimetype=["']application/vnd\.oasis\.opendocument\.(text|spreadsheet|presentation)\b"""
)
# Pictures, which libxml2 refuses where they are long: they are read apart.
_PIECES: Final = regex.compile(
    rb"(<(?:[\w.-]{1,30}:)?(?:binaryData|binData|binary-data)\b[^<>]*(?<!/)>)([^<]*)"
)
_UTF16: Final = (b"\xff\xfe", b"\xfe\xff")
_DECLARATION: Final = regex.compile(r"\A\ufeff?\s*<\?xml[^>]*>")


def kind_of(text: str) -> tuple[str, bool] | None:
    """Which document a file is that begins with `text` ('word', 'ppt', 'xl', 'text', 'spreadsheet', 'presentation'),
    and whether it is of Word 2003; None for any other file."""
    root = _ROOT.match(text)
    if root is None:
        return None
    if root[1] == "wordDocument" and WORD_2003 in root[0]:
        return "word", True
    if root[1] == "package" and _PACKAGE in root[0]:
        folder = _FOLDER.search(text)
        return (folder[1], False) if folder else None
    if root[1] == "document" and OFFICE[1:-1] in root[0]:
        kind = _KIND.search(root[0])
        return (kind[1], False) if kind else None
    return None


def packed(data: bytes) -> IO[bytes]:
    """The zip archive that such a file could have been. Raises XMLSyntaxError."""
    if data.startswith(_UTF16):
        data = _DECLARATION.sub("", data.decode("utf-16", "replace")).encode()
    pieces: dict[str, bytes] = {}

    def apart(found: regex.Match[bytes]) -> bytes:
        mark = str(len(pieces))
        pieces[mark] = _decoded(found[2])
        return found[1] + mark.encode()

    data = _PIECES.sub(apart, data)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        for name, content in _parts(data, pieces):
            file.writestr(name, content)
    out.seek(0)
    return out


def _parts(data: bytes, pieces: Mapping[str, bytes]) -> Iterator[tuple[str, bytes]]:
    if WORD_2003.encode() in data[:20_000] and _PACKAGE.encode() not in data[:20_000]:
        yield from parts_of(data, pieces).items()
        return
    root = read_xml(data)
    if root.tag == f"{_PKG}package":
        yield from dict(_of_package(root, pieces)).items()
    else:
        yield from _of_open_document(root, pieces)


def _of_package(root: Any, pieces: Mapping[str, bytes]) -> Iterator[tuple[str, bytes]]:
    for part in root.iterfind(f"{_PKG}part"):
        name = (part.get(f"{_PKG}name") or "").lstrip("/")
        xml, binary = part.find(f"{_PKG}xmlData"), part.find(f"{_PKG}binaryData")
        if name and xml is not None and len(xml):
            yield name, bytes(etree.tostring(xml[0], with_tail=False))
        elif name and binary is not None:
            yield name, pieces.get((binary.text or "").strip(), b"")


def _of_open_document(root: Any, pieces: Mapping[str, bytes]) -> Iterator[tuple[str, bytes]]:
    for number, binary in enumerate(list(root.iter(f"{OFFICE}binary-data"))):
        image = binary.getparent()
        if image.tag == f"{DRAW}image":
            name = f"Pictures/{number}"
            image.set(_HREF, name)
            yield name, pieces.get((binary.text or "").strip(), b"")
    whole = bytes(etree.tostring(root))
    yield "content.xml", whole
    yield "styles.xml", whole
    meta = root.find(f"{OFFICE}meta")
    if meta is not None:
        yield "meta.xml", bytes(etree.tostring(meta, with_tail=False))


def _decoded(text: bytes) -> bytes:
    try:
        return b64decode(text)
    except (binascii.Error, ValueError):
        return b""
