"""YAML as data: every scalar as the file writes it, comments kept, aliases within bounds.

Built from the parser's events, not by a loader: a loader turns 1.10 into 1.1, 00412 into 266
and no into false, copies merged mappings (20 lines can stand for a million fields), and forgets
the comments, in which much of what a configuration says is written.
"""

from dataclasses import dataclass, field

import regex
import yaml

from ingest.parse.records import COMMENT, Field, Record, Tree, put_beside

_NULLS = frozenset(("", "~", "null", "Null", "NULL"))
_COMMENT = regex.compile(r"(?:^|(?<=[ \t,{\[\]}:-]))[ \t]*#[ \t]?(.*)$")
_DEEPEST = 200
# Nodes that aliases may add, each time and in all; beyond, an alias stays as '*name'.
_ALIAS_NODES = 200
_ALL_ALIAS_NODES = 20_000
# libyaml, where the wheel has it, is 20 times faster.
_LOADER = getattr(yaml, "CBaseLoader", yaml.BaseLoader)


class NotYaml(Exception):
    """No YAML, or none that is read: more than 200 levels."""


@dataclass(slots=True)
class _Open:
    """A collection whose end has not come."""

    tree: list[Tree] | Record
    anchor: str | None
    key: str | None = None
    awaits_value: bool = False
    merged: list[Record] = field(default_factory=list)


def read_yaml(text: str, *, comments: bool = True) -> list[Tree]:
    """The documents of a YAML stream, with or without its comments. Raises NotYaml."""
    try:
        return _Reader(text, comments).read()
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise NotYaml(str(error)) from error


class _Reader:
    def __init__(self, text: str, comments: bool) -> None:
        self._source = text
        self._lines = text.split("\n") if comments else []
        self._documents: list[Tree] = []
        self._open: list[_Open] = []
        self._anchors: dict[str, Tree] = {}
        self._added = 0
        self._seen = (0, 0)  # up to where, line and column, the text has been looked at
        self._pending: list[str] = []  # comments that wait for the field below them

    def read(self) -> list[Tree]:
        for event in yaml.parse(self._source, Loader=_LOADER):
            self._comments_before(event)
            if isinstance(event, yaml.DocumentStartEvent):
                self._anchors = {}
            elif isinstance(event, yaml.ScalarEvent):
                plain = event.style in (None, "")
                value = None if plain and event.value in _NULLS else event.value
                self._put(value, event.anchor)
            elif isinstance(event, yaml.AliasEvent):
                self._alias(str(event.anchor))
            elif isinstance(event, (yaml.MappingStartEvent, yaml.SequenceStartEvent)):
                if len(self._open) >= _DEEPEST:
                    raise NotYaml(f"more than {_DEEPEST} levels")
                tree: list[Tree] | Record = (
                    Record() if isinstance(event, yaml.MappingStartEvent) else []
                )
                self._open.append(_Open(tree, event.anchor))
            elif isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
                self._close()
            if event.end_mark is not None:
                self._seen = (event.end_mark.line, event.end_mark.column)
        return self._documents

    def _comments_before(self, event: yaml.Event) -> None:
        """Comments between the last event and this one: one beside a value goes with it."""
        line, column = self._seen
        if event.start_mark is None:
            return
        last, until = event.start_mark.line, event.start_mark.column
        while line < last and line < len(self._lines):
            found = _COMMENT.search(self._lines[line], column)
            words = found.group(1).strip(" \t#") if found else ""
            beside = column and self._open and not self._open[-1].awaits_value
            if words and not (beside and put_beside(self._open[-1].tree, words)):
                self._pending.append(words)
            line, column = line + 1, 0
        self._seen = (last, until)

    def _put(self, value: Tree, anchor: str | None) -> None:
        if anchor:
            self._anchors[anchor] = value
        if not self._open:
            self._documents.append(value)
            return
        here = self._open[-1]
        if not isinstance(here.tree, Record):
            here.tree.append(value)
        elif not here.awaits_value:
            if self._pending:
                here.tree.fields.append(Field(COMMENT, " ".join(self._pending)))
                self._pending = []
            here.key = value if isinstance(value, str) else "null" if value is None else "?"
            here.awaits_value = True
        else:
            key = here.key or ""
            here.key, here.awaits_value = None, False
            if key == "<<" and isinstance(value, Record):
                here.merged.append(value)
            elif key == "<<" and isinstance(value, list):
                here.merged += [item for item in value if isinstance(item, Record)]
            else:
                here.tree.fields.append(Field(key, value))

    def _close(self) -> None:
        done = self._open.pop()
        if isinstance(done.tree, Record):
            own = {f.key for f in done.tree.fields}
            for merged in done.merged:
                done.tree.fields += [f for f in merged.fields if f.key not in own]
                own.update(f.key for f in merged.fields)
        self._put(done.tree, done.anchor)

    def _alias(self, name: str) -> None:
        value = self._anchors.get(name, f"*{name}")
        size = _size(value, _ALIAS_NODES + 1)
        if size > _ALIAS_NODES or self._added + size > _ALL_ALIAS_NODES:
            self._put(f"*{name}", None)
            return
        self._added += size
        self._put(value, None)


def _size(tree: Tree, most: int) -> int:
    """The number of nodes, counted up to `most`."""
    nodes = 0
    waiting = [tree]
    while waiting and nodes < most:
        node = waiting.pop()
        nodes += 1
        if isinstance(node, Record):
            waiting += [f.value for f in node.fields[:most]]
        elif isinstance(node, list):
            waiting += node[:most]
    return nodes
