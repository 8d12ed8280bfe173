"""Folders that belong to one process, so that what a killed process left can be told apart."""

import shutil
from pathlib import Path
from uuid import uuid4

from filelock import FileLock, Timeout

_LOCK = ".lock"


class OwnFolder:
    """A new folder below `parent`, under a lock of the operating system's that ends with this process."""

    def __init__(self, parent: Path, prefix: str = "") -> None:
        """Raises OSError."""
        self.path = parent / f"{prefix}{uuid4().hex}"
        self.path.mkdir(parents=True)
        self._lock = FileLock(self.path / _LOCK, timeout=0, thread_local=False)
        self._lock.acquire()

    def remove(self) -> None:
        """Delete the folder with all that is in it."""
        shutil.rmtree(self.path, ignore_errors=True)
        self._lock.release()


def sweep_folders(parent: Path, prefix: str = "") -> None:
    """Delete the folders of processes that were killed; those in use stay."""
    for folder in parent.glob(f"{prefix}*/"):
        try:
            with FileLock(folder / _LOCK, timeout=0):
                shutil.rmtree(folder, ignore_errors=True)
        except (Timeout, OSError):
            continue  # In use, be it by this process; or another has swept it just now.
