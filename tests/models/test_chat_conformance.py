"""What every chat provider does alike: Ollama (a server that speaks its API), OpenAI, embedded."""

import asyncio
import time
from itertools import pairwise

import pytest

from app.models.chat import ChatModel, ChatRequest, Finish, Message, Thought, Token


def user(text: str) -> list[Message]:
    return [Message("system", "Do as you are told."), Message("user", text)]


def repeat(word: str) -> list[Message]:
    return user(f"Reply with one word and nothing else, exactly: {word}")


async def collect(chat: ChatModel, request: ChatRequest) -> list[Token | Thought | Finish]:
    return [item async for item in chat.stream(request)]


def text_of(items: list[Token | Thought | Finish]) -> str:
    return "".join(item.text for item in items if isinstance(item, Token))


@pytest.mark.parametrize("word", ["banana", "苹果"])
async def test_answer_depends_on_the_messages_and_ends_with_one_finish(
    any_chat: ChatModel, word: str
) -> None:
    items = await collect(any_chat, ChatRequest(repeat(word), max_tokens=16))
    assert word in text_of(items).lower()
    assert [type(item) for item in items].count(Finish) == 1
    last = items[-1]
    assert isinstance(last, Finish)
    assert last.reason == "stop"
    assert last.prompt_tokens is not None
    assert last.prompt_tokens > 5
    assert last.completion_tokens


async def test_max_tokens_bounds_the_answer(any_chat: ChatModel) -> None:
    request = ChatRequest(user("Count from 1 to 500, with spaces between."), max_tokens=12)
    items = await collect(any_chat, request)
    last = items[-1]
    assert isinstance(last, Finish)
    assert last.reason == "length"
    assert last.completion_tokens == 12
    assert text_of(items).strip().startswith("1")


async def test_a_stop_word_ends_the_answer_before_it(any_chat: ChatModel) -> None:
    messages = user("Count from 1 to 20, with spaces between.")
    items = await collect(any_chat, ChatRequest(messages, max_tokens=40, stop=("7",)))
    text = text_of(items)
    assert "6" in text
    assert "7" not in text
    assert items[-1] == Finish("stop", items[-1].prompt_tokens, items[-1].completion_tokens)  # type: ignore[union-attr]


async def test_temperature_zero_gives_the_same_answer_twice(any_chat: ChatModel) -> None:
    request = ChatRequest(repeat("orchid"), max_tokens=8)
    assert text_of(await collect(any_chat, request)) == text_of(await collect(any_chat, request))


async def test_tokens_are_counted_as_the_server_counts_them_or_not_at_all(
    any_chat: ChatModel,
) -> None:
    messages = [*user("上下文 and a question, exactly: 七"), Message("assistant", "7")]
    messages.append(Message("user", "Again, exactly: eight"))
    counted = await any_chat.count_tokens(messages)
    finish = (await collect(any_chat, ChatRequest(messages, max_tokens=4)))[-1]
    assert isinstance(finish, Finish)
    assert counted in (None, finish.prompt_tokens)
    assert (counted is None) == (any_chat.provider != "embedded")


async def test_closing_the_stream_stops_the_generation(any_chat: ChatModel) -> None:
    stream = any_chat.stream(ChatRequest(user("Count from 1 to 9999 in words."), max_tokens=1500))
    async for item in stream:
        if isinstance(item, Token):
            break
    await stream.aclose()  # type: ignore[attr-defined]
    # A model that still generated would keep the next question waiting for all the rest.
    started = time.monotonic()
    items = await collect(any_chat, ChatRequest(repeat("apple"), max_tokens=4))
    assert isinstance(items[-1], Finish)
    assert time.monotonic() - started < 25


async def test_cancelling_the_reader_is_passed_on(any_chat: ChatModel) -> None:
    begun = asyncio.Event()

    async def read() -> None:
        request = ChatRequest(user("Count to 9999 in words."), max_tokens=1500)
        async for _item in any_chat.stream(request):
            begun.set()

    task = asyncio.create_task(read())
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_two_questions_at_once_are_both_answered(any_chat: ChatModel) -> None:
    first, second = await asyncio.gather(
        collect(any_chat, ChatRequest(repeat("cat"), max_tokens=8)),
        collect(any_chat, ChatRequest(repeat("dog"), max_tokens=8)),
    )
    assert "cat" in text_of(first).lower()
    assert "dog" in text_of(second).lower()


async def test_the_event_loop_goes_on_while_the_model_works(any_chat: ChatModel) -> None:
    await any_chat.count_tokens(user("loads the embedded model"))
    beats = [time.monotonic()]

    async def beat() -> None:
        while True:
            await asyncio.sleep(0.01)
            beats.append(time.monotonic())

    task = asyncio.create_task(beat())
    await collect(any_chat, ChatRequest(user("Count to 20 in words."), max_tokens=30))
    task.cancel()
    assert max(later - earlier for earlier, later in pairwise(beats)) < 2


async def test_probe_finds_it_ready(any_chat: ChatModel) -> None:
    await any_chat.probe()
    assert any_chat.name
    assert any_chat.num_ctx == 2048


def test_it_serves_one_event_loop_after_another(any_chat: ChatModel) -> None:
    for word in ("one", "two"):
        items = asyncio.run(collect(any_chat, ChatRequest(repeat(word), max_tokens=8)))
        assert word in text_of(items).lower()
