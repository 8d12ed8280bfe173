"""The bytes of every kept revision, by their SHA-256."""

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from uuid import uuid4

from filelock import FileLock, Timeout

from app.errors import DocumentTooLarge, SourceUnreadable
from app.library.disk import needs_room

_BLOCK = 1 << 20
_INCOMING = "incoming"
_LOCK = ".lock"


class Originals:
    """Files named by what they hold, so that writing one twice is harmless.

    What is being copied in lies in a folder of this object's own, under a lock that goes with
    its process: so `sweep` tells what a killed process left from what another is working on.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._own: Path | None = None
        self._own_lock: FileLock | None = None
        self._making = Lock()

    def path(self, revision: str) -> Path:
        return self._folder / revision[:2] / revision

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
                            raise DocumentTooLarge(
                                path=name,
                                detail=f"more than {limit} bytes (GROUNDKB_MAX_FILE_BYTES)",
                            )
                        copy.write(block)
            except BaseException:
                Path(copied).unlink(missing_ok=True)
                raise
        return Taken(Path(copied), digest.hexdigest(), size)

    def keep(self, taken: "Taken") -> Path:
        """Move a taken file to its place; durable on return. Raises DiskFull."""
        target = self.path(taken.revision)
        with needs_room(self._folder):
            target.parent.mkdir(parents=True, exist_ok=True)
            with taken.path.open("rb") as file:
                os.fsync(file.fileno())
            taken.path.replace(target)
        return target

    def discard(self, taken: "Taken") -> None:
        taken.path.unlink(missing_ok=True)

    def remove(self, revision: str) -> None:
        self.path(revision).unlink(missing_ok=True)

    def sweep(self) -> None:
        """Delete what killed processes left half-copied; what others are copying stays."""
        incoming = self._folder / _INCOMING
        if not incoming.is_dir():
            return
        for folder in incoming.iterdir():
            if folder == self._own:
                continue
            try:
                with FileLock(folder / _LOCK, timeout=0):
                    shutil.rmtree(folder, ignore_errors=True)
            except (Timeout, OSError):
                continue  # In use; or another has swept it just now.

    def close(self) -> None:
        """Let go of the folder for incoming files."""
        with self._making:
            if self._own is not None and self._own_lock is not None:
                shutil.rmtree(self._own, ignore_errors=True)
                self._own_lock.release()
                self._own = self._own_lock = None

    def _incoming(self) -> Path:
        with self._making:
            if self._own is None:
                folder = self._folder / _INCOMING / uuid4().hex
                folder.mkdir(parents=True)
                lock = FileLock(folder / _LOCK, timeout=0, thread_local=False)
                lock.acquire()
                self._own, self._own_lock = folder, lock
            return self._own


@dataclass(frozen=True)
class Taken:
    """A copy of a file: `revision` is its SHA-256 in hex, `size` its bytes."""

    path: Path
    revision: str
    size: int


def _blocks(path: Path) -> Iterator[bytes]:
    """The file's bytes. Raises SourceUnreadable."""
    try:
        with path.open("rb") as file:
            while block := file.read(_BLOCK):
                yield block
    except OSError as error:
        raise SourceUnreadable(path=str(path), detail=error.strerror or str(error)) from error
