"""What the library keeps as JSON, as types of its own.

The wire's types are strict and change with the API; these are read from rows that any released
version may have written. So an unknown field is left out, an absent one has its default, and a
value that cannot be read is None (or its default) for the reader to say so. `v` is the version
of a type's meaning: it rises when a field of the same name comes to mean something else.
"""

from app.library.stored.answers import (
    Named,
    StoredAnswer,
    StoredCitation,
    StoredModels,
    StoredPassage,
    StoredRefusal,
    StoredSpan,
    StoredStatement,
    StoredTimings,
    StoredUsage,
    documents_in,
)
from app.library.stored.base import Part, Stored, as_mapping, read, read_all
from app.library.stored.failures import StoredFailure, read_failure
from app.library.stored.filters import StoredFilter, StoredScope
from app.library.stored.notes import StoredNote
from app.library.stored.reports import StoredReport, StoredRun
from app.library.stored.requests import StoredRequest

__all__ = [
    "Named",
    "Part",
    "Stored",
    "StoredAnswer",
    "StoredCitation",
    "StoredFailure",
    "StoredFilter",
    "StoredModels",
    "StoredNote",
    "StoredPassage",
    "StoredRefusal",
    "StoredReport",
    "StoredRequest",
    "StoredRun",
    "StoredScope",
    "StoredSpan",
    "StoredStatement",
    "StoredTimings",
    "StoredUsage",
    "as_mapping",
    "documents_in",
    "read",
    "read_all",
    "read_failure",
]
