"""Is what was streamed the answer? Over each door the pieces of a stream, joined, are compared with the answer.

The doors: `/ask` as server-sent events against its `done` event and the turn that is kept, `/ask` as JSON against
the turn, and `/v1/chat/completions` streamed against the same not streamed. Once without a chat model, and once
with a server of OpenAI's protocol that answers with sentences of the passages and false ones among them. Arguments: how many
questions, and which of the two ('none', 'scripted') alone.
"""

import asyncio
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from app.evaluation.datasets import load
from bench.serving import GROUNDKB, SAMPLES, free_port, serving

# Questions over each door: all of the golden set and the first of the look-ups; together over 200.
QUESTIONS = 200
MODEL = "scripted-70b"
CHATS = ("none", "scripted")
STARTS_WITHIN = 600.0  # seconds
_PASSAGE = re.compile(r"\[(\d+)\][^\n]*\n(.*?)(?=\n\[\d+\]|\Z)", re.DOTALL)


def main(arguments: Sequence[str] = ()) -> None:
    count = int(arguments[0]) if arguments else QUESTIONS
    chats = arguments[1:] or CHATS
    print("## Streams against answers\n")
    print("| chat model | door | answers | equal | refused |\n|---|---|--:|--:|--:|")
    unequal = 0
    for chat in chats:
        with _server(chat) as client:
            unequal += _compared(chat, client, count)
    if unequal:
        sys.exit(f"{unequal} streams differ from their answers")


def _compared(chat: str, client: httpx.Client, count: int) -> int:
    golden = load(SAMPLES / "golden.jsonl", "golden").questions
    lookups = load(SAMPLES / "lookups.jsonl", "golden").questions
    every = [question.text for question in (*golden, *lookups)]
    questions = every[:: max(1, len(every) // count)][:count]
    doors: dict[str, list[tuple[bool, bool]]] = {}
    for text in questions:
        streamed, done = _streamed(client, text)
        kept = _kept(client, done)
        refused = not done["answered"]
        doors.setdefault("/ask, events", []).append(
            (streamed == done["answer"] == kept["answer"], refused)
        )
        plain = client.post("/ask", json={"question": text, "conversation_id": "new"}).json()
        doors.setdefault("/ask, JSON", []).append(
            (plain["answer"] == _kept(client, plain)["answer"], not plain["answered"])
        )
        pieces, whole = _completed(client, text, stream=True), _completed(client, text)
        doors.setdefault("/v1/chat/completions", []).append((pieces == whole, refused))
    for door, results in doors.items():
        equal = sum(same for same, _ in results)
        refusals = sum(refused for _, refused in results)
        print(f"| {chat} | {door} | {len(results)} | {equal} | {refusals} |", flush=True)
    return sum(not same for results in doors.values() for same, _ in results)


def _streamed(client: httpx.Client, text: str) -> tuple[str, dict[str, Any]]:
    """The joined pieces of an answer's stream, and its end."""
    pieces: list[str] = []
    end: dict[str, Any] = {}
    with client.stream(
        "POST",
        "/ask",
        json={"question": text, "conversation_id": "new"},
        headers={"Accept": "text/event-stream"},
    ) as response:
        response.raise_for_status()
        name = ""
        for line in response.iter_lines():
            if line.startswith("event:"):
                name = line.partition(":")[2].strip()
            elif line.startswith("data:") and name in ("token", "done"):
                data = json.loads(line.partition(":")[2])
                if name == "token":
                    pieces.append(data["text"])
                else:
                    end = data
    return "".join(pieces), end


def _kept(client: httpx.Client, answer: dict[str, Any]) -> dict[str, Any]:
    """The turn that an answer was kept as."""
    place = f"/conversations/{answer['conversation_id']}/turns/{answer['turn_id']}"
    turn = client.get(place)
    turn.raise_for_status()
    kept: dict[str, Any] = turn.json()["answer"]
    return kept


def _completed(client: httpx.Client, text: str, *, stream: bool = False) -> str:
    body = {
        "model": "groundkb",
        "messages": [{"role": "user", "content": text}],
        "stream": stream,
    }
    if not stream:
        said = client.post("/v1/chat/completions", json=body).raise_for_status().json()
        return str(said["choices"][0]["message"]["content"])
    pieces: list[str] = []
    with client.stream("POST", "/v1/chat/completions", json=body) as response:
        for line in response.iter_lines():
            data = line.removeprefix("data:").strip()
            if line.startswith("data:") and data != "[DONE]":
                choices = json.loads(data)["choices"]
                pieces += [choice["delta"].get("content") or "" for choice in choices]
    return "".join(pieces)


def scripted_answer(prompt: str) -> str:
    """The first sentences of the first passages, as items with their marks, a false one between them."""
    said: list[str] = []
    for number, text in _PASSAGE.findall(prompt)[:3]:
        sentences = [s.strip() for s in re.split(r"(?<=[.。])\s*", text) if len(s.strip()) > 12]
        said += [f"- {' '.join(sentence.split())} [{number}]" for sentence in sentences[:2]]
        said.append(f"- It was founded in 1861 by Aldous Finch. [{number}]")
    return "\n".join(said) or "The context does not contain an answer to this question."


async def _chat(request: Request) -> Response:
    body: dict[str, Any] = await request.json()
    text = scripted_answer("\n".join(str(message["content"]) for message in body["messages"]))
    common = {"id": "x", "object": "chat.completion", "created": 0, "model": MODEL}
    if not body.get("stream"):
        said = {"index": 0, "message": {"role": "assistant", "content": text}}
        return JSONResponse({**common, "choices": [said | {"finish_reason": "stop"}]})

    async def pieces() -> Any:
        for start in range(0, len(text), 7):
            delta = {"index": 0, "delta": {"content": text[start : start + 7]}}
            yield f"data: {json.dumps({**common, 'choices': [delta | {'finish_reason': None}]})}\n\n"
            await asyncio.sleep(0)
        end = {"index": 0, "delta": {}, "finish_reason": "stop"}
        yield f"data: {json.dumps({**common, 'choices': [end]})}\n\ndata: [DONE]\n\n"

    return StreamingResponse(pieces(), media_type="text/event-stream")


async def _models(_: Request) -> Response:
    return JSONResponse({"object": "list", "data": [{"id": MODEL, "object": "model"}]})


@contextmanager
def _server(chat: str) -> Iterator[httpx.Client]:
    with tempfile.TemporaryDirectory(prefix="groundkb-streams-") as name:
        folder = Path(name)
        environment = {"GROUNDKB_CHAT": "none"}
        subprocess.run(
            [*GROUNDKB, "ingest", "sync", str(SAMPLES / "library"), str(SAMPLES / "lookups")],
            env={**os.environ, **environment, "GROUNDKB_DATA": str(folder / "data")},
            check=True,
            stdout=subprocess.DEVNULL,
        )
        if chat == "scripted":
            environment = {
                "GROUNDKB_CHAT": "openai",
                "GROUNDKB_CHAT_MODEL": MODEL,
                "GROUNDKB_OPENAI_URL": f"http://127.0.0.1:{_chat_server()}/v1",
            }
        with (
            serving(folder, environment, STARTS_WITHIN) as (url, _),
            httpx.Client(base_url=url, timeout=600) as client,
        ):
            yield client


def _chat_server() -> int:
    """The port of the chat server, which runs in a thread."""
    app = Starlette(
        routes=[
            Route("/v1/chat/completions", _chat, methods=["POST"]),
            Route("/v1/models", _models),
        ]
    )
    port = free_port()
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="warning"))
    threading.Thread(target=server.run, daemon=True).start()
    return port
