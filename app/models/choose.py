"""Which chat model answers, and why."""

from app.errors import (
    ChatFailed,
    ChatModelMissing,
    ChatServerDown,
    ChatTimeout,
    SettingsInvalid,
    Words,
)
from app.models.chat import ChatModel
from app.models.embedded import EmbeddedChat
from app.models.ollama import OllamaChat
from app.models.openai import OpenAIChat
from app.models.places import chat_file
from app.settings import DEFAULT_OLLAMA_MODEL, Settings


async def choose_chat(settings: Settings) -> tuple[ChatModel, Words]:
    """The chat model of the settings. `auto` asks Ollama (at most 3 seconds), else takes the embedded one.

    A model that the settings name outright is not asked: it may come up later, and
    `probe` tells. The embedded model is loaded on return (about 3 seconds). Raises WeightsMissing
    when it is meant and not here, ChatFailed when it cannot be loaded.
    """
    if settings.chat == "ollama":
        chat = build_ollama(settings)
        return chat, Words(
            en=f"GROUNDKB_CHAT=ollama: {chat.name} at {settings.ollama_url}.",
            zh=f"GROUNDKB_CHAT=ollama：使用 {settings.ollama_url} 上的 {chat.name}。",
        )
    if settings.chat == "openai":
        server = build_openai(settings)
        return server, Words(
            en=f"GROUNDKB_CHAT=openai: {server.name} at {settings.openai_url}.",
            zh=f"GROUNDKB_CHAT=openai：使用 {settings.openai_url} 上的 {server.name}。",
        )
    if settings.chat == "embedded":
        own = await _loaded(settings)
        return own, Words(
            en=f"GROUNDKB_CHAT=embedded: {own.name} runs inside groundkb.",
            zh=f"GROUNDKB_CHAT=embedded：{own.name} 在 groundkb 进程内运行。",
        )
    return await _choose_by_asking(settings)


async def _choose_by_asking(settings: Settings) -> tuple[ChatModel, Words]:
    ollama = build_ollama(settings)
    try:
        await ollama.probe()
    except ChatModelMissing:
        why = Words(
            en=f"Ollama at {settings.ollama_url} has no model {ollama.name} (`ollama pull {ollama.name}`)",
            zh=f"{settings.ollama_url} 上的 Ollama 没有模型 {ollama.name}（可运行 `ollama pull {ollama.name}`）",
        )
    except (ChatServerDown, ChatTimeout):
        why = Words(
            en=f"no Ollama answers at {settings.ollama_url}",
            zh=f"{settings.ollama_url} 上没有 Ollama 应答",
        )
    except ChatFailed as error:
        why = Words(
            en=f"what answers at {settings.ollama_url} is not a working Ollama ({error.params['detail']})",
            zh=f"{settings.ollama_url} 上应答的不是正常的 Ollama（{error.params['detail']}）",
        )
    else:
        return ollama, Words(
            en=f"Ollama at {settings.ollama_url} answers and has {ollama.name}.",
            zh=f"{settings.ollama_url} 上的 Ollama 可用，且有模型 {ollama.name}。",
        )
    await ollama.close()
    own = await _loaded(settings)
    return own, Words(
        en=f"{own.name} runs inside groundkb, since {why.en}.",
        zh=f"{own.name} 在 groundkb 进程内运行，因为{why.zh}。",
    )


async def _loaded(settings: Settings) -> EmbeddedChat:
    """Load at start: llama.cpp's binding stops all Python threads while it loads."""
    chat = build_embedded(settings)
    await chat.preload()
    return chat


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
        raise SettingsInvalid(detail="chat=openai needs openai_url and chat_model")
    key = settings.openai_api_key
    return OpenAIChat(
        url=settings.openai_url,
        model=settings.chat_model,
        num_ctx=settings.chat_num_ctx,
        timeout=settings.chat_timeout,
        api_key=key.get_secret_value() if key else None,
    )


def build_embedded(settings: Settings) -> EmbeddedChat:
    """The embedded provider of the settings; loads at first use. Raises WeightsMissing."""
    return EmbeddedChat(
        path=chat_file(settings), num_ctx=settings.chat_num_ctx, timeout=settings.chat_timeout
    )
