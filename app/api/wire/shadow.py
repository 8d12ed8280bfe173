"""Tests of another chat model or other settings."""

from datetime import datetime
from typing import Any, Self

from pydantic import Field, model_validator

from app.answering.shadow import Pair
from app.api.wire.base import Wire
from app.errors import Inconsistent, Phrase
from app.library.shadow import ShadowState, Tried
from ingest.reindex import ReindexProgress


class ShadowIn(Wire):
    chat: str | None = Field(
        None,
        min_length=1,
        max_length=200,
        description="`embedded`, `ollama/NAME`, `openai/NAME`, or a name of the server that is in use; null: the same.",
        examples=["ollama/qwen3:8b"],
    )
    settings: dict[str, Any] = Field(
        default={},
        max_length=20,
        description="Settings of answering by name, without their prefix; and `embedding_model`, "
        "`embedding_revision`, `embedding_query_prefix`, `embedding_passage_prefix`, which need an index of their own.",
        examples=[{"context_passages": 6}],
    )
    share: float = Field(0.2, gt=0, le=1, description="Of the questions.")

    @model_validator(mode="after")
    def _something(self) -> Self:
        if self.chat is None and not self.settings:
            raise Inconsistent(Phrase("shadow_empty"))
        return self


class ShadowTestBody(Wire):
    id: str
    tried: Tried
    share: float
    state: ShadowState
    started_at: datetime
    ended_at: datetime | None


class IntervalBody(Wire):
    """A figure with its 95 % interval over `n` cases; null without any."""

    value: float | None
    low: float | None
    high: float | None
    n: int


class ComparedBody(Wire):
    given: IntervalBody
    other: IntervalBody
    difference: IntervalBody = Field(description="Other less given, by pairs.")


class ShadowReportBody(Wire):
    pairs: int
    agreement: IntervalBody = Field(
        description="Both refused, or both cite a passage in common and name the same numbers."
    )
    refused: ComparedBody
    supported: ComparedBody = Field(description="Share of the statements.")
    seconds: ComparedBody = Field(description="To the whole answer.")
    first: ComparedBody = Field(description="Seconds to the first checked piece.")
    differing: tuple[Pair, ...] = Field(description="The newest 50.")


class ShadowStatus(Wire):
    """Null: there was no test."""

    test: ShadowTestBody | None
    report: ShadowReportBody | None
    building: ReindexProgress | None = Field(
        None,
        description="How far the index of the embedding model that is tried is; null: none is built just now.",
    )
    to_set: dict[str, str] = Field(
        {}, description="After a promotion: what the settings have to name before the next start."
    )


class Promotion(Wire):
    rollback: bool = False
