"""Searching, without an answer. `SearchResult` is the core's with its passages flattened for JSON."""

from typing import Self

from pydantic import Field

from app.answering import answer as data
from app.api.wire.answers import FilterIn, PassageBody, of_hit
from app.api.wire.base import KbName, Span, Wire
from app.errors import Language
from app.index.protocol import Hit, Mode


class SearchRequest(Wire):
    question: str = Field(examples=["context length of Yi-34B"])
    kb: str | None = KbName
    limit: int = Field(default=8, ge=1, le=100)
    mode: Mode = "hybrid"
    filter: FilterIn = FilterIn()


class FoundPassage(PassageBody):
    ordinal: int
    best_window: Span = Field(description="The sentences nearest to the question.")
    page: int | None = Field(description="Of `best_window`, from 1; null without pages.")
    section: tuple[str, ...] = Field(description="The heading path of `best_window`.")
    language: Language
    tags: tuple[str, ...]

    @classmethod
    def of(cls, hit: Hit) -> Self:
        found = hit.passage
        start, end = found.windows[hit.best_window]
        place = found.place_of(start, end)
        return cls(
            **of_hit(hit),
            ordinal=found.ordinal,
            best_window=Span(start=start, end=end),
            page=place.page,
            section=place.section,
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
