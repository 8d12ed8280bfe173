"""What the streams of all chat providers have in common."""

import asyncio
import re
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing
from typing import Generic, TypeVar
from weakref import WeakKeyDictionary

from app.errors import ChatFailed, ChatStreamBroken, ChatTimeout, Phrase
from app.models.chat import Finish, Thought, Token
from app.models.thinking import ThinkSplitter

T = TypeVar("T")
PROBE_SECONDS = 3.0
CONNECT_SECONDS = 5.0
# What no answer can be kept or sent with: controls, and halves of a surrogate pair, which JSON can spell.
_NO_TEXT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
# Characters that no model's token has on the average; and of thoughts, of which a server has its own bound.
_CHARS_OF_TOKEN = 24
_MOST_THOUGHT = 1_000_000
# Messages in which nothing is said count as life for so many times the longest silence.
_SILENCES = 10


class Patience:
    """How long it is since a server has said anything, whatever empty messages it sends."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds * _SILENCES
        self._heard = time.monotonic()

    def hear(self, said: bool) -> None:
        """Raises ChatTimeout."""
        now = time.monotonic()
        if said:
            self._heard = now
        elif now - self._heard > self._seconds:
            raise ChatTimeout(seconds=f"{self._seconds:g}")


def no_answer_in(seconds: float) -> Phrase:
    """Why a chat server counts as down: it said nothing for so long."""
    return Phrase("no_answer_in", seconds=seconds)


async def patiently(source: AsyncIterator[T], seconds: float) -> AsyncGenerator[T, None]:
    """The items of `source`. Raises ChatTimeout when the next one takes longer than `seconds`.

    Closes `source` when it is closed itself, which is what ends the request behind it.
    """
    try:
        while True:
            try:
                async with asyncio.timeout(seconds):
                    item = await anext(source)
            except StopAsyncIteration:
                return
            except TimeoutError:
                raise ChatTimeout(seconds=f"{seconds:g}") from None
            yield item
    finally:
        if isinstance(source, AsyncGenerator):
            await source.aclose()


async def assemble(
    raw: AsyncGenerator[Token | Thought | Finish, None], max_tokens: int
) -> AsyncGenerator[Token | Thought | Finish, None]:
    """A provider's items with `<think>` blocks told apart and the ending checked. What a server writes far beyond
    `max_tokens` is cut off.

    Raises ChatStreamBroken when `raw` ends without a Finish, and ChatFailed when thinking
    used up all tokens, since an empty answer would say nothing of that.
    """
    splitter = ThinkSplitter()
    thought = answered = False
    room, thinking = max_tokens * _CHARS_OF_TOKEN, _MOST_THOUGHT
    async with aclosing(raw):
        async for item in raw:
            pieces: list[Token | Thought] = []
            if isinstance(item, Token):
                pieces = splitter.feed(_NO_TEXT.sub("\ufffd", item.text))
            elif isinstance(item, Thought):
                pieces = [Thought(_NO_TEXT.sub("\ufffd", item.text))] if item.text else []
            else:
                pieces = splitter.flush()
            for piece in pieces:
                thought = thought or isinstance(piece, Thought)
                answered = answered or isinstance(piece, Token)
                if isinstance(piece, Token):
                    yield Token(piece.text[:room])
                    room -= len(piece.text)
                else:
                    yield piece
                    thinking -= len(piece.text)
            if room < 0:
                yield Finish("length", None, None)
                return
            if thinking < 0:
                raise ChatFailed(detail=Phrase("all_tokens_thought"))
            if isinstance(item, Finish):
                if item.reason == "length" and thought and not answered:
                    raise ChatFailed(detail=Phrase("all_tokens_thought"))
                yield item
                return
    raise ChatStreamBroken(detail=Phrase("stream_without_end"))


class PerLoop(Generic[T]):
    """One client for each event loop: the connections of an async client belong to one."""

    def __init__(self, make: Callable[[], T]) -> None:
        self._make = make
        self._clients: WeakKeyDictionary[asyncio.AbstractEventLoop, T] = WeakKeyDictionary()

    def get(self) -> T:
        """The client of the running loop, made when it is first asked for."""
        loop = asyncio.get_running_loop()
        if loop not in self._clients:
            self._clients[loop] = self._make()
        return self._clients[loop]

    def pop(self) -> T | None:
        """Forget the running loop's client and return it for closing."""
        return self._clients.pop(asyncio.get_running_loop(), None)
