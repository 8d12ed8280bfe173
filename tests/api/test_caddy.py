"""Behind Debian's Caddy, as docs/people.md has it: events as they come, uploads, who it is, from where."""

import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import httpx
import pytest
import structlog

from app.library.people import SCOPES
from app.runtime import Runtime
from tests.api.conftest import ScriptedAnswerer, served
from tests.api.test_nginx import (
    DOCS,
    LARGEST,
    GatedAnswerer,
    app_over,
    client_logged,
    events_come_and_uploads_are_bounded,
)
from tests.api.test_people import bearer
from tests.api.test_sign_in import HERE

CADDY: Final = shutil.which("caddy")
pytestmark = pytest.mark.skipif(CADDY is None, reason="caddy is not installed")


@contextmanager
def proxied(folder: Path, upstream: str) -> Iterator[str]:
    """Caddy with the example, made to listen on a free port without TLS."""
    text = (DOCS / "people.md").read_text(encoding="utf-8")
    found = re.search(r"```caddy\n(.*?)```", text, re.DOTALL)
    assert found
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    block = found[1]
    for written, to in (
        ("kb.example.org {", f"http://127.0.0.1:{port} {{"),
        ("127.0.0.1:8000", urlsplit(upstream).netloc),
    ):
        assert written in block, written
        block = block.replace(written, to)
    config = folder / "Caddyfile"
    config.write_text(f"{{\n\tadmin off\n\tauto_https off\n}}\n{block}")
    homes = {"HOME": str(folder), "XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(
            [str(CADDY), "run", "--config", str(config), "--adapter", "caddyfile"],
            env={**os.environ, **homes},
            stdout=log,
            stderr=log,
        )
    try:
        deadline = time.monotonic() + 60
        while True:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            assert process.poll() is None, (folder / "log").read_text()
            assert time.monotonic() < deadline
            time.sleep(0.05)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(10)


async def test_nobody_names_himself_and_addresses_are_the_clients(
    runtime: Runtime, answerer: ScriptedAnswerer, tmp_path: Path
) -> None:
    with served(app_over(runtime, answerer)) as upstream, proxied(tmp_path, upstream) as url:
        # From another address of this machine, so that the proxy's is not the client's.
        transport = httpx.AsyncHTTPTransport(local_address="127.0.0.2")
        async with httpx.AsyncClient(base_url=url, headers=HERE, transport=transport) as client:
            page = await client.get("/kb/", headers={"Accept": "text/html"})
            assert (page.status_code, page.headers["location"]) == (303, "/kb/sign-in")
            forged = {
                "Remote-User": "Ann",
                "Remote-Groups": "board",
                "X-Forwarded-For": "203.0.113.9",
                "X-Forwarded-Proto": "https",
            }
            with structlog.testing.capture_logs() as lines:
                assert (await client.get("/kb/me", headers=forged)).status_code == 401
                assert await client_logged(lines, "/kb/me") == "127.0.0.2"
    assert runtime.library.people.all() == []


async def test_events_come_as_they_are_made_and_uploads_are_bounded(
    runtime: Runtime, tmp_path: Path
) -> None:
    answerer = GatedAnswerer()
    runtime.library.people.add("Ann", "editor")
    key = runtime.library.people.add_key("Ann", "k", SCOPES["editor"])[1]
    app = app_over(runtime, answerer, max_upload_bytes=LARGEST)
    with served(app) as upstream, proxied(tmp_path, upstream) as url:
        async with httpx.AsyncClient(base_url=url, headers=bearer(key), timeout=60) as client:
            refused = await events_come_and_uploads_are_bounded(client, answerer)
            assert refused.json()["error"]["code"] == "upload_too_large"
