"""For random groups, limits and questions: no byte of a document that one may not read is in any
response, header, event, log line or figure."""

import asyncio
import json
import logging
from collections.abc import Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import httpx
import pytest
import structlog
from fastapi import FastAPI
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from app.api.app import create_app
from app.library.people import SCOPES
from app.runtime import Runtime, open_runtime
from app.settings import Settings
from ingest.report import SyncRequest
from ingest.sources.look import address_of
from tests.api.conftest import client_of
from tests.conftest import BigramEmbedder
from tests.fakes import OverlapReader, ScriptedChat

GROUPS: Final = ("board", "hr", "财务", "ops")
# Each document's subject, by which anybody may ask, and a word that nothing but it holds: in text,
# title, tag and file name. Some say themselves whom they are for.
SUBJECTS: Final = ("reactor", "salary", "merger", "kitchen", "年度预算", "garden")
SAID: Final = {1: ("hr",), 4: ("财务", "board")}
FOLDERS: Final = ("north", "south")


def mark(number: int) -> str:
    return f"qz{number}vx"


@dataclass
class World:
    """A library with an application over it, and what each document is limited by now."""

    runtime: Runtime
    app: FastAPI
    keys: dict[frozenset[str], str]
    ids: list[str]
    folder: Path
    by_hand: dict[int, frozenset[str]] = field(default_factory=dict)
    by_folder: dict[str, frozenset[str]] = field(default_factory=dict)
    of_kb: frozenset[str] = frozenset()

    def hidden(self, groups: frozenset[str]) -> list[int]:
        return [number for number in range(len(SUBJECTS)) if not self._reads(number, groups)]

    def _reads(self, number: int, groups: frozenset[str]) -> bool:
        limits = [
            self.of_kb,
            frozenset(SAID.get(number, ())),
            self.by_hand.get(number, frozenset()),
            self.by_folder.get(FOLDERS[number % 2], frozenset()),
        ]
        return all(groups & limit for limit in limits if limit)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, models_dir: Path) -> Any:
    """Made once; each example sets all limits anew."""
    folder = tmp_path_factory.mktemp("property")
    for number, subject in enumerate(SUBJECTS):
        word, place = mark(number), folder / "documents" / FOLDERS[number % 2]
        place.mkdir(parents=True, exist_ok=True)
        groups = f"groups: {json.dumps(SAID[number])}\n" if number in SAID else ""
        (place / f"{subject}-{word}.md").write_text(
            f"---\n{groups}tags: [{word}-tag]\nowner: {word}-owner\n---\n# {subject} {word}\n\n"
            f"The {subject} of {word} has 12{number} doors.\n\n| {subject} | {word} |\n"
            f"| --- | --- |\n| {word} one | 3 |\n| {word} two | 5 |\n",
            encoding="utf-8",
        )
    loop = asyncio.new_event_loop()

    async def make() -> World:
        at = Settings(_env_file=None, data=folder / "data", models=models_dir, accounts=True)  # type: ignore[call-arg]
        runtime = await open_runtime(
            at, embedder=BigramEmbedder(), chat=ScriptedChat(), reader=OverlapReader()
        )
        request = SyncRequest((str(folder / "documents"),), "default")
        await asyncio.to_thread(runtime.storage.sync, request, lambda _: None)
        rows = {row.source: row.id for row in runtime.library.documents("default")}
        ids = [
            next(rows[source] for source in rows if mark(number) in source)
            for number in range(len(SUBJECTS))
        ]
        return World(runtime, create_app(at, runtime), {}, ids, folder / "documents")

    made = loop.run_until_complete(make())
    yield made, loop
    loop.run_until_complete(made.runtime.close())
    loop.close()


@contextmanager
def logged() -> Any:
    """Every line that is logged meanwhile, by us or a library."""
    lines: list[str] = []

    class Keeping(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(record.getMessage())

    handler, root = Keeping(), logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    with structlog.testing.capture_logs() as ours:
        yield lines
        lines.extend(repr(entry) for entry in ours)
    root.removeHandler(handler)
    root.setLevel(level)


def key_of(world: World, groups: frozenset[str]) -> str:
    if groups not in world.keys:
        name = "+".join(sorted(groups)) or "nobody"
        world.runtime.library.people.add(name, "editor", groups)
        added = world.runtime.library.people.add_key(name, "test", SCOPES["editor"])
        world.keys[groups] = added[1]
    return world.keys[groups]


def set_limits(
    world: World,
    by_hand: dict[int, frozenset[str]],
    by_folder: dict[str, frozenset[str]],
    of_kb: frozenset[str],
) -> None:
    storage, limits = world.runtime.storage, world.runtime.library.limits
    for number, document_id in enumerate(world.ids):
        wanted = by_hand.get(number, frozenset())
        if wanted != world.by_hand.get(number, frozenset()):
            storage.limit_document("default", document_id, wanted)
    for folder in FOLDERS:
        wanted = by_folder.get(folder, frozenset())
        if wanted != world.by_folder.get(folder, frozenset()):
            storage.limit_address("default", address_of(str(world.folder / folder)), wanted)
    limits.limit_knowledge_base("default", of_kb)
    world.by_hand, world.by_folder, world.of_kb = by_hand, by_folder, of_kb


class Seen:
    """All that a caller was given."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client
        self.given: list[tuple[str, str]] = []

    async def get(self, path: str) -> httpx.Response:
        return self._keep(await self._client.get(path))

    async def post(self, path: str, body: Any, **headers: str) -> httpx.Response:
        return self._keep(await self._client.post(path, json=body, headers=headers))

    def _keep(self, response: httpx.Response) -> httpx.Response:
        assert response.status_code < 500, response.text
        request = response.request
        self.given.append((f"{request.method} {request.url}", f"{response.headers}{response.text}"))
        return response


EVENTS: Final = "text/event-stream"


async def look_at_everything(world: World, key: str, questions: Sequence[str]) -> Seen:
    """As somebody who asks, and opens whatever there may be."""
    async with client_of(world.app, Authorization=f"Bearer {key}") as client:
        seen = Seen(client)
        for question in questions:
            body: dict[str, Any] = {"question": question}
            await seen.post("/search", {**body, "limit": 50})
            for mode in ("dense", "sparse"):
                await seen.post("/search", {**body, "mode": mode})
            await seen.post("/ask", body, Accept=EVENTS)
            await seen.post("/ask", {**body, "mode": "quotes"})
            asked = await seen.post("/ask", {**body, "conversation_id": "new"})
            if asked.is_success:
                again = {**body, "conversation_id": asked.json()["conversation_id"]}
                await seen.post("/ask", again, Accept=EVENTS)
            message = {"role": "user", "content": question}
            await seen.post("/v1/chat/completions", {"model": "groundkb", "messages": [message]})
            limited = {"document_ids": list(world.ids)}
            await seen.post("/ask", {**body, "filter": limited})
            await seen.post("/search", {**body, "filter": {"scope": limited}})
        for path in ("/documents", "/documents?sort=-title", "/documents?q=q", "/scopes"):
            await seen.get(path)
        for path in ("/scopes?q=qz", "/jobs", "/conversations", "/knowledge-bases", "/v1/models"):
            await seen.get(path)
        for path in ("/knowledge-bases/default/examples", "/knowledge-bases/default", "/me"):
            await seen.get(path)
        for path in ("/sources", "/gaps", "/gaps?kb=default", "/metrics", "/feedback/export"):
            await seen.get(path)
        for document_id in world.ids:
            for part in ("", "/text", "/chunks", "/original"):
                await seen.get(f"/documents/{document_id}{part}")
            body = {"document_ids": [document_id], "add": ["seen"]}
            await seen.post("/documents/tags", body)
        listed = await seen.get("/conversations")
        for row in listed.json()["conversations"]:
            kept = (await seen.get(f"/conversations/{row['id']}")).json()
            for turn in kept["turns"]:
                place = f"/conversations/{row['id']}/turns/{turn['id']}"
                await seen.get(place)
                await seen.get(f"{place}/events")
        return seen


groups_of = st.frozensets(st.sampled_from(GROUPS), max_size=3)
some_groups = st.frozensets(st.sampled_from(GROUPS), min_size=1, max_size=2)
limits_of = st.tuples(
    st.dictionaries(st.integers(0, len(SUBJECTS) - 1), some_groups),
    st.dictionaries(st.sampled_from(FOLDERS), some_groups),
    st.one_of(st.just(frozenset[str]()), st.just(frozenset[str]()), some_groups),
)
asked_about = st.lists(
    st.one_of(
        st.sampled_from([f"How many doors has the {subject}?" for subject in SUBJECTS]),
        st.sampled_from([f"{subject}有多少？" for subject in SUBJECTS]),
        st.sampled_from(
            [
                "What documents are there?",
                "What is in here?",
                "有哪些文档？",
                "What is the sum of the reactor?",
                "Which documents mention the salary?",
                "What is the reactor, and how many doors has the merger?",
            ]
        ),
    ),
    min_size=1,
    max_size=2,
    unique=True,
)


@settings(
    max_examples=12,
    deadline=None,
    derandomize=True,
    # An example takes a second: to make a failing one smaller would take minutes.
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(groups=groups_of, first=limits_of, then=limits_of, questions=asked_about)
def test_nobody_is_given_what_he_may_not_read(
    world: tuple[World, asyncio.AbstractEventLoop],
    groups: frozenset[str],
    first: Any,
    then: Any,
    questions: list[str],
) -> None:
    made, loop = world
    key = key_of(made, groups)
    for limits in (first, then):  # what was answered under the first is read under the second
        set_limits(made, *limits)
        hidden = made.hidden(groups)
        with logged() as lines:
            seen = loop.run_until_complete(look_at_everything(made, key, questions))
        for number in hidden:
            for request, text in seen.given:
                assert mark(number) not in text, (number, request)
            assert not any(mark(number) in line for line in lines), number
            assert mark(number).encode() not in made.app.state.service.metrics.exposition()
        # And what he may read he does find.
        everything = "".join(text for _, text in seen.given)
        for number in set(range(len(SUBJECTS))) - set(hidden):
            assert mark(number) in everything, number
