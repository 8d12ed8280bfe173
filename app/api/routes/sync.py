"""POST /sync: make the index equal folders on this machine. For the operator's own command line."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing
from typing import Final

from fastapi import APIRouter, Depends, Request, Response

from app.api.auth import DOCUMENTED, Guarded, require_operator
from app.api.dependencies import LanguageDep, ServiceDep, StorageDep
from app.api.sse import (
    event_stream,
    in_thread,
    last_of,
    stream_description,
    unless_disconnected,
    wants_events,
)
from app.api.wire.base import FAILURES, ErrorBody
from app.api.wire.syncs import (
    DocumentDone,
    SyncEvent,
    SyncIn,
    SyncJob,
    SyncReport,
    wire_sync_event,
)
from app.errors import GroundkbError, LibraryUnavailable
from app.library.jobs import NewJob
from app.runtime import Storage
from ingest import report
from ingest.report import Planned, SyncProgress
from ingest.sources.look import check_addresses

router = APIRouter(
    tags=["sync"], route_class=Guarded, dependencies=[*DOCUMENTED, Depends(require_operator)]
)


LOOK_SECONDS: Final = 2.0  # between two looks at a job of which nothing is told


class SyncStopped(Exception):
    """The stream of a sync's events ended before its report."""


async def sync_events(
    storage: Storage, wanted: report.SyncRequest, language: str
) -> AsyncIterator[SyncEvent]:
    """Run a sync in a thread; yields its events and, last, its report. Closing stops it
    between two documents; what was taken in so far stays."""

    def work(
        tell: Callable[[report.SyncEvent], None], stop: Callable[[], bool]
    ) -> report.SyncReport:
        return storage.sync(wanted, tell, stop)

    async with aclosing(in_thread(work)) as events:
        async for event in events:
            yield wire_sync_event(event, language)


async def job_events(
    storage: Storage, wanted: report.SyncRequest, language: str
) -> AsyncGenerator[SyncEvent, None]:
    """The same as a job of the server, in its turn. A dry run is none: it changes nothing."""
    if wanted.dry_run:
        async for event in sync_events(storage, wanted, language):
            yield event
        return
    loop = asyncio.get_running_loop()
    queue: asyncio.Queue[report.SyncEvent | report.SyncReport | GroundkbError] = asyncio.Queue()

    def watcher(event: report.SyncEvent | report.SyncReport | GroundkbError) -> None:
        with contextlib.suppress(RuntimeError):  # the loop has ended: nobody watches any more
            loop.call_soon_threadsafe(queue.put_nowait, event)

    await asyncio.to_thread(check_addresses, *wanted.roots)
    new = NewJob(
        wanted.kb,
        "sync",
        ", ".join(wanted.roots),
        {
            "roots": list(wanted.roots),
            "allow_mass_delete": wanted.allow_mass_delete,
            "retire": wanted.retire,
            "engine": wanted.engine,
        },
    )
    job = await asyncio.to_thread(storage.worker.watch, storage.asked(new), watcher)
    ended = False
    try:
        yield SyncJob(job_id=job.id)
        while not ended:
            try:
                told = await asyncio.wait_for(queue.get(), LOOK_SECONDS)
            except TimeoutError:
                if not await asyncio.to_thread(_was_taken_back, storage, job.id):
                    continue
                told = report.SyncReport(wanted.kb, 0, 0, 0, 0, (), 0, 0.0, stopped=True)
            ended = isinstance(told, report.SyncReport | GroundkbError)
            if isinstance(told, GroundkbError):
                raise told
            yield wire_sync_event(told, language)
    finally:
        if not ended:
            # Shielded: a client that hangs up is told of more than once, and the second time would
            # take this back while it waits for a thread.
            await asyncio.shield(asyncio.to_thread(storage.library.jobs.cancel, job.id))


def _was_taken_back(storage: Storage, job_id: str) -> bool:
    """Whether somebody else has ended the job before it began: no worker tells of that."""
    try:
        job = storage.library.jobs.get(job_id)
    except LibraryUnavailable:
        return False  # the job goes on, and so does whoever watches it
    return job.status == "cancelled" and job.started_at is None


async def last_report(events: AsyncIterator[SyncEvent]) -> SyncReport:
    """The report that a sync ends with."""
    last = await last_of(events, SyncReport)
    if last is None:
        raise SyncStopped
    return last


@router.post(
    "/sync",
    response_model=SyncReport,
    summary="Sync folders of this machine",
    description="A job like any other, which this call waits for. With `Accept: text/event-stream`, progress comes as events: `begun`, "
    "`planned`, `progress`, `document`, `report`; or `error`. Needs the operator's token.",
    responses={
        200: {
            "content": {
                "text/event-stream": stream_description(
                    (SyncJob, Planned, SyncProgress, DocumentDone, SyncReport)
                )
            }
        },
        403: {"model": ErrorBody, "description": "The caller is not the operator."},
        404: {"model": ErrorBody, "description": "There is no such knowledge base."},
        **FAILURES,
    },
)
async def sync(
    body: SyncIn,
    request: Request,
    service: ServiceDep,
    storage: StorageDep,
    language: LanguageDep,
) -> SyncReport | Response:
    wanted = report.SyncRequest(
        body.roots,
        service.kb(body.kb),
        body.dry_run,
        body.allow_mass_delete,
        body.retire,
        body.engine,
    )
    await asyncio.to_thread(storage.library.require_knowledge_base, wanted.kb)
    events = job_events(storage, wanted, language)

    if not wants_events(request):
        return await unless_disconnected(request, last_report(events))
    return await event_stream(events, request, language)
