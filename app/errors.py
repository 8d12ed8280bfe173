"""Every error that groundkb raises on purpose: what it is, never how it is worded.

This module imports nothing of groundkb, so each layer can raise without importing upward. A
class says all that is to be known of its kind: the stable `code`, the HTTP `status`, what it
ends (`scope`), and the parameters, which are its annotated fields. The texts are in the
catalogues of `app.texts`, under the code; they are rendered at the edge, in the reader's language.

Over 350 lines: one short class for each of some hundred errors; together they read as the list of
what can go wrong.
"""

import re
import socket
import ssl
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import reduce
from pathlib import Path
from typing import Any, ClassVar, Final, Literal, dataclass_transform

# Of documents, questions and answers: those that search, checks and prompts know. Messages are in
# any that has a catalogue (`app.texts`).
Language = Literal["zh", "en"]
# What stands before the host in an address. The last @ ends it: a password may hold others.
_CREDENTIALS: Final = re.compile(r"(?<=://)[^/?#\s\"'<>]+@")
Scope = Literal["document", "usage", "operation"]


class Phrase:
    """A part of a message that groundkb words itself: a key of the catalogues and its parameters.

    `params` are plain JSON values; a list is enumerated, a phrase within stands as its `data()`.
    """

    __slots__ = ("code", "params")

    def __init__(self, code: str, /, **params: "Param") -> None:
        self.code: Final = code
        self.params: Final = {name: plain(value) for name, value in params.items()}

    def data(self) -> dict[str, Any]:
        """`code` and `params`, as JSON."""
        return {"code": self.code, "params": self.params}

    def __str__(self) -> str:
        return _brief(self.code, self.params)

    def __repr__(self) -> str:
        return f"Phrase({self})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Phrase) and self.data() == other.data()

    def __hash__(self) -> int:
        return hash(self.code)


class Inconsistent(ValueError):
    """Why values do not go together, from within a validator of pydantic's."""

    def __init__(self, why: Phrase) -> None:
        super().__init__(str(why))
        self.why: Final = why


def together(phrases: Iterable[Phrase]) -> Phrase:
    """All of them as one; at least one."""
    return reduce(lambda one, other: Phrase("and_also", one=one, other=other), phrases)


Where = str | Path
# What a library says (its exception, or its words), or what groundkb says itself: a phrase or an
# error's `data()`, never a sentence, since that would have no other language.
Detail = str | BaseException | Phrase | Mapping[str, Any]
Param = Detail | Path | int | float | Sequence["Param"]


def reason_of(error: BaseException) -> "str | Phrase":
    """Why something outside failed, for people: in words of ours for what befalls every connection,
    else what the library says. Never the name of a class, which tells nobody anything."""
    for cause in _causes(error):
        if isinstance(cause, ConnectionRefusedError):
            return Phrase("connection_refused")
        if isinstance(cause, socket.gaierror):
            return Phrase("host_unknown")
        if isinstance(cause, ssl.SSLCertVerificationError):
            return Phrase("certificate_unknown")
        # Each library has a time-out of its own, and few are Python's.
        if isinstance(cause, TimeoutError) or "Timeout" in type(cause).__name__:
            return Phrase("no_answer_in_time")
    return str(error).strip() or Phrase("no_reason_told")


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error, what it came of, and so on."""
    waiting, seen = [error], set[int]()
    while waiting:
        cause = waiting.pop(0)
        if id(cause) in seen:
            continue
        seen.add(id(cause))
        yield cause
        waiting += cause.exceptions if isinstance(cause, BaseExceptionGroup) else []
        before = cause.__cause__ or (None if cause.__suppress_context__ else cause.__context__)
        waiting += [] if before is None else [before]


@dataclass_transform(kw_only_default=True, eq_default=False)
class GroundkbError(Exception):
    """Base of all deliberate errors. Its subclasses are keyword-only dataclasses.

    `status` is the HTTP code. `scope`: 'document', when one document is the matter and a sync
    records it and goes on; 'usage', when what was asked or set is at fault (exit code 2);
    'operation', when it ends the request, command or sync. `permanent`: of a document, that
    trying again is pointless until it changes. `ended_a_worker`: that it cost the process that
    read it; the second time the document is set aside.
    """

    code: ClassVar[str]
    status: ClassVar[int] = 500
    scope: ClassVar[Scope] = "operation"
    permanent: ClassVar[bool] = False
    ended_a_worker: ClassVar[bool] = False

    def __init_subclass__(cls) -> None:
        dataclass(kw_only=True, eq=False, repr=False)(cls)

    @property
    def params(self) -> dict[str, Any]:
        """The parameters as JSON values; a phrase among them as its `data()`."""
        return {field.name: plain(getattr(self, field.name)) for field in fields(self)}  # type: ignore[arg-type]  # __init_subclass__ makes each a dataclass

    def data(self) -> dict[str, Any]:
        """`code` and `params`, as JSON: what is kept of an error for a reader to come."""
        return {"code": self.code, "params": self.params}

    def __str__(self) -> str:
        """For logs and tracebacks; people are told by `app.texts`."""
        return _brief(self.code, self.params)

    def __reduce__(self) -> tuple[Any, ...]:
        return _again, (type(self), self.params)


def kinds() -> Iterator[type[GroundkbError]]:
    """The errors that there are: every class with a code of its own."""
    found: list[type[GroundkbError]] = [GroundkbError]
    while found:
        kind = found.pop()
        found += kind.__subclasses__()
        if "code" in vars(kind):
            yield kind


def _again(kind: type[GroundkbError], params: dict[str, Any]) -> GroundkbError:
    return kind(**params)


def without_password(text: str) -> str:
    """The text, without the user and password of each address in it: `http://…@host`."""
    return _CREDENTIALS.sub("…@", text)


def plain(value: Any) -> Any:
    """A parameter as a JSON value."""
    match value:
        case Phrase():
            return value.data()
        case BaseException():
            return plain(reason_of(value))
        case str():
            # A file's name may hold bytes that are no text; what is told and kept is.
            return without_password(
                value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
            )
        case int() | float() | None | Mapping():
            return value
        case list() | tuple():
            return [plain(item) for item in value]
    return str(value)


def _brief(code: str, params: Mapping[str, Any]) -> str:
    said = (
        _brief(value["code"], value["params"])
        if isinstance(value, Mapping) and "code" in value
        else str(value)
        for value in params.values()
    )
    return f"{code}: {'; '.join(said)}" if params else code


class Internal(GroundkbError):
    """A bug, or what nobody foresaw."""

    code = "internal"
    detail: Detail


# --- settings and start -----------------------------------------------------------------


class SettingsInvalid(GroundkbError):
    code = "settings_invalid"
    scope = "usage"
    detail: Detail


# --- models -----------------------------------------------------------------------------


class WeightsMissing(GroundkbError):
    code = "weights_missing"
    status = 503
    model: Where


class WeightsCorrupt(GroundkbError):
    code = "weights_corrupt"
    status = 503
    file: Where
    expected: Detail
    found: Detail


class WeightsUnavailable(GroundkbError):
    code = "weights_unavailable"
    status = 503
    model: Where
    detail: Detail


class EmbeddingFailed(GroundkbError):
    code = "embedding_failed"
    detail: Detail


class EmbeddingServerDown(GroundkbError):
    code = "embedding_server_down"
    status = 503
    url: str
    detail: Detail


class ReaderServerDown(GroundkbError):
    code = "reader_server_down"
    status = 503
    url: str
    detail: Detail


class ReadingFailed(GroundkbError):
    code = "reading_failed"
    detail: Detail


class ChatModelMissing(GroundkbError):
    code = "chat_model_missing"
    status = 503
    url: str
    model: Where


class ChatServerDown(GroundkbError):
    code = "chat_server_down"
    status = 503
    url: str
    detail: Detail


class ChatTimeout(GroundkbError):
    code = "chat_timeout"
    status = 504
    seconds: str | float


class ChatStreamBroken(GroundkbError):
    code = "chat_stream_broken"
    status = 502
    detail: Detail


class ChatFailed(GroundkbError):
    code = "chat_failed"
    status = 502
    detail: Detail


class ContextTruncated(GroundkbError):
    code = "context_truncated"
    status = 502
    server: int
    ours: int


# --- index ------------------------------------------------------------------------------


class IndexUnreachable(GroundkbError):
    code = "index_unreachable"
    status = 503
    url: str
    detail: Detail


class IndexUnauthorized(GroundkbError):
    code = "index_unauthorized"
    status = 503
    url: str


class IndexInUse(GroundkbError):
    code = "index_in_use"
    status = 503
    path: Where
    owner: Detail


class IndexMismatch(GroundkbError):
    code = "index_mismatch"
    status = 503
    built: str
    wanted: str


class IndexMissing(GroundkbError):
    """The database lists documents whose index is not here."""

    code = "index_missing"
    status = 503
    kb: str
    documents: int


class IndexFailed(GroundkbError):
    code = "index_failed"
    detail: Detail


class IndexDamaged(IndexFailed):
    """The files of a collection of the embedded index cannot be opened."""

    code = "index_damaged"
    status = 503
    path: Where


# --- library ----------------------------------------------------------------------------


class LibraryUnavailable(GroundkbError):
    """The library's database or files cannot be used, for whichever reason."""

    status = 503


class FilesUnreachable(LibraryUnavailable):
    code = "files_unreachable"
    status = 503
    url: str
    detail: Detail


class LibraryFailed(LibraryUnavailable):
    code = "library_unavailable"
    status = 503
    detail: Detail


class LibraryBusy(LibraryUnavailable):
    code = "library_busy"
    status = 503
    seconds: str | float


class LibraryConflict(LibraryUnavailable):
    code = "library_conflict"
    status = 503


class UpgradeBlocked(LibraryUnavailable):
    code = "upgrade_blocked"
    owner: Detail


class LibraryTooNew(GroundkbError):
    code = "library_too_new"
    status = 503
    found: int
    known: int


class DatabaseOfAnotherFolder(GroundkbError):
    """`folder` is the id of the GROUNDKB_DATA that the database goes with, `file` where the id of
    this one stands."""

    code = "database_of_another_folder"
    status = 503
    path: Where
    file: Where
    folder: str


class DatabaseDriverMissing(GroundkbError):
    code = "database_driver_missing"
    status = 503
    module: str


class DocumentNotFound(GroundkbError):
    code = "document_not_found"
    status = 404
    document: str


class DocumentAmbiguous(GroundkbError):
    code = "document_ambiguous"
    status = 409
    scope = "usage"
    document: str
    sources: list[str]


class KnowledgeBaseNotFound(GroundkbError):
    code = "knowledge_base_not_found"
    status = 404
    name: str


class CuratedAnswerNotFound(GroundkbError):
    code = "curated_answer_not_found"
    status = 404
    answer: str


class PullUnderWay(GroundkbError):
    code = "pull_under_way"
    status = 409
    scope = "usage"
    model: str


class NoShadowTest(GroundkbError):
    code = "no_shadow_test"
    status = 404
    scope = "usage"


class CuratedAnswerExists(GroundkbError):
    code = "curated_answer_exists"
    status = 409
    question: str


class CuratedQuoteMissing(GroundkbError):
    code = "curated_quote_missing"
    status = 422
    document: str
    quote: str


class CuratedMarkMissing(GroundkbError):
    code = "curated_mark_missing"
    status = 422
    mark: int
    quotes: int


class ConversationNotFound(GroundkbError):
    code = "conversation_not_found"
    status = 404
    conversation: str


class KeptUnreadable(GroundkbError):
    code = "kept_unreadable"


class TurnNotFound(GroundkbError):
    code = "turn_not_found"
    status = 404
    scope = "usage"
    turn: str


class AnswerStopped(GroundkbError):
    code = "answer_stopped"
    status = 409


class AnswerInterrupted(GroundkbError):
    code = "answer_interrupted"
    status = 503


class KnowledgeBaseExists(GroundkbError):
    code = "knowledge_base_exists"
    status = 409
    scope = "usage"
    name: str


class TooManyKnowledgeBases(GroundkbError):
    code = "too_many_knowledge_bases"
    status = 409
    scope = "usage"
    limit: int


class JobNotFound(GroundkbError):
    code = "job_not_found"
    status = 404
    job: str


class JobNotRepeatable(GroundkbError):
    code = "job_not_repeatable"
    status = 409
    job: str
    state: Detail


class SourceNotFound(GroundkbError):
    code = "source_not_found"
    status = 404
    source: str


class ScheduleInvalid(GroundkbError):
    code = "schedule_invalid"
    status = 422
    scope = "usage"
    detail: Detail


# --- requests ---------------------------------------------------------------------------


class RequestInvalid(GroundkbError):
    code = "request_invalid"
    status = 422
    scope = "usage"
    detail: Detail


class QuestionEmpty(GroundkbError):
    code = "question_empty"
    status = 422
    scope = "usage"


class QuestionTooLong(GroundkbError):
    code = "question_too_long"
    status = 422
    scope = "usage"
    length: int
    limit: int


class BodyTooLarge(GroundkbError):
    code = "body_too_large"
    status = 413
    limit: int


class UploadTooLarge(GroundkbError):
    code = "upload_too_large"
    status = 413
    limit: int


class TooManyFiles(GroundkbError):
    code = "too_many_files"
    status = 413
    limit: int


class NameTaken(GroundkbError):
    """`names` of uploads that other documents have, with these documents' ids in the same order."""

    code = "name_taken"
    status = 409
    scope = "usage"
    names: list[str]
    documents: list[str]


class ApiKeyWrong(GroundkbError):
    code = "api_key_wrong"
    status = 401


class TooManyWrongKeys(GroundkbError):
    code = "too_many_wrong_keys"
    status = 429
    seconds: int


class TooManyQuestions(GroundkbError):
    code = "too_many_questions"
    status = 429
    seconds: int


class BodyTooSlow(GroundkbError):
    code = "body_too_slow"
    status = 408
    scope = "usage"
    seconds: float


class PathUnknown(GroundkbError):
    code = "not_found"
    status = 404
    path: Where


class MethodUnknown(GroundkbError):
    code = "method_not_allowed"
    status = 405
    path: Where
    method: str


class OperatorOnly(GroundkbError):
    code = "operator_only"
    status = 403


class NotAllowed(GroundkbError):
    code = "not_allowed"
    status = 403
    need: str


class AnswerWithheld(GroundkbError):
    code = "answer_withheld"
    status = 403


class SignInNeeded(GroundkbError):
    """There are accounts, and the request names nobody: no session, or one that has ended."""

    code = "sign_in_needed"
    status = 401


class PasswordWrong(GroundkbError):
    code = "password_wrong"
    status = 401


class SignedInOnly(GroundkbError):
    code = "signed_in_only"
    status = 403


class OwnAccount(GroundkbError):
    code = "own_account"
    status = 409


class SignInRefused(GroundkbError):
    code = "sign_in_refused"
    status = 401
    detail: Detail


class ProviderUnavailable(GroundkbError):
    code = "provider_unavailable"
    status = 502
    detail: Detail


class TooManyRequests(GroundkbError):
    code = "too_many_requests"
    status = 429
    seconds: int


class LinkInvalid(GroundkbError):
    code = "link_invalid"
    status = 401


class CrossSite(GroundkbError):
    code = "cross_site"
    status = 403


class PersonExists(GroundkbError):
    code = "person_exists"
    status = 409
    scope = "usage"
    name: str


class PersonNotFound(GroundkbError):
    code = "person_not_found"
    status = 404
    scope = "usage"
    name: str


class KeyNotFound(GroundkbError):
    code = "key_not_found"
    status = 404
    scope = "usage"
    key: str


class HostNotAllowed(GroundkbError):
    code = "host_not_allowed"
    status = 403
    host: str


# --- the running server -----------------------------------------------------------------


class ServiceStarting(GroundkbError):
    code = "starting"
    status = 503


class ServiceStopping(GroundkbError):
    code = "stopping"
    status = 503


class ServiceNotReady(GroundkbError):
    code = "not_ready"
    status = 503
    parts: str


class ProbeTimeout(GroundkbError):
    code = "probe_timeout"
    status = 503
    part: str
    seconds: str | float


class PortTaken(GroundkbError):
    code = "port_taken"
    host: str
    port: int
    detail: Detail


class ServerUnreachable(GroundkbError):
    code = "server_unreachable"
    url: str
    detail: Detail


class RemoteError(GroundkbError):
    """What a running server said went wrong: its code, and its words in the asker's language."""

    message: str
    hint: str

    def __init__(self, code: str, message: str, hint: str) -> None:
        self.code = code  # type: ignore[misc]  # of the instance: the server's word
        self.message, self.hint = message, hint
        kind = next((kind for kind in kinds() if kind.code == code), None)
        self.scope = kind.scope if kind else "operation"  # type: ignore[misc]  # as above

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.code, self.message, self.hint)


# --- ingestion --------------------------------------------------------------------------


class BackupInvalid(GroundkbError):
    code = "backup_invalid"
    path: Where
    detail: Detail


class BackupTooNew(GroundkbError):
    code = "backup_too_new"
    path: Where
    version: str


class BackupUnsupported(GroundkbError):
    code = "backup_unsupported"
    status = 409


class RestoreTargetNotEmpty(GroundkbError):
    code = "restore_target_not_empty"
    path: Where


class RestoreUnfinished(LibraryUnavailable):
    code = "restore_unfinished"
    status = 503
    path: Where


class NothingToRollBack(GroundkbError):
    code = "nothing_to_roll_back"
    status = 409


class ReindexStopped(GroundkbError):
    code = "reindex_stopped"
    status = 409


class SourceMissing(GroundkbError):
    code = "source_missing"
    status = 422
    path: Where


class SourceUnknown(GroundkbError):
    """Nothing in the knowledge base was taken in from there."""

    code = "source_unknown"
    status = 404
    scope = "usage"
    path: Where
    kb: str


class SourceUnreadable(GroundkbError):
    code = "source_unreadable"
    status = 422
    scope = "document"
    path: Where
    detail: Detail


class SourceUnreachable(GroundkbError):
    code = "source_unreachable"
    scope = "document"
    url: str
    detail: Detail


class SidecarInvalid(GroundkbError):
    code = "sidecar_invalid"
    scope = "document"
    path: Where
    detail: Detail


class AddressInvalid(GroundkbError):
    code = "address_invalid"
    status = 422
    scope = "usage"
    address: str
    detail: Detail


class AddressRefused(GroundkbError):
    code = "address_refused"
    scope = "document"
    url: str
    detail: Detail


class FormatUnsupported(GroundkbError):
    code = "format_unsupported"
    scope = "document"
    permanent = True
    path: Where
    detail: Detail
    supported: str


class DocumentEncrypted(GroundkbError):
    code = "document_encrypted"
    scope = "document"
    permanent = True
    path: Where


class DocumentCorrupt(GroundkbError):
    code = "document_corrupt"
    scope = "document"
    permanent = True
    path: Where
    detail: Detail


class DocumentTooLarge(GroundkbError):
    code = "document_too_large"
    scope = "document"
    permanent = True
    path: Where
    detail: Detail


def too_many_bytes(limit: int) -> Phrase:
    """Why a document is too large: it has more than `limit` bytes."""
    return Phrase("more_bytes_than_set", limit=limit)


class DocumentWithoutText(GroundkbError):
    code = "document_without_text"
    scope = "document"
    permanent = True
    path: Where


class OcrMissing(GroundkbError):
    code = "ocr_missing"
    scope = "document"
    path: Where
    detail: Detail


class SyncRefused(GroundkbError):
    code = "sync_refused"
    status = 409
    removed: int
    known: int
    root: str


class WriterBusy(GroundkbError):
    code = "writer_busy"
    status = 409
    kb: str
    owner: Detail


class WriterLockLost(LibraryUnavailable):
    """The connection that held it has ended: another machine may write now."""

    code = "writer_lock_lost"
    status = 503
    kb: str


class WorkerNeedsServers(GroundkbError):
    code = "worker_needs_servers"
    status = 422
    scope = "usage"


class IndexAlreadyThere(GroundkbError):
    code = "index_already_there"
    status = 409
    kb: str


class IndexMoveUnset(GroundkbError):
    code = "index_move_unset"
    status = 422
    scope = "usage"


class McpMissing(GroundkbError):
    code = "mcp_missing"
    status = 503
    scope = "usage"


class MachineUnknown(GroundkbError):
    code = "machine_unknown"
    status = 422
    scope = "usage"
    machine: str


class ModelNotKnown(GroundkbError):
    code = "model_not_known"
    status = 422
    scope = "usage"
    model: str


class OllamaPullFailed(GroundkbError):
    code = "ollama_pull_failed"
    status = 502
    url: str
    model: str
    detail: Detail


class TracingMissing(GroundkbError):
    code = "tracing_missing"
    status = 503
    scope = "usage"


class RayMissing(GroundkbError):
    code = "ray_missing"
    status = 503


class RayFailed(GroundkbError):
    code = "ray_failed"
    status = 503
    address: str
    detail: Detail


class EmbedderDiffers(GroundkbError):
    code = "embedder_differs"
    status = 503
    here: str
    there: str


class WorkerLost(GroundkbError):
    code = "worker_lost"
    status = 503
    scope = "document"
    path: Where
    detail: Detail


class ReadingTooLong(GroundkbError):
    code = "reading_too_long"
    scope = "document"
    ended_a_worker = True
    path: Where
    seconds: str | float


class ReadingNeedsMemory(GroundkbError):
    code = "reading_needs_memory"
    scope = "document"
    ended_a_worker = True
    path: Where
    megabytes: int


class ReadingCrashed(GroundkbError):
    code = "reading_crashed"
    scope = "document"
    ended_a_worker = True
    path: Where
    detail: Detail


class DocumentQuarantined(GroundkbError):
    code = "document_quarantined"
    scope = "document"
    permanent = True
    path: Where
    times: int
    detail: Detail


class WorkerFailed(GroundkbError):
    code = "worker_failed"
    status = 503
    detail: Detail


class JobGivenUp(GroundkbError):
    code = "job_given_up"
    times: int


class SystemRefused(GroundkbError):
    """The operating system does not let us do what a command needs."""

    code = "system_refused"
    detail: Detail


class DiskFull(GroundkbError):
    code = "disk_full"
    status = 507
    path: Where | Phrase
