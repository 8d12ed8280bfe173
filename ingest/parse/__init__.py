"""Files to plain text with structure: `parse` turns one file into a ParsedDocument."""

from ingest.parse.document import (
    Block,
    BlockKind,
    Enclosed,
    Limits,
    Metadata,
    Note,
    NoteKind,
    ParsedDocument,
)
from ingest.parse.parser import parse

__all__ = [
    "Block",
    "BlockKind",
    "Enclosed",
    "Limits",
    "Metadata",
    "Note",
    "NoteKind",
    "ParsedDocument",
    "parse",
]
