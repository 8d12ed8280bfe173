"""One writer at a time for each knowledge base, and one who gives uploads their names."""

import json
import os
import socket
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout

from app.errors import Phrase, WriterBusy

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
            owner.write_text(
                json.dumps(
                    {
                        "pid": os.getpid(),
                        "host": socket.gethostname(),
                        "since": datetime.now(UTC).isoformat(timespec="seconds"),
                    }
                )
            )
            yield
    except Timeout:
        raise WriterBusy(kb=kb, owner=_describe(owner)) from None


@contextmanager
def all_writer_locks(data: Path, kbs: Iterable[str], wait: float) -> Iterator[None]:
    """Hold the writers' locks of several knowledge bases; `wait` seconds for each.

    They are taken in one order, so that no two that want several wait for each other.
    """
    with ExitStack() as taken:
        for kb in sorted(kbs):
            taken.enter_context(writer_lock(data, kb, wait=wait))
        yield


@contextmanager
def names_lock(data: Path, kb: str) -> Iterator[None]:
    """Between the look at an upload's name and the job that takes it nobody else may take it."""
    with FileLock(_folder(data) / f"{kb}.names.lock"):
        yield


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
