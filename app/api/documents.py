"""The documents of a knowledge base: what there is, its stored text, its passages, its file."""

import asyncio
from datetime import datetime
from typing import Annotated, Literal, Self
from urllib.parse import unquote, urlsplit

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import FileResponse
from pydantic import Field, StringConstraints

from app.api.ask import FAILURES
from app.api.auth import DOCUMENTED, Guarded
from app.api.events import in_language
from app.api.language import request_language
from app.api.queries import Kb
from app.api.schemas import ErrorBody, Span, Wire
from app.api.service import Service, service_of
from app.errors import DocumentNotFound, Language
from app.index.protocol import Passage
from app.library.library import DocumentRow
from app.runtime import Storage

router = APIRouter(tags=["documents"], route_class=Guarded, dependencies=DOCUMENTED)
NOT_FOUND: dict[int | str, dict[str, object]] = {
    404: {"model": ErrorBody, "description": "There is no such document."},
    **FAILURES,
}
Tag = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]

# What a browser shows by itself without running anything of the document's. All else is
# handed over as a download: a document is not to run scripts with this server's origin.
SHOWN = {"application/pdf", "image/png", "image/jpeg", "image/gif", "image/webp"}


class Failure(Wire):
    """Why the newest revision could not be taken in."""

    code: str
    message: str
    hint: str


class DocumentBody(Wire):
    id: str
    kb: str
    source: str
    title: str
    status: Literal["ready", "stale", "failed"] = Field(
        description="stale: an older revision is shown, since the newest failed."
    )
    revision: str | None
    media_type: str
    size: int = Field(description="Bytes.")
    chunks: int
    tags: tuple[str, ...]
    failure: Failure | None
    added_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, row: DocumentRow, language: Language) -> Self:
        failure = row.failure and Failure(**in_language(row.failure, language))
        plain = {name: getattr(row, name) for name in cls.model_fields if name not in ("failure",)}
        return cls(**plain, failure=failure or None)


class DocumentList(Wire):
    documents: tuple[DocumentBody, ...]
    total: int = Field(description="Documents that match, on all pages.")


class DocumentText(Wire):
    """What all offsets refer to."""

    document_id: str
    revision: str
    text: str


class Chunk(Wire):
    id: str
    ordinal: int
    text: str
    start: int
    end: int
    windows: tuple[Span, ...]
    page: int | None
    section: tuple[str, ...]
    language: Language

    @classmethod
    def of(cls, passage: Passage) -> Self:
        return cls(
            id=passage.id,
            ordinal=passage.ordinal,
            text=passage.text,
            start=passage.start,
            end=passage.end,
            windows=tuple(Span(start=start, end=end) for start, end in passage.windows),
            page=passage.page,
            section=passage.section,
            language=passage.language,
        )


class ChunkList(Wire):
    document_id: str
    revision: str
    chunks: tuple[Chunk, ...]


class TagsIn(Wire):
    tags: tuple[Tag, ...] = Field(max_length=50)


class KnowledgeBases(Wire):
    knowledge_bases: tuple[str, ...]
    default: str


@router.get("/knowledge-bases", summary="List knowledge bases", responses=FAILURES)
async def knowledge_bases(request: Request) -> KnowledgeBases:
    service = service_of(request)
    names = await asyncio.to_thread(service.runtime.library.knowledge_bases)
    return KnowledgeBases(knowledge_bases=tuple(names), default=service.settings.kb)


@router.get("/documents", summary="List documents", responses=FAILURES)
async def documents(
    request: Request,
    kb: Kb = None,
    q: Annotated[str | None, Query(description="Part of the title or source.")] = None,
    status: Annotated[Literal["ready", "stale", "failed"] | None, Query()] = None,
    limit: Annotated[int, Query(ge=1, le=10_000)] = 1_000,
    offset: Annotated[int, Query(ge=0)] = 0,
) -> DocumentList:
    service = service_of(request)
    rows = await asyncio.to_thread(service.runtime.library.documents, service.kb(kb))
    sought = (q or "").casefold()
    rows = [
        row
        for row in rows
        if (status is None or row.status == status)
        and (not sought or sought in f"{row.title}\n{unquote(row.source)}".casefold())
    ]
    page = tuple(_body(row, request) for row in rows[offset : offset + limit])
    return DocumentList(documents=page, total=len(rows))


@router.get("/documents/{document_id}", summary="One document", responses=NOT_FOUND)
async def document(document_id: str, request: Request, kb: Kb = None) -> DocumentBody:
    return _body(await _row(service_of(request), kb, document_id), request)


@router.delete(
    "/documents/{document_id}",
    status_code=204,
    summary="Remove a document",
    description="From the library, not from its source: a file that is still there comes back "
    "with the next sync of its folder.",
    responses=NOT_FOUND,
)
async def remove(document_id: str, request: Request, kb: Kb = None) -> Response:
    service = service_of(request)
    storage = service.runtime.storage
    await _row(service, kb, document_id)
    await asyncio.to_thread(storage.remove, service.kb(kb), (document_id,))
    return Response(status_code=204)


@router.put(
    "/documents/{document_id}/tags",
    summary="Set a document's tags",
    description="Nothing is embedded anew. Tags set here outlive those in the file at its next change.",
    responses={
        409: {"model": ErrorBody, "description": "A sync is writing; try again later."},
        **NOT_FOUND,
    },
)
async def set_tags(document_id: str, body: TagsIn, request: Request, kb: Kb = None) -> DocumentBody:
    service = service_of(request)
    storage = service.runtime.storage
    await _row(service, kb, document_id)
    tags = tuple(dict.fromkeys(body.tags))
    await asyncio.to_thread(storage.set_tags, service.kb(kb), document_id, tags)
    return _body(await _row(service, kb, document_id), request)


@router.get("/documents/{document_id}/text", summary="The stored text", responses=NOT_FOUND)
async def text(
    document_id: str,
    request: Request,
    kb: Kb = None,
    revision: Annotated[str | None, Query(description="Unset: the current one.")] = None,
) -> DocumentText:
    service = service_of(request)
    row = await _row(service, kb, document_id)
    wanted = revision or row.revision
    if wanted is None:
        raise DocumentNotFound(document=document_id)
    stored = await asyncio.to_thread(
        service.runtime.library.text, service.kb(kb), document_id, wanted
    )
    return DocumentText(document_id=document_id, revision=wanted, text=stored)


@router.get(
    "/documents/{document_id}/chunks", summary="Its passages in the index", responses=NOT_FOUND
)
async def chunks(document_id: str, request: Request, kb: Kb = None) -> ChunkList:
    service = service_of(request)
    return await asyncio.to_thread(chunk_list, service.runtime.storage, service.kb(kb), document_id)


@router.get(
    "/documents/{document_id}/original",
    summary="The file itself",
    response_class=FileResponse,
    responses=NOT_FOUND,
)
async def original(document_id: str, request: Request, kb: Kb = None) -> FileResponse:
    service = service_of(request)
    row = await _row(service, kb, document_id)
    path = await asyncio.to_thread(service.runtime.library.original, service.kb(kb), document_id)
    media_type, disposition = row.media_type or "application/octet-stream", "attachment"
    if media_type in SHOWN:
        disposition = "inline"
    elif media_type in ("text/plain", "text/markdown"):
        media_type, disposition = "text/plain; charset=utf-8", "inline"
    name = unquote(urlsplit(row.source).path).rsplit("/", 1)[-1] or row.id
    return FileResponse(
        path,
        media_type=media_type,
        filename=name,
        content_disposition_type=disposition,
        headers={"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'"},
    )


def chunk_list(storage: Storage, kb: str, document_id: str) -> ChunkList:
    """Blocking. Raises DocumentNotFound and the index's errors."""
    row = storage.library.document(kb, document_id)
    index = storage.indexes.current(kb)
    if row.revision is None or index is None:
        raise DocumentNotFound(document=document_id)
    passages = index.passages(document_id, row.revision)
    return ChunkList(
        document_id=document_id,
        revision=row.revision,
        chunks=tuple(Chunk.of(passage) for passage in passages),
    )


async def _row(service: Service, kb: str | None, document_id: str) -> DocumentRow:
    return await asyncio.to_thread(service.runtime.library.document, service.kb(kb), document_id)


def _body(row: DocumentRow, request: Request) -> DocumentBody:
    from_service = service_of(request).settings
    return DocumentBody.of(row, request_language(request, from_service))
