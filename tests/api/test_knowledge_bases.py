"""A knowledge base's own refusal texts at every door, and its example questions."""

import json
from collections.abc import Callable

import httpx

from app.api.app import create_app
from app.runtime import Runtime, open_runtime
from app.settings import Settings
from tests.api.conftest import client_of, parse_events
from tests.conftest import BigramEmbedder
from tests.fakes import OverlapReader, ScriptedChat

ZH = "上下文未包含对此问题的答案"
EN = "The context does not contain an answer to this question."
OWN = "馆藏中没有这方面的资料，请询问服务台。"
QUESTION = "DeepSeek 用什么许可证？"


async def test_texts_are_set_shown_and_taken_back(client: httpx.AsyncClient) -> None:
    address = "/knowledge-bases/default"
    usual = {"name": "default", "title": "default", "refusals": {"zh": None, "en": None}}
    assert (await client.get(address)).json() == usual
    changed = await client.patch(address, json={"refusals": {"zh": f" {OWN} "}})
    assert changed.json()["refusals"] == {"zh": OWN, "en": None}
    changed = await client.patch(address, json={"refusals": {"en": "Ask the desk."}})
    assert changed.json()["refusals"] == {"zh": OWN, "en": "Ask the desk."}
    await client.patch(address, json={"refusals": {"zh": None, "en": None}})
    assert (await client.get(address)).json() == usual


async def test_what_cannot_be_set(client: httpx.AsyncClient) -> None:
    for refusals in ({"zh": " "}, {"en": "x" * 501}, {"fr": "non"}):
        response = await client.patch("/knowledge-bases/default", json={"refusals": refusals})
        assert (response.status_code, response.json()["error"]["code"]) == (422, "request_invalid")
    for response in (
        await client.get("/knowledge-bases/unknown"),
        await client.patch("/knowledge-bases/unknown", json={"refusals": {"zh": "无"}}),
        await client.get("/knowledge-bases/unknown/examples"),
    ):
        assert response.status_code == 404
        assert response.json()["error"]["code"] == "knowledge_base_not_found"


async def test_every_door_says_its_own_text_and_the_model_is_told_the_usual_one(
    prepared: Runtime, make_settings: Callable[..., Settings]
) -> None:
    chat = ScriptedChat(answer=ZH)
    await prepared.close()
    runtime = await open_runtime(
        make_settings(), embedder=BigramEmbedder(), chat=chat, reader=OverlapReader()
    )
    async with client_of(create_app(make_settings(), runtime)) as client:
        await client.patch("/knowledge-bases/default", json={"refusals": {"zh": OWN}})
        given = (await client.post("/ask", json={"question": QUESTION})).json()
        assert (given["answered"], given["answer"], given["citations"]) == (False, OWN, [])
        refusal = given["refusal"]
        assert (refusal["reason"], refusal["message"]) == ("low_relevance", OWN)
        stream = await client.post(
            "/ask", json={"question": QUESTION}, headers={"Accept": "text/event-stream"}
        )
        assert ZH[:2] not in "".join(
            json.loads(body)["text"] for kind, body in parse_events(stream.text) if kind == "token"
        )
        completion = await client.post(
            "/v1/chat/completions",
            json={"stream": True, "messages": [{"role": "user", "content": QUESTION}]},
        )
        said = [json.loads(line[6:]) for line in completion.text.splitlines() if "delta" in line]
        pieces = [chunk["choices"][0]["delta"].get("content", "") for chunk in said]
        assert "".join(pieces).strip() == OWN
        english = (await client.post("/ask", json={"question": "Who won the cup in 1998?"})).json()
        assert english["answer"] == EN
        await client.post("/ask", json={"question": "Yi-34B 的上下文长度是多少？"})
    assert chat.requests
    assert any(ZH in message.content for message in chat.requests[-1])
    assert not any(OWN in message.content for messages in chat.requests for message in messages)
    await runtime.close()


async def test_an_answer_that_begins_like_a_refusal_is_streamed_whole(
    prepared: Runtime, make_settings: Callable[..., Settings]
) -> None:
    await prepared.close()
    chat = ScriptedChat(answer="The context says: DeepSeek uses the MIT licence. [1]")
    runtime = await open_runtime(
        make_settings(), embedder=BigramEmbedder(), chat=chat, reader=OverlapReader()
    )
    async with client_of(create_app(make_settings(), runtime)) as client:
        await client.patch("/knowledge-bases/default", json={"refusals": {"en": "Ask us."}})
        stream = await client.post(
            "/ask",
            json={"question": "Which licence does DeepSeek use?"},
            headers={"Accept": "text/event-stream"},
        )
    tokens = [
        json.loads(body)["text"] for kind, body in parse_events(stream.text) if kind == "token"
    ]
    assert "".join(tokens).replace(" [1]", "[1]") == (
        "The context says: DeepSeek uses the MIT licence.[1]"
    )
    await runtime.close()


async def test_examples_come_from_the_documents(
    filled: Runtime, make_settings: Callable[..., Settings]
) -> None:
    async with client_of(create_app(make_settings(), filled)) as client:
        found = (await client.get("/knowledge-bases/default/examples")).json()["examples"]
        wrong = await client.get("/knowledge-bases/default/examples", params={"language": "fr"})
    [example] = found
    assert example["question"] == "How much memory does a 7B model in 4-bit need?"
    assert filled.library.document("default", example["document_id"]).title == example["title"]
    assert wrong.status_code == 422


async def test_making_and_titling_a_knowledge_base(
    runtime: Runtime, make_settings: Callable[..., Settings]
) -> None:
    app = create_app(make_settings(max_knowledge_bases=2), runtime, "the-token")
    async with client_of(app) as client:
        made = await client.post("/knowledge-bases", json={"name": "handbook", "title": "员工手册"})
        assert (made.status_code, made.json()["title"]) == (201, "员工手册")
        renamed = await client.patch("/knowledge-bases/handbook", json={"title": "Staff handbook"})
        assert renamed.json()["title"] == "Staff handbook"
        assert (await client.patch("/knowledge-bases/handbook", json={"title": None})).json()[
            "title"
        ] == "handbook"
        for name, status, code in (
            ("handbook", 409, "knowledge_base_exists"),
            ("third", 409, "too_many_knowledge_bases"),
            ("No Name", 422, "request_invalid"),
        ):
            refused = await client.post("/knowledge-bases", json={"name": name})
            assert (refused.status_code, refused.json()["error"]["code"]) == (status, code)


async def test_an_unknown_one_is_an_error_and_nothing_makes_it_by_accident(
    runtime: Runtime, settings: Settings
) -> None:
    token = {"X-Operator-Token": "the-token"}
    async with client_of(create_app(settings, runtime, "the-token")) as client:
        files = [("files", ("a.txt", b"text", "text/plain"))]
        for response in (
            await client.post("/documents", params={"kb": "typo"}, files=files),
            await client.get("/documents", params={"kb": "typo"}),
            await client.post("/ask", json={"question": "x", "kb": "typo"}),
            await client.post(
                "/ask", json={"question": "x", "kb": "typo", "conversation_id": "new"}
            ),
            await client.post("/search", json={"question": "x", "kb": "typo"}),
            await client.post(
                "/v1/chat/completions",
                json={"model": "groundkb/typo", "messages": [{"role": "user", "content": "x"}]},
            ),
            await client.post("/sources", json={"location": "/x", "kb": "typo"}, headers=token),
        ):
            assert (response.status_code, response.json()["error"]["code"]) == (
                404,
                "knowledge_base_not_found",
            )
        assert runtime.library.knowledge_bases() == ["default"]
        assert (await client.get("/conversations")).json() == {"conversations": [], "total": 0}
