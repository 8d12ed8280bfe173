"""Answers that outlive their streams: followed, resumed, stopped, cut off."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from app.answering import answer as data
from app.api.app import create_app
from app.runtime import Runtime
from app.settings import Settings
from tests.api.conftest import (
    ScriptedAnswerer,
    an_answer,
    client_of,
    events_of,
    parse_events,
    served,
)

SSE = {"Accept": "text/event-stream"}
SAID = "采用 MIT"


class Pausing(ScriptedAnswerer):
    """Says a part, then waits to be let go."""

    def __init__(self) -> None:
        super().__init__(events_of(an_answer()))
        self.said = asyncio.Event()
        self.go = asyncio.Event()

    async def ask(self, question: data.Question) -> AsyncGenerator[data.Event, None]:
        text = ""
        async for event in super().ask(question):
            yield event
            if isinstance(event, data.TokenPiece):
                text += event.text
                if text == SAID:
                    self.said.set()
                    await self.go.wait()


@pytest.fixture
def pausing(answerer: ScriptedAnswerer) -> Pausing:
    found = Pausing()
    answerer.ask = found.ask  # type: ignore[method-assign]
    return found


async def begun(client: httpx.AsyncClient, pausing: Pausing) -> tuple[asyncio.Task[Any], str, str]:
    """A question on its way: its request, its turn's address, its conversation's id."""
    body = {"question": "许可证？", "conversation_id": "new"}
    asking = asyncio.create_task(client.post("/ask", json=body))
    await pausing.said.wait()
    [row] = (await client.get("/conversations")).json()["conversations"]
    [turn] = (await client.get(f"/conversations/{row['id']}")).json()["turns"]
    assert (turn["status"], turn["answer"]) == ("running", None)
    return asking, f"/conversations/{row['id']}/turns/{turn['id']}", row["id"]


def numbers(body: str) -> list[int]:
    return [int(line[4:]) for line in body.splitlines() if line.startswith("id: ")]


async def test_who_goes_away_does_not_stop_the_answer(
    client: httpx.AsyncClient, pausing: Pausing
) -> None:
    asking, address, _ = await begun(client, pausing)
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)
    pausing.go.set()
    events = parse_events((await client.get(f"{address}/events")).text)
    assert [name for name, _ in events][:2] == ["asked", "retrieved"]
    assert events[-1][0] == "done"
    kept = (await client.get(address)).json()
    assert kept["status"] == "done"
    assert kept["answer"]["citations"]


async def test_a_real_client_that_hangs_up_does_not_either(
    scripted: Callable[..., FastAPI], answerer: ScriptedAnswerer
) -> None:
    answerer.script = [*events_of(an_answer())[:4], 0.5, *events_of(an_answer())[4:]]

    def hang_up() -> str:
        with (
            served(scripted()) as url,
            httpx.Client(base_url=url, trust_env=False) as client,
        ):
            body = {"question": "许可证？", "conversation_id": "new"}
            with client.stream("POST", "/ask", json=body, headers=SSE) as stream:
                for line in stream.iter_lines():
                    if line == "event: token":
                        break
            [row] = client.get("/conversations").json()["conversations"]
            [turn] = client.get(f"/conversations/{row['id']}").json()["turns"]
            assert turn["status"] == "running"
            address = f"/conversations/{row['id']}/turns/{turn['id']}/events"
            return client.get(address).text

    assert parse_events(await asyncio.to_thread(hang_up))[-1][0] == "done"


async def test_a_stream_goes_on_after_the_last_event_that_was_received(
    client: httpx.AsyncClient, pausing: Pausing
) -> None:
    asking, address, _ = await begun(client, pausing)
    pausing.go.set()
    answer = (await asking).json()
    whole = (await client.get(f"{address}/events")).text
    assert numbers(whole) == list(range(1, len(parse_events(whole)) + 1))
    rest = await client.get(f"{address}/events", headers={"Last-Event-ID": "5"})
    assert parse_events(rest.text) == parse_events(whole)[5:]
    for last, names in ((str(len(numbers(whole))), []), ("rubbish", None), ("-3", None)):
        found = await client.get(f"{address}/events", headers={"Last-Event-ID": last})
        assert found.status_code == 200
        if names is not None:
            assert [name for name, _ in parse_events(found.text)] == names
    assert answer["turn_id"] == address.rsplit("/", 1)[1]


async def test_two_tabs_follow_one_answer(client: httpx.AsyncClient, pausing: Pausing) -> None:
    asking, address, _ = await begun(client, pausing)
    tabs = [asyncio.create_task(client.get(f"{address}/events")) for _ in range(2)]
    await asyncio.sleep(0.05)
    pausing.go.set()
    bodies = [parse_events((await tab).text) for tab in tabs]
    assert bodies[0] == bodies[1]
    assert (await asking).json()["answered"] is True
    assert len(pausing.questions) == 1, "the model was asked once"


async def test_stop_stops_it_and_keeps_what_was_said(
    client: httpx.AsyncClient, pausing: Pausing
) -> None:
    asking, address, conversation = await begun(client, pausing)
    stopped = (await client.post(f"{address}/stop", headers={"Accept-Language": "zh"})).json()
    assert stopped["status"] == "stopped"
    assert stopped["answer"]["answer"] == SAID
    assert stopped["answer"]["retrieved"]
    assert stopped["problem"] == {
        "code": "answer_stopped",
        "message": "回答已被停止。",
        "hint": "请重新提问。",
    }
    assert pausing.stopped.is_set()
    told = await asking
    assert (told.status_code, told.json()["error"]["code"]) == (409, "answer_stopped")
    # Once more changes nothing; and the conversation goes on from what was said.
    again = (await client.post(f"{address}/stop")).json()
    assert again["answer"] == stopped["answer"]
    pausing.go.set()
    body = {"question": "还有呢？", "conversation_id": conversation}
    assert (await client.post("/ask", json=body)).json()["position"] == 1
    assert [turn.content for turn in pausing.questions[-1].history] == ["许可证？", SAID]


async def test_deleting_a_turn_and_taking_it_back(
    client: httpx.AsyncClient, answerer: ScriptedAnswerer
) -> None:
    body = {"question": "a", "conversation_id": "new"}
    first = (await client.post("/ask", json=body)).json()
    address = f"/conversations/{first['conversation_id']}/turns/{first['turn_id']}"
    assert (await client.delete(address)).status_code == 204
    assert (await client.get(address)).json()["error"]["code"] == "turn_not_found"
    kept = (await client.get(f"/conversations/{first['conversation_id']}")).json()
    assert (kept["turns"], kept["turn_count"]) == ([], 0)
    back = (await client.post(f"{address}/restore")).json()
    assert [turn["id"] for turn in back["turns"]] == [first["turn_id"]]
    for path in (address, f"{address}/events", f"{address}/stop", f"{address}/restore"):
        method = "GET" if path in (address, f"{address}/events") else "POST"
        unknown = path.replace(first["turn_id"], "unknown")
        assert (await client.request(method, unknown)).status_code == 404


@pytest.fixture
def closing(
    runtime: Runtime, settings: Settings, pausing: Pausing, answerer: ScriptedAnswerer
) -> FastAPI:
    runtime.answerer = answerer  # type: ignore[assignment]
    return create_app(settings, runtime)


async def test_an_answer_that_its_server_left_is_told_of(
    closing: FastAPI, pausing: Pausing, runtime: Runtime, settings: Settings
) -> None:
    async with closing.router.lifespan_context(closing), client_of(closing) as client:
        asking, address, _ = await begun(client, pausing)
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)
    async with client_of(create_app(settings, runtime)) as client:
        kept = (await client.get(address)).json()
        assert (kept["status"], kept["problem"]["code"]) == ("interrupted", "answer_interrupted")
        assert kept["answer"]["answer"] == SAID
        [(name, told)] = parse_events((await client.get(f"{address}/events")).text)
        assert name == "error"
        assert "answer_interrupted" in told
    # One that was killed could tell nobody: the next start does.
    row = runtime.library.conversations.ask("q", conversation_id=None, kb="default")
    other = create_app(settings, runtime)
    async with other.router.lifespan_context(other):
        await asyncio.sleep(0.5)
        turn = runtime.library.conversations.turn(row.conversation_id, row.id)
    assert turn.status == "interrupted"
