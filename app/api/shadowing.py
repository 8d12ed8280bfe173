"""Answers a share of the questions once more, by what a test tries, when nobody waits for an answer.

It begins after the asker has his own, waits until no question is under way, makes room at once when one comes, and
takes a twentieth of the time at most; what is left waiting is bounded, and dropped first. Nothing of it is shown to who asked.

Where another embedding model is tried, its index is built beside the one in use first, and kept up with it,
a moment's work at a time and only while no question is under way.
"""

import asyncio
import random
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import TimeoutError as NotYet
from contextlib import aclosing
from dataclasses import dataclass
from threading import Event
from typing import Final

import structlog

from app.answering.answer import Answer, Done, Question
from app.answering.shadow import comparable, kept
from app.api.queue import AnswerQueue
from app.errors import GroundkbError, ReindexStopped
from app.library.shadow import ShadowRow
from app.library.sight import Sight
from app.models.embedding import Embedder
from app.models.giving_way import giving_way
from app.runtime import Runtime
from ingest.reindex import ReindexProgress

log = structlog.get_logger(__name__)

MOST_WAITING: Final = 20
TRIES: Final = 3  # times that one is begun, when others' questions interrupt it
# After one it rests for so many times as long as that took: so few of those who ask find one under way that
# the longest that they wait for an answer stays what it is.
REST: Final = 20.0
# How long it is believed what test there is: another process may have begun or ended one.
_LOOK_SECONDS: Final = 30.0
# How often a build that waits for a free moment looks whether it is to end.
_WAIT_SECONDS: Final = 0.5


@dataclass
class _Waiting:
    runtime: Runtime  # as the asker sees it
    question: Question
    given: Answer
    tries: int = 0


class Shadow:
    """The test that is under way, in this process. All of it happens on the event loop."""

    def __init__(self, queue: AnswerQueue, chance: Callable[[], float] = random.random) -> None:
        self._queue = queue
        self._chance = chance
        self.rest = REST
        self._rested = float("-inf")
        self._waiting: deque[_Waiting] = deque(maxlen=MOST_WAITING)
        self._test: ShadowRow | None = None
        self._tried: Runtime | None = None
        self._looked = float("-inf")
        self._task: asyncio.Task[None] | None = None
        self._begun: Runtime | None = None  # a test of it was begun just now
        self._loaded: Embedder | None = None
        self._building: Event | None = None  # set: the build is to end
        self._embedder: Embedder | None = None  # kept up with the index in use, when last looked at
        # How many documents of a knowledge base are in the index that is tried, while it is built.
        self.progress: ReindexProgress | None = None

    def begin(self, runtime: Runtime, embedder: Embedder | None = None) -> None:
        """A test was begun: what it needs is prepared before the first question comes. `embedder`: the one that
        is tried, loaded."""
        self._begun, self._loaded = runtime, embedder
        self._start()

    def _start(self) -> None:
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._work())

    def offer(self, runtime: Runtime, question: Question, given: Answer) -> None:
        """A question that was answered just now, as its asker's `runtime` has it."""
        if self._test is None and time.monotonic() - self._looked < _LOOK_SECONDS:
            return
        if not comparable(given):
            return
        self._waiting.append(_Waiting(runtime, question, given))
        self._start()

    async def forget(self) -> None:
        """A test is begun or ended: what is known of it is asked anew, what waits dropped, and a build under
        way ended."""
        await self._end_build()
        self._waiting.clear()
        self._test, self._looked = None, float("-inf")

    async def _end_build(self) -> None:
        if self._building is not None:
            self._building.set()  # its thread has to be over before what it works with is closed
            await self.settled()

    async def settled(self) -> None:
        """Return once nothing waits."""
        if self._task is not None:
            await asyncio.wait({self._task})

    async def close(self) -> None:
        """End what is under way."""
        self._waiting.clear()
        await self._end_build()
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await self._let_go()

    async def _work(self) -> None:
        while self._begun is not None or self._waiting:
            try:
                if self._begun is not None:
                    begun, self._begun = self._begun, None
                    await self._look(begun)
                else:
                    await self._one(self._waiting.popleft())
            except GroundkbError as error:
                log.warning("shadow_not_answered", code=error.code, reason=str(error))
            except Exception as bug:
                log.error("shadow_failed", exc_info=bug)

    async def _one(self, item: _Waiting) -> None:
        test = await self._look(item.runtime)
        if test is None or self._tried is None:
            self._waiting.clear()
            return
        if item.tries == 0 and self._chance() >= test.share:
            return
        if self._tried.beside is not self._embedder:
            return  # its index could not be built
        await asyncio.sleep(max(0.0, self._rested - time.monotonic()))
        await self._queue.idle.wait()
        tried = item.runtime.like(self._tried)
        told = Event()
        answering = asyncio.create_task(_answer(tried, item.question, told))
        asked = asyncio.create_task(self._queue.busy.wait())
        began = time.monotonic()
        try:
            await asyncio.wait({answering, asked}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            interrupted = not answering.done()
            told.set()  # its threads end with their next step
            now = time.monotonic()
            self._rested = now + self.rest * (now - began)
            for task in (answering, asked):
                task.cancel()
            await asyncio.gather(answering, asked, return_exceptions=True)
        if interrupted:
            item.tries += 1
            if item.tries < TRIES and len(self._waiting) < MOST_WAITING:
                self._waiting.appendleft(item)
            return
        other = answering.result()
        if comparable(other):
            library = item.runtime.library
            await asyncio.to_thread(
                library.shadow.add,
                test.id,
                item.question.kb,
                item.question.text.strip(),
                kept(item.given),
                kept(other),
            )

    async def _look(self, runtime: Runtime) -> ShadowRow | None:
        if time.monotonic() - self._looked < _LOOK_SECONDS:
            return self._test
        found = await asyncio.to_thread(runtime.library.shadow.latest, "running")
        if found is None or self._test is None or found.id != self._test.id:
            await self._let_go()
            loaded, self._loaded = self._loaded, None
            self._tried = None if found is None else await runtime.trying(found.tried, loaded)
        self._test = found
        if self._tried is not None and self._tried.beside is not None:
            await self._build(runtime, self._tried.beside)
        self._looked = time.monotonic()
        return found

    async def _build(self, runtime: Runtime, embedder: Embedder) -> None:
        """Have the index that is tried hold what the one in use holds."""
        loop, ended = asyncio.get_running_loop(), Event()

        def stop() -> bool:
            free = asyncio.run_coroutine_threadsafe(self._queue.idle.wait(), loop)
            while not ended.is_set():
                try:
                    return not free.result(_WAIT_SECONDS)
                except NotYet:
                    continue
            free.cancel()
            return True

        def tell(event: ReindexProgress) -> None:
            self.progress = event

        self._embedder, self._building = None, ended
        storage = runtime.seen_by(Sight(unlimited=True)).storage
        try:
            await asyncio.to_thread(storage.build_beside, embedder, tell, stop)
            self._embedder = embedder
        except ReindexStopped:
            pass
        finally:
            ended.set()
            self._building = self.progress = None

    async def _let_go(self) -> None:
        """Close the chat model that was tried, if it is one of its own."""
        tried, self._tried = self._tried, None
        self._embedder = None
        if tried is not None and tried.chat_is_own and tried.chat is not None:
            await tried.chat.close()


async def _answer(runtime: Runtime, question: Question, told: Event) -> Answer:
    with giving_way(told):
        async with aclosing(runtime.answerer.ask(question)) as events:
            async for event in events:
                if isinstance(event, Done):
                    return event.answer
    raise AssertionError("ask() ends with Done or raises")
