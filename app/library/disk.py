"""Telling a full disk from every other trouble with files."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.errors import DiskFull

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


def is_full(error: BaseException) -> bool:
    """Whether a write failed for want of room."""
    if isinstance(error, OSError) and error.errno is not None:
        return error.errno in _FULL
    text = str(error).casefold()
    return any(words in text for words in _WORDS)


@contextmanager
def needs_room(path: Path) -> Iterator[None]:
    """Turn an OSError for want of room on the disk of `path` into DiskFull."""
    try:
        yield
    except OSError as error:
        if is_full(error):
            raise DiskFull(path=path) from error
        raise
