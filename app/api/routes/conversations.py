"""Kept conversations: list, begin, read, rename, delete. POST /ask adds their turns."""

from typing import Annotated

from fastapi import APIRouter, Query

from app.api.auth import DOCUMENTED, Guarded
from app.api.dependencies import LanguageDep, LibraryDep, ServiceDep
from app.api.errors import error_detail
from app.api.wire.base import FAILURES, not_found
from app.api.wire.conversations import (
    ConversationBody,
    ConversationList,
    ConversationWithTurns,
    KeptTurn,
    NewConversation,
    Renaming,
)
from app.errors import KeptUnreadable, KnowledgeBaseNotFound, Language
from app.library.conversations import Conversations

router = APIRouter(tags=["conversations"], route_class=Guarded, dependencies=DOCUMENTED)
NOT_FOUND = not_found("conversation")


def read_conversation(
    conversations: Conversations, conversation_id: str, language: Language
) -> ConversationWithTurns:
    """Blocking. Raises ConversationNotFound and LibraryUnavailable."""
    row, turns = conversations.get(conversation_id)
    unreadable = error_detail(KeptUnreadable(), language)
    kept = tuple(KeptTurn.of(row.id, turn, unreadable) for turn in turns)
    return ConversationWithTurns.of(row, turns=kept)


def list_conversations(
    conversations: Conversations, kb: str | None, search: str, limit: int
) -> ConversationList:
    """Blocking. Raises LibraryUnavailable."""
    rows = conversations.find(kb, search, limit)
    return ConversationList(conversations=tuple(ConversationBody.of(row) for row in rows))


@router.get("/conversations", summary="List conversations", responses=FAILURES)
def conversations(
    library: LibraryDep,
    kb: Annotated[str | None, Query(description="Unset: of all knowledge bases.")] = None,
    q: Annotated[
        str, Query(max_length=200, description="Part of the title or of a question.")
    ] = "",
    limit: Annotated[int, Query(ge=1, le=1_000)] = 200,
) -> ConversationList:
    return list_conversations(library.conversations, kb, q, limit)


@router.post(
    "/conversations",
    status_code=201,
    summary="Begin a conversation",
    description='Or leave it to the first question: `POST /ask` with `conversation_id: "new"`.',
    responses=NOT_FOUND,
)
def begin(body: NewConversation, service: ServiceDep, library: LibraryDep) -> ConversationBody:
    kb = service.kb(body.kb)
    if kb not in library.knowledge_bases():
        raise KnowledgeBaseNotFound(name=kb)
    row, _ = library.conversations.get(library.conversations.create(kb))
    return ConversationBody.of(row)


@router.get("/conversations/{conversation_id}", summary="One conversation", responses=NOT_FOUND)
def conversation(
    conversation_id: str, library: LibraryDep, language: LanguageDep
) -> ConversationWithTurns:
    return read_conversation(library.conversations, conversation_id, language)


@router.patch("/conversations/{conversation_id}", summary="Rename", responses=NOT_FOUND)
def rename(conversation_id: str, body: Renaming, library: LibraryDep) -> ConversationBody:
    library.conversations.rename(conversation_id, body.title)
    row, _ = library.conversations.get(conversation_id)
    return ConversationBody.of(row)


@router.delete(
    "/conversations/{conversation_id}", status_code=204, summary="Delete", responses=NOT_FOUND
)
def delete(conversation_id: str, library: LibraryDep) -> None:
    library.conversations.delete(conversation_id)
