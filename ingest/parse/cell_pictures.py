"""Pictures that are the value of a cell: WPS writes a formula (DISPIMG), Excel an error with a value beside it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import regex

from ingest.parse.document import one_line
from ingest.parse.ooxml import A, Package, R, S, integer

_XDR = "{http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing}"
_RICH = "{http://schemas.microsoft.com/office/spreadsheetml/2017/richdata}"
_RELATED = "{http://schemas.microsoft.com/office/spreadsheetml/2022/richvaluerel}"
_FORMULA = regex.compile(r"=?(?:_xlfn\.)?DISPIMG\(\s*\"([^\"]{1,200})\"", regex.IGNORECASE)
_LOCAL, _TEXT = "_rvRel:LocalImageIdentifier", "Text"


@dataclass(frozen=True, slots=True)
class CellPicture:
    """`part`: where it is in the file, '' for one that is fetched from an address."""

    part: str
    description: str = ""


@dataclass(frozen=True, slots=True)
class CellPictures:
    """`by_name`: those of WPS; `by_value`: those of Excel, by the number of the value that a cell names."""

    by_name: Mapping[str, CellPicture]
    by_value: Mapping[int, CellPicture]

    def of(self, cell: Any, text: str) -> CellPicture | None:
        """The picture that a cell shows; `text`: what it says."""
        number = cell.get("vm")
        if number is not None:
            return self.by_value.get(integer(number))
        named = _FORMULA.match(text) if "DISPIMG" in text else None
        return self.by_name.get(named.group(1), CellPicture("")) if named else None

    @classmethod
    def read(cls, package: Package, workbook: str) -> "CellPictures":
        """`workbook`: the part that holds the workbook."""
        return cls(dict(_named(package, workbook)), dict(_valued(package, workbook)))


def _named(package: Package, workbook: str) -> Iterator[tuple[str, CellPicture]]:
    for part in package.related(workbook, "cellImage"):
        tree = package.tree(part)
        for picture in tree.iter(f"{_XDR}pic") if tree is not None else ():
            own = next(picture.iter(f"{_XDR}cNvPr"), None)
            blip = next(picture.iter(f"{A}blip"), None)
            if own is not None and blip is not None:
                target = package.target(part, blip.get(f"{R}embed")) or ""
                yield own.get("name") or "", CellPicture(target, one_line(own.get("descr") or ""))


def _valued(package: Package, workbook: str) -> Iterator[tuple[int, CellPicture]]:
    """From the number that a cell names over three tables to a picture."""
    metadata = _related(package, workbook, "sheetMetadata")
    values = list(_values(package, workbook))
    if metadata is None or not values:
        return
    blocks = [
        integer(block.get("i"), -1) for block in metadata.iter() if _local(block.tag) == "rvb"
    ]
    found = metadata.iterfind(f"{S}valueMetadata/{S}bk/{S}rc")
    for number, record in enumerate(found, 1):
        block = integer(record.get("v"), -1)
        value = blocks[block] if 0 <= block < len(blocks) else -1
        picture = values[value] if 0 <= value < len(values) else None
        if picture is not None:
            yield number, picture


def _values(package: Package, workbook: str) -> Iterator[CellPicture | None]:
    """The rich values of the file, None for those that are no pictures."""
    values = _related(package, workbook, "rdRichValue")
    shapes = _related(package, workbook, "rdRichValueStructure")
    if values is None or shapes is None:
        return
    keys = [(shape.get("t") or "", [key.get("n") or "" for key in shape]) for shape in shapes]
    files = _files(package, workbook)
    for value in values.iter(f"{_RICH}rv"):
        number = integer(value.get("s"), -1)
        kind, names = keys[number] if 0 <= number < len(keys) else ("", [])
        if "image" not in kind.lower():
            yield None
            continue
        said = dict(zip(names, (child.text or "" for child in value), strict=False))
        file = integer(said.get(_LOCAL), -1)
        part = files[file] if 0 <= file < len(files) else ""
        yield CellPicture(part, one_line(said.get(_TEXT, "")))


def _files(package: Package, workbook: str) -> list[str]:
    for part in package.related(workbook, "richValueRel"):
        tree = package.tree(part)
        related = tree.iter(f"{_RELATED}rel") if tree is not None else ()
        return [package.target(part, one.get(f"{R}id")) or "" for one in related]
    return []


def _related(package: Package, workbook: str, kind: str) -> Any | None:
    part = next(iter(package.related(workbook, kind)), "")
    return package.tree(part) if part else None


def _local(tag: object) -> str:
    return str(tag).rpartition("}")[2]
