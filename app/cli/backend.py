"""The two ways to the library: in this process, or through the server that has it open.

Both speak the wire format, so that what is shown and printed as JSON is the same either way.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import aclosing, asynccontextmanager
from pathlib import Path
from typing import Final, Protocol, TypeVar
from uuid import uuid4

from app.answering.answer import Question
from app.api.conversing import ask_events, filter_of
from app.api.routes.documents import chunk_list
from app.api.routes.sync import sync_events
from app.api.wire.answers import AskRequest
from app.api.wire.documents import ChunkList
from app.api.wire.events import AskEvent
from app.api.wire.jobs import Job
from app.api.wire.search import SearchRequest, SearchResult
from app.api.wire.syncs import SyncEvent, SyncIn
from app.cli.remote import Remote, open_remote
from app.cli.server_file import RunningServer, find_server
from app.errors import IndexInUse, Language
from app.library.sources import SourceRow
from app.runtime import Runtime, Storage, open_runtime, open_storage
from app.settings import Settings
from ingest.report import SyncRequest
from ingest.schedule import source_job
from ingest.uploads import Uploads, safe_name, upload_job

# A server that has just taken the index writes its file within this time.
HANDOVER_SECONDS: Final = 5.0
Opened = TypeVar("Opened")
Local = TypeVar("Local")


class Asking(Protocol):
    def ask(self, body: AskRequest) -> AsyncIterator[AskEvent]: ...

    async def search(self, body: SearchRequest) -> SearchResult: ...


class Keeping(Protocol):
    def sync(self, body: SyncIn) -> AsyncIterator[SyncEvent]: ...

    async def remove(self, kb: str, document_id: str) -> None: ...

    async def set_tags(self, kb: str, document_id: str, tags: tuple[str, ...]) -> None: ...

    async def chunks(self, kb: str, document_id: str) -> ChunkList: ...

    async def upload(self, kb: str, paths: Sequence[Path]) -> list[Job]:
        """The jobs of the files, all of them ended."""
        ...

    async def sync_source(self, source: SourceRow) -> Job:
        """The job that synced a registered source, ended."""
        ...


class LocalAsking:
    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    async def ask(self, body: AskRequest) -> AsyncIterator[AskEvent]:
        async with aclosing(ask_events(body, self._runtime)) as events:
            async for event in events:
                yield event

    async def search(self, body: SearchRequest) -> SearchResult:
        kb = body.kb or self._runtime.settings.kb
        question = Question(body.question, kb, filter_of(body.filter))
        found = await self._runtime.answerer.search(question, body.limit, body.mode)
        return SearchResult.of(found)


class LocalKeeping:
    def __init__(self, storage: Storage, language: Language) -> None:
        self._storage = storage
        self._language = language

    def sync(self, body: SyncIn) -> AsyncIterator[SyncEvent]:
        kb = body.kb or self._storage.settings.kb
        wanted = SyncRequest(body.roots, kb, body.dry_run, body.allow_mass_delete, body.engine)
        return sync_events(self._storage, wanted, self._language)

    async def remove(self, kb: str, document_id: str) -> None:
        await asyncio.to_thread(self._storage.remove, kb, (document_id,))

    async def set_tags(self, kb: str, document_id: str, tags: tuple[str, ...]) -> None:
        await asyncio.to_thread(self._storage.set_tags, kb, document_id, tags)

    async def chunks(self, kb: str, document_id: str) -> ChunkList:
        return await asyncio.to_thread(chunk_list, self._storage, kb, document_id)

    async def upload(self, kb: str, paths: Sequence[Path]) -> list[Job]:
        return [await asyncio.to_thread(self._take_in, kb, path) for path in paths]

    async def sync_source(self, source: SourceRow) -> Job:
        row = await asyncio.to_thread(self._storage.jobs.run_here, source_job(source))
        return Job.of(row, self._language)

    def _take_in(self, kb: str, path: Path) -> Job:
        job_id, name = str(uuid4()), safe_name(path.name)
        Uploads(self._storage.settings.data).copy_in(kb, job_id, name, path)
        row = self._storage.jobs.run_here(upload_job(kb, name), job_id)
        return Job.of(row, self._language)


@asynccontextmanager
async def open_asking(settings: Settings, language: Language) -> AsyncIterator[Asking]:
    """Raises as `open_runtime` does, and ServerUnreachable."""
    async with here_or_remote(
        settings, language, lambda: open_runtime(settings), LocalAsking, Runtime.close
    ) as asking:
        yield asking


@asynccontextmanager
async def open_keeping(settings: Settings, language: Language) -> AsyncIterator[Keeping]:
    """Raises as `open_storage` does, and ServerUnreachable."""
    async with storage_or_remote(
        settings, language, lambda storage: LocalKeeping(storage, language)
    ) as keeping:
        yield keeping


@asynccontextmanager
async def storage_or_remote(
    settings: Settings, language: Language, local: Callable[[Storage], Local]
) -> AsyncIterator[Local | Remote]:
    """`here_or_remote` for what needs no chat model; opened here as `settings` say."""

    async def close(storage: Storage) -> None:
        await asyncio.to_thread(storage.close)

    async with here_or_remote(
        settings, language, lambda: asyncio.to_thread(open_storage, settings), local, close
    ) as found:
        yield found


@asynccontextmanager
async def here_or_remote(
    settings: Settings,
    language: Language,
    open_here: Callable[[], Awaitable[Opened]],
    local: Callable[[Opened], Local],
    close: Callable[[Opened], Awaitable[None]],
) -> AsyncIterator[Local | Remote]:
    """The running server of this library, or what `local` makes of what `open_here` opens.

    Raises as `open_here` does, and ServerUnreachable.
    """
    opened = await _server_or(settings, open_here)
    if isinstance(opened, RunningServer):
        async with open_remote(opened, language) as remote:
            yield remote
        return
    try:
        yield local(opened)
    finally:
        await close(opened)


async def _server_or(
    settings: Settings, open_here: Callable[[], Awaitable[Opened]]
) -> Opened | RunningServer:
    """The server of this library if one runs; else what `open_here` opens."""
    deadline = time.monotonic() + HANDOVER_SECONDS
    while True:
        server = await find_server(settings.data, settings.host)
        if server is not None:
            return server
        try:
            return await open_here()
        except IndexInUse:
            if time.monotonic() > deadline:
                raise
            await asyncio.sleep(0.3)
