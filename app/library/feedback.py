"""What users thought of answers, kept so that it can become a golden set."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import Engine, delete, select

from app.library.database import reading, writing
from app.library.stored import StoredAnswer, read
from app.library.tables import Feedback

_MARKERS = re.compile(r"\s*\[\d+\]")


@dataclass(frozen=True)
class FeedbackRow:
    """`reason` is one of the API's words or empty; `answer` what was shown, None when what is
    kept of it cannot be read."""

    id: str
    kb: str
    helpful: bool
    reason: str
    comment: str
    question: str
    answer: StoredAnswer | None
    version: str
    created_at: datetime


@dataclass(frozen=True)
class Judgement:
    """What was thought of a kept turn. `reason` is one of the API's words; empty: none was given."""

    helpful: bool
    reason: str
    comment: str


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
        turn_id: str | None = None,
    ) -> str:
        """The id of the entry; `answer` as `StoredAnswer.kept` gives it. Of a kept turn there is
        one judgement, under the turn's id: a later one takes its place."""
        row = Feedback(
            id=turn_id or str(uuid4()),
            kb=kb,
            helpful=helpful,
            reason=reason,
            comment=comment,
            question=question,
            answer=dict(answer),
            version=version,
        )
        with writing(self._engine) as session:
            return session.merge(row).id

    def withdraw(self, identifier: str) -> None:
        """One that is not there is no error."""
        with writing(self._engine) as session:
            session.execute(delete(Feedback).where(Feedback.id == identifier))

    def of_turns(self, turn_ids: Sequence[str]) -> dict[str, Judgement]:
        """By turn: what was thought of it."""
        with reading(self._engine) as session:
            rows = session.scalars(select(Feedback).where(Feedback.id.in_(turn_ids)))
            return {row.id: Judgement(row.helpful, row.reason, row.comment) for row in rows}

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
                    read(StoredAnswer, row.answer),
                    row.version,
                    row.created_at,
                )
                for row in rows
            ]


def as_golden_set(rows: Iterable[FeedbackRow]) -> Iterator[dict[str, Any]]:
    """Entries of a golden set (docs/evaluation.md), one for each question by its latest judgement.

    A helpful answer is one to look for, as are its quotes; a refusal found right, and an answer
    of which the user says that it should have been refused, are unanswerable questions. What else
    is unhelpful is left out: it says what is wrong, not what would be right.
    """
    latest = {row.question: row for row in rows}
    for row in latest.values():
        if row.answer is None:
            continue
        answered, citations = row.answer.answered, row.answer.citations
        if row.helpful and answered and citations:
            said = _MARKERS.sub("", row.answer.answer).strip()
            quotes = [citation.quote for citation in citations]
            yield {
                "id": row.id,
                "question": row.question,
                "answerable": True,
                "answers": list(dict.fromkeys([said, *quotes])),
                "documents": list(dict.fromkeys(_file(item.source) for item in citations)),
            }
        elif (row.helpful and not answered) or (not row.helpful and row.reason == "should_refuse"):
            yield {"id": row.id, "question": row.question, "answerable": False}


def _file(source: str) -> str:
    """What an evaluation finds the document by: its path, or only its name where it has no place
    on this machine (an upload)."""
    return source if source.startswith("file:") else source.rsplit("/", 1)[-1]
