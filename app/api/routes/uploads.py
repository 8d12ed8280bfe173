"""POST /documents: files that come in as multipart/form-data go straight to disk, one job each."""

import asyncio
import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, BinaryIO, Final
from uuid import uuid4

import python_multipart
from fastapi import APIRouter, Query, Request
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import parse_options_header

from app.api.auth import DOCUMENTED, Guarded
from app.api.dependencies import KbDep, ServiceDep, StorageDep
from app.api.wire.base import FAILURES, ErrorBody
from app.api.wire.jobs import NameTakenBody, UploadJob, UploadJobs
from app.errors import (
    DocumentTooLarge,
    GroundkbError,
    Phrase,
    RequestInvalid,
    TooManyFiles,
    UploadTooLarge,
    too_many_bytes,
)
from app.library.disk import needs_room
from app.library.locks import locks_of
from app.runtime import Storage
from app.settings import Settings
from ingest.faults import concerns_one_document
from ingest.sources.archives import Archives, Packed, may_be_opened
from ingest.sources.found import FoundFile
from ingest.sources.names import safe_path
from ingest.uploads import (
    OnConflict,
    Uploads,
    choose_names,
    upload_job,
    uploads_of,
)

router = APIRouter(tags=["documents"], route_class=Guarded, dependencies=DOCUMENTED)
PATH: Final = "/documents"
FORM: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["files"],
                    "properties": {
                        "files": {
                            "type": "array",
                            "items": {"type": "string", "format": "binary"},
                        }
                    },
                }
            }
        },
    }
}


@dataclass
class _File:
    job_id: str
    name: str
    path: Path
    file: BinaryIO
    size: int = 0
    too_large: bool = False
    digest: Any = field(default_factory=hashlib.sha256)  # hashlib has no name for its type
    error: GroundkbError | None = None

    @property
    def is_archive(self) -> bool:
        return not self.too_large and may_be_opened(self.path)

    def write(self, data: bytes, limit: int) -> None:
        """What is beyond `limit` bytes in all, and what came before it, is dropped."""
        if self.too_large:
            return
        self.size += len(data)
        if self.size > limit:
            self.too_large = True
            self.file.truncate(0)
        else:
            self.digest.update(data)
            self.file.write(data)

    def end(self) -> None:
        """All is written."""
        self.file.flush()
        os.fsync(self.file.fileno())
        self.file.close()

    def refused(self, settings: Settings) -> GroundkbError | None:
        """Why it is not taken in, whatever it holds."""
        if self.too_large:
            return DocumentTooLarge(path=self.name, detail=too_many_bytes(settings.max_file_bytes))
        return self.error


@dataclass
class _Receiver:
    """Writes the files of a form to where their jobs will look for them. Parts that are no files
    are passed over. A file over the limit is cut off and remembered as too large."""

    settings: Settings
    kb: str
    uploads: Uploads
    files: list[_File] = field(default_factory=list)
    _name: bytes = b""
    _value: bytes = b""
    _disposition: bytes = b""
    _current: _File | None = None

    def callbacks(self) -> dict[str, Callable[..., None]]:
        return {
            "on_part_begin": self._begin,
            "on_header_field": self._field,
            "on_header_value": self._header,
            "on_header_end": self._header_end,
            "on_headers_finished": self._headers_finished,
            "on_part_data": self._data,
            "on_part_end": self._end,
        }

    def _begin(self) -> None:
        self._name = self._value = self._disposition = b""

    def _field(self, data: bytes, start: int, end: int) -> None:
        self._name += data[start:end]

    def _header(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _header_end(self) -> None:
        if self._name.lower() == b"content-disposition":
            self._disposition = self._value
        self._name = self._value = b""

    def _headers_finished(self) -> None:
        _, options = parse_options_header(self._disposition)
        if b"filename" not in options:
            return
        if len(self.files) >= self.settings.max_upload_files:
            raise TooManyFiles(limit=self.settings.max_upload_files)
        self._current = self.open(safe_path(_file_name(options[b"filename"])))
        self.files.append(self._current)

    def open(self, name: str) -> _File:
        """A new file, for a job of its own."""
        job_id = str(uuid4())
        path = self.uploads.stage(self.kb, job_id, name)
        return _File(job_id, name, path, path.open("xb"))

    def _data(self, data: bytes, start: int, end: int) -> None:
        if self._current is not None:
            self._current.write(data[start:end], self.settings.max_file_bytes)

    def _end(self) -> None:
        if self._current is not None:
            self._current.end()
            self._current = None

    @property
    def unfinished(self) -> bool:
        return self._current is not None

    def abandon(self) -> None:
        """Delete all that came in."""
        for file in self.files:
            file.file.close()
            self.uploads.discard(self.kb, file.job_id)


def _file_name(sent: bytes) -> str:
    """What a browser calls a file: it escapes just these three characters in a form."""
    name = sent.decode("utf-8", errors="replace")
    for escaped, char in (("%22", '"'), ("%0D", " "), ("%0A", " ")):
        name = name.replace(escaped, char)
    return name


@router.post(
    PATH,
    status_code=202,
    summary="Upload documents",
    description="Each file becomes a job of its own, so that a bad one does not hold up the others; "
    "`GET /jobs/{id}` tells how far it is. A file whose name another upload has, with other "
    "contents, is a question: without an answer to it in `on_conflict` nothing is taken in and the "
    "error names the documents. Equal bytes are the same document, and the job says so. A file name with "
    "folders (`handbook/rules.md`) keeps them. Of a zip archive each file within becomes a job, under the "
    "archive's name and its own path (`papers.zip/2024/plan.docx`).",
    responses={
        404: {"model": ErrorBody, "description": "There is no such knowledge base."},
        409: {"model": NameTakenBody, "description": "A name is taken; see `on_conflict`."},
        413: {"model": ErrorBody, "description": "Too many files, or too large in all."},
        **FAILURES,
    },
    openapi_extra=FORM,
)
async def upload(
    request: Request,
    storage: StorageDep,
    service: ServiceDep,
    kb: KbDep,
    on_conflict: Annotated[
        OnConflict,
        Query(
            description="Of a name that is taken: `refuse` the request, `replace` the document's "
            "contents (its tags and id stay), or `keep_both`, with a number behind the new one's name."
        ),
    ] = "refuse",
) -> UploadJobs:
    settings = service.settings
    await asyncio.to_thread(storage.library.require_knowledge_base, kb)
    receiver = _Receiver(settings, kb, uploads_of(storage.library, settings.data))
    try:
        await _receive(request, receiver, settings)
        jobs = await asyncio.to_thread(_queue, storage, receiver, on_conflict)
    except BaseException:
        await asyncio.to_thread(receiver.abandon)
        raise
    return UploadJobs(jobs=jobs)


async def _receive(request: Request, receiver: _Receiver, settings: Settings) -> None:
    kind, options = parse_options_header(request.headers.get("content-type", ""))
    boundary = options.get(b"boundary")
    if kind != b"multipart/form-data" or not boundary:
        detail = Phrase("form_expected")
        raise RequestInvalid(detail=detail)
    length = request.headers.get("content-length", "")
    limit = settings.max_upload_bytes
    if length.isdecimal() and int(length) > limit:
        raise UploadTooLarge(limit=limit)
    parser = python_multipart.MultipartParser(boundary, receiver.callbacks())  # type: ignore[arg-type]
    seen = 0
    try:
        async for chunk in request.stream():
            seen += len(chunk)
            if seen > limit:
                raise UploadTooLarge(limit=limit)
            await asyncio.to_thread(_write, parser, chunk, settings.data)
        parser.finalize()
    except FormParserError as error:
        detail = Phrase("form_broken", error=error)
        raise RequestInvalid(detail=detail) from error
    if not receiver.files or receiver.unfinished:
        detail = Phrase("form_without_file")
        raise RequestInvalid(detail=detail)


def _write(parser: python_multipart.MultipartParser, chunk: bytes, data: Path) -> None:
    """Raises DiskFull."""
    with needs_room(data):
        parser.write(chunk)


def _unpack(receiver: _Receiver, archives: Archives) -> None:
    """Have the files of each archive in its place. Raises DiskFull, TooManyFiles and UploadTooLarge."""
    sent, receiver.files = receiver.files, []
    files = size = 0  # of all archives together: one request is not worth many
    try:
        while sent:
            inside = archives.unpacked(sent[0].path, sent[0].name) if sent[0].is_archive else None
            if inside is None:
                receiver.files.append(sent.pop(0))
                continue
            files += len(inside)
            size += sum(each.item.size for each in inside if isinstance(each.item, FoundFile))
            if files > archives.most_files:
                raise TooManyFiles(limit=archives.most_files)
            if size > archives.most_bytes:
                raise UploadTooLarge(limit=archives.most_bytes)
            for packed in inside:
                file = receiver.open(packed.name)
                receiver.files.append(file)
                _take(packed, file, receiver.settings)
            receiver.uploads.discard(receiver.kb, sent.pop(0).job_id)
    finally:
        receiver.files += sent


def _take(packed: Packed, file: _File, settings: Settings) -> None:
    try:
        with needs_room(settings.data):
            for block in packed.blocks():
                file.write(block, settings.max_file_bytes)
    except GroundkbError as error:
        if not concerns_one_document(error):
            raise
        file.error = error
    file.end()


def _queue(storage: Storage, receiver: _Receiver, on_conflict: OnConflict) -> tuple[UploadJob, ...]:
    """Raises NameTaken, with nothing queued; DiskFull."""
    library, kb, uploads = storage.library, receiver.kb, receiver.uploads
    jobs = []
    _unpack(receiver, Archives.of(storage.settings))
    with locks_of(library.engine, storage.settings.data).names(kb):
        whole = [file for file in receiver.files if file.refused(storage.settings) is None]
        digests = [(file.name, file.digest.hexdigest()) for file in whole]
        chosen = iter(choose_names(library, uploads, kb, digests, on_conflict))
        for file in receiver.files:
            if (error := file.refused(storage.settings)) is not None:
                new, unchanged = upload_job(kb, file.name), False
                library.jobs.add(storage.asked(new), identifier=file.job_id, error=error.data())
                uploads.discard(kb, file.job_id)
            else:
                named = next(chosen)
                new, unchanged = upload_job(kb, named.name), named.unchanged
                uploads.arrived(kb, file.job_id, file.name, named.name)
                storage.queue(new, identifier=file.job_id)
            jobs.append(
                UploadJob(
                    job_id=file.job_id,
                    name=str(new.request["name"]),
                    document_id=str(new.document_id),
                    unchanged=unchanged,
                )
            )
    return tuple(jobs)
