"""Office Open XML packages (ECMA-376): parts, the relations between them, their properties."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from posixpath import normpath
from typing import Any
from urllib.parse import unquote

from lxml import etree

from app.errors import DocumentCorrupt, Phrase
from ingest.parse.archive import Archive
from ingest.parse.document import Builder, Metadata, one_line

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
C = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
P = "{http://schemas.openxmlformats.org/presentationml/2006/main}"
S = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_RELATIONS = "{http://schemas.openxmlformats.org/package/2006/relationships}"
_DC = "{http://purl.org/dc/elements/1.1/}"
_CORE = "{http://schemas.openxmlformats.org/package/2006/metadata/core-properties}"
# ISO 29500 'strict' files name the same things otherwise.
_STRICT = (
    (b"http://purl.oclc.org/ooxml/officeDocument/relationships", R[1:-1].encode()),
    (b"http://purl.oclc.org/ooxml/officeDocument/math", M[1:-1].encode()),
    (b"http://purl.oclc.org/ooxml/wordprocessingml/main", W[1:-1].encode()),
    (b"http://purl.oclc.org/ooxml/spreadsheetml/main", S[1:-1].encode()),
    (b"http://purl.oclc.org/ooxml/presentationml/main", P[1:-1].encode()),
    (
        b"http://purl.oclc.org/ooxml/drawingml/",
        b"http://schemas.openxmlformats.org/drawingml/2006/",
    ),
)
_ON = (None, "1", "true", "on")


@dataclass(frozen=True, slots=True)
class Relation:
    """`kind`: the last part of the relationship's type ('image', 'footnotes', …). `target`: the
    part's name in the archive, or the address where `external`."""

    kind: str
    target: str
    external: bool


class Package:
    """An opened package; parts that are missing or no XML read as None, so that a file with a
    broken footer still gives its body."""

    def __init__(self, archive: Archive, name: str) -> None:
        self._archive = archive
        self._name = name
        self._relations: dict[str, Mapping[str, Relation]] = {}

    @property
    def parts(self) -> tuple[str, ...]:
        return self._archive.members

    def main(self, usual: str) -> str:
        """The part that holds the document itself."""
        found = [r.target for r in self.relations("").values() if r.kind == "officeDocument"]
        return next((part for part in found if part in self._archive), usual)

    def data(self, part: str) -> bytes | None:
        return self._archive.read(part) if part in self._archive else None

    def tree(self, part: str) -> Any | None:
        """The part's root element."""
        data = self.data(part)
        if data is None:
            return None
        try:
            return read_xml(data)
        except etree.XMLSyntaxError:
            return None

    def required(self, part: str) -> Any:
        """As `tree`; raises DocumentCorrupt or XMLSyntaxError where that gives None."""
        data = self.data(part)
        if data is None:
            detail = Phrase("zip_without", member=part)
            raise DocumentCorrupt(path=self._name, detail=detail)
        return read_xml(data)

    def relations(self, part: str) -> Mapping[str, Relation]:
        """By id; of the package itself for ''."""
        if part not in self._relations:
            self._relations[part] = dict(self._read_relations(part))
        return self._relations[part]

    def related(self, part: str, kind: str) -> list[str]:
        """Targets of `part` by relations of one kind, in the file's order."""
        found = self.relations(part).values()
        return [r.target for r in found if r.kind == kind and not r.external]

    def target(self, part: str, identifier: str | None) -> str | None:
        """The part that a relation of `part` leads to; None for none, or one outside the file."""
        relation = self.relations(part).get(identifier or "")
        return relation.target if relation and not relation.external else None

    def properties(self) -> tuple[str, Metadata]:
        """The title and what else the file says of itself."""
        part = next(iter(self.related("", "core-properties")), "docProps/core.xml")
        tree = self.tree(part)
        if tree is None:
            return "", {}
        found = {
            name: text
            for name, tag in (
                ("title", f"{_DC}title"),
                ("author", f"{_DC}creator"),
                ("subject", f"{_DC}subject"),
                ("keywords", f"{_CORE}keywords"),
            )
            if (text := one_line(tree.findtext(tag) or ""))
        }
        return found.pop("title", ""), found

    def note_macros(self, builder: Builder) -> None:
        for part in self.parts:
            if PurePosixPath(part).name.lower() == "vbaproject.bin":
                builder.note("macro", part)

    def _read_relations(self, part: str) -> Iterator[tuple[str, Relation]]:
        path = PurePosixPath(part)
        tree = self.tree(
            str(path.parent / "_rels" / f"{path.name}.rels") if part else "_rels/.rels"
        )
        for relation in tree.iter(f"{_RELATIONS}Relationship") if tree is not None else ():
            target, external = (
                relation.get("Target") or "",
                relation.get("TargetMode") == "External",
            )
            if not external:
                target = target.replace("\\", "/")
                base = "" if target.startswith("/") else str(path.parent)
                target = normpath(f"{base}/{unquote(target)}").lstrip("/").removeprefix("./")
            kind = (relation.get("Type") or "").rsplit("/", 1)[-1]
            # Strict files write 'coreProperties' and the like for the package's own relations.
            kind = {"coreProperties": "core-properties"}.get(kind, kind)
            yield relation.get("Id") or "", Relation(kind, target, external)


def normalised(data: bytes) -> bytes:
    """A part's XML, with the names of 'strict' files made the usual ones."""
    if b"purl.oclc.org/ooxml" in data:
        for strict, usual in _STRICT:
            data = data.replace(strict, usual)
    return data


def read_xml(data: bytes) -> Any:
    """The root element. No entities, no network, and libxml2's own bounds on depth and length."""
    data = normalised(data)
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        remove_comments=True,
        remove_pis=True,
    )
    return etree.fromstring(data, parser)


def alternative(element: Any) -> Any | None:
    """What an mc:AlternateContent stands for: its first choice, else the fallback."""
    choice = element.find(f"{MC}Choice")
    return element.find(f"{MC}Fallback") if choice is None else choice


def is_on(element: Any | None, attribute: str) -> bool:
    """Whether a property that is given by an element's presence is switched on."""
    return element is not None and element.get(attribute) in _ON


def integer(text: str | None, default: int = 0) -> int:
    """An attribute's whole number, at most nine digits; `default` for anything else."""
    text = (text or "").strip()
    digits = text[1:] if text[:1] in ("-", "+") else text
    return int(text) if digits.isascii() and digits.isdecimal() and len(digits) < 10 else default
