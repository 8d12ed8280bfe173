"""Metadata that people write in YAML or JSON: front matter, and sidecar files."""

from collections.abc import Sequence
from datetime import date

import yaml

from ingest.parse.document import Metadata, clean

_MOST_ITEMS = 1000


def load_properties(source: str) -> Metadata | None:
    """Scalars and lists of scalars, as strings; None when it is no YAML (or JSON) mapping."""
    try:
        loaded = yaml.safe_load(source)
    except (yaml.YAMLError, ValueError, RecursionError):  # ValueError: a date such as 2024-13-45
        return None
    if not isinstance(loaded, dict):
        return None
    values: dict[str, str | tuple[str, ...]] = {}
    for key, value in loaded.items():
        if isinstance(value, (list, tuple)):
            items = tuple(s for s in map(_scalar, value[:_MOST_ITEMS]) if s)
            if items:
                values[str(key)] = items
        elif text := _scalar(value):
            values[str(key)] = text
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
