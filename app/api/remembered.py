"""A value that takes long to find and is asked for often."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Remembered(Generic[T]):
    """Found once for all who ask at the same time, and good for `seconds`."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._lock = asyncio.Lock()
        self._found: tuple[float, T] | None = None

    async def get(self, find: Callable[[], Awaitable[T]]) -> T:
        """The value, found anew by `find` when it is too old."""
        async with self._lock:
            if self._found is None or time.monotonic() - self._found[0] >= self._seconds:
                value = await find()
                self._found = (time.monotonic(), value)
            return self._found[1]
