"""Conversations: kept on the server, so that another browser finds them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import Engine, delete, func, or_, select
from sqlalchemy.orm import Session

from app.errors import ConversationNotFound
from app.library.database import reading, writing
from app.library.stored import StoredAnswer, read
from app.library.tables import Conversation, ConversationTurn, now

_TITLE_CHARS = 80


@dataclass(frozen=True)
class ConversationRow:
    id: str
    kb: str
    title: str
    turns: int
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True)
class TurnRow:
    """`answer` is what was shown, None when what is kept of it cannot be read; `position` counts
    from 0."""

    position: int
    question: str
    answer: StoredAnswer | None
    created_at: datetime


class Conversations:
    """An `answer` is given as `StoredAnswer.kept` gives it.

    Methods raise ConversationNotFound for an unknown id, and LibraryUnavailable."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def create(self, kb: str) -> str:
        """The id of a new conversation without turns; its first question will be its title."""
        with writing(self._engine) as session:
            return _new(session, kb).id

    def begin(self, kb: str, question: str, answer: Mapping[str, Any]) -> str:
        """The id of a new conversation with its first turn."""
        with writing(self._engine) as session:
            conversation = _new(session, kb)
            _add_turn(session, conversation, question, answer)
            return conversation.id

    def append(
        self,
        conversation_id: str,
        question: str,
        answer: Mapping[str, Any],
        position: int | None = None,
    ) -> int:
        """Add a question with its answer; the new turn's position.

        With `position` the turns from there on are dropped first, in the same transaction: a
        question was edited, or is asked again.
        """
        with writing(self._engine) as session:
            conversation = _get(session, conversation_id)
            if position is not None:
                _drop_turns(session, conversation, position)
            return _add_turn(session, conversation, question, answer)

    def find(
        self, kb: str | None = None, search: str = "", limit: int = 200
    ) -> list[ConversationRow]:
        """The latest used first; `search` is looked for in titles and questions, whatever the case."""
        turns = (
            select(ConversationTurn.conversation_id, func.count().label("turns"))
            .group_by(ConversationTurn.conversation_id)
            .subquery()
        )
        query = (
            select(Conversation, func.coalesce(turns.c.turns, 0))
            .outerjoin(turns, turns.c.conversation_id == Conversation.id)
            .order_by(Conversation.updated_at.desc())
            .limit(limit)
        )
        if kb is not None:
            query = query.where(Conversation.kb == kb)
        if search.strip():
            asked = select(ConversationTurn.conversation_id).where(
                ConversationTurn.question.icontains(search.strip(), autoescape=True)
            )
            query = query.where(
                or_(
                    Conversation.title.icontains(search.strip(), autoescape=True),
                    Conversation.id.in_(asked),
                )
            )
        with reading(self._engine) as session:
            return [_row(row, count) for row, count in session.execute(query)]

    def get(self, conversation_id: str) -> tuple[ConversationRow, list[TurnRow]]:
        with reading(self._engine) as session:
            row = _get(session, conversation_id)
            turns = [
                _turn(turn)
                for turn in session.scalars(
                    select(ConversationTurn)
                    .where(ConversationTurn.conversation_id == conversation_id)
                    .order_by(ConversationTurn.position)
                )
            ]
            return _row(row, len(turns)), turns

    def rename(self, conversation_id: str, title: str) -> None:
        with writing(self._engine) as session:
            _get(session, conversation_id).title = title.strip()

    def delete(self, conversation_id: str) -> None:
        with writing(self._engine) as session:
            session.delete(_get(session, conversation_id))
            session.execute(
                delete(ConversationTurn).where(ConversationTurn.conversation_id == conversation_id)
            )


def _new(session: Session, kb: str) -> Conversation:
    conversation = Conversation(id=str(uuid4()), kb=kb, title="")
    session.add(conversation)
    return conversation


def _add_turn(
    session: Session, conversation: Conversation, question: str, answer: Mapping[str, Any]
) -> int:
    last = session.scalar(
        select(func.max(ConversationTurn.position)).where(
            ConversationTurn.conversation_id == conversation.id
        )
    )
    position = 0 if last is None else last + 1
    session.add(
        ConversationTurn(
            conversation_id=conversation.id,
            position=position,
            question=question,
            answer=dict(answer),
        )
    )
    conversation.title = conversation.title or _title(question)
    conversation.updated_at = now()
    return position


def _drop_turns(session: Session, conversation: Conversation, position: int) -> None:
    """The title goes with the question that it was taken from; one given by the user stays."""
    first = session.get(ConversationTurn, (conversation.id, 0))
    if position == 0 and first is not None and conversation.title == _title(first.question):
        conversation.title = ""
    session.execute(
        delete(ConversationTurn).where(
            ConversationTurn.conversation_id == conversation.id,
            ConversationTurn.position >= position,
        )
    )


def _title(question: str) -> str:
    title = " ".join(question.split())
    return title if len(title) <= _TITLE_CHARS else title[: _TITLE_CHARS - 1] + "…"


def _get(session: Session, conversation_id: str) -> Conversation:
    row = session.get(Conversation, conversation_id)
    if row is None:
        raise ConversationNotFound(conversation=conversation_id)
    return row


def _turn(turn: ConversationTurn) -> TurnRow:
    return TurnRow(turn.position, turn.question, read(StoredAnswer, turn.answer), turn.created_at)


def _row(row: Conversation, turns: int) -> ConversationRow:
    return ConversationRow(row.id, row.kb, row.title, turns, row.created_at, row.updated_at)
