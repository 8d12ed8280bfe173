"""Whose question is answered next."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing

import httpx
import pytest
from fastapi import FastAPI

from app.answering import answer as data
from app.api.queue import AnswerQueue
from app.errors import TooManyQuestions
from tests.api.conftest import ScriptedAnswerer, an_answer, client_of, events_of, parse_events

SSE = {"Accept": "text/event-stream"}


class Asker:
    """One question on its way: its places so far, and its turn until it is let go."""

    def __init__(self, queue: AnswerQueue, name: str, order: list[str]) -> None:
        self.places: list[int] = []
        self.go = asyncio.Event()
        self.task = asyncio.create_task(self._ask(queue.turn(name), name, order))

    async def _ask(self, turn: AsyncGenerator[int, None], name: str, order: list[str]) -> None:
        async with aclosing(turn) as places:
            async for place in places:
                self.places.append(place)
                if place == 0:
                    order.append(name)
                    await self.go.wait()
                    return


async def settle() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


async def test_askers_take_turns_however_many_questions_one_has() -> None:
    queue, order = AnswerQueue(1, 10), list[str]()
    asked = [Asker(queue, name, order) for name in ("a", "a", "a", "a", "b", "c", "b")]
    await settle()
    for _ in asked:
        running = next(item for item in asked if item.places[-1] == 0 and not item.go.is_set())
        running.go.set()
        await settle()
    assert order == ["a", "a", "b", "c", "a", "b", "a"]
    assert queue.waiting == 0


async def test_the_place_counts_down_to_the_turn() -> None:
    queue, order = AnswerQueue(1, 10), list[str]()
    asked = [Asker(queue, name, order) for name in ("a", "b", "c", "d")]
    await settle()
    for item in asked:
        item.go.set()
        await settle()
    assert [item.places for item in asked] == [[0], [1, 0], [2, 1, 0], [3, 2, 1, 0]]


async def test_who_gives_up_leaves_the_queue_and_who_is_served_frees_the_place() -> None:
    queue, order = AnswerQueue(1, 10), list[str]()
    first, second, third = (Asker(queue, name, order) for name in "abc")
    await settle()
    second.task.cancel()
    await settle()
    assert third.places[-1] == 1
    first.task.cancel()
    await settle()
    assert third.places[-1] == 0
    third.go.set()
    await settle()
    assert queue.waiting == 0


async def test_a_full_queue_says_when_to_come_again() -> None:
    queue, order = AnswerQueue(1, 1), list[str]()
    asked = [Asker(queue, name, order) for name in "ab"]
    await settle()
    with pytest.raises(TooManyQuestions) as refused:
        await anext(queue.turn("c"))
    assert 1 <= refused.value.seconds <= 60
    for item in asked:
        item.go.set()
    await settle()
    turn = queue.turn("c")
    assert await anext(turn) == 0
    await turn.aclose()


async def test_nobody_is_let_in_who_would_wait_too_long() -> None:
    now, order = [0.0], list[str]()
    queue = AnswerQueue(2, 100, 10, clock=lambda: now[0])
    first = [Asker(queue, name, order) for name in "ab"]
    waiting = [Asker(queue, "c", order) for _ in range(9)]
    await settle()
    assert queue.waiting == 9  # how long an answer takes is not known yet
    now[0] = 4.0
    for item in first:
        item.go.set()
    await settle()
    # An answer takes 4 s, two are made at once: 7 wait, and one more would wait for 16 s.
    assert queue.waiting == 7
    with pytest.raises(TooManyQuestions) as refused:
        await anext(queue.turn("d"))
    assert 6 <= refused.value.seconds <= 13
    now[0] = 8.0
    for item in waiting:
        item.go.set()
    await settle()
    assert queue.waiting == 0


async def test_one_may_wait_however_long_an_answer_takes() -> None:
    now, order = [0.0], list[str]()
    queue = AnswerQueue(1, 100, 10, clock=lambda: now[0])
    slow = Asker(queue, "a", order)
    await settle()
    now[0] = 500.0
    slow.go.set()
    await settle()
    asked = [Asker(queue, "b", order), Asker(queue, "c", order)]
    await settle()
    assert [item.places for item in asked] == [[0], [1]]
    with pytest.raises(TooManyQuestions):
        await anext(queue.turn("d"))


_SAID = [{"role": "user", "content": "x"}]


async def test_what_the_last_answer_left_free_is_given_back_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    given = list[float]()
    loop = asyncio.get_running_loop()
    monkeypatch.setattr("app.api.queue._TIDY_SECONDS", 0.05)
    monkeypatch.setattr("app.api.queue.give_back", lambda: given.append(loop.time()))
    queue = AnswerQueue(1, 10)
    for _ in range(3):
        async with aclosing(queue.turn("a")) as places:
            async for _place in places:
                break
    ended = loop.time()
    assert given == []
    async with asyncio.timeout(10):
        while not given:
            await asyncio.sleep(0.01)
    await asyncio.sleep(0.1)
    [when] = given
    assert when >= ended


async def test_over_http_one_waits_in_view_and_one_too_many_is_refused(
    scripted: Callable[..., FastAPI], answerer: ScriptedAnswerer
) -> None:
    go = asyncio.Event()

    class Waiting(ScriptedAnswerer):
        async def ask(self, question: data.Question) -> AsyncGenerator[data.Event, None]:
            await go.wait()
            async for event in super().ask(question):
                yield event

    answerer.ask = Waiting(events_of(an_answer())).ask  # type: ignore[method-assign]
    async with client_of(scripted(answers_at_once=1, answers_waiting=1)) as client:
        body = {"question": "许可证？"}
        first = asyncio.create_task(client.post("/ask", json=body))
        await asyncio.sleep(0.3)
        # What is wrong in any case is told at once, not after a turn was waited for.
        for path, wrong, status in (
            ("/ask", {"question": "x", "kb": "nowhere"}, 404),
            ("/ask", {"question": " "}, 422),
            ("/v1/chat/completions", {"model": "groundkb/nowhere", "messages": _SAID}, 404),
        ):
            for headers in ({}, SSE):
                told = await client.post(path, json=wrong, headers=headers)
                assert told.status_code == status, (path, wrong)
        second = asyncio.create_task(client.post("/ask", json=body, headers=SSE))
        await asyncio.sleep(0.3)
        for path, asked in (
            ("/ask", body),
            ("/v1/chat/completions", {"messages": [{"role": "user", "content": "x"}]}),
        ):
            for headers in ({}, SSE):
                refused = await client.post(path, json=asked, headers=headers)
                assert refused.status_code == 429
                assert refused.json()["error"]["code"] == "too_many_questions"
                assert int(refused.headers["Retry-After"]) >= 1
        figures = (await client.get("/metrics")).text
        assert "groundkb_queue_length 1.0" in figures
        assert "groundkb_queue_refused_total 4.0" in figures
        assert "groundkb_queue_seconds_count 1.0" in figures
        go.set()
        assert (await first).json()["answered"] is True
        events = parse_events((await second).text)
        assert events[0] == ("queued", '{"place":1}')
        assert [name for name, _ in events][-1] == "done"
        assert isinstance(first.result(), httpx.Response)
