"""Documents and their revisions: what is in the library, and which revision a reader sees.

Over 350 lines: a document's states and every step from one to the next are one matter, and what a
reader may see follows from all of them together.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Literal
from uuid import uuid4

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    Row,
    bindparam,
    delete,
    func,
    select,
    update,
)
from sqlalchemy.exc import NoResultFound
from sqlalchemy.orm import Session, defer

from app.errors import (
    DocumentNotFound,
    KnowledgeBaseExists,
    KnowledgeBaseNotFound,
    TooManyKnowledgeBases,
)
from app.library.audit import Audit
from app.library.builds import Builds
from app.library.conversations import Conversations
from app.library.curated import CuratedAnswers
from app.library.database import open_database, reading, repeated, viewing, writing
from app.library.enclosed import enclosed_under, outermost
from app.library.feedback import FeedbackStore
from app.library.files import open_files
from app.library.jobs import ACTIVE, Jobs
from app.library.limits import Changed, Finder, Limits, hold, refresh
from app.library.locks import locks_of
from app.library.originals import Originals
from app.library.people import People
from app.library.properties import PropertyStore, drop_properties, put_all_properties
from app.library.refusals import RefusalTexts
from app.library.remote import RemoteStates
from app.library.scopes import lies_under
from app.library.sessions import Sessions
from app.library.shadow import ShadowTests
from app.library.sight import EVERYTHING, Sight
from app.library.sources import Sources
from app.library.sqlite import empty_log
from app.library.state import state_of
from app.library.stored import StoredNote, as_mapping, read_all
from app.library.tables import (
    Alias,
    AuditEntry,
    Conversation,
    ConversationTurn,
    Document,
    Job,
    KnowledgeBase,
    Revision,
    RevisionState,
    SyncRun,
    Table,
    now,
)
from app.library.under_way import AnswersUnderWay
from app.library.vocabulary import Vocabulary
from app.settings import Settings

_AT_ONCE = 500  # values in one condition
_TO_BE_READ = -1  # a time that no file has

DocumentStatus = Literal["ready", "stale", "failed"]


@dataclass(frozen=True)
class DocumentRow:
    """A document as readers see it. `status`: ready; stale (an older revision is shown since the
    newest failed); failed (nothing of it can be found). `size` is in bytes. `notes`: what the file
    holds and the text does not."""

    id: str
    kb: str
    source: str
    title: str
    status: DocumentStatus
    revision: str | None
    media_type: str
    size: int
    chunks: int
    tags: tuple[str, ...]
    failure: Mapping[str, Any] | None
    notes: tuple[StoredNote, ...]
    added_at: datetime
    updated_at: datetime


@dataclass(frozen=True)
class KnownFile:
    """What the last sync knew of a file; see `app.library.tables.Document`."""

    id: str
    source: str
    revision: str | None
    size: int
    mtime_ns: int
    read_at_ns: int
    chunks: int
    failed_size: int | None
    failed_mtime_ns: int | None
    failure: Mapping[str, Any] | None
    own_tags: Sequence[str] | None = None


@dataclass(frozen=True)
class PendingRevision:
    """A revision whose points are about to be written."""

    document_id: str
    source: str
    revision: str
    text: str
    properties: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class NewRevision:
    """A document's revision that is wholly in the index and is to be made current."""

    document_id: str
    revision: str
    title: str
    media_type: str
    size: int
    mtime_ns: int
    read_at_ns: int
    chunks: int
    tags: tuple[str, ...]
    properties: Mapping[str, Any]
    own: Mapping[str, Any] | None = None  # without what a sidecar adds; None: no sidecar
    notes: tuple[StoredNote, ...] = ()


@dataclass(frozen=True)
class RunRow:
    """One sync; `finished_at` and `report` are None while it runs or when it was killed."""

    id: str
    roots: tuple[str, ...]
    started_at: datetime
    finished_at: datetime | None
    report: Mapping[str, Any] | None


class Library:
    """The database and the originals. Methods are safe to call from several threads and raise LibraryUnavailable.

    As `sight` sees it: what somebody may not read is not there for him, in counts too. What a sync
    asks, from `known_files` on, is the same for all.
    """

    def __init__(
        self,
        engine: Engine,
        originals: Originals,
        sight: Sight = EVERYTHING,
        vocabulary: Vocabulary | None = None,
        curated: CuratedAnswers | None = None,
    ) -> None:
        self.engine = engine
        self.originals = originals
        self.sight = sight
        self.audit = Audit(engine)
        self.builds = Builds(engine)
        self.conversations = Conversations(engine, sight)
        self.feedback = FeedbackStore(engine, sight)
        self.jobs = Jobs(engine, sight)
        self.limits = Limits(engine)
        self.people = People(engine)
        self.properties = PropertyStore(engine)
        self.remote = RemoteStates(engine)
        self.sessions = Sessions(engine)
        self.sources = Sources(engine)
        self.refusals = RefusalTexts(engine)
        self.shadow = ShadowTests(engine)
        self.under_way = AnswersUnderWay(engine)
        self.curated = curated or CuratedAnswers(engine)
        self.vocabulary = vocabulary or Vocabulary(engine)

    def seen_by(self, sight: Sight) -> "Library":
        """The same library as a caller sees it. To be closed is this one alone."""
        if sight == self.sight:
            return self
        return Library(self.engine, self.originals, sight, self.vocabulary, self.curated)

    def leave_no_trace(self) -> None:
        """What was deleted is not left in the database's log. PostgreSQL's own housekeeping does it."""
        if self.engine.dialect.name == "sqlite":
            empty_log(self.engine)

    def close(self) -> None:
        self.vocabulary.close()
        self.originals.close()
        self.engine.dispose()

    # --- knowledge bases ------------------------------------------------------------

    def knowledge_bases(self) -> list[str]:
        with reading(self.engine) as session:
            return self.sight.entered(session)

    @repeated
    def add_knowledge_base(self, kb: str) -> None:
        """An existing one is no error."""
        with writing(self.engine) as session:
            if session.get(KnowledgeBase, kb) is None:
                session.add(KnowledgeBase(name=kb))

    @repeated
    def create_knowledge_base(self, kb: str, title: str | None, limit: int) -> None:
        """Raises KnowledgeBaseExists, and TooManyKnowledgeBases when there are `limit` already."""
        with writing(self.engine) as session:
            if session.get(KnowledgeBase, kb) is not None:
                raise KnowledgeBaseExists(name=kb)
            if (session.scalar(select(func.count()).select_from(KnowledgeBase)) or 0) >= limit:
                raise TooManyKnowledgeBases(limit=limit)
            session.add(KnowledgeBase(name=kb, title=title))

    def delete_knowledge_base(self, kb: str, aliases: Sequence[str]) -> None:
        """Forget a knowledge base and all that is known of it, for good: every row that names it,
        its conversations' turns, its `aliases`, and the originals that no other has. Raises
        KnowledgeBaseNotFound."""
        with writing(self.engine) as session:
            if session.get(KnowledgeBase, kb) is None:
                raise KnowledgeBaseNotFound(name=kb)
            hashes = set(session.scalars(select(Revision.revision).where(Revision.kb == kb)))
            own = select(Conversation.id).where(Conversation.kb == kb)
            session.execute(
                delete(ConversationTurn).where(ConversationTurn.conversation_id.in_(own))
            )
            for table in reversed(Table.metadata.sorted_tables):
                # What somebody did there stays noted.
                if "kb" in table.columns and table.name != AuditEntry.__tablename__:
                    session.execute(delete(table).where(table.columns["kb"] == kb))
            session.execute(delete(Alias).where(Alias.alias.in_(aliases)))
            session.execute(delete(KnowledgeBase).where(KnowledgeBase.name == kb))
            for revision in hashes:
                if session.scalar(select(Revision.kb).where(Revision.revision == revision)) is None:
                    self.originals.remove(revision)

    def require_knowledge_base(self, kb: str) -> None:
        """Raises KnowledgeBaseNotFound."""
        with reading(self.engine) as session:
            self._entered(session, kb)

    def knowledge_base_title(self, kb: str) -> str | None:
        """What people call it; None: its name. Raises KnowledgeBaseNotFound."""
        with reading(self.engine) as session:
            return self._entered(session, kb).title

    @repeated
    def retitle_knowledge_base(self, kb: str, title: str | None) -> None:
        """Call it otherwise; its name, which addresses and indexes hold, stays. Raises
        KnowledgeBaseNotFound."""
        with writing(self.engine) as session:
            self._entered(session, kb).title = title

    def _entered(self, session: Session, kb: str) -> KnowledgeBase:
        row = session.get(KnowledgeBase, kb)
        if row is None or not self.sight.enters(kb, row.access):
            raise KnowledgeBaseNotFound(name=kb)
        return row

    # --- reading --------------------------------------------------------------------

    def documents(self, kb: str) -> list[DocumentRow]:
        """The documents of a knowledge base, by source: all that can be searched or have failed.

        One whose first revision is still being written is not there yet.
        """
        with reading(self.engine) as session:
            readable = self.sight.readable(session, kb)
            rows = session.scalars(
                select(Document)
                .where(Document.kb == kb, seen(), *readable)
                .order_by(Document.source)
            )
            return [document_row(row) for row in rows]

    def document(self, kb: str, document_id: str) -> DocumentRow:
        """Raises DocumentNotFound."""
        with reading(self.engine) as session:
            row = self._readable(session, kb, document_id)
            if row is None or row.deleted_at is not None:
                raise DocumentNotFound(document=document_id)
            return document_row(row)

    def text(self, kb: str, document_id: str, revision: str | None = None) -> str:
        """The stored plain text, of the current revision unless another is named. Raises DocumentNotFound."""
        with reading(self.engine) as session:
            if revision is None or not self.sight.everything:
                document = self._readable(session, kb, document_id)
                current = document.revision if document else None
                # Of what is deleted, or not taken in yet, nothing is shown by its revision either.
                revision = (revision or current) if current else None
            row = session.get(Revision, (kb, document_id, revision)) if revision else None
            if row is None:
                raise DocumentNotFound(document=document_id)
            return row.text

    def original(self, kb: str, document_id: str) -> Path:
        """The file as it was read; `Originals.release` it. Raises DocumentNotFound, FilesUnreachable, DiskFull."""
        row = self.document(kb, document_id)
        path = None if row.revision is None else self.originals.fetch(row.revision)
        if path is None:
            raise DocumentNotFound(document=document_id)
        return path

    def hides(self, kb: str, source: str) -> bool:
        """Something is or was at an address, or is about to be, that is not for this caller's eyes."""
        if self.sight.everything:
            return False
        with reading(self.engine) as session:
            document = session.scalar(
                select(Document).where(Document.kb == kb, Document.source == source)
            )
            if document is not None:
                return not self.sight.reads(session, document)
        owners = {job.owner for job in self.jobs.unfinished(kb, source)}
        return not self.sight.unlimited and owners - {self.sight.owner} != set()

    def _readable(self, session: Session, kb: str, document_id: str) -> Document | None:
        """None for one that this caller may not read, as for one that is not there."""
        row = session.get(Document, (kb, document_id))
        return row if row is not None and self.sight.reads(session, row) else None

    def state(self, kbs: Iterable[str]) -> str:
        """All that an answer to this caller may depend on, but for the indexes; see app.library.state."""
        with viewing(self.engine) as connection:
            return state_of(connection, self.sight, kbs)

    @contextmanager
    def snapshot(self, kb: str) -> Iterator["Snapshot"]:
        """A reader's view: open it, then search the index, then ask it which hits are current.

        Every point of a revision that the snapshot calls current was in the index before the
        snapshot was opened, so each document is seen wholly in one revision, unless points were
        deleted meanwhile: `Library.cleanings` after the search tells, by differing from
        `Snapshot.cleanings`, that the search has to be done again.
        """
        with viewing(self.engine) as connection:
            yield Snapshot(connection, kb, self.sight)

    def cleanings(self, kb: str) -> int:
        """How often points of retired revisions were deleted, ever."""
        with viewing(self.engine) as connection:
            return connection.scalar(_CLEANINGS, {"kb": kb}) or 0

    # --- sync -----------------------------------------------------------------------

    def known_files(self, kb: str, root: str) -> dict[str, KnownFile]:
        """By source: documents that are `root` itself or lie under it, without the deleted ones."""
        columns = [getattr(Document, name) for name in KnownFile.__dataclass_fields__]
        with reading(self.engine) as session:
            rows = session.execute(
                select(*columns).where(
                    Document.kb == kb,
                    Document.deleted_at.is_(None),
                    lies_under(root) | (Document.source == root),
                )
            )
            return {row.source: _known(row) for row in rows}

    def known_sources(self, kb: str, sources: Iterable[str]) -> dict[str, KnownFile]:
        """By source: those of the given ones that are known, without the deleted ones."""
        columns = [getattr(Document, name) for name in KnownFile.__dataclass_fields__]
        known: dict[str, KnownFile] = {}
        with reading(self.engine) as session:
            wanted = list(sources)
            for i in range(0, len(wanted), _AT_ONCE):
                some = Document.source.in_(wanted[i : i + _AT_ONCE])
                rows = session.execute(
                    select(*columns).where(Document.kb == kb, Document.deleted_at.is_(None), some)
                )
                known.update((row.source, _known(row)) for row in rows)
        return known

    @repeated
    def begin_revisions(self, kb: str, revisions: Sequence[PendingRevision]) -> None:
        """Store the texts of revisions whose points are about to be written. Readers see no change."""
        ids = [pending.document_id for pending in revisions]
        with writing(self.engine) as session:
            hold(session)
            known = _documents(session, kb, ids)
            finder = Finder(session, kb, expected=ids)
            for pending in revisions:
                if pending.document_id not in known:
                    document = Document(kb=kb, id=pending.document_id, source=pending.source)
                    document.access = finder.of(document, pending.properties)
                    known[document.id] = document
                    session.add(document)
            session.flush()  # what they are made of refers to them
            rows = _revisions(session, kb, ids)
            for pending in revisions:
                key = pending.document_id, pending.revision
                row = rows.get(key)
                if row is None:
                    row = rows[key] = Revision(kb=kb, document_id=key[0], revision=key[1])
                    session.add(row)
                row.state, row.text, row.chunks = "writing", pending.text, 0

    @repeated
    def make_current(self, kb: str, revisions: Sequence[NewRevision]) -> None:
        """Show these revisions, all at once, and retire the ones they replace. Durable on return."""
        ids = [new.document_id for new in revisions]
        with writing(self.engine) as session:
            hold(session)
            documents, rows = _documents(session, kb, ids), _revisions(session, kb, ids)
            known = [new for new in revisions if new.document_id in documents]
            if missing := [n for n in known if (n.document_id, n.revision) not in rows]:
                raise NoResultFound(f"no revision {missing[0].revision} was begun")
            # Those that are not known were removed by hand meanwhile, others deleted: what was
            # written of them is cleaned away.
            shown = [new for new in known if rows[new.document_id, new.revision].state == "writing"]
            for some in _in_parts([new.document_id for new in shown]):
                _retire(session, kb, some, "current", "deleted")
            put_all_properties(session, kb, shown)
            for new in shown:
                document, row = documents[new.document_id], rows[new.document_id, new.revision]
                document.deleted_at = None
                row.state, row.chunks = "current", new.chunks
                document.revision = new.revision
                document.title, document.media_type = new.title, new.media_type
                document.size, document.mtime_ns = new.size, new.mtime_ns
                document.read_at_ns, document.chunks = new.read_at_ns, new.chunks
                document.tags, document.properties = list(new.tags), dict(new.properties)
                document.failed_size = document.failed_mtime_ns = document.failure = None
                document.notes = [note.model_dump() for note in new.notes]
                document.updated_at = now()
            session.flush()
            # Of all of them, when each says what it says: what is enclosed follows its mail.
            for some in _in_parts(ids):
                refresh(session, kb, Document.id.in_(some), expected=some)

    @repeated
    def move(self, kb: str, document_id: str, source: str, title: str | None = None) -> Changed:
        """A document has another address; `title`: and is called otherwise. What was deleted at
        that address is removed for good. The index is to be told what it returns. Raises
        DocumentNotFound."""
        with writing(self.engine) as session:
            hold(session)
            document = session.get(Document, (kb, document_id))
            if document is None:
                raise DocumentNotFound(document=document_id)
            for other in session.scalars(
                select(Document).where(
                    Document.kb == kb,
                    Document.source == source,
                    Document.id != document_id,
                    Document.deleted_at.is_not(None),
                )
            ):
                _remove(session, other)
            session.flush()
            document.source = source
            document.title = document.title if title is None else title
            document.updated_at = now()
            session.flush()
            inside = lies_under(enclosed_under(source))
            return refresh(session, kb, (Document.id == document_id) | inside)

    def ids_in_use(self, kb: str, document_ids: Iterable[str]) -> dict[str, str]:
        """The addresses of those of the ids that a document has, deleted ones included."""
        found: dict[str, str] = {}
        wanted = list(document_ids)
        with viewing(self.engine) as connection:
            for i in range(0, len(wanted), _AT_ONCE):
                some = Document.id.in_(wanted[i : i + _AT_ONCE])
                rows = connection.execute(
                    select(Document.id, Document.source).where(Document.kb == kb, some)
                )
                found.update((row.id, row.source) for row in rows)
        return found

    @repeated
    def touch(self, kb: str, document_id: str, size: int, mtime_ns: int, read_at_ns: int) -> None:
        """The file was read again and its bytes are the same."""
        with writing(self.engine) as session:
            session.execute(
                update(Document)
                .where(Document.kb == kb, Document.id == document_id)
                .values(
                    size=size,
                    mtime_ns=mtime_ns,
                    read_at_ns=read_at_ns,
                    failed_size=None,
                    failed_mtime_ns=None,
                    failure=None,
                )
            )

    @repeated
    def record_failure(
        self,
        kb: str,
        document_id: str,
        source: str,
        size: int,
        mtime_ns: int,
        failure: Mapping[str, Any],
    ) -> None:
        """Remember why a file could not be taken in; what is current of it stays so."""
        with writing(self.engine) as session:
            hold(session)
            document = session.get(Document, (kb, document_id))
            if document is None:
                document = Document(kb=kb, id=document_id, source=source)
                document.access = Finder(session, kb).of(document)
                session.add(document)
            if document.deleted_at is not None:
                _retire(session, kb, [document_id], "deleted")
                document.deleted_at = None
            document.failed_size, document.failed_mtime_ns = size, mtime_ns
            document.failure = dict(failure)
            document.updated_at = now()

    @repeated
    def reconsider(self, kb: str, document_id: str) -> None:
        """Have the next sync read a document again that failed for good."""
        with writing(self.engine) as session:
            session.execute(
                update(Document)
                .where(Document.kb == kb, Document.id == document_id)
                .values(failed_mtime_ns=_TO_BE_READ)
            )

    @repeated
    def set_tags(self, kb: str, document_id: str, tags: Sequence[str]) -> None:
        """Give a document tags by hand, for good. Raises DocumentNotFound."""
        with writing(self.engine) as session:
            document = self._readable(session, kb, document_id)
            if document is None or document.deleted_at is not None:
                raise DocumentNotFound(document=document_id)
            document.tags = document.own_tags = list(tags)
            document.updated_at = now()

    @repeated
    def remove(self, kb: str, document_ids: Iterable[str]) -> None:
        """Hide documents from readers at once, for good, with what is enclosed in them; their
        points are deleted by the next cleaning. Raises DocumentNotFound, with nothing removed."""
        gone: set[str] = set()
        with writing(self.engine) as session:
            for document_id in document_ids:
                if document_id in gone:
                    continue
                document = session.get(Document, (kb, document_id))
                if document is None:
                    raise DocumentNotFound(document=document_id)
                for each in (document, *_enclosed(session, document)):
                    gone.add(each.id)
                    _remove(session, each)

    @repeated
    def delete(self, kb: str, document_ids: Iterable[str]) -> None:
        """Hide documents from readers at once, with what is enclosed in them; `restore` shows
        them again, until they are purged.

        Their `revision` is taken from them, by which alone searches see a document; their points
        stay. Raises DocumentNotFound, with nothing deleted.
        """
        gone: set[str] = set()
        at = now()
        with writing(self.engine) as session:
            for document_id in document_ids:
                if document_id in gone:
                    continue
                document = self._readable(session, kb, document_id)
                if document is None or document.deleted_at is not None:
                    raise DocumentNotFound(document=document_id)
                for each in (document, *_enclosed(session, document)):
                    if each.deleted_at is None:
                        gone.add(each.id)
                        _retire(session, kb, [each.id], "writing")
                        _change(session, kb, [each.id], {"state": "deleted"}, "current")
                        each.revision, each.deleted_at = None, at

    @repeated
    def restore(self, kb: str, document_ids: Iterable[str]) -> None:
        """Undo `delete`, also of what was deleted with a document; one that is not deleted is no
        error. Raises DocumentNotFound, with nothing restored, for one that was purged."""
        with writing(self.engine) as session:
            for document_id in document_ids:
                document = self._readable(session, kb, document_id)
                if document is None:
                    raise DocumentNotFound(document=document_id)
                if (at := document.deleted_at) is None:
                    continue
                for each in (document, *_enclosed(session, document)):
                    if each.deleted_at == at:
                        _restore(session, each)

    def deleted(self, kb: str, before: datetime | None = None) -> dict[str, str]:
        """Id and source of the documents that can be restored, of those deleted `before` if given."""
        query = select(Document.id, Document.source).where(Document.kb == kb)
        if before is None:
            query = query.where(Document.deleted_at.is_not(None))
        else:
            query = query.where(Document.deleted_at < before)
        with viewing(self.engine) as connection:
            return {row.id: row.source for row in connection.execute(query)}

    @repeated
    def purge(self, kb: str, before: datetime) -> dict[str, str]:
        """`remove` what was deleted before that; its ids and sources."""
        with writing(self.engine) as session:
            gone = session.scalars(
                select(Document).where(Document.kb == kb, Document.deleted_at < before)
            ).all()
            sources = {document.id: document.source for document in gone}
            for document in gone:
                _remove(session, document)
            return sources

    def hidden(self, kb: str) -> set[tuple[str, str]]:
        """(document id, revision) pairs of deleted documents: no reader sees them, and their
        points are to stay."""
        with viewing(self.engine) as connection:
            return {(row[0], row[1]) for row in connection.execute(_HIDDEN, {"kb": kb})}

    def leftovers(self, kb: str) -> list[tuple[str, str]]:
        """(document id, revision) pairs that nobody will see: retired, or left by a sync that was killed."""
        with reading(self.engine) as session:
            rows = session.execute(
                select(Revision.document_id, Revision.revision).where(
                    Revision.kb == kb, Revision.state.in_(("writing", "retired"))
                )
            )
            return [(row.document_id, row.revision) for row in rows]

    @repeated
    def begin_cleaning(self, kb: str) -> None:
        """To be called before points are deleted, so that readers in the middle of a search notice."""
        with writing(self.engine) as session:
            session.execute(
                update(KnowledgeBase)
                .where(KnowledgeBase.name == kb)
                .values(cleanings=KnowledgeBase.cleanings + 1)
            )

    def forget(self, kb: str, revisions: Sequence[tuple[str, str]]) -> None:
        """Delete revisions whose points are gone, the originals that nobody needs any more, and
        documents that never came to have a revision nor a recorded failure."""
        with writing(self.engine) as session:
            for document_id, revision in revisions:
                session.execute(
                    delete(Revision).where(
                        Revision.kb == kb,
                        Revision.document_id == document_id,
                        Revision.revision == revision,
                        Revision.state.in_(("writing", "retired")),
                    )
                )
            session.execute(
                delete(Document).where(
                    Document.kb == kb,
                    Document.revision.is_(None),
                    Document.failed_size.is_(None),
                    # What is to be read again (`invalidate`) keeps its id, tags and properties.
                    Document.mtime_ns != _TO_BE_READ,
                    ~select(Revision.revision)
                    .where(Revision.kb == kb, Revision.document_id == Document.id)
                    .exists(),
                )
            )
            hashes = {revision for _, revision in revisions}
            kept = set(
                session.scalars(select(Revision.revision).where(Revision.revision.in_(hashes)))
            )
            # Before the commit: another knowledge base that takes in the same bytes notes its
            # revision first and puts the file into its place then.
            for revision in hashes - kept:
                self.originals.remove(revision)

    def current_revisions(self, kb: str) -> dict[tuple[str, str], int]:
        """Chunks of each current (document id, revision), as the index should hold them."""
        with reading(self.engine) as session:
            rows = session.execute(
                select(Document.id, Document.revision, Document.chunks).where(
                    Document.kb == kb, Document.revision.is_not(None)
                )
            )
            return {(row.id, row.revision): row.chunks for row in rows}

    def current_count(self, kb: str) -> int:
        """How many documents readers see."""
        query = select(func.count()).where(Document.kb == kb, Document.revision.is_not(None))
        with viewing(self.engine) as connection:
            return connection.scalar(query.where(*self.sight.readable(connection, kb))) or 0

    def totals(self) -> tuple[int, int]:
        """How many documents and passages searches see, of all knowledge bases, whoever looks."""
        query = select(func.count(), func.coalesce(func.sum(Document.chunks), 0)).where(
            Document.revision.is_not(None)
        )
        with viewing(self.engine) as connection:
            documents, passages = connection.execute(query).one()
            return documents, int(passages)

    @repeated
    def invalidate(self, kb: str, document_ids: Iterable[str]) -> None:
        """Have the next sync read these documents again although their files are unchanged: of
        what is enclosed in a file, that file."""
        with writing(self.engine) as session:
            ids = list(document_ids)
            sources = session.scalars(
                select(Document.source).where(Document.kb == kb, Document.id.in_(ids))
            )
            files = {outermost(source) for source in sources}
            ids += session.scalars(
                select(Document.id).where(
                    Document.kb == kb, Document.source.in_(files), Document.id.not_in(ids)
                )
            )
            for document_id in ids:
                session.execute(
                    update(Document)
                    .where(Document.kb == kb, Document.id == document_id)
                    .values(read_at_ns=0, mtime_ns=_TO_BE_READ, revision=None)
                )
                _change(session, kb, [document_id], {"state": "retired"})

    # --- history ----------------------------------------------------------------------

    @repeated
    def begin_run(self, kb: str, roots: Sequence[str]) -> str:
        """The id of a new entry in the history of syncs."""
        run = SyncRun(id=str(uuid4()), kb=kb, roots=list(roots))
        with writing(self.engine) as session:
            session.add(run)
        return run.id

    @repeated
    def end_run(self, run_id: str, report: Mapping[str, Any]) -> None:
        with writing(self.engine) as session:
            run = session.get_one(SyncRun, run_id)
            run.finished_at, run.report = now(), dict(report)

    def runs(self, kb: str, limit: int = 20) -> list[RunRow]:
        """The latest syncs, newest first."""
        with reading(self.engine) as session:
            rows = session.scalars(
                select(SyncRun)
                .where(SyncRun.kb == kb)
                .order_by(SyncRun.started_at.desc())
                .limit(limit)
            )
            return [
                RunRow(
                    row.id,
                    tuple(row.roots),
                    row.started_at,
                    row.finished_at,
                    as_mapping(row.report),
                )
                for row in rows
            ]

    def takes_in(self, kb: str, data: Path) -> bool:
        """Whether documents are being taken in just now, or wait for it: jobs that may be told of, and a
        sync that has not ended and whose process, which has the writer's lock, lives."""
        with reading(self.engine) as session:
            jobs = select(Job.id).where(Job.kb == kb, Job.status.in_(ACTIVE))
            if not self.sight.unlimited:
                jobs = jobs.where((Job.kind == "sync") | (Job.owner == self.sight.owner))
            if session.scalar(jobs.limit(1)) is not None:
                return True
            ended = session.execute(
                select(SyncRun.finished_at)
                .where(SyncRun.kb == kb)
                .order_by(SyncRun.started_at.desc())
                .limit(1)
            ).first()
        return ended is not None and ended[0] is None and locks_of(self.engine, data).is_written(kb)

    # --- aliases (app.index.protocol.AliasStore) --------------------------------------

    def get_alias(self, alias: str) -> str | None:
        with reading(self.engine) as session:
            row = session.get(Alias, alias)
            return row.collection if row else None

    @repeated
    def set_aliases(self, aliases: Mapping[str, str]) -> None:
        with writing(self.engine) as session:
            for alias, collection in aliases.items():
                session.merge(Alias(alias=alias, collection=collection))

    def probe(self) -> None:
        """Return if the database answers. Raises LibraryUnavailable."""
        with reading(self.engine) as session:
            session.scalar(select(func.count()).select_from(KnowledgeBase))


# Every search asks these; they are built once, since building takes longer than running.
_CLEANINGS = select(KnowledgeBase.cleanings, KnowledgeBase.access).where(
    KnowledgeBase.name == bindparam("kb")
)
_HIDDEN = select(Revision.document_id, Revision.revision).where(
    Revision.kb == bindparam("kb"), Revision.state == "deleted"
)
_CURRENT = select(Document.id, Document.revision, Document.access).where(
    Document.kb == bindparam("kb"),
    Document.id.in_(bindparam("ids", expanding=True)),
    Document.revision.is_not(None),
)


class Snapshot:
    """See Library.snapshot."""

    def __init__(self, connection: Connection, kb: str, sight: Sight) -> None:
        self._connection = connection
        self._kb = kb
        self._sight = sight
        # The first statement fixes what the transaction sees.
        found = connection.execute(_CLEANINGS, {"kb": kb}).first()
        # What a caller may not look into is not there for him.
        self.exists = found is not None and sight.enters(kb, found.access)
        self.cleanings = found.cleanings if found is not None else 0

    def current(self, document_ids: Iterable[str]) -> dict[str, str]:
        """The revision that the caller sees, for each of the documents of which he sees one."""
        wanted = {"kb": self._kb, "ids": list(set(document_ids))}
        rows = self._connection.execute(_CURRENT, wanted)
        return {
            row.id: row.revision for row in rows if self.exists and self._sight.passes(row.access)
        }

    def without_access(self) -> tuple[str, ...]:
        """The limits of documents that the caller does not pass."""
        return self._sight.without(self._connection, self._kb)

    def deleted(self) -> tuple[str, ...]:
        """Ids of deleted documents whose points are still in the index."""
        rows = self._connection.execute(_HIDDEN, {"kb": self._kb})
        return tuple(row.document_id for row in rows)


def open_library(settings: Settings) -> Library:
    """Raises LibraryUnavailable."""
    return Library(open_database(settings), Originals(open_files(settings), settings.data))


def _enclosed(session: Session, document: Document) -> Sequence[Document]:
    """The documents within this one, and within those."""
    inside = lies_under(enclosed_under(document.source))
    return session.scalars(select(Document).where(Document.kb == document.kb, inside)).all()


def _restore(session: Session, document: Document) -> None:
    """Raises DocumentNotFound when it was purged."""
    kept = session.scalar(
        select(Revision).where(
            Revision.kb == document.kb,
            Revision.document_id == document.id,
            Revision.state == "deleted",
        )
    )
    if kept is None and document.failure is None:
        raise DocumentNotFound(document=document.id)
    if kept is not None:
        kept.state, document.revision = "current", kept.revision
    document.deleted_at = None


def _in_parts(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    """As many at once as a statement may name."""
    for i in range(0, len(ids), _AT_ONCE):
        yield ids[i : i + _AT_ONCE]


def _documents(session: Session, kb: str, ids: Sequence[str]) -> dict[str, Document]:
    return {
        document.id: document
        for some in _in_parts(ids)
        for document in session.scalars(
            select(Document).where(Document.kb == kb, Document.id.in_(some))
        )
    }


def _revisions(session: Session, kb: str, ids: Sequence[str]) -> dict[tuple[str, str], Revision]:
    """All that these documents have, without their texts, by document and revision."""
    return {
        (row.document_id, row.revision): row
        for some in _in_parts(ids)
        for row in session.scalars(
            select(Revision)
            .where(Revision.kb == kb, Revision.document_id.in_(some))
            .options(defer(Revision.text))
        )
    }


def _remove(session: Session, document: Document) -> None:
    _retire(session, document.kb, [document.id])
    drop_properties(session, document.kb, document.id)
    session.delete(document)


def _retire(session: Session, kb: str, ids: Sequence[str], *states: RevisionState) -> None:
    _change(session, kb, ids, {"state": "retired"}, *states)


def _change(
    session: Session, kb: str, ids: Sequence[str], values: Mapping[str, str], *states: RevisionState
) -> None:
    """Set columns of documents' revisions, of those in one of the states if any is named."""
    chosen = [Revision.state.in_(states)] if states else []
    session.execute(
        update(Revision)
        .where(Revision.kb == kb, Revision.document_id.in_(ids), *chosen)
        .values(values)
    )


def seen() -> ColumnElement[bool]:
    """Of documents: it can be searched, or has failed; and it is not deleted."""
    known = Document.revision.is_not(None) | Document.failure.is_not(None)
    return known & Document.deleted_at.is_(None)


def _known(row: Row[Any]) -> KnownFile:
    values: Sequence[Any] = row
    known = KnownFile(*values)
    return known if known.failure is None else replace(known, failure=as_mapping(known.failure))


def document_row(document: Document) -> DocumentRow:
    status: DocumentStatus = "ready"
    if document.failure is not None:
        status = "stale" if document.revision else "failed"
    return DocumentRow(
        id=document.id,
        kb=document.kb,
        source=document.source,
        title=document.title,
        status=status,
        revision=document.revision,
        media_type=document.media_type,
        size=document.size,
        chunks=document.chunks,
        tags=tuple(document.tags),
        failure=as_mapping(document.failure),
        notes=read_all(StoredNote, document.notes),
        added_at=document.added_at,
        updated_at=document.updated_at,
    )
