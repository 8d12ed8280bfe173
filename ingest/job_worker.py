"""The worker: one thread that works off the queue of jobs, in order."""

import random
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import structlog

from app.errors import (
    DiskFull,
    GroundkbError,
    Internal,
    LibraryConflict,
    LibraryUnavailable,
    Phrase,
    WriterBusy,
    WriterLockLost,
)
from app.library.jobs import JobKind, JobRow, JobStage, NewJob
from app.library.library import Library
from app.library.locks import locks_of
from app.texts import FALLBACK, told
from ingest.report import OnEvent, SyncEvent, SyncReport
from ingest.schedule import source_job, start_due
from ingest.uploads import uploads_of

log = structlog.get_logger(__name__)

POLL_SECONDS = 1.0  # another process may have queued something
ADVANCE_SECONDS = 0.3  # between two notes of a job's progress
BUSY_SECONDS = 1.0  # between two tries for a knowledge base that another process writes to
TROUBLE_SECONDS = 5.0  # after the library's database has failed
MOST_CONFLICTS = 5  # of one job, with other processes that change the same
ADOPT_SECONDS = 10.0  # between two looks for jobs of workers that were killed

# What somebody who watches a job is told: its events, then its report or the error that ended it.
OnJob = Callable[[SyncEvent | SyncReport | GroundkbError], None]


@dataclass
class JobControl:
    """What a job's work has in its hands: it tells how far it is, and asks whether to go on."""

    job: JobRow
    library: Library
    stopping: threading.Event
    watcher: OnJob | None = None
    observer: OnEvent = field(default=lambda _event: None)
    cancelled: threading.Event = field(default_factory=threading.Event)
    _stage: JobStage = "reading"
    _progress: float = 0.0
    _noted: float = 0.0

    def stop(self) -> bool:
        """Whether the work is to end: it was cancelled, or the process is about to end."""
        self._note(self._stage, self._progress)
        return self.cancelled.is_set() or self.stopping.is_set()

    def advance(self, stage: JobStage, progress: float) -> None:
        """`progress` from 0 to 1; it never goes back."""
        self._note(stage, max(progress, self._progress))

    def on_event(self, event: SyncEvent) -> None:
        self.observer(event)
        if self.watcher is not None:
            self.watcher(event)

    def _note(self, stage: JobStage, progress: float) -> None:
        moment = time.monotonic()
        changed = stage != self._stage
        self._stage, self._progress = stage, progress
        if changed or moment - self._noted > ADVANCE_SECONDS:
            self._noted = moment
            if self.library.jobs.advance(self.job.id, stage, progress):
                self.cancelled.set()


Run = Callable[[JobControl], SyncReport]


class JobWorker:
    """Works off jobs in a thread of its own, once started; and starts the scheduled ones if told to.

    Its name is its lock's: a job whose worker's lock is free was left by a process that was
    killed, and is queued again.
    """

    def __init__(
        self,
        library: Library,
        data: Path,
        runs: Mapping[JobKind, Run],
        *,
        own_only: bool = False,
    ) -> None:
        """`own_only`: what is queued is left to other processes, but for what is watched here."""
        self.id = str(uuid4())
        self._library = library
        self._runs = runs
        self._data = data
        self._locks = locks_of(library.engine, data)
        self._presence = self._locks.presence(self.id)
        self._own_only = own_only
        self._thread: threading.Thread | None = None
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._starting = threading.Lock()
        self._running = threading.Lock()
        self._watchers: dict[str, OnJob] = {}
        self._adopted = 0.0
        self._rng = random.Random()  # noqa: S311  for spreading starts, not for secrets
        self.scheduling = False
        # Told of each job that has ended, in the worker's thread: its kind, and what came of it.
        self.on_ended: Callable[[JobKind, SyncReport | GroundkbError], None] = lambda *_: None
        # Told of every event of a job, in the worker's thread.
        self.on_event: OnEvent = lambda _event: None

    def start(self, *, scheduling: bool | None = None) -> None:
        """Begin to work; a worker that has begun goes on. `scheduling`: also start what is due."""
        with self._starting:
            if scheduling is not None:
                self.scheduling = scheduling
            if self._thread is not None or self._stopping.is_set():
                return
            self._presence.appear()
            self._thread = threading.Thread(target=self._work, name="groundkb-jobs", daemon=True)
            self._thread.start()

    def stop(self, seconds: float = 5.0) -> None:
        """Have the job under way end between two documents, to be done again later; wait for that
        as long as `seconds`. The process may end without: its jobs are found by the next one."""
        self._stopping.set()
        self._wake.set()
        if not self._running.acquire(timeout=seconds):
            return
        self._running.release()
        with self._starting:
            if self._thread is not None:
                self._thread.join(seconds)
            self._presence.leave()

    def add(self, new: NewJob, identifier: str | None = None) -> JobRow:
        """Queue a job and begin with it when its turn comes."""
        if not self._own_only:
            self.start()
        job = self._library.jobs.add(new, identifier=identifier)
        self._wake.set()
        return job

    def watch(self, new: NewJob, watcher: OnJob) -> JobRow:
        """Queue a job that this worker alone does; `watcher` is called in the worker's thread.
        A watched job does not wait for another process to let go of its knowledge base."""
        self.start()
        identifier = str(uuid4())
        self._watchers[identifier] = watcher
        job = self._library.jobs.add(new, identifier=identifier, worker=self.id)
        self._wake.set()
        return job

    def wake(self) -> None:
        """Look at the queue now."""
        self._wake.set()

    # --- the thread ---------------------------------------------------------------------

    def _work(self) -> None:
        tidy = False
        while not self._stopping.is_set():
            try:
                if not tidy:
                    self._tidy_up()
                    tidy = True
                worked = self._turn()
            except (DiskFull, LibraryUnavailable) as error:
                log.warning("jobs_wait", code=error.code, reason=told(error, FALLBACK).message)
                self._pause(TROUBLE_SECONDS)
                continue
            except Exception as error:
                # Without this thread nothing would be taken in any more, and nobody told.
                log.error("jobs_broken", exc_info=error)
                tidy = True  # it is a courtesy: the next start does it
                self._pause(TROUBLE_SECONDS)
                continue
            if not worked:
                self._pause(POLL_SECONDS)

    def _tidy_up(self) -> None:
        """Forget what killed processes left behind and what nobody will look at any more."""
        self._library.jobs.prune()
        uploads = uploads_of(self._library, self._data)
        uploads.sweep(self._library.knowledge_bases(), self._library.jobs.known)

    def _turn(self) -> bool:
        """One job, if there is any."""
        jobs = self._library.jobs
        self._presence.appear()
        if self._own_only:
            job = jobs.claim(self.id, own_only=True)
            if job is not None:
                self._run(job)
            return job is not None
        self._adopt()
        if self.scheduling:
            start_due(
                self._library,
                lambda source: jobs.add(source_job(source)),
                datetime.now(UTC),
                self._rng,
            )
        job = jobs.claim(self.id)
        if job is None:
            return False
        self._run(job)
        return True

    def _run(self, job: JobRow) -> None:
        with self._running:
            self._run_alone(job)

    def _run_alone(self, job: JobRow) -> None:
        watcher = self._watchers.pop(job.id, None)
        control = JobControl(job, self._library, self._stopping, watcher, self.on_event)
        started = time.monotonic()
        outcome: SyncReport | GroundkbError
        try:
            outcome = self._until_free(control)
        except WriterLockLost as error:
            # Another worker may have it already; who has the lock next does it from its beginning.
            log.warning("job_lock_lost", job=job.id, reason=told(error, FALLBACK).message)
            if watcher is not None:
                watcher(error)
            self._library.jobs.requeue([job.id], of=[self.id])
            return
        except GroundkbError as error:
            outcome = error
        except Exception as error:
            log.error("job_broken", job=job.id, exc_info=error)
            outcome = Internal(detail=Phrase("job_named", id=job.id))
        self.on_ended(job.kind, outcome)
        try:
            self._finish(control, outcome)
        except GroundkbError as error:
            # It is not noted that it has ended: it is done again, and whoever watches would wait for ever.
            if watcher is not None:
                watcher(error)
            raise
        log.info(
            "job_ended", job=job.id, kind=job.kind, seconds=round(time.monotonic() - started, 1)
        )
        if watcher is not None:
            watcher(outcome)

    def _until_free(self, control: JobControl) -> SyncReport:
        """Do the work, waiting for other processes that write to the knowledge base."""
        run = self._runs[control.job.kind]
        conflicts = 0
        while True:
            try:
                return run(control)
            except LibraryConflict:
                # Of a document nothing is half there: it is begun anew.
                conflicts += 1
                if conflicts == MOST_CONFLICTS or control.stop():
                    raise
                log.info("job_again", job=control.job.id)
                continue
            except WriterBusy:
                if control.watcher is not None or control.stop():
                    raise
            control.advance("waiting", 0.0)
            self._stopping.wait(BUSY_SECONDS)

    def _finish(self, control: JobControl, outcome: SyncReport | GroundkbError) -> None:
        jobs, job_id = self._library.jobs, control.job.id
        if isinstance(outcome, GroundkbError):
            ended, report = True, None
            error: dict[str, Any] | None = outcome.data()
        else:
            ended, report = outcome.stopped, outcome.as_json()
            error = _failure(control.job, outcome)
        if control.cancelled.is_set() and ended:
            jobs.finish(job_id, "cancelled", report=report)
        elif self._stopping.is_set() and ended:
            jobs.requeue([job_id])
        else:
            jobs.finish(job_id, "done" if error is None else "failed", error=error, report=report)

    def _pause(self, seconds: float) -> None:
        self._wake.wait(seconds)
        self._wake.clear()

    # --- locks --------------------------------------------------------------------------

    def _adopt(self) -> None:
        """Queue again what workers left that were killed, and what this one could not finish."""
        if time.monotonic() - self._adopted < ADOPT_SECONDS and self._adopted:
            return
        self._adopted = time.monotonic()
        held = self._library.jobs.held()
        gone = {
            job.worker
            for job in held
            if job.worker != self.id and self._locks.is_gone(job.worker or "")
        }
        orphans = [job.id for job in held if job.worker in gone]
        mine = [job.id for job in held if job.worker == self.id and job.status == "running"]
        if orphans or mine:
            self._library.jobs.requeue(mine, of=[self.id])
            self._library.jobs.requeue(orphans, died=True, of=gone)
            log.info("jobs_adopted", jobs=orphans + mine)


def _failure(job: JobRow, report: SyncReport) -> dict[str, Any] | None:
    """An upload whose only document failed has failed, and so has a sync that could look at none of
    its roots; of other failures a sync tells in its report."""
    failed = list(report.failed)
    if job.kind == "sync":
        if len(report.failed_roots) < len(set(job.request.roots)):
            return None
        failed = [item for item in failed if item.source in report.failed_roots]
    return {"code": failed[0].code, "params": failed[0].params} if failed else None
