"""Telling a full disk from every other trouble with files, and having on disk what was written."""

import errno
import os
import resource
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from app.errors import DiskFull

BLOCK = 1 << 20
# Kept free on the disk of the embedded index, in bytes: what its next writes may take beyond
# the points themselves, and what others write meanwhile.
RESERVE = 100_000_000
_SOME = 65_536
# Disk full, quota used up, and the largest size of a file that a process may write (ulimit -f).
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
# The same from libraries that pass on the words alone (SQLite, the embedded index).
_WORDS = (
    "no space left on device",
    "disk quota exceeded",
    "file too large",
    "database or disk is full",
    "storagefull",
    "os error 28",
    "os error 27",
)


def bytes_in(folder: Path) -> int:
    """Of all files below a folder; those that vanish meanwhile, and a folder that is none, are nothing."""
    total = 0
    for path in folder.rglob("*"):
        try:
            total += path.stat().st_size if path.is_file() else 0
        except OSError:
            continue
    return total


def is_full(error: BaseException) -> bool:
    """Whether a write failed for want of room."""
    if isinstance(error, OSError) and error.errno is not None:
        return error.errno in _FULL
    text = str(error).casefold()
    return any(words in text for words in _WORDS)


def copy_sparse(blocks: Iterable[bytes], path: Path) -> None:
    """Write a new file; what is zero takes no room on a file system that can leave it out.

    The embedded index reserves 200 MB of which a small library uses hardly any.
    """
    size = 0
    with path.open("xb") as file:
        for block in blocks:
            size += len(block)
            if block.count(0) == len(block):
                file.seek(size)
            else:
                file.write(block)
        file.truncate(size)


def blocks_of(path: Path) -> Iterator[bytes]:
    """The bytes of a file, a mebibyte at a time."""
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            yield block


def has_room_beside(*files: Path) -> bool:
    """Whether `_SOME` bytes can be written into the folder of `files`, and each of them can grow by
    as much. For errors of which the system's number is lost: SQLite says 'disk I/O error' where a
    quota is used up, or the largest size that a file may have (ulimit -f) is reached."""
    try:
        with tempfile.TemporaryFile(dir=files[0].parent) as probe:
            probe.write(bytes(_SOME))
            probe.flush()
    except OSError as error:
        if is_full(error):
            return False
    limit, _ = resource.getrlimit(resource.RLIMIT_FSIZE)
    sizes = (file.stat().st_size for file in files if file.exists())
    return limit == resource.RLIM_INFINITY or all(size + _SOME <= limit for size in sizes)


def require_room(path: Path, size: int, reserve: int = RESERVE) -> None:
    """Raises DiskFull unless `size` bytes and `reserve` are free on the disk of `path`.

    For files that are written through memory maps: where there is no room for these, the system
    kills the process (SIGBUS), and no error can be raised any more.
    """
    if shutil.disk_usage(path).free < size + reserve:
        raise DiskFull(path=path)


@contextmanager
def needs_room(path: Path) -> Iterator[None]:
    """Turn an OSError for want of room on the disk of `path` into DiskFull."""
    try:
        yield
    except OSError as error:
        if is_full(error):
            raise DiskFull(path=path) from error
        raise


def flush(*paths: Path) -> None:
    """Have files on disk, and folders with the names that were made and changed in them. Raises
    OSError."""
    for path in paths:
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
