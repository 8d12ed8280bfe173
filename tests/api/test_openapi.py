"""The description that clients are generated from, and the pages that go with it."""

import re
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from openapi_spec_validator import validate

from app.api.routes.static import install_ui
from tests.api.conftest import client_of


def test_it_is_valid_and_names_every_stream_event(scripted: Callable[..., FastAPI]) -> None:
    schema = scripted().openapi()
    validate(schema)
    names = set(schema["components"]["schemas"])
    events = {
        "Stage",
        "EvidenceFound",
        "Retrieved",
        "TokenPiece",
        "ThoughtPiece",
        "Citations",
        "Answer",
        "ErrorBody",
    }
    assert events | {"Planned", "DocumentDone", "SyncReport"} <= names
    references = set(re.findall(r"#/components/schemas/(\w+)", str(schema)))
    assert references <= names
    assert "example" in schema["components"]["schemas"]["Answer"]


async def test_docs_need_no_other_host(client: httpx.AsyncClient) -> None:
    page = (await client.get("/docs")).text
    for source in re.findall(r'(?:src|href)="([^"]+)"', page):
        assert source.startswith("/docs/")
        assert (await client.get(source)).status_code == 200
    assert "<script>" not in page


async def test_everything_works_behind_a_path_prefix(scripted: Callable[..., FastAPI]) -> None:
    async with client_of(scripted(root_path="/kb")) as client:
        # A proxy may strip the prefix or pass it on.
        for prefix in ("", "/kb"):
            assert (await client.get(f"{prefix}/livez")).status_code == 200
            assert (await client.post(f"{prefix}/ask", json={"question": "?"})).status_code == 200
            assert (await client.get(f"{prefix}/docs/assets/swagger-ui.css")).status_code == 200
        assert 'src="/kb/docs/' in (await client.get("/kb/docs")).text
        description = (await client.get("/kb/openapi.json")).json()
        assert description["servers"] == [{"url": "/kb"}]


@pytest.fixture
def built(tmp_path: Path) -> Path:
    (tmp_path / "ui" / "assets").mkdir(parents=True)
    (tmp_path / "ui" / "index.html").write_text("<title>the ui</title>")
    (tmp_path / "ui" / "assets" / "app-1a2b.js").write_text("let a = 1")
    return tmp_path / "ui"


async def test_the_ui_is_served_behind_the_api(
    scripted: Callable[..., FastAPI], built: Path
) -> None:
    app = FastAPI()

    @app.get("/livez")
    async def livez() -> str:
        return "api"

    install_ui(app, built)
    page = {"Accept": "text/html"}
    async with client_of(app) as client:
        assert "the ui" in (await client.get("/", headers=page)).text
        assert "the ui" in (await client.get("/c/some-conversation", headers=page)).text
        script = await client.get("/assets/app-1a2b.js")
        assert "javascript" in script.headers["content-type"]
        assert (await client.get("/livez")).json() == "api"
        assert (await client.get("/assets/missing.js")).status_code == 404
        assert (await client.get("/../../etc/passwd")).status_code == 404
        assert (await client.get("/%2e%2e/%2e%2e/etc/passwd")).status_code == 404


async def test_without_a_built_ui_a_page_says_how_to_build_it(
    tmp_path: Path,
) -> None:
    app = FastAPI()
    install_ui(app, tmp_path)
    async with client_of(app) as client:
        assert "make ui" in (await client.get("/")).text
