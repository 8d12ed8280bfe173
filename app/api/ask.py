"""POST /ask: an answer with its evidence, as JSON or as a stream of events."""

from collections.abc import AsyncGenerator
from contextlib import aclosing

from fastapi import APIRouter, Request, Response

from app.api.auth import DOCUMENTED, Guarded
from app.api.conversing import ask_events
from app.api.events import AskEvent, Citations, Retrieved, Thought, Token, stream_description
from app.api.language import request_language
from app.api.schemas import Answer, AskRequest, ErrorBody
from app.api.service import service_of
from app.api.streaming import event_stream, unless_disconnected
from app.errors import ChatStreamBroken
from app.text.language import detect_language

router = APIRouter(tags=["ask"], route_class=Guarded, dependencies=DOCUMENTED)
EVENTS = (Retrieved, Token, Thought, Citations, Answer)
FAILURES: dict[int | str, dict[str, object]] = {
    401: {"model": ErrorBody, "description": "The API key is missing or wrong."},
    422: {"model": ErrorBody, "description": "The request is not valid."},
    503: {"model": ErrorBody, "description": "A part is down; the error names it."},
}


async def last_answer(events: AsyncGenerator[AskEvent, None]) -> Answer:
    """The answer that a stream of events ends with."""
    answer = None
    async with aclosing(events):
        async for event in events:
            if isinstance(event, Answer):
                answer = event
    if answer is None:
        raise ChatStreamBroken(detail="the answer has no end")
    return answer


def wants_events(request: Request) -> bool:
    return "text/event-stream" in request.headers.get("accept", "")


@router.post(
    "/ask",
    response_model=Answer,
    summary="Ask a question",
    description="With `Accept: text/event-stream` the answer comes as events: `retrieved`, then "
    "`token` (and `thought`) pieces, `citations`, `done` with the same object as the JSON answer; "
    "or `error`. Closing the connection stops the generation.",
    responses={
        200: {
            "description": "The answer, or the honest refusal.",
            "content": {"text/event-stream": stream_description(EVENTS)},
        },
        **FAILURES,
    },
)
async def ask(body: AskRequest, request: Request) -> Answer | Response:
    service = service_of(request)
    if body.question.strip():
        request.state.asked_language = detect_language(body.question)
    events = ask_events(body, service.runtime, service.metrics)
    if not wants_events(request):
        return await unless_disconnected(request, last_answer(events))
    return await event_stream(events, request, request_language(request, service.settings))
