"""Kept conversations: list, begin, read, rename, delete. POST /ask adds their turns."""

import asyncio
from datetime import datetime
from typing import Annotated, Any, Self

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field, StringConstraints

from app.api.ask import FAILURES
from app.api.auth import DOCUMENTED, Guarded
from app.api.schemas import Answer, ErrorBody, KbName, Wire
from app.api.service import Service, service_of
from app.errors import KnowledgeBaseNotFound
from app.library.conversations import ConversationRow, Conversations, TurnRow

router = APIRouter(tags=["conversations"], route_class=Guarded, dependencies=DOCUMENTED)
NOT_FOUND: dict[int | str, dict[str, object]] = {
    404: {"model": ErrorBody, "description": "There is no such conversation."},
    **FAILURES,
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


def read_conversation(conversations: Conversations, conversation_id: str) -> ConversationWithTurns:
    """Blocking. Raises ConversationNotFound and LibraryUnavailable."""
    row, turns = conversations.get(conversation_id)
    return ConversationWithTurns.of(row, turns=tuple(KeptTurn.of(row.id, turn) for turn in turns))


def list_conversations(
    conversations: Conversations, kb: str | None, search: str, limit: int
) -> ConversationList:
    """Blocking. Raises LibraryUnavailable."""
    rows = conversations.find(kb, search, limit)
    return ConversationList(conversations=tuple(ConversationBody.of(row) for row in rows))


@router.get("/conversations", summary="List conversations", responses=FAILURES)
async def conversations(
    request: Request,
    kb: Annotated[str | None, Query(description="Unset: of all knowledge bases.")] = None,
    q: Annotated[
        str, Query(max_length=200, description="Part of the title or of a question.")
    ] = "",
    limit: Annotated[int, Query(ge=1, le=1_000)] = 200,
) -> ConversationList:
    kept = _kept(service_of(request))
    return await asyncio.to_thread(list_conversations, kept, kb, q, limit)


@router.post(
    "/conversations",
    status_code=201,
    summary="Begin a conversation",
    description='Or leave it to the first question: `POST /ask` with `conversation_id: "new"`.',
    responses=NOT_FOUND,
)
async def begin(body: NewConversation, request: Request) -> ConversationBody:
    service = service_of(request)
    kb = service.kb(body.kb)

    def create() -> ConversationRow:
        library = service.runtime.library
        if kb not in library.knowledge_bases():
            raise KnowledgeBaseNotFound(name=kb)
        return library.conversations.get(library.conversations.create(kb))[0]

    return ConversationBody.of(await asyncio.to_thread(create))


@router.get("/conversations/{conversation_id}", summary="One conversation", responses=NOT_FOUND)
async def conversation(conversation_id: str, request: Request) -> ConversationWithTurns:
    kept = _kept(service_of(request))
    return await asyncio.to_thread(read_conversation, kept, conversation_id)


@router.patch("/conversations/{conversation_id}", summary="Rename", responses=NOT_FOUND)
async def rename(conversation_id: str, body: Renaming, request: Request) -> ConversationBody:
    kept = _kept(service_of(request))
    await asyncio.to_thread(kept.rename, conversation_id, body.title)
    row, _ = await asyncio.to_thread(kept.get, conversation_id)
    return ConversationBody.of(row)


@router.delete(
    "/conversations/{conversation_id}", status_code=204, summary="Delete", responses=NOT_FOUND
)
async def delete(conversation_id: str, request: Request) -> Response:
    await asyncio.to_thread(_kept(service_of(request)).delete, conversation_id)
    return Response(status_code=204)


def _kept(service: Service) -> Conversations:
    return service.runtime.library.conversations
