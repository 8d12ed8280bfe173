"""A worker process: reads one document after another, and says what became of each.

A worker is forked (`ingest.reading.template`). It ends when it has had nothing to do for
IDLE_SECONDS, and when its owner or its parent is gone.
"""

import gc
import os
import resource
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Final

from app.errors import DocumentCorrupt, GroundkbError

# Cutting needs it, and no document's time is to be spent on an import of two seconds.
from ingest.chunk.component import PassageParser as _PassageParser  # noqa: F401
from ingest.reading.task import Raised, ReadTask, ReadText, read

IDLE_SECONDS: Final = 600.0
MOST_DOCUMENTS: Final = 2_000  # then a new worker takes over: libraries leak
_ORPHAN_LOOK: Final = 1.0
# A worker that has once used this share of its memory ends after the document.
_LARGE: Final = 0.5
# An allocation that failed with so much in use met the limit, whatever the parser made of it.
_FULL: Final = 0.75
_KILOBYTE: Final = 1 if sys.platform == "darwin" else 1024


@dataclass(frozen=True)
class ToRead:
    """From the owner: a document to read."""

    path: Path
    task: ReadTask


@dataclass(frozen=True)
class Step:
    """To the owner: the document was begun, is parsed, or its pictures are being recognised."""

    name: str  # started, parsed, recognising
    pid: int


@dataclass(frozen=True)
class OutOfMemory:
    """To the owner: the document needs more memory than it may have. The worker ends."""


@dataclass(frozen=True)
class Done:
    """To the owner: what became of the document. `last`: the worker ends."""

    outcome: ReadText | Raised | OutOfMemory
    last: bool


def serve(owner: Connection) -> None:
    """Read what the owner sends until it hangs up."""
    for count in range(1, MOST_DOCUMENTS + 1):
        if not owner.poll(IDLE_SECONDS):
            return
        try:
            job: ToRead = owner.recv()
        except EOFError:
            return
        owner.send(_step("started"))
        outcome = _read(owner, job)
        limit = job.task.limits.parse_memory_bytes
        last = (
            isinstance(outcome, OutOfMemory) or count == MOST_DOCUMENTS or _peak() > _LARGE * limit
        )
        owner.send(Done(outcome, last))
        if last:
            return


def _read(owner: Connection, job: ToRead) -> ReadText | Raised | OutOfMemory:
    limits = job.task.limits
    _bound(limits.parse_memory_bytes, limits.seconds_for(job.path) + limits.ocr_seconds)
    watched = replace(limits, on_ocr=lambda: owner.send(_step("recognising")))
    try:
        return read(
            job.path, replace(job.task, limits=watched), lambda: owner.send(_step("parsed"))
        )
    except MemoryError:
        gc.collect()
        return OutOfMemory()
    except GroundkbError as error:
        if isinstance(error, DocumentCorrupt) and _peak() > _FULL * limits.parse_memory_bytes:
            return OutOfMemory()
        return Raised.of(error)


def _step(name: str) -> Step:
    return Step(name, os.getpid())


def _peak() -> int:
    """Bytes of memory that this process has had at once, at most."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _KILOBYTE


def _bound(memory: int, seconds: float) -> None:
    """Bound what the process may take by itself: the owner, who watches it too, may be gone."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    ends = int(used.ru_utime + used.ru_stime + 4 * seconds) + 10
    for kind, most in ((resource.RLIMIT_DATA, memory), (resource.RLIMIT_CPU, ends)):
        _, hard = resource.getrlimit(kind)
        soft = most if hard == resource.RLIM_INFINITY else min(most, hard)
        with suppress(ValueError, OSError):  # a system without this kind of limit
            resource.setrlimit(kind, (soft, hard))


def _end_with(parent: int) -> None:
    """End this process when its owner is gone, also in the middle of a document."""
    while os.getppid() == parent:
        time.sleep(_ORPHAN_LOOK)
    os._exit(0)


def _be_the_first_to_go() -> None:
    """Where memory runs out, a worker is to be ended before the process that it works for."""
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000")


def work(owner: Connection, parent: int) -> None:
    """All that a worker does; `parent` is the process that it was forked from."""
    _be_the_first_to_go()
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    with suppress(BrokenPipeError, ConnectionResetError):
        serve(owner)
