"""Answers that are under way: each is made to its end, whoever listens.

A stream of a kept turn does not make the answer; it follows one. So a reload, another tab or a
lost connection costs nothing, and only `stop` stops.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Final

import structlog

from app.api.wire.events import Asked, AskEvent
from app.errors import AnswerInterrupted, AnswerStopped, GroundkbError

log = structlog.get_logger(__name__)
# Seconds for which an answer that has ended can be followed from any event on.
_REMEMBERED: Final = 60.0


@dataclass(frozen=True)
class Numbered:
    """An event of an answer and its number, from 1: what `Last-Event-ID` goes on after."""

    number: int
    event: AskEvent


@dataclass
class UnderWay:
    """One answer: its events so far, and how it ended."""

    asked: Asked
    events: list[AskEvent] = field(default_factory=list)
    ended: bool = False
    error: GroundkbError | None = None
    task: asyncio.Task[None] | None = None
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

    def tell(self, event: AskEvent) -> None:
        self.events.append(event)
        self._wake()

    def end(self, error: GroundkbError | None) -> None:
        self.ended, self.error = True, error
        self._wake()

    def _wake(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()

    async def follow(self, after: int = 0) -> AsyncGenerator[Numbered, None]:
        """The events that come after that number, those that were sent already first. Closing it
        leaves the answer alone.

        Raises what ended the answer: AnswerStopped when somebody has stopped it.
        """
        number = min(after, len(self.events))
        while True:
            changed = self._changed
            while number < len(self.events):
                number += 1
                yield Numbered(number, self.events[number - 1])
            if self.ended:
                if self.error is not None:
                    raise self.error
                return
            await changed.wait()


class Answers:
    """The answers of this process, by the id of their turn."""

    def __init__(self) -> None:
        self._under_way: dict[str, UnderWay] = {}

    async def begin(self, events: AsyncGenerator[AskEvent, None]) -> UnderWay:
        """Make the answer of `events`, whose first is Asked. Raises what comes before that."""
        first = await anext(events)
        if not isinstance(first, Asked):  # ask_events says so
            raise TypeError(f"a kept turn begins with Asked, not {type(first).__name__}")
        found = UnderWay(first, [first])
        self._under_way[first.turn_id] = found
        found.task = asyncio.create_task(self._make(found, events))
        return found

    def get(self, turn_id: str) -> UnderWay | None:
        """None: it is not, or no longer, this process's."""
        return self._under_way.get(turn_id)

    async def stop(self, turn_id: str) -> None:
        """Stop an answer, and wait until what was said is kept. One that has ended stays as it is."""
        found = self._under_way.get(turn_id)
        if found is not None and found.task is not None and not found.ended:
            found.task.cancel()
            await asyncio.wait({found.task})

    async def close(self) -> list[str]:
        """Stop all; the ids of their turns."""
        left = [found for found in self._under_way.values() if not found.ended]
        tasks = [found.task for found in left if found.task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._under_way.clear()
        return [found.asked.turn_id for found in left]

    async def _make(self, found: UnderWay, events: AsyncGenerator[AskEvent, None]) -> None:
        error: GroundkbError | None = AnswerStopped()
        try:
            async with aclosing(events):
                async for event in events:
                    found.tell(event)
            error = None
        except GroundkbError as named:
            error = named
        except Exception as bug:
            log.error("answer_failed", turn=found.asked.turn_id, exc_info=bug)
            error = AnswerInterrupted()
        finally:
            found.end(error)
            asyncio.get_running_loop().call_later(_REMEMBERED, self._forget, found.asked.turn_id)

    def _forget(self, turn_id: str) -> None:
        self._under_way.pop(turn_id, None)
