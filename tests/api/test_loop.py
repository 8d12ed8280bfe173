"""No route waits for the database on the event loop, where all others would wait with it."""

import asyncio
import contextlib
import gc
import sqlite3
import threading
import time
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from app.api.app import create_app
from app.api.routes.sync import job_events
from app.library.archive import DATABASE
from app.runtime import Runtime
from ingest.job_worker import JobWorker
from ingest.report import SyncRequest
from tests.api.conftest import client_of

pytestmark = pytest.mark.quiet

LONGEST_LAG = 0.05
LOCKED = 0.2  # seconds for which the database lets nobody in

# What each route is asked with; a placeholder gets an id that is unknown. What a route does with
# it is another test's: here it has to reach the database.
PLACEHOLDERS = {
    "kb": "default",
    "document_id": "unknown",
    "conversation_id": "unknown",
    "job_id": "unknown",
    "source_id": "unknown",
    "turn_id": "unknown",
    "feedback_id": "unknown",
    "answer_id": "unknown",
    "key_id": "unknown",
    "person_id": "unknown",
}
ANSWER: dict[str, Any] = {
    "answer": "x",
    "answered": True,
    "refusal": None,
    "language": "en",
    "standalone_question": None,
    "citations": [],
    "statements": [],
    "unverified_quotes": [],
    "retrieved": [],
    "models": {"chat": "c", "embedding": "e", "index": "i"},
    "usage": {"prompt_tokens": 1, "completion_tokens": 1, "dropped_chunks": 0},
    "timings_ms": {"retrieve": 1, "first_token": 1, "total": 1},
    "thoughts": "",
    "conversation_id": None,
    "position": None,
    "not_kept": None,
}
BODIES: dict[tuple[str, str], dict[str, Any]] = {
    ("POST", "/ask"): {"question": "Which licence?", "conversation_id": "new"},
    ("POST", "/search"): {"question": "Which licence?"},
    ("POST", "/conversations"): {},
    ("PATCH", "/conversations/{conversation_id}"): {"title": "x"},
    ("POST", "/feedback"): {"question": "x", "answer": ANSWER, "helpful": True},
    ("POST", "/knowledge-bases"): {"name": "another"},
    ("PATCH", "/knowledge-bases/{kb}"): {"refusals": {"en": "No."}},
    ("PUT", "/documents/{document_id}/tags"): {"tags": ["x"]},
    ("PUT", "/documents/{document_id}/groups"): {"groups": ["x"]},
    ("PUT", "/rights"): {"groups": []},
    ("PUT", "/rights/address"): {"address": "upload://", "groups": []},
    ("POST", "/knowledge-bases/{kb}/curated-answers"): {
        "question": "x?",
        "answer": "y",
        "quotes": [{"document_id": "unknown", "quote": "y"}],
    },
    ("POST", "/models/pull"): {"model": "tiny:1b"},
    ("POST", "/shadow"): {"settings": {"context_passages": 3}},
    ("POST", "/shadow/promotion"): {"rollback": True},
    ("POST", "/me/keys"): {"name": "x"},
    ("POST", "/me/password"): {"old": "x", "new": "y" * 10},
    ("POST", "/people"): {"name": "x"},
    ("PATCH", "/people/{person_id}"): {"enabled": False},
    ("POST", "/people/{person_id}/keys"): {"name": "x"},
    ("POST", "/shared-conversations"): {"secret": "unknown"},
    ("POST", "/sign-in"): {"name": "x", "password": "y"},
    ("POST", "/sign-in/link"): {"link": "x", "password": "y" * 10},
    ("POST", "/documents/delete"): {"document_ids": ["unknown"]},
    ("POST", "/documents/restore"): {"document_ids": ["unknown"]},
    ("POST", "/documents/tags"): {"document_ids": ["unknown"], "add": ["x"]},
    ("POST", "/sources"): {"location": "/nowhere/at/all"},
    ("PATCH", "/sources/{source_id}"): {"enabled": False},
    ("POST", "/sync"): {"roots": ["/nowhere/at/all"], "dry_run": True},
    ("POST", "/reindex"): {},
    ("POST", "/backup"): {"path": "/nowhere/at/all.tar"},
    ("POST", "/v1/embeddings"): {"input": "Which licence?"},
    ("POST", "/v1/chat/completions"): {"messages": [{"role": "user", "content": "Which licence?"}]},
}
FILES = {("POST", "/documents")}
# These ask for no body and say so by taking none.
BARE = {
    ("POST", "/jobs/{job_id}/cancel"),
    ("POST", "/jobs/{job_id}/retry"),
    ("POST", "/documents/{document_id}/retry"),
    ("POST", "/sources/{source_id}/restore"),
    ("POST", "/sources/{source_id}/sync"),
    ("POST", "/sign-out"),
    ("POST", "/conversations/{conversation_id}/share"),
    ("POST", "/people/{person_id}/link"),
    ("POST", "/conversations/{conversation_id}/restore"),
    ("POST", "/conversations/{conversation_id}/turns/{turn_id}/stop"),
    ("POST", "/conversations/{conversation_id}/turns/{turn_id}/show"),
    ("POST", "/conversations/{conversation_id}/turns/{turn_id}/restore"),
}


def routes_of(app: FastAPI) -> list[tuple[str, str]]:
    """(method, path template) of everything that the application answers to by itself."""
    described = app.openapi()["paths"]
    return sorted(
        (method.upper(), path) for path, methods in described.items() for method in methods
    )


@contextlib.asynccontextmanager
async def locked(runtime: Runtime) -> AsyncIterator[None]:
    """Nobody reads or writes the database for LOCKED seconds: another process has it for itself.

    In WAL mode readers pass every lock, so the file leaves that mode for as long; the next
    connection puts it back.
    """
    other = await _alone(runtime)
    other.execute("BEGIN EXCLUSIVE")

    def let_go() -> None:
        other.execute("ROLLBACK")
        other.close()

    timer = threading.Timer(LOCKED, let_go)
    timer.start()
    try:
        yield
    finally:
        await asyncio.to_thread(timer.join)


async def _alone(runtime: Runtime) -> sqlite3.Connection:
    """The only connection to the database: whoever is still at work of the last request ends."""
    await asyncio.to_thread(runtime.storage.worker.stop)
    path = runtime.settings.data / DATABASE
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    async with asyncio.timeout(20):
        while True:
            runtime.library.engine.dispose()
            gc.collect()  # a connection that was out of the pool then is closed with its pool
            try:
                [mode] = other.execute("PRAGMA journal_mode=DELETE").fetchone()
            except sqlite3.OperationalError:
                await asyncio.sleep(0.02)
            else:
                assert mode == "delete"
                return other


@contextlib.asynccontextmanager
async def ticking() -> AsyncIterator[list[float]]:
    """By how much the loop was late, at its latest; one number once it is over."""
    latest = [0.0]

    async def tick() -> None:
        while True:
            due = time.perf_counter() + 0.005
            await asyncio.sleep(0.005)
            latest[0] = max(latest[0], time.perf_counter() - due)

    task = asyncio.create_task(tick())
    await asyncio.sleep(0.02)  # it ticks
    try:
        yield latest
    finally:
        await asyncio.sleep(0.02)  # it has seen the last of it
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def lag_of(
    client: httpx.AsyncClient, runtime: Runtime, method: str, path: str
) -> tuple[float, float]:
    """(how late the loop was, seconds to the answer) while the database is locked."""
    address = path.format(**PLACEHOLDERS)
    body: dict[str, Any] = {}
    if (method, path) in FILES:
        body = {"files": [("files", ("a.txt", b"text", "text/plain"))]}
    elif (method, path) in BODIES:
        body = {"json": BODIES[method, path]}
    elif method != "GET" and method != "DELETE":
        assert (method, path) in BARE, f"say what {method} {path} is asked with"
    async with locked(runtime), ticking() as latest:
        started = time.perf_counter()
        response = await client.request(method, address, **body)
        took = time.perf_counter() - started
    assert response.status_code < 500 or response.status_code == 503, response.text
    return latest[0], took


async def test_no_route_holds_up_the_others(prepared: Runtime) -> None:
    app = create_app(prepared.settings, prepared, "the-token")
    late: dict[str, float] = {}
    waited = 0
    async with client_of(app, **{"X-Operator-Token": "the-token"}) as client:
        for warm in ("/documents", "/livez"):
            await client.get(warm)
        for method, path in routes_of(app):
            # A busy machine can make the loop late by itself; a route that blocks it does so always.
            for _ in range(3):
                lag, took = await lag_of(client, prepared, method, path)
                if lag <= LONGEST_LAG:
                    break
            else:
                late[f"{method} {path}"] = round(lag, 3)
            waited += took >= LOCKED * 0.8
    assert late == {}
    # The lock was one: most routes had to wait for it.
    assert waited > 20


async def test_a_sync_that_nobody_follows_any_more_is_cancelled_off_the_loop(
    prepared: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    # No worker takes it: a stop of the worker would end it, too.
    monkeypatch.setattr(JobWorker, "start", lambda _self: None)
    events = job_events(prepared.storage, SyncRequest(("/nowhere/at/all",), "default"), "en")
    await anext(events)  # which job it is
    following = asyncio.ensure_future(anext(events))
    await asyncio.sleep(0.2)  # it is queued
    async with locked(prepared), ticking() as latest:
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)
    assert latest[0] <= LONGEST_LAG
    [job] = prepared.library.jobs.latest("default", 9)
    assert job.status == "cancelled"
