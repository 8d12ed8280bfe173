"""The same answers in OpenAI's protocol, read by OpenAI's own client."""

from collections.abc import Callable

import openai
import pytest
from fastapi import FastAPI

from app.answering import answer as data
from app.errors import ChatTimeout
from tests.api.conftest import ScriptedAnswerer, events_of, refused, served


def test_plain_and_streamed(scripted: Callable[..., FastAPI], answerer: ScriptedAnswerer) -> None:
    messages = [
        {"role": "system", "content": "You are a pirate."},
        {"role": "user", "content": "DeepSeek 是什么？"},
        {"role": "assistant", "content": "一个模型。"},
        {"role": "user", "content": [{"type": "text", "text": "许可证呢？"}]},
    ]
    with served(scripted()) as url:
        client = openai.OpenAI(base_url=f"{url}/v1", api_key="none", max_retries=0)
        plain = client.chat.completions.create(
            model="groundkb/handbook",
            messages=messages,  # type: ignore[arg-type]
            temperature=0.7,
        )
        chunks = list(
            client.chat.completions.create(
                model="gpt-4o",
                messages=messages,  # type: ignore[arg-type]
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
