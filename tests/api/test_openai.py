"""The same answers in OpenAI's protocol, read by OpenAI's own client."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import httpx
import numpy as np
import openai
import pytest
from fastapi import FastAPI

from app.answering import answer as data
from app.errors import ChatTimeout
from app.runtime import Runtime
from tests.api.conftest import (
    ScriptedAnswerer,
    an_answer,
    client_of,
    events_of,
    refused,
    served,
)
from tests.conftest import BigramEmbedder


@pytest.fixture(autouse=True)
def _handbook(runtime: Runtime) -> None:
    """A knowledge base beside the default one."""
    runtime.library.add_knowledge_base("handbook")


def test_plain_and_streamed(scripted: Callable[..., FastAPI], answerer: ScriptedAnswerer) -> None:
    messages: list[Any] = [
        {"role": "system", "content": "You are a pirate."},
        {"role": "user", "content": "DeepSeek 是什么？"},
        {"role": "assistant", "content": "一个模型。"},
        {"role": "user", "content": [{"type": "text", "text": "许可证呢？"}]},
    ]
    with served(scripted()) as url:
        client = openai.OpenAI(base_url=f"{url}/v1", api_key="none", max_retries=0)
        plain = client.chat.completions.create(
            model="groundkb/handbook",
            messages=messages,
            temperature=0.7,
        )
        chunks = list(
            client.chat.completions.create(
                model="gpt-4o",
                messages=messages,
                stream=True,
            )
        )
    assert plain.choices[0].message.content == "采用 MIT 许可证。[1]"
    assert plain.usage is not None
    assert plain.usage.total_tokens == 127
    extra = plain.model_extra or {}
    assert extra["groundkb"]["citations"][0]["quote"]
    streamed = "".join(chunk.choices[0].delta.content or "" for chunk in chunks)
    assert streamed == plain.choices[0].message.content
    assert chunks[-1].choices[0].finish_reason == "stop"
    assert (chunks[-1].model_extra or {})["groundkb"] == extra["groundkb"]
    first, second = answerer.questions
    assert (first.kb, second.kb) == ("handbook", "default")
    assert first.text == "许可证呢？"
    assert first.history == (
        data.Turn("user", "DeepSeek 是什么？"),
        data.Turn("assistant", "一个模型。"),
    )


def test_a_refusal_is_streamed_as_its_sentence_alone(
    scripted: Callable[..., FastAPI], answerer: ScriptedAnswerer
) -> None:
    answerer.script = events_of(refused("unverified"))
    with served(scripted()) as url:
        client = openai.OpenAI(base_url=f"{url}/v1", api_key="none", max_retries=0)
        chunks = client.chat.completions.create(
            model="groundkb", messages=[{"role": "user", "content": "?"}], stream=True
        )
        text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks)
    assert text == "上下文未包含对此问题的答案"


def test_errors_reach_the_client(
    scripted: Callable[..., FastAPI], answerer: ScriptedAnswerer
) -> None:
    answerer.script = [ChatTimeout(seconds=5)]
    with served(scripted()) as url:
        client = openai.OpenAI(base_url=f"{url}/v1", api_key="none", max_retries=0)
        with pytest.raises(openai.APIStatusError) as caught:
            client.chat.completions.create(
                model="groundkb", messages=[{"role": "user", "content": "?"}]
            )
    assert caught.value.status_code == 504
    assert caught.value.code == "chat_timeout"


OPEN_WEBUI = {  # as Open WebUI 0.6 sends it: its own `metadata` stays behind, the rest goes on
    "stream": True,
    "model": "groundkb/handbook",
    "messages": [
        {"role": "system", "content": "You are a helpful assistant."},
        {"role": "user", "content": "DeepSeek 是什么？"},
        {"role": "assistant", "content": None, "tool_calls": [{"id": "1", "type": "function"}]},
        {"role": "tool", "tool_call_id": "1", "content": "…"},
        {"role": "assistant", "content": "一个模型。"},
        {
            "role": "user",
            "content": [
                {"type": "text", "text": "看图："},
                {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}},
            ],
        },
        {"role": "assistant", "content": "好的。"},
        {"role": "user", "content": "许可证呢？"},
    ],
    "stream_options": {"include_usage": True},
    "tools": [{"type": "function", "function": {"name": "search_web", "parameters": {}}}],
    "tool_choice": "auto",
    "function_calling": "native",
    "keep_alive": "5m",
}
LIBRECHAT = {  # the parameters that its documentation lists as sent by default
    "model": "groundkb",
    "temperature": 1,
    "top_p": 1,
    "presence_penalty": 0,
    "frequency_penalty": 0,
    "user": "66f0c1d2e3a4b5c6d7e8f901",
    "stream": True,
    "stream_options": {"include_usage": True},
    "messages": [
        {"role": "system", "content": "Be brief.", "name": "instructions"},
        {"role": "user", "content": "许可证呢？"},
    ],
}


@pytest.mark.parametrize("sent", [OPEN_WEBUI, LIBRECHAT], ids=["Open WebUI", "LibreChat"])
async def test_requests_as_they_are_really_sent(
    client: httpx.AsyncClient, answerer: ScriptedAnswerer, sent: dict[str, Any]
) -> None:
    response = await client.post("/v1/chat/completions", json=sent)
    assert response.status_code == 200, response.text
    chunks = chunks_of(response.text)
    text = "".join(
        chunk["choices"][0]["delta"].get("content") or "" for chunk in chunks if chunk["choices"]
    )
    assert text == "采用 MIT 许可证。[1]"
    [cited] = [
        chunk["choices"][0]["delta"]["annotations"]
        for chunk in chunks
        if chunk["choices"] and "annotations" in chunk["choices"][0]["delta"]
    ]
    found = cited[0]["url_citation"]
    assert text[found["start_index"] : found["end_index"]] == "[1]"
    assert found["title"] == "DeepSeek-V3"
    assert found["url"].startswith("http://127.0.0.1:8000/documents/document-1/original?kb=")
    assert found["url"].endswith("#page=3")
    assert chunks[-1]["choices"] == [], "usage alone, as include_usage asks"
    assert chunks[-1]["usage"]["total_tokens"] == 127
    assert answerer.questions[0].text == "许可证呢？"


async def test_a_cited_web_page_is_linked_itself(
    client: httpx.AsyncClient, answerer: ScriptedAnswerer
) -> None:
    [citation] = an_answer().citations
    web = replace(citation, source="https://example.org/deepseek")
    answerer.script = events_of(an_answer(citations=(web,)))
    body = {"messages": [{"role": "user", "content": "?"}]}
    message = (await client.post("/v1/chat/completions", json=body)).json()["choices"][0]["message"]
    assert message["annotations"][0]["url_citation"]["url"] == "https://example.org/deepseek"


@pytest.mark.parametrize("stream", [False, True])
async def test_a_chore_of_the_client_is_no_question(
    client: httpx.AsyncClient, answerer: ScriptedAnswerer, stream: bool
) -> None:
    """Open WebUI has titles, tags and follow-ups written by the model that it chats with."""
    chore = (
        "### Task:\nGenerate a concise, 3-5 word title with an emoji summarizing the chat history.\n"
        "### Chat History:\n<chat_history>\nUSER: Which licence?\nASSISTANT: MIT.\n</chat_history>"
    )
    body = {"messages": [{"role": "user", "content": chore}], "stream": stream}
    response = await client.post("/v1/chat/completions", json=body)
    assert response.status_code == 200
    assert "MIT" not in response.text
    assert answerer.questions == []


async def test_a_question_about_tasks_is_one(
    client: httpx.AsyncClient, answerer: ScriptedAnswerer
) -> None:
    body = {"messages": [{"role": "user", "content": "### Task: which licence has DeepSeek?"}]}
    await client.post("/v1/chat/completions", json=body)
    assert len(answerer.questions) == 1


async def test_a_picture_is_not_left_out_silently(client: httpx.AsyncClient) -> None:
    picture = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}
    content = [{"type": "text", "text": "What is this?"}, picture]
    body = {"messages": [{"role": "user", "content": content}]}
    response = await client.post("/v1/chat/completions", json=body)
    assert response.status_code == 422
    assert "image_url" in response.json()["error"]["message"]


def test_the_embedding_model_by_openais_own_client(
    scripted: Callable[..., FastAPI], fake_embedder: BigramEmbedder
) -> None:
    texts = ["DeepSeek uses the MIT licence.", "上下文长度为 200K。"]
    with served(scripted()) as url:
        client = openai.OpenAI(base_url=f"{url}/v1", api_key="none", max_retries=0)
        packed = client.embeddings.create(model="any", input=texts)  # base64, unless told
        plain = client.embeddings.create(model="any", input=texts[0], encoding_format="float")
        asked = client.embeddings.create(
            model="any", input=texts[1], extra_body={"input_type": "query"}
        )
    wanted = fake_embedder.embed_passages(texts)
    for item, row in zip(packed.data, wanted, strict=True):
        np.testing.assert_allclose(item.embedding, row, rtol=1e-6)
    np.testing.assert_allclose(plain.data[0].embedding, wanted[0], rtol=1e-6)
    np.testing.assert_allclose(asked.data[0].embedding, fake_embedder.embed_query(texts[1]))
    assert packed.model == "bigrams"


@pytest.mark.parametrize(
    "body",
    [
        {"input": []},
        {"input": ["x"] * 257},
        {"input": [" "]},
        {"input": [[1, 2, 3]]},
        {"input": "x", "dimensions": 7},
    ],
)
async def test_embeddings_are_bounded(client: httpx.AsyncClient, body: dict[str, Any]) -> None:
    response = await client.post("/v1/embeddings", json=body)
    assert response.status_code == 422
    assert response.json()["error"]["code"] == "request_invalid"


def chunks_of(body: str) -> list[dict[str, Any]]:
    lines = [line.removeprefix("data: ") for line in body.splitlines() if line.startswith("data: ")]
    assert lines[-1] == "[DONE]"
    return [json.loads(line) for line in lines[:-1]]


async def test_a_null_stands_for_the_usual_value(client: httpx.AsyncClient) -> None:
    """Clients that are generated from OpenAI's description send all fields."""
    part = {"type": "text", "text": "许可证呢？", "cache_control": None}
    message = {"role": "user", "content": [part], "name": None}
    fields = ("stream", "stream_options", "temperature", "stop", "n", "tools", "max_tokens", "user")
    body = {"model": None, "messages": [message], **dict.fromkeys(fields)}
    answer = await client.post("/v1/chat/completions", json=body)
    assert answer.status_code == 200, answer.text
    usage = {**body, "stream": True, "stream_options": {"include_usage": None}}
    assert (await client.post("/v1/chat/completions", json=usage)).status_code == 200
    texts = {"input": "text", "model": "m", "encoding_format": None, "dimensions": None}
    assert (await client.post("/v1/embeddings", json=texts)).status_code == 200


async def test_citations_lead_to_where_people_reach_the_server(
    scripted: Callable[..., FastAPI],
) -> None:
    """A program may know it by a name of the inner network."""
    app = scripted(public_url="https://kb.example.org/kb/")
    async with client_of(app) as client:
        body = {"messages": [{"role": "user", "content": "?"}]}
        choice = (await client.post("/v1/chat/completions", json=body)).json()["choices"][0]
    [link] = choice["message"]["annotations"]
    assert link["url_citation"]["url"].startswith("https://kb.example.org/kb/documents/document-1/")
