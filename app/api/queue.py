"""Whose question is answered next: so many at once, the others in turn, nobody pushed aside.

The askers take turns: one who sends fifty questions at once has one of them answered for each of
another's. All of it happens on the event loop; nothing here waits but for its turn.
"""

import asyncio
import random
import time
from collections import OrderedDict, deque
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, field
from typing import Final

from app.errors import TooManyQuestions
from app.models.machine import give_back

_LONGEST_RETRY: Final = 60
# After an answer, and between two times at which freed memory is given back.
_TIDY_SECONDS: Final = 5.0
_FIRST_SECONDS: Final = 5.0  # what a turn is taken for until one has ended


@dataclass(eq=False)
class _Waiting:
    asker: str
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    admitted: bool = False


class AnswerQueue:
    """`at_once` turns at the same time, `waiting` more in the queue, none of which is likely to wait
    for more than `wait_seconds` (0: however long). `on_turn` is told how many
    seconds each waited for its turn, `on_refused` of each that found the queue full."""

    def __init__(
        self,
        at_once: int,
        waiting: int,
        wait_seconds: float = 0.0,
        on_turn: Callable[[float], None] = lambda _seconds: None,
        on_refused: Callable[[], None] = lambda: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._clock = clock
        self._random = random.Random()  # noqa: S311  for spreading, not for secrets
        self._wait_seconds = wait_seconds
        self._on_turn, self._on_refused = on_turn, on_refused
        self._free = at_once
        self._at_once = at_once
        self._limit = waiting
        # The asker whose turn is next comes first.
        self._askers: OrderedDict[str, deque[_Waiting]] = OrderedDict()
        # Somebody waits or has his turn; nobody does.
        self.busy, self.idle = asyncio.Event(), asyncio.Event()
        self.idle.set()
        self._seconds: float | None = None  # a turn's length, as the last ones were
        self._tidying: asyncio.TimerHandle | None = None

    @property
    def waiting(self) -> int:
        return sum(len(line) for line in self._askers.values())

    @property
    def retry_after(self) -> int:
        """Seconds until a place is likely to be free."""
        expected = self._expected(_FIRST_SECONDS)
        seconds = max(expected - self._wait_seconds, expected / 2)
        # Else all who were refused at once come again at once.
        spread = seconds * self._random.uniform(1.0, 1.5)
        return min(_LONGEST_RETRY, max(1, round(spread)))

    def _expected(self, unknown: float) -> float:
        """How long one more is likely to wait, when all places are taken. `unknown`: a turn's length
        as long as none has ended."""
        turn = unknown if self._seconds is None else self._seconds
        return turn * (self.waiting + 1) / self._at_once

    def _is_full(self) -> bool:
        if self._free:
            return False
        # One may wait in any case, however long an answer takes.
        too_long = self.waiting > 0 and 0 < self._wait_seconds < self._expected(0.0)
        return self.waiting >= self._limit or too_long

    async def turn(self, asker: str) -> AsyncGenerator[int, None]:
        """Yields the place in the queue whenever it changes (1: the next), then 0: it is the
        asker's turn, which lasts until the generator is closed.

        Raises TooManyQuestions when the queue is full.
        """
        if self._is_full():
            self._on_refused()
            raise TooManyQuestions(seconds=self.retry_after)
        mine = _Waiting(asker)
        self._askers.setdefault(asker, deque()).append(mine)
        self.busy.set()
        self.idle.clear()
        asked = self._clock()
        self._admit()
        began: float | None = None
        try:
            place: int | None = None
            while not mine.admitted:
                mine.changed.clear()
                if (now := self._place(mine)) != place:
                    place = now
                    yield place
                    continue
                await mine.changed.wait()
            began = self._clock()
            self._on_turn(began - asked)
            yield 0
        finally:
            self._leave(mine)
            if began is not None:
                took = self._clock() - began
                before = took if self._seconds is None else self._seconds
                self._seconds = before + 0.2 * (took - before)

    def _place(self, mine: _Waiting) -> int:
        """From 1, in the order in which the askers take turns."""
        lines = [list(line) for line in self._askers.values()]
        place, round_ = 0, 0
        while True:
            for line in lines:
                if round_ < len(line):
                    place += 1
                    if line[round_] is mine:
                        return place
            round_ += 1

    def _tidy_soon(self) -> None:
        """Give back what answers left free, once nobody has waited for a while."""
        if self._tidying is None:
            loop = asyncio.get_running_loop()
            self._tidying = loop.call_later(_TIDY_SECONDS, self._tidy)

    def _tidy(self) -> None:
        self._tidying = None
        if self.idle.is_set():
            asyncio.get_running_loop().run_in_executor(None, give_back)

    def _admit(self) -> None:
        while self._free and self._askers:
            asker, line = self._askers.popitem(last=False)
            first = line.popleft()
            first.admitted = True
            first.changed.set()
            if line:
                self._askers[asker] = line  # behind the others
            self._free -= 1

    def _leave(self, mine: _Waiting) -> None:
        if mine.admitted:
            self._free += 1
        else:
            line = self._askers[mine.asker]
            line.remove(mine)
            if not line:
                del self._askers[mine.asker]
        self._admit()
        if self._free == self._at_once and not self._askers:
            self.busy.clear()
            self.idle.set()
            self._tidy_soon()
        for line in self._askers.values():
            for other in line:
                other.changed.set()
