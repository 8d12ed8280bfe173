"""Jobs: what is being taken in, how far it is, and why it failed."""

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated, Final

from fastapi import APIRouter, Query, Request, Response

from app.api.ask import FAILURES
from app.api.auth import DOCUMENTED, Guarded
from app.api.events import Job, stream_description
from app.api.language import request_language
from app.api.queries import Kb
from app.api.schemas import ErrorBody, Wire
from app.api.service import Service, service_of
from app.api.streaming import event_stream
from app.errors import Language
from app.library.jobs import FINISHED
from ingest.job_runs import cancel_job, retry_job

router = APIRouter(tags=["jobs"], route_class=Guarded, dependencies=DOCUMENTED)
NOT_FOUND: Final[dict[int | str, dict[str, object]]] = {
    404: {"model": ErrorBody, "description": "There is no such job."},
    **FAILURES,
}
LOOK_SECONDS: Final = 0.3  # between two looks at a job that somebody follows


class JobList(Wire):
    jobs: tuple[Job, ...]


@router.get("/jobs", summary="List jobs, newest first", responses=FAILURES)
async def jobs(
    request: Request, kb: Kb = None, limit: Annotated[int, Query(ge=1, le=1_000)] = 100
) -> JobList:
    service = service_of(request)
    rows = await asyncio.to_thread(service.runtime.library.jobs.latest, service.kb(kb), limit)
    language = request_language(request, service.settings)
    return JobList(jobs=tuple(Job.of(row, language) for row in rows))


@router.get("/jobs/{job_id}", summary="One job", responses=NOT_FOUND)
async def job(job_id: str, request: Request) -> Job:
    service = service_of(request)
    row = await asyncio.to_thread(service.runtime.library.jobs.get, job_id)
    return Job.of(row, request_language(request, service.settings))


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
async def events(job_id: str, request: Request) -> Response:
    service = service_of(request)
    language = request_language(request, service.settings)
    return await event_stream(_changes(service, job_id, language), request, language)


@router.post(
    "/jobs/{job_id}/cancel",
    summary="Cancel a job",
    description="A queued job ends at once, a running one between two documents: `status` stays "
    "`running` until then. A finished job stays as it is.",
    responses=NOT_FOUND,
)
async def cancel(job_id: str, request: Request) -> Job:
    service = service_of(request)
    storage = service.runtime.storage
    row = await asyncio.to_thread(cancel_job, storage.library, storage.settings.data, job_id)
    return Job.of(row, request_language(request, service.settings))


@router.post(
    "/jobs/{job_id}/retry",
    status_code=202,
    summary="Try a failed or cancelled job again",
    responses={
        409: {"model": ErrorBody, "description": "It is done, or its file is gone."},
        **NOT_FOUND,
    },
)
async def retry(job_id: str, request: Request) -> Job:
    service = service_of(request)
    storage = service.runtime.storage
    row = await asyncio.to_thread(retry_job, storage.library, storage.settings.data, job_id)
    await asyncio.to_thread(storage.jobs.start)
    storage.jobs.wake()
    return Job.of(row, request_language(request, service.settings))


async def _changes(service: Service, job_id: str, language: Language) -> AsyncIterator[Job]:
    seen: Job | None = None
    while True:
        row = await asyncio.to_thread(service.runtime.library.jobs.get, job_id)
        now = Job.of(row, language)
        if now != seen:
            yield now
            seen = now
        if row.status in FINISHED:
            return
        await asyncio.sleep(LOOK_SECONDS)
