"""For random groups, limits and questions: no byte of a document that one may not read is in any
response, header, event, log line or figure."""

import asyncio
import json
import logging
from collections import defaultdict
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

from app.answering.curated import add_curated
from app.api.app import create_app
from app.library.people import SCOPES, Role
from app.runtime import Runtime, open_runtime
from app.settings import Settings
from ingest.report import SyncRequest
from ingest.sources.look import address_of
from tests.api.conftest import client_of
from tests.api.test_people import guarded_routes
from tests.api.test_rights_matrix import made_answer
from tests.conftest import BigramEmbedder
from tests.fakes import OverlapReader, ScriptedChat

GROUPS: Final = ("board", "hr", "财务", "ops")
# Each document's subject, by which anybody may ask, and a word that nothing but it holds: in text,
# title, tag and file name. Some say themselves whom they are for.
SUBJECTS: Final = ("reactor", "salary", "merger", "kitchen", "年度预算", "garden")
SAID: Final = {1: ("hr",), 4: ("财务", "board")}
FOLDERS: Final = ("north", "south")
# Answers that an owner wrote, by the document that they quote.
CURATED: Final = {0: "What is special about the reactor?", 3: "What is special about the kitchen?"}


def mark(number: int) -> str:
    return f"qz{number}vx"


@dataclass
class World:
    """A library with an application over it, and what each document is limited by now."""

    runtime: Runtime
    app: FastAPI
    keys: dict[tuple[frozenset[str], bool], str]
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
        at = Settings(  # type: ignore[call-arg]
            _env_file=None,
            data=folder / "data",
            models=models_dir,
            accounts=True,
            answers_again=200,
            audit_days=7,
            audit_questions=True,
            max_requests=1_000_000,
        )
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
        for number in CURATED:
            text = runtime.library.text("default", ids[number])
            quote = next(line for line in text.splitlines() if "doors" in line)
            asked = CURATED[number]
            add_curated(runtime.library, "default", asked, f"{quote} [1]", [(ids[number], quote)])
        runtime.storage.worker.stop()  # what is asked for is queued, and changes no document
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


def key_of(world: World, groups: frozenset[str], *, manages: bool = False) -> str:
    """Of an editor in these groups; who `manages` is an admin of the knowledge base, which opens no
    limits of documents."""
    at = (groups, manages)
    if at not in world.keys:
        people, name = (
            world.runtime.library.people,
            f"{'+'.join(sorted(groups)) or 'nobody'} {manages}",
        )
        people.add(name, "editor", groups)
        roles: dict[str, Role | None] = {"default": "admin"} if manages else {}
        people.change(name, roles=roles)
        world.keys[at] = people.add_key(name, "test", SCOPES["admin"])[1]
    return world.keys[at]


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
    """All that a caller was given, and the routes that gave it."""

    def __init__(self, client: httpx.AsyncClient, world: World) -> None:
        self._client = client
        self._ids = {"document_id": world.ids[0], "kb": "default"}
        self.given: list[tuple[str, str]] = []
        self.called: set[tuple[str, str]] = set()

    async def call(
        self, method: str, path: str, body: Any = None, query: str = "", **how: Any
    ) -> httpx.Response:
        """`path` is the route's template; what is in braces is among `how` or of an object that is
        nobody's, and so are headers."""
        self.called.add((method, path))
        headers = {key.title(): value for key, value in how.items() if key == "accept"}
        named = defaultdict(lambda: "none", self._ids | how)
        sent: dict[str, Any] = {"json": body} if body is not None else {}
        if "files" in how:
            sent = {"files": how["files"]}
        address = path.format_map(named) + query
        response = await self._client.request(method, address, headers=headers, **sent)
        assert response.status_code < 500, response.text
        self.given.append((f"{method} {address}", f"{response.headers}{response.text}"))
        return response


EVENTS: Final = "text/event-stream"
TURN: Final = "/conversations/{conversation_id}/turns/{turn_id}"


async def look_at_everything(
    world: World, key: str, questions: Sequence[str], shared: Sequence[str]
) -> Seen:
    """As somebody who asks, and calls every route there is for whatever there may be."""
    async with client_of(world.app, Authorization=f"Bearer {key}") as client:
        seen = Seen(client, world)
        for question in questions:
            await ask(seen, world, question)
        await look_at_lists(seen)
        for document_id in world.ids:
            of: dict[str, Any] = {"document_id": document_id}
            for part in ("", "/text", "/chunks", "/original"):
                await seen.call("GET", f"/documents/{{document_id}}{part}", **of)
            named = {"document_ids": [document_id]}
            await seen.call("POST", "/documents/tags", {**named, "add": ["seen"]})
            await seen.call("PUT", "/documents/{document_id}/tags", {"tags": ["seen"]}, **of)
            await seen.call("POST", "/documents/{document_id}/retry", **of)
            await seen.call("PUT", "/documents/{document_id}/groups", {"groups": []}, **of)
            # What he may not read he neither deletes nor brings back.
            await seen.call("DELETE", "/documents/{document_id}", **of)
            await seen.call("POST", "/documents/restore", named)
            await seen.call("POST", "/documents/delete", named)
            await seen.call("POST", "/documents/restore", named)
        await look_at_work(seen)
        await look_at_conversations(seen, shared)
        await look_at_the_rest(seen)
        return seen


async def ask(seen: Seen, world: World, question: str) -> None:
    body: dict[str, Any] = {"question": question}
    await seen.call("POST", "/search", {**body, "limit": 50})
    for mode in ("dense", "sparse"):
        await seen.call("POST", "/search", {**body, "mode": mode})
    await seen.call("POST", "/ask", body, accept=EVENTS)
    await seen.call("POST", "/ask", {**body, "mode": "quotes"})
    asked = await seen.call("POST", "/ask", {**body, "conversation_id": "new"})
    if asked.is_success:
        again = {**body, "conversation_id": asked.json()["conversation_id"]}
        await seen.call("POST", "/ask", again, accept=EVENTS)
        judged = {"question": question, "helpful": False, "answer": asked.json()}
        await seen.call("POST", "/feedback", judged)
    message = {"role": "user", "content": question}
    await seen.call("POST", "/v1/chat/completions", {"model": "groundkb", "messages": [message]})
    limited = {"document_ids": list(world.ids)}
    await seen.call("POST", "/ask", {**body, "filter": limited})
    await seen.call("POST", "/search", {**body, "filter": {"scope": limited}})


async def look_at_lists(seen: Seen) -> None:
    for query in ("", "?sort=-title", "?q=q", "?searchable=true&limit=2"):
        await seen.call("GET", "/documents", query=query)
    for query in ("", "?q=qz"):
        await seen.call("GET", "/scopes", query=query)
    for path in ("/knowledge-bases", "/v1/models", "/me", "/me/keys", "/sources", "/metrics"):
        await seen.call("GET", path)
    for path in ("", "/examples", "/curated-answers"):
        await seen.call("GET", f"/knowledge-bases/{{kb}}{path}")
    for path in ("/gaps", "/feedback/export", "/audit", "/rights", "/people", "/groups"):
        await seen.call("GET", path, query="?kb=default")
    for path in ("/shadow", "/models/advice", "/models/pull"):
        await seen.call("GET", path)


async def look_at_work(seen: Seen) -> None:
    """Jobs of his: uploads, and documents that are read again."""
    for how in ("refuse", "keep_both"):
        files = {"files": ("new.md", b"# New")}
        await seen.call("POST", "/documents", query=f"?on_conflict={how}", files=files)
    listed = await seen.call("GET", "/jobs")
    for row in listed.json().get("jobs", [])[:6]:
        of = {"job_id": row["id"]}
        await seen.call("GET", "/jobs/{job_id}", **of)
        await seen.call("POST", "/jobs/{job_id}/cancel", **of)
        await seen.call("GET", "/jobs/{job_id}/events", **of)  # ended, or it would not end
    for path in ("/cancel", "/retry"):
        await seen.call("POST", f"/jobs/{{job_id}}{path}")
    for path in ("", "/events"):
        await seen.call("GET", f"/jobs/{{job_id}}{path}")


async def look_at_conversations(seen: Seen, shared: Sequence[str]) -> None:
    for secret in shared:
        await seen.call("POST", "/shared-conversations", {"secret": secret})
    await seen.call("POST", "/conversations", {})
    listed = await seen.call("GET", "/conversations")
    for row in listed.json()["conversations"]:
        of = {"conversation_id": row["id"]}
        kept = (await seen.call("GET", "/conversations/{conversation_id}", **of)).json()
        for turn in kept["turns"]:
            here = {**of, "turn_id": turn["id"]}
            for method, path in (
                ("GET", ""),
                ("GET", "/events"),
                ("POST", "/stop"),
                ("POST", "/show"),
            ):
                await seen.call(method, f"{TURN}{path}", **here)
        for turn in kept["turns"][-1:]:
            here = {**of, "turn_id": turn["id"]}
            await seen.call("DELETE", TURN, **here)
            await seen.call("POST", f"{TURN}/restore", **here)
            await seen.call("DELETE", "/feedback/{feedback_id}", feedback_id=turn["id"])
        whole = "/conversations/{conversation_id}"
        await seen.call("PATCH", whole, {"title": "named"}, **of)
        await seen.call("POST", f"{whole}/share", **of)
        await seen.call("DELETE", f"{whole}/share", **of)
        await seen.call("DELETE", whole, **of)
        await seen.call("POST", f"{whole}/restore", **of)
    # Who may not enter the knowledge base has none.
    for method, path in sorted(guarded_routes()):
        if path.startswith(("/conversations/", "/feedback/{")):
            await seen.call(method, path, {"title": "x"} if method == "PATCH" else None)


async def look_at_the_rest(seen: Seen) -> None:
    """What is for admins of everything, or has nothing to tell; each is refused or tells nothing."""
    await seen.call("POST", "/v1/embeddings", {"input": "reactor"})
    await seen.call("PATCH", "/knowledge-bases/{kb}", {})
    await seen.call("POST", "/feedback", await judged_of_nobody())
    bodies: dict[tuple[str, str], Any] = {
        ("POST", "/knowledge-bases"): {"name": "more"},
        ("POST", "/knowledge-bases/{kb}/curated-answers"): {},
        ("PUT", "/rights"): {"groups": []},
        ("PUT", "/rights/address"): {"address": "upload://", "groups": []},
        ("POST", "/shadow"): {"settings": {"context_passages": 3}},
        ("POST", "/people"): {"name": "Somebody"},
    }
    for method, path in sorted(guarded_routes() - seen.called):
        response = await seen.call(method, path, bodies.get((method, path), {}))
        assert response.status_code in (401, 403), f"{method} {path} is looked at by no test here"


async def judged_of_nobody() -> dict[str, Any]:
    return {"question": "?", "helpful": True, "answer": await made_answer("none")}


async def share_everything(world: World, key: str, questions: Sequence[str]) -> list[str]:
    """Somebody who may read all asks the same, so that answers are kept, and shares it: the secrets."""
    secrets = []
    async with client_of(world.app, Authorization=f"Bearer {key}") as client:
        for question in questions:
            body = {"question": question, "conversation_id": "new"}
            answer = (await client.post("/ask", json=body)).json()
            follow_up = {**body, "conversation_id": answer["conversation_id"]}
            await client.post("/ask", json={**follow_up, "question": "And how many doors has it?"})
            path = f"/conversations/{answer['conversation_id']}/share"
            secrets.append((await client.post(path)).json()["secret"])
    return secrets


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
                *CURATED.values(),
            ]
        ),
    ),
    min_size=1,
    max_size=2,
    unique=True,
)


@settings(
    max_examples=8,
    deadline=None,
    derandomize=True,
    # An example takes a second: to make a failing one smaller would take minutes.
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    groups=groups_of, manages=st.booleans(), first=limits_of, then=limits_of, questions=asked_about
)
def test_nobody_is_given_what_he_may_not_read(
    world: tuple[World, asyncio.AbstractEventLoop],
    groups: frozenset[str],
    manages: bool,
    first: Any,
    then: Any,
    questions: list[str],
) -> None:
    made, loop = world
    key, all_key = key_of(made, groups, manages=manages), key_of(made, frozenset(GROUPS))
    for limits in (first, then):  # what was answered under the first is read under the second
        set_limits(made, *limits)
        hidden = made.hidden(groups)
        shared = loop.run_until_complete(share_everything(made, all_key, questions))
        with logged() as lines:
            seen = loop.run_until_complete(look_at_everything(made, key, questions, shared))
        assert seen.called == guarded_routes()
        for number in hidden:
            for request, text in seen.given:
                assert mark(number) not in text, (number, request)
            assert not any(mark(number) in line for line in lines), number
            assert mark(number).encode() not in made.app.state.service.metrics.exposition()
        # And what he may read he does find.
        everything = "".join(text for _, text in seen.given)
        for number in set(range(len(SUBJECTS))) - set(hidden):
            assert mark(number) in everything, number
