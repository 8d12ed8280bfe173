"""POST /ask: an answer with its evidence, as JSON or as a stream of events."""

from collections.abc import AsyncGenerator, AsyncIterator

from fastapi import APIRouter, Request, Response

from app.answering.answer import Answer as AnswerData
from app.answering.answer import Done, Event, Question
from app.answering.answer import Turn as TurnData
from app.api.auth import DOCUMENTED, Guarded
from app.api.events import (
    AskEvent,
    Citations,
    Retrieved,
    Thought,
    Token,
    stream_description,
    wire_ask_event,
)
from app.api.language import request_language
from app.api.schemas import Answer, AskRequest, ErrorBody, FilterIn
from app.api.service import Service, service_of
from app.api.streaming import event_stream, unless_disconnected
from app.errors import ChatStreamBroken
from app.index.protocol import Filter
from app.settings import Settings
from app.text.language import detect_language

router = APIRouter(tags=["ask"], route_class=Guarded, dependencies=DOCUMENTED)
EVENTS = (Retrieved, Token, Thought, Citations, Answer)
FAILURES: dict[int | str, dict[str, object]] = {
    401: {"model": ErrorBody, "description": "The API key is missing or wrong."},
    422: {"model": ErrorBody, "description": "The request is not valid."},
    503: {"model": ErrorBody, "description": "A part is down; the error names it."},
}


def filter_of(given: FilterIn) -> Filter:
    return Filter(given.document_ids, given.tags, given.languages)


def question_of(body: AskRequest, settings: Settings) -> Question:
    """The request as the answerer takes it."""
    history = tuple(TurnData(turn.role, turn.content) for turn in body.messages)
    return Question(body.question, body.kb or settings.kb, filter_of(body.filter), history)


def answer_events(question: Question, service: Service) -> AsyncGenerator[Event, None]:
    """The one way from a question to events: every door of the API goes through here."""
    return service.metrics.observed(service.runtime.answerer.ask(question))


async def last_answer(events: AsyncIterator[Event]) -> AnswerData:
    """The answer that a stream of events ends with."""
    answer = None
    async for event in events:
        if isinstance(event, Done):
            answer = event.answer
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
    events = answer_events(question_of(body, service.settings), service)
    if not wants_events(request):
        return Answer.of(await unless_disconnected(request, last_answer(events)))

    async def wire() -> AsyncIterator[AskEvent]:
        async for event in events:
            yield wire_ask_event(event)

    return await event_stream(wire(), request, request_language(request, service.settings))
