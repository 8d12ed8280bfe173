"""One writer at a time for each knowledge base, one who gives uploads their names, and whether a
worker is still there.

With SQLite these are locks of files in GROUNDKB_DATA, with PostgreSQL advisory locks of the database,
so that they hold between machines. Both let go of what a killed process had.
"""

import json
import os
import socket
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from filelock import FileLock, Timeout
from sqlalchemy import Engine

from app.errors import Phrase, WriterBusy
from app.library.server_locks import ServerLocks, require_nothing

# Of the lock that keeps two reindexes, or a reindex and a backup, apart; no knowledge base can
# have this name.
REINDEX = "@reindex"


@contextmanager
def writer_lock(data: Path, kb: str, wait: float = 0.0) -> Iterator[None]:
    """Hold the knowledge base's writer lock, for which it waits `wait` seconds.

    Raises WriterBusy, naming who has it and since when.

    The lock is the operating system's (flock), so that a killed writer leaves none behind;
    the owner's particulars stand in a file beside it for the message alone.
    """
    folder = _folder(data)
    owner = folder / f"{kb}.owner.json"
    try:
        with FileLock(folder / f"{kb}.lock", timeout=wait):
            facts = {
                "pid": os.getpid(),
                "host": socket.gethostname(),
                "since": datetime.now(UTC).isoformat(timespec="seconds"),
            }
            # For the message alone: on a full disk it is the work itself that says so.
            with suppress(OSError):
                owner.write_text(json.dumps(facts))
            yield
    except Timeout:
        raise WriterBusy(kb=kb, owner=_describe(owner)) from None


@contextmanager
def names_lock(data: Path, kb: str) -> Iterator[None]:
    """Between the look at an upload's name and the job that takes it nobody else may take it."""
    with FileLock(_folder(data) / f"{kb}.names.lock"):
        yield


class Held(Protocol):
    """What the holder of a writer's lock asks from time to time."""

    def __call__(self) -> None:
        """Raises WriterLockLost once somebody else may have the lock."""
        ...


class Presence(Protocol):
    """A worker's sign that it is there, from `appear` to `leave` or the end of its process."""

    def appear(self) -> None:
        """Again after it was lost; nothing while it stands."""
        ...

    def leave(self) -> None: ...


class Locks(Protocol):
    """Raise WriterBusy, naming who has a lock and since when; with PostgreSQL also LibraryUnavailable."""

    @contextmanager
    def writer(self, kb: str, wait: float = 0.0) -> Iterator[Held]: ...

    def is_written(self, kb: str) -> bool:
        """Whether somebody has the writer's lock. It is not taken for more than a moment."""
        ...

    @contextmanager
    def names(self, kb: str) -> Iterator[None]: ...

    def presence(self, worker: str) -> Presence: ...

    def is_gone(self, worker: str) -> bool: ...


def locks_of(engine: Engine, data: Path) -> Locks:
    """Those that everybody takes who works with this database."""
    return ServerLocks(engine) if engine.dialect.name == "postgresql" else FileLocks(data)


@contextmanager
def all_writers(locks: Locks, kbs: Iterable[str], wait: float) -> Iterator[None]:
    """Hold the writers' locks of several knowledge bases; `wait` seconds for each.

    They are taken in one order, so that no two that want several wait for each other.
    """
    with ExitStack() as taken:
        for kb in sorted(kbs):
            taken.enter_context(locks.writer(kb, wait=wait))
        yield


class FileLocks:
    """`Locks` of one machine."""

    def __init__(self, data: Path) -> None:
        self._data = data

    @contextmanager
    def writer(self, kb: str, wait: float = 0.0) -> Iterator[Held]:
        with writer_lock(self._data, kb, wait=wait):
            yield require_nothing  # the operating system takes no lock away

    def is_written(self, kb: str) -> bool:
        return _is_held(_folder(self._data) / f"{kb}.lock")

    @contextmanager
    def names(self, kb: str) -> Iterator[None]:
        with names_lock(self._data, kb):
            yield

    def presence(self, worker: str) -> "FilePresence":
        return FilePresence(self._workers / worker)

    def is_gone(self, worker: str) -> bool:
        path = self._workers / worker
        if not path.exists():
            return True
        try:
            with FileLock(path, timeout=0):
                path.unlink(missing_ok=True)
        except Timeout:
            return False
        return True

    @property
    def _workers(self) -> Path:
        return self._data / "locks" / "workers"


class FilePresence:
    """A locked file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock: FileLock | None = None

    def appear(self) -> None:
        if self._lock is None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._lock = FileLock(self._path, timeout=0, thread_local=False)
            self._lock.acquire()

    def leave(self) -> None:
        if self._lock is not None:
            self._lock.release()
            self._lock = None
            self._path.unlink(missing_ok=True)


def _is_held(path: Path) -> bool:
    try:
        with FileLock(path, timeout=0):
            return False
    except Timeout:
        return True


def _folder(data: Path) -> Path:
    folder = data / "locks"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _describe(owner: Path) -> Phrase:
    try:
        facts = json.loads(owner.read_text())
        return Phrase("process_since", pid=facts["pid"], host=facts["host"], since=facts["since"])
    except (OSError, ValueError, KeyError):
        return Phrase("owner_unknown")
