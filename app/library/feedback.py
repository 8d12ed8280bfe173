"""What users thought of answers, kept so that it can become a golden set."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import Engine, select

from app.library.database import reading, writing
from app.library.tables import Feedback


@dataclass(frozen=True)
class FeedbackRow:
    """`reason` is one of the API's words or empty; `answer` the answer as the API gave it."""

    id: str
    kb: str
    helpful: bool
    reason: str
    comment: str
    question: str
    answer: Mapping[str, Any]
    version: str
    created_at: datetime


class FeedbackStore:
    """Methods raise LibraryUnavailable."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(
        self,
        *,
        kb: str,
        helpful: bool,
        reason: str,
        comment: str,
        question: str,
        answer: Mapping[str, Any],
        version: str,
    ) -> str:
        """The id of the new entry."""
        row = Feedback(
            id=str(uuid4()),
            kb=kb,
            helpful=helpful,
            reason=reason,
            comment=comment,
            question=question,
            answer=dict(answer),
            version=version,
        )
        with writing(self._engine) as session:
            session.add(row)
        return row.id

    def all(self, kb: str) -> list[FeedbackRow]:
        """Oldest first."""
        with reading(self._engine) as session:
            rows = session.scalars(
                select(Feedback).where(Feedback.kb == kb).order_by(Feedback.created_at)
            )
            return [
                FeedbackRow(
                    row.id,
                    row.kb,
                    row.helpful,
                    row.reason,
                    row.comment,
                    row.question,
                    row.answer,
                    row.version,
                    row.created_at,
                )
                for row in rows
            ]


def as_golden_set(rows: list[FeedbackRow]) -> Iterator[dict[str, Any]]:
    """Helpful answers as entries of a golden set (docs/evaluation.md): what was quoted is the
    answer to look for, and a refusal that was found right is an unanswerable question.

    Unhelpful ones are left out: they say what is wrong, not what would be right.
    """
    for row in rows:
        if not row.helpful:
            continue
        citations = row.answer.get("citations", [])
        yield {
            "question": row.question,
            "answerable": bool(row.answer.get("answered")),
            "answers": [citation["quote"] for citation in citations],
            "document": citations[0]["source"] if citations else None,
        }
