"""Another chat model on the questions that people ask: beside their answers, never before them."""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.answering.answer import Question
from app.answering.shadow import agree, report
from app.api.app import create_app
from app.api.queue import AnswerQueue
from app.api.service import Service
from app.api.shadowing import MOST_WAITING, Shadow
from app.library.shadow import PairRow, Tried
from app.library.tables import now
from app.models.chat import ChatRequest, Finish, Thought, Token
from app.runtime import Runtime, open_runtime
from app.settings import Settings
from ingest.report import SyncRequest
from tests.api.conftest import an_answer, client_of
from tests.conftest import BigramEmbedder
from tests.fakes import OverlapReader, ScriptedChat

QUESTION = "Which licence does DeepSeek use?"
LENGTH = "Yi-34B 的上下文长度是多少？"
TRIED = {"chat": "ollama/other:8b", "share": 1.0}


class Other(ScriptedChat):
    """Refuses what is asked in Chinese. Notes whether somebody waited while it wrote."""

    name = "other:8b"

    def __init__(self, queue: Callable[[], AnswerQueue], slow: float = 0.0) -> None:
        super().__init__()
        self._queue, self._slow = queue, slow
        self.begun = self.ended = self.beside = 0

    async def stream(self, request: ChatRequest) -> AsyncGenerator[Token | Thought | Finish, None]:
        self.begun += 1
        if "Yi-34B" in request.messages[-1].content.rpartition("</")[2]:
            yield Token("资料中没有提到这个问题的答案。")
            yield Finish("stop", await self.count_tokens(request.messages), 1)
            return
        async for piece in super().stream(request):
            yield piece
            self.beside += self._queue().busy.is_set()
            await asyncio.sleep(self._slow)
        self.ended += 1


async def asked(client: httpx.AsyncClient, question: str) -> dict[str, Any]:
    response = await client.post("/ask", json={"question": question})
    assert response.status_code == 200, response.text
    found: dict[str, Any] = response.json()
    return found


@pytest.fixture
def other(prepared: Runtime, monkeypatch: pytest.MonkeyPatch) -> Other:
    """What is tried under any name."""
    made = Other(lambda: service.queue)
    app = create_app(prepared.settings, prepared, "token")
    service: Service = app.state.service
    service.shadow.rest = 0.0
    made.app = app  # type: ignore[attr-defined]
    monkeypatch.setattr("app.runtime.chat_named", lambda _settings, _name: made)
    return made


OPERATOR = {"X-Operator-Token": "token"}


async def test_it_is_asked_after_the_answer_and_told_of_in_the_report_alone(other: Other) -> None:
    app = other.app  # type: ignore[attr-defined]
    shadow: Shadow = app.state.service.shadow
    async with client_of(app, **OPERATOR) as client:
        none = (await client.get("/shadow")).json()
        assert (none["test"], none["report"]) == (None, None)
        before = await asked(client, QUESTION)
        await shadow.settled()
        assert other.begun == 0
        begun = await client.post("/shadow", json=TRIED)
        assert begun.status_code == 201, begun.text
        assert begun.json()["test"]["state"] == "running"
        for question in (QUESTION, LENGTH, "What is the canteen's telephone number?", "Hello"):
            given = await asked(client, question)
            assert given["models"]["chat"] != "embedded/other:8b"
            await shadow.settled()
        assert given["kind"] == "greeting"
        again = await asked(client, QUESTION)
        assert {**again, "timings_ms": None} == {**before, "timings_ms": None}
        await shadow.settled()

        found = (await client.get("/shadow")).json()["report"]
        assert found["pairs"] == 4
        assert found["agreement"]["value"] in (0.75, 1.0)
        assert found["agreement"]["low"] < found["agreement"]["value"]
        assert found["refused"]["given"]["n"] == 4
        assert found["seconds"]["difference"]["n"] == 4
        assert len(found["differing"]) == round(4 * (1 - found["agreement"]["value"]))
        ended = await client.delete("/shadow")
        assert ended.json()["test"]["state"] == "stopped"
        count = other.begun
        await asked(client, QUESTION)
        await shadow.settled()
        assert other.begun == count
        assert (await client.delete("/shadow")).status_code == 404
        described = (await client.get("/openapi.json")).json()["paths"]
        assert "404" in described["/shadow"]["delete"]["responses"]
        assert "404" in described["/shadow/promotion"]["post"]["responses"]


async def test_whoever_asks_meanwhile_is_answered_first(other: Other) -> None:
    app = other.app  # type: ignore[attr-defined]
    service: Service = app.state.service
    other._slow = 0.02
    async with client_of(app, **OPERATOR) as client:
        await client.post("/shadow", json=TRIED)
        for _ in range(6):
            begun = other.begun
            await asked(client, QUESTION)
            async with asyncio.timeout(20):
                while other.begun == begun:
                    await asyncio.sleep(0.005)
            assert other.ended == 0, "each is interrupted by the next question"
        await service.shadow.settled()
    # It leaves off at the next moment: at most one piece more comes of each.
    assert other.beside <= 6 * 2
    assert other.ended >= 1


async def test_it_rests_after_each_so_that_few_who_ask_find_one_under_way(other: Other) -> None:
    app = other.app  # type: ignore[attr-defined]
    shadow: Shadow = app.state.service.shadow
    shadow.rest = 1e9
    async with client_of(app, **OPERATOR) as client:
        await client.post("/shadow", json=TRIED)
        await asked(client, QUESTION)
        await shadow.settled()
        assert other.ended == 1
        await asked(client, QUESTION)
        await asyncio.sleep(0)
        assert shadow._rested - time.monotonic() > 1e6
        assert (other.begun, len(shadow._waiting)) == (1, 0)
        assert not shadow._task.done(), "it waits"  # type: ignore[union-attr]


async def test_what_waits_is_bounded_and_most_of_it_dropped(prepared: Runtime) -> None:
    queue = AnswerQueue(1, 1)
    shadow = Shadow(queue)
    prepared.library.shadow.start(Tried(None, {"context_passages": 2}), 1.0)
    turn = queue.turn("somebody")
    await anext(turn)  # all the time
    for number in range(100):
        shadow.offer(prepared, Question(f"Which licence {number}?", "default"), an_answer())
    await asyncio.sleep(0)
    assert len(shadow._waiting) <= MOST_WAITING
    assert prepared.library.shadow.pairs("x") == []
    await shadow.close()
    await turn.aclose()


async def test_promoted_it_answers_from_the_next_question_on_and_after_a_restart(
    other: Other, prepared: Runtime, fake_embedder: BigramEmbedder
) -> None:
    app = other.app  # type: ignore[attr-defined]
    async with client_of(app, **OPERATOR) as client:
        first = await asked(client, QUESTION)
        assert (await client.post("/shadow/promotion", json={})).status_code == 404
        body = {**TRIED, "settings": {"context_passages": 2}}
        assert (await client.post("/shadow", json=body)).status_code == 201
        promoted = await client.post("/shadow/promotion", json={})
        assert promoted.json()["test"]["state"] == "promoted"
        then = await asked(client, QUESTION)
        assert then["models"]["chat"] == "embedded/other:8b"
        assert then["models"]["settings"] != first["models"]["settings"]
        assert then["models"]["prompts"] == first["models"]["prompts"] != ""
        assert sum(passage["shown"] for passage in then["retrieved"]) <= 2
        settings = prepared.settings
        await prepared.close()
        opened = await open_runtime(settings, embedder=fake_embedder, reader=OverlapReader())
        try:
            assert (opened.chat_name, opened.answerer.settings.context_passages) == (
                "embedded/other:8b",
                2,
            )
            again = create_app(settings, opened, "token")
            async with client_of(again, **OPERATOR) as later:
                back = await later.post("/shadow/promotion", json={"rollback": True})
                assert back.json()["test"]["state"] == "back"
                assert opened.answerer.settings.context_passages == 4
                assert opened.chat_name != "embedded/other:8b"
                assert (
                    await later.post("/shadow/promotion", json={"rollback": True})
                ).status_code == 404
        finally:
            await opened.close()


async def test_going_back_in_the_same_process_is_to_what_was_before(other: Other) -> None:
    app = other.app  # type: ignore[attr-defined]
    async with client_of(app, **OPERATOR) as client:
        first = await asked(client, QUESTION)
        await client.post("/shadow", json=TRIED)
        await client.post("/shadow/promotion", json={})
        await client.post("/shadow/promotion", json={"rollback": True})
        last = await asked(client, QUESTION)
        assert {**last, "timings_ms": None} == {**first, "timings_ms": None}


EMBEDDING = {"settings": {"embedding_model": "other-model"}, "share": 1.0}


@pytest.fixture
def models(monkeypatch: pytest.MonkeyPatch) -> None:
    """Any embedding model that is named is made of bigrams, too."""

    def build(settings: Settings) -> BigramEmbedder:
        return BigramEmbedder(settings.embedding_model, 48)

    monkeypatch.setattr("app.runtime.build_embedder", build)
    monkeypatch.setattr("ingest.reindex.build_embedder", build)


@pytest.mark.usefixtures("models")
async def test_another_embedding_model_is_tried_over_an_index_of_its_own(
    prepared: Runtime, tmp_path: Path
) -> None:
    app = create_app(prepared.settings, prepared, "token")
    shadow: Shadow = app.state.service.shadow
    shadow.rest = 0.0
    vectors, library = prepared.vectors, prepared.library
    in_use = vectors.resolve("kb_default")
    async with client_of(app, **OPERATOR) as client:
        first = await asked(client, QUESTION)
        begun = await client.post("/shadow", json=EMBEDDING)
        assert begun.status_code == 201, begun.text
        await shadow.settled()
        [beside] = set(vectors.collections()) - {in_use}
        assert vectors.resolve("kb_default") == in_use
        index = vectors.open(beside)
        assert index is not None
        assert dict(index.revisions()) == library.current_revisions("default")

        given = await asked(client, QUESTION)
        assert given["models"]["index"] == first["models"]["index"] == in_use
        await shadow.settled()
        (tmp_path / "more").mkdir()
        (tmp_path / "more" / "ferry.md").write_text("# Ferry\n\nThe ferry fare is 17 euros.\n")
        request = SyncRequest((str(tmp_path / "more"),), "default")
        await asyncio.to_thread(prepared.storage.sync, request, lambda _: None)
        shadow._looked = float("-inf")  # half a minute later
        await asked(client, "What is the ferry fare?")
        await shadow.settled()
        test = library.shadow.latest()
        assert test is not None
        pairs = library.shadow.pairs(test.id)
        assert [pair.other["index"] for pair in pairs] == [beside] * 2
        assert pairs[1].other["cited"] == pairs[1].given["cited"] != []

        promoted = (await client.post("/shadow/promotion", json={})).json()
        assert promoted["to_set"] == {"GROUNDKB_EMBEDDING_MODEL": "other-model"}
        assert vectors.resolve("kb_default") == beside
        then = await asked(client, QUESTION)
        assert (then["models"]["embedding"], then["models"]["index"]) == ("other-model", beside)
        back = await client.post("/shadow/promotion", json={"rollback": True})
        assert back.json()["to_set"] == {}
        last = await asked(client, QUESTION)
        assert last["models"] == first["models"]


@pytest.mark.usefixtures("models")
async def test_its_index_is_built_while_nobody_asks_and_no_longer_than_it_is_tried(
    prepared: Runtime,
) -> None:
    app = create_app(prepared.settings, prepared, "token")
    service: Service = app.state.service
    built = set(prepared.vectors.collections())
    async with client_of(app, **OPERATOR) as client:
        turn = service.queue.turn("somebody")
        await anext(turn)
        assert (await client.post("/shadow", json=EMBEDDING)).status_code == 201
        async with asyncio.timeout(20):
            while service.shadow.progress is None:
                await asyncio.sleep(0.01)
        status = (await client.get("/shadow")).json()
        assert status["building"] == {"kb": "default", "phase": "building", "done": 0, "total": 3}
        assert (await client.delete("/shadow")).json()["building"] is None
        [begun] = set(prepared.vectors.collections()) - built
        assert prepared.library.builds.built(begun) == {}
        await turn.aclose()
        await asked(client, QUESTION)
        await service.shadow.settled()
        assert prepared.library.builds.built(begun) == {}


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"settings": {"host": "0.0.0.0"}},
        {"settings": {"context_passages": 0}},
        {"chat": "x", "share": 0},
    ],
)
async def test_what_no_test_can_be_made_of_is_refused(prepared: Runtime, body: Any) -> None:
    async with client_of(create_app(prepared.settings, prepared, "token"), **OPERATOR) as client:
        assert (await client.post("/shadow", json=body)).status_code == 422
    assert prepared.library.shadow.latest() is None


def kept(answer: str = "MIT, 7 days. [1]", **changes: Any) -> dict[str, Any]:
    return {
        "answer": answer,
        "reason": None,
        "cited": [["d", 10, 20]],
        "sources": ["D"],
        "statements": 2,
        "supported": 2,
        "ms": 1000.0,
        "first_ms": 400.0,
    } | changes


def test_two_agree_by_refusal_passage_and_numbers() -> None:
    refused = kept(reason="low_relevance", cited=[])
    assert agree(kept(), kept("7 days, MIT. [2]", cited=[["d", 15, 30]]))
    assert agree(refused, kept(reason="model", cited=[]))
    for other in (
        refused,
        kept(cited=[["d", 20, 30]]),
        kept(cited=[["e", 10, 20]]),
        kept("MIT, 8 days. [1]"),
    ):
        assert not agree(kept(), other)
        assert not agree(other, kept())


def test_the_report_pairs_its_figures() -> None:
    slower = kept(ms=3000.0, first_ms=900.0, supported=1)
    rows = [PairRow("default", f"Q{n}?", kept(), slower, now()) for n in range(8)]
    rows += [PairRow("default", "R?", kept(), kept(reason="model", cited=[]), now())] * 2
    found = report(rows)
    assert (found.pairs, found.agreement.value) == (10, 0.8)
    assert (found.refused.given.value, found.refused.other.value) == (0, 0.2)
    assert found.refused.difference.value == pytest.approx(0.2)
    assert (found.supported.given.value, found.supported.other.value) == (1, 0.5)
    assert found.supported.difference.high < 0
    assert found.seconds.difference.value == pytest.approx(1.6)
    assert found.seconds.difference.low > 0
    assert [pair.question for pair in found.differing] == ["R?", "R?"]
    empty = report([])
    assert empty.pairs == empty.agreement.n == 0
