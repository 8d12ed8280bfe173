"""The folder of the embedded index: who has it, and what each collection was made with."""

import contextlib
import json
import os
import socket
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from app.errors import IndexFailed, IndexInUse, Phrase
from app.index.fingerprint import from_json, to_json
from app.index.protocol import Fingerprint
from app.library.disk import flush

_LOCK = ".lock"
_OWNER = ".owner.json"
_FINGERPRINT = "fingerprint.json"


class FolderLock:
    """One store at a time in a folder. The operating system frees the lock when its holder
    ends in whatever way, so none is ever stale; who holds it is written beside it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        # Closing may happen on another thread than opening.
        self._lock = FileLock(folder / _LOCK, timeout=0, thread_local=False)

    def acquire(self) -> None:
        """Raises IndexInUse with the holder, and IndexFailed when the folder cannot be written."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._lock.acquire()
        except Timeout:
            raise IndexInUse(path=self._folder, owner=self._owner()) from None
        except OSError as error:
            raise IndexFailed(detail=Phrase("file_said", path=self._folder, error=error)) from error
        owner = {
            "pid": os.getpid(),
            "host": socket.gethostname(),
            "started": datetime.now(UTC).isoformat(timespec="seconds"),
        }
        # For the message alone: on a full disk the index can be searched all the same.
        with contextlib.suppress(OSError):
            (self._folder / _OWNER).write_text(json.dumps(owner), encoding="utf-8")

    def check(self) -> None:
        """Raises IndexFailed when the lock is not (or no longer) held."""
        if not self._lock.is_locked:
            raise IndexFailed(detail=Phrase("index_closed", folder=self._folder))

    def release(self) -> None:
        if self._lock.is_locked:
            (self._folder / _OWNER).unlink(missing_ok=True)
            self._lock.release()

    def _owner(self) -> Phrase:
        try:
            owner = json.loads((self._folder / _OWNER).read_text(encoding="utf-8"))
            return Phrase(
                "process_since", pid=owner["pid"], host=owner["host"], since=owner["started"]
            )
        except (OSError, ValueError, KeyError, TypeError):
            return Phrase("owner_unknown")  # It is starting or ending just now.


def read_fingerprint(folder: Path) -> Fingerprint | None:
    """None when there is no such file. Raises IndexFailed when it cannot be read."""
    try:
        fields: Any = json.loads((folder / _FINGERPRINT).read_text(encoding="utf-8"))
        return from_json(fields)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise IndexFailed(
            detail=Phrase("file_said", path=folder / _FINGERPRINT, error=error)
        ) from error


def write_fingerprint(folder: Path, fingerprint: Fingerprint) -> None:
    """On disk on return."""
    with (folder / _FINGERPRINT).open("w", encoding="utf-8") as file:
        json.dump(to_json(fingerprint), file, ensure_ascii=False, indent=2)
    flush(folder / _FINGERPRINT, folder)
