"""The bytes of every kept revision, by their SHA-256."""

import errno
import hashlib
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from app.errors import DocumentTooLarge, SourceUnreadable

_BLOCK = 1 << 20


class Originals:
    """Files named by what they hold, so that writing one twice is harmless."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def path(self, revision: str) -> Path:
        return self._folder / revision[:2] / revision

    def take(self, path: Path, limit: int) -> "Taken":
        """Copy a file in and hash what was copied, in one pass.

        `Taken.path` stays in place until `keep` or `discard`. Raises SourceUnreadable and,
        for more than `limit` bytes, DocumentTooLarge.
        """
        incoming = self._folder / "incoming"
        incoming.mkdir(parents=True, exist_ok=True)
        digest, size = hashlib.sha256(), 0
        descriptor, name = tempfile.mkstemp(dir=incoming)
        try:
            with os.fdopen(descriptor, "wb") as copy:
                try:
                    with path.open("rb") as file:
                        while block := file.read(_BLOCK):
                            digest.update(block)
                            size += len(block)
                            if size > limit:
                                raise DocumentTooLarge(
                                    path=path.name,
                                    detail=f"more than {limit} bytes (GROUNDKB_MAX_FILE_BYTES)",
                                )
                            copy.write(block)
                except OSError as error:
                    if error.filename is None and error.errno in _OUR_SIDE:
                        raise
                    raise SourceUnreadable(
                        path=str(path), detail=error.strerror or str(error)
                    ) from error
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
        return Taken(Path(name), digest.hexdigest(), size)

    def keep(self, taken: "Taken") -> Path:
        """Move a taken file to its place; durable on return."""
        target = self.path(taken.revision)
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
        """Delete what a killed sync left half-copied. Only for the holder of the writer's lock."""
        incoming = self._folder / "incoming"
        if incoming.is_dir():
            for path in incoming.iterdir():
                path.unlink(missing_ok=True)


@dataclass(frozen=True)
class Taken:
    """A copy of a file: `revision` is its SHA-256 in hex, `size` its bytes."""

    path: Path
    revision: str
    size: int


# Disk full, quota: the copy failed, not the source.
_OUR_SIDE = frozenset({errno.ENOSPC, errno.EDQUOT})
