"""Answers that an owner wrote."""

from datetime import datetime

from pydantic import Field

from app.answering.curated import CuratedState
from app.api.wire.base import Wire


class QuoteIn(Wire):
    document_id: str
    quote: str = Field(min_length=1, max_length=4_000, description="Exact words of its text.")


class CuratedIn(Wire):
    question: str = Field(min_length=1, max_length=2_000)
    answer: str = Field(
        min_length=1,
        max_length=8_000,
        description="`[1]` marks the first quote, and so on; without marks all stand at the end.",
    )
    quotes: tuple[QuoteIn, ...] = Field(min_length=1, max_length=16)


class CuratedQuoteBody(Wire):
    document_id: str
    revision: str = Field(description="The document's when the answer was written.")
    quote: str


class CuratedBody(Wire):
    id: str
    question: str
    answer: str
    quotes: tuple[CuratedQuoteBody, ...]
    created_at: datetime
    state: CuratedState = Field(
        description="`given` to questions that ask the same; `changed`: given, and a source has a new "
        "revision in which its quotes still stand; `withheld`: a quote stands no more."
    )


class CuratedList(Wire):
    answers: tuple[CuratedBody, ...] = Field(description="The oldest first.")
