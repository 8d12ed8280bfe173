"""Uploaded files: where they lie, what they are called, and which of them the index lacks.

    uploads/<kb>/incoming/<job id>/<name>    waits for its job
    uploads/<kb>/<document id>/<name>        what the document is made from

in GROUNDKB_DATA, or in the bucket of GROUNDKB_ORIGINALS_URL (`app.library.files`), where a file goes once
all of it has come in. A name may be a path, of a file that came in with its folder. A file moves from the first place to the
second once its job has read it. Its identity is `upload:///<name>`: the same name again is the same document with other contents, which happens
only to who says so (`OnConflict`).
"""

import hashlib
import shutil
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import unquote, urlsplit

from app.errors import NameTaken, Phrase, SourceUnreadable
from app.library.files import FileStore, KeptFile
from app.library.jobs import NewJob
from app.library.library import KnownFile, Library
from app.library.originals import name_of as original_name
from ingest.plan import needs_reading
from ingest.sources.found import FoundFile, document_id_of
from ingest.sources.names import safe_name
from ingest.sources.uris import source_uri

# What becomes of an upload whose name another document has, with other contents.
OnConflict = Literal["refuse", "replace", "keep_both"]
SCHEME = "upload://"
_FOLDER, _INCOMING = "uploads", "incoming"
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
            return uploads.digest(found)
    return None if known is None else known.revision


def _id_of_upload(library: Library, kb: str, name: str) -> str:
    source = upload_source(name)
    known = library.known_sources(kb, [source]).get(source)
    return document_id_of(source) if known is None else known.id


class Uploads:
    """The uploads of all knowledge bases. Methods raise FilesUnreachable."""

    def __init__(self, files: FileStore, data: Path) -> None:
        """`data`: the folder of this machine in which what is coming in lies."""
        self._files = files
        self._coming = data

    def stage(self, kb: str, job_id: str, name: str) -> Path:
        """Where to write a file that job `job_id` is to take in; its folder is made. `arrived` ends it."""
        folder = self._coming / _incoming(kb, job_id)
        folder.mkdir(parents=True)
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        return folder / name

    def arrived(self, kb: str, job_id: str, name: str, called: str) -> None:
        """All of a staged file is written; from now on its job finds it, by the name that it is to be
        `called`. Raises DiskFull."""
        path = self._coming / _incoming(kb, job_id) / name
        path = path.rename(path.with_name(Path(called).name))
        place = f"{_incoming(kb, job_id)}/{called}"
        if self._files.look(place) is None:  # it was not written there
            self._files.put(path, place)
            shutil.rmtree(self._coming / _incoming(kb, job_id), ignore_errors=True)

    def find(self, kb: str, job_id: str, name: str) -> FoundFile | None:
        """The file of a job: the one that waits for it, else the one of that name that is in place."""
        source = upload_source(name)
        for folder in (_incoming(kb, job_id), _place(kb, document_id_of(source))):
            if (kept := self._files.look(f"{folder}/{name}")) is not None:
                return self._found(source, kept)
        return None

    def waits(self, kb: str, job_id: str, name: str) -> bool:
        """Whether the file of a job has not come into its place yet."""
        return self._files.look(f"{_incoming(kb, job_id)}/{name}") is not None

    def digest(self, found: FoundFile) -> str:
        """SHA-256 of one that was found."""
        if found.fetch is None:
            with found.path.open("rb") as file:
                return hashlib.file_digest(file, "sha256").hexdigest()
        digest = hashlib.sha256()
        for block in found.fetch():
            digest.update(block)
        return digest.hexdigest()

    def put_in_place(self, kb: str, job_id: str, source: str, revision: str | None = None) -> None:
        """Put a file that was read in its place, over the one it replaces. `revision` is that of the
        library's copy of the same bytes: the two become one file on disk where that can be."""
        name = _name_of(source)
        waiting = f"{_incoming(kb, job_id)}/{name}"
        place = f"{_place(kb, document_id_of(source))}/{name}"
        if self._files.look(waiting) is not None:
            if revision is not None:
                self._files.share(waiting, original_name(revision))
            self._files.move(waiting, place)
        self.discard(kb, job_id)

    def discard(self, kb: str, job_id: str) -> None:
        """Forget the file that waits for a job; none is no error."""
        shutil.rmtree(self._coming / _incoming(kb, job_id), ignore_errors=True)
        self._files.remove_beneath(_incoming(kb, job_id))

    def remove(self, kb: str, document_id: str) -> None:
        """Delete the file that a document is made from; none is no error."""
        self._files.remove_beneath(_place(kb, document_id))

    def remove_all(self, kb: str) -> None:
        """Delete all files of a knowledge base; none is no error."""
        shutil.rmtree(self._coming / _FOLDER / kb, ignore_errors=True)
        self._files.remove_beneath(f"{_FOLDER}/{kb}")

    def sweep(self, kbs: Iterable[str], known: Callable[[Sequence[str]], set[str]]) -> None:
        """Delete files that have waited for a day without a job: their server was killed before their
        request had come in whole. `known` tells which of the given ids are an active job's."""
        folders = (self._coming / _FOLDER).glob(f"*/{_INCOMING}/*")
        here = {path.name: path for path in folders if _is_old(path)}
        elsewhere = {
            kept.name.split("/")[3]: kb
            for kb in kbs
            for kept in self._files.beneath(f"{_FOLDER}/{kb}/{_INCOMING}")
            if kept.path is None and time.time() - kept.written > _ABANDONED_SECONDS
        }
        jobs = known([*here, *elsewhere])
        for job_id in here.keys() - jobs:
            shutil.rmtree(here[job_id], ignore_errors=True)
        for job_id in elsewhere.keys() - jobs:
            self.discard(elsewhere[job_id], job_id)

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
        for kept in self._files.beneath(f"{_FOLDER}/{kb}"):
            folder, _, name = kept.name.removeprefix(f"{_FOLDER}/{kb}/").partition("/")
            if folder != _INCOMING:
                yield self._found(upload_source(name), kept)

    def _found(self, source: str, kept: KeptFile) -> FoundFile:
        if kept.path is not None:
            return FoundFile(source, kept.path, kept.size, kept.state)
        name = Path(Path(kept.name).name)
        return FoundFile(source, name, kept.size, kept.state, lambda: self._blocks(source, kept))

    def _blocks(self, source: str, kept: KeptFile) -> Iterator[bytes]:
        try:
            yield from self._files.blocks(kept)
        except FileNotFoundError as error:
            raise SourceUnreadable(path=source, detail=Phrase("upload_gone")) from error


def uploads_of(library: Library, data: Path) -> Uploads:
    """Those of a library."""
    return Uploads(library.originals.files, data)


def _incoming(kb: str, job_id: str) -> str:
    return f"{_FOLDER}/{kb}/{_INCOMING}/{job_id}"


def _place(kb: str, document_id: str) -> str:
    return f"{_FOLDER}/{kb}/{document_id}"


def _is_old(path: Path) -> bool:
    try:
        return time.time() - path.stat().st_mtime > _ABANDONED_SECONDS
    except OSError:
        return False  # put in its place this moment
