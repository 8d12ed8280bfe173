"""Registered sources: folders of this machine (and URLs) that are synced by schedule or on demand."""

from typing import Final

from fastapi import APIRouter, Depends

from app.api.auth import DOCUMENTED, Guarded, require_operator
from app.api.dependencies import KbDep, LanguageDep, LibraryDep, ServiceDep, StorageDep
from app.api.wire.base import FAILURES, ErrorBody, not_found
from app.api.wire.jobs import Started
from app.api.wire.sources import Source, SourceChanges, SourceIn, SourceList
from ingest.schedule import change_source, put_source, source_job

router = APIRouter(tags=["sources"], route_class=Guarded, dependencies=DOCUMENTED)
OPERATOR: Final = [Depends(require_operator)]
NOT_FOUND: Final = not_found("source")
FORBIDDEN: Final[dict[int | str, dict[str, object]]] = {
    403: {"model": ErrorBody, "description": "The caller is not the operator."},
}


@router.get("/sources", summary="List registered sources", responses=FAILURES)
def sources(library: LibraryDep, kb: KbDep, language: LanguageDep) -> SourceList:
    rows = library.sources.all(kb)
    return SourceList(sources=tuple(Source.of(row, language) for row in rows))


@router.post(
    "/sources",
    status_code=201,
    dependencies=OPERATOR,
    summary="Register a source",
    description="Needs the operator's token, as it names paths of the server's machine.",
    responses={**FORBIDDEN, **not_found("knowledge base")},
)
def add(body: SourceIn, service: ServiceDep, library: LibraryDep, language: LanguageDep) -> Source:
    kb = service.kb(body.kb)
    library.require_knowledge_base(kb)
    row = put_source(
        library,
        kb,
        body.location,
        schedule=body.schedule,
        time_zone=body.time_zone,
        jitter=body.jitter,
        enabled=body.enabled,
    )
    return Source.of(row, language)


@router.patch(
    "/sources/{source_id}",
    dependencies=OPERATOR,
    summary="Change a source",
    responses={**FORBIDDEN, **NOT_FOUND},
)
def change(
    source_id: str, body: SourceChanges, library: LibraryDep, language: LanguageDep
) -> Source:
    row = change_source(library, source_id, **body.model_dump(exclude_unset=True))
    return Source.of(row, language)


@router.delete(
    "/sources/{source_id}",
    status_code=204,
    dependencies=OPERATOR,
    summary="Remove a source",
    description="It is synced no more; its documents stay. It can come back by `POST …/restore` until "
    "it is purged (GROUNDKB_UNDO_DAYS).",
    responses={**FORBIDDEN, **NOT_FOUND},
)
def remove(source_id: str, library: LibraryDep) -> None:
    library.sources.remove(source_id)


@router.post(
    "/sources/{source_id}/restore",
    dependencies=OPERATOR,
    summary="Undo the removal",
    responses={**FORBIDDEN, **NOT_FOUND},
)
def restore(source_id: str, library: LibraryDep, language: LanguageDep) -> Source:
    return Source.of(library.sources.restore(source_id), language)


@router.post(
    "/sources/{source_id}/sync",
    status_code=202,
    summary="Sync a source now",
    description="A source has one run at a time: while one is queued or running, its job is given.",
    responses=NOT_FOUND,
)
def sync_now(source_id: str, storage: StorageDep) -> Started:
    job = storage.queue(source_job(storage.library.sources.get(source_id)))
    return Started(job_id=job.id)
