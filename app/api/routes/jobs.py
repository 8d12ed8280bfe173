"""Jobs: what is being taken in, how far it is, and why it failed."""

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated, Final

from fastapi import APIRouter, Query, Request, Response

from app.api.auth import DOCUMENTED, Guarded
from app.api.callers import Caller
from app.api.dependencies import CallerDep, KbDep, LanguageDep, LibraryDep, StorageDep
from app.api.sse import event_stream, stream_description
from app.api.wire.base import FAILURES, ErrorBody, not_found
from app.api.wire.jobs import Job, JobList
from app.errors import NotAllowed
from app.library.jobs import FINISHED, JobRow
from app.library.library import Library
from app.runtime import Storage
from ingest.job_runs import cancel_job, retry_job

router = APIRouter(tags=["jobs"], route_class=Guarded, dependencies=DOCUMENTED)
NOT_FOUND: Final = not_found("job")
WRITE: Final = "write"
LOOK_SECONDS: Final = 0.3  # between two looks at a job that somebody follows


@router.get("/jobs", summary="List jobs, newest first", responses=FAILURES)
def jobs(
    library: LibraryDep,
    kb: KbDep,
    language: LanguageDep,
    limit: Annotated[int, Query(ge=1, le=1_000)] = 100,
    offset: Annotated[int, Query(ge=0, le=1_000_000_000)] = 0,
) -> JobList:
    rows, total = library.jobs.page(kb, limit, offset)
    return JobList(jobs=tuple(Job.of(row, language) for row in rows), total=total)


@router.get("/jobs/{job_id}", summary="One job", responses=NOT_FOUND)
def job(job_id: str, library: LibraryDep, language: LanguageDep) -> Job:
    return Job.of(library.jobs.get(job_id), language)


@router.get(
    "/jobs/{job_id}/events",
    response_class=Response,
    summary="Follow a job",
    description="Server-Sent Events: `job` at each change, the last one when it has ended. "
    "Closing the connection leaves the job alone.",
    responses={
        200: {"content": {"text/event-stream": stream_description((Job,))}},
        **NOT_FOUND,
    },
)
async def events(
    job_id: str, request: Request, library: LibraryDep, language: LanguageDep
) -> Response:
    # One that is not there is an error of HTTP, however long it takes to find that out.
    row = await asyncio.to_thread(library.jobs.get, job_id)
    return await event_stream(_changes(library, row, language), request, language)


@router.post(
    "/jobs/{job_id}/cancel",
    summary="Cancel a job",
    description="A queued job ends at once, a running one between two documents: `status` stays "
    "`running` until then. A finished job stays as it is.",
    responses=NOT_FOUND,
)
def cancel(job_id: str, storage: StorageDep, caller: CallerDep, language: LanguageDep) -> Job:
    _may_change(storage, caller, job_id)
    return Job.of(cancel_job(storage.library, storage.settings.data, job_id), language)


@router.post(
    "/jobs/{job_id}/retry",
    status_code=202,
    summary="Try a failed or cancelled job again",
    responses={
        409: {"model": ErrorBody, "description": "It is done, or its file is gone."},
        **NOT_FOUND,
    },
)
def retry(job_id: str, storage: StorageDep, caller: CallerDep, language: LanguageDep) -> Job:
    _may_change(storage, caller, job_id)
    row = retry_job(storage.library, storage.settings.data, job_id)
    storage.worker.start()
    storage.worker.wake()
    return Job.of(row, language)


def _may_change(storage: Storage, caller: Caller, job_id: str) -> None:
    """Raises JobNotFound, and NotAllowed for who may not write to its knowledge base any more."""
    if not caller.may(WRITE, storage.library.jobs.get(job_id).kb):
        raise NotAllowed(need=WRITE)


async def _changes(library: Library, row: JobRow, language: str) -> AsyncIterator[Job]:
    seen: Job | None = None
    while True:
        now = Job.of(row, language)
        if now != seen:
            yield now
            seen = now
        if row.status in FINISHED:
            return
        await asyncio.sleep(LOOK_SECONDS)
        row = await asyncio.to_thread(library.jobs.get, row.id)
