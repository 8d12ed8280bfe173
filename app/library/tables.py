"""The library database. Text of every kept revision lives here: offsets refer to it.

A change here needs a step in `app.library.migrations`, which brings the databases of earlier
releases to it.

A revision goes through these states. `writing`: its text is here and its points may be
partly in the index, invisible. `current`: what searches see. `deleted`: its document was
deleted, has no `revision` therefore, and can be restored with the points that are still there.
`retired`: replaced or removed, its points wait to be deleted. Only a commit that changes
`documents.revision` changes what a search sees.

Over 350 lines: one class a table; they are one schema, and a step of the ladder compares them as one.
"""

from datetime import UTC, datetime
from typing import Any, Final, Literal

from sqlalchemy import (
    DDL,
    JSON,
    BigInteger,
    DateTime,
    Index,
    String,
    Text,
    TypeDecorator,
    event,
    text,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from app.library.append_only import GUARDS

RevisionState = Literal["writing", "current", "deleted", "retired"]


class UtcDateTime(TypeDecorator[datetime]):
    """SQLite forgets time zones; this gives every time back as UTC."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        return value.replace(tzinfo=UTC) if value is not None and value.tzinfo is None else value


def now() -> datetime:
    return datetime.now(UTC)


class Table(DeclarativeBase):
    type_annotation_map = {  # noqa: RUF012  (SQLAlchemy reads it as a class attribute)
        datetime: UtcDateTime,
        dict[str, Any]: JSON,
        list[str]: JSON,
        int: BigInteger,
    }


class Meta(Table):
    """One row: which schema this database has (app.library.migrations), and which GROUNDKB_DATA
    goes with it (app.library.belonging)."""

    __tablename__ = "meta"
    id: Mapped[int] = mapped_column(primary_key=True)
    schema_version: Mapped[int]
    folder: Mapped[str | None] = mapped_column(String(36))


class KnowledgeBase(Table):
    """`cleanings` counts the rounds in which points of retired revisions were deleted (see Library.snapshot)."""

    __tablename__ = "knowledge_bases"
    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    title: Mapped[str | None] = mapped_column(String(200))
    # Who may look into it; as `Document.access`.
    access: Mapped[str] = mapped_column(Text, default="", server_default="")
    cleanings: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(default=now)


class RefusalText(Table):
    """What a knowledge base says, in one language, instead of the usual refusal sentence."""

    __tablename__ = "refusal_texts"
    kb: Mapped[str] = mapped_column(String(40), primary_key=True)
    language: Mapped[str] = mapped_column(String(2), primary_key=True)
    text: Mapped[str] = mapped_column(Text)


class Document(Table):
    """`revision` is None until the first revision is wholly in the index.

    `size` and `mtime_ns` are the file's at the time it was read, `read_at_ns` when that was:
    together they tell an unchanged file without reading it.
    """

    __tablename__ = "documents"
    kb: Mapped[str] = mapped_column(String(40), primary_key=True)
    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    source: Mapped[str] = mapped_column(Text)
    title: Mapped[str] = mapped_column(Text, default="")
    media_type: Mapped[str] = mapped_column(String(120), default="")
    revision: Mapped[str | None] = mapped_column(String(64))
    size: Mapped[int] = mapped_column(default=0)
    mtime_ns: Mapped[int] = mapped_column(default=0)
    read_at_ns: Mapped[int] = mapped_column(default=0)
    chunks: Mapped[int] = mapped_column(default=0)
    tags: Mapped[list[str]] = mapped_column(default=list)
    # Tags given by hand, which outlive the file's own at the next change; None: none were.
    own_tags: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))
    properties: Mapped[dict[str, Any]] = mapped_column(default=dict)
    # The last attempt, when it failed: the file's revision it failed on and why.
    failed_size: Mapped[int | None]
    failed_mtime_ns: Mapped[int | None]
    failure: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    # What the reader of the current revision left out of its text (app.library.stored.notes);
    # None: taken in before schema 2.
    notes: Mapped[list[Any] | None] = mapped_column(JSON(none_as_null=True))
    added_at: Mapped[datetime] = mapped_column(default=now)
    updated_at: Mapped[datetime] = mapped_column(default=now)
    # It is shown no more, and can come back until it is purged.
    deleted_at: Mapped[datetime | None]
    # All limits that apply, as app.library.limits has them; and the groups given by hand.
    access: Mapped[str] = mapped_column(Text, default="", server_default="")
    own_groups: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))

    __table_args__ = (
        Index("documents_by_source", "kb", "source", unique=True),
        Index(
            "documents_limited",
            "kb",
            "access",
            sqlite_where=text("access <> ''"),
            postgresql_where=text("access <> ''"),
        ),
    )


class Revision(Table):
    __tablename__ = "revisions"
    kb: Mapped[str] = mapped_column(String(40), primary_key=True)
    document_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    revision: Mapped[str] = mapped_column(String(64), primary_key=True)
    state: Mapped[str] = mapped_column(String(8))
    text: Mapped[str] = mapped_column(Text)
    chunks: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(default=now)

    __table_args__ = (Index("revisions_by_state", "kb", "state"),)


class Alias(Table):
    """Where readers of an alias are sent, for engines that keep no aliases themselves."""

    __tablename__ = "aliases"
    alias: Mapped[str] = mapped_column(String(80), primary_key=True)
    collection: Mapped[str] = mapped_column(String(120))


class BuiltRevision(Table):
    """A revision that is wholly in a collection that readers do not use: one being built by a
    reindex, or one kept for a rollback; see `app.library.builds`. `text` is set when a newer
    parser reads the original otherwise than the stored text has it."""

    __tablename__ = "built_revisions"
    collection: Mapped[str] = mapped_column(String(120), primary_key=True)
    document_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    revision: Mapped[str] = mapped_column(String(64), primary_key=True)
    chunks: Mapped[int]
    tags: Mapped[list[str]]
    text: Mapped[str | None] = mapped_column(Text)


class DocumentProperty(Table):
    """A value by which documents can be chosen; a key may have several. See `app.library.properties`."""

    __tablename__ = "document_properties"
    kb: Mapped[str] = mapped_column(String(40), primary_key=True)
    document_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    key: Mapped[str] = mapped_column(String(200), primary_key=True)
    value: Mapped[str] = mapped_column(String(200), primary_key=True)

    __table_args__ = (Index("document_properties_by_value", "kb", "key", "value"),)


class OwnProperties(Table):
    """What a document with a sidecar says of itself, so that the sidecar may change."""

    __tablename__ = "own_properties"
    kb: Mapped[str] = mapped_column(String(40), primary_key=True)
    document_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    properties: Mapped[dict[str, Any]]


class RemoteState(Table):
    """A document that a remote root held when it was last looked at; `state` is what its server
    said of it (an ETag, a date), in the words of `ingest.sources`."""

    __tablename__ = "remote_states"
    kb: Mapped[str] = mapped_column(String(40), primary_key=True)
    root: Mapped[str] = mapped_column(Text, primary_key=True)
    source: Mapped[str] = mapped_column(Text, primary_key=True)
    state: Mapped[str] = mapped_column(Text)


class AddressLimit(Table):
    """The groups to which is limited what is at an address or lies under it."""

    __tablename__ = "address_limits"
    kb: Mapped[str] = mapped_column(String(40), primary_key=True)
    address: Mapped[str] = mapped_column(Text, primary_key=True)
    groups: Mapped[list[str]]


class SyncRun(Table):
    """The history of ingestion; `report` is a SyncReport as JSON, None while it runs or if it was killed."""

    __tablename__ = "sync_runs"
    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    kb: Mapped[str] = mapped_column(String(40))
    roots: Mapped[list[str]]
    started_at: Mapped[datetime] = mapped_column(default=now)
    finished_at: Mapped[datetime | None]
    report: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))

    __table_args__ = (Index("sync_runs_by_start", "kb", "started_at"),)


class Job(Table):
    """Work on the library that is waiting, under way or done; `app.library.jobs` tells what each field means."""

    __tablename__ = "jobs"
    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    kb: Mapped[str] = mapped_column(String(40))
    kind: Mapped[str] = mapped_column(String(10))
    source: Mapped[str] = mapped_column(Text)
    request: Mapped[dict[str, Any]]
    status: Mapped[str] = mapped_column(String(10), default="queued")
    stage: Mapped[str] = mapped_column(String(10), default="waiting")
    progress: Mapped[float] = mapped_column(default=0.0)
    document_id: Mapped[str | None] = mapped_column(String(36))
    source_id: Mapped[str | None] = mapped_column(String(36))
    owner: Mapped[str | None] = mapped_column(String(36))
    error: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    report: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    cancelling: Mapped[bool] = mapped_column(default=False)
    worker: Mapped[str | None] = mapped_column(String(36))
    tries: Mapped[int] = mapped_column(default=0, server_default="0")
    queued_ns: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(default=now)
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]

    __table_args__ = (
        Index("jobs_by_turn", "status", "queued_ns"),
        Index("jobs_by_kb", "kb", "created_at"),
    )


class Source(Table):
    """A place that is synced by schedule or on demand; see `app.library.sources`."""

    __tablename__ = "sources"
    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    kb: Mapped[str] = mapped_column(String(40))
    location: Mapped[str] = mapped_column(Text)
    schedule: Mapped[str | None] = mapped_column(String(120))
    time_zone: Mapped[str] = mapped_column(String(60))
    jitter: Mapped[int] = mapped_column(default=0)
    enabled: Mapped[bool] = mapped_column(default=True)
    next_run: Mapped[datetime | None]
    last_run: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    created_at: Mapped[datetime] = mapped_column(default=now)
    deleted_at: Mapped[datetime | None]

    __table_args__ = (Index("sources_by_location", "kb", "location", unique=True),)


class Conversation(Table):
    """`head_id` is the last turn of what is shown; see `app.library.conversations`. `owner` None:
    begun by nobody in particular."""

    __tablename__ = "conversations"
    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    kb: Mapped[str] = mapped_column(String(40))
    title: Mapped[str] = mapped_column(Text)
    owner: Mapped[str | None] = mapped_column(String(36))
    head_id: Mapped[str | None] = mapped_column(String(36))
    created_at: Mapped[datetime] = mapped_column(default=now)
    updated_at: Mapped[datetime] = mapped_column(default=now)
    deleted_at: Mapped[datetime | None]

    __table_args__ = (Index("conversations_by_use", "updated_at"),)


class ConversationTurn(Table):
    """A question and its answer, one version of it; `parent_id` is the turn after which it was
    asked. `answer` is a StoredAnswer, `problem` a StoredFailure, `filter` a StoredFilter."""

    __tablename__ = "turns"
    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    conversation_id: Mapped[str] = mapped_column(String(36))
    parent_id: Mapped[str | None] = mapped_column(String(36))
    position: Mapped[int]
    question: Mapped[str] = mapped_column(Text)
    # None: asked about everything, or before schema 5.
    filter: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    status: Mapped[str] = mapped_column(String(12))
    answer: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    problem: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    created_at: Mapped[datetime] = mapped_column(default=now)
    finished_at: Mapped[datetime | None]
    deleted_at: Mapped[datetime | None]

    __table_args__ = (
        Index("turns_by_conversation", "conversation_id", "position"),
        Index("turns_by_parent", "parent_id"),
    )


class Feedback(Table):
    """A judgement of one answer, with all that is needed to ask the same again."""

    __tablename__ = "feedback"
    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    kb: Mapped[str] = mapped_column(String(40))
    helpful: Mapped[bool]
    reason: Mapped[str] = mapped_column(String(40), default="")
    comment: Mapped[str] = mapped_column(Text, default="")
    question: Mapped[str] = mapped_column(Text)
    answer: Mapped[dict[str, Any]]
    owner: Mapped[str | None] = mapped_column(String(36))
    version: Mapped[str] = mapped_column(String(40))
    created_at: Mapped[datetime] = mapped_column(default=now)


class User(Table):
    """A person who may call; see `app.library.people`."""

    __tablename__ = "users"
    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    name: Mapped[str] = mapped_column(String(100))
    role: Mapped[str] = mapped_column(String(10))
    # An argon2 hash; None: none was chosen yet.
    password: Mapped[str | None] = mapped_column(String(200))
    enabled: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(default=now)

    __table_args__ = (Index("users_by_name", "name", unique=True),)


class SignedIn(Table):
    """A session; `digest` is the SHA-256 of what its cookie holds."""

    __tablename__ = "sessions"
    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[str] = mapped_column(String(36))
    ends_at: Mapped[datetime]

    __table_args__ = (Index("sessions_by_user", "user_id"),)


class SignInLink(Table):
    """A link by which a person may choose a password, once."""

    __tablename__ = "sign_in_links"
    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[str] = mapped_column(String(36))
    ends_at: Mapped[datetime]

    __table_args__ = (Index("sign_in_links_by_user", "user_id"),)


# Of the rows of `audit`: those that say up to when rows are gone by age.
PURGED: Final = "action = 'purged'"


class AuditEntry(Table):
    """See `app.library.audit`; a row is never changed: the database itself refuses
    (`app.library.append_only`)."""

    __tablename__ = "audit"
    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    at: Mapped[datetime]
    action: Mapped[str] = mapped_column(String(20))
    who: Mapped[str] = mapped_column(String(100))
    key: Mapped[str] = mapped_column(String(100))
    address: Mapped[str] = mapped_column(String(60))
    kb: Mapped[str] = mapped_column(String(40))
    object: Mapped[str] = mapped_column(Text)
    detail: Mapped[str] = mapped_column(Text)

    __table_args__ = (
        Index("audit_by_time", "at"),
        # What the guard asks of each row that is to go.
        Index(
            "audit_purges",
            "detail",
            sqlite_where=text(PURGED),
            postgresql_where=text(PURGED),
        ),
    )


class Identity(Table):
    """Somebody as an identity provider, or a proxy that signs people in, knows him."""

    __tablename__ = "identities"
    issuer: Mapped[str] = mapped_column(String(255), primary_key=True)
    subject: Mapped[str] = mapped_column(String(255), primary_key=True)
    user_id: Mapped[str] = mapped_column(String(36))

    __table_args__ = (Index("identities_by_user", "user_id"),)


class SignInAttempt(Table):
    """A sign-in by a provider that is under way; `digest` is the SHA-256 of what the browser holds."""

    __tablename__ = "sign_in_attempts"
    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    state: Mapped[str] = mapped_column(String(64))
    nonce: Mapped[str] = mapped_column(String(64))
    verifier: Mapped[str] = mapped_column(String(128))
    ends_at: Mapped[datetime]


class SharedConversation(Table):
    """A conversation that others may open by a link; `digest` is the SHA-256 of what it holds."""

    __tablename__ = "shared_conversations"
    conversation_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    digest: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(default=now)

    __table_args__ = (Index("shared_conversations_by_digest", "digest", unique=True),)


class AnswerUnderWay(Table):
    """An answer that some server is making; it was there at `seen_at`. See `app.library.under_way`."""

    __tablename__ = "answers_under_way"
    turn_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    seen_at: Mapped[datetime] = mapped_column(default=now)


class AnswerEvent(Table):
    """What was told of such an answer so far, from number 1; number 0: somebody wants it stopped."""

    __tablename__ = "answer_events"
    turn_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(20))
    data: Mapped[str] = mapped_column(Text)


class Membership(Table):
    """A group is a name, and is there as long as somebody is in it."""

    __tablename__ = "memberships"
    user_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    group_name: Mapped[str] = mapped_column(String(100), primary_key=True)


class KbRole(Table):
    """Another role than a person's own, in one knowledge base."""

    __tablename__ = "kb_roles"
    kb: Mapped[str] = mapped_column(String(40), primary_key=True)
    user_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    role: Mapped[str] = mapped_column(String(10))


class CuratedAnswer(Table):
    """An owner's answer to a question. `quotes`: document_id, revision and quote of each."""

    __tablename__ = "curated_answers"
    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    kb: Mapped[str] = mapped_column(String(40))
    question: Mapped[str] = mapped_column(Text)
    answer: Mapped[str] = mapped_column(Text)
    quotes: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    created_at: Mapped[datetime] = mapped_column(default=now)

    __table_args__ = (Index("curated_answers_by_kb", "kb"),)


class ShadowTest(Table):
    """Another chat model or other settings that is tried; see `app.library.shadow`."""

    __tablename__ = "shadow_tests"
    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    chat: Mapped[str | None] = mapped_column(Text)
    changes: Mapped[dict[str, Any]]
    share: Mapped[float]
    state: Mapped[str] = mapped_column(String(10))
    started_at: Mapped[datetime] = mapped_column(default=now)
    ended_at: Mapped[datetime | None]


class ShadowPair(Table):
    """A question that was answered twice; see `app.answering.shadow`."""

    __tablename__ = "shadow_pairs"
    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    test_id: Mapped[str] = mapped_column(String(36))
    kb: Mapped[str] = mapped_column(String(40))
    question: Mapped[str] = mapped_column(Text)
    given: Mapped[dict[str, Any]]
    other: Mapped[dict[str, Any]]
    created_at: Mapped[datetime] = mapped_column(default=now)

    __table_args__ = (Index("shadow_pairs_by_test", "test_id", "created_at"),)


class ApiKey(Table):
    """`digest` is the SHA-256 of a key, which itself is nowhere. `kbs` None: of all knowledge bases."""

    __tablename__ = "api_keys"
    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    user_id: Mapped[str] = mapped_column(String(36))
    name: Mapped[str] = mapped_column(String(100))
    digest: Mapped[str] = mapped_column(String(64))
    scopes: Mapped[list[str]]
    kbs: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))
    created_at: Mapped[datetime] = mapped_column(default=now)
    ends_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]

    __table_args__ = (
        Index("api_keys_by_digest", "digest", unique=True),
        Index("api_keys_by_user", "user_id"),
    )


for _dialect, _statements in GUARDS.items():
    for _statement in _statements:
        # `DDL` takes per cent signs for its own.
        _guard = DDL(_statement.replace("%", "%%"))  # type: ignore[no-untyped-call]
        _guard = _guard.execute_if(dialect=_dialect)
        event.listen(Table.metadata.tables[AuditEntry.__tablename__], "after_create", _guard)
