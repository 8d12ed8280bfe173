"""Whose question is answered next: so many at once, the others in turn, nobody pushed aside.

The askers take turns: one who sends fifty questions at once has one of them answered for each of
another's. All of it happens on the event loop; nothing here waits but for its turn.
"""

import asyncio
import time
from collections import OrderedDict, deque
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, field
from typing import Final

from app.errors import TooManyQuestions

_LONGEST_RETRY: Final = 60


@dataclass(eq=False)
class _Waiting:
    asker: str
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    admitted: bool = False


class AnswerQueue:
    """`at_once` turns at the same time, `waiting` more in the queue. `on_turn` is told how many
    seconds each waited for its turn, `on_refused` of each that found the queue full."""

    def __init__(
        self,
        at_once: int,
        waiting: int,
        on_turn: Callable[[float], None] = lambda _seconds: None,
        on_refused: Callable[[], None] = lambda: None,
    ) -> None:
        self._on_turn, self._on_refused = on_turn, on_refused
        self._free = at_once
        self._at_once = at_once
        self._limit = waiting
        # The asker whose turn is next comes first.
        self._askers: OrderedDict[str, deque[_Waiting]] = OrderedDict()
        self._seconds = 5.0  # a turn's length, as the last ones were

    @property
    def waiting(self) -> int:
        return sum(len(line) for line in self._askers.values())

    @property
    def retry_after(self) -> int:
        """Seconds until a place is likely to be free."""
        rounds = (self.waiting + 1) / self._at_once
        return min(_LONGEST_RETRY, max(1, round(self._seconds * rounds)))

    async def turn(self, asker: str) -> AsyncGenerator[int, None]:
        """Yields the place in the queue whenever it changes (1: the next), then 0: it is the
        asker's turn, which lasts until the generator is closed.

        Raises TooManyQuestions when the queue is full.
        """
        if self._free == 0 and self.waiting >= self._limit:
            self._on_refused()
            raise TooManyQuestions(seconds=self.retry_after)
        mine = _Waiting(asker)
        self._askers.setdefault(asker, deque()).append(mine)
        asked = time.monotonic()
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
            began = time.monotonic()
            self._on_turn(began - asked)
            yield 0
        finally:
            self._leave(mine)
            if began is not None:
                self._seconds += 0.2 * (time.monotonic() - began - self._seconds)

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
        for line in self._askers.values():
            for other in line:
                other.changed.set()
