"""Word documents of one XML file (Word 2003), as programs of offices write them under the name .doc.

They are put into the parts of a docx, which names most things alike, and are read by its rules.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final
from xml.sax.saxutils import quoteattr

from lxml import etree

from ingest.parse.ooxml import R, W, integer, read_xml

SPACE: Final = "http://schemas.microsoft.com/office/word/2003/wordml"
_AML: Final = "{http://schemas.microsoft.com/aml/2001/core}"
_HINTS: Final = "{http://schemas.microsoft.com/office/word/2003/auxHint}"
_O: Final = "{urn:schemas-microsoft-com:office:office}"
_V: Final = "{urn:schemas-microsoft-com:vml}"
_KNOWN: Final = (W, _AML, _HINTS, _O, _V)
_RENAMED: Final = {
    f"{W}{old}": f"{W}{new}"
    for old, new in (
        ("vmerge", "vMerge"), ("hmerge", "hMerge"), ("hlink", "hyperlink"), ("listPr", "numPr"), ("ilfo", "numId"),
        ("listDef", "abstractNum"), ("list", "num"), ("ilst", "abstractNumId"), ("nfc", "numFmt"),
    )
}  # fmt: skip
_KEYS: Final = {f"{W}abstractNum": ("listDefId", "abstractNumId"), f"{W}num": ("ilfo", "numId")}
# By their codes, as binary files of Word and RTF number them too.
_COUNTING: Final = (
    "decimal", "upperRoman", "lowerRoman", "upperLetter", "lowerLetter", "ordinal", "cardinalText", "ordinalText",
    "hex", "chicago", "ideographDigital", "japaneseCounting", "aiueo", "iroha", "decimalFullWidth",
    "decimalHalfWidth", "japaneseLegal", "japaneseDigitalTenThousand", "decimalEnclosedCircle", "decimalFullWidth2",
    "aiueoFullWidth", "irohaFullWidth", "decimalZero", "bullet", "ganada", "chosung", "decimalEnclosedFullstop",
    "decimalEnclosedParen", "decimalEnclosedCircleChinese", "ideographEnclosedCircle", "ideographTraditional",
    "ideographZodiac", "ideographZodiacTraditional", "taiwaneseCounting", "ideographLegalTraditional",
    "taiwaneseCountingThousand", "taiwaneseDigital", "chineseCounting", "chineseLegalSimplified",
    "chineseCountingThousand",
)  # fmt: skip
_CHANGES: Final = {"Word.Insertion": f"{W}ins", "Word.Deletion": f"{W}del"}
_MARGINS: Final = {f"{W}hdr": "header", f"{W}ftr": "footer"}
_PAGES: Final = {"odd": "default", "even": "even", "first": "first"}
_NOTES: Final = {f"{W}footnote": "footnote", f"{W}endnote": "endnote"}
_RELATIONS: Final = "http://schemas.openxmlformats.org/package/2006/relationships"
_KINDS: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PROPERTIES: Final = (("Title", "title"), ("Author", "creator"), ("Subject", "subject"))
_DC: Final = "{http://purl.org/dc/elements/1.1/}"
_CORE: Final = "{http://schemas.openxmlformats.org/package/2006/metadata/core-properties}"


def parts_of(data: bytes, pieces: Mapping[str, bytes]) -> dict[str, bytes]:
    """The parts of a docx. `pieces`: the pictures, by what stands in their places. Raises XMLSyntaxError."""
    root = read_xml(data.replace(SPACE.encode(), W[1:-1].encode()))
    return _Document(root, pieces).parts()


class _Document:
    def __init__(self, root: Any, pieces: Mapping[str, bytes]) -> None:
        self._root = root
        self._pieces = pieces
        self._notes: dict[str, list[Any]] = {"footnote": [], "endnote": [], "comment": []}
        self._margins: list[tuple[str, Any]] = []  # name of the part, element
        self._media: dict[str, bytes] = {}  # by the name that pictures are referred to with
        for element in list(root.iter()):
            if isinstance(element.tag, str) and element.getparent() is not None:
                self._change(element)

    def parts(self) -> dict[str, bytes]:
        document = etree.Element(f"{W}document")
        body = self._root.find(f"{W}body")
        if body is not None:
            document.append(body)
        trees = [("document", document), *self._margins]
        for name, tag, new in (
            ("styles", "styles", "styles"),
            ("numbering", "lists", "numbering"),
            ("settings", "docPr", "settings"),
        ):
            found = self._root.find(f"{W}{tag}")
            if found is not None:
                found.tag = f"{W}{new}"
                trees.append((name, found))
        for kind, notes in self._notes.items():
            holder = etree.Element(f"{W}{kind}s")
            holder.extend(notes)
            trees.append((f"{kind}s", holder))
        named = dict(zip(self._media, map("media/{}".format, range(len(self._media))), strict=True))
        relations = _relations(named, [name for name, _ in self._margins])
        made = {f"word/{name}.xml": bytes(etree.tostring(tree)) for name, tree in trees}
        made |= {f"word/_rels/{name}.xml.rels": relations for name, _ in trees}
        made |= {f"word/{part}": self._media[name] for name, part in named.items()}
        made["docProps/core.xml"] = self._core()
        return made

    def _change(self, element: Any) -> None:
        """Make an element what it is called in a docx; what lies within it comes later."""
        tag = element.tag
        if tag in _RENAMED:
            self._rename(element)
        elif tag == f"{_AML}annotation":
            self._annotation(element)
        elif tag in _NOTES and element.getparent().tag == f"{W}r":
            self._note(_NOTES[tag], element, element)
        elif tag in _MARGINS and element.getparent().tag == f"{W}sectPr":
            self._margin(_MARGINS[tag], element)
        elif tag == f"{W}binData":
            name, text = element.get(f"{W}name") or "", (element.text or "").strip()
            self._media[name] = self._pieces.get(text, b"")
        elif tag == f"{_V}imagedata":
            element.set(f"{R}id", element.get("src") or "")
        elif tag in (f"{_AML}content", f"{W}cfChunk") or self._wraps(element):
            _unwrap(element)

    def _rename(self, element: Any) -> None:
        element.tag = _RENAMED[element.tag]
        if element.tag in _KEYS:
            old, new = _KEYS[element.tag]
            element.set(f"{W}{new}", element.get(f"{W}{old}") or "")
        elif element.tag == f"{W}numFmt":
            code = integer(element.get(f"{W}val"))
            element.set(f"{W}val", _COUNTING[code] if 0 <= code < len(_COUNTING) else "decimal")

    def _wraps(self, element: Any) -> bool:
        """Sections that Word marks for other programs, smart tags, and tags of other people's schemas."""
        if element.tag.startswith(_HINTS):
            return True
        return not element.tag.startswith(_KNOWN) and any(
            isinstance(child.tag, str) and child.tag.startswith((W, _AML)) for child in element
        )

    def _annotation(self, element: Any) -> None:
        """A tracked change or a comment; other marks (of comments' ends, of formats) go."""
        kind = element.get(f"{W}type") or ""
        content = element.find(f"{_AML}content")
        if kind in _CHANGES:
            element.tag = _CHANGES[kind]
        elif kind == "Word.Comment" and content is not None:
            content.set(f"{W}author", element.get(f"{_AML}author") or "")
            self._note("comment", element, content)
        else:
            element.getparent().remove(element)

    def _note(self, kind: str, place: Any, note: Any) -> None:
        """Take a note out of the text; `place` becomes the reference to it."""
        number = str(len(self._notes[kind]) + 1)
        place.addprevious(etree.Element(f"{W}{kind}Reference", {f"{W}id": number}))
        place.getparent().remove(place)
        note.tag = f"{W}{kind}"
        note.set(f"{W}id", number)
        note.attrib.pop(f"{W}type", None)
        self._notes[kind].append(note)

    def _margin(self, kind: str, element: Any) -> None:
        name = f"{kind}{len(self._margins) + 1}"
        pages = _PAGES.get(element.get(f"{W}type") or "odd", "default")
        element.addprevious(
            etree.Element(f"{W}{kind}Reference", {f"{W}type": pages, f"{R}id": name})
        )
        element.getparent().remove(element)
        self._margins.append((name, element))

    def _core(self) -> bytes:
        said = self._root.find(f"{_O}DocumentProperties")
        core = etree.Element(f"{_CORE}coreProperties")
        for name, new in _PROPERTIES:
            text = said.findtext(f"{_O}{name}") if said is not None else None
            etree.SubElement(core, f"{_DC}{new}").text = text or ""
        return bytes(etree.tostring(core))


def _unwrap(element: Any) -> None:
    for child in list(element):
        element.addprevious(child)
    element.getparent().remove(element)


def _relations(media: Mapping[str, str], margins: list[str]) -> bytes:
    def lines() -> Iterator[str]:
        for name, part in media.items():
            yield f'<Relationship Id={quoteattr(name)} Type="{_KINDS}/image" Target="{part}"/>'
        for name in margins:
            kind = name.rstrip("0123456789")
            yield f'<Relationship Id="{name}" Type="{_KINDS}/{kind}" Target="{name}.xml"/>'

    return f'<Relationships xmlns="{_RELATIONS}">{"".join(lines())}</Relationships>'.encode()
