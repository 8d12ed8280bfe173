"""The events of streams: their names, and their models where they are nothing else's.

An event is a `Wire` model, or a dataclass of the core's whose shape is what the wire says.
"""

from typing import Any, Final

from pydantic import Field, TypeAdapter

from app.answering import answer as data
from app.api.wire.answers import Answer, RetrievedPassage
from app.api.wire.base import ErrorBody, Wire
from app.api.wire.jobs import Job
from app.api.wire.syncs import DocumentDone, SyncJob, SyncReport
from ingest.reindex import ReindexProgress, ReindexReport
from ingest.report import Planned, SyncProgress


class Retrieved(Wire):
    """Event `retrieved`, the first: what the answer will be made from."""

    retrieved: tuple[RetrievedPassage, ...]
    standalone_question: str | None


class Asked(Wire):
    """Event `asked`, in a conversation before all others: the question is stored, and its answer
    is made to its end, whoever listens."""

    conversation_id: str
    turn_id: str
    position: int
    version: int = Field(description="From 1; above 1 the question was edited or asked again.")


class Queued(Wire):
    """Event `queued`: others are answered first; sent again whenever the place changes."""

    place: int = Field(description="1: the next.")


AskEvent = (
    Asked
    | Queued
    | data.Stage
    | Retrieved
    | data.EvidenceFound
    | data.TokenPiece
    | data.ThoughtPiece
    | data.Citations
    | Answer
)

# The event's name on the wire. `done` carries the whole answer.
NAMES: Final[dict[type[Any], str]] = {
    Asked: "asked",
    Queued: "queued",
    data.Stage: "stage",
    Retrieved: "retrieved",
    data.EvidenceFound: "evidence",
    data.TokenPiece: "token",
    data.ThoughtPiece: "thought",
    data.Citations: "citations",
    Answer: "done",
    SyncJob: "begun",
    Planned: "planned",
    SyncProgress: "progress",
    DocumentDone: "document",
    SyncReport: "report",
    ReindexProgress: "reindexing",
    ReindexReport: "reindexed",
    Job: "job",
    ErrorBody: "error",
}
_ADAPTERS: Final[dict[str, TypeAdapter[Any]]] = {
    name: TypeAdapter(kind) for kind, name in NAMES.items()
}


def wire_ask_event(event: data.Event) -> AskEvent:
    """An event of the answerer in the wire format."""
    match event:
        case data.Retrieved():
            return Retrieved(
                retrieved=tuple(RetrievedPassage.of(item) for item in event.passages),
                standalone_question=event.standalone_question,
            )
        case data.Done():
            return Answer.of(event.answer)
        case _:
            return event


def event_json(event: object) -> tuple[str, str]:
    """An event's name, and itself as JSON."""
    name = NAMES[type(event)]
    return name, _ADAPTERS[name].dump_json(event).decode()


def event_of(name: str, text: str) -> Any:
    """The inverse of `event_json`. Raises KeyError for an unknown name, and ValidationError."""
    return _ADAPTERS[name].validate_json(text)


def event_schemas() -> dict[str, Any]:
    """The schemas of all events, by name, for OpenAPI's components: no route's signature names them."""
    found: dict[str, Any] = {}
    for kind, name in NAMES.items():
        schema = _ADAPTERS[name].json_schema(
            ref_template="#/components/schemas/{model}", mode="serialization"
        )
        found.update(schema.pop("$defs", {}))
        found[kind.__name__] = schema
    return found
