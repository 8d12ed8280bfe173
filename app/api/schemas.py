"""The wire format. Field names and meanings are those of `app.answering.answer`, flattened for JSON.

All offsets are Unicode code points, end-exclusive. JavaScript counts UTF-16 units: use
`Array.from(text)` there, not `text.slice`.
"""

from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from app.answering import answer as data
from app.errors import Language
from app.index.protocol import Hit, Mode

KbName = Field(None, pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$", description="Unset: the default one.")


NEW_CONVERSATION = "new"


class Wire(BaseModel):
    model_config = ConfigDict(extra="forbid", from_attributes=True, frozen=True)


class ErrorDetail(Wire):
    code: str = Field(description="Stable and machine-readable.", examples=["chat_server_down"])
    message: str = Field(description="What happened, in the asker's language.")
    hint: str = Field(description="What to do about it.")


class ErrorBody(Wire):
    error: ErrorDetail


# --- asking -----------------------------------------------------------------------------


class FilterIn(Wire):
    """Only passages that meet every given condition."""

    document_ids: tuple[str, ...] = ()
    tags: tuple[str, ...] = Field(default=(), description="Any of them.")
    languages: tuple[Language, ...] = ()
    properties: dict[str, tuple[str, ...]] = Field(
        default={},
        description="From front matter or a metadata file: for each name, any of the values.",
        examples=[{"author": ["Li Lei"]}],
    )


class Turn(Wire):
    role: Literal["user", "assistant"]
    content: str


class AskRequest(Wire):
    question: str = Field(examples=["DeepSeek-V3 使用什么许可证？"])
    kb: str | None = KbName
    messages: tuple[Turn, ...] = Field(default=(), description="Earlier turns, oldest first.")
    conversation_id: str | None = Field(
        default=None,
        min_length=1,
        max_length=36,
        description="The kept conversation that this question belongs to, or `new` to begin one. "
        "Its turns are the history, so `messages` must be empty; its knowledge base is asked. "
        "The turn is kept once its answer or refusal is complete.",
    )
    position: int | None = Field(
        default=None,
        ge=0,
        description="Ask again from this turn of the conversation on, counted from 0: the turns "
        "from here on are replaced, once the new answer is complete. Unset: the next turn.",
    )
    filter: FilterIn = FilterIn()

    @model_validator(mode="after")
    def _one_history(self) -> Self:
        if self.conversation_id is not None and self.messages:
            raise ValueError("give conversation_id or messages, not both")
        if self.position is not None and self.conversation_id in (None, NEW_CONVERSATION):
            raise ValueError("position belongs to the conversation_id of a kept conversation")
        return self


class Citation(Wire):
    """`quote` is exactly characters `start` to `end` of the stored text of that revision."""

    marker: int = Field(description="The n of `[n]` in the answer.")
    document_id: str
    revision: str
    chunk_id: str
    title: str
    source: str
    quote: str
    start: int
    end: int
    page: int | None = Field(description="From 1; null where the format has no pages.")
    section: tuple[str, ...] = Field(description="Headings, outermost first.")


class RetrievedPassage(Wire):
    """A passage that was looked at; looked at is not cited."""

    chunk_id: str
    score: float = Field(description="Orders the passages of this answer; no meaning beyond it.")
    cited: bool
    shown: bool = Field(description="It was in the prompt.")
    document_id: str
    revision: str
    title: str
    source: str
    text: str
    start: int
    end: int
    page: int | None
    section: tuple[str, ...]

    @classmethod
    def of(cls, passage: data.RetrievedPassage) -> Self:
        found = passage.hit.passage
        return cls(
            chunk_id=found.id,
            score=passage.hit.score,
            cited=passage.cited,
            shown=passage.shown,
            document_id=found.document_id,
            revision=found.revision,
            title=found.title,
            source=found.source,
            text=found.text,
            start=found.start,
            end=found.end,
            page=found.page,
            section=found.section,
        )


class Statement(Wire):
    """A sentence of the answer: its characters `start` to `end`, and whether the documents bear it out."""

    start: int
    end: int
    supported: bool
    markers: tuple[int, ...]


class Span(Wire):
    start: int
    end: int


class Refusal(Wire):
    reason: data.RefusalReason
    message: str


class Models(Wire):
    chat: str
    embedding: str
    index: str
    gate: data.GateKind | None = Field(
        None,
        description="What decided whether to ask the chat model: thresholds found for it, the stated "
        "default, or, without token probabilities, its prompt alone; null when not reached.",
    )


class Usage(Wire):
    prompt_tokens: int | None
    completion_tokens: int | None
    dropped_chunks: int


class Timings(Wire):
    """Milliseconds since the question came in; null: that step was not reached."""

    retrieve: float
    first_token: float | None
    total: float


class Answer(Wire):
    """`answered` is false exactly when `refusal` is set; then there are no citations."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "answer": "DeepSeek-V3 的代码采用 MIT 许可证。[1]",
                "answered": True,
                "refusal": None,
                "language": "zh",
                "standalone_question": None,
                "citations": [
                    {
                        "marker": 1,
                        "document_id": "0b0c3f1e-5a53-5b0f-9d2e-6f1b6c1f7a10",
                        "revision": "9f2c…",
                        "chunk_id": "4a1d…",
                        "title": "DeepSeek-V3",
                        "source": "file:///library/deepseek.md",
                        "quote": "代码仓库采用 MIT 许可证。",
                        "start": 1204,
                        "end": 1219,
                        "page": None,
                        "section": ["DeepSeek-V3", "许可证"],
                    }
                ],
                "statements": [{"start": 0, "end": 24, "supported": True, "markers": [1]}],
                "unverified_quotes": [],
                "retrieved": [],
                "models": {
                    "chat": "ollama/qwen3:4b",
                    "embedding": "intfloat/multilingual-e5-small",
                    "index": "kb_default@3f9a0c5d1b2e",
                },
                "usage": {"prompt_tokens": 812, "completion_tokens": 41, "dropped_chunks": 0},
                "timings_ms": {"retrieve": 31, "first_token": 410, "total": 1630},
                "thoughts": "",
                "conversation_id": "7c9e6679-7425-40de-944b-e07fc1f90ae7",
                "position": 0,
                "not_kept": None,
            }
        }
    )

    answer: str
    answered: bool
    refusal: Refusal | None
    language: Language
    standalone_question: str | None = Field(description="The follow-up as it was understood.")
    citations: tuple[Citation, ...]
    statements: tuple[Statement, ...]
    unverified_quotes: tuple[Span, ...] = Field(
        description="Parts of the answer in quotation marks that no document holds."
    )
    retrieved: tuple[RetrievedPassage, ...]
    models: Models
    usage: Usage
    timings_ms: Timings
    thoughts: str = Field(description="A reasoning model's thinking; no part of the answer.")
    conversation_id: str | None = Field(description="Where the turn is kept; null: nowhere.")
    position: int | None = Field(description="Its place in the conversation, from 0.")
    not_kept: ErrorDetail | None = Field(
        description="Why the turn could not be kept: the conversation was deleted meanwhile, or "
        "the database is down. The answer itself is whole."
    )

    @classmethod
    def of(cls, answer: data.Answer) -> Self:
        """The answer outside any conversation."""
        return cls(
            answer=answer.answer,
            answered=answer.answered,
            refusal=Refusal.model_validate(answer.refusal) if answer.refusal else None,
            language=answer.language,
            standalone_question=answer.standalone_question,
            citations=tuple(Citation.model_validate(item) for item in answer.citations),
            statements=tuple(Statement.model_validate(item) for item in answer.statements),
            unverified_quotes=tuple(
                Span(start=start, end=end) for start, end in answer.unverified_quotes
            ),
            retrieved=tuple(RetrievedPassage.of(item) for item in answer.retrieved),
            models=Models.model_validate(answer.models),
            usage=Usage.model_validate(answer.usage),
            timings_ms=Timings.model_validate(answer.timings_ms),
            thoughts=answer.thoughts,
            conversation_id=None,
            position=None,
            not_kept=None,
        )


# --- searching --------------------------------------------------------------------------


class SearchRequest(Wire):
    question: str = Field(examples=["context length of Yi-34B"])
    kb: str | None = KbName
    limit: int = Field(default=8, ge=1, le=100)
    mode: Mode = "hybrid"
    filter: FilterIn = FilterIn()


class FoundPassage(Wire):
    chunk_id: str
    score: float = Field(description="Orders the passages of this search; no meaning beyond it.")
    document_id: str
    revision: str
    ordinal: int
    title: str
    source: str
    text: str
    start: int
    end: int
    best_window: Span = Field(description="The sentences nearest to the question.")
    page: int | None
    section: tuple[str, ...]
    language: Language
    tags: tuple[str, ...]

    @classmethod
    def of(cls, hit: Hit) -> Self:
        found = hit.passage
        start, end = found.windows[hit.best_window]
        return cls(
            chunk_id=found.id,
            score=hit.score,
            document_id=found.document_id,
            revision=found.revision,
            ordinal=found.ordinal,
            title=found.title,
            source=found.source,
            text=found.text,
            start=found.start,
            end=found.end,
            best_window=Span(start=start, end=end),
            page=found.page,
            section=found.section,
            language=found.language,
            tags=found.tags,
        )


class SearchResult(Wire):
    passages: tuple[FoundPassage, ...]
    index: str
    timings_ms: dict[str, float]

    @classmethod
    def of(cls, result: data.SearchResult) -> Self:
        return cls(
            passages=tuple(FoundPassage.of(hit) for hit in result.passages),
            index=result.index,
            timings_ms=result.timings_ms,
        )


# --- health -----------------------------------------------------------------------------


class Live(Wire):
    status: Literal["ok"] = "ok"
    version: str
    instance: str = Field(description="Drawn anew at each start.")


class Check(Wire):
    part: Literal["service", "chat", "index", "library", "embedding"]
    ok: bool
    ms: float
    error: ErrorDetail | None = None


class ChatChoice(Wire):
    provider: Literal["ollama", "openai", "embedded"]
    model: str
    reason: str = Field(description="Why this chat model was taken.")


class Ready(Wire):
    """Answered with 503, and with `error` set, unless every check is ok."""

    status: Literal["ready", "starting", "not_ready"]
    checks: tuple[Check, ...]
    chat: ChatChoice | None = None
    embedding: str | None = None
    error: ErrorDetail | None = None


def json_schemas(models: tuple[type[BaseModel], ...]) -> dict[str, Any]:
    """The schemas of models that no route returns (stream events), by name, for OpenAPI's components."""
    found: dict[str, Any] = {}
    for model in models:
        schema = model.model_json_schema(
            ref_template="#/components/schemas/{model}", mode="serialization"
        )
        found.update(schema.pop("$defs", {}))
        found[model.__name__] = schema
    return found
