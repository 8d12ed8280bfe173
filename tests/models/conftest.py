"""Chat models and servers for these tests. How to use the real ones is in their docstrings."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.models.chat import ChatModel
from app.models.embedded import EmbeddedChat
from app.models.ollama import OllamaChat
from app.models.openai import OpenAIChat
from app.models.places import chat_file
from app.settings import Settings
from tests.models.servers import FakeServer, OllamaHandler, OpenAIHandler, serving


@pytest.fixture
def ollama_server() -> Iterator[FakeServer]:
    with serving(OllamaHandler) as server:
        yield server


@pytest.fixture
def openai_server() -> Iterator[FakeServer]:
    with serving(OpenAIHandler) as server:
        yield server


def ollama_chat(url: str, model: str = "tiny:1b", timeout: float = 60) -> OllamaChat:
    return OllamaChat(url=url, model=model, num_ctx=2048, timeout=timeout, keep_alive="7m")


def openai_chat(
    url: str, model: str = "tiny", timeout: float = 60, key: str = "sesame"
) -> OpenAIChat:
    return OpenAIChat(url=f"{url}/v1", model=model, num_ctx=2048, timeout=timeout, api_key=key)


@pytest.fixture(scope="session")
def embedded_chat(models_dir: Path) -> Iterator[EmbeddedChat]:
    """The real embedded model, loaded once for all tests of this folder."""
    settings = Settings(_env_file=None, models=models_dir)  # type: ignore[call-arg]
    chat = EmbeddedChat(path=chat_file(settings), num_ctx=2048, timeout=300)
    yield chat
    asyncio.run(chat.close())


@pytest.fixture(
    params=[
        "ollama",
        "openai",
        pytest.param("embedded", marks=pytest.mark.chat),
        pytest.param("openai-to-llama.cpp", marks=pytest.mark.chat),
    ]
)
def any_chat(request: pytest.FixtureRequest) -> ChatModel:
    """Each provider in turn, and the OpenAI provider at a real server's address."""
    if request.param == "ollama":
        return ollama_chat(request.getfixturevalue("ollama_server").url)
    if request.param == "openai":
        return openai_chat(request.getfixturevalue("openai_server").url)
    embedded: EmbeddedChat = request.getfixturevalue("embedded_chat")
    if request.param == "embedded":
        return embedded
    address, key = asyncio.run(embedded.address())
    return openai_chat(address, embedded.name, timeout=300, key=key)
