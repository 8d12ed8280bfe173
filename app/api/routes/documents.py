"""The documents of a knowledge base: what there is, its stored text, its passages, its file."""

from pathlib import Path
from typing import Annotated, Any, Final
from urllib.parse import unquote, urlsplit

from fastapi import APIRouter, Query
from fastapi.responses import FileResponse
from starlette.types import Receive, Scope, Send

from app.api.auth import DOCUMENTED, Guarded
from app.api.dependencies import KbDep, LanguageDep, LibraryDep, StorageDep
from app.api.wire.base import ErrorBody, not_found
from app.api.wire.documents import (
    Chunk,
    ChunkList,
    DocumentBody,
    DocumentList,
    DocumentsIn,
    DocumentText,
    ScopeDocument,
    Scopes,
    TagChange,
    TagsIn,
)
from app.api.wire.jobs import Started
from app.errors import DocumentNotFound
from app.index.protocol import Place
from app.library.document_list import DocumentOrder, list_documents
from app.library.library import DocumentStatus
from app.library.originals import Originals
from app.library.scopes import tags_and_folders
from app.runtime import Storage
from app.text.structure import structure
from ingest.uploads import again_job

router = APIRouter(tags=["documents"], route_class=Guarded, dependencies=DOCUMENTED)
NOT_FOUND: Final = not_found("document")
BUSY: Final = {"model": ErrorBody, "description": "A sync is writing; try again later."}
DELETED: Final = (
    "It is found no more, and can come back by `POST /documents/restore` until it is purged "
    "(GROUNDKB_UNDO_DAYS). A file that is still in its folder comes back with the next sync."
)

# What a browser shows by itself without running anything of the document's. All else is
# handed over as a download: a document is not to run scripts with this server's origin.
SHOWN: Final = {"application/pdf", "image/png", "image/jpeg", "image/gif", "image/webp"}


@router.get("/documents", summary="List documents", responses=not_found("knowledge base"))
def documents(
    library: LibraryDep,
    kb: KbDep,
    language: LanguageDep,
    q: Annotated[
        str | None, Query(max_length=200, description="Part of the title or source.")
    ] = None,
    status: Annotated[DocumentStatus | None, Query()] = None,
    tag: Annotated[
        tuple[str, ...], Query(max_length=50, description="May be repeated: any of them.")
    ] = (),
    folder: Annotated[
        str, Query(max_length=2_000, description="Its address, as `GET /scopes` has it.")
    ] = "",
    searchable: Annotated[
        bool, Query(description="Without those of which nothing can be found: the failed ones.")
    ] = False,
    sort: Annotated[
        DocumentOrder, Query(description="With `-` before it: the other way round.")
    ] = "source",
    limit: Annotated[int, Query(ge=1, le=10_000)] = 1_000,
    offset: Annotated[int, Query(ge=0, le=1_000_000_000)] = 0,
) -> DocumentList:
    library.require_knowledge_base(kb)
    rows, total = list_documents(
        library.engine,
        library.sight,
        kb,
        search=q or "",
        status=status,
        tags=tag,
        folder=folder,
        searchable=searchable,
        order=sort,
        limit=limit,
        offset=offset,
    )
    return DocumentList(
        documents=tuple(DocumentBody.of(row, language) for row in rows), total=total
    )


@router.get(
    "/scopes",
    summary="What can be asked about",
    description="Documents, tags and folders, for the `filter.scope` of a question.",
    responses=not_found("knowledge base"),
)
def scopes(
    library: LibraryDep,
    kb: KbDep,
    q: Annotated[str, Query(max_length=200, description="Part of the name.")] = "",
    limit: Annotated[int, Query(ge=1, le=100, description="Of each kind.")] = 8,
) -> Scopes:
    library.require_knowledge_base(kb)
    rows, _ = list_documents(
        library.engine,
        library.sight,
        kb,
        search=q.strip(),
        searchable=True,
        order="title",
        limit=limit,
    )
    tags, folders = tags_and_folders(library.engine, library.sight, kb, q.strip(), limit)
    return Scopes(
        documents=tuple(
            ScopeDocument(id=row.id, title=row.title, source=row.source) for row in rows
        ),
        tags=tuple(tags),
        folders=tuple(folders),
    )


@router.get("/documents/{document_id}", summary="One document", responses=NOT_FOUND)
def document(
    document_id: str, library: LibraryDep, kb: KbDep, language: LanguageDep
) -> DocumentBody:
    return DocumentBody.of(library.document(kb, document_id), language)


@router.delete(
    "/documents/{document_id}",
    status_code=204,
    summary="Delete a document",
    description=DELETED,
    responses=NOT_FOUND,
)
def delete(document_id: str, storage: StorageDep, kb: KbDep) -> None:
    storage.delete(kb, (document_id,))


@router.post(
    "/documents/delete",
    status_code=204,
    summary="Delete documents",
    description=f"All or, where one is unknown, none. {DELETED}",
    responses=NOT_FOUND,
)
def delete_all(body: DocumentsIn, storage: StorageDep, kb: KbDep) -> None:
    storage.delete(kb, body.distinct)


@router.post(
    "/documents/restore",
    summary="Undo the deletion",
    description="All or, where one was purged, none. Nothing is embedded again, unless the index "
    "was made anew since: then a document is found once the job that takes it in is done.",
    responses=NOT_FOUND,
)
def restore(
    body: DocumentsIn, storage: StorageDep, kb: KbDep, language: LanguageDep
) -> DocumentList:
    rows = storage.restore(kb, body.distinct)
    return DocumentList(
        documents=tuple(DocumentBody.of(row, language) for row in rows), total=len(rows)
    )


@router.post(
    "/documents/tags",
    status_code=204,
    summary="Change the tags of documents",
    description="Nothing is embedded anew. All or, where a document is unknown, none.",
    responses={409: BUSY, **NOT_FOUND},
)
def change_tags(body: TagChange, storage: StorageDep, kb: KbDep) -> None:
    storage.change_tags(kb, body.distinct, body.add, body.remove)


@router.put(
    "/documents/{document_id}/tags",
    summary="Set a document's tags",
    description="Nothing is embedded anew. Tags set here outlive those in the file at its next change.",
    responses={409: BUSY, **NOT_FOUND},
)
def set_tags(
    document_id: str, body: TagsIn, storage: StorageDep, kb: KbDep, language: LanguageDep
) -> DocumentBody:
    storage.library.document(kb, document_id)
    storage.set_tags(kb, document_id, tuple(dict.fromkeys(body.tags)))
    return DocumentBody.of(storage.library.document(kb, document_id), language)


@router.post(
    "/documents/{document_id}/retry",
    status_code=202,
    summary="Read a document again",
    description="From where it came, though its file has not changed since it failed.",
    responses=NOT_FOUND,
)
def retry(document_id: str, storage: StorageDep, kb: KbDep) -> Started:
    row = storage.library.document(kb, document_id)
    storage.library.reconsider(kb, document_id)
    return Started(job_id=storage.queue(again_job(kb, row.source)).id)


@router.get("/documents/{document_id}/text", summary="The stored text", responses=NOT_FOUND)
def text(
    document_id: str,
    storage: StorageDep,
    kb: KbDep,
    revision: Annotated[str | None, Query(description="Unset: the current one.")] = None,
) -> DocumentText:
    library = storage.library
    row = library.document(kb, document_id)
    wanted = revision or row.revision
    if wanted is None:
        raise DocumentNotFound(document=document_id)
    stored = library.text(kb, document_id, wanted)
    return DocumentText(
        document_id=document_id,
        revision=wanted,
        text=stored,
        blocks=tuple(structure(stored, _sections(storage, kb, document_id, wanted))),
    )


@router.get(
    "/documents/{document_id}/chunks", summary="Its passages in the index", responses=NOT_FOUND
)
def chunks(document_id: str, storage: StorageDep, kb: KbDep) -> ChunkList:
    return chunk_list(storage, kb, document_id)


@router.get(
    "/documents/{document_id}/original",
    summary="The file itself",
    response_class=FileResponse,
    responses=NOT_FOUND,
)
def original(document_id: str, library: LibraryDep, kb: KbDep) -> FileResponse:
    row = library.document(kb, document_id)
    path = library.original(kb, document_id)
    media_type, disposition = row.media_type or "application/octet-stream", "attachment"
    if media_type in SHOWN:
        disposition = "inline"
    elif media_type in ("text/plain", "text/markdown"):
        media_type, disposition = "text/plain; charset=utf-8", "inline"
    name = unquote(urlsplit(row.source).path).rsplit("/", 1)[-1] or row.id
    return _Original(
        path,
        library.originals,
        media_type=media_type,
        filename=name,
        content_disposition_type=disposition,
        headers={
            "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
            # Else a proxy or a browser keeps it for somebody else, or for when the rights are gone.
            "Cache-Control": "no-store",
        },
    )


class _Original(FileResponse):
    """A file that is let go of once it is sent, or nobody listens any more."""

    def __init__(self, path: Path, originals: Originals, **how: Any) -> None:
        super().__init__(path, **how)
        self._originals = originals

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._originals.release(Path(self.path))


def _sections(
    storage: Storage, kb: str, document_id: str, revision: str
) -> list[tuple[int, tuple[str, ...]]]:
    """The heading paths of a revision, as far as the index still has it."""
    index = storage.indexes.current(kb)
    if index is None:
        return []
    return sorted(
        (place.start, place.section)
        for passage in index.passages(document_id, revision)
        for place in passage.places or (Place(passage.start, None, passage.section),)
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
