"""What documents say of themselves, and what a sidecar file adds: kept so that it can be searched by."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy import Engine, delete, insert, select
from sqlalchemy.orm import Session

from app.library.database import reading, repeated, writing
from app.library.enclosed import enclosed_under
from app.library.limits import Changed, hold, refresh
from app.library.scopes import lies_under
from app.library.tables import Document, DocumentProperty, OwnProperties, now

Properties = Mapping[str, Any]  # of strings and sequences of strings

_AT_ONCE = 500  # values in one condition
# Longer values (a description) are shown with the document, but nobody filters by them.
_LONGEST = 200


class PropertyStore:
    """Methods are safe to call from several threads and processes; they raise LibraryUnavailable."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def matching(self, kb: str, wanted: Mapping[str, Sequence[str]]) -> set[str]:
        """Ids of the documents that have, for each key, one of the values."""
        found: set[str] | None = None
        with reading(self._engine) as session:
            for key, values in wanted.items():
                ids = set(
                    session.scalars(
                        select(DocumentProperty.document_id).where(
                            DocumentProperty.kb == kb,
                            DocumentProperty.key == key,
                            DocumentProperty.value.in_(values),
                        )
                    )
                )
                found = ids if found is None else found & ids
        return found or set()

    def having(self, kb: str, key: str) -> set[str]:
        """Ids of the documents that have the property, whatever its value (up to 200 characters);
        without the deleted ones."""
        with reading(self._engine) as session:
            return set(
                session.scalars(
                    select(Document.id)
                    .join(
                        DocumentProperty,
                        (DocumentProperty.kb == Document.kb)
                        & (DocumentProperty.document_id == Document.id),
                    )
                    .where(
                        Document.kb == kb,
                        Document.deleted_at.is_(None),
                        DocumentProperty.key == key,
                    )
                )
            )

    def own(self, kb: str, document_id: str) -> dict[str, Any]:
        """What the document says of itself, without its sidecar."""
        with reading(self._engine) as session:
            kept = session.get(OwnProperties, (kb, document_id))
            if kept is not None:
                return dict(kept.properties)
            document = session.get(Document, (kb, document_id))
            return dict(document.properties) if document else {}

    def says(self, kb: str, document_id: str, properties: Properties, tags: Sequence[str]) -> bool:
        """Whether these are the document's properties and tags already, or it is no more."""
        with reading(self._engine) as session:
            document = session.get(Document, (kb, document_id))
            # JSON has lists where metadata has tuples.
            return document is None or (
                json.dumps(document.properties) == json.dumps(dict(properties))
                and document.tags == list(tags)
            )

    @repeated
    def amend(
        self,
        kb: str,
        document_id: str,
        properties: Properties,
        tags: Sequence[str],
        own: Properties | None,
    ) -> Changed:
        """Set what a changed sidecar says, without a new revision. `own` as in `put_properties`. The
        index is to be told what it returns."""
        with writing(self._engine) as session:
            hold(session)
            document = session.get(Document, (kb, document_id))
            if document is None:
                return {}  # removed meanwhile
            document.properties, document.tags = dict(properties), list(tags)
            document.updated_at = now()
            put_properties(session, kb, document_id, properties, own)
            session.flush()
            inside = lies_under(enclosed_under(document.source))
            return refresh(session, kb, (Document.id == document_id) | inside)


class Described(Protocol):
    """What can be searched by. `own`: what the document says of itself where a sidecar adds to it,
    None where there is no sidecar."""

    @property
    def document_id(self) -> str: ...
    @property
    def properties(self) -> Properties: ...
    @property
    def own(self) -> Properties | None: ...


@dataclass(frozen=True)
class _One:
    document_id: str
    properties: Properties
    own: Properties | None


def put_properties(
    session: Session, kb: str, document_id: str, properties: Properties, own: Properties | None
) -> None:
    """Replace what one document can be searched by."""
    put_all_properties(session, kb, [_One(document_id, properties, own)])


def put_all_properties(session: Session, kb: str, described: Sequence[Described]) -> None:
    """Replace what documents can be searched by."""
    for i in range(0, len(described), _AT_ONCE):
        drop_properties(session, kb, *(one.document_id for one in described[i : i + _AT_ONCE]))
    rows = [
        {"kb": kb, "document_id": one.document_id, "key": key, "value": value}
        for one in described
        for key, value in sorted(_pairs(one.properties))
    ]
    if rows:
        session.execute(insert(DocumentProperty), rows)
    for one in described:
        if one.own is not None:
            session.add(OwnProperties(kb=kb, document_id=one.document_id, properties=dict(one.own)))


def _pairs(properties: Properties) -> set[tuple[str, str]]:
    return {
        (key, value)
        for key, values in properties.items()
        for value in ((values,) if isinstance(values, str) else values)
        if len(key) <= _LONGEST and len(value) <= _LONGEST
    }


def drop_properties(session: Session, kb: str, *ids: str) -> None:
    """Forget the properties of documents."""
    for table in (DocumentProperty, OwnProperties):
        session.execute(delete(table).where(table.kb == kb, table.document_id.in_(ids)))
