"""Kept conversations: what is stored, when, and what a follow-up is given of it."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from app.answering import answer as data
from app.api.wire.answers import FilterIn
from app.errors import ChatStreamBroken, DiskFull, GroundkbError, LibraryFailed
from app.index.protocol import Scope
from app.library.conversations import Conversations
from app.runtime import Runtime
from tests.api.conftest import (
    ScriptedAnswerer,
    an_answer,
    client_of,
    events_of,
    parse_events,
    refused,
)

SSE = {"Accept": "text/event-stream"}


async def ask(client: httpx.AsyncClient, question: str, **more: Any) -> dict[str, Any]:
    response = await client.post("/ask", json={"question": question, **more})
    assert response.status_code == 200, response.text
    answer: dict[str, Any] = response.json()
    return answer


async def begun(client: httpx.AsyncClient, *questions: str) -> str:
    identifier = "new"
    for question in questions:
        identifier = (await ask(client, question, conversation_id=identifier))["conversation_id"]
    return identifier


async def questions_of(client: httpx.AsyncClient, identifier: str) -> list[str]:
    kept = (await client.get(f"/conversations/{identifier}")).json()
    return [turn["question"] for turn in kept["turns"]]


async def test_a_kept_turn_is_the_answer_that_was_given(client: httpx.AsyncClient) -> None:
    answer = await ask(client, " 许可证是什么？", conversation_id="new")
    assert (answer["position"], answer["not_kept"]) == (0, None)
    kept = (await client.get(f"/conversations/{answer['conversation_id']}")).json()
    assert (kept["title"], kept["kb"], kept["turn_count"]) == ("许可证是什么？", "default", 1)
    [turn] = kept["turns"]
    assert (turn["position"], turn["question"]) == (0, "许可证是什么？")
    assert turn["answer"] == answer
    assert answer["citations"]


async def test_what_a_question_was_asked_about_is_kept_with_it(
    client: httpx.AsyncClient, answerer: ScriptedAnswerer
) -> None:
    scope = {
        "document_ids": ["document-1"],
        "tags": ["legal"],
        "folders": ["file:///library"],
        "knowledge_bases": ["default"],
    }
    identifier = (
        await ask(
            client,
            "许可证？",
            conversation_id="new",
            filter={"scope": scope, "properties": {"author": ["Li Lei"]}},
        )
    )["conversation_id"]
    assert answerer.questions[-1].filter.scope == Scope(
        ("document-1",), ("legal",), ("file:///library",), ("default",)
    )
    await ask(client, "权重呢？", conversation_id=identifier)
    first, second = (await client.get(f"/conversations/{identifier}")).json()["turns"]
    assert first["filter"]["scope"] == scope
    assert first["filter"]["properties"] == {"author": ["Li Lei"]}
    assert second["filter"] == FilterIn().model_dump(mode="json")


async def test_a_stream_ends_with_the_place_of_the_turn(client: httpx.AsyncClient) -> None:
    body = {"question": "许可证？", "conversation_id": "new"}
    response = await client.post("/ask", json=body, headers=SSE)
    [(_, done)] = [item for item in parse_events(response.text) if item[0] == "done"]
    [row] = (await client.get("/conversations")).json()["conversations"]
    assert f'"conversation_id":"{row["id"]}","position":0' in done


async def test_an_answer_outside_a_conversation_is_not_kept(client: httpx.AsyncClient) -> None:
    answer = await ask(client, "许可证？")
    assert (answer["conversation_id"], answer["position"], answer["not_kept"]) == (None, None, None)
    assert (await client.get("/conversations")).json() == {"conversations": [], "total": 0}


async def test_refusals_are_kept(client: httpx.AsyncClient, answerer: ScriptedAnswerer) -> None:
    answerer.script = events_of(refused())
    identifier = await begun(client, "价格？")
    [turn] = (await client.get(f"/conversations/{identifier}")).json()["turns"]
    assert turn["answer"]["refusal"]["reason"] == "low_relevance"


async def test_the_history_is_the_latest_turns_as_they_were_understood(
    client: httpx.AsyncClient, answerer: ScriptedAnswerer
) -> None:
    identifier = await begun(client, "零", "一")
    answerer.script = events_of(an_answer("二答", standalone_question="二的全称？"))
    await ask(client, "二", conversation_id=identifier)
    answerer.script = events_of(an_answer("三答"))
    await ask(client, "三", conversation_id=identifier)
    await ask(client, "四", conversation_id=identifier)
    assert answerer.questions[0].history == ()
    assert [turn.content for turn in answerer.questions[-1].history] == [
        "一",
        "采用 MIT 许可证。[1]",
        "二的全称？",
        "二答",
        "三",
        "三答",
    ]
    assert [turn.role for turn in answerer.questions[-1].history[:2]] == ["user", "assistant"]


async def test_asking_again_makes_a_version(
    client: httpx.AsyncClient, answerer: ScriptedAnswerer
) -> None:
    identifier = await begun(client, "a", "b", "c")
    answer = await ask(client, "b2", conversation_id=identifier, position=1)
    assert answer["position"] == 1
    assert await questions_of(client, identifier) == ["a", "b2"]
    assert [turn.content for turn in answerer.questions[-1].history][0::2] == ["a"]
    [_, turn] = (await client.get(f"/conversations/{identifier}")).json()["turns"]
    assert len(turn["versions"]) == 2
    assert turn["versions"][1] == turn["id"] == answer["turn_id"]
    first = f"/conversations/{identifier}/turns/{turn['versions'][0]}"
    assert (await client.get(first)).json()["question"] == "b"
    shown = (await client.post(f"{first}/show")).json()
    assert [item["question"] for item in shown["turns"]] == ["a", "b", "c"]
    assert await questions_of(client, identifier) == ["a", "b", "c"]


@pytest.mark.parametrize("headers", [{}, SSE])
async def test_a_failed_answer_loses_nothing_and_is_told(
    client: httpx.AsyncClient, answerer: ScriptedAnswerer, headers: dict[str, str]
) -> None:
    identifier = await begun(client, "a", "b")
    answerer.script = [*events_of(an_answer())[:3], ChatStreamBroken(detail="gone")]
    body = {"question": "c", "conversation_id": identifier}
    assert "chat_stream_broken" in (await client.post("/ask", json=body, headers=headers)).text
    assert await questions_of(client, identifier) == ["a", "b", "c"]
    turn = (await client.get(f"/conversations/{identifier}")).json()["turns"][-1]
    assert turn["status"] == "failed"
    assert turn["problem"]["code"] == "chat_stream_broken"
    assert turn["answer"]["answer"] == "采", "what was said"
    answerer.script = events_of(an_answer())
    assert (await ask(client, "d", conversation_id=identifier))["position"] == 3


async def test_a_conversation_deleted_meanwhile_can_come_back_whole(
    client: httpx.AsyncClient, answerer: ScriptedAnswerer, runtime: Runtime
) -> None:
    identifier = await begun(client, "a")

    class Deleting(ScriptedAnswerer):
        async def ask(self, question: data.Question):  # type: ignore[no-untyped-def]
            runtime.library.conversations.delete(identifier)
            async for event in super().ask(question):
                yield event

    answerer.ask = Deleting().ask  # type: ignore[method-assign]
    answer = await ask(client, "b", conversation_id=identifier)
    assert answer["answered"] is True
    assert (await client.get("/conversations")).json() == {"conversations": [], "total": 0}
    response = await client.post(f"/conversations/{identifier}/restore")
    assert (response.status_code, response.json()["turn_count"]) == (200, 2)
    turns = (await client.get(f"/conversations/{identifier}")).json()["turns"]
    assert [turn["status"] for turn in turns] == ["done", "done"]


@pytest.mark.parametrize(
    "error", [LibraryFailed(detail="it is damaged"), DiskFull(path="the library database")]
)
async def test_a_database_that_fails_at_the_end_costs_no_answer(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch, error: GroundkbError
) -> None:
    def fail(*_: object, **__: object) -> str:
        raise error

    monkeypatch.setattr(Conversations, "finish", fail)
    answer = await ask(client, "a", conversation_id="new")
    assert answer["answered"] is True
    assert answer["not_kept"]["code"] == error.code


@pytest.mark.parametrize(
    ("more", "status", "code"),
    [
        ({"conversation_id": "unknown"}, 404, "conversation_not_found"),
        ({"position": 0}, 422, "request_invalid"),
        ({"conversation_id": "new", "position": 0}, 422, "request_invalid"),
        (
            {"conversation_id": "new", "messages": [{"role": "user", "content": "x"}]},
            422,
            "request_invalid",
        ),
    ],
)
@pytest.mark.parametrize("headers", [{}, SSE])
async def test_what_does_not_fit_is_named(
    client: httpx.AsyncClient,
    more: dict[str, Any],
    status: int,
    code: str,
    headers: dict[str, str],
) -> None:
    response = await client.post("/ask", json={"question": "a", **more}, headers=headers)
    assert (response.status_code, response.json()["error"]["code"]) == (status, code)


async def test_a_position_or_knowledge_base_that_is_not_the_conversations(
    client: httpx.AsyncClient, answerer: ScriptedAnswerer
) -> None:
    identifier = await begun(client, "a")
    for more in ({"position": 2}, {"kb": "other"}):
        body = {"question": "b", "conversation_id": identifier, **more}
        response = await client.post("/ask", json=body)
        assert (response.status_code, response.json()["error"]["code"]) == (422, "request_invalid")
    assert len(answerer.questions) == 1


async def test_beginning_renaming_listing_and_deleting(
    client: httpx.AsyncClient, runtime: Runtime
) -> None:
    runtime.library.add_knowledge_base("other")
    response = await client.post("/conversations", json={"kb": "other"})
    assert response.status_code == 201
    empty = response.json()
    assert (empty["title"], empty["turn_count"], empty["kb"]) == ("", 0, "other")
    assert (await ask(client, "首问", conversation_id=empty["id"]))["position"] == 0
    await begun(client, "Which licence?")

    async def listed(**params: str) -> list[str]:
        response = await client.get("/conversations", params=params)
        return [row["title"] for row in response.json()["conversations"]]

    assert await listed() == ["Which licence?", "首问"]
    assert await listed(kb="other") == ["首问"]
    assert await listed(q="LICENCE") == ["Which licence?"]
    assert await listed(limit="1") == ["Which licence?"]
    assert await listed(limit="1", offset="1") == ["首问"]
    page = await client.get("/conversations", params={"limit": "1", "q": "licence"})
    assert page.json()["total"] == 1

    address = f"/conversations/{empty['id']}"
    renamed = await client.patch(address, json={"title": " 新名 "})
    assert (renamed.status_code, renamed.json()["title"]) == (200, "新名")
    assert (await client.patch(address, json={"title": " "})).status_code == 422
    assert (await client.delete(address)).status_code == 204
    for response in (
        await client.get(address),
        await client.delete(address),
        await client.patch(address, json={"title": "x"}),
    ):
        assert response.status_code == 404
        assert response.json()["error"]["code"] == "conversation_not_found"
    response = await client.post("/conversations", json={"kb": "unknown"})
    assert (response.status_code, response.json()["error"]["code"]) == (
        404,
        "knowledge_base_not_found",
    )


async def test_keys_are_asked_for_everywhere(scripted: Callable[..., FastAPI]) -> None:
    async with client_of(scripted(api_keys=["a-long-enough-secret-key"])) as stranger:
        for method, path in (
            ("GET", "/conversations"),
            ("POST", "/conversations"),
            ("GET", "/conversations/x"),
            ("PATCH", "/conversations/x"),
            ("DELETE", "/conversations/x"),
            ("POST", "/feedback"),
            ("GET", "/feedback/export"),
            ("GET", "/knowledge-bases/default"),
            ("PATCH", "/knowledge-bases/default"),
            ("GET", "/knowledge-bases/default/examples"),
        ):
            assert (await stranger.request(method, path)).status_code == 401, path
