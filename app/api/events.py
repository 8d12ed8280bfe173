"""Stream events: their wire models, and Server-Sent Events as bytes."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Literal, Self

from fastapi.sse import KEEPALIVE_COMMENT, format_sse_event
from pydantic import BaseModel, Field

from app.answering import answer as data
from app.api.schemas import Answer, Citation, ErrorBody, ErrorDetail, RetrievedPassage, Wire
from app.errors import Language
from app.library.jobs import JobKind, JobRow, JobStage, JobStatus
from ingest import report


class Retrieved(Wire):
    """Event `retrieved`, the first: what the answer will be made from."""

    retrieved: tuple[RetrievedPassage, ...]
    standalone_question: str | None


class Token(Wire):
    """Event `token`: a piece of the draft. What counts is the answer in `done`."""

    text: str


class Thought(Wire):
    """Event `thought`: a piece of a reasoning model's thinking."""

    text: str


class Citations(Wire):
    """Event `citations`, after the last token: the verified quotes."""

    citations: tuple[Citation, ...]


AskEvent = Retrieved | Token | Thought | Citations | Answer


class Planned(Wire):
    """Event `planned` of a sync: documents, and bytes of the added and changed ones."""

    added: int
    changed: int
    removed: int
    unchanged: int
    bytes: int


class DocumentDone(Wire):
    """Event `document` of a sync: one document is finished."""

    source: str
    outcome: report.Outcome
    chunks: int
    bytes: int
    message: str | None
    message_zh: str | None


class FailedDocument(Wire):
    source: str
    code: str
    message: str
    hint: str
    message_zh: str
    hint_zh: str
    permanent: bool


class SyncReport(Wire):
    """Event `report`, the last of a sync. Counts are documents; `chunks` those written."""

    kb: str
    added: int
    changed: int
    removed: int
    unchanged: int
    failed: tuple[FailedDocument, ...]
    chunks: int
    seconds: float
    dry_run: bool
    would_remove: tuple[str, ...]
    chunks_per_second: float
    stopped: bool

    @property
    def exit_code(self) -> int:
        """0: done; 3: some documents failed, or it was stopped before all were done."""
        return 3 if self.failed or self.stopped else 0


class Job(Wire):
    """A piece of work on the library: event `job` of a stream, sent at each change."""

    id: str
    kind: JobKind
    kb: str
    source: str = Field(description="What it works on, for people: a file's URI, folders.")
    status: JobStatus
    stage: JobStage
    progress: float = Field(ge=0, le=1)
    document_id: str | None = Field(description="Of an upload.")
    source_id: str | None = Field(description="Of the registered source that is synced.")
    error: ErrorDetail | None
    report: SyncReport | None = Field(description="What a sync or upload did.")
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None

    @classmethod
    def of(cls, row: JobRow, language: Language) -> Self:
        plain = {
            name: getattr(row, name) for name in cls.model_fields if name not in ("error", "report")
        }
        report = SyncReport.model_validate(row.report) if row.report else None
        return cls(**plain, error=kept_error(row.error, language), report=report)


class Reindexing(Wire):
    """How far a reindex is: `done` of `total` documents of a knowledge base are built."""

    kb: str
    phase: Literal["building", "waiting", "switching"]
    done: int
    total: int


class Reindexed(Wire):
    """Event `reindexed`, the last of a reindex."""

    model: str
    collections: tuple[str, ...] = Field(description="What questions are put to now.")
    previous: tuple[str, ...] = Field(description="What a rollback goes back to.")
    documents: int = Field(description="Embedded by this run.")
    chunks: int
    as_text: tuple[str, ...] = Field(
        description="Sources whose original can no longer be parsed: the stored text was indexed."
    )
    seconds: float
    switched: bool = Field(description="False: these collections were in use already.")
    to_set: dict[str, str] = Field(
        description="Environment variables to be set before the next start."
    )


SyncEvent = Planned | DocumentDone | SyncReport

# The event's name on the wire. `done` carries the whole answer.
NAMES: dict[type[BaseModel], str] = {
    Retrieved: "retrieved",
    Token: "token",
    Thought: "thought",
    Citations: "citations",
    Answer: "done",
    Planned: "planned",
    DocumentDone: "document",
    SyncReport: "report",
    Reindexing: "reindexing",
    Reindexed: "reindexed",
    Job: "job",
    ErrorBody: "error",
}
MODELS: dict[str, type[BaseModel]] = {name: model for model, name in NAMES.items()}


def wire_ask_event(event: data.Event) -> AskEvent:
    """An event of the answerer in the wire format."""
    match event:
        case data.Retrieved():
            return Retrieved(
                retrieved=tuple(RetrievedPassage.of(item) for item in event.passages),
                standalone_question=event.standalone_question,
            )
        case data.TokenPiece():
            return Token(text=event.text)
        case data.ThoughtPiece():
            return Thought(text=event.text)
        case data.Citations():
            return Citations(
                citations=tuple(Citation.model_validate(item) for item in event.citations)
            )
        case data.Done():
            return Answer.of(event.answer)


def wire_sync_event(event: report.SyncEvent | report.SyncReport) -> SyncEvent:
    """An event of a sync, or its report, in the wire format."""
    match event:
        case report.Planned():
            return Planned.model_validate(event)
        case report.DocumentDone():
            return DocumentDone.model_validate(event)
        case report.SyncReport():
            return SyncReport.model_validate(event.as_json())


def frame(event: BaseModel) -> bytes:
    """One Server-Sent Event."""
    return format_sse_event(event=NAMES[type(event)], data_str=event.model_dump_json())


HEARTBEAT = KEEPALIVE_COMMENT


def stream_description(models: Iterable[type[BaseModel]]) -> dict[str, object]:
    """OpenAPI's description of a `text/event-stream` answer made of these events and `error`."""
    kinds: list[type[BaseModel]] = [*models, ErrorBody]
    return {
        "schema": {
            "type": "string",
            "description": "Server-Sent Events. `event:` names the kind, `data:` is JSON: "
            + ", ".join(f"`{NAMES[kind]}` is {kind.__name__}" for kind in kinds)
            + ". Lines that begin with `:` are heartbeats.",
        }
    }


def in_language(kept: Mapping[str, Any], language: Language) -> dict[str, str]:
    """`code`, `message` and `hint`, in the reader's language, of an error that was kept in both
    (GroundkbError.in_both_languages)."""
    suffix = "_zh" if language == "zh" else ""
    return {
        "code": kept["code"],
        "message": kept[f"message{suffix}"],
        "hint": kept[f"hint{suffix}"],
    }


def kept_error(kept: Mapping[str, Any] | None, language: Language) -> ErrorDetail | None:
    """The error of a job that failed; None for none."""
    return None if kept is None else ErrorDetail(**in_language(kept, language))
