"""Which chat model is taken, and what is said about it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from app.errors import ChatFailed, WeightsMissing
from app.models.chat import Message
from app.models.choose import choose_chat
from app.settings import Settings
from app.texts import say
from tests.models.servers import FakeServer

NOWHERE = "http://127.0.0.1:9"


@pytest.fixture
def with_weights(tmp_path: Path, make_settings: Callable[..., Settings]) -> Callable[..., Settings]:
    """Settings over a models folder that seems to hold the embedded model."""
    chat = tmp_path / "models" / "chat"
    chat.mkdir(parents=True)
    (chat / "qwen2.5-coder-1.5b-instruct-q4_k_m.gguf").write_bytes(b"GGUF")
    return lambda **values: make_settings(models=tmp_path / "models", **values)


async def test_auto_takes_ollama_when_it_has_the_model(
    with_weights: Callable[..., Settings], ollama_server: FakeServer
) -> None:
    settings = with_weights(chat="auto", ollama_url=ollama_server.url, chat_model="tiny:1b")
    chat, reason = await choose_chat(settings)
    assert (chat.provider, chat.name) == ("ollama", "tiny:1b")
    assert ollama_server.url in say(reason, "en")
    assert ollama_server.url in say(reason, "zh")


async def test_auto_without_the_model_is_embedded_and_says_how_to_get_it(
    with_weights: Callable[..., Settings], ollama_server: FakeServer
) -> None:
    chat, reason = await choose_chat(with_weights(chat="auto", ollama_url=ollama_server.url))
    assert (chat.provider, chat.name) == ("embedded", "qwen2.5-coder-1.5b-instruct-q4_k_m")
    for text in (say(reason, "en"), say(reason, "zh")):
        assert "ollama pull qwen3:4b-instruct-2507-q4_K_M" in text


async def test_auto_goes_on_with_the_default_of_earlier_versions_where_that_alone_is_there(
    with_weights: Callable[..., Settings], ollama_server: FakeServer
) -> None:
    ollama_server.also = ("qwen3:4b",)
    chat, _ = await choose_chat(with_weights(chat="auto", ollama_url=ollama_server.url))
    assert (chat.provider, chat.name) == ("ollama", "qwen3:4b")
    named = with_weights(chat="auto", ollama_url=ollama_server.url, chat_model="other:1b")
    chat, _ = await choose_chat(named)
    assert chat.provider == "embedded"


async def test_auto_without_ollama_is_embedded(with_weights: Callable[..., Settings]) -> None:
    chat, reason = await choose_chat(with_weights(chat="auto", ollama_url=NOWHERE))
    assert chat.provider == "embedded"
    assert f"no Ollama answers at {NOWHERE}" in say(reason, "en")
    assert "没有 Ollama 应答" in say(reason, "zh")


@pytest.mark.parametrize("mode", ["silent", "broken", "loading"])
async def test_auto_with_a_sick_ollama_is_embedded(
    with_weights: Callable[..., Settings],
    ollama_server: FakeServer,
    mode: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("app.models.ollama.PROBE_SECONDS", 0.2)
    ollama_server.mode = mode  # type: ignore[assignment]
    chat, reason = await choose_chat(with_weights(chat="auto", ollama_url=ollama_server.url))
    assert chat.provider == "embedded"
    assert ollama_server.url in say(reason, "en")


async def test_auto_with_nothing_at_all_names_what_is_missing(
    make_settings: Callable[..., Settings], tmp_path: Path
) -> None:
    settings = make_settings(chat="auto", ollama_url=NOWHERE, models=tmp_path)
    with pytest.raises(WeightsMissing, match=r"qwen2\.5-coder"):
        await choose_chat(settings)


async def test_what_is_named_outright_is_taken_unasked(
    with_weights: Callable[..., Settings],
) -> None:
    chat, reason = await choose_chat(with_weights(chat="ollama", ollama_url=NOWHERE))
    assert (chat.provider, chat.name) == ("ollama", "qwen3:4b-instruct-2507-q4_K_M")
    assert "GROUNDKB_CHAT=ollama" in say(reason, "en")
    settings = with_weights(
        chat="openai", openai_url=f"{NOWHERE}/v1", chat_model="m", openai_api_key="sk-secret"
    )
    chat, reason = await choose_chat(settings)
    assert (chat.provider, chat.name, chat.num_ctx) == ("openai", "m", settings.chat_num_ctx)
    assert "sk-secret" not in str(reason.data())
    chat, reason = await choose_chat(with_weights(chat="embedded"))
    assert chat.provider == "embedded"
    assert "GROUNDKB_CHAT=embedded" in say(reason, "zh")


async def test_the_embedded_model_is_not_loaded_before_it_is_asked(
    with_weights: Callable[..., Settings],
) -> None:
    """A sync or a search opens the same library, and needs no chat model."""
    chat, _reason = await choose_chat(with_weights(chat="embedded"))
    assert chat is not None
    # What lies there is no model: loading it would have failed.
    with pytest.raises(ChatFailed):
        await chat.count_tokens([Message("user", "?")])
