"""The owner's side: workers kept warm, watched, and ended when a document goes too far."""

import os
import signal
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Final

import psutil

from app.errors import Phrase, ReadingCrashed, ReadingNeedsMemory, ReadingTooLong, WorkerFailed
from app.settings import Settings
from ingest.reading.task import Raised, ReadTask, ReadText
from ingest.reading.template import Template, TemplateGone
from ingest.reading.worker import Done, OutOfMemory, Step, ToRead

_POLL: Final = 0.05
# The template imports a dozen parsing libraries, on a machine that may be busy.
_START_SECONDS: Final = 120.0
_STARTS: Final = 3
# Of a document's memory: a worker that had so much and was then ended by the system lacked memory.
_MUCH: Final = 0.5


class Abandoned(Exception):
    """The caller wants the document no more."""


class _Gone(Exception):
    """The worker has ended."""


class ReadPool:
    """Reads documents in processes of their own; safe in threads. Workers start when needed.

    The worker of a document that takes longer or more memory than its limits say is ended, and
    another takes its place; so with one that crashes.
    """

    def __init__(self, workers: int) -> None:
        """`workers`: as many documents are read at the same time; a further one waits."""
        self.workers = workers
        self._places = threading.BoundedSemaphore(workers)
        self._lock = threading.Lock()
        self._template: Template | None = None
        self._idle: list[_Worker] = []
        self._busy: set[_Worker] = set()
        self._closed = False

    @classmethod
    def of(cls, settings: Settings) -> "ReadPool":
        return cls(settings.parse_workers or max(1, min(4, (os.cpu_count() or 1) // 2)))

    def warm(self) -> None:
        """Begin to start what is needed, without waiting for it."""
        with self._lock:
            if not self._closed and not self._idle and not self._busy:
                self._idle.append(self._new())

    def read(
        self,
        path: Path,
        task: ReadTask,
        *,
        stop: Callable[[], bool] = lambda: False,
        on_parsed: Callable[[], None] = lambda: None,
    ) -> ReadText:
        """As `ingest.reading.read`, in a worker.

        Raises besides ReadingTooLong, ReadingNeedsMemory and ReadingCrashed for a document that
        had its worker ended; WorkerFailed when no worker starts; Abandoned within a moment of
        `stop()` being true, or of `close`.
        """
        while not self._places.acquire(timeout=_POLL):
            if stop() or self._closed:
                raise Abandoned
        try:
            return self._read(path, task, stop, on_parsed)
        finally:
            self._places.release()

    def close(self) -> None:
        """End all workers, also those at work."""
        with self._lock:
            self._closed = True
            template, self._template = self._template, None
            workers = [*self._idle, *self._busy]
            self._idle.clear()
        for worker in workers:
            worker.end()
        if template is not None:
            template.close()

    def _read(
        self, path: Path, task: ReadTask, stop: Callable[[], bool], on_parsed: Callable[[], None]
    ) -> ReadText:
        for _ in range(_STARTS + self.workers):  # idle ones may all have ended
            worker = self._take()
            watch = _Watch(worker, path, task, stop, on_parsed)
            try:
                done = watch.until_done()
            except _Gone:
                self._lose(worker)
                if self._closed:
                    raise Abandoned from None
                if watch.started:
                    raise watch.why_gone() from None
                continue
            except BaseException:
                self._lose(worker)
                raise
            if done.last:
                self._lose(worker)
            else:
                self._give_back(worker)
            match done.outcome:
                case ReadText() as text:
                    return text
                case Raised() as raised:
                    raise raised.again()
                case OutOfMemory():
                    raise watch.needs_memory()
        raise WorkerFailed(detail=Phrase("worker_tries", count=_STARTS))

    def _take(self) -> "_Worker":
        with self._lock:
            if self._closed:
                raise Abandoned
            worker = self._idle.pop() if self._idle else self._new()
            self._busy.add(worker)
            return worker

    def _new(self) -> "_Worker":
        """With the lock held."""
        for _ in range(_STARTS):
            template = self._template or Template.start()
            try:
                worker = _Worker(template, template.fork())
            except TemplateGone:
                template.close()
                self._template = None
            else:
                self._template = template
                return worker
        raise WorkerFailed(detail=Phrase("worker_tries", count=_STARTS))

    def _give_back(self, worker: "_Worker") -> None:
        with self._lock:
            self._busy.discard(worker)
            if not self._closed:
                self._idle.append(worker)
                return
        worker.end()

    def _lose(self, worker: "_Worker") -> None:
        worker.end()
        with self._lock:
            self._busy.discard(worker)


@dataclass(eq=False)
class _Worker:
    template: Template
    channel: Connection
    pid: int | None = None  # it tells it with the first document
    status: int | None = None  # how it ended

    def end(self) -> None:
        """Kill it; harmless when it has ended. One that has not begun ends by itself."""
        with suppress(OSError):
            self.channel.close()
        if self.pid is not None and self.status is None:
            try:
                self.status = self.template.end(self.pid)
            except TemplateGone:
                self.status = 0

    def memory(self) -> int:
        """Bytes that it has in memory; 0 when it has ended."""
        try:
            return int(psutil.Process(self.pid).memory_info().rss)
        except psutil.Error:
            return 0


@dataclass
class _Watch:
    """One document with one worker."""

    worker: _Worker
    path: Path
    task: ReadTask
    stop: Callable[[], bool]
    on_parsed: Callable[[], None]
    started: bool = False
    _recognising: bool = False
    _most: int = 0
    _ends: float = field(default=0.0)
    _seconds: float = field(default=0.0)

    def until_done(self) -> Done:
        """Raises _Gone, Abandoned, ReadingTooLong and ReadingNeedsMemory; the worker is to be
        ended then."""
        limits = self.task.limits
        self._seconds = limits.seconds_for(self.path)
        self._ends = time.monotonic() + _START_SECONDS
        try:
            self.worker.channel.send(ToRead(self.path, self.task))
            while True:
                if not self.worker.channel.poll(_POLL):
                    self._look()
                    continue
                message: Step | Done = self.worker.channel.recv()
                if isinstance(message, Done):
                    return message
                self._advance(message)
        except (EOFError, OSError) as error:
            raise _Gone from error

    def _advance(self, step: Step) -> None:
        limits = self.task.limits
        match step.name:
            case "started":
                self.started = True
                self.worker.pid = step.pid
                self._ends = time.monotonic() + self._seconds
            case "recognising" if not self._recognising:
                # OCR has a time of its own, which it looks at between pictures.
                self._recognising = True
                self._seconds += limits.ocr_seconds
                self._ends += limits.ocr_seconds
            case "parsed":
                self.on_parsed()

    def _look(self) -> None:
        """At what the worker has used so far."""
        if self.stop():
            raise Abandoned
        if time.monotonic() > self._ends:
            if not self.started:
                raise _Gone
            raise ReadingTooLong(path=self.task.name, seconds=f"{self._seconds:.0f}")
        if not self.started:
            return
        self._most = max(self._most, self.worker.memory())
        if self._most > self.task.limits.parse_memory_bytes:
            raise self.needs_memory()

    def needs_memory(self) -> ReadingNeedsMemory:
        return ReadingNeedsMemory(
            path=self.task.name, megabytes=self.task.limits.parse_memory_bytes // 1_000_000
        )

    def why_gone(self) -> ReadingTooLong | ReadingNeedsMemory | ReadingCrashed:
        """What the end of the worker says of the document."""
        status = self.worker.status or 0
        if status == -signal.SIGXCPU:
            return ReadingTooLong(path=self.task.name, seconds=f"{self._seconds:.0f}")
        # Libraries abort when they are refused memory; that is no fault of theirs.
        if self._most > _MUCH * self.task.limits.parse_memory_bytes:
            return self.needs_memory()
        code = Phrase("exit_status", status=status)
        ended = signal.Signals(-status).name if status < 0 else code
        return ReadingCrashed(path=self.task.name, detail=ended)
