"""POST /v1/chat/completions: the same answers for programs that speak OpenAI's protocol.

The last user message is the question, the turns before it the history; system messages and
sampling settings have no effect here, since answers come from the documents alone. What the
protocol has no place for (citations, refusal) is in the extra field `groundkb`.
"""

import json
import time
from collections.abc import AsyncGenerator, Iterator, Mapping
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.sse import format_sse_event

from app.answering.answer import Question, ThoughtPiece, TokenPiece, Turn
from app.api.auth import DOCUMENTED, Guarded, asker_of
from app.api.conversing import answer_events
from app.api.dependencies import LibraryDep, RuntimeDep, ServiceDep
from app.api.errors import error_body, unexpected
from app.api.language import request_language
from app.api.logs import request_id
from app.api.routes.ask import last_answer
from app.api.service import Service
from app.api.sse import (
    FIRST_WAIT,
    HEARTBEAT,
    HEARTBEAT_WAIT,
    EventStream,
    pumped,
    unless_disconnected,
)
from app.api.wire.answers import Answer
from app.api.wire.base import FAILURES, ErrorBody
from app.api.wire.events import AskEvent
from app.api.wire.openai import CompletionRequest
from app.errors import GroundkbError, QuestionEmpty
from app.text.language import detect_language

router = APIRouter(tags=["openai"], route_class=Guarded, dependencies=DOCUMENTED)


@router.get("/v1/models", summary="Knowledge bases as models", responses=FAILURES)
def models(service: ServiceDep, library: LibraryDep) -> dict[str, Any]:
    names = {service.settings.kb, *library.knowledge_bases()}
    listed = [
        {"id": f"groundkb/{name}", "object": "model", "created": 0, "owned_by": "groundkb"}
        for name in sorted(names)
    ]
    return {"object": "list", "data": listed}


@router.post(
    "/v1/chat/completions",
    response_model=dict[str, Any],
    summary="Ask, in OpenAI's protocol",
    description="`model` is `groundkb` or `groundkb/<knowledge base>`.",
    responses={
        **FAILURES,
        429: {"model": ErrorBody, "description": "Too many questions wait; see Retry-After."},
    },
)
async def completions(
    body: CompletionRequest, request: Request, service: ServiceDep, runtime: RuntimeDep
) -> dict[str, Any] | Response:
    question = _question(body, service)
    request.state.asked_language = detect_language(question.text)
    events = answer_events(
        question, runtime, service.metrics, service.queue.turn(asker_of(request))
    )
    base = {
        "id": f"chatcmpl-{request_id(request)}",
        "created": int(time.time()),
        "model": body.model,
    }
    if not body.stream:
        answer = await unless_disconnected(request, last_answer(events))
        choice = {
            "index": 0,
            "message": {"role": "assistant", "content": answer.answer},
            "finish_reason": "stop",
        }
        return {
            **base,
            "object": "chat.completion",
            "choices": [choice],
            "usage": _usage(answer),
            "groundkb": answer.model_dump(mode="json"),
        }

    stream = pumped(events, FIRST_WAIT, HEARTBEAT_WAIT, service.stopping)
    first = await anext(stream)
    language = request_language(request, service.settings)

    async def frames() -> AsyncGenerator[bytes, None]:
        try:
            yield _chunk(base, {"role": "assistant", "content": ""})
            for data in _pieces(base, first):
                yield data
            async for event in stream:
                for data in _pieces(base, event):
                    yield data
            yield b"data: [DONE]\n\n"
        except GroundkbError as error:
            yield _data(error_body(error, language).model_dump())
        except Exception as error:  # noqa: BLE001  the status line is gone: only the stream can tell
            yield _data(error_body(unexpected(error, request_id(request)), language).model_dump())
        finally:
            await stream.aclose()

    return EventStream(frames())


def _pieces(base: Mapping[str, Any], event: AskEvent | None) -> Iterator[bytes]:
    """What is sent for an event. Only checked statements come as tokens, so that the sum of the
    pieces is the answer."""
    match event:
        case TokenPiece():
            yield _chunk(base, {"content": event.text})
        case ThoughtPiece():
            yield _chunk(base, {"reasoning_content": event.text})
        case Answer():
            yield _chunk(
                base,
                {},
                "stop",
                usage=_usage(event),
                groundkb=event.model_dump(mode="json"),
            )
        case None:
            yield HEARTBEAT


def _question(body: CompletionRequest, service: Service) -> Question:
    family, _, kb = body.model.partition("/")
    if family != "groundkb":
        # Clients send whatever model name they were configured with; only ours name a knowledge base.
        kb = ""
    turns = [message for message in body.messages if message.role in ("user", "assistant")]
    if not turns or turns[-1].role != "user":
        raise QuestionEmpty
    history = tuple(
        Turn("user" if turn.role == "user" else "assistant", turn.text) for turn in turns[:-1]
    )
    return Question(turns[-1].text, service.kb(kb), history=history)


def _usage(answer: Answer) -> dict[str, int]:
    prompt, completion = answer.usage.prompt_tokens or 0, answer.usage.completion_tokens or 0
    return {
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": prompt + completion,
    }


def _chunk(
    base: Mapping[str, Any], delta: dict[str, str], finish: str | None = None, **extra: Any
) -> bytes:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return _data({**base, "object": "chat.completion.chunk", "choices": [choice], **extra})


def _data(value: Mapping[str, Any]) -> bytes:
    return format_sse_event(data_str=json.dumps(value, ensure_ascii=False))
