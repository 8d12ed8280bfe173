"""Chat through Ollama's native API."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from contextlib import aclosing, contextmanager
from dataclasses import dataclass
from typing import Any, Final, Literal

import httpx
from ollama import AsyncClient, Client, ResponseError

from app.errors import (
    ChatFailed,
    ChatModelMissing,
    ChatServerDown,
    ChatStreamBroken,
    ChatTimeout,
    OllamaPullFailed,
    Phrase,
    reason_of,
)
from app.models.chat import ChatRequest, Finish, Message, Thought, Token
from app.models.progress import Progress
from app.models.streaming import (
    CONNECT_SECONDS,
    PROBE_SECONDS,
    Patience,
    PerLoop,
    assemble,
    no_answer_in,
    patiently,
)
from app.models.thinking import CLOSING, OPENING

# What a model that always thinks may think, beside its answer; and what one may say to one word.
THOUGHT_TOKENS: Final = 2_048
_TRIED_TOKENS: Final = 16


@dataclass(frozen=True)
class Loaded:
    """Bytes that a loaded model takes, and how many of them are GPU memory."""

    all: int
    gpu: int


class OllamaChat:
    """A `ChatModel` of the Ollama server at `url`.

    Models that can think are told not to: `max_tokens` is for the answer, and thinking on
    a CPU takes minutes. Some think whatever they are told, and their thoughts would stand in the answer
    then: a model that can think is tried once, with a word, before it is first asked. One that does gets
    room for it and yields Thoughts.
    """

    provider: Literal["ollama"] = "ollama"

    def __init__(
        self, *, url: str, model: str, num_ctx: int, timeout: float, keep_alive: str
    ) -> None:
        """`timeout`: longest silence, seconds. `keep_alive`: how long Ollama keeps the model loaded."""
        self._url, self._name, self._num_ctx = url, model, num_ctx
        self._timeout, self._keep_alive = timeout, keep_alive
        self._can_think: bool | None = None
        self._must_think: bool | None = None
        self._clients = PerLoop(
            # Silence is watched per message (`patiently`).
            lambda: AsyncClient(host=url, timeout=httpx.Timeout(None, connect=CONNECT_SECONDS))
        )

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
        begun, patience = False, Patience(self._timeout)
        with self._named_errors(lambda: begun):
            think = await self._think()
            most = request.max_tokens + (THOUGHT_TOKENS if think else 0)
            options = self._options(most, request.temperature, request.stop)
            stream = await self._clients.get().chat(
                self._name,
                _plain(request.messages),
                stream=True,
                think=think,
                options=options,
                keep_alive=self._keep_alive,
            )
            async with aclosing(patiently(aiter(stream), self._timeout)) as parts:
                async for part in parts:
                    begun = True
                    if part.message.thinking:
                        yield Thought(part.message.thinking)
                    if part.message.content:
                        yield Token(part.message.content)
                    if part.done:
                        yield Finish(
                            "length" if part.done_reason == "length" else "stop",
                            part.prompt_eval_count,
                            part.eval_count,
                        )
                        return
                    patience.hear(bool(part.message.thinking or part.message.content))

    async def count_tokens(self, messages: Sequence[Message]) -> int | None:  # noqa: ARG002
        """Ollama has no way to count without generating."""
        return None

    async def probe(self) -> None:
        """As ChatModel.probe."""
        with self._named_errors(lambda: False):
            try:
                async with asyncio.timeout(PROBE_SECONDS):
                    await self._look_up()
            except TimeoutError:
                raise ChatServerDown(url=self._url, detail=no_answer_in(PROBE_SECONDS)) from None

    async def loaded(self) -> Loaded | None:
        """What the model takes while it is loaded, as Ollama tells; None when it is not."""
        with self._named_errors(lambda: False):
            running = await self._clients.get().ps()
        for each in running.models:
            if each.model in (self._name, f"{self._name}:latest") and each.size is not None:
                return Loaded(each.size, each.size_vram or 0)
        return None

    async def loaded_bytes(self) -> int | None:
        """All that it takes."""
        found = await self.loaded()
        return found.all if found else None

    async def close(self) -> None:
        """Close this event loop's connections."""
        client = self._clients.pop()
        if client is not None:
            await client.close()  # type: ignore[no-untyped-call]

    async def _look_up(self) -> None:
        shown = await self._clients.get().show(self._name)
        self._can_think = "thinking" in (shown.capabilities or ())

    async def _think(self) -> bool | None:
        """False turns thinking off; a model that cannot think would refuse the field."""
        if self._can_think is None:
            async with asyncio.timeout(self._timeout):
                await self._look_up()
        if not self._can_think:
            return None
        if self._must_think is None:
            self._must_think = await self._thinks_anyway()
        return self._must_think

    async def _thinks_anyway(self) -> bool:
        """Whether it thinks about a word that it is only to repeat, although it was told not to. Told so,
        Ollama does not take such thoughts out of the answer, nor is their beginning marked."""
        stream = await self._clients.get().chat(
            self._name,
            [{"role": "user", "content": "Reply with one word, exactly: yes"}],
            stream=True,
            think=False,
            options=self._options(_TRIED_TOKENS, 0.0, ()),
            keep_alive=self._keep_alive,
        )
        said, thought, ended = "", "", False
        async with aclosing(patiently(aiter(stream), self._timeout)) as parts:
            async for part in parts:
                said += part.message.content or ""
                thought += part.message.thinking or ""
                ended = ended or (bool(part.done) and part.done_reason != "length")
        before, closed, _ = said.partition(CLOSING)
        if closed:  # an empty block is how some are kept from thinking
            return bool((thought + before.replace(OPENING, "")).strip())
        return bool(thought.strip()) or not ended

    def _options(self, max_tokens: int, temperature: float, stop: Sequence[str]) -> dict[str, Any]:
        options: dict[str, Any] = {
            "num_ctx": self._num_ctx,
            "num_predict": max_tokens,
            "temperature": temperature,
        }
        return options | ({"stop": list(stop)} if stop else {})

    @contextmanager
    def _named_errors(self, begun: Any) -> Iterator[None]:
        """The client library's errors as ours. `begun()`: whether a message of the stream has come."""
        try:
            yield
        except (TimeoutError, httpx.ReadTimeout):
            raise ChatTimeout(seconds=f"{self._timeout:g}") from None
        except ResponseError as error:
            if error.status_code == httpx.codes.NOT_FOUND:
                raise ChatModelMissing(url=self._url, model=self._name) from error
            if error.status_code in (502, 503, 504):
                raise ChatServerDown(url=self._url, detail=error.error) from error
            if begun():
                raise ChatStreamBroken(detail=error.error) from error
            raise ChatFailed(detail=error.error) from error
        except (httpx.TransportError, ConnectionError) as error:
            detail = reason_of(error)
            if begun():
                raise ChatStreamBroken(detail=detail) from error
            raise ChatServerDown(url=self._url, detail=detail) from error
        except ValueError as error:
            # A line that is no JSON, cut or garbled on its way, or not Ollama's format.
            if begun():
                raise ChatStreamBroken(detail=error) from error
            raise ChatFailed(detail=error) from error


def _plain(messages: Sequence[Message]) -> list[dict[str, str]]:
    return [{"role": message.role, "content": message.content} for message in messages]


def pull_model(url: str, model: str, on_progress: Callable[[Progress], None]) -> None:
    """Have the Ollama server at `url` fetch a model; it goes on where an earlier pull stopped.

    Blocking. Raises OllamaPullFailed, and ChatServerDown when no Ollama answers.
    """
    # Ollama says something several times a second while it fetches, and verifies for minutes.
    client = Client(host=url, timeout=httpx.Timeout(600.0, connect=CONNECT_SECONDS))
    done = False
    try:
        for part in client.pull(model, stream=True):
            done = part.status == "success"
            if part.digest and part.total:
                name = part.digest.partition(":")[2][:12] or part.digest
                on_progress(Progress(f"{model} {name}", part.completed or 0, part.total))
    except ResponseError as error:
        raise OllamaPullFailed(url=url, model=model, detail=error.error) from error
    except (httpx.TransportError, ConnectionError) as error:
        raise ChatServerDown(url=url, detail=reason_of(error)) from error
    except ValueError as error:
        raise OllamaPullFailed(url=url, model=model, detail=error) from error
    if not done:
        raise OllamaPullFailed(url=url, model=model, detail=Phrase("stream_closed"))
