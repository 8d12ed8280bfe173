"""Metadata that people write in YAML, TOML or JSON: front matter, and sidecar files."""

import tomllib
from collections.abc import Sequence
from datetime import date

from ingest.parse.document import Metadata, clean
from ingest.parse.records import Record
from ingest.parse.yaml_tree import NotYaml, read_yaml

_MOST_ITEMS = 1000
_DEEPEST = 4


def load_properties(source: str) -> Metadata | None:
    """Scalars and lists of scalars, as the source writes them (1.10 stays '1.10'), those within
    others by their path ('author.name'); None when it is no YAML (or JSON) mapping."""
    try:
        documents = read_yaml(source, comments=False)
    except NotYaml:
        return None
    loaded = documents[0] if documents else None
    if not isinstance(loaded, Record):
        return None
    values: dict[str, str | tuple[str, ...]] = {}
    waiting = [("", loaded, 1)]
    while waiting:
        path, record, depth = waiting.pop(0)
        for entry in record.fields:
            key = path + entry.key
            if isinstance(entry.value, list):
                items = tuple(s for s in map(_scalar, entry.value[:_MOST_ITEMS]) if s)
                if items:
                    values[key] = items
            elif isinstance(entry.value, Record):
                if depth < _DEEPEST and len(values) < _MOST_ITEMS:
                    waiting.append((f"{key}.", entry.value, depth + 1))
            elif text := _scalar(entry.value):
                values[key] = text
    return values


def load_toml(source: str) -> Metadata | None:
    """The same of TOML; None when it is none."""
    try:
        loaded = tomllib.loads(source, parse_float=str)
    except (tomllib.TOMLDecodeError, RecursionError, ValueError):
        return None
    values: dict[str, str | tuple[str, ...]] = {}
    for key, value in loaded.items():
        if isinstance(value, list):
            if items := tuple(s for s in map(_scalar, value[:_MOST_ITEMS]) if s):
                values[key] = items
        elif text := _scalar(value):
            values[key] = text
    return values


def tags_of(metadata: Metadata) -> tuple[str, ...]:
    """The tags among metadata: a list, or one string with commas."""
    found = metadata.get("tags", ())
    tags: Sequence[str] = found.split(",") if isinstance(found, str) else found
    return tuple(dict.fromkeys(tag.strip() for tag in tags if tag.strip()))


def merged(own: Metadata, sidecar: Metadata | None) -> Metadata:
    """A document's own metadata with what its sidecar says: the sidecar wins, tags add up."""
    if sidecar is None:
        return own
    tags = tuple(dict.fromkeys((*tags_of(own), *tags_of(sidecar))))
    both: dict[str, str | tuple[str, ...]] = {**own, **sidecar}
    if tags:
        both["tags"] = tags
    return both


def _scalar(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, date):
        return value.isoformat()
    return clean(str(value)).strip() if isinstance(value, (str, int, float)) else ""
