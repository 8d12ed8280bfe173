"""/v1: the same answers, and the embedding model, for programs that speak OpenAI's protocol.

The last user message is the question, the turns before it the history; system messages and
sampling settings have no effect here, since answers come from the documents alone. Citations are
annotations; what the protocol has no place for (quotes, refusal) is in the extra field `groundkb`.
"""

import asyncio
import base64
import json
import re
import time
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping
from typing import Any, Final
from urllib.parse import quote

import numpy as np
from fastapi import APIRouter, Request, Response
from fastapi.sse import format_sse_event

from app.answering.answer import Citation, Question, ThoughtPiece, TokenPiece, Turn
from app.api.auth import DOCUMENTED, Guarded, asker_of, public_base
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
from app.api.wire.base import FAILURES, ErrorBody, not_found
from app.api.wire.events import AskEvent
from app.api.wire.openai import (
    MAX_INPUTS,
    CompletionRequest,
    EmbeddingItem,
    EmbeddingRequest,
    Embeddings,
)
from app.errors import GroundkbError, Phrase, QuestionEmpty, RequestInvalid
from app.library.sight import Sight
from app.models.embedding import Vector
from app.text.language import detect_language

router = APIRouter(tags=["openai"], route_class=Guarded, dependencies=DOCUMENTED)

_MARKER: Final = re.compile(r"\[(\d+)\]")
# Open WebUI has titles, tags, follow-ups and completions written by the model it chats with. They
# are no questions to the documents: an empty answer makes it fall back on the question's own words.
_CHORE: Final = re.compile(r"\A### Task:\s.*(?:<chat_history>|<text>|<type>)", re.DOTALL)


@router.get("/v1/models", summary="Knowledge bases as models", responses=FAILURES)
def models(service: ServiceDep, library: LibraryDep) -> dict[str, Any]:
    names = set(library.knowledge_bases())
    if library.sight.everything:
        names.add(service.settings.kb)
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
        200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}},
        **not_found("knowledge base"),
        429: {"model": ErrorBody, "description": "Too many questions wait; see Retry-After."},
    },
)
async def completions(
    body: CompletionRequest, request: Request, service: ServiceDep, runtime: RuntimeDep
) -> dict[str, Any] | Response:
    base = {
        "id": f"chatcmpl-{request_id(request)}",
        "created": int(time.time()),
        "model": body.model,
    }
    if body.messages and _CHORE.match(body.messages[-1].text):
        return _empty(base, stream=body.stream)
    question = _question(body, service, runtime.library.sight)
    request.state.asked_language = detect_language(question.text)
    events = answer_events(
        question,
        runtime,
        service.metrics,
        service.queue.turn(asker_of(request)),
        answered=service.shadow.offer,
    )
    link = _links(public_base(request, service.settings), question.kb)
    chunk = {**base, "object": "chat.completion.chunk"}
    usage_apart = body.stream_options is not None and body.stream_options.include_usage
    if not body.stream:
        answer = await unless_disconnected(request, last_answer(events))
        choice = {
            "index": 0,
            "message": {
                "role": "assistant",
                "content": answer.answer,
                "annotations": annotations(answer, link),
            },
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
            for data in _pieces(base, first, link):
                yield data
            async for event in stream:
                for data in _pieces(base, event, link):
                    yield data
                if isinstance(event, Answer) and usage_apart:
                    yield _data({**chunk, "choices": [], "usage": _usage(event)})
            yield b"data: [DONE]\n\n"
        except GroundkbError as error:
            yield _data(error_body(error, language).model_dump())
        except Exception as error:  # noqa: BLE001  the status line is gone: only the stream can tell
            yield _data(error_body(unexpected(error, request_id(request)), language).model_dump())
        finally:
            await stream.aclose()

    return EventStream(frames())


def _empty(base: Mapping[str, Any], *, stream: bool) -> dict[str, Any] | Response:
    """An answer of no words."""
    if not stream:
        message = {"role": "assistant", "content": ""}
        choice = {"index": 0, "message": message, "finish_reason": "stop"}
        return {**base, "object": "chat.completion", "choices": [choice]}

    async def frames() -> AsyncGenerator[bytes, None]:
        yield _chunk(base, {"role": "assistant", "content": ""}, "stop")
        yield b"data: [DONE]\n\n"

    return EventStream(frames())


# From a citation to where its document can be opened.
Link = Callable[[Citation], str]


def _links(root: str, kb: str) -> Link:
    """`root`: where people reach this server, which need not be the name that a program knows it by."""

    def link(citation: Citation) -> str:
        if citation.source.startswith(("http://", "https://")):
            return citation.source
        page = f"#page={citation.page}" if citation.page else ""
        return f"{root}/documents/{quote(citation.document_id)}/original?kb={kb}{page}"

    return link


def annotations(answer: Answer, link: Link) -> list[dict[str, Any]]:
    """A `url_citation` for every marker in the text, at the marker's place."""
    cited = {citation.marker: citation for citation in answer.citations}
    return [
        {
            "type": "url_citation",
            "url_citation": {
                "start_index": found.start(),
                "end_index": found.end(),
                "title": citation.title,
                "url": link(citation),
            },
        }
        for found in _MARKER.finditer(answer.answer)
        if (citation := cited.get(int(found[1]))) is not None
    ]


def _pieces(base: Mapping[str, Any], event: AskEvent | None, link: Link) -> Iterator[bytes]:
    """What is sent for an event. Only checked statements come as tokens, so that the sum of the
    pieces is the answer."""
    match event:
        case TokenPiece():
            yield _chunk(base, {"content": event.text})
        case ThoughtPiece():
            yield _chunk(base, {"reasoning_content": event.text})
        case Answer():
            if found := annotations(event, link):
                yield _chunk(base, {"annotations": found})
            yield _chunk(
                base,
                {},
                "stop",
                usage=_usage(event),
                groundkb=event.model_dump(mode="json"),
            )
        case None:
            yield HEARTBEAT


def _question(body: CompletionRequest, service: Service, sight: Sight) -> Question:
    family, _, kb = body.model.partition("/")
    if family != "groundkb":
        # Clients send whatever model name they were configured with; only ours name a knowledge base.
        kb = ""
    turns = [
        message
        for message in body.messages
        if message.role == "user" or (message.role == "assistant" and message.text)
    ]
    if not turns or turns[-1].role != "user":
        raise QuestionEmpty
    if others := turns[-1].others:
        raise RequestInvalid(detail=Phrase("only_text_asked", others=others))
    history = tuple(
        Turn("user" if turn.role == "user" else "assistant", turn.text) for turn in turns[:-1]
    )
    return Question(turns[-1].text, service.kb(kb, sight.kbs), history=history)


def _usage(answer: Answer) -> dict[str, int]:
    prompt, completion = answer.usage.prompt_tokens or 0, answer.usage.completion_tokens or 0
    return {
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": prompt + completion,
    }


def _chunk(
    base: Mapping[str, Any], delta: Mapping[str, Any], finish: str | None = None, **extra: Any
) -> bytes:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return _data({**base, "object": "chat.completion.chunk", "choices": [choice], **extra})


def _data(value: Mapping[str, Any]) -> bytes:
    return format_sse_event(data_str=json.dumps(value, ensure_ascii=False))


@router.post(
    "/v1/embeddings",
    summary="Embed texts, in OpenAI's protocol",
    description="By the embedding model that the library is indexed with, whatever `model` says. Vectors have length 1. "
    "A text longer than the model's window is embedded window by window, and their mean stands for it.",
    responses=FAILURES,
)
async def embeddings(
    body: EmbeddingRequest, service: ServiceDep, runtime: RuntimeDep
) -> Embeddings:
    texts = [body.input] if isinstance(body.input, str) else body.input
    embedder = runtime.embedder
    if not texts or len(texts) > MAX_INPUTS:
        raise RequestInvalid(detail=Phrase("inputs_count", most=MAX_INPUTS))
    if any(not text.strip() for text in texts):
        raise RequestInvalid(detail=Phrase("input_empty"))
    if body.dimensions not in (None, embedder.identity.dimension):
        raise RequestInvalid(
            detail=Phrase("dimensions_fixed", dimension=embedder.identity.dimension)
        )
    async with service.embedding:
        if body.input_type == "query":
            vectors = [await asyncio.to_thread(embedder.embed_query, text) for text in texts]
        else:
            vectors = list(await asyncio.to_thread(embedder.embed_passages, texts))
    return Embeddings(
        data=[
            EmbeddingItem(index=index, embedding=_encoded(vector, body.encoding_format))
            for index, vector in enumerate(vectors)
        ],
        model=embedder.identity.model,
    )


def _encoded(vector: Vector, form: str) -> list[float] | str:
    if form == "base64":
        return base64.b64encode(vector.astype("<f4").tobytes()).decode()
    numbers: list[float] = vector.astype(np.float64).tolist()
    return numbers
