"""Logs can be read by a machine, and hold neither questions nor keys."""

import json
import subprocess
import sys

import pytest

SCRIPT = """
import asyncio, httpx
from app.api.app import create_app
from app.api.logs import configure_logging
from app.settings import Settings
from types import SimpleNamespace

class Answerer:
    async def ask(self, question):
        secret = question.text
        raise KeyError("bug")
        yield

settings = Settings(_env_file=None, log_format="{format}", api_keys="key-of-this-test")
configure_logging(settings)
runtime = SimpleNamespace(answerer=Answerer(), settings=settings, usual_kb="default")
runtime.seen_by = lambda sight: runtime
runtime.ask = lambda question, *rest: runtime.answerer.ask(question)
app = create_app(settings, runtime)

async def main():
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        headers = {{"X-Request-ID": "req-7", "X-API-Key": "key-of-this-test"}}
        await client.post("/ask", json={{"question": "whispered words"}}, headers=headers)
        await client.post("/ask", json={{"question": 7, "note": "whispered words"}}, headers=headers)
        await client.get("/livez")
        await client.get("/a%0A%1B%5B2Jb")

asyncio.run(main())
"""


@pytest.mark.parametrize("log_format", ["auto", "text"])
def test_what_is_logged(log_format: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT.format(format=log_format)],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stdout == ""
    assert "whispered" not in done.stderr
    assert "key-of-this-test" not in done.stderr
    assert "KeyError" in done.stderr
    if log_format == "auto":  # standard error is no terminal here
        lines = [json.loads(line) for line in done.stderr.splitlines()]
        bug, first, second, strange = lines
        assert bug["event"] == "unexpected_error"
        assert bug["exception"][0]["exc_type"] == "KeyError"
        assert {line["request_id"] for line in (bug, first, second)} == {"req-7"}
        assert strange["path"] == "/a\n\x1b[2Jb"
        assert (first["path"], first["status"], first["method"]) == ("/ask", 500, "POST")
        assert (second["status"], second["level"]) == (422, "info")
    else:
        assert "path=/a\\n\\x1b[2Jb" in done.stderr
        assert "\x1b" not in done.stderr
