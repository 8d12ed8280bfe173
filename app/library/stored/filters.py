"""What a question was asked about, kept with its turn.

The names are those of the API's `FilterIn`; `tests/library/stored` compares the two.
"""

from pydantic import Field

from app.library.stored.base import Part, Stored


class StoredScope(Part):
    document_ids: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()
    knowledge_bases: tuple[str, ...] = ()


class StoredFilter(Stored):
    document_ids: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    properties: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    scope: StoredScope = StoredScope()
