"""Kept conversations and their turns."""

from datetime import datetime
from typing import Annotated, Any, Final, Self

from pydantic import Field, StringConstraints

from app.api.wire.answers import Answer, FilterIn
from app.api.wire.base import ErrorDetail, KbName, Wire, error_detail, forgiving, told_kept
from app.errors import AnswerInterrupted, AnswerStopped, KeptUnreadable
from app.library.conversations import ConversationRow, TurnRow, TurnStatus
from app.library.feedback import Judgement

# Why there is no whole answer, where nothing failed.
ENDED_EARLY: Final[dict[TurnStatus, type[AnswerStopped | AnswerInterrupted]]] = {
    "stopped": AnswerStopped,
    "interrupted": AnswerInterrupted,
}


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
    shared: bool = Field(description="Others may open it by a link.")

    @classmethod
    def of(cls, row: ConversationRow, **more: Any) -> Self:
        return cls(
            id=row.id,
            kb=row.kb,
            title=row.title,
            turn_count=row.turns,
            created_at=row.created_at,
            updated_at=row.updated_at,
            shared=row.shared,
            **more,
        )


class ConversationList(Wire):
    conversations: tuple[ConversationBody, ...] = Field(description="The latest used first.")
    total: int = Field(description="Conversations that match, on all pages.")


class KeptTurn(Wire):
    id: str
    position: int = Field(description="From 0.")
    question: str = Field(description="As it was asked.")
    status: TurnStatus = Field(
        description="running: follow it by its events; stopped: `answer` is what was said so far; "
        "interrupted: its server ended before it did."
    )
    answer: Answer | None = Field(description="As it was given; null: see `problem`.")
    problem: ErrorDetail | None = Field(description="Why there is no answer, or no whole one.")
    versions: tuple[str, ...] = Field(
        description="The ids of all turns in this place, the oldest first, its own among them: a "
        "question that is edited or asked again is a version more."
    )
    filter: FilterIn = Field(description="What it was asked about.")
    feedback: Judgement | None = Field(description="What was thought of it; null: nobody said.")
    created_at: datetime

    @classmethod
    def of(cls, row: TurnRow, language: str, judged: Judgement | None) -> Self:
        kept = row.answer
        answer = kept and Answer.of_kept(kept, row.conversation_id, row.position, row.id)
        problem = row.problem and told_kept(row.problem, language)
        detail = None
        if row.problem is not None and problem is not None:
            detail = ErrorDetail(code=row.problem.code, message=problem.message, hint=problem.hint)
        elif row.status in ENDED_EARLY:
            detail = error_detail(ENDED_EARLY[row.status](), language)
        elif answer is None and row.status == "done":
            detail = error_detail(KeptUnreadable(), language)
        return cls(
            id=row.id,
            position=row.position,
            question=row.question,
            status=row.status,
            answer=answer or None,
            problem=detail,
            versions=row.versions,
            feedback=judged,
            filter=forgiving(FilterIn, row.filter.plain()) or FilterIn(),
            created_at=row.created_at,
        )


class ConversationWithTurns(ConversationBody):
    turns: tuple[KeptTurn, ...] = Field(description="The earliest first.")


class SharedLink(Wire):
    secret: str = Field(
        description="What the link to it holds, behind `#/shared/` of the page's address; shown now only."
    )


class OpenShared(Wire):
    secret: str = Field(min_length=1, max_length=200)
