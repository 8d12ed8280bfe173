"""The API as the command line uses it: over HTTP, as the operator of the server.

There is one way to the library. Where a server has it open, the command asks that one; where none
has, it serves the application itself for as long as it runs (`app.cli.here`).
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import quote

import httpx
from httpx_sse import ServerSentEvent, aconnect_sse
from pydantic import BaseModel, TypeAdapter, ValidationError

from app.api.auth import OPERATOR_HEADER
from app.api.routes.jobs import LOOK_SECONDS
from app.api.wire.answers import AskRequest
from app.api.wire.base import ErrorBody
from app.api.wire.curated import CuratedBody, CuratedIn, CuratedList
from app.api.wire.documents import (
    ChunkList,
    DocumentBody,
    DocumentList,
    DocumentText,
    TagsIn,
)
from app.api.wire.events import AskEvent, event_of
from app.api.wire.gaps import Gaps
from app.api.wire.health import Ready
from app.api.wire.jobs import Job, JobList, Started, UploadJobs
from app.api.wire.maintenance import BackupIn, Dropped, ReindexIn
from app.api.wire.rights import AddressGroups, GroupsIn, Rights
from app.api.wire.search import SearchRequest, SearchResult
from app.api.wire.shadow import Promotion, ShadowIn, ShadowStatus
from app.api.wire.syncs import SyncEvent, SyncIn
from app.cli.server_file import RunningServer
from app.errors import (
    GroundkbError,
    Phrase,
    RemoteError,
    ServerUnreachable,
    SourceMissing,
    SourceUnreadable,
    reason_of,
)
from app.library.jobs import FINISHED
from app.library.sources import SourceRow
from ingest.backup import BackupReport
from ingest.reindex import ReindexProgress, ReindexReport
from ingest.uploads import OnConflict

# Streams send a heartbeat every 15 seconds; a search waits for no model.
TIMEOUT = httpx.Timeout(60.0, connect=5.0)
# A backup waits for a sync to end, and packs gigabytes.
UPKEEP_TIMEOUT = httpx.Timeout(7200.0, connect=5.0)


class Client:
    """Every method raises RemoteError, which is the server's own error, and ServerUnreachable."""

    def __init__(
        self, client: httpx.AsyncClient, url: str, headers: Mapping[str, str] | None = None
    ) -> None:
        """`headers` go with every request but that of `ready`."""
        self._client = client
        self._url = url
        self._headers = dict(headers or {})

    async def ask(self, body: AskRequest) -> AsyncIterator[AskEvent]:
        async for event in self._events("/ask", body):
            yield event

    async def sync(self, body: SyncIn) -> AsyncIterator[SyncEvent]:
        async for event in self._events("/sync", body):
            yield event

    async def cancel(self, job_id: str) -> Job:
        """The job, which ends within a moment, or has ended."""
        response = await self._request("POST", f"/jobs/{job_id}/cancel")
        return Job.model_validate_json(response.content)

    async def reindex(self, body: ReindexIn) -> AsyncIterator[ReindexProgress | ReindexReport]:
        async for event in self._events("/reindex", body):
            yield event

    async def drop_old(self) -> Dropped:
        response = await self._request("DELETE", "/reindex/previous", timeout=UPKEEP_TIMEOUT)
        return Dropped.model_validate_json(response.content)

    async def backup(self, path: Path) -> BackupReport:
        body = BackupIn(path=str(path)).model_dump_json()
        response = await self._request("POST", "/backup", content=body, timeout=UPKEEP_TIMEOUT)
        return TypeAdapter(BackupReport).validate_json(response.content)

    async def search(self, body: SearchRequest) -> SearchResult:
        response = await self._request("POST", "/search", content=body.model_dump_json())
        return SearchResult.model_validate_json(response.content)

    async def remove(self, kb: str, document_id: str) -> None:
        await self._request("DELETE", f"/documents/{document_id}", params={"kb": kb})

    async def delete_knowledge_base(self, kb: str) -> None:
        await self._request("DELETE", f"/knowledge-bases/{kb}", timeout=UPKEEP_TIMEOUT)

    async def set_tags(self, kb: str, document_id: str, tags: tuple[str, ...]) -> None:
        body = TagsIn(tags=tags).model_dump_json()
        path = f"/documents/{document_id}/tags"
        await self._request("PUT", path, content=body, params={"kb": kb})

    async def limit_document(self, kb: str, document_id: str, groups: Sequence[str]) -> Rights:
        body = GroupsIn(groups=tuple(groups)).model_dump_json()
        path = f"/documents/{document_id}/groups"
        return await self._limit(path, body, kb)

    async def limit_address(self, kb: str, address: str, groups: Sequence[str]) -> Rights:
        body = AddressGroups(address=address, groups=tuple(groups)).model_dump_json()
        return await self._limit("/rights/address", body, kb)

    async def _limit(self, path: str, body: str, kb: str) -> Rights:
        response = await self._request("PUT", path, content=body, params={"kb": kb})
        return Rights.model_validate_json(response.content)

    async def chunks(self, kb: str, document_id: str) -> ChunkList:
        response = await self._request("GET", f"/documents/{document_id}/chunks", params={"kb": kb})
        return ChunkList.model_validate_json(response.content)

    async def gaps(self, kb: str | None) -> Gaps:
        response = await self._request("GET", "/gaps", params=_params(kb), timeout=UPKEEP_TIMEOUT)
        return Gaps.model_validate_json(response.content)

    async def curated(self, kb: str) -> CuratedList:
        response = await self._request("GET", f"/knowledge-bases/{kb}/curated-answers")
        return CuratedList.model_validate_json(response.content)

    async def add_curated(self, kb: str, body: CuratedIn) -> CuratedBody:
        path = f"/knowledge-bases/{kb}/curated-answers"
        response = await self._request("POST", path, content=body.model_dump_json())
        return CuratedBody.model_validate_json(response.content)

    async def remove_curated(self, kb: str, identifier: str) -> None:
        await self._request("DELETE", f"/knowledge-bases/{kb}/curated-answers/{_part(identifier)}")

    async def shadow(self) -> ShadowStatus:
        response = await self._request("GET", "/shadow")
        return ShadowStatus.model_validate_json(response.content)

    async def start_shadow(self, body: ShadowIn) -> ShadowStatus:
        response = await self._request(
            "POST", "/shadow", content=body.model_dump_json(), timeout=UPKEEP_TIMEOUT
        )
        return ShadowStatus.model_validate_json(response.content)

    async def stop_shadow(self) -> ShadowStatus:
        response = await self._request("DELETE", "/shadow", timeout=UPKEEP_TIMEOUT)
        return ShadowStatus.model_validate_json(response.content)

    async def promote_shadow(self, body: Promotion) -> ShadowStatus:
        response = await self._request(
            "POST", "/shadow/promotion", content=body.model_dump_json(), timeout=UPKEEP_TIMEOUT
        )
        return ShadowStatus.model_validate_json(response.content)

    async def documents(self, kb: str | None, **query: str) -> DocumentList:
        """`query` as in GET /documents: `q`, `tag`, `limit`, `offset`."""
        response = await self._request("GET", "/documents", params=_params(kb, **query))
        return DocumentList.model_validate_json(response.content)

    async def document(self, kb: str | None, document_id: str) -> DocumentBody:
        response = await self._request(
            "GET", f"/documents/{_part(document_id)}", params=_params(kb)
        )
        return DocumentBody.model_validate_json(response.content)

    async def text(self, kb: str | None, document_id: str) -> DocumentText:
        path = f"/documents/{_part(document_id)}/text"
        response = await self._request("GET", path, params=_params(kb))
        return DocumentText.model_validate_json(response.content)

    async def upload(
        self, kb: str, paths: Sequence[Path], on_conflict: OnConflict = "refuse"
    ) -> list[Job]:
        """The jobs of the files, all of them ended."""
        with contextlib.ExitStack() as stack:
            files = [
                (
                    "files",
                    (path.name, stack.enter_context(_opened(path)), "application/octet-stream"),
                )
                for path in paths
            ]
            params = {"kb": kb, "on_conflict": on_conflict}
            response = await self._request("POST", "/documents", params=params, files=files)
        queued = UploadJobs.model_validate_json(response.content).jobs
        return [await self._ended(job.job_id) for job in queued]

    async def sync_source(self, source: SourceRow) -> Job:
        """The job that synced a registered source, ended."""
        response = await self._request("POST", f"/sources/{source.id}/sync")
        return await self._ended(Started.model_validate_json(response.content).job_id)

    async def takes_in(self, kb: str | None) -> bool:
        """Whether documents are being taken in, or wait for it."""
        response = await self._request("GET", "/jobs", params=_params(kb, limit="20"))
        jobs = JobList.model_validate_json(response.content).jobs
        return any(job.status not in FINISHED for job in jobs)

    async def _ended(self, job_id: str) -> Job:
        while True:
            response = await self._request("GET", f"/jobs/{job_id}")
            job = Job.model_validate_json(response.content)
            if job.status in FINISHED:
                return job
            await asyncio.sleep(LOOK_SECONDS)

    async def ready(self) -> Ready:
        """What /readyz says, be it 200 or 503."""
        try:
            response = await self._client.get("/readyz")
            return Ready.model_validate_json(response.content)
        except (httpx.HTTPError, ValidationError) as error:
            raise self._unreachable(error) from error

    async def _request(
        self,
        method: str,
        path: str,
        content: str | None = None,
        params: dict[str, str] | None = None,
        files: Sequence[tuple[str, tuple[str, BinaryIO, str]]] | None = None,
        timeout: httpx.Timeout = TIMEOUT,
    ) -> httpx.Response:
        headers = {**self._headers, **({"Content-Type": "application/json"} if content else {})}
        try:
            response = await self._client.request(
                method,
                path,
                content=content,
                params=params,
                files=files,
                headers=headers,
                timeout=timeout,
            )
        except httpx.HTTPError as error:
            raise self._unreachable(error) from error
        if response.is_error:
            raise self._named(response.content)
        return response

    async def _events(self, path: str, body: BaseModel) -> AsyncIterator[Any]:
        ended = False
        try:
            async with aconnect_sse(
                self._client,
                "POST",
                path,
                content=body.model_dump_json(),
                headers={**self._headers, "Content-Type": "application/json"},
            ) as source:
                if source.response.is_error:
                    raise self._named(await source.response.aread())
                async for event in source.aiter_sse():
                    ended = event.event in ("done", "report", "reindexed")
                    yield self._wire(event)
        except httpx.HTTPError as error:
            raise self._unreachable(error) from error
        if not ended:
            raise ServerUnreachable(url=self._url, detail=Phrase("stream_without_end"))

    def _wire(self, event: ServerSentEvent) -> Any:
        if event.event == "error":
            raise self._named(event.data.encode())
        try:
            return event_of(event.event, event.data)
        except (KeyError, ValidationError) as error:
            raise self._unreachable(error) from error

    def _named(self, body: bytes) -> GroundkbError:
        try:
            # What else the answer holds is for other callers, or of a newer server.
            error = ErrorBody.model_validate_json(body, extra="ignore").error
        except ValidationError as unknown:
            return self._unreachable(unknown)
        return RemoteError(error.code, error.message, error.hint)

    def _unreachable(self, error: Exception) -> ServerUnreachable:
        return ServerUnreachable(url=self._url, detail=reason_of(error))


def _params(kb: str | None, **query: str) -> dict[str, str]:
    """The query of a request; without `kb`, the server's default one is meant."""
    return {**({"kb": kb} if kb else {}), **query}


def _part(value: str) -> str:
    """A value as one part of a path."""
    return quote(value, safe="")


def _opened(path: Path) -> BinaryIO:
    """Raises SourceMissing and SourceUnreadable."""
    try:
        return path.open("rb")
    except FileNotFoundError:
        raise SourceMissing(path=str(path)) from None
    except OSError as error:
        raise SourceUnreadable(path=str(path), detail=error.strerror or str(error)) from error


@asynccontextmanager
async def connected(server: RunningServer, language: str) -> AsyncIterator[Client]:
    """A client of `server` that is told its errors in `language`."""
    headers = {OPERATOR_HEADER: server.token, "Accept-Language": language}
    async with httpx.AsyncClient(
        base_url=server.url, headers=headers, timeout=TIMEOUT, trust_env=False
    ) as client:
        yield Client(client, server.url)
