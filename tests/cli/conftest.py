"""Run the command in this process, or a server in one of its own with a small chat server beside it."""

import contextlib
import json
import logging
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import structlog
import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import StreamingResponse

from app.cli.main import execute
from app.cli.server_file import read_server_file
from tests.fakes import _copy as copied_line

GROUNDKB = [sys.executable, "-c", "from app.cli.main import run; run()"]


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


RunCli = Callable[..., Ran]


@pytest.fixture
def run_cli(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    models_dir: Path,
) -> Iterator[RunCli]:
    """`run_cli("ingest", "status", GROUNDKB_KB="x")` as a shell would, over this test's own library."""
    handlers, level = logging.getLogger().handlers[:], logging.getLogger().level

    def call(*arguments: str, **environment: str) -> Ran:
        with monkeypatch.context() as patched:
            values = base_environment(tmp_path / "data", models_dir) | environment
            for name, value in values.items():
                patched.setenv(name, value)
            patched.setattr(sys, "argv", ["groundkb", *arguments])
            capsys.readouterr()
            code = execute()
            captured = capsys.readouterr()
        return Ran(code, captured.out, captured.err)

    yield call
    logging.getLogger().handlers[:] = handlers
    logging.getLogger().setLevel(level)
    structlog.reset_defaults()


def base_environment(data: Path, models: Path) -> dict[str, str]:
    return {
        "GROUNDKB_DATA": str(data),
        "GROUNDKB_MODELS": str(models),
        "LC_ALL": "C.UTF-8",
        "COLUMNS": "200",
    }


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


# --- a chat server in OpenAI's protocol ---------------------------------------------------


class ChatServer:
    """Answers with the passage line nearest to the question. `delay` is seconds between tokens."""

    def __init__(self) -> None:
        self.delay = 0.0
        self.url = ""
        self.open_streams = 0

    def application(self) -> FastAPI:
        app = FastAPI()

        @app.get("/v1/models")
        async def models() -> dict[str, Any]:
            return {
                "object": "list",
                "data": [{"id": "copier", "object": "model", "created": 0, "owned_by": "t"}],
            }

        @app.post("/v1/chat/completions")
        async def completions(request: Request) -> Any:
            body = await request.json()
            text = copied_line(body["messages"][-1]["content"])
            # A count below the product's own estimate would mean that the prompt was cut.
            prompt = sum(len(message["content"]) for message in body["messages"])
            base = {"id": "c", "created": 0, "model": body["model"]}
            usage = {
                "prompt_tokens": prompt,
                "completion_tokens": len(text),
                "total_tokens": prompt + len(text),
            }
            if not body.get("stream"):
                choice: dict[str, Any] = {
                    "index": 0,
                    "message": {"role": "assistant", "content": "Yes"},
                    "finish_reason": "stop",
                }
                return {**base, "object": "chat.completion", "choices": [choice], "usage": usage}

            def line(delta: Mapping[str, str], finish: str | None, **extra: Any) -> str:
                choice = {"index": 0, "delta": delta, "finish_reason": finish}
                chunk = {**base, "object": "chat.completion.chunk", "choices": [choice], **extra}
                return f"data: {json.dumps(chunk)}\n\n"

            def stream() -> Iterator[str]:
                self.open_streams += 1
                try:
                    for char in text:
                        yield line({"content": char}, None)
                        time.sleep(self.delay)
                    yield line({}, "stop", usage=usage)
                    yield "data: [DONE]\n\n"
                finally:
                    self.open_streams -= 1

            return StreamingResponse(stream(), media_type="text/event-stream")

        return app


@pytest.fixture(scope="module")
def chat_server() -> Iterator[ChatServer]:
    chat = ChatServer()
    server = uvicorn.Server(
        uvicorn.Config(chat.application(), port=free_port(), log_level="warning")
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    chat.url = f"http://127.0.0.1:{server.config.port}/v1"
    yield chat
    server.should_exit = True
    thread.join(5)


# --- `groundkb serve` as a process --------------------------------------------------------


@dataclass
class Served:
    process: subprocess.Popen[str]
    url: str
    data: Path
    log: Path

    @property
    def said(self) -> str:
        return self.log.read_text()


@contextlib.contextmanager
def serving(
    data: Path, log: Path, environment: Mapping[str, str], *options: str
) -> Iterator[Served]:
    """A server process that has its library open."""
    with log.open("w") as output:
        process = subprocess.Popen(
            [*GROUNDKB, "serve", "--port", "0", *options],
            env={**os.environ, **environment},
            stdout=output,
            stderr=subprocess.STDOUT,
            text=True,
        )
    try:
        deadline = time.monotonic() + 90
        while (file := read_server_file(data)) is None or file.pid != process.pid:
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.05)
        yield Served(process, file.url, data, log)
    finally:
        if process.poll() is None:
            process.kill()
        process.wait(10)
