"""How far a sync is, by what takes the time: the windows that are embedded."""

import threading
import time
from collections.abc import Callable
from typing import Final

from ingest.report import Stage, SyncProgress

# Reading is quick but for OCR, and so is writing; the rest is embedding.
_READING: Final = 0.1
_WRITING: Final = 0.05
_SECONDS: Final = 0.25  # between two events, unless the stage changes


class Meter:
    """Told of each step, it tells `on_event` how far all is. May be told from several threads."""

    def __init__(self, documents: int, size: int, on_event: Callable[[SyncProgress], None]) -> None:
        """`size`: bytes of all documents that are to be read."""
        self._lock = threading.Lock()
        self._on_event = on_event
        self._documents, self._size = documents, max(1, size)
        self._done = self._read = self._windows = self._embedded = 0
        self._share = 0.0
        self._stage: Stage | None = None
        self._told = 0.0

    def parsed(self) -> None:
        """A document is parsed, and about to be cut into passages."""
        self._tell("chunking")

    def read(self, size: int, windows: int) -> None:
        """A document of `size` bytes is read, whatever came of it."""
        with self._lock:
            self._read += size
            self._windows += windows

    def embedded(self, windows: int) -> None:
        """So many windows more."""
        if not windows:
            return
        with self._lock:
            self._embedded += windows
        self._tell("embedding")

    def writing(self) -> None:
        """What was embedded is being written."""
        self._tell("writing")

    def done(self, documents: int) -> None:
        """So many more are finished."""
        with self._lock:
            self._done += documents

    def _tell(self, stage: Stage) -> None:
        with self._lock:
            moment = time.monotonic()
            if stage == self._stage and moment - self._told < _SECONDS:
                return
            self._stage, self._told = stage, moment
            progress = self._progress(stage)
        self._on_event(progress)

    def _progress(self, stage: Stage) -> SyncProgress:
        read = min(1.0, self._read / self._size)
        # Of what is not read yet, as many for each byte as so far.
        expected = max(self._windows, round(self._windows / read)) if read else self._windows
        embedded = self._embedded / expected if expected else 0.0
        done = self._done / self._documents if self._documents else 1.0
        share = _READING * read + (1 - _READING - _WRITING) * embedded + _WRITING * done
        self._share = max(self._share, min(1.0, share))
        return SyncProgress(
            stage, self._done, self._documents, self._embedded, expected, round(self._share, 4)
        )
