"""What users think of answers."""

from typing import Literal

from pydantic import Field

from app.api.wire.answers import Answer
from app.api.wire.base import KbName, Wire

Reason = Literal[
    "", "wrong", "incomplete", "wrong_source", "should_refuse", "should_answer", "other"
]


class FeedbackIn(Wire):
    kb: str | None = KbName
    question: str = Field(min_length=1, max_length=4_000, description="As it was asked.")
    answer: Answer = Field(description="As it was given: citations and models are kept with it.")
    helpful: bool
    reason: Reason = ""
    comment: str = Field(default="", max_length=4_000)


class FeedbackKept(Wire):
    id: str
