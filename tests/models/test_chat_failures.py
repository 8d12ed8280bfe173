"""Each way in which a chat server fails has its own error, the same for both server providers."""

import socket
import time
from collections.abc import Callable

import pytest

from app.errors import (
    ChatFailed,
    ChatModelMissing,
    ChatServerDown,
    ChatStreamBroken,
    ChatTimeout,
    GroundkbError,
)
from app.models import streaming
from app.models.chat import ChatModel, ChatRequest, Finish, Thought, Token
from app.models.ollama import Loaded
from app.models.openai import same_model
from tests.models.conftest import ollama_chat, openai_chat
from tests.models.servers import FakeServer, Mode
from tests.models.test_chat_conformance import collect, repeat, text_of, user

Make = Callable[..., ChatModel]


@pytest.fixture(params=["ollama", "openai"])
def pair(request: pytest.FixtureRequest) -> tuple[FakeServer, Make]:
    """A server and what makes a provider for it."""
    providers: dict[str, Make] = {"ollama": ollama_chat, "openai": openai_chat}
    make = providers[request.param]
    return request.getfixturevalue(f"{request.param}_server"), make


def ask(word: str = "banana") -> ChatRequest:
    return ChatRequest(repeat(word), max_tokens=8)


def patience(mode: Mode) -> float:
    """Seconds: short only where waiting is the point, so that a busy machine changes nothing."""
    return 0.5 if mode in ("silent", "unending") else 60


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        ("drop", ChatStreamBroken),
        ("stream_error", ChatStreamBroken),
        ("garbage", ChatStreamBroken),
        ("silent", ChatTimeout),
        ("unending", ChatTimeout),
        ("broken", ChatFailed),
        ("loading", ChatServerDown),
    ],
)
async def test_each_failure_has_its_own_error(
    pair: tuple[FakeServer, Make], mode: Mode, expected: type[GroundkbError]
) -> None:
    server, make = pair
    server.mode = mode
    started = time.monotonic()
    with pytest.raises(expected) as caught:
        await collect(make(server.url, timeout=patience(mode)), ask())
    assert time.monotonic() - started < 15
    assert type(caught.value) is expected


async def test_nobody_listens(pair: tuple[FakeServer, Make]) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}"
    chat = pair[1](url)
    for attempt in (collect(chat, ask()), chat.probe()):
        with pytest.raises(ChatServerDown) as caught:
            await attempt
        assert url in str(caught.value)
        assert "Error" not in str(caught.value), "people are told no names of exceptions"


async def test_model_missing(pair: tuple[FakeServer, Make]) -> None:
    server, make = pair
    chat = make(server.url, model="nobody:7b")
    for attempt in (collect(chat, ask()), chat.probe()):
        with pytest.raises(ChatModelMissing, match="nobody:7b"):
            await attempt


@pytest.mark.parametrize(
    ("wanted", "listed", "same"),
    [
        ("qwen", "qwen:latest", True),
        ("qwen:latest", "qwen", True),
        ("qwen", "qwen", True),
        ("qwen", "qwen:7b", False),
        ("qwen:7b", "qwen:latest", False),
    ],
)
def test_a_name_without_its_tag_is_the_latest(wanted: str, listed: str, same: bool) -> None:
    assert same_model(wanted, listed) == same


async def test_probe_of_a_silent_server_is_bounded(
    pair: tuple[FakeServer, Make], monkeypatch: pytest.MonkeyPatch
) -> None:
    server, make = pair
    server.mode = "silent"
    chat = make(server.url, timeout=60)
    monkeypatch.setattr(f"app.models.{chat.provider}.PROBE_SECONDS", 0.2)
    started = time.monotonic()
    with pytest.raises(ChatServerDown):
        await chat.probe()
    assert time.monotonic() - started < 15


async def test_think_blocks_become_thoughts(pair: tuple[FakeServer, Make]) -> None:
    server, make = pair
    server.answer = ["<th", "ink>is it ", "7?</thi", "nk>\n\n", "Seven", " it is."]
    items = await collect(make(server.url), ask())
    assert text_of(items) == "Seven it is."
    assert "".join(item.text for item in items if isinstance(item, Thought)) == "is it 7?"


async def test_a_separate_thinking_field_becomes_thoughts(pair: tuple[FakeServer, Make]) -> None:
    server, make = pair
    server.thought = ["hm, ", "seven"]
    items = await collect(make(server.url), ask("7"))
    assert items[:2] == [Thought("hm, "), Thought("seven")]
    assert text_of(items) == "7"


async def test_an_answer_lost_in_thought_is_an_error(pair: tuple[FakeServer, Make]) -> None:
    server, make = pair
    server.thought = ["and on and on"]
    server.answer = []
    request = ChatRequest(user("Count"), max_tokens=5)
    with pytest.raises(ChatFailed, match="all_tokens_thought"):
        await collect(make(server.url), request)


async def test_leaving_a_stream_closes_the_connection(pair: tuple[FakeServer, Make]) -> None:
    server, make = pair
    stream = make(server.url).stream(ChatRequest(user("Count"), max_tokens=90_000))
    async for item in stream:
        assert isinstance(item, Token)
        break
    await stream.aclose()  # type: ignore[attr-defined]
    assert server.disconnected.wait(5)


async def test_ollama_is_told_window_temperature_and_keep_alive(ollama_server: FakeServer) -> None:
    chat = ollama_chat(ollama_server.url)
    await collect(chat, ChatRequest(repeat("x"), max_tokens=9, temperature=0.5, stop=("end",)))
    for body in ollama_server.bodies("/api/chat"):
        assert body["options"]["num_ctx"] == 2048
        assert body["keep_alive"] == "7m"
        assert body.get("think") is None
    generated = ollama_server.bodies("/api/chat")[0]["options"]
    assert (generated["temperature"], generated["num_predict"], generated["stop"]) == (
        0.5, 9, ["end"],
    )  # fmt: skip


async def test_ollama_tells_what_a_loaded_model_takes(ollama_server: FakeServer) -> None:
    chat = ollama_chat(ollama_server.url)
    assert await chat.loaded() is None
    await collect(chat, ask("9"))
    assert await chat.loaded() == Loaded(1_500_000_000, 900_000_000)


async def test_a_thinking_ollama_model_is_told_not_to(ollama_server: FakeServer) -> None:
    chat = ollama_chat(ollama_server.url, "thinker:1b")
    for word in ("9", "10"):
        assert text_of(await collect(chat, ask(word))) == word
    tried, *asked = ollama_server.bodies("/api/chat")
    assert [body["think"] for body in (tried, *asked)] == [False, False, False]
    # It was tried once, with a word.
    assert (len(asked), tried["options"]["num_predict"]) == (2, 16)


async def test_one_that_thinks_whatever_it_is_told_keeps_it_out_of_the_answer(
    ollama_server: FakeServer,
) -> None:
    chat = ollama_chat(ollama_server.url, "ponderer:1b")
    items = await collect(chat, ask("9"))
    assert text_of(items) == "9"
    assert "they say" in "".join(item.text for item in items if isinstance(item, Thought))
    assert not [item for item in items if isinstance(item, Token) and "they" in item.text]
    body = ollama_server.bodies("/api/chat")[-1]
    assert body["think"] is True
    assert body["options"]["num_predict"] > 2_048


async def test_openai_key_and_address_are_checked(openai_server: FakeServer) -> None:
    wrong_key = openai_chat(openai_server.url, key="guess")
    with pytest.raises(ChatFailed, match="Incorrect API key"):
        await collect(wrong_key, ask())
    with pytest.raises(ChatFailed):
        await wrong_key.probe()
    without_v1 = openai_chat(f"{openai_server.url}/other")
    with pytest.raises(ChatFailed, match="/v1"):
        await collect(without_v1, ask())


async def test_the_count_is_the_servers_own(pair: tuple[FakeServer, Make]) -> None:
    server, make = pair
    messages = user("exactly: w")
    finish = (await collect(make(server.url), ChatRequest(messages, max_tokens=4)))[-1]
    words = sum(len(message.content.split()) for message in messages)
    assert finish == Finish("stop", words, 1)


async def test_a_server_that_does_not_keep_to_the_bound_is_cut_off(
    pair: tuple[FakeServer, Make],
) -> None:
    server, make = pair
    server.answer = ["banana "] * 1_000
    items = await collect(make(server.url), ask())
    assert 8 < len(text_of(items)) <= 8 * 24
    assert isinstance(items[-1], Finish)
    assert items[-1].reason == "length"


async def test_empty_messages_are_no_life_for_ever(
    pair: tuple[FakeServer, Make], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streaming, "_SILENCES", 0.0)
    server, make = pair
    server.answer = [""] * 3
    with pytest.raises(ChatTimeout):
        await collect(make(server.url), ask())


async def test_json_of_another_shape_is_named(openai_server: FakeServer) -> None:
    openai_server.mode = "shapeless"
    chat = openai_chat(openai_server.url)
    for attempt in (collect(chat, ask()), chat.probe()):
        with pytest.raises(ChatFailed, match="no_openai_answer"):
            await attempt


async def test_what_is_no_text_is_none_of_an_answer(pair: tuple[FakeServer, Make]) -> None:
    """JSON can spell it; no answer could be kept or sent with it."""
    server, make = pair
    server.answer = ["a\ud83d", "b\0\x1b[2J", "c\td"]
    assert text_of(await collect(make(server.url), ask())) == "a\ufffdb\ufffd\ufffd[2Jc\td"


async def test_a_refused_key_is_told_as_one(openai_server: FakeServer) -> None:
    chat = openai_chat(openai_server.url, key="wrong")
    with pytest.raises(ChatFailed, match="key_refused"):
        await collect(chat, ask())
