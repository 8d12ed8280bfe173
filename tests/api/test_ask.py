"""POST /ask: one answer by two ways, errors at each stage, and nobody generating for nobody."""

import asyncio
import json
import time
from collections.abc import Callable

import httpx
import pytest
from fastapi import FastAPI

from app.answering import answer as data
from app.api import sse
from app.errors import ChatServerDown, ChatStreamBroken, QuestionEmpty
from app.runtime import Runtime
from tests.api.conftest import (
    ScriptedAnswerer,
    an_answer,
    client_of,
    events_of,
    parse_events,
    refused,
    served,
)

SSE = {"Accept": "text/event-stream"}
QUESTION = {"question": "DeepSeek-V3 使用什么许可证？"}


async def test_the_json_answer_has_the_documented_shape(client: httpx.AsyncClient) -> None:
    response = await client.post("/ask", json=QUESTION)
    assert response.status_code == 200
    body = response.json()
    assert body["answer"] == "采用 MIT 许可证。[1]"
    assert body["answered"] is True
    assert body["refusal"] is None
    assert body["language"] == "zh"
    assert body["citations"] == [
        {
            "marker": 1,
            "document_id": "document-1",
            "revision": "revision-1",
            "chunk_id": "chunk-0",
            "title": "DeepSeek-V3",
            "source": "file:///library/deepseek.md",
            "quote": "代码采用 MIT 许可证。"[:12],
            "start": 100,
            "end": 112,
            "page": 3,
            "section": ["模型", "许可证"],
            "kb": None,
        }
    ]
    assert body["statements"] == [{"start": 0, "end": 14, "supported": True, "markers": [1]}]
    assert body["unverified_quotes"] == [{"start": 1, "end": 3}]
    [retrieved] = body["retrieved"]
    assert (retrieved["chunk_id"], retrieved["score"], retrieved["cited"]) == ("chunk-0", 0.5, True)
    assert body["models"] == {
        "chat": "embedded/scripted",
        "embedding": "bigrams",
        "index": "kb_default@0123456789ab",
        "gate": "calibrated",
        "reader": None,
        "prompts": "",
        "settings": "",
    }
    assert body["usage"] == {"prompt_tokens": 120, "completion_tokens": 7, "dropped_chunks": 1}
    assert body["timings_ms"] == {"retrieve": 12.0, "first_token": 30.0, "total": 90.0}
    assert body["thoughts"] == "想一想"


async def test_a_refusal_is_an_answer_without_citations(
    client: httpx.AsyncClient, answerer: ScriptedAnswerer
) -> None:
    answerer.script = events_of(refused())
    body = (await client.post("/ask", json=QUESTION)).json()
    assert body["answered"] is False
    assert body["refusal"] == {
        "reason": "low_relevance",
        "message": "上下文未包含对此问题的答案",
        "looked": 8,
        "near": -1.5,
        "detail": "",
    }
    assert body["citations"] == []
    events = parse_events((await client.post("/ask", json=QUESTION, headers=SSE)).text)
    assert [name for name, _ in events] == ["retrieved", *["token"] * 13, "done"]


async def test_events_come_in_order_and_done_equals_the_json_answer(
    client: httpx.AsyncClient,
) -> None:
    plain = (await client.post("/ask", json=QUESTION)).json()
    response = await client.post("/ask", json=QUESTION, headers=SSE)
    assert response.headers["content-type"].startswith("text/event-stream")
    assert response.headers["cache-control"] == "no-cache"
    events = parse_events(response.text)
    names = [name for name, _ in events]
    assert names == ["retrieved", "thought", *["token"] * 14, "citations", "done"]
    values = [json.loads(value) for _, value in events]
    assert "".join(value["text"] for value in values[2:-2]) == plain["answer"]
    assert values[0]["retrieved"][0]["cited"] is False
    assert values[-2]["citations"] == plain["citations"]
    assert values[-1] == plain


async def test_history_filter_and_knowledge_base_reach_the_answerer(
    client: httpx.AsyncClient, answerer: ScriptedAnswerer, runtime: Runtime
) -> None:
    runtime.library.add_knowledge_base("handbook")
    await client.post(
        "/ask",
        json={
            "question": "它的许可证呢？",
            "kb": "handbook",
            "messages": [
                {"role": "user", "content": "DeepSeek 是什么？"},
                {"role": "assistant", "content": "一个模型。"},
            ],
            "filter": {"tags": ["licence"], "document_ids": ["d"], "languages": ["zh"]},
        },
    )
    [question] = answerer.questions
    assert question.kb == "handbook"
    assert question.history == (
        data.Turn("user", "DeepSeek 是什么？"),
        data.Turn("assistant", "一个模型。"),
    )
    assert question.filter.tags == ("licence",)
    assert question.filter.document_ids == ("d",)
    assert question.filter.languages == ("zh",)


@pytest.mark.parametrize("headers", [{}, SSE])
async def test_an_error_before_the_first_event_has_its_http_code(
    client: httpx.AsyncClient, answerer: ScriptedAnswerer, headers: dict[str, str]
) -> None:
    answerer.script = [QuestionEmpty()]
    response = await client.post("/ask", json={"question": "  "}, headers=headers)
    assert response.status_code == 422
    assert response.json()["error"]["code"] == "question_empty"
    answerer.script = [ChatServerDown(url="http://chat", detail="refused")]
    response = await client.post("/ask", json=QUESTION, headers=headers)
    assert response.status_code == 503
    assert response.headers["retry-after"]
    assert response.json()["error"]["code"] == "chat_server_down"


async def test_an_error_in_the_middle_ends_the_stream_with_an_error_event(
    client: httpx.AsyncClient, answerer: ScriptedAnswerer
) -> None:
    answerer.script = [*events_of(an_answer())[:5], ChatStreamBroken(detail="gone")]
    response = await client.post("/ask", json=QUESTION, headers=SSE)
    events = parse_events(response.text)
    assert [name for name, _ in events] == ["retrieved", "thought", *["token"] * 3, "error"]
    assert json.loads(events[-1][1])["error"]["code"] == "chat_stream_broken"
    # The same as JSON is an error, not half an answer.
    plain = await client.post("/ask", json=QUESTION)
    assert plain.status_code == 502


async def test_a_bug_in_the_middle_tells_nothing_of_the_inside(
    client: httpx.AsyncClient, answerer: ScriptedAnswerer
) -> None:
    answerer.script = [*events_of(an_answer())[:3], KeyError("secret-inside")]
    response = await client.post("/ask", json=QUESTION, headers={**SSE, "X-Request-ID": "req-1"})
    name, value = parse_events(response.text)[-1]
    assert name == "error"
    assert json.loads(value)["error"]["code"] == "internal"
    assert "req-1" in value
    assert "secret-inside" not in response.text


async def test_silence_is_filled_with_heartbeats(
    client: httpx.AsyncClient, answerer: ScriptedAnswerer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sse, "FIRST_WAIT", 0.05)
    monkeypatch.setattr(sse, "HEARTBEAT_WAIT", 0.05)
    answerer.script = [0.2, *events_of(an_answer())]
    response = await client.post("/ask", json=QUESTION, headers=SSE)
    assert response.text.startswith(": ping")
    assert response.text.count(": ping") >= 2
    assert parse_events(response.text)[-1][0] == "done"


@pytest.mark.parametrize("headers", [{}, SSE])
def test_a_client_that_hangs_up_stops_the_generation(
    scripted: Callable[..., FastAPI], answerer: ScriptedAnswerer, headers: dict[str, str]
) -> None:
    answerer.script = [*events_of(an_answer())[:4], 30.0, *events_of(an_answer())[4:]]
    with served(scripted()) as url:
        started = time.monotonic()
        with pytest.raises(httpx.TimeoutException):
            httpx.post(f"{url}/ask", json=QUESTION, headers=headers, timeout=0.5, trust_env=False)
        assert answerer.stopped.wait(5)
        assert time.monotonic() - started < 5
        assert not answerer.finished
        figures = httpx.get(f"{url}/metrics", trust_env=False).text
        assert 'groundkb_answers_total{outcome="abandoned"} 1.0' in figures


@pytest.mark.quiet
async def test_events_are_sent_as_they_come(
    scripted: Callable[..., FastAPI], answerer: ScriptedAnswerer
) -> None:
    answerer.script = [*events_of(an_answer())[:3], 1.0, *events_of(an_answer())[3:]]
    with served(scripted()) as url:
        async with httpx.AsyncClient(trust_env=False) as live:
            started = time.monotonic()
            async with live.stream("POST", f"{url}/ask", json=QUESTION, headers=SSE) as response:
                first = await anext(response.aiter_text())
                assert "event: retrieved" in first
                assert time.monotonic() - started < 0.9


@pytest.mark.quiet
async def test_answers_are_given_side_by_side(
    scripted: Callable[..., FastAPI], answerer: ScriptedAnswerer
) -> None:
    answerer.script = [0.3, *events_of(an_answer())]
    async with client_of(scripted()) as client:
        started = time.monotonic()
        await asyncio.gather(*(client.post("/ask", json=QUESTION) for _ in range(10)))
        assert time.monotonic() - started < 2


@pytest.mark.parametrize("headers", [{}, SSE])
async def test_a_server_that_stops_ends_its_answers_and_says_so(
    scripted: Callable[..., FastAPI], answerer: ScriptedAnswerer, headers: dict[str, str]
) -> None:
    answerer.script = [*events_of(an_answer())[:4], 30.0, *events_of(an_answer())[4:]]
    app = scripted()
    async with client_of(app) as client:
        asking = asyncio.create_task(client.post("/ask", json=QUESTION, headers=headers))
        await asyncio.sleep(0.2)
        app.state.service.stopping.set()
        response = await asyncio.wait_for(asking, 5)
    assert '"code":"stopping"' in response.text
    assert response.status_code == (200 if headers else 503)
    assert answerer.stopped.is_set()
    assert not answerer.finished
