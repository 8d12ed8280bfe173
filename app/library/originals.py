"""The bytes of every kept revision, by their SHA-256."""

import hashlib
import os
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from app.errors import DocumentTooLarge, SourceUnreadable, too_many_bytes
from app.library.disk import blocks_of, needs_room
from app.library.own_folder import OwnFolder, sweep_folders

_INCOMING = "incoming"


class Originals:
    """Files named by what they hold, so that writing one twice is harmless.

    What is being copied in lies in a folder of this object's own (app.library.own_folder): so
    `sweep` tells what a killed process left from what another is working on.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._own: OwnFolder | None = None
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
                            raise DocumentTooLarge(path=name, detail=too_many_bytes(limit))
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


def _blocks(path: Path) -> Iterator[bytes]:
    """The file's bytes. Raises SourceUnreadable."""
    try:
        yield from blocks_of(path)
    except OSError as error:
        raise SourceUnreadable(path=str(path), detail=error.strerror or str(error)) from error
