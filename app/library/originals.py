"""The bytes of every kept revision, by their SHA-256."""

import hashlib
import os
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Final

from app.errors import DocumentTooLarge, SourceUnreadable, too_many_bytes
from app.library.disk import blocks_of, needs_room
from app.library.files import FileStore
from app.library.own_folder import OwnFolder, sweep_folders

_INCOMING = "incoming"


FOLDER: Final = "originals"


class Originals:
    """Files named by what they hold, so that writing one twice is harmless.

    What is being copied in, or out of a bucket, lies in a folder of this object's own on this machine
    (app.library.own_folder): so `sweep` tells what a killed process left from what another is working on.
    """

    def __init__(self, files: FileStore, data: Path) -> None:
        """`data`: the folder of this machine in which what comes and goes lies."""
        self.files = files
        self._folder = data / FOLDER
        self._own: OwnFolder | None = None
        self._making = Lock()

    def fetch(self, revision: str) -> Path | None:
        """A file with its bytes, to be read only; None where there is none. `release` it when it is no
        longer needed. Raises FilesUnreachable and DiskFull."""
        kept = self.files.look(name_of(revision))
        if kept is None or kept.path is not None:
            return None if kept is None else kept.path
        with needs_room(self._folder):
            descriptor, copied = tempfile.mkstemp(dir=self._incoming())
            try:
                with os.fdopen(descriptor, "wb") as copy:
                    for block in self.files.blocks(kept):
                        copy.write(block)
            except FileNotFoundError:  # removed this moment
                Path(copied).unlink()
                return None
            except BaseException:
                Path(copied).unlink(missing_ok=True)
                raise
        return Path(copied)

    def release(self, path: Path) -> None:
        """Let go of what `fetch` gave."""
        if self._own is not None and path.parent == self._own.path:
            path.unlink(missing_ok=True)

    def take(self, path: Path, limit: int) -> "Taken":
        """Copy a file in. Raises SourceUnreadable and as `receive` does."""
        return self.receive(_blocks(path), path.name, limit)

    def receive(self, blocks: Iterable[bytes], name: str, limit: int) -> "Taken":
        """Write bytes that come in and hash them, in one pass; `name` is for messages.

        `Taken.path` stays in place until `keep` or `discard`. Raises DiskFull, what `blocks`
        raises and, for more than `limit` bytes, DocumentTooLarge.
        """
        digest, size = hashlib.sha256(), 0
        with needs_room(self._folder):
            descriptor, copied = tempfile.mkstemp(dir=self._incoming())
            try:
                with os.fdopen(descriptor, "wb") as copy:
                    for block in blocks:
                        digest.update(block)
                        size += len(block)
                        if size > limit:
                            raise DocumentTooLarge(path=name, detail=too_many_bytes(limit))
                        copy.write(block)
            except BaseException:
                Path(copied).unlink(missing_ok=True)
                raise
        return Taken(Path(copied), digest.hexdigest(), size)

    def keep(self, taken: "Taken") -> None:
        """Move a taken file to its place; durable on return. Raises DiskFull and FilesUnreachable."""
        self.files.put(taken.path, name_of(taken.revision))

    def discard(self, taken: "Taken") -> None:
        taken.path.unlink(missing_ok=True)

    def remove(self, revision: str) -> None:
        self.files.remove(name_of(revision))

    def sweep(self) -> None:
        """Delete what killed processes left half-copied; what others are copying stays."""
        sweep_folders(self._folder / _INCOMING)

    def close(self) -> None:
        """Let go of the folder for incoming files."""
        with self._making:
            if self._own is not None:
                self._own.remove()
                self._own = None

    def _incoming(self) -> Path:
        with self._making:
            if self._own is None:
                self._own = OwnFolder(self._folder / _INCOMING)
            return self._own.path


@dataclass(frozen=True)
class Taken:
    """A copy of a file: `revision` is its SHA-256 in hex, `size` its bytes."""

    path: Path
    revision: str
    size: int


def name_of(revision: str) -> str:
    """Where the bytes of a revision are in a `FileStore`."""
    return f"{FOLDER}/{revision[:2]}/{revision}"


def _blocks(path: Path) -> Iterator[bytes]:
    """The file's bytes. Raises SourceUnreadable."""
    try:
        yield from blocks_of(path)
    except OSError as error:
        raise SourceUnreadable(path=str(path), detail=error.strerror or str(error)) from error
