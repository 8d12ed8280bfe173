"""JSON, JSON Lines, RTF and source code."""

import json
from collections.abc import Mapping, Sequence

import regex
from striprtf.striprtf import rtf_to_text

from app.errors import DocumentCorrupt, Words
from ingest.parse.document import Block, Builder, Content, clean, one_line
from ingest.parse.plain import parse_plain

_WIDEST_RECORD = 12  # columns of a table of records; longer records are written as lines
_DEFINITION = regex.compile(
    r"(?:(?:export|default|public|private|protected|internal|static|final|abstract|async|pub(?:\([\w:]+\))?"
    r"|unsafe|inline|virtual|open|data|sealed)\s+)*"
    r"(?:def|class|func|fn|function|interface|struct|enum|trait|impl|type|module|namespace|object|sub"
    r"|CREATE\s+(?:OR\s+REPLACE\s+)?(?:TABLE|VIEW|FUNCTION|PROCEDURE))\s+(?P<name>[\w.:<>$]+)",
    regex.IGNORECASE,
)
_RTF_ROW = regex.compile(r"[^|\n]*\|[^\n]*\|[ \t]*$")


def parse_json(text: str) -> Content:
    """Objects become 'key: value' lines under headings, lists of like records become tables."""
    builder = Builder()
    _value(builder, json.loads(text.lstrip("\ufeff")), "", 1)
    return builder.finish()


def parse_jsonl(text: str, name: str) -> Content:
    """One record a line."""
    records = []
    for number, line in enumerate(text.lstrip("\ufeff").splitlines(), 1):
        if line.strip():
            try:
                records.append(json.loads(line))
            except json.JSONDecodeError as error:
                detail = Words(f"line {number}: {error}", f"第 {number} 行：{error}")
                raise DocumentCorrupt(path=name, detail=detail) from error
    builder = Builder()
    _value(builder, records, "", 1)
    return builder.finish()


def parse_rtf(data: bytes) -> Content:
    """The text with tables as rows; RTF marks no headings, so they are found as in plain text."""
    text: str = rtf_to_text(data.decode("latin-1"), errors="replace")  # type: ignore[no-untyped-call]
    lines: list[str] = []
    for line in clean(text).split("\n"):
        if _RTF_ROW.match(line):
            cells = [one_line(cell) for cell in line.strip().rstrip("|").split("|")]
            lines.append("| " + " | ".join(cells) + " |\n")
        else:
            lines.append(line + "\n\n")  # a line is a paragraph
    return parse_plain("".join(lines).strip())


def parse_code(text: str) -> Content:
    """The file as it is; a block is what stands between empty lines at the outer level.

    A block that begins a function, class or the like has its name as section.
    """
    text = clean(text).lstrip("\ufeff")
    blocks: list[Block] = []
    section: tuple[str, ...] = ()
    for match in regex.finditer(r"\S[^\n]*(?:\n(?!\s*\n\S)[^\n]*)*", text):
        found = _DEFINITION.search(match.group()[:2_000])
        if found:
            section = (found.group("name"),)
        end = match.start() + len(match.group().rstrip())
        blocks.append(Block(match.start(), end, "code", section=section))
    return Content(text, tuple(blocks))


def _value(builder: Builder, value: object, key: str, level: int) -> None:
    if isinstance(value, Mapping):
        builder.heading(key, level)
        _mapping(builder, value, level + bool(key))
    elif isinstance(value, Sequence) and not isinstance(value, str):
        if all(_flat(item) for item in value):
            text = ", ".join(_scalar(item) for item in value)
            builder.paragraph(f"{key}: {text}" if key else text)
            return
        builder.heading(key, level)
        _records(builder, value, level + bool(key))
    else:
        builder.paragraph(f"{key}: {_scalar(value)}" if key else _scalar(value))


def _mapping(builder: Builder, value: Mapping[str, object], level: int) -> None:
    lines = [f"{key}: {_line(item)}" for key, item in value.items() if _short(item)]
    builder.paragraph("\n".join(lines))
    for key, item in value.items():
        if not _short(item):
            _value(builder, item, one_line(key), level)


def _records(builder: Builder, records: Sequence[object], level: int) -> None:
    keys: dict[str, None] = {}
    for record in records:
        if isinstance(record, Mapping):
            keys.update(dict.fromkeys(record))
    alike = all(
        isinstance(record, Mapping) and all(_short(item) for item in record.values())
        for record in records
    )
    if alike and 1 < len(keys) <= _WIDEST_RECORD and len(records) > 1:
        rows = [list(keys)]
        for record in records:
            cells = record if isinstance(record, Mapping) else {}
            rows.append([_line(cells.get(key)) for key in keys])
        builder.table(rows)
        return
    for record in records:
        if isinstance(record, Mapping):
            _mapping(builder, record, level)
        else:
            _value(builder, record, "", level)


def _flat(value: object) -> bool:
    return value is None or isinstance(value, (str, int, float, bool))


def _short(value: object) -> bool:
    """Whether the value goes on one line with its key."""
    if isinstance(value, list):
        return all(_flat(item) for item in value)
    return _flat(value)


def _line(value: object) -> str:
    return ", ".join(map(_scalar, value)) if isinstance(value, list) else _scalar(value)


def _scalar(value: object) -> str:
    if value is None:
        return ""
    return json.dumps(value) if isinstance(value, bool) else one_line(str(value))
