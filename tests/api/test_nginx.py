"""Behind Debian's nginx, as docs/people.md has it: events as they come, a path prefix, uploads, who it is."""

import asyncio
import re
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import AsyncGenerator, Iterator, MutableMapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import httpx
import pytest
import structlog
from fastapi import FastAPI

from app.answering import answer as data
from app.api.app import create_app
from app.runtime import Runtime
from app.settings import Settings
from tests.api.conftest import ScriptedAnswerer, served
from tests.api.test_sign_in import HERE

DOCS: Final = Path(__file__).parents[2] / "docs"
NGINX: Final = shutil.which("nginx") or "/usr/sbin/nginx"
LARGEST: Final = 300_000  # bytes of a body, in these tests
pytestmark = pytest.mark.skipif(not Path(NGINX).exists(), reason="nginx is not installed")


@dataclass
class GatedAnswerer(ScriptedAnswerer):
    """Says the first event at once, and the rest when the gate is opened."""

    gate: threading.Event = field(default_factory=threading.Event)

    async def ask(self, question: data.Question) -> AsyncGenerator[data.Event, None]:
        first = True
        async for event in super().ask(question):
            yield event
            while first and not self.gate.is_set():
                await asyncio.sleep(0.01)
            first = False


def example(name: str) -> str:
    """The block that begins with that comment."""
    text = (DOCS / "people.md").read_text(encoding="utf-8")
    found = re.search(rf"```nginx\n# {name}\n(.*?)```", text, re.DOTALL)
    assert found, name
    return found[1]


@contextmanager
def proxied(folder: Path, upstream: str, block: str) -> Iterator[str]:
    """nginx with an example, made to listen on a free port without TLS."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    for pattern, to in (
        (r"listen 443 ssl;", f"listen 127.0.0.1:{port};"),
        (r"(ssl_certificate|ssl_certificate_key|server_name) [^;]*;", ""),
        (r"http://127\.0\.0\.1:8000", upstream),
        (r"client_max_body_size 1g;", f"client_max_body_size {LARGEST};"),
        (r"/etc/nginx/people", str(folder / "people")),
    ):
        block = re.sub(pattern, to, block)
    (folder / "people").write_text("Ann:{PLAIN}secret\n")
    kept = " ".join(
        f"{name}_temp_path {folder}/{name};"
        for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    config = folder / "nginx.conf"
    config.write_text(
        f"user root; daemon off; pid {folder}/pid; error_log {folder}/error.log;\n"
        f"events {{}}\nhttp {{ access_log off; {kept}\n{block}\n}}\n"
    )
    process = subprocess.Popen([NGINX, "-e", f"{folder}/error.log", "-c", str(config)])
    try:
        for _ in range(200):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            assert process.poll() is None, (folder / "error.log").read_text()
            time.sleep(0.05)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(10)


def app_over(runtime: Runtime, answerer: ScriptedAnswerer, **more: object) -> FastAPI:
    trusted = Settings(trusted_proxies="127.0.0.1").trusted_proxies  # type: ignore[arg-type]
    settings = runtime.settings.model_copy(
        update={
            "accounts": True,
            "root_path": "/kb",
            "proxy_user_header": "Remote-User",
            "trusted_proxies": trusted,
            **more,
        }
    )
    return create_app(settings, replace(runtime, answerer=answerer))  # type: ignore[arg-type]


async def client_logged(lines: Sequence[MutableMapping[str, Any]], path: str) -> str:
    """Whose request of `path` is in the log. It comes there after its answer is sent, and one before it may, too."""
    clients: dict[str, str] = {}
    async with asyncio.timeout(30):
        while path not in clients:
            await asyncio.sleep(0.01)
            clients = {row["path"]: row["client"] for row in lines if "client" in row}
    return clients[path]


async def events_come_and_uploads_are_bounded(
    client: httpx.AsyncClient, answerer: GatedAnswerer
) -> httpx.Response:
    """Behind a proxy under /kb. Returns the answer to an upload that is too large."""
    asked = {"question": "?"}
    events = {"Accept": "text/event-stream"}
    async with client.stream("POST", "/kb/ask", json=asked, headers=events) as response:
        pieces = response.aiter_text()
        # It comes while the rest waits; held back by the proxy, it would never come.
        assert "event: " in await anext(pieces)
        answerer.gate.set()
        assert "event: done" in "".join([piece async for piece in pieces])
    small = {"files": ("a.md", b"# A")}
    assert (await client.post("/kb/documents", files=small)).status_code == 202
    large = {"files": ("b.md", b"x" * (LARGEST + 1))}
    return await client.post("/kb/documents", files=large)


async def test_nobody_names_himself_and_addresses_are_the_clients(
    runtime: Runtime, answerer: ScriptedAnswerer, tmp_path: Path
) -> None:
    block = example("the page and the API under /kb/")
    with (
        served(app_over(runtime, answerer)) as upstream,
        proxied(tmp_path, upstream, block) as url,
    ):
        # From another address of this machine, so that the proxy's is not the client's.
        transport = httpx.AsyncHTTPTransport(local_address="127.0.0.2")
        async with httpx.AsyncClient(base_url=url, headers=HERE, transport=transport) as client:
            assert (await client.get("/kb/livez")).status_code == 200
            page = await client.get("/kb/", headers={"Accept": "text/html"})
            assert (page.status_code, page.headers["location"]) == (303, "/kb/sign-in")
            forged = {"Remote-User": "Ann", "X-Forwarded-For": "203.0.113.9"}
            with structlog.testing.capture_logs() as lines:
                assert (await client.get("/kb/me", headers=forged)).status_code == 401
                assert await client_logged(lines, "/kb/me") == "127.0.0.2"
    assert runtime.library.people.all() == []


async def test_whom_nginx_signs_in_asks_and_uploads(runtime: Runtime, tmp_path: Path) -> None:
    answerer = GatedAnswerer()
    runtime.library.people.add("Ann", "editor")
    with (
        served(app_over(runtime, answerer)) as upstream,
        proxied(tmp_path, upstream, example("people whom nginx signs in")) as url,
    ):
        async with httpx.AsyncClient(base_url=url, headers=HERE, timeout=20) as client:
            assert (await client.get("/kb/me")).status_code == 401
            assert (await client.get("/kb/me", auth=("Ann", "guess"))).status_code == 401
            client.auth = httpx.BasicAuth("Ann", "secret")
            me = (await client.get("/kb/me", headers={"Remote-User": "Bo"})).json()
            assert (me["name"], me["role"], me["signed_in"]) == ("Ann", "editor", "proxy")
            refused = await events_come_and_uploads_are_bounded(client, answerer)
            assert refused.status_code == 413
