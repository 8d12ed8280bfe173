"""Alive, ready, and what is down by name."""

import asyncio
import threading
from collections.abc import Callable
from dataclasses import replace

import httpx
import pytest
from fastapi import FastAPI

from app.api import app as application
from app.api import service
from app.api.app import create_app
from app.api.metrics import Metrics
from app.api.routes import health
from app.api.service import Opening, Service
from app.errors import (
    ChatServerDown,
    IndexUnreachable,
    Internal,
    LibraryBusy,
    LibraryFailed,
    WeightsMissing,
)
from app.library.jobs import NewJob
from app.runtime import Runtime
from app.settings import Settings
from ingest.report import DocumentDone, Planned
from tests.api.conftest import ScriptedAnswerer, client_of, events_of, refused, served


async def test_ready_names_the_models_and_why(client: httpx.AsyncClient) -> None:
    response = await client.get("/readyz", headers={"Accept-Language": "zh"})
    assert response.status_code == 200
    body = response.json()
    assert body["status"] == "ready"
    assert {check["part"] for check in body["checks"]} == {"chat", "index", "library", "embedding"}
    assert all(check["ok"] for check in body["checks"])
    assert body["chat"] == {"provider": "embedded", "model": "scripted", "reason": "由调用方指定"}
    assert body["embedding"] == "bigrams"


class DownChat:
    """Everything of a chat model but that it works."""

    def __init__(self, seconds: float = 0.0) -> None:
        self.seconds = seconds
        self.provider, self.name, self.num_ctx = "ollama", "qwen3:4b", 8192

    async def probe(self) -> None:
        await asyncio.sleep(self.seconds)
        raise ChatServerDown(url="http://10.0.0.7:11434", detail="refused")

    async def close(self) -> None: ...


async def test_what_is_down_is_named_with_its_remedy(runtime: Runtime, settings: Settings) -> None:
    app = create_app(settings, replace(runtime, chat=DownChat()))  # type: ignore[arg-type]
    async with client_of(app) as client:
        response = await client.get("/readyz")
    assert response.status_code == 503
    body = response.json()
    assert body["status"] == "not_ready"
    assert body["error"]["code"] == "not_ready"
    assert "chat" in body["error"]["message"]
    [down] = [check for check in body["checks"] if not check["ok"]]
    assert down["part"] == "chat"
    assert down["error"]["code"] == "chat_server_down"
    assert "GROUNDKB_CHAT=embedded" in down["error"]["hint"]


async def test_a_probe_that_hangs_is_cut_off(
    runtime: Runtime, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "PROBE_SECONDS", 0.1)
    app = create_app(settings, replace(runtime, chat=DownChat(30)))  # type: ignore[arg-type]
    async with client_of(app) as client:
        response = await asyncio.wait_for(client.get("/readyz"), 3)
    [down] = [check for check in response.json()["checks"] if not check["ok"]]
    assert down["error"]["code"] == "probe_timeout"


async def test_without_a_key_readyz_tells_no_addresses(
    runtime: Runtime, make_settings: Callable[..., Settings]
) -> None:
    settings = make_settings(api_keys="a-key-of-some-length")
    app = create_app(settings, replace(runtime, chat=DownChat()))  # type: ignore[arg-type]
    async with client_of(app) as client:
        closed = await client.get("/readyz")
        opened = await client.get("/readyz", headers={"X-API-Key": "a-key-of-some-length"})
    assert closed.status_code == opened.status_code == 503
    assert "10.0.0.7" not in closed.text
    assert '"chat_server_down"' in closed.text
    assert "10.0.0.7" in opened.text


async def test_while_it_opens_the_server_lives_and_says_so(
    runtime: Runtime, settings: Settings
) -> None:
    go = asyncio.Event()

    async def slowly(_: Settings) -> Runtime:
        await go.wait()
        return runtime

    app = create_app(settings, runtime)
    opening = Opening(settings, slowly)
    app.state.service = Service(settings, opening, Metrics(), None)
    opening.start()
    async with client_of(app) as client:
        assert (await client.get("/livez")).status_code == 200
        ready = await client.get("/readyz")
        assert (ready.status_code, ready.json()["status"]) == (503, "starting")
        asked = await client.post("/ask", json={"question": "why"})
        assert asked.status_code == 503
        assert asked.json()["error"]["code"] == "starting"
        assert asked.headers["retry-after"]
        go.set()
        await opening.decided.wait()
        assert (await client.get("/readyz")).status_code == 200


async def test_opening_goes_on_trying_what_may_pass_and_gives_up_on_what_does_not(
    runtime: Runtime, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "RETRY_SECONDS", 0.01)
    tries = 0

    async def third_time_lucky(_: Settings) -> Runtime:
        nonlocal tries
        tries += 1
        if tries < 3:
            raise IndexUnreachable(url="http://qdrant:6333", detail="refused")
        return runtime

    opening = Opening(settings, third_time_lucky)
    opening.start()
    await asyncio.wait_for(opening.decided.wait(), 5)
    assert opening.runtime is runtime
    assert tries == 3

    async def never(_: Settings) -> Runtime:
        raise WeightsMissing(model="m")

    opening = Opening(settings, never)
    opening.start()
    await asyncio.wait_for(opening.decided.wait(), 5)
    with pytest.raises(WeightsMissing):
        _ = opening.runtime


async def test_metrics_count_questions_by_how_they_ended(
    scripted: Callable[..., FastAPI], answerer: ScriptedAnswerer
) -> None:
    app, other = scripted(), scripted()
    async with client_of(app) as client:
        await client.post("/ask", json={"question": "why"})
        answerer.script = events_of(refused("unverified"))
        await client.post("/ask", json={"question": "why"})
        answerer.script = [ChatServerDown(url="u", detail="d")]
        await client.post("/ask", json={"question": "why"})
        await client.get("/documents/some-id-1")
        figures = (await client.get("/metrics")).text
    assert 'groundkb_answers_total{outcome="answered"} 1.0' in figures
    assert 'groundkb_answers_total{outcome="refused_unverified"} 1.0' in figures
    assert 'groundkb_answers_total{outcome="error_chat_server_down"} 1.0' in figures
    assert 'groundkb_tokens_total{kind="completion"} 14.0' in figures
    assert "groundkb_questions_in_progress 0.0" in figures
    assert 'route="/documents/{document_id}",status="404"' in figures
    assert "some-id-1" not in figures
    async with client_of(other) as client:
        assert 'outcome="answered"' not in (await client.get("/metrics")).text


async def test_metrics_tell_what_there_is_and_how_long_the_steps_of_an_answer_took(
    prepared: Runtime, settings: Settings
) -> None:
    async with client_of(create_app(settings, prepared)) as client:
        asked = {"question": "Which licence does DeepSeek use?"}
        assert (await client.post("/ask", json=asked)).json()["answered"] is True
        prepared.library.jobs.add(NewJob("default", "sync", "x", {"roots": ["x"]}))
        figures = (await client.get("/metrics")).text
    found = dict(line.rsplit(" ", 1) for line in figures.splitlines() if line[0] != "#")
    assert float(found["groundkb_documents"]) == 3
    assert float(found["groundkb_passages"]) == prepared.storage.indexes.ensure("default").count()
    assert float(found["groundkb_index_bytes"]) > 1000
    assert float(found['groundkb_unfinished_jobs{status="queued"}']) == 1
    assert float(found["process_resident_memory_bytes"]) > 10**7
    for step in ("retrieve", "read", "prompt", "generate", "verify"):
        assert float(found[f'groundkb_step_seconds_count{{step="{step}"}}']) == 1
    for figure in ("evidence", "first_statement", "answer", "first_token"):
        assert float(found[f"groundkb_{figure}_seconds_count"]) == 1
    assert float(found["groundkb_tokens_per_second_sum"]) > 1
    assert found['groundkb_chat_model_bytes{memory="gpu"}'] == "NaN"


async def test_metrics_are_there_when_the_library_is_not(
    prepared: Runtime, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def down() -> tuple[int, int]:
        raise LibraryFailed(detail="refused")

    monkeypatch.setattr(prepared.library, "totals", down)
    async with client_of(create_app(settings, prepared)) as client:
        response = await client.get("/metrics")
    assert response.status_code == 200
    assert "groundkb_queue_length 0.0" in response.text


async def test_metrics_count_what_a_job_takes_in_while_it_runs() -> None:
    metrics = Metrics()
    metrics.ingesting(DocumentDone("a.md", "added", chunks=7, bytes=900))
    metrics.ingesting(Planned(1, 0, 0, 0, 900))
    found = metrics.exposition().decode()
    assert "groundkb_ingested_passages_total 7.0" in found
    assert "groundkb_ingested_bytes_total 900.0" in found


async def test_what_nobody_foresaw_ends_the_opening_too(settings: Settings) -> None:
    """The server stayed as it was, starting, and told nobody."""

    async def broken(_: Settings) -> Runtime:
        raise ValueError("header too large")

    opening = Opening(settings, broken)
    opening.start()
    await asyncio.wait_for(opening.decided.wait(), 5)
    assert isinstance(opening.error, Internal)
    with pytest.raises(Internal, match="header too large"):
        _ = opening.runtime


async def test_jobs_go_on_after_a_start_with_a_database_that_was_locked(
    runtime: Runtime, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(application, "LOST_SECONDS", 0.02)
    started, tries = threading.Event(), [1, 2]

    def start(*, scheduling: bool) -> None:
        if tries:
            tries.pop()
            raise LibraryBusy(seconds=15) if tries else OSError("Read-only file system")
        started.set()

    monkeypatch.setattr(runtime.storage.worker, "start", start)
    app = create_app(settings, runtime)
    async with app.router.lifespan_context(app):
        assert await asyncio.to_thread(started.wait, 5)


@pytest.mark.parametrize("root_path", ["", "/kb"])
def test_monitors_may_ask_with_head(scripted: Callable[..., FastAPI], root_path: str) -> None:
    with served(scripted(root_path=root_path)) as url:
        for probe in ("livez", "readyz"):
            answer = httpx.head(f"{url}{root_path}/{probe}")
            assert (answer.status_code, answer.content) == (200, b"")
        assert httpx.head(f"{url}{root_path}/documents").status_code == 405
