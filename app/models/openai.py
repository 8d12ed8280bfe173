"""Chat through any server that speaks OpenAI's protocol: vLLM, llama.cpp, LM Studio, TGI."""

import asyncio
from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence
from contextlib import aclosing, contextmanager
from typing import Any, Literal

import openai
from openai import AsyncOpenAI

from app.errors import (
    ChatFailed,
    ChatModelMissing,
    ChatServerDown,
    ChatStreamBroken,
    ChatTimeout,
    Phrase,
    reason_of,
)
from app.models.chat import ChatRequest, Finish, Message, Thought, Token
from app.models.streaming import (
    CONNECT_SECONDS,
    PROBE_SECONDS,
    Patience,
    PerLoop,
    assemble,
    no_answer_in,
    patiently,
)


class OpenAIChat:
    """A `ChatModel` at `url` (which ends in the protocol's `/v1`)."""

    provider: Literal["openai"] = "openai"

    def __init__(
        self,
        *,
        url: str,
        model: str,
        num_ctx: int,
        timeout: float,
        api_key: str | None = None,
        extra: Mapping[str, Any] | None = None,
    ) -> None:
        """`timeout`: longest silence, seconds. `extra`: fields that the server takes beyond the protocol."""
        self._url, self._name, self._num_ctx = url, model, num_ctx
        self._timeout, self._extra = timeout, dict(extra or {})

        def make() -> AsyncOpenAI:
            # Silence is watched per message (`patiently`): pings of the server are no progress.
            # A server without keys still wants the header to be there.
            return AsyncOpenAI(
                base_url=url,
                api_key=api_key or "none",
                timeout=openai.Timeout(None, connect=CONNECT_SECONDS),
                max_retries=0,
                # A kept connection may be closed by the server at the moment we send on it, which
                # looks like a server that is down. A new one costs nothing beside a generation.
                default_headers={"Connection": "close"},
            )

        self._clients = PerLoop(make)

    @property
    def name(self) -> str:
        return self._name

    @property
    def num_ctx(self) -> int:
        return self._num_ctx

    def stream(self, request: ChatRequest) -> AsyncGenerator[Token | Thought | Finish, None]:
        """As ChatModel.stream."""
        return assemble(self._raw(request), request.max_tokens)

    async def _raw(self, request: ChatRequest) -> AsyncGenerator[Token | Thought | Finish, None]:
        begun = False
        reason: Literal["stop", "length"] | None = None
        usage: Any = None
        patience = Patience(self._timeout)
        with self._named_errors(lambda: begun):
            async with asyncio.timeout(self._timeout):
                stream = await self._clients.get().chat.completions.create(
                    model=self._name,
                    messages=_plain(request.messages),
                    max_tokens=request.max_tokens,
                    temperature=request.temperature,
                    stop=list(request.stop) or None,
                    stream=True,
                    stream_options={"include_usage": True},
                    extra_body=self._extra or None,
                )
            async with stream, aclosing(patiently(aiter(stream), self._timeout)) as chunks:
                async for chunk in chunks:
                    begun = True
                    usage = chunk.usage or usage
                    said = False
                    for choice in (chunk.choices or ())[:1]:
                        if thought := _reasoning(choice.delta):
                            said = True
                            yield Thought(thought)
                        if choice.delta and choice.delta.content:
                            said = True
                            yield Token(str(choice.delta.content))
                        if choice.finish_reason:
                            said = True
                            reason = "length" if choice.finish_reason == "length" else "stop"
                    patience.hear(said)
        if reason is None:
            raise ChatStreamBroken(detail=Phrase("stream_closed"))
        yield Finish(
            reason,
            usage.prompt_tokens if usage else None,
            usage.completion_tokens if usage else None,
        )

    async def count_tokens(self, messages: Sequence[Message]) -> int | None:  # noqa: ARG002
        """The protocol has no way to count."""
        return None

    async def probe(self) -> None:
        """As ChatModel.probe. A server that lists no models is believed."""
        with self._named_errors(lambda: False):
            try:
                async with asyncio.timeout(PROBE_SECONDS):
                    listed = await self._clients.get().models.list()
            except TimeoutError:
                raise ChatServerDown(url=self._url, detail=no_answer_in(PROBE_SECONDS)) from None
            except openai.NotFoundError:
                return
        names = [model.id for model in listed.data or ()]
        if names and not any(same_model(self._name, name) for name in names):
            raise ChatModelMissing(url=self._url, model=self._name)

    async def close(self) -> None:
        """Close this event loop's connections."""
        client = self._clients.pop()
        if client is not None:
            await client.close()

    @contextmanager
    def _named_errors(self, begun: Any) -> Iterator[None]:
        """The client library's errors as ours. `begun()`: whether a message of the stream has come."""
        try:
            yield
        except TimeoutError:
            raise ChatTimeout(seconds=f"{self._timeout:g}") from None
        except openai.APIConnectionError as error:
            cause = error.__cause__ or error
            detail = reason_of(cause)
            if begun():
                raise ChatStreamBroken(detail=detail) from error
            raise ChatServerDown(url=self._url, detail=detail) from error
        except openai.NotFoundError as error:
            if "model" in str(error.body or error.message).lower():
                raise ChatModelMissing(url=self._url, model=self._name) from error
            raise ChatFailed(detail=Phrase("no_chat_completions", url=self._url)) from error
        except (openai.AuthenticationError, openai.PermissionDeniedError) as error:
            raise ChatFailed(detail=Phrase("key_refused", said=error.message)) from error
        except openai.APIStatusError as error:
            if error.status_code in (502, 503, 504):
                raise ChatServerDown(url=self._url, detail=error.message) from error
            raise ChatFailed(detail=error.message) from error
        except (openai.APIError, ValueError) as error:
            # ValueError: a message that is no JSON, cut or garbled on its way.
            if begun():
                raise ChatStreamBroken(detail=error) from error
            raise ChatFailed(detail=error) from error
        except (AttributeError, TypeError, KeyError) as error:
            # JSON of another shape: the client's types are hints, it checks nothing.
            raise ChatFailed(detail=Phrase("no_openai_answer", url=self._url)) from error


def same_model(wanted: str, listed: str) -> bool:
    """Whether a server's `listed` name is the `wanted` one: a name without its tag means the latest, as
    servers that tag their models read it ('qwen' is 'qwen:latest')."""
    return wanted.removesuffix(":latest") == listed.removesuffix(":latest")


def _plain(messages: Sequence[Message]) -> Any:
    return [{"role": message.role, "content": message.content} for message in messages]


def _reasoning(delta: Any) -> str:
    """A server's own field for thinking: `reasoning_content` (llama.cpp, DeepSeek), `reasoning` (vLLM)."""
    extra = getattr(delta, "model_extra", None) or {}
    return str(extra.get("reasoning_content") or extra.get("reasoning") or "")
