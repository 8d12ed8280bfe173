"""POST /reindex and /backup: the library's upkeep. For the operator's own command line."""

from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from pathlib import Path
from typing import Final

from fastapi import APIRouter, Depends, Request, Response

from app.api.auth import DOCUMENTED, Guarded, require_operator
from app.api.dependencies import LanguageDep, StorageDep
from app.api.sse import (
    event_stream,
    in_thread,
    last_of,
    stream_description,
    unless_disconnected,
    wants_events,
)
from app.api.wire.base import FAILURES, ErrorBody
from app.api.wire.maintenance import BackupIn, Dropped, ReindexIn
from app.errors import Phrase, ReindexStopped, RequestInvalid
from app.runtime import Storage
from ingest.backup import BackupReport
from ingest.reindex import ReindexProgress, ReindexReport, ReindexRequest

router = APIRouter(
    tags=["upkeep"], route_class=Guarded, dependencies=[*DOCUMENTED, Depends(require_operator)]
)
REFUSED: Final[dict[int | str, dict[str, object]]] = {
    403: {"model": ErrorBody, "description": "The caller is not the operator."},
    **FAILURES,
}


async def reindex_events(
    storage: Storage, wanted: ReindexRequest
) -> AsyncIterator[ReindexProgress | ReindexReport]:
    """Run a reindex in a thread; yields its progress and, last, its report. Closing stops it;
    the old index serves on, and what was built is kept."""

    def work(tell: Callable[[ReindexProgress], None], stop: Callable[[], bool]) -> ReindexReport:
        return storage.reindex(wanted, tell, stop)

    async with aclosing(in_thread(work)) as events:
        async for event in events:
            yield event


async def last_reindexed(events: AsyncIterator[ReindexProgress | ReindexReport]) -> ReindexReport:
    """The report that a reindex ends with."""
    last = await last_of(events, ReindexReport)
    if last is None:
        raise ReindexStopped
    return last


@router.post(
    "/reindex",
    response_model=ReindexReport,
    summary="Embed the library anew with another model",
    description="The old index answers until the new one is whole. With `Accept: text/event-stream`, "
    "progress comes as events: `reindexing`, `reindexed`; or `error`. Needs the operator's token.",
    responses={
        200: {
            "content": {"text/event-stream": stream_description((ReindexProgress, ReindexReport))}
        },
        409: {"model": ErrorBody, "description": "There is nothing to go back to."},
        **REFUSED,
    },
)
async def reindex(
    body: ReindexIn, request: Request, storage: StorageDep, language: LanguageDep
) -> ReindexReport | Response:
    events = reindex_events(storage, ReindexRequest(**body.model_dump()))
    if not wants_events(request):
        return await unless_disconnected(request, last_reindexed(events))
    return await event_stream(events, request, language)


@router.delete(
    "/reindex/previous",
    summary="Delete the indexes of earlier models",
    description="There is no going back to them then. Needs the operator's token.",
    responses=REFUSED,
)
def drop_previous(storage: StorageDep) -> Dropped:
    return Dropped(collections=storage.drop_old())


@router.post(
    "/backup",
    summary="Write the library into one file",
    description="On this machine. Syncs wait meanwhile, questions do not. Needs the operator's token.",
    responses=REFUSED,
)
def backup(body: BackupIn, storage: StorageDep) -> BackupReport:
    try:
        return storage.backup(Path(body.path))
    except OSError as error:  # of the path that was sent: no such folder, no right to write there
        said = error.strerror or str(error)
        raise RequestInvalid(detail=Phrase("field_said", field="path", said=said)) from error
