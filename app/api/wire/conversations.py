"""Kept conversations and their turns."""

from datetime import datetime
from typing import Annotated, Any, Self

from pydantic import Field, StringConstraints

from app.api.wire.answers import Answer
from app.api.wire.base import KbName, Wire
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
    answer: Answer
    created_at: datetime

    @classmethod
    def of(cls, conversation_id: str, row: TurnRow) -> Self:
        place = {"conversation_id": conversation_id, "position": row.position}
        return cls(
            position=row.position,
            question=row.question,
            answer=Answer.model_validate({**row.answer, **place}),
            created_at=row.created_at,
        )


class ConversationWithTurns(ConversationBody):
    turns: tuple[KeptTurn, ...] = Field(description="The earliest first.")
