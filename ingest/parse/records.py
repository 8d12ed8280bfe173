"""Nested data (JSON, YAML) as text: records that can be read alone, values with their path."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

import regex

from app.text.width import width
from ingest.parse.document import Builder, clean, one_line

_WIDEST_TABLE = 12  # columns of a table of records; longer records are written as lines
_WIDEST_CELL = 200
_WHOLE = 900  # a record up to this width is one paragraph
_MOST_LINES = 30
_LONG_TEXT = 400  # a value beyond this is text of its own, not a line of its record
_DEEPEST = 6  # levels of headings; what lies deeper is written with its whole path
_NAMING = regex.compile(
    r"(?:^|[_.\-])(?:id|uuid|uid|no|nr|number|code|key|sku|name|title|label|slug)$"
    r"|(?<=[a-z])(?:Id|ID|Name|Code|Key|No)$|编号|代码|序号|型号|名称|姓名|标题|[号名]$",
    regex.IGNORECASE,
)
COMMENT = "#"  # the key under which a comment stands among the fields of a record


@dataclass(frozen=True, slots=True)
class Field:
    """One entry of a record; a key may come twice."""

    key: str
    value: "Tree"


@dataclass(slots=True)
class Record:
    """The fields of a mapping, in the order of the file."""

    fields: list[Field] = field(default_factory=list)


# Scalars are strings as the file writes them, but for true, false and null of JSON.
Tree = str | bool | None | list["Tree"] | Record


def put_beside(tree: list[Tree] | Record, comment: str) -> bool:
    """Add a comment to the last value of a collection, beside which it stands; False when that
    is no text (then it is about what follows)."""
    if isinstance(tree, Record):
        if not tree.fields:
            return False
        last = tree.fields[-1]
        if isinstance(last.value, str):
            tree.fields[-1] = Field(last.key, f"{last.value}  # {comment}")
            return True
        return isinstance(last.value, list) and put_beside(last.value, comment)
    if tree and isinstance(tree[-1], str):
        tree[-1] = f"{tree[-1]}  # {comment}"
        return True
    return False


def write_tree(builder: Builder, tree: Tree) -> None:
    """Mappings as 'key: value' lines under headings, lists of flat records as tables, other
    records as a paragraph each, in which nested values have their path ('spec.range: …').

    A record that is too long for a paragraph stands under a heading with its id or name. No
    value stands below the heading of another record.
    """
    _value(builder, tree, "", 1)


def scalar(value: Tree) -> str:
    """A scalar on one line, as the file writes it."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    return (
        one_line(value) if isinstance(value, str) else "{}" if isinstance(value, Record) else "[]"
    )


def _value(builder: Builder, value: Tree, key: str, level: int) -> None:
    if isinstance(value, Record) and value.fields:
        builder.heading(key, level)
        _mapping(builder, value, level + bool(key))
    elif isinstance(value, list) and not _on_one_line(value):
        builder.heading(key, level)
        _list(builder, value, level + bool(key))
    else:
        _paragraphs(builder, [(key, value)])


def _mapping(builder: Builder, record: Record, level: int) -> None:
    """The fields under a heading: what fits on lines comes first, so that it stands under it."""
    lines: list[str] = []
    texts: list[tuple[str, Tree]] = []
    large: list[Field] = []
    for entry in record.fields:
        if _on_one_line(entry.value):
            if _is_text(entry.value):
                texts.append((entry.key, entry.value))
            else:
                lines.append(_line(entry.key, entry.value))
        elif level > _DEEPEST:
            lines += _lines(entry.value, one_line(entry.key))
        elif level > 1 and (small := _small(entry.value, one_line(entry.key))):
            lines += small
        else:
            large.append(entry)
    _write_lines(builder, lines)
    _paragraphs(builder, texts)
    for entry in large:
        _value(builder, entry.value, one_line(entry.key), level)


def _list(builder: Builder, items: Sequence[Tree], level: int) -> None:
    if rows := _table(items):
        builder.table(rows)
        return
    if len(items) > 1 and all(isinstance(i, list) and i and _on_one_line(i) for i in items):
        matrix = [[scalar(cell) for cell in item] for item in items if isinstance(item, list)]
        builder.table(matrix, has_header=False)
        return
    if level > _DEEPEST:
        _write_lines(builder, _lines(list(items), ""))
        return
    # As many as can be: they are written before the headings of the others.
    whole = [
        [_line("", item)]
        if _on_one_line(item)
        else _small(item, "" if isinstance(item, Record) else f"[{i}]")
        for i, item in enumerate(items)
    ]
    if all(whole):
        for lines in whole:
            builder.paragraph("\n".join(lines))
        return
    _write_lines(builder, [_line(f"[{i}]", x) for i, x in enumerate(items) if _on_one_line(x)])
    for i, item in enumerate(items):
        if not _on_one_line(item):
            _value(builder, item, _name(item) or f"[{i}]", level)


def _table(items: Sequence[Tree]) -> list[list[str]]:
    """Header and rows of a list of flat records; empty when the list is no such table."""
    columns: dict[str, None] = {}
    for item in items:
        if not isinstance(item, Record):
            return []
        keys = [entry.key for entry in item.fields]
        columns.update(dict.fromkeys(keys))
        fits = all(
            _on_one_line(f.value) and width(_cell(f.value)) <= _WIDEST_CELL for f in item.fields
        )
        if not fits or len(columns) > _WIDEST_TABLE or len(set(keys)) < len(keys):
            return []
    if len(items) < 2 or len(columns) < 2 or COMMENT in columns:
        return []
    rows = [list(columns)]
    for item in items:
        cells = {f.key: _cell(f.value) for f in item.fields} if isinstance(item, Record) else {}
        rows.append([cells.get(key, "") for key in columns])
    return rows


def _cell(value: Tree) -> str:
    return "" if value is None else _inline(value)


def _small(value: Tree, path: str) -> list[str]:
    """The lines of a value that is short enough for one paragraph; else none."""
    lines = list(islice(_lines(value, path), _MOST_LINES + 1))
    return lines if len(lines) <= _MOST_LINES and sum(map(width, lines)) <= _WHOLE else []


def _lines(value: Tree, path: str) -> Iterator[str]:
    """Each value below, on a line with its path."""
    if _on_one_line(value):
        yield _line(path, value)
    elif isinstance(value, Record):
        for entry in value.fields:
            key = one_line(entry.key)
            inner = f"{path}.{key}" if path and key != COMMENT else key
            yield from _lines(entry.value, inner)
    elif isinstance(value, list):
        for i, item in enumerate(value):
            yield from _lines(item, f"{path}[{i}]")


def _line(path: str, value: Tree) -> str:
    if path == COMMENT:
        return f"# {_inline(value)}"
    path = one_line(path)
    text = _inline(value)
    if isinstance(value, str) and "\n" in value.strip():
        text = "\n".join(filter(None, map(one_line, value.split("\n"))))
    return f"{path}: {text}" if path else text


def _inline(value: Tree) -> str:
    if isinstance(value, list) and value:
        return ", ".join(map(scalar, value))
    return scalar(value)


def _write_lines(builder: Builder, lines: Iterable[str]) -> None:
    """Lines in paragraphs that a passage can hold."""
    paragraph: list[str] = []
    used = 0
    for line in lines:
        if paragraph and used + width(line) > _WHOLE:
            builder.paragraph("\n".join(paragraph))
            paragraph, used = [], 0
        paragraph.append(line)
        used += width(line)
    builder.paragraph("\n".join(paragraph))


def _paragraphs(builder: Builder, texts: Iterable[tuple[str, Tree]]) -> None:
    """Long values, with their own paragraphs and lines."""
    for key, value in texts:
        text = clean(value) if isinstance(value, str) else _inline(value)
        first = f"{one_line(key)}: " if key else ""
        for paragraph in regex.split(r"\n[ \t]*\n", text):
            if paragraph.strip():
                builder.paragraph(first + paragraph.strip("\n"))
                first = ""


def _on_one_line(value: Tree) -> bool:
    """Whether the value goes on one line with its key: a scalar, or a list of scalars."""
    if isinstance(value, Record):
        return not value.fields
    if isinstance(value, list):
        return not any(isinstance(item, (list, Record)) for item in value)
    return True


def _is_text(value: Tree) -> bool:
    """Whether it is text of its own, of several lines or long."""
    return isinstance(value, str) and ("\n" in value.strip() or width(value) > _LONG_TEXT)


def _name(item: Tree) -> str:
    """What a record calls itself: its id, its name, or both; else its first value."""
    if not isinstance(item, Record):
        return ""
    short = {
        entry.key: scalar(entry.value)
        for entry in item.fields
        if isinstance(entry.value, str) and entry.key != COMMENT
    }
    named = [value for key, value in short.items() if _NAMING.search(key)][:2]
    found = " ".join(named) or next(iter(short.values()), "")
    return found if width(found) <= 2 * _WIDEST_CELL else ""
