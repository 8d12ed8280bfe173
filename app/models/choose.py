"""Which chat model answers, and why."""

from collections.abc import AsyncGenerator, Sequence
from typing import Literal

from app.errors import (
    ChatFailed,
    ChatModelMissing,
    ChatServerDown,
    ChatTimeout,
    GroundkbError,
    Phrase,
    SettingsInvalid,
)
from app.models.chat import ChatModel, ChatRequest, Finish, Message, Thought, Token
from app.models.embedded import EmbeddedChat
from app.models.known import find_chat
from app.models.ollama import OllamaChat
from app.models.openai import OpenAIChat
from app.models.places import chat_file
from app.settings import DEFAULT_OLLAMA_MODEL, EARLIER_OLLAMA_MODEL, Settings


async def choose_chat(settings: Settings) -> tuple[ChatModel | None, Phrase]:
    """The chat model of the settings; None for `none`. `auto` asks Ollama (at most 3 seconds), else takes the embedded one.

    A model that the settings name outright is not asked: it may come up later, and
    `probe` tells. The embedded model is loaded when it is first used (about 3 seconds). Raises
    WeightsMissing when it is meant and not here.
    """
    if settings.chat == "none":
        return None, Phrase("chat_none")
    if settings.chat == "ollama":
        chat = build_ollama(settings)
        return chat, Phrase("chat_set", provider="ollama", name=chat.name, url=settings.ollama_url)
    if settings.chat == "openai":
        server = build_openai(settings)
        return server, Phrase(
            "chat_set", provider="openai", name=server.name, url=str(settings.openai_url)
        )
    if settings.chat == "embedded":
        own = build_embedded(settings)
        return own, Phrase("chat_set_embedded", name=own.name)
    return await _choose_by_asking(settings)


async def _choose_by_asking(settings: Settings) -> tuple[ChatModel, Phrase]:
    ollama = build_ollama(settings)
    try:
        await ollama.probe()
    except ChatModelMissing:
        if settings.chat_model is None and (earlier := await _earlier(settings)):
            return earlier, Phrase("chat_ollama_found", url=settings.ollama_url, name=earlier.name)
        why = Phrase("ollama_without_model", url=settings.ollama_url, name=ollama.name)
    except (ChatServerDown, ChatTimeout):
        why = Phrase("ollama_absent", url=settings.ollama_url)
    except ChatFailed as error:
        why = Phrase("ollama_strange", url=settings.ollama_url, detail=error.detail)
    else:
        return ollama, Phrase("chat_ollama_found", url=settings.ollama_url, name=ollama.name)
    await ollama.close()
    own = build_embedded(settings)
    return own, Phrase("chat_embedded_because", name=own.name, why=why)


async def _earlier(settings: Settings) -> OllamaChat | None:
    """The model that was the default before, where Ollama has it."""
    chat = build_ollama(settings.model_copy(update={"chat_model": EARLIER_OLLAMA_MODEL}))
    try:
        await chat.probe()
    except (ChatModelMissing, ChatServerDown, ChatTimeout, ChatFailed):
        await chat.close()
        return None
    return chat


def chat_named(settings: Settings, name: str) -> ChatModel:
    """`embedded`, `ollama/NAME` or `openai/NAME`; a bare NAME is of the server that the settings name,
    else of Ollama, which also knows it by its name in the catalogue. Raises as `build_openai` and
    `build_embedded` do."""
    if name == "embedded":
        return build_embedded(settings)
    provider, _, rest = name.partition("/")
    if provider not in ("ollama", "openai"):
        provider, rest = "openai" if settings.chat == "openai" else "ollama", name
    if provider == "openai":
        return build_openai(settings.model_copy(update={"chat_model": rest}))
    known = find_chat(rest)
    model = known.ollama if known and known.ollama else rest
    return build_ollama(settings.model_copy(update={"chat_model": model}))


class ChatUnavailable:
    """Stands where the chat model cannot be had: whatever asks it is told why."""

    provider: Literal["embedded"] = "embedded"
    name = "unavailable"
    num_ctx = 0

    def __init__(self, error: GroundkbError) -> None:
        self._error = error

    async def stream(self, request: ChatRequest) -> AsyncGenerator[Token | Thought | Finish, None]:  # noqa: ARG002
        """Raises the error."""
        raise self._error
        yield

    async def count_tokens(self, messages: Sequence[Message]) -> int | None:  # noqa: ARG002
        """Raises the error."""
        raise self._error

    async def probe(self) -> None:
        """Raises the error."""
        raise self._error

    async def close(self) -> None:
        """Nothing is held."""


def build_ollama(settings: Settings) -> OllamaChat:
    """The Ollama provider of the settings; nothing is asked yet."""
    return OllamaChat(
        url=settings.ollama_url,
        model=settings.chat_model or DEFAULT_OLLAMA_MODEL,
        num_ctx=settings.chat_num_ctx,
        timeout=settings.chat_timeout,
        keep_alive=settings.ollama_keep_alive,
    )


def build_openai(settings: Settings) -> OpenAIChat:
    """The OpenAI-compatible provider of the settings; nothing is asked yet."""
    if not (settings.openai_url and settings.chat_model):
        raise SettingsInvalid(detail=Phrase("openai_unset"))
    key = settings.openai_api_key
    return OpenAIChat(
        url=str(settings.openai_url),
        model=settings.chat_model,
        num_ctx=settings.chat_num_ctx,
        timeout=settings.chat_timeout,
        api_key=key.get_secret_value() if key else None,
    )


def build_embedded(settings: Settings) -> EmbeddedChat:
    """The embedded provider of the settings; loads at first use. Raises WeightsMissing."""
    return EmbeddedChat(
        path=chat_file(settings),
        num_ctx=settings.chat_num_ctx,
        timeout=settings.chat_timeout,
        idle=settings.chat_idle_seconds or None,
    )
