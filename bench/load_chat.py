"""An OpenAI-compatible chat server that answers at once: with the sentence of its prompt that holds the code asked for."""

import asyncio
import json
import re
import sys
from collections.abc import AsyncIterator
from typing import Any, Final

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

MODEL: Final = "scripted-7b"
_CODE: Final = re.compile(r"[A-Z]{2}-\d{4}")
_PASSAGE: Final = re.compile(r"\[(\d+)\][^\n]*\n(.*?)(?=\n\[\d+\]|\Z)", re.DOTALL)


def answer_to(prompt: str) -> str:
    """The sentence about the last code in the prompt, with the number of its passage; a refusal without."""
    codes = _CODE.findall(prompt)
    if not codes:
        return "?"
    for number, text in _PASSAGE.findall(prompt):
        for sentence in re.split(r"(?<=[.。])\s*", text):
            if codes[-1] in sentence and re.search(r"\d{5}", sentence):
                return f"{sentence.strip()}[{number}]"
    return "The context does not contain an answer to this question."


async def chat(request: Request) -> Response:
    body: dict[str, Any] = await request.json()
    prompt = "\n".join(str(message["content"]) for message in body["messages"])
    text = answer_to(prompt)
    usage = {"prompt_tokens": len(prompt.encode()) // 3, "completion_tokens": len(text) // 4}
    common = {"id": "x", "object": "chat.completion", "created": 0, "model": MODEL}
    if not body.get("stream"):
        said = {"index": 0, "message": {"role": "assistant", "content": text}}
        return JSONResponse(
            {**common, "choices": [said | {"finish_reason": "stop"}], "usage": usage}
        )

    async def pieces() -> AsyncIterator[str]:
        for start in range(0, len(text), 8):
            delta = {"index": 0, "delta": {"content": text[start : start + 8]}}
            yield _line({**common, "choices": [delta | {"finish_reason": None}]})
            await asyncio.sleep(0)
        end = {"index": 0, "delta": {}, "finish_reason": "stop"}
        yield _line({**common, "choices": [end]})
        yield _line({**common, "choices": [], "usage": usage})
        yield "data: [DONE]\n\n"

    return StreamingResponse(pieces(), media_type="text/event-stream")


def _line(value: dict[str, Any]) -> str:
    return f"data: {json.dumps(value, ensure_ascii=False)}\n\n"


async def models(_: Request) -> Response:
    return JSONResponse({"object": "list", "data": [{"id": MODEL, "object": "model"}]})


def main() -> None:
    """Listen on the loopback port that is named."""
    app = Starlette(
        routes=[
            Route("/v1/chat/completions", chat, methods=["POST"]),
            Route("/v1/models", models),
        ]
    )
    uvicorn.run(app, port=int(sys.argv[1]), log_level="warning", access_log=False)


if __name__ == "__main__":
    main()
