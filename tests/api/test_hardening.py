"""What a public port must not have: each of these was seen."""

import json
import logging
import os
import sqlite3
import stat
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from app.api.app import create_app
from app.api.logs import configure_logging
from app.errors import ChatServerDown, SettingsInvalid
from app.library.archive import DATABASE
from app.library.library import open_library
from app.runtime import Runtime
from app.settings import Settings, load_settings
from tests.api.conftest import ScriptedAnswerer, client_of
from tests.api.test_health import DownChat

SURROGATE = r"\ud83d"


async def test_methods_make_no_series_of_their_own(client: httpx.AsyncClient) -> None:
    for number in range(50):
        await client.request(f"WORD{number}", "/documents")
    figures = (await client.get("/metrics")).text
    assert "WORD" not in figures
    assert 'method="other"' in figures


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/ask", '{"question": "许可证 %s ？"}'),
        ("/search", '{"question": "许可证 %s ？"}'),
        (
            "/search",
            '{"question": "许可证？", "filter": {"tags": ["%s"], "properties": {"%s": ["x"]}}}',
        ),
        ("/v1/chat/completions", '{"messages": [{"role": "user", "content": "许可证 %s ？"}]}'),
    ],
)
async def test_half_a_surrogate_pair_is_a_character_like_another(
    prepared: Runtime, path: str, body: str
) -> None:
    async with client_of(create_app(prepared.settings, prepared)) as client:
        sent = body.replace("%s", SURROGATE)
        headers = {"Content-Type": "application/json"}
        assert (await client.post(path, content=sent, headers=headers)).status_code == 200


async def test_a_whole_pair_stays_what_it_is(
    client: httpx.AsyncClient, answerer: ScriptedAnswerer
) -> None:
    await client.post(
        "/ask",
        content=r'{"question": "\ud83d\ude00 \ud83d? \\ud83d"}',
        headers={"Content-Type": "application/json"},
    )
    assert answerer.questions[0].text == "😀 \ufffd? \\ud83d"


@pytest.mark.parametrize(
    "wanted",
    [
        {"properties": {f"name-{n}": ["x"] for n in range(30_000)}},
        {"properties": {"name": [str(n) for n in range(30_000)]}},
        {"tags": [str(n) for n in range(30_000)]},
        {"document_ids": [str(n) for n in range(30_000)]},
    ],
)
async def test_filters_are_bounded(client: httpx.AsyncClient, wanted: dict[str, object]) -> None:
    started = time.monotonic()
    for path in ("/ask", "/search"):
        response = await client.post(path, json={"question": "x", "filter": wanted})
        assert (response.status_code, response.json()["error"]["code"]) == (422, "request_invalid")
    assert time.monotonic() - started < 6  # it took 12


@pytest.mark.parametrize("keys", [[""], [" "], ["a-key", ""]])
def test_an_empty_key_is_refused(keys: list[str], tmp_path: Path) -> None:
    (tmp_path / "groundkb.toml").write_text(f"api_keys = {json.dumps(keys)}\n")
    with pytest.raises(SettingsInvalid):
        load_settings()


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1"])
async def test_a_key_may_hold_any_letters(scripted: Callable[..., FastAPI], encoding: str) -> None:
    async with client_of(scripted(api_keys=["clé-très-secrète"])) as client:
        for name, prefix in (("X-API-Key", b""), ("Authorization", b"Bearer ")):
            sent = {name.encode(): prefix + "clé-très-secrète".encode(encoding)}
            assert (await client.get("/documents", headers=sent)).status_code == 200
            sent = {name.encode(): prefix + "cle-tres-secrete".encode(encoding)}
            assert (await client.get("/documents", headers=sent)).status_code == 401


async def test_a_chinese_key_opens(scripted: Callable[..., FastAPI]) -> None:
    async with client_of(scripted(api_keys=["密钥密钥密钥"])) as client:
        sent = {b"X-API-Key": "密钥密钥密钥".encode()}
        assert (await client.get("/documents", headers=sent)).status_code == 200


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_the_library_is_its_owners_alone(settings: Settings) -> None:
    settings.data.mkdir(mode=0o755, parents=True)
    settings.data.chmod(0o755)
    sqlite3.connect(settings.data / DATABASE).close()
    (settings.data / DATABASE).touch(0o644)
    (settings.data / DATABASE).chmod(0o644)
    before = os.umask(0o022)
    try:
        library = open_library(settings)
        library.add_knowledge_base("default")
        files = [path for path in settings.data.iterdir() if path.name.startswith(DATABASE)]
        assert len(files) == 3, "the write-ahead log and its index lie beside"
        assert [mode(path) for path in files] == [0o600] * 3
        assert mode(settings.data) == 0o700
        library.close()
    finally:
        os.umask(before)


async def test_passwords_of_addresses_are_shown_nowhere(
    runtime: Runtime,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    error = ChatServerDown(
        url="http://me:hunter2@host:1", detail=OSError("at http://me:hunter2@host:1")
    )

    async def probe() -> None:
        raise error

    monkeypatch.setattr(runtime.chat, "probe", probe, raising=False)
    async with client_of(create_app(settings, runtime)) as client:
        told = (await client.get("/readyz")).text
    assert "hunter2" not in told
    assert "host:1" in told
    assert "hunter2" not in str(error)
    root = logging.getLogger()
    kept, level = root.handlers, root.level
    try:
        configure_logging(settings.model_copy(update={"log_format": "json"}))
        logging.getLogger("a.library").error("cannot reach %s", "postgresql://me:hunt@er2@host/db")
        said = capsys.readouterr().err
    finally:
        root.handlers = kept
        root.setLevel(level)
    assert "er2" not in said
    assert "host/db" in said


async def test_405_names_all_methods_of_the_path(client: httpx.AsyncClient) -> None:
    for path, methods in (
        ("/documents", "GET, POST"),
        ("/livez", "GET"),
        ("/conversations/x", "DELETE, GET, PATCH"),
    ):
        response = await client.put(path)
        assert (response.status_code, response.headers["Allow"]) == (405, methods)


async def test_readiness_is_asked_once_a_second_for_all(
    runtime: Runtime, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = 0
    chat = DownChat(0.0)

    async def probe() -> None:
        nonlocal asked
        asked += 1

    monkeypatch.setattr(chat, "probe", probe)
    monkeypatch.setattr(runtime, "chat", chat)
    async with client_of(create_app(settings, runtime)) as client:
        for _ in range(20):
            await client.get("/readyz")
    assert asked <= 2


async def test_u_0000_is_no_text(client: httpx.AsyncClient) -> None:
    """No file name and no text of PostgreSQL may hold it: it was a 500."""
    headers = {"Content-Type": "application/json"}
    body = '{"question": "a\\u0000b", "filter": {"tags": ["\\u0000"]}}'
    assert (await client.post("/ask", content=body, headers=headers)).status_code == 200
    for path in ("/documents/a%00b", "/documents?q=%00", "/conversations?q=a%00"):
        refused = await client.get(path)
        assert (refused.status_code, refused.json()["error"]["code"]) == (422, "request_invalid"), (
            path
        )


async def test_an_address_with_u_0000_is_no_500(scripted: Callable[..., FastAPI]) -> None:
    async with client_of(scripted(operator_token="proof")) as client:
        sent = await client.put(
            "/rights/address",
            content='{"address": "/a\\u0000b", "groups": []}',
            headers={"X-Operator-Token": "proof", "Content-Type": "application/json"},
        )
        assert sent.status_code == 200


async def test_pages_beyond_any_number_are_refused(client: httpx.AsyncClient) -> None:
    for path in ("/conversations", "/documents", "/jobs"):
        assert (await client.get(f"{path}?offset={2**64}")).status_code == 422, path
