"""Chat by llama.cpp in this process: no server to install, no network to reach.

xllamacpp runs llama.cpp's own HTTP server on a loopback port inside this process. We are
its only client: it is given a random key, no pages and no foreign origins.
"""

import asyncio
import secrets
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing, asynccontextmanager
from pathlib import Path
from threading import Lock
from typing import Any, Literal

from app.errors import ChatFailed, Phrase, WeightsMissing
from app.models.chat import ChatRequest, Finish, Message, Thought, Token
from app.models.machine import give_back, usable_cores
from app.models.openai import OpenAIChat

# Tokens of a prompt worked on in one go. llama.cpp looks for cancelled requests between
# two goes only, so this bounds how long a cancelled question keeps the CPU.
BATCH_TOKENS = 256


class EmbeddedChat:
    """A `ChatModel` over a GGUF file. The model is loaded at first use and let go when it was not asked
    for a while; the next question loads it again.

    The binding holds Python's interpreter lock while it loads (about 3 seconds) and while
    it frees the model; generation runs free of it. So `groundkb serve` asks it something before
    it says that it is ready.
    """

    provider: Literal["embedded"] = "embedded"

    def __init__(
        self, *, path: Path, num_ctx: int, timeout: float, idle: float | None = None
    ) -> None:
        """`timeout`: longest silence, seconds; `idle`: how long the model is kept unused, seconds, None
        for as long as the process runs. Raises WeightsMissing if `path` is no file."""
        if not path.is_file():
            raise WeightsMissing(model=path)
        self._path, self._num_ctx, self._timeout, self._idle = path, num_ctx, timeout, idle
        self._users = 0
        self._timer: asyncio.TimerHandle | None = None
        self._ending: set[asyncio.Task[None]] = set()
        self._lock = Lock()
        self._server: Any = None
        self._chat: _LlamaCppChat | None = None

    @property
    def name(self) -> str:
        """The file's name without `.gguf`."""
        return self._path.stem

    @property
    def num_ctx(self) -> int:
        return self._num_ctx

    async def stream(self, request: ChatRequest) -> AsyncGenerator[Token | Thought | Finish, None]:
        """As ChatModel.stream."""
        async with self._used() as chat, aclosing(chat.stream(request)) as stream:
            async for item in stream:
                yield item

    async def count_tokens(self, messages: Sequence[Message]) -> int | None:
        """As ChatModel.count_tokens: the server's own chat template and tokenizer, hence exact."""
        async with self._used() as chat:
            return await chat.count_tokens(messages)

    async def probe(self) -> None:
        """As ChatModel.probe. A model that is not loaded yet can be asked if its file is there."""
        if self._chat is not None:
            await self._chat.probe()
        elif not self._path.is_file():
            raise WeightsMissing(model=self._path)

    async def address(self) -> tuple[str, str]:
        """The loopback URL of the OpenAI-compatible server (without `/v1`) and its key, loading if need be."""
        chat = await self._started()
        return chat.address, chat.key

    async def close(self) -> None:
        """Stop the server and free the model. Waits for a go that is under way."""
        if self._timer is not None:
            self._timer.cancel()
        await asyncio.gather(*self._ending)
        if self._chat is not None:
            await self._chat.close()
        await asyncio.to_thread(self._stop)

    @property
    def path(self) -> Path:
        """The file of the weights."""
        return self._path

    @property
    def loaded(self) -> bool:
        """Whether the model is in memory."""
        return self._chat is not None

    @asynccontextmanager
    async def _used(self) -> AsyncIterator["_LlamaCppChat"]:
        """The model, loaded, and not let go while it is in use."""
        self._users += 1
        try:
            yield await self._started()
        finally:
            self._users -= 1
            if self._idle is not None:
                if self._timer is not None:
                    self._timer.cancel()
                self._timer = asyncio.get_running_loop().call_later(self._idle, self._let_go)

    def _let_go(self) -> None:
        """Free the model unless somebody uses it. Whoever asks meanwhile loads it anew."""
        chat, server = self._chat, self._server
        if self._users or chat is None:
            return
        self._chat = self._server = None

        async def end() -> None:
            nonlocal server
            await chat.close()

            def free() -> None:
                nonlocal server
                server = None  # the last reference: its destructor stops the threads
                give_back()

            await asyncio.to_thread(free)

        task = asyncio.create_task(end())
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)

    async def _started(self) -> "_LlamaCppChat":
        if self._chat is None:
            return await asyncio.to_thread(self._start)
        return self._chat

    def _start(self) -> "_LlamaCppChat":
        with self._lock:
            if self._chat is not None:
                return self._chat
            key = secrets.token_urlsafe(32)
            self._server = _serve(self._path, self.name, self._num_ctx, key)
            address = self._server.listening_address
            chat = _LlamaCppChat(address, self.name, self._num_ctx, self._timeout, key)
            self._chat = chat
            return chat

    def _stop(self) -> None:
        with self._lock:
            self._chat = None
            self._server = None  # the last reference: its destructor stops the threads


class _LlamaCppChat(OpenAIChat):
    """The protocol's client plus what llama.cpp's server can do beyond it."""

    def __init__(self, address: str, model: str, num_ctx: int, timeout: float, key: str) -> None:
        super().__init__(
            url=f"{address}/v1",
            model=model,
            num_ctx=num_ctx,
            timeout=timeout,
            api_key=key,
            extra={
                "cache_prompt": True,
                # Messages during prompt processing, so that a long prompt is no silence.
                "return_progress": True,
                "chat_template_kwargs": {"enable_thinking": False},
            },
        )
        self.address = address
        self.key = key

    async def count_tokens(self, messages: Sequence[Message]) -> int | None:
        body = {
            "messages": [{"role": item.role, "content": item.content} for item in messages],
            "chat_template_kwargs": {"enable_thinking": False},
        }
        prompt = (await self._post("/apply-template", body))["prompt"]
        answer = await self._post(
            "/tokenize", {"content": prompt, "add_special": True, "parse_special": True}
        )
        return len(answer["tokens"])

    async def _post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        with self._named_errors(lambda: False):
            async with asyncio.timeout(self._timeout):
                answer: dict[str, Any] = await self._clients.get().post(
                    self.address + path, body=body, cast_to=dict[str, Any]
                )
                return answer


def _serve(path: Path, name: str, num_ctx: int, key: str) -> Any:
    """Start llama.cpp's server. Blocks for seconds while the weights are read."""
    # A native library of 20 MB, which only this provider needs.
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = str(path)
    params.model_alias = {name}
    params.n_ctx = num_ctx
    params.n_parallel = 1
    params.n_batch = params.n_ubatch = BATCH_TOKENS
    for pool in (params.cpuparams, params.cpuparams_batch):
        pool.n_threads = usable_cores()
        pool.poll = 0  # sleep between two goes: spinning takes the cores from embedding
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    params.api_keys = [key]
    params.cors_origins = "null"
    params.cors_credentials = False
    params.ui = False
    params.endpoint_slots = False
    params.verbosity = -1  # nothing on stderr, which is our log
    try:
        return xllamacpp.Server(params)
    except (RuntimeError, ValueError, OSError) as error:
        detail = Phrase("llama_cannot_load", name=path.name, error=error)
        raise ChatFailed(detail=detail) from error
