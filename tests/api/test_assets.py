"""The page's files over HTTP: compressed where the browser takes it, kept as long as they are good."""

import gzip
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from app.api.middleware.assets import Assets
from app.api.middleware.prefix import PathPrefix
from app.api.routes.static import install_ui
from tests.api.conftest import client_of

SCRIPT = b"console.log('a page of ours');" * 100


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text("<!doctype html><title>page</title>")
    (tmp_path / "index.html.gz").write_bytes(gzip.compress(b"<!doctype html><title>page</title>"))
    (tmp_path / "assets" / "page-1a2b.js").write_bytes(SCRIPT)
    (tmp_path / "assets" / "page-1a2b.js.br").write_bytes(b"brotli")
    (tmp_path / "assets" / "page-1a2b.js.gz").write_bytes(gzip.compress(SCRIPT))
    (tmp_path / "favicon.svg").write_text("<svg/>")
    app = FastAPI()

    @app.get("/documents")
    async def documents() -> dict[str, str]:
        return {"name": "no file"}

    install_ui(app, tmp_path)
    app.add_middleware(Assets, folder=tmp_path)
    app.add_middleware(PathPrefix, root_path="/kb")
    async with client_of(app) as client:
        yield client


async def test_a_script_comes_in_the_smallest_form_taken(client: httpx.AsyncClient) -> None:
    path = "/assets/page-1a2b.js"
    for accepted, encoding in (("gzip, br", "br"), ("gzip", "gzip"), ("br;q=0, gzip", "gzip")):
        async with client.stream("GET", path, headers={"Accept-Encoding": accepted}) as response:
            raw = b"".join([chunk async for chunk in response.aiter_raw()])
        assert response.headers["content-encoding"] == encoding, accepted
        assert response.headers["vary"] == "Accept-Encoding"
        assert response.headers["content-type"] == "text/javascript; charset=utf-8"
        assert response.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert raw == b"brotli" if encoding == "br" else gzip.decompress(raw) == SCRIPT
    plain = await client.get(path, headers={"Accept-Encoding": "identity"})
    assert plain.content == SCRIPT
    assert "content-encoding" not in plain.headers
    assert plain.headers["vary"] == "Accept-Encoding"


async def test_what_may_change_is_asked_for_again(client: httpx.AsyncClient) -> None:
    for path in ("/", "/index.html", "/kb/"):
        page = await client.get(path, headers={"Accept-Encoding": "gzip"})
        assert page.text == "<!doctype html><title>page</title>", path
        assert page.headers["cache-control"] == "no-cache"
        assert page.headers["content-type"] == "text/html; charset=utf-8"
    again = await client.get(
        "/", headers={"Accept-Encoding": "gzip", "If-None-Match": page.headers["etag"]}
    )
    assert again.status_code == 304
    assert "cache-control" not in (await client.get("/favicon.svg")).headers
    missing = await client.get("/assets/other.js")
    assert missing.status_code == 404
    assert "cache-control" not in missing.headers
    assert (await client.get("/documents")).json() == {"name": "no file"}
