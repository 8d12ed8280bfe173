"""Answers that are under way: each is made to its end, whoever listens.

A stream of a kept turn does not make the answer; it follows one. So a reload, another tab or a
lost connection costs nothing, and only `stop` stops. Where several servers share a database the events are
kept there as well (`app.library.under_way`), so that it can be followed and stopped at any of them.
"""

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Final

import structlog

from app.api.wire.events import Asked, AskEvent, event_json
from app.errors import AnswerInterrupted, AnswerStopped, GroundkbError
from app.library.under_way import AnswersUnderWay, Told

log = structlog.get_logger(__name__)
# Seconds for which an answer that has ended can be followed from any event on.
_REMEMBERED: Final = 60.0
# Seconds between two times that events are written for other servers, and at most between two signs
# that this one is there; without one for LOST_SECONDS others take the answer for lost.
_WRITE_SECONDS: Final = 0.3
_SIGN_SECONDS: Final = 5.0
LOST_SECONDS: Final = 60.0


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
    writing: asyncio.Task[None] | None = None
    shown_at: AnswersUnderWay | None = None
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

    async def begin(
        self, events: AsyncGenerator[AskEvent, None], shown_at: AnswersUnderWay | None = None
    ) -> UnderWay:
        """Make the answer of `events`, whose first is Asked; `shown_at`: where other servers look. Raises
        what comes before that."""
        first = await anext(events)
        if not isinstance(first, Asked):  # ask_events says so
            raise TypeError(f"a kept turn begins with Asked, not {type(first).__name__}")
        found = UnderWay(first, [first], shown_at=shown_at)
        self._under_way[first.turn_id] = found
        found.task = asyncio.create_task(self._make(found, events))
        if shown_at is not None:
            found.writing = asyncio.create_task(_write(found, found.task, shown_at))
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
        writing = [found.writing for found in self._under_way.values() if found.writing is not None]
        for each in writing:
            each.cancel()
        await asyncio.gather(*writing, return_exceptions=True)
        for found in self._under_way.values():
            if found.shown_at is not None:
                await _forget(found.asked.turn_id, found.shown_at)
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
        found = self._under_way.pop(turn_id, None)
        if found is not None and found.shown_at is not None:
            found.writing = asyncio.create_task(_forget(turn_id, found.shown_at))


async def _write(found: UnderWay, making: asyncio.Task[None], shown_at: AnswersUnderWay) -> None:
    """Keep what is told for other servers until the answer is made, and stop it for them. What cannot
    be written is written the next time."""
    turn_id, written, signed, begun = found.asked.turn_id, 0, time.monotonic(), False
    while True:
        ended = found.ended
        new = [
            Told(number, *event_json(event))
            for number, event in enumerate(found.events[written:], written + 1)
        ]
        try:
            if not begun:
                await asyncio.to_thread(shown_at.begin, turn_id)
                begun = True
            if new or time.monotonic() - signed >= _SIGN_SECONDS:
                stop = await asyncio.to_thread(shown_at.tell, turn_id, new)
                written, signed = written + len(new), time.monotonic()
            else:
                stop = await asyncio.to_thread(shown_at.is_to_stop, turn_id)
            if stop:
                making.cancel()
        except GroundkbError as error:
            log.warning("events_not_shared", turn=turn_id, code=error.code)
        if ended:
            return
        await asyncio.wait({making}, timeout=_WRITE_SECONDS)


async def _forget(turn_id: str, shown_at: AnswersUnderWay) -> None:
    try:
        await asyncio.to_thread(shown_at.end, (turn_id,))
    except GroundkbError as error:
        log.warning("events_not_shared", turn=turn_id, code=error.code)
