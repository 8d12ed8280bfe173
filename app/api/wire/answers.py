"""A question and its answer. Field names and meanings are those of `app.answering.answer`, whose
small types stand here as they are. `Answer` has its place in a conversation besides, `RetrievedPassage` is
its passage flattened for JSON, with one window instead of all.

All offsets are Unicode code points, end-exclusive. JavaScript counts UTF-16 units: use
`Array.from(text)` there, not `text.slice`.
"""

from typing import Annotated, Any, Final, Self

from pydantic import ConfigDict, Field, StringConstraints, model_validator

from app.answering import answer as data
from app.api.wire.base import KB_PATTERN, ErrorDetail, KbName, Span, Wire, forgiving
from app.errors import Inconsistent, Language, Phrase
from app.index.protocol import Hit
from app.library.stored import StoredAnswer

NEW_CONVERSATION: Final = "new"


# As long as what is kept of them: nothing longer can be found.
Name = Annotated[str, StringConstraints(max_length=200)]


class ScopeIn(Wire):
    """The documents that are named, have one of the tags, or lie under one of the folders, and the
    whole of the named knowledge bases: each that is given widens it. Empty: all."""

    document_ids: tuple[Name, ...] = Field(default=(), max_length=1_000)
    tags: tuple[Name, ...] = Field(default=(), max_length=100)
    folders: tuple[Annotated[str, StringConstraints(max_length=2_000)], ...] = Field(
        default=(),
        max_length=100,
        description="The address that the documents' sources begin with, up to a slash.",
        examples=[["file:///library/handbooks"]],
    )
    knowledge_bases: tuple[Annotated[str, StringConstraints(pattern=KB_PATTERN)], ...] = Field(
        default=(),
        max_length=20,
        description="Searched as a whole. The question's own one only if it is named here, or if "
        "documents, tags or folders of it are.",
    )


class FilterIn(Wire):
    """Only passages that meet every given condition."""

    document_ids: tuple[Name, ...] = Field(default=(), max_length=1_000)
    tags: tuple[Name, ...] = Field(default=(), max_length=100, description="Any of them.")
    languages: tuple[Language, ...] = Field(default=(), max_length=10)
    properties: dict[Name, Annotated[tuple[Name, ...], Field(max_length=100)]] = Field(
        default={},
        max_length=20,
        description="From front matter or a metadata file: for each name, any of the values.",
        examples=[{"author": ["Li Lei"]}],
    )
    scope: ScopeIn = ScopeIn()


class AskRequest(Wire):
    question: str = Field(examples=["DeepSeek-V3 使用什么许可证？"])
    kb: str | None = KbName
    messages: tuple[data.Turn, ...] = Field(default=(), description="Earlier turns, oldest first.")
    conversation_id: str | None = Field(
        default=None,
        min_length=1,
        max_length=36,
        description="The kept conversation that this question belongs to, or `new` to begin one. "
        "Its turns are the history, so `messages` must be empty; its knowledge base is asked. "
        "The turn is kept from when it is asked.",
    )
    position: int | None = Field(
        default=None,
        ge=0,
        description="Ask in the place of this turn of the conversation, counted from 0: as another "
        "version of it, which is shown from now on. Unset: the next turn.",
    )
    filter: FilterIn = FilterIn()
    mode: data.AnswerMode = Field(
        default="auto",
        description="`auto`: written by the chat model and checked; `quotes`: the sentences that "
        "answer, verbatim, without the chat model.",
    )
    fresh: bool = Field(
        default=False,
        description="Have the answer made, although one to an equal question may be kept (`GROUNDKB_ANSWERS_AGAIN`). "
        "Another version of a turn is always made.",
    )

    @model_validator(mode="after")
    def _one_history(self) -> Self:
        if self.conversation_id is not None and self.messages:
            raise Inconsistent(Phrase("one_history"))
        if self.position is not None and self.conversation_id in (None, NEW_CONVERSATION):
            raise Inconsistent(Phrase("position_without_conversation"))
        return self


class PassageBody(Wire):
    """What a passage is made of, wherever one is shown."""

    chunk_id: str
    score: float = Field(description="Orders the passages beside it; no meaning beyond that.")
    document_id: str
    revision: str
    title: str
    source: str
    text: str
    start: int
    end: int
    page: int | None
    section: tuple[str, ...]
    kb: str | None = Field(None, description="Where it is from; null: where the question went.")


def of_hit(hit: Hit) -> dict[str, Any]:
    """The fields of `PassageBody` but its place, which is the passage's or its best window's."""
    found = hit.passage
    return {
        "chunk_id": found.id,
        "score": hit.score,
        "document_id": found.document_id,
        "revision": found.revision,
        "title": found.title,
        "source": found.source,
        "text": found.text,
        "start": found.start,
        "end": found.end,
        "kb": found.kb,
    }


class RetrievedPassage(PassageBody):
    """A passage that was looked at; looked at is not cited."""

    cited: bool
    shown: bool = Field(description="It was in the prompt.")
    best_window: Span | None = Field(
        None, description="The sentences nearest to the question; null: given before 0.2.0."
    )

    @classmethod
    def of(cls, passage: data.RetrievedPassage) -> Self:
        found = passage.hit.passage
        windows = found.windows[passage.hit.best_window :]
        return cls(
            **of_hit(passage.hit),
            cited=passage.cited,
            shown=passage.shown,
            best_window=Span(start=windows[0][0], end=windows[0][1]) if windows else None,
            page=found.page,
            section=found.section,
        )


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
                "kind": "written",
                "evidence": [],
                "left_out": 0,
                "conversation_id": "7c9e6679-7425-40de-944b-e07fc1f90ae7",
                "position": 0,
                "not_kept": None,
            }
        }
    )

    answer: str
    answered: bool
    refusal: data.Refusal | None
    language: Language
    standalone_question: str | None = Field(description="The follow-up as it was understood.")
    citations: tuple[data.Citation, ...]
    statements: tuple[data.Statement, ...]
    unverified_quotes: tuple[Span, ...] = Field(
        description="Parts of the answer in quotation marks that no document holds."
    )
    retrieved: tuple[RetrievedPassage, ...]
    models: data.Models
    usage: data.Usage
    timings_ms: data.Timings
    thoughts: str = Field(description="A reasoning model's thinking; no part of the answer.")
    kind: data.AnswerKind = Field(
        description="`written` by the chat model and checked, `quotes` from the documents, "
        "`computed` over rows, a `greeting`, or `curated`: written by the owner, with verified quotes."
    )
    evidence: tuple[data.Citation, ...] = Field(
        description="What the reader found before the answer was written, best first; `marker` is "
        "the rank. A refusal may have it, too: the nearest that was found."
    )
    left_out: int = Field(
        description="Statements that the chat model wrote and the documents do not bear out."
    )
    again: bool = Field(
        False,
        description="It was made for an equal question before, and nothing that it depends on has changed since.",
    )
    differ: bool = Field(
        False,
        description="Two documents say different things of what was asked, and both are given, the later first.",
    )
    conversation_id: str | None = Field(description="Where the turn is kept; null: nowhere.")
    position: int | None = Field(description="Its place in the conversation, from 0.")
    turn_id: str | None = Field(None, description="Its id in the conversation.")
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
            refusal=answer.refusal,
            language=answer.language,
            standalone_question=answer.standalone_question,
            citations=answer.citations,
            statements=answer.statements,
            unverified_quotes=tuple(
                Span(start=start, end=end) for start, end in answer.unverified_quotes
            ),
            retrieved=tuple(RetrievedPassage.of(item) for item in answer.retrieved),
            models=answer.models,
            usage=answer.usage,
            timings_ms=answer.timings_ms,
            thoughts=answer.thoughts,
            kind=answer.kind,
            evidence=answer.evidence,
            left_out=answer.left_out,
            again=answer.again,
            differ=answer.differ,
            conversation_id=None,
            position=None,
            turn_id=None,
            not_kept=None,
        )

    @classmethod
    def partly(
        cls,
        text: str,
        language: Language,
        *,
        models: data.Models,
        citations: tuple[data.Citation, ...] = (),
        evidence: tuple[data.Citation, ...] = (),
        retrieved: tuple[RetrievedPassage, ...] = (),
        standalone_question: str | None = None,
    ) -> Self:
        """What was said of an answer that was stopped."""
        return cls(
            answer=text,
            answered=True,
            refusal=None,
            language=language,
            standalone_question=standalone_question,
            citations=citations,
            statements=(),
            unverified_quotes=(),
            retrieved=retrieved,
            models=models,
            usage=data.Usage(None, None, 0),
            timings_ms=data.Timings(0.0, None, 0.0),
            thoughts="",
            kind="written",
            evidence=evidence,
            left_out=0,
            conversation_id=None,
            position=None,
            turn_id=None,
            not_kept=None,
        )

    def to_keep(self) -> dict[str, Any]:
        """As the library keeps it, without its place there."""
        return StoredAnswer.model_validate(self.model_dump(mode="json")).kept()

    @classmethod
    def of_kept(
        cls, kept: StoredAnswer, conversation_id: str, position: int, turn_id: str
    ) -> Self | None:
        """As it was given, whichever version gave it; None when this version can make nothing of it."""
        place = {
            "conversation_id": conversation_id,
            "position": position,
            "turn_id": turn_id,
            "not_kept": None,
        }
        return forgiving(cls, {**kept.plain(), **place})
