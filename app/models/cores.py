"""Threads in which torch computes side by side, each with cores of its own.

Where torch itself shares an operation among cores, they wait for each other at the end of each of some three
hundred, spinning. As soon as anything else wants a core, a chat model or another server, most of the time goes there: eight
passages took 6.7 s and 1.7 s of processor time at a load of 10 on two cores, and 0.7 to 1.1 s and 0.17 s in threads of their own.
"""

import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Final, TypeVar

from app.models.machine import usable_cores

T = TypeVar("T")
R = TypeVar("R")
# More threads than that wait for Python's lock; then each has several cores.
_MOST: Final = 8


class Cores:
    """`count` threads, started at once: `set_num_threads` holds for the thread that calls it and for those that
    come later, so that the one who makes this keeps what he had."""

    def __init__(self, torch: Any, name: str, count: int | None = None) -> None:
        """`count`: None for as many as there are cores, eight at most."""
        before = torch.get_num_threads()
        usable = min(before, usable_cores())
        self.count = count or min(usable, _MOST)
        each = 1 if count else max(1, usable // self.count)
        self._pool = ThreadPoolExecutor(
            self.count, name, initializer=torch.set_num_threads, initargs=(each,)
        )
        together = threading.Barrier(self.count)

        def started() -> None:
            # Only with a first question is the thread's number its own for good.
            torch.get_num_threads()
            together.wait()

        for ready in [self._pool.submit(started) for _ in range(self.count)]:
            ready.result()
        torch.set_num_threads(before)

    def run(self, work: Callable[[], R]) -> R:
        """One piece of work. Raises what it does."""
        return self._pool.submit(work).result()

    def each(self, work: Callable[[T], R], items: Iterable[T]) -> Iterator[R]:
        """`work` of each item, in order, some ahead; what has not begun when the caller leaves off is not done.
        Raises what `work` and `items` do."""
        ahead: deque[Future[R]] = deque()
        try:
            for item in items:
                ahead.append(self._pool.submit(work, item))
                if len(ahead) > self.count:
                    yield ahead.popleft().result()
            while ahead:
                yield ahead.popleft().result()
        finally:
            for future in ahead:
                future.cancel()
