"""What is wholly in the collections that readers do not use.

A reindex notes each document here once its points are flushed, so that it can go on after a
kill, and so that the counts of the new index are at hand when readers are sent to it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Engine, delete, insert, select, update

from app.library.database import reading, repeated, writing
from app.library.tables import BuiltRevision, Document, Revision


@dataclass(frozen=True)
class Built:
    """One revision in a collection: `chunks` points with `tags`. `text` is None where it is the
    stored text of the revision."""

    document_id: str
    revision: str
    chunks: int
    tags: tuple[str, ...]
    text: str | None = None


@dataclass(frozen=True)
class Wanted:
    """A document's current revision, as a new collection has to hold it."""

    document_id: str
    revision: str
    source: str
    title: str
    media_type: str
    chunks: int
    tags: tuple[str, ...]


class Builds:
    """The ledger of collections beside the current one. Methods raise LibraryUnavailable."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def wanted(self, kb: str) -> dict[tuple[str, str], Wanted]:
        """All documents that readers see, by (document id, revision)."""
        with reading(self._engine) as session:
            rows = session.scalars(
                select(Document).where(Document.kb == kb, Document.revision.is_not(None))
            )
            found = [
                Wanted(
                    document_id=row.id,
                    revision=row.revision or "",
                    source=row.source,
                    title=row.title,
                    media_type=row.media_type,
                    chunks=row.chunks,
                    tags=tuple(row.tags),
                )
                for row in rows
            ]
        return {(item.document_id, item.revision): item for item in found}

    def built(self, collection: str) -> dict[tuple[str, str], Built]:
        """What is noted as wholly in `collection`; without the texts."""
        with reading(self._engine) as session:
            rows = session.execute(
                select(
                    BuiltRevision.document_id,
                    BuiltRevision.revision,
                    BuiltRevision.chunks,
                    BuiltRevision.tags,
                ).where(BuiltRevision.collection == collection)
            )
            found = [Built(row[0], row[1], row[2], tuple(row[3])) for row in rows]
        return {(item.document_id, item.revision): item for item in found}

    @repeated
    def note(self, collection: str, built: Sequence[Built]) -> None:
        """Their points are in the collection, flushed. Durable on return."""
        with writing(self._engine) as session:
            for item in built:
                session.merge(
                    BuiltRevision(
                        collection=collection,
                        document_id=item.document_id,
                        revision=item.revision,
                        chunks=item.chunks,
                        tags=list(item.tags),
                        text=item.text,
                    )
                )

    @repeated
    def strike(self, collection: str, pairs: Iterable[tuple[str, str]]) -> None:
        """They are not, or not wholly, in the collection any more."""
        with writing(self._engine) as session:
            for document_id, revision in pairs:
                session.execute(
                    delete(BuiltRevision).where(
                        BuiltRevision.collection == collection,
                        BuiltRevision.document_id == document_id,
                        BuiltRevision.revision == revision,
                    )
                )

    @repeated
    def drop(self, collection: str) -> None:
        """Forget all of a collection that is no more."""
        with writing(self._engine) as session:
            session.execute(delete(BuiltRevision).where(BuiltRevision.collection == collection))

    @repeated
    def settle(self, kb: str, old: str | None, new: str) -> None:
        """Readers have been sent from `old` to `new`: make the counts, and texts, those of `new`.

        What was counted of `old` is noted, for a rollback. Doing it twice is harmless.
        """
        with writing(self._engine) as session:
            arrived = session.scalars(
                select(BuiltRevision).where(BuiltRevision.collection == new)
            ).all()
            if not arrived:
                return
            left = []
            for row in arrived:
                document = session.get(Document, (kb, row.document_id))
                revision = session.get(Revision, (kb, row.document_id, row.revision))
                if document is None or revision is None or document.revision != row.revision:
                    continue
                left.append(
                    {
                        "collection": old,
                        "document_id": row.document_id,
                        "revision": row.revision,
                        "chunks": document.chunks,
                        "tags": list(document.tags),
                        "text": None if row.text is None else revision.text,
                    }
                )
                document.chunks = revision.chunks = row.chunks
                if row.text is not None:
                    revision.text = row.text
            session.execute(delete(BuiltRevision).where(BuiltRevision.collection.in_((old, new))))
            if old is not None and old != new and left:
                session.execute(insert(BuiltRevision), left)

    @repeated
    def retag(self, collection: str, document_id: str, tags: Sequence[str]) -> None:
        """The points of a document in the collection have these tags now."""
        with writing(self._engine) as session:
            session.execute(
                update(BuiltRevision)
                .where(
                    BuiltRevision.collection == collection,
                    BuiltRevision.document_id == document_id,
                )
                .values(tags=list(tags))
            )


def counts(built: Mapping[tuple[str, str], Built]) -> dict[tuple[str, str], int]:
    """Points of each (document id, revision), as the collection should hold them."""
    return {pair: item.chunks for pair, item in built.items()}
