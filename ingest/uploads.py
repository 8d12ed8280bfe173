"""Uploaded files: where they lie, what they are called, and which of them the index lacks.

    <data>/uploads/<kb>/incoming/<job id>/<name>    waits for its job
    <data>/uploads/<kb>/<document id>/<name>        what the document is made from

A name may be a path, of a file that came in with its folder. A file moves from the first place to the
second once its job has read it. Its identity is `upload:///<name>`: the same name again is the same document with other contents, which happens
only to who says so (`OnConflict`).
"""

import contextlib
import filecmp
import hashlib
import os
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import unquote, urlsplit

from app.errors import NameTaken
from app.library.jobs import NewJob
from app.library.library import KnownFile, Library
from ingest.plan import needs_reading
from ingest.sources.found import FoundFile, document_id_of
from ingest.sources.names import safe_name
from ingest.sources.uris import source_uri

# What becomes of an upload whose name another document has, with other contents.
OnConflict = Literal["refuse", "replace", "keep_both"]
SCHEME = "upload://"
_INCOMING = "incoming"
_ABANDONED_SECONDS = 24 * 3600


def upload_source(name: str) -> str:
    """The URI that is the identity of an uploaded file with this (safe) name."""
    return SCHEME + source_uri(Path("/") / name).removeprefix("file://")


def upload_job(kb: str, name: str) -> NewJob:
    """The work of taking in an uploaded file with this (safe) name."""
    source = upload_source(name)
    return NewJob(kb, "upload", source, {"name": name}, document_id=document_id_of(source))


def again_job(kb: str, source: str) -> NewJob:
    """The work of reading a known document again, from where it came."""
    if is_upload(source):
        return upload_job(kb, _name_of(source))
    parts = urlsplit(source)
    root = unquote(parts.path) if parts.scheme == "file" else source
    return NewJob(kb, "sync", root, {"roots": [root]}, document_id=document_id_of(source))


def is_upload(source: str) -> bool:
    return source.startswith(f"{SCHEME}/")


def _name_of(source: str) -> str:
    return unquote(urlsplit(source).path).removeprefix("/")


@dataclass(frozen=True)
class Named:
    """The name that an upload gets; `unchanged`: the document of that name has these very bytes."""

    name: str
    unchanged: bool


def choose_names(
    library: Library,
    uploads: "Uploads",
    kb: str,
    files: Sequence[tuple[str, str]],
    on_conflict: OnConflict,
) -> list[Named]:
    """What each of `files`, (safe) names with the SHA-256 of their bytes, is to be called.

    Raises NameTaken, naming all that are. To be asked, and the jobs queued, under `app.library.locks.names_lock`.
    """
    earlier: dict[str, str] = {}  # of the same request
    chosen: list[Named] = []
    taken: dict[str, str] = {}

    def holder(name: str) -> str | None:
        return earlier.get(name) or _holder(library, uploads, kb, name)

    for wanted, digest in files:
        name, number = wanted, 1
        held = holder(name)
        # What the caller may not know of is neither told nor replaced.
        while (held is not None and library.hides(kb, upload_source(name))) or (
            on_conflict == "keep_both" and held not in (None, digest)
        ):
            number += 1
            path = Path(wanted)
            name = str(path.with_name(safe_name(f"{path.stem} ({number}){path.suffix}")))
            held = holder(name)
        if on_conflict == "refuse" and held not in (None, digest):
            taken[name] = _id_of_upload(library, kb, name)
        earlier[name] = digest
        chosen.append(Named(name, unchanged=held == digest))
    if taken:
        raise NameTaken(names=list(taken), documents=list(taken.values()))
    return chosen


def _holder(library: Library, uploads: "Uploads", kb: str, name: str) -> str | None:
    """The SHA-256 of what has a name, or is about to; None when it is free."""
    source = upload_source(name)
    # First what is under way: a job that ends between the two looks is then seen twice, not never.
    waiting = library.jobs.unfinished(kb, source)
    known = library.known_sources(kb, [source]).get(source)
    for job in reversed(waiting):
        if (found := uploads.find(kb, job.id, name)) is not None:
            with found.path.open("rb") as file:
                return hashlib.file_digest(file, "sha256").hexdigest()
    return None if known is None else known.revision


def _id_of_upload(library: Library, kb: str, name: str) -> str:
    source = upload_source(name)
    known = library.known_sources(kb, [source]).get(source)
    return document_id_of(source) if known is None else known.id


class Uploads:
    """The folder of uploads of all knowledge bases."""

    def __init__(self, data: Path) -> None:
        self._folder = data / "uploads"

    def stage(self, kb: str, job_id: str, name: str) -> Path:
        """Where to write a file that job `job_id` is to take in; its folder is made."""
        folder = self._incoming(kb, job_id)
        folder.mkdir(parents=True)
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        return folder / name

    def find(self, kb: str, job_id: str, name: str) -> FoundFile | None:
        """The file of a job: the one that waits for it, else the one of that name that is in place."""
        source = upload_source(name)
        for folder in (self._incoming(kb, job_id), self._place(kb, document_id_of(source))):
            if (path := folder / name).is_file():
                return _found(source, path)
        return None

    def put_in_place(
        self, kb: str, job_id: str, found: FoundFile, original: Path | None = None
    ) -> None:
        """Put a file that was read in its place, over the one it replaces. `original` is the
        library's copy of the same bytes: the two become one file on disk where that can be."""
        place = self._place(kb, document_id_of(found.source)) / _name_of(found.source)
        place.parent.mkdir(parents=True, exist_ok=True)
        if original is not None:
            _share(found, original)
        found.path.replace(place)
        self.discard(kb, job_id)

    def discard(self, kb: str, job_id: str) -> None:
        """Forget the file that waits for a job; none is no error."""
        shutil.rmtree(self._incoming(kb, job_id), ignore_errors=True)

    def remove(self, kb: str, document_id: str) -> None:
        """Delete the file that a document is made from; none is no error."""
        shutil.rmtree(self._place(kb, document_id), ignore_errors=True)

    def remove_all(self, kb: str) -> None:
        """Delete all files of a knowledge base; none is no error."""
        shutil.rmtree(self._folder / kb, ignore_errors=True)

    def sweep(self, known: Callable[[Sequence[str]], set[str]]) -> None:
        """Delete files that have waited for a day without a job: their server was killed before
        their request had come in whole. `known` tells which of the given ids are an active job's."""
        waiting = [path for path in self._folder.glob(f"*/{_INCOMING}/*") if _is_old(path)]
        jobs = known([path.name for path in waiting])
        for path in waiting:
            if path.name not in jobs:
                shutil.rmtree(path, ignore_errors=True)

    def unread(
        self, library: Library, kb: str, conditions: str
    ) -> list[tuple[FoundFile, KnownFile | None]]:
        """Files in place that the index lacks, after it was lost say, with what is known of them;
        without those that failed for good under the same `conditions` (ingest.plan), and those that
        were deleted and may be restored."""
        known, deleted = library.known_files(kb, SCHEME), set(library.deleted(kb).values())
        pairs = (
            (found, known.get(found.source))
            for found in self._in_place(kb)
            if found.source not in deleted
        )
        return [
            (found, before)
            for found, before in pairs
            if needs_reading(found, before, conditions, edited_in_place=False)
        ]

    def _in_place(self, kb: str) -> Iterator[FoundFile]:
        for folder in sorted((self._folder / kb).glob("*")):
            if folder.name == _INCOMING:
                continue
            for path in sorted(folder.rglob("*")):
                if path.is_file():
                    yield _found(upload_source(path.relative_to(folder).as_posix()), path)

    def _incoming(self, kb: str, job_id: str) -> Path:
        return self._folder / kb / _INCOMING / job_id

    def _place(self, kb: str, document_id: str) -> Path:
        return self._folder / kb / document_id


def _found(source: str, path: Path) -> FoundFile:
    status = path.stat()
    return FoundFile(source, path, status.st_size, status.st_mtime_ns)


def _is_old(path: Path) -> bool:
    try:
        return time.time() - path.stat().st_mtime > _ABANDONED_SECONDS
    except OSError:
        return False  # put in its place this moment


def _share(found: FoundFile, original: Path) -> None:
    """Make the upload another name of the original. Neither is ever written to in place; the time
    stays the upload's, by which a sync knows it. A file system without links keeps both."""
    link = found.path.with_name(f".{found.path.name}.link")
    with contextlib.suppress(OSError):
        if filecmp.cmp(found.path, original, shallow=False):
            link.unlink(missing_ok=True)
            os.link(original, link)
            os.utime(link, ns=(found.mtime_ns, found.mtime_ns))
            link.replace(found.path)
