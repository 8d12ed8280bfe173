"""Server-Sent Events: as bytes, and as streams that stop when nobody listens any more."""

import asyncio
import threading
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Coroutine, Iterable
from typing import Any, Final, TypeVar

import anyio
import structlog
from fastapi.sse import KEEPALIVE_COMMENT, format_sse_event
from starlette.requests import ClientDisconnect, Request
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from app.api.answers import Numbered
from app.api.errors import error_body, unexpected
from app.api.logs import request_id
from app.api.service import service_of
from app.api.wire.base import ErrorBody
from app.api.wire.events import NAMES, event_json
from app.errors import GroundkbError, ServiceStopping
from app.library.under_way import Told as ToldEvent

T = TypeVar("T")
Told = TypeVar("Told")
FIRST_WAIT: Final = 1.0  # seconds for an error to show before the response has begun
HEARTBEAT_WAIT: Final = 15.0  # seconds of silence between heartbeats: proxies drop idle streams
HEARTBEAT: Final = KEEPALIVE_COMMENT
_END: Final = object()


def wants_events(request: Request) -> bool:
    return "text/event-stream" in request.headers.get("accept", "")


def frame(event: object) -> bytes:
    """One Server-Sent Event; see `app.api.wire.events.NAMES`."""
    if isinstance(event, ToldEvent):
        return format_sse_event(event=event.name, data_str=event.data, id=str(event.number))
    if isinstance(event, Numbered):
        name, text = event_json(event.event)
        return format_sse_event(event=name, data_str=text, id=str(event.number))
    name, text = event_json(event)
    return format_sse_event(event=name, data_str=text)


def stream_description(kinds: Iterable[type[Any]]) -> dict[str, object]:
    """OpenAPI's description of a `text/event-stream` answer made of these events and `error`."""
    all_kinds: tuple[type[Any], ...] = (*kinds, ErrorBody)
    named = ", ".join(f"`{NAMES[kind]}` is {kind.__name__}" for kind in all_kinds)
    return {
        "schema": {
            "type": "string",
            "description": f"Server-Sent Events. `event:` names the kind, `data:` is JSON: {named}. "
            "Lines that begin with `:` are heartbeats.",
        }
    }


async def pumped(
    source: AsyncIterator[T], first_wait: float, wait: float, stopping: asyncio.Event
) -> AsyncGenerator[T | None, None]:
    """The items of `source`, and None for each `wait` seconds of silence (`first_wait` the first time).

    `source` runs in one task of its own from its first item to its last, so that time limits
    and cancel scopes inside it stay in their task. Closing this generator cancels that task.
    Raises what `source` raises, and ServiceStopping once `stopping` is set.
    """
    queue: asyncio.Queue[tuple[T] | None] = asyncio.Queue()

    async def pump() -> None:
        try:
            async for item in source:
                queue.put_nowait((item,))
        finally:
            queue.put_nowait(None)

    async def watch() -> None:
        await stopping.wait()
        queue.put_nowait(None)

    task, watching = asyncio.create_task(pump()), asyncio.create_task(watch())
    limit = first_wait
    try:
        while True:
            try:
                boxed = await asyncio.wait_for(queue.get(), limit)
            except TimeoutError:
                yield None
            else:
                if boxed is None:
                    break
                yield boxed[0]
            limit = wait
        if not task.done():
            raise ServiceStopping
        await task
    finally:
        await _cancelled(task, watching)


async def in_thread(
    work: Callable[[Callable[[Told], None], Callable[[], bool]], T],
) -> AsyncGenerator[Told | T, None]:
    """Run `work(tell, stop)` in a thread; yields what it tells and, last, its result.

    Closing makes `stop()` true; the thread ends by itself then.
    """
    loop = asyncio.get_running_loop()
    queue: asyncio.Queue[tuple[Told] | None] = asyncio.Queue()
    stop = threading.Event()

    def ended(task: asyncio.Task[T]) -> None:
        if not task.cancelled():
            task.exception()  # seen: when nobody waits any more, nobody else looks at it
        queue.put_nowait(None)

    def tell(told: Told) -> None:
        if not stop.is_set():
            loop.call_soon_threadsafe(queue.put_nowait, (told,))

    task = asyncio.create_task(asyncio.to_thread(work, tell, stop.is_set))
    task.add_done_callback(ended)
    try:
        while (told := await queue.get()) is not None:
            yield told[0]
        yield await task
    finally:
        stop.set()


async def unless_disconnected(request: Request, work: Coroutine[Any, Any, T]) -> T:
    """The result of `work`. It is cancelled when the client hangs up (ClientDisconnect) or the
    server stops (ServiceStopping)."""

    async def hung_up() -> None:
        while (await request.receive())["type"] != "http.disconnect":
            pass

    task = asyncio.create_task(work)
    watch = asyncio.create_task(hung_up())
    stop = asyncio.create_task(service_of(request).stopping.wait())
    try:
        await asyncio.wait({task, watch, stop}, return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            return task.result()
        raise ServiceStopping if stop.done() else ClientDisconnect
    finally:
        await _cancelled(task, watch, stop)


async def _cancelled(*tasks: asyncio.Task[Any]) -> None:
    """Cancel tasks and wait till they have ended, whatever they end with."""
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def last_of(events: AsyncIterator[object], kind: type[T]) -> T | None:
    """The last event of a kind. All are read to their end, so that what they come from is closed
    in order."""
    last: T | None = None
    async for event in events:
        if isinstance(event, kind):
            last = event
    return last


class EventStream(StreamingResponse):
    """A `text/event-stream` response whose source is closed before the request ends, however it ends."""

    media_type = "text/event-stream"

    def __init__(self, frames: AsyncGenerator[bytes, None]) -> None:
        super().__init__(frames, headers={"Cache-Control": "no-cache", "X-Accel-Buffering": "no"})
        self.frames = frames

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            with anyio.CancelScope(shield=True):
                await self.frames.aclose()


async def event_stream(
    events: AsyncIterator[object], request: Request, language: str
) -> EventStream:
    """Answer with events. What fails within FIRST_WAIT is raised and so gets its own HTTP code;
    what fails later ends the stream with an `error` event."""
    stream = pumped(events, FIRST_WAIT, HEARTBEAT_WAIT, service_of(request).stopping)
    # No event at all: all of them were received before.
    first = await anext(stream, _END)
    identifier = request_id(request)

    async def frames() -> AsyncGenerator[bytes, None]:
        try:
            if first is not _END:
                yield frame(first) if first is not None else HEARTBEAT
            async for event in stream:
                yield frame(event) if event is not None else HEARTBEAT
        except GroundkbError as error:
            structlog.get_logger(__name__).warning("stream_error", code=error.code)
            yield frame(error_body(error, language))
        except Exception as error:  # noqa: BLE001  the status line is gone: this event is the only place left to say so
            yield frame(error_body(unexpected(error, identifier), language))
        finally:
            await stream.aclose()

    return EventStream(frames())
