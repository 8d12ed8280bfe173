"""What users thought of answers, kept so that it can become a golden set."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import ColumnElement, Engine, delete, select
from sqlalchemy.orm import Session

from app.library.database import reading, repeated, writing
from app.library.sight import EVERYTHING, Sight
from app.library.stored import StoredAnswer, documents_in, read
from app.library.tables import Conversation, ConversationTurn, Feedback

_ID_CHARS = 36
_MARKERS = re.compile(r"\s{0,8}\[\d{1,6}\]")


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

    def __init__(self, engine: Engine, sight: Sight = EVERYTHING) -> None:
        self._engine = engine
        self._sight = sight

    @repeated
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
        one judgement, under the turn's id: a later one takes its place. A turn of somebody else is
        none, and neither is what is longer than an id."""
        if turn_id is not None and len(turn_id) > _ID_CHARS:
            turn_id = None
        row = Feedback(
            id=turn_id or str(uuid4()),
            owner=self._sight.owner,
            kb=kb,
            helpful=helpful,
            reason=reason,
            comment=comment,
            question=question,
            answer=dict(answer),
            version=version,
        )
        with writing(self._engine) as session:
            if turn_id is not None and not self._owns(session, turn_id):
                row.id = str(uuid4())
            return session.merge(row).id

    @repeated
    def withdraw(self, identifier: str) -> None:
        """One that is not there is no error."""
        with writing(self._engine) as session:
            session.execute(delete(Feedback).where(Feedback.id == identifier, *self._own()))

    @repeated
    def forget(self, before: datetime) -> None:
        """Delete what was judged before that moment, whoever did."""
        with writing(self._engine) as session:
            session.execute(delete(Feedback).where(Feedback.created_at < before))

    def of_turns(self, turn_ids: Sequence[str]) -> dict[str, Judgement]:
        """By turn: what was thought of it."""
        with reading(self._engine) as session:
            rows = session.scalars(select(Feedback).where(Feedback.id.in_(turn_ids), *self._own()))
            return {row.id: Judgement(row.helpful, row.reason, row.comment) for row in rows}

    def all(self, kb: str) -> list[FeedbackRow]:
        """Oldest first; for who does not see all, his own, without what he may not read any more."""
        query = select(Feedback).where(Feedback.kb == kb).order_by(Feedback.created_at)
        if not self._sight.unlimited:
            query = query.where(*self._own())
        with reading(self._engine) as session:
            rows = [(row, read(StoredAnswer, row.answer)) for row in session.scalars(query)]
            hidden = self._sight.unreadable(session, kb, documents_in(answer for _, answer in rows))
            return [
                FeedbackRow(
                    row.id,
                    row.kb,
                    row.helpful,
                    row.reason,
                    row.comment,
                    row.question,
                    answer and answer.without(hidden),
                    row.version,
                    row.created_at,
                )
                for row, answer in rows
            ]

    def _own(self) -> tuple[ColumnElement[bool], ...]:
        owner = self._sight.owner
        return () if owner is None else (Feedback.owner == owner,)

    def _owns(self, session: Session, turn_id: str) -> bool:
        """Or nobody does: it is no kept turn."""
        owner = select(Conversation.owner).join(
            ConversationTurn, ConversationTurn.conversation_id == Conversation.id
        )
        row = session.execute(owner.where(ConversationTurn.id == turn_id)).first()
        judged = session.get(Feedback, turn_id)
        mine = {None, self._sight.owner} if self._sight.unlimited else {self._sight.owner}
        return self._sight.owner is None or (
            (row is None or row.owner in mine) and (judged is None or judged.owner in mine)
        )


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
            quotes, sources = [c.quote for c in citations], [c.source for c in citations]
            yield golden_case(row.id, row.question, row.answer.answer, quotes, sources)
        elif (row.helpful and not answered) or (not row.helpful and row.reason == "should_refuse"):
            yield {"id": row.id, "question": row.question, "answerable": False}


def golden_case(
    identifier: str, question: str, answer: str, quotes: Sequence[str], sources: Sequence[str]
) -> dict[str, Any]:
    """An answerable question: right is what holds the answer, without its marks, or one of the quotes."""
    said = _MARKERS.sub("", answer).strip()
    return {
        "id": identifier,
        "question": question,
        "answerable": True,
        "answers": list(dict.fromkeys([said, *quotes])),
        "documents": list(dict.fromkeys(map(_file, sources))),
    }


def _file(source: str) -> str:
    """What an evaluation finds the document by: its path, or only its name where it has no place
    on this machine (an upload)."""
    return source if source.startswith("file:") else source.rsplit("/", 1)[-1]
