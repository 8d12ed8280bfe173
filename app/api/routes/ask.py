"""POST /ask: an answer with its evidence, as JSON or as a stream of events."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Final

from fastapi import APIRouter, Request, Response

from app.answering.answer import Citations, EvidenceFound, Stage, ThoughtPiece, TokenPiece
from app.api.answers import Numbered
from app.api.auth import DOCUMENTED, Guarded, asker_of
from app.api.conversing import ask_events
from app.api.dependencies import RuntimeDep, ServiceDep
from app.api.language import request_language
from app.api.sse import event_stream, stream_description, unless_disconnected, wants_events
from app.api.wire.answers import Answer, AskRequest
from app.api.wire.base import ErrorBody, not_found
from app.api.wire.events import Asked, AskEvent, Queued, Retrieved
from app.errors import ChatStreamBroken, Phrase
from app.text.language import detect_language

router = APIRouter(tags=["ask"], route_class=Guarded, dependencies=DOCUMENTED)
EVENTS: Final = (
    Asked,
    Queued,
    Stage,
    Retrieved,
    EvidenceFound,
    TokenPiece,
    ThoughtPiece,
    Citations,
    Answer,
)


async def last_answer(events: AsyncGenerator[AskEvent, None]) -> Answer:
    """The answer that a stream of events ends with."""
    answer = None
    async with aclosing(events):
        async for event in events:
            if isinstance(event, Answer):
                answer = event
    if answer is None:
        raise ChatStreamBroken(detail=Phrase("stream_without_end"))
    return answer


@router.post(
    "/ask",
    response_model=Answer,
    summary="Ask a question",
    description="With `Accept: text/event-stream` the answer comes as events: `queued` while others "
    "are served, `stage` (what is being done), `retrieved`, `evidence` (the sentences that answer, "
    "before a word is written), `token` (checked statements; joined they are the answer) and "
    "`thought` pieces, `citations`, `done` with the same object as the JSON answer; or `error`. "
    "Closing the connection stops the generation, but of a question in a conversation: that one is "
    "stored at once (`asked` tells where), answered to its end, and can be followed and stopped "
    "under /conversations.",
    responses={
        200: {
            "description": "The answer, or the honest refusal.",
            "content": {"text/event-stream": stream_description(EVENTS)},
        },
        **not_found("knowledge base or conversation"),
        429: {"model": ErrorBody, "description": "Too many questions wait; see Retry-After."},
    },
)
async def ask(
    body: AskRequest, request: Request, service: ServiceDep, runtime: RuntimeDep
) -> Answer | Response:
    if body.question.strip():
        request.state.asked_language = detect_language(body.question)
    turn = service.queue.turn(asker_of(request))
    events = ask_events(body, runtime, service.metrics, turn, service.shadow.offer)
    language = request_language(request, service.settings)
    if body.conversation_id is None:
        if not wants_events(request):
            return await unless_disconnected(request, last_answer(events))
        return await event_stream(events, request, language)
    board = runtime.library.under_way
    under_way = await service.answers.begin(events, board if board.shared else None)
    followed = under_way.follow()
    if not wants_events(request):
        return await unless_disconnected(request, last_answer(_plain(followed)))
    return await event_stream(followed, request, language)


async def _plain(events: AsyncGenerator[Numbered, None]) -> AsyncGenerator[AskEvent, None]:
    async with aclosing(events):
        async for numbered in events:
            yield numbered.event
