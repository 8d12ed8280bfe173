"""Two servers over one PostgreSQL: what one makes is followed and stopped at the other."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import text

from app.api.answers import Answers
from app.api.app import _interrupt_lost, create_app
from app.api.routes.conversations import _events
from app.api.sse import frame
from app.library.library import Library
from app.library.sight import EVERYTHING
from app.library.tables import now
from app.runtime import open_runtime
from app.settings import Settings
from tests.api.conftest import ScriptedAnswerer, client_of, parse_events
from tests.api.test_turns import SAID, Pausing, begun, numbers, pausing
from tests.conftest import BigramEmbedder
from tests.fakes import OverlapReader, ScriptedChat
from tests.library.postgres import PostgresServer, postgres

__all__ = ["pausing", "postgres"]


@dataclass
class Two:
    """Servers that have nothing in common but the database, where `library` looks."""

    one: httpx.AsyncClient
    other: httpx.AsyncClient
    apps: tuple[FastAPI, FastAPI]
    library: Library

    def told(self, address: str) -> str:
        turn_id = address.rsplit("/", 1)[1]
        return "".join(each.data for each in self.library.under_way.after(turn_id, 0))


@pytest.fixture
async def two(
    postgres: PostgresServer,
    make_settings: Callable[..., Settings],
    fake_embedder: BigramEmbedder,
    answerer: ScriptedAnswerer,
) -> AsyncIterator[Two]:
    settings = make_settings(database_url=postgres.new_database())
    runtime = await open_runtime(
        settings, embedder=fake_embedder, chat=ScriptedChat(), reader=OverlapReader()
    )
    scripted = replace(runtime, answerer=answerer)  # type: ignore[arg-type]
    one, other = create_app(settings, scripted), create_app(settings, scripted)
    async with client_of(one) as first, client_of(other) as second:
        yield Two(first, second, (one, other), runtime.library)
    for app in (one, other):
        await app.state.service.answers.close()
    await runtime.close()


async def until(what: Callable[[], Any]) -> None:
    async with asyncio.timeout(60):
        while not await asyncio.to_thread(what):
            await asyncio.sleep(0.05)


async def test_an_answer_is_followed_while_it_is_made_elsewhere(
    two: Two,
    pausing: Pausing,
) -> None:
    asking, address, conversation = await begun(two.one, pausing)
    await until(lambda: two.told(address).count('"text"') >= len(SAID))
    followed = _events(Answers(), two.library, conversation, address.rsplit("/", 1)[1], 0, "en")
    seen = [frame(await anext(followed)).decode() for _ in range(5)]
    assert not asking.done()
    assert "event: asked" in seen[0]
    assert "event: retrieved" in seen[1]
    following = asyncio.create_task(two.other.get(f"{address}/events"))
    await asyncio.sleep(0)
    pausing.go.set()
    seen += [frame(event).decode() async for event in followed]
    answer = (await asking).json()
    here, there = (await two.one.get(f"{address}/events")).text, (await following).text
    assert parse_events("".join(seen)) == parse_events(here) == parse_events(there)
    assert numbers(there) == list(range(1, len(parse_events(here)) + 1))
    assert answer["answer"] in parse_events(there)[-1][1]


async def test_a_lost_connection_goes_on_at_the_other_server(
    two: Two,
    pausing: Pausing,
) -> None:
    asking, address, _ = await begun(two.one, pausing)
    pausing.go.set()
    await asking
    await until(lambda: '"answered"' in two.told(address))
    last = {"Last-Event-ID": "3"}
    here, there = [
        (await client.get(f"{address}/events", headers=last)).text
        for client in (two.one, two.other)
    ]
    assert numbers(there)[0] == 4
    assert parse_events(here) == parse_events(there)


async def test_it_is_stopped_at_the_other_server(
    two: Two,
    pausing: Pausing,
) -> None:
    asking, address, _ = await begun(two.one, pausing)
    stopped = (await two.other.post(f"{address}/stop")).json()
    assert (stopped["status"], stopped["answer"]["answer"]) == ("stopped", SAID)
    assert (await asking).json()["error"]["code"] == "answer_stopped"
    again = (await two.other.post(f"{address}/stop")).json()
    assert again["status"] == "stopped"
    assert "event: error" in (await two.other.get(f"{address}/events")).text


async def test_an_answer_whose_server_is_gone_is_told_of_within_a_minute(two: Two) -> None:
    kept = two.library.conversations.ask("?", conversation_id=None, kb="default")
    fresh = two.library.conversations.ask("?", conversation_id=None, kb="default")
    for turn in (kept, fresh):
        two.library.under_way.begin(turn.id)
    with two.library.engine.begin() as connection:
        connection.execute(
            text("UPDATE answers_under_way SET seen_at = :at WHERE turn_id = :id"),
            {"at": now() - timedelta(seconds=61), "id": kept.id},
        )
    _interrupt_lost(two.library)
    status = [two.library.conversations.turn(t.conversation_id, t.id).status for t in (kept, fresh)]
    assert status == ["interrupted", "running"]
    assert two.library.under_way.unheard(now()) == [fresh.id]
    told = await two.other.get(f"/conversations/{kept.conversation_id}/turns/{kept.id}/events")
    assert "answer_interrupted" in told.text


async def test_nothing_is_left_of_an_answer_once_its_server_has_ended(
    two: Two,
    pausing: Pausing,
) -> None:
    asking, address, _ = await begun(two.one, pausing)
    await until(lambda: two.told(address))
    await two.apps[0].state.service.answers.close()
    await asyncio.gather(asking, return_exceptions=True)
    assert two.told(address) == ""
    assert two.library.under_way.unheard(now()) == []


async def test_a_job_is_followed_at_the_other_server(two: Two) -> None:
    files = {"files": ("new.md", b"# New\n\nThe canteen closes at nine.\n")}
    [job] = (await two.one.post("/documents", files=files)).json()["jobs"]
    events = parse_events((await two.other.get(f"/jobs/{job['job_id']}/events")).text)
    assert {name for name, _ in events} == {"job"}
    assert '"status":"done"' in events[-1][1].replace(" ", "")
    assert two.library.sight == EVERYTHING


async def test_a_link_that_is_used_twice_at_once_opens_once(two: Two) -> None:
    two.library.people.add("Bo")
    sessions = two.library.sessions
    secret = sessions.make_link("Bo", timedelta(hours=1))
    passwords = [f"a password of {who}" for who in ("hers", "a thief", "another")]
    used = [asyncio.to_thread(sessions.use_link, secret, password) for password in passwords]
    found = await asyncio.gather(*used, return_exceptions=True)
    assert sum(not isinstance(each, BaseException) for each in found) == 1
    good = [sessions.sign_in("Bo", password) is not None for password in passwords]
    assert good == [not isinstance(each, BaseException) for each in found]
