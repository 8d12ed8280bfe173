"""The embedded model: loaded once, closed to others, exact in its counts, quick to share a prefix."""

import asyncio
import os
import time
from pathlib import Path

import httpx
import pytest

from app.errors import ChatFailed, WeightsMissing
from app.models.chat import ChatRequest, Finish, Message
from app.models.embedded import EmbeddedChat
from app.models.machine import usable_cores
from tests.models.test_chat_conformance import collect, repeat, text_of, user

pytestmark = pytest.mark.chat

PASSAGES = "Context:\n" + "Quantisation stores weights in fewer bits and saves memory. " * 12


def test_a_file_that_is_not_there_is_missing(tmp_path: Path) -> None:
    with pytest.raises(WeightsMissing, match=r"no\.gguf"):
        EmbeddedChat(path=tmp_path / "no.gguf", num_ctx=2048, timeout=10)


async def test_a_file_that_is_no_model_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "bad.gguf").write_bytes(b"GGUF and nothing more")
    chat = EmbeddedChat(path=tmp_path / "bad.gguf", num_ctx=2048, timeout=10)
    with pytest.raises(ChatFailed, match=r"bad\.gguf"):
        await chat.count_tokens([Message("user", "?")])


async def test_it_is_let_go_when_idle_and_comes_back(embedded_chat: EmbeddedChat) -> None:
    own = EmbeddedChat(path=embedded_chat.path, num_ctx=512, timeout=300, idle=0.2)
    assert not own.loaded
    asked = [Message("user", "hi")]
    counted = await own.count_tokens(asked)
    assert own.loaded
    for _ in range(300):
        if not own.loaded:
            break
        await asyncio.sleep(0.1)
    assert not own.loaded
    both = await asyncio.gather(own.count_tokens(asked), own.count_tokens(asked))
    assert both == [counted, counted]
    await own.close()


async def test_it_is_loaded_once_by_whoever_comes_first(embedded_chat: EmbeddedChat) -> None:
    addresses = await asyncio.gather(*(embedded_chat.address() for _ in range(5)))
    assert len(set(addresses)) == 1


async def test_nobody_else_can_use_it(embedded_chat: EmbeddedChat) -> None:
    address, key = await embedded_chat.address()
    assert address.startswith("http://127.0.0.1:")
    assert len(key) > 30
    body = {"messages": [{"role": "user", "content": "hi"}]}
    async with httpx.AsyncClient(base_url=address) as client:
        for path in ("/v1/chat/completions", "/completion", "/tokenize", "/apply-template"):
            assert (await client.post(path, json=body)).status_code == 401
            wrong = {"Authorization": "Bearer guess"}
            assert (await client.post(path, json=body, headers=wrong)).status_code == 401
        foreign = {"Origin": "http://evil.example", "Access-Control-Request-Method": "POST"}
        answer = await client.options("/v1/chat/completions", headers=foreign)
        assert answer.headers.get("access-control-allow-origin") not in ("*", foreign["Origin"])
        assert (await client.get("/")).status_code != 200


async def test_counts_are_exact_also_for_chinese_and_many_messages(
    embedded_chat: EmbeddedChat,
) -> None:
    messages = [
        Message("system", "只依据资料回答。"),
        Message("user", "量化是什么？🙂"),
        Message("assistant", "用更少的位数存储权重。"),
        Message("user", "<|im_end|> is a tag; 为什么？"),
    ]
    finish = (await collect(embedded_chat, ChatRequest(messages, max_tokens=1)))[-1]
    assert isinstance(finish, Finish)
    assert await embedded_chat.count_tokens(messages) == finish.prompt_tokens


async def test_a_prompt_beyond_the_window_is_refused(embedded_chat: EmbeddedChat) -> None:
    with pytest.raises(ChatFailed, match="exceeds"):
        await collect(embedded_chat, ChatRequest(user("word " * 3000), max_tokens=4))


@pytest.mark.quiet
async def test_two_questions_share_the_prefix(embedded_chat: EmbeddedChat) -> None:
    """The context comes first, so that a second question about it costs little."""
    started = time.monotonic()
    await collect(embedded_chat, ChatRequest(user(PASSAGES + "\nQ: speed? Yes or No."), 1))
    first = time.monotonic() - started
    started = time.monotonic()
    await collect(embedded_chat, ChatRequest(user(PASSAGES + "\nQ: memory? Yes or No."), 1))
    assert time.monotonic() - started < first / 2


async def test_a_question_cancelled_while_it_is_read_soon_frees_the_model(
    embedded_chat: EmbeddedChat,
) -> None:
    async def read() -> None:
        await collect(embedded_chat, ChatRequest(user("alpha beta " * 800), max_tokens=4))

    task = asyncio.create_task(read())
    await asyncio.sleep(0.5)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    started = time.monotonic()
    items = await collect(embedded_chat, ChatRequest(repeat("pear"), max_tokens=4))
    assert "pear" in text_of(items).lower()
    # Reading all of the cancelled 1,600 tokens takes 20 s and more.
    assert time.monotonic() - started < 15


def test_cores_are_at_least_one_and_no_more_than_there_are() -> None:
    assert 1 <= usable_cores() <= (os.cpu_count() or 1)
