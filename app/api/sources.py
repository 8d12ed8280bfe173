"""Registered sources: folders of this machine (and URLs) that are synced by schedule or on demand."""

import asyncio
from datetime import datetime
from typing import Annotated, Final, Self

from fastapi import APIRouter, Depends, Request, Response
from pydantic import Field, StringConstraints

from app.api.ask import FAILURES
from app.api.auth import DOCUMENTED, Guarded, require_operator
from app.api.events import SyncReport, kept_error
from app.api.language import request_language
from app.api.queries import Kb
from app.api.schemas import ErrorBody, ErrorDetail, KbName, Wire
from app.api.service import service_of
from app.errors import Language
from app.library.jobs import JobStatus
from app.library.sources import SourceRow
from ingest.schedule import change_source, put_source, source_job

router = APIRouter(tags=["sources"], route_class=Guarded, dependencies=DOCUMENTED)
OPERATOR: Final = [Depends(require_operator)]
NOT_FOUND: Final[dict[int | str, dict[str, object]]] = {
    404: {"model": ErrorBody, "description": "There is no such source."},
    **FAILURES,
}
FORBIDDEN: Final[dict[int | str, dict[str, object]]] = {
    403: {"model": ErrorBody, "description": "The caller is not the operator."},
}
Crontab = Annotated[str, StringConstraints(min_length=9, max_length=120)]
ZoneName = Annotated[str, StringConstraints(min_length=1, max_length=60)]
Location = Annotated[str, StringConstraints(min_length=1, max_length=4_000)]


class LastRun(Wire):
    """The last run that ended."""

    job_id: str
    status: JobStatus
    started_at: datetime
    finished_at: datetime
    report: SyncReport | None
    error: ErrorDetail | None


class Source(Wire):
    id: str
    kb: str
    location: str = Field(description="An absolute path on the server's machine, or a URL.")
    schedule: str | None = Field(description="A crontab expression; null: only on demand.")
    time_zone: str = Field(description="In which the schedule is read, such as Asia/Shanghai.")
    jitter: int = Field(description="Scheduled runs begin up to so many seconds late, by chance.")
    enabled: bool = Field(description="false: the schedule rests.")
    next_run: datetime | None
    last_run: LastRun | None
    created_at: datetime

    @classmethod
    def of(cls, row: SourceRow, language: Language) -> Self:
        plain = {name: getattr(row, name) for name in cls.model_fields if name != "last_run"}
        if not row.enabled:
            plain["next_run"] = None
        last = row.last_run and LastRun(
            job_id=row.last_run["job_id"],
            status=row.last_run["status"],
            started_at=row.last_run["started_at"],
            finished_at=row.last_run["finished_at"],
            report=row.last_run["report"],
            error=kept_error(row.last_run["error"], language),
        )
        return cls(**plain, last_run=last or None)


class SourceList(Wire):
    sources: tuple[Source, ...]


class SourceIn(Wire):
    """The same `kb` and `location` again changes the source that is registered."""

    location: Location = Field(description="An absolute path on the server's machine, or a URL.")
    kb: str | None = KbName
    schedule: Crontab | None = Field(None, description="A crontab expression, five fields.")
    time_zone: ZoneName | None = Field(None, description="Unset: the server's own.")
    jitter: int = Field(0, ge=0, le=86_400, description="Seconds.")
    enabled: bool = True


class SourceChanges(Wire):
    """Only the fields that are sent are changed; `schedule: null` ends the schedule."""

    schedule: Crontab | None = None
    time_zone: ZoneName = "UTC"
    jitter: int = Field(0, ge=0, le=86_400)
    enabled: bool = True


class Started(Wire):
    job_id: str


@router.get("/sources", summary="List registered sources", responses=FAILURES)
async def sources(request: Request, kb: Kb = None) -> SourceList:
    service = service_of(request)
    rows = await asyncio.to_thread(service.runtime.library.sources.all, service.kb(kb))
    language = request_language(request, service.settings)
    return SourceList(sources=tuple(Source.of(row, language) for row in rows))


@router.post(
    "/sources",
    status_code=201,
    dependencies=OPERATOR,
    summary="Register a source",
    description="Needs the operator's token, as it names paths of the server's machine.",
    responses={**FORBIDDEN, **FAILURES},
)
async def add(body: SourceIn, request: Request) -> Source:
    service = service_of(request)
    row = await asyncio.to_thread(
        put_source,
        service.runtime.library,
        service.kb(body.kb),
        body.location,
        schedule=body.schedule,
        time_zone=body.time_zone,
        jitter=body.jitter,
        enabled=body.enabled,
    )
    return Source.of(row, request_language(request, service.settings))


@router.patch(
    "/sources/{source_id}",
    dependencies=OPERATOR,
    summary="Change a source",
    responses={**FORBIDDEN, **NOT_FOUND},
)
async def change(source_id: str, body: SourceChanges, request: Request) -> Source:
    service = service_of(request)
    changes = body.model_dump(exclude_unset=True)
    row = await asyncio.to_thread(
        lambda: change_source(service.runtime.library, source_id, **changes)
    )
    return Source.of(row, request_language(request, service.settings))


@router.delete(
    "/sources/{source_id}",
    status_code=204,
    dependencies=OPERATOR,
    summary="Forget a source",
    description="It is synced no more; its documents stay.",
    responses={**FORBIDDEN, **NOT_FOUND},
)
async def remove(source_id: str, request: Request) -> Response:
    await asyncio.to_thread(service_of(request).runtime.library.sources.remove, source_id)
    return Response(status_code=204)


@router.post(
    "/sources/{source_id}/sync",
    status_code=202,
    summary="Sync a source now",
    description="A source has one run at a time: while one is queued or running, its job is given.",
    responses=NOT_FOUND,
)
async def sync_now(source_id: str, request: Request) -> Started:
    storage = service_of(request).runtime.storage
    row = await asyncio.to_thread(storage.library.sources.get, source_id)
    job = await asyncio.to_thread(storage.jobs.add, source_job(row))
    return Started(job_id=job.id)
