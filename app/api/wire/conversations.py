"""Kept conversations and their turns."""

from datetime import datetime
from typing import Annotated, Any, Self

from pydantic import Field, StringConstraints

from app.api.wire.answers import Answer
from app.api.wire.base import ErrorDetail, KbName, Wire
from app.library.conversations import ConversationRow, TurnRow


class NewConversation(Wire):
    kb: str | None = KbName


class Renaming(Wire):
    title: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]


class ConversationBody(Wire):
    id: str
    kb: str
    title: str = Field(description="Its first question unless renamed; empty before the first.")
    turn_count: int
    created_at: datetime
    updated_at: datetime = Field(description="When its last turn was kept.")

    @classmethod
    def of(cls, row: ConversationRow, **more: Any) -> Self:
        return cls(
            id=row.id,
            kb=row.kb,
            title=row.title,
            turn_count=row.turns,
            created_at=row.created_at,
            updated_at=row.updated_at,
            **more,
        )


class ConversationList(Wire):
    conversations: tuple[ConversationBody, ...] = Field(description="The latest used first.")


class KeptTurn(Wire):
    position: int = Field(description="From 0.")
    question: str = Field(description="As it was asked.")
    answer: Answer | None = Field(description="As it was given; null when it cannot be read.")
    problem: ErrorDetail | None = Field(description="Why there is no answer.")
    created_at: datetime

    @classmethod
    def of(cls, conversation_id: str, row: TurnRow, unreadable: ErrorDetail) -> Self:
        """`unreadable` is what is said in the place of an answer that cannot be read."""
        kept = row.answer
        answer = Answer.of_kept(kept, conversation_id, row.position) if kept else None
        return cls(
            position=row.position,
            question=row.question,
            answer=answer,
            problem=None if answer else unreadable,
            created_at=row.created_at,
        )


class ConversationWithTurns(ConversationBody):
    turns: tuple[KeptTurn, ...] = Field(description="The earliest first.")
