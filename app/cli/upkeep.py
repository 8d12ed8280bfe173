"""Reindex and backup: in this process, or by the server that has the library open."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from app.api.routes.maintenance import reindex_events
from app.api.wire.maintenance import Dropped, ReindexIn
from app.cli.backend import storage_or_remote
from app.errors import Language
from app.runtime import Storage
from app.settings import Settings
from ingest.backup import BackupReport
from ingest.reindex import ReindexProgress, ReindexReport, ReindexRequest, to_set


class Upkeep(Protocol):
    def reindex(self, body: ReindexIn) -> AsyncIterator[ReindexProgress | ReindexReport]: ...

    async def drop_old(self) -> Dropped: ...

    async def backup(self, path: Path) -> BackupReport: ...


class LocalUpkeep:
    """`settings` are those of the command line, `storage` is open with the wanted model."""

    def __init__(self, storage: Storage, settings: Settings) -> None:
        self._storage = storage
        self._settings = settings

    async def reindex(self, body: ReindexIn) -> AsyncIterator[ReindexProgress | ReindexReport]:
        request = ReindexRequest(**body.model_dump())
        changed = to_set({} if request.rollback else request.changes(self._settings))
        async for event in reindex_events(self._storage, request):
            if isinstance(event, ReindexReport):
                yield replace(event, to_set={**changed, **event.to_set})
            else:
                yield event

    async def drop_old(self) -> Dropped:
        return Dropped(collections=await asyncio.to_thread(self._storage.drop_old))

    async def backup(self, path: Path) -> BackupReport:
        return await asyncio.to_thread(self._storage.backup, path)


@asynccontextmanager
async def open_upkeep(
    settings: Settings, language: Language, wanted: ReindexRequest | None = None
) -> AsyncIterator[Upkeep]:
    """Without a server the library is opened with the model of `wanted`. Raises as `open_storage`
    does, and ServerUnreachable."""
    changed = wanted.changes(settings) if wanted else {}
    target = settings.model_copy(update=changed)
    async with storage_or_remote(
        target, language, lambda storage: LocalUpkeep(storage, settings)
    ) as upkeep:
        yield upkeep
