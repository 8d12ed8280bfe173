"""POST /reindex and /backup: the library's upkeep. For the operator's own command line."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from pathlib import Path

from fastapi import APIRouter, Depends, Request, Response
from pydantic import Field

from app.api.ask import FAILURES, wants_events
from app.api.auth import DOCUMENTED, Guarded, require_operator
from app.api.events import Reindexed, Reindexing, stream_description
from app.api.language import request_language
from app.api.schemas import ErrorBody, Wire
from app.api.service import service_of
from app.api.streaming import event_stream, in_thread, last_of, unless_disconnected
from app.errors import ReindexStopped
from app.runtime import Storage
from ingest.reindex import ReindexProgress, ReindexReport, ReindexRequest

router = APIRouter(
    tags=["upkeep"], route_class=Guarded, dependencies=[*DOCUMENTED, Depends(require_operator)]
)
REFUSED = {403: {"model": ErrorBody, "description": "The caller is not the operator."}, **FAILURES}


class ReindexIn(Wire):
    """Which embedding model; what is left out is as the server's settings say."""

    embedding_model: str | None = Field(None, min_length=1)
    embedding_revision: str | None = None
    embedding_query_prefix: str | None = None
    embedding_passage_prefix: str | None = None
    rollback: bool = Field(False, description="To the model before the current one.")


class BackupIn(Wire):
    path: str = Field(pattern=r"^/", description="Absolute path on this machine: file or folder.")


class BackedUp(Wire):
    path: str
    bytes: int
    documents: int
    vectors: bool = Field(description="False: they are on a Qdrant server, not in the file.")
    seconds: float


class Dropped(Wire):
    collections: tuple[str, ...]


async def reindex_events(
    storage: Storage, wanted: ReindexRequest
) -> AsyncIterator[Reindexing | Reindexed]:
    """Run a reindex in a thread; yields its progress and, last, its report. Closing stops it;
    the old index serves on, and what was built is kept."""

    def work(tell: Callable[[ReindexProgress], None], stop: Callable[[], bool]) -> ReindexReport:
        return storage.reindex(wanted, tell, stop)

    async with aclosing(in_thread(work)) as events:
        async for event in events:
            if isinstance(event, ReindexReport):
                yield Reindexed.model_validate(event)
            else:
                yield Reindexing.model_validate(event)


async def last_reindexed(events: AsyncIterator[Reindexing | Reindexed]) -> Reindexed:
    """The report that a reindex ends with."""
    last = await last_of(events, Reindexed)
    if last is None:
        raise ReindexStopped
    return last


@router.post(
    "/reindex",
    response_model=Reindexed,
    summary="Embed the library anew with another model",
    description="The old index answers until the new one is whole. With `Accept: text/event-stream`, "
    "progress comes as events: `reindexing`, `reindexed`; or `error`. Needs the operator's token.",
    responses={
        200: {"content": {"text/event-stream": stream_description((Reindexing, Reindexed))}},
        **REFUSED,
    },
)
async def reindex(body: ReindexIn, request: Request) -> Reindexed | Response:
    service = service_of(request)
    wanted = ReindexRequest(**body.model_dump())
    events = reindex_events(service.runtime.storage, wanted)
    if not wants_events(request):
        return await unless_disconnected(request, last_reindexed(events))
    return await event_stream(events, request, request_language(request, service.settings))


@router.delete(
    "/reindex/previous",
    summary="Delete the indexes of earlier models",
    description="There is no going back to them then. Needs the operator's token.",
    responses=REFUSED,
)
async def drop_previous(request: Request) -> Dropped:
    storage = service_of(request).runtime.storage
    return Dropped(collections=await asyncio.to_thread(storage.drop_old))


@router.post(
    "/backup",
    summary="Write the library into one file",
    description="On this machine. Syncs wait meanwhile, questions do not. Needs the operator's token.",
    responses=REFUSED,
)
async def backup(body: BackupIn, request: Request) -> BackedUp:
    storage = service_of(request).runtime.storage
    return BackedUp.model_validate(await asyncio.to_thread(storage.backup, Path(body.path)))
