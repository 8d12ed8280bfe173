"""Kept conversations: list, begin, read, rename, delete; and their turns: follow, stop, versions.

POST /ask adds the turns.
"""

import asyncio
import re
import time
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Annotated, Final

from fastapi import APIRouter, Header, Query, Request, Response

from app.api.answers import Answers
from app.api.auth import DOCUMENTED, Guarded
from app.api.dependencies import LanguageDep, LibraryDep, ServiceDep
from app.api.routes.ask import EVENTS
from app.api.sse import event_stream, stream_description
from app.api.wire.answers import Answer
from app.api.wire.base import FAILURES, ErrorBody, not_found
from app.api.wire.conversations import (
    ConversationBody,
    ConversationList,
    ConversationWithTurns,
    KeptTurn,
    NewConversation,
    OpenShared,
    Renaming,
    SharedLink,
)
from app.api.wire.events import NAMES
from app.errors import KnowledgeBaseNotFound
from app.library.conversations import Conversations
from app.library.library import Library
from app.library.under_way import Told

router = APIRouter(tags=["conversations"], route_class=Guarded, dependencies=DOCUMENTED)
NOT_FOUND: Final = not_found("conversation")
NO_TURN: Final = not_found("turn")
LOOK_SECONDS: Final = 0.3  # between two looks at an answer that another server makes
# For which one waits for the last events of an answer that is kept already, or for its end once it was stopped.
_END_SECONDS: Final = 3.0
_TURN: Final = "/conversations/{conversation_id}/turns/{turn_id}"


def read_conversation(
    library: Library, conversation_id: str, language: str
) -> ConversationWithTurns:
    """Blocking. Raises ConversationNotFound and LibraryUnavailable."""
    row, turns = library.conversations.get(conversation_id)
    judged = library.feedback.of_turns([turn.id for turn in turns])
    return ConversationWithTurns.of(
        row, turns=tuple(KeptTurn.of(turn, language, judged.get(turn.id)) for turn in turns)
    )


def read_turn(library: Library, conversation_id: str, turn_id: str, language: str) -> KeptTurn:
    """Blocking. Raises ConversationNotFound, TurnNotFound and LibraryUnavailable."""
    row = library.conversations.turn(conversation_id, turn_id)
    return KeptTurn.of(row, language, library.feedback.of_turns([turn_id]).get(turn_id))


def list_conversations(
    conversations: Conversations, kb: str | None, search: str, limit: int, offset: int = 0
) -> ConversationList:
    """Blocking. Raises LibraryUnavailable."""
    rows, total = conversations.find(kb, search, limit, offset)
    return ConversationList(
        conversations=tuple(ConversationBody.of(row) for row in rows), total=total
    )


@router.get("/conversations", summary="List conversations", responses=FAILURES)
def conversations(
    library: LibraryDep,
    kb: Annotated[str | None, Query(description="Unset: of all knowledge bases.")] = None,
    q: Annotated[
        str, Query(max_length=200, description="Part of the title or of a question.")
    ] = "",
    limit: Annotated[int, Query(ge=1, le=1_000)] = 200,
    offset: Annotated[int, Query(ge=0, le=1_000_000_000)] = 0,
) -> ConversationList:
    return list_conversations(library.conversations, kb, q, limit, offset)


@router.post(
    "/conversations",
    status_code=201,
    summary="Begin a conversation",
    description='Or leave it to the first question: `POST /ask` with `conversation_id: "new"`.',
    responses=NOT_FOUND,
)
def begin(body: NewConversation, service: ServiceDep, library: LibraryDep) -> ConversationBody:
    kb = service.kb(body.kb, library.sight.kbs)
    if kb not in library.knowledge_bases():
        raise KnowledgeBaseNotFound(name=kb)
    row, _ = library.conversations.get(library.conversations.create(kb))
    return ConversationBody.of(row)


@router.get("/conversations/{conversation_id}", summary="One conversation", responses=NOT_FOUND)
def conversation(
    conversation_id: str, library: LibraryDep, language: LanguageDep
) -> ConversationWithTurns:
    return read_conversation(library, conversation_id, language)


@router.patch("/conversations/{conversation_id}", summary="Rename", responses=NOT_FOUND)
def rename(conversation_id: str, body: Renaming, library: LibraryDep) -> ConversationBody:
    library.conversations.rename(conversation_id, body.title)
    row, _ = library.conversations.get(conversation_id)
    return ConversationBody.of(row)


@router.delete(
    "/conversations/{conversation_id}",
    status_code=204,
    summary="Delete",
    description="It can come back by `POST …/restore` until it is purged (GROUNDKB_UNDO_DAYS).",
    responses=NOT_FOUND,
)
def delete(conversation_id: str, library: LibraryDep) -> None:
    library.conversations.delete(conversation_id)


@router.post(
    "/conversations/{conversation_id}/restore", summary="Undo the deletion", responses=NOT_FOUND
)
def restore(conversation_id: str, library: LibraryDep) -> ConversationBody:
    library.conversations.restore(conversation_id)
    return ConversationBody.of(library.conversations.get(conversation_id)[0])


@router.post(
    "/conversations/{conversation_id}/share",
    status_code=201,
    summary="Share by a link",
    description="Whoever may call opens it by `POST /shared-conversations`, to read, and sees of it only "
    "what he may read himself. An earlier link of it is no more.",
    responses=NOT_FOUND,
)
def share(conversation_id: str, library: LibraryDep) -> SharedLink:
    return SharedLink(secret=library.conversations.share(conversation_id))


@router.delete(
    "/conversations/{conversation_id}/share",
    status_code=204,
    summary="Share no more",
    responses=NOT_FOUND,
)
def unshare(conversation_id: str, library: LibraryDep) -> None:
    library.conversations.unshare(conversation_id)


@router.post(
    "/shared-conversations",
    summary="Open what somebody shared",
    description="The secret stands in the body, so that no log holds it.",
    responses=NOT_FOUND,
)
def open_shared(
    body: OpenShared, library: LibraryDep, language: LanguageDep
) -> ConversationWithTurns:
    row, turns = library.conversations.open_shared(body.secret)
    # What its owner thought of the answers is his.
    kept = tuple(KeptTurn.of(turn, language, None) for turn in turns)
    return ConversationWithTurns.of(row, turns=kept)


@router.get(_TURN, summary="One turn, whichever version", responses=NO_TURN)
def turn(
    conversation_id: str, turn_id: str, library: LibraryDep, language: LanguageDep
) -> KeptTurn:
    return read_turn(library, conversation_id, turn_id, language)


@router.get(
    f"{_TURN}/events",
    response_class=Response,
    summary="Follow an answer",
    description="The events of `POST /ask`, from the first, or from the one after "
    "`Last-Event-ID`, whichever server makes it; of an answer that ended long ago `done` or "
    "`error` alone. Closing the connection leaves the answer alone.",
    responses={
        200: {"content": {"text/event-stream": stream_description(EVENTS)}},
        409: {"model": ErrorBody, "description": "The answer was stopped."},
        **NO_TURN,
    },
)
async def follow(
    conversation_id: str,
    turn_id: str,
    request: Request,
    service: ServiceDep,
    library: LibraryDep,
    language: LanguageDep,
    last_event_id: Annotated[
        str, Header(description="The `id` of the last event that was received.")
    ] = "",
) -> Response:
    await asyncio.to_thread(library.conversations.turn, conversation_id, turn_id)
    after = int(last_event_id) if re.fullmatch("[0-9]{1,9}", last_event_id) else 0
    events = _events(service.answers, library, conversation_id, turn_id, after, language)
    return await event_stream(events, request, language)


@router.post(
    f"{_TURN}/stop",
    summary="Stop an answer",
    description="What was said so far is kept. One that has ended stays as it is.",
    responses=NO_TURN,
)
async def stop(
    conversation_id: str,
    turn_id: str,
    service: ServiceDep,
    library: LibraryDep,
    language: LanguageDep,
) -> KeptTurn:
    await asyncio.to_thread(library.conversations.turn, conversation_id, turn_id)
    await service.answers.stop(turn_id)
    board = library.under_way
    if service.answers.get(turn_id) is None and board.shared:
        running = await asyncio.to_thread(board.stop, turn_id)
        until = time.monotonic() + _END_SECONDS
        while running and time.monotonic() < until:
            await asyncio.sleep(LOOK_SECONDS)
            row = await asyncio.to_thread(library.conversations.turn, conversation_id, turn_id)
            running = row.status == "running"
    return await asyncio.to_thread(read_turn, library, conversation_id, turn_id, language)


@router.post(
    f"{_TURN}/show",
    summary="Show this version",
    description="With the turns that were asked after it. The answer is the conversation as it is "
    "shown then.",
    responses=NO_TURN,
)
def show(
    conversation_id: str, turn_id: str, library: LibraryDep, language: LanguageDep
) -> ConversationWithTurns:
    library.conversations.choose(conversation_id, turn_id)
    return read_conversation(library, conversation_id, language)


@router.delete(
    _TURN,
    status_code=204,
    summary="Delete one version of a turn",
    description="With what was asked after it. Another version is shown then, or the turn before. "
    "It can come back by `POST …/restore` until it is purged.",
    responses=NO_TURN,
)
def delete_turn(conversation_id: str, turn_id: str, library: LibraryDep) -> None:
    library.conversations.delete_turn(conversation_id, turn_id)


@router.post(f"{_TURN}/restore", summary="Undo the deletion of a turn", responses=NO_TURN)
def restore_turn(
    conversation_id: str, turn_id: str, library: LibraryDep, language: LanguageDep
) -> ConversationWithTurns:
    library.conversations.restore_turn(conversation_id, turn_id)
    return read_conversation(library, conversation_id, language)


async def _events(
    answers: Answers,
    library: Library,
    conversation_id: str,
    turn_id: str,
    after: int,
    language: str,
) -> AsyncIterator[object]:
    under_way = answers.get(turn_id)
    # What has ended may stand on what is not for its owner any more: that the library knows.
    if under_way is not None and not (under_way.ended and not library.sight.everything):
        async with aclosing(under_way.follow(after)) as events:
            async for numbered in events:
                yield numbered
        return
    async for event in _elsewhere(library, conversation_id, turn_id, after, language):
        yield event


async def _elsewhere(
    library: Library, conversation_id: str, turn_id: str, after: int, language: str
) -> AsyncIterator[object]:
    """The same of an answer that this process does not make: while it is made, what its server writes
    of it; afterwards what is kept."""
    live, until = library.under_way.shared, 0.0
    while True:
        row = await asyncio.to_thread(library.conversations.turn, conversation_id, turn_id)
        written: list[Told] = []
        if live:
            written = await asyncio.to_thread(library.under_way.after, turn_id, after)
        if row.status != "running" and not until and not library.sight.everything:
            written = []  # as above
        if row.status == "running" or (written and not until):
            # What it told last is written a moment after it is done.
            until = time.monotonic() + _END_SECONDS
        for told in written:
            after = told.number
            yield told
            if told.name == NAMES[Answer]:
                return
        if row.status != "running" and (row.status != "done" or time.monotonic() >= until):
            break
        await asyncio.sleep(LOOK_SECONDS)
    kept = KeptTurn.of(row, language, None)
    if row.status == "done" and kept.answer is not None:
        yield kept.answer
    elif kept.problem is not None:
        yield ErrorBody(error=kept.problem)
