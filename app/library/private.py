"""The library is its owner's alone: folders 0700, files 0600, whatever the umask was."""

import contextlib
import os
from pathlib import Path
from typing import Final

FOLDER: Final = 0o700
FILE: Final = 0o600
_OTHERS: Final = 0o077


def private_folder(path: Path) -> None:
    """Make the folder where there is none; take it from group and others where it is there.

    Raises OSError, but not for a folder that is somebody else's: that one stays as it is.
    """
    path.mkdir(mode=FOLDER, parents=True, exist_ok=True)
    _close(path, FOLDER)


def private_file(path: Path) -> None:
    """The same for a file; one that is not there is made, empty."""
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, FILE))
    _close(path, FILE)


def close_files(*paths: Path) -> None:
    """Take files from group and others; those that are not there are passed over."""
    for path in paths:
        with contextlib.suppress(FileNotFoundError):
            _close(path, FILE)


def _close(path: Path, mode: int) -> None:
    if path.stat().st_mode & _OTHERS:
        # A mounted volume may be another's, or its file system may know no modes.
        with contextlib.suppress(PermissionError):
            path.chmod(mode)
