"""The queue of work on the library: rows, so that it outlives the process that works it off.

Over 350 lines: a job's states and every step from one to the next are one matter.
"""

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any, Literal
from uuid import uuid4

from sqlalchemy import ColumnElement, Engine, delete, func, select, text
from sqlalchemy.orm import Session

from app.errors import DocumentNotFound, JobGivenUp, JobNotFound, JobNotRepeatable, Phrase
from app.library.database import reading, repeated, writing
from app.library.sight import EVERYTHING, Sight
from app.library.stored import StoredRequest, as_mapping, read
from app.library.tables import Document, Job, Source, now

JobKind = Literal["upload", "sync"]
JobStatus = Literal["queued", "running", "done", "failed", "cancelled"]
JobStage = Literal["waiting", "reading", "chunking", "embedding", "writing", "done"]
ACTIVE: tuple[JobStatus, ...] = ("queued", "running")
FINISHED: tuple[JobStatus, ...] = ("done", "failed", "cancelled")
# A job over which so many processes died is the reason itself: memory, or a fault of ours.
MOST_TRIES = 3
_KEPT = 1_000  # finished jobs that are kept to be looked at


@dataclass(frozen=True)
class JobRow:
    """One piece of work.

    `source` says to people what it works on; `request` says it to the worker.
    `progress` goes from 0 to 1. `document_id`: of an upload, or of what is read again; `source_id` the registered
    source's that it syncs. `error` has the code and params of an error; `report` is
    a SyncReport as JSON. `cancelling`: somebody wants a running job to end. `worker` names
    the worker that has a running job, or the only one that may take a queued job. `tries`: how many
    processes have died over it. `owner`: who asked for it; None: nobody in particular.
    """

    id: str
    kb: str
    kind: JobKind
    source: str
    request: StoredRequest
    status: JobStatus
    stage: JobStage
    progress: float
    document_id: str | None
    source_id: str | None
    error: Mapping[str, Any] | None
    report: Mapping[str, Any] | None
    cancelling: bool
    worker: str | None
    tries: int
    owner: str | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


@dataclass(frozen=True)
class NewJob:
    """Work to be queued; the fields are those of JobRow, `request` as StoredRequest keeps it."""

    kb: str
    kind: JobKind
    source: str
    request: Mapping[str, Any]
    document_id: str | None = None
    source_id: str | None = None
    owner: str | None = None


class Jobs:
    """Methods are safe to call from several threads and processes; they raise LibraryUnavailable.

    People see the jobs that they asked for, or all where `sight` is unlimited; workers see all. Of a
    document that somebody may not read any more his jobs do not tell what it is called, or what was in it."""

    def __init__(self, engine: Engine, sight: Sight = EVERYTHING) -> None:
        self._engine = engine
        self._sight = sight

    @repeated
    def add(
        self,
        new: NewJob,
        *,
        identifier: str | None = None,
        worker: str | None = None,
        error: Mapping[str, Any] | None = None,
    ) -> JobRow:
        """Queue work, with `worker` for that worker alone; with `error` note that it has failed.

        A registered source has one job at a time: while one is queued or running, that one is
        returned and nothing is added.
        """
        with writing(self._engine) as session:
            if new.source_id is not None:
                # Two askers wait for each other here, so that the second sees the first's job. With
                # PostgreSQL a SELECT would see what was there before it waited.
                if session.get_bind().dialect.name == "postgresql":
                    session.execute(text("LOCK TABLE sources IN SHARE ROW EXCLUSIVE MODE"))
                active = session.scalar(
                    select(Job).where(Job.source_id == new.source_id, Job.status.in_(ACTIVE))
                )
                if active is not None:
                    return _row(active)
            job = Job(
                id=identifier or str(uuid4()),
                kb=new.kb,
                kind=new.kind,
                source=new.source,
                request=dict(new.request),
                status="queued" if error is None else "failed",
                stage="waiting",
                progress=0.0,
                error=_plain(error),
                document_id=new.document_id,
                source_id=new.source_id,
                owner=new.owner,
                cancelling=False,
                worker=worker,
                queued_ns=time.time_ns(),
                created_at=now(),
                finished_at=None if error is None else now(),
            )
            session.add(job)
            return _row(job)

    def get(self, job_id: str) -> JobRow:
        """Raises JobNotFound."""
        with reading(self._engine) as session:
            [job] = self._told(session, [self._seen(session, job_id)])
            return job

    def latest(self, kb: str | None, limit: int) -> list[JobRow]:
        """Newest first; of every knowledge base when `kb` is None."""
        return self.page(kb, limit)[0]

    def page(self, kb: str | None, limit: int, offset: int = 0) -> tuple[list[JobRow], int]:
        """The same from the one at `offset` on, and how many there are in all."""
        wanted = [*self._asked_for(), *([] if kb is None else [Job.kb == kb])]
        query = (
            select(Job)
            .where(*wanted)
            # The id is unique: pages neither repeat nor miss a job.
            .order_by(Job.created_at.desc(), Job.queued_ns.desc(), Job.id)
            .limit(limit)
            .offset(offset)
        )
        with reading(self._engine) as session:
            total = session.scalar(select(func.count()).select_from(Job).where(*wanted)) or 0
            return self._told(session, session.scalars(query)), total

    # --- a worker's side ----------------------------------------------------------------

    @repeated
    def claim(self, worker: str, *, own_only: bool = False) -> JobRow | None:
        """The job that has waited longest of those that `worker` may take, now running; None when
        none waits. `own_only`: of those that are for it alone."""
        whose = Job.worker == worker
        if not own_only:
            whose |= Job.worker.is_(None)
        waiting = select(Job).where(Job.status == "queued", whose).order_by(Job.queued_ns).limit(1)
        with reading(self._engine) as session:
            # Asked every second: a look that finds nothing must not take the write lock.
            if session.scalar(waiting) is None:
                return None
        with writing(self._engine) as session:
            job = session.scalar(waiting.with_for_update(skip_locked=True))
            if job is None:
                return None
            job.status, job.stage, job.worker, job.started_at = "running", "reading", worker, now()
            return _row(job)

    def held(self) -> list[JobRow]:
        """Unfinished jobs that are some worker's, which may have been killed."""
        query = select(Job).where(Job.status.in_(ACTIVE), Job.worker.is_not(None))
        with reading(self._engine) as session:
            return [_row(row) for row in session.scalars(query)]

    @repeated
    def advance(self, job_id: str, stage: JobStage, progress: float) -> bool:
        """Note how far a running job is; returns whether somebody wants it to end."""
        with writing(self._engine) as session:
            job = _found(session, job_id)
            job.stage, job.progress = stage, min(max(progress, 0.0), 1.0)
            return job.cancelling

    @repeated
    def finish(
        self,
        job_id: str,
        status: JobStatus,
        *,
        error: Mapping[str, Any] | None = None,
        report: Mapping[str, Any] | None = None,
    ) -> None:
        """End a job, and tell the registered source it synced."""
        with writing(self._engine) as session:
            job = _found(session, job_id)
            job.status, job.worker, job.cancelling = status, None, False
            job.error, job.report = _plain(error), _plain(report)
            if status == "done":
                job.stage, job.progress = "done", 1.0
            job.finished_at = now()
            source = session.get(Source, job.source_id) if job.source_id else None
            if source is not None and job.started_at is not None:
                source.last_run = {
                    "job_id": job.id,
                    "status": status,
                    "started_at": job.started_at.isoformat(),
                    "finished_at": job.finished_at.isoformat(),
                    "report": job.report,
                    "error": job.error,
                }

    @repeated
    def requeue(
        self, job_ids: Iterable[str], *, died: bool = False, of: Iterable[str | None] | None = None
    ) -> None:
        """Give unfinished jobs, whose worker has gone or is going, back to the queue, in their old
        turn. Those that somebody had wanted to end are ended; `died`: so are running ones over
        which MOST_TRIES processes have died, with JobGivenUp. `of`: only while they are one of these
        workers': another may have taken one up meanwhile."""
        wanted = select(Job).where(Job.id.in_(set(job_ids)), Job.status.in_(ACTIVE))
        if of is not None:
            wanted = wanted.where(Job.worker.in_(list(of)))
        with writing(self._engine) as session:
            for job in session.scalars(wanted.with_for_update()):
                job.tries += died and job.status == "running"
                job.worker, job.started_at = None, None
                if job.cancelling:
                    job.status, job.cancelling, job.finished_at = "cancelled", False, now()
                elif job.tries >= MOST_TRIES:
                    job.status, job.finished_at = "failed", now()
                    job.error = JobGivenUp(times=job.tries).data()
                else:
                    job.status, job.stage, job.progress = "queued", "waiting", 0.0

    @repeated
    def prune(self) -> None:
        """Forget the oldest finished jobs beyond those that are kept to be looked at."""
        old = (
            select(Job.id)
            .where(Job.status.in_(FINISHED))
            .order_by(Job.created_at.desc())
            .offset(_KEPT)
        )
        with writing(self._engine) as session:
            stale = list(session.scalars(old))
            session.execute(delete(Job).where(Job.id.in_(stale)))

    def known(self, job_ids: Sequence[str]) -> set[str]:
        """Those of the ids that are a job's and may be worked on, now or by a retry."""
        with reading(self._engine) as session:
            rows = session.scalars(
                select(Job.id).where(Job.id.in_(job_ids), Job.status.in_(ACTIVE))
            )
            return set(rows)

    def unfinished_counts(self) -> dict[JobStatus, int]:
        """How many wait and how many run, whoever asked for them."""
        query = select(Job.status, func.count()).where(Job.status.in_(ACTIVE)).group_by(Job.status)
        with reading(self._engine) as session:
            found = {str(status): int(count) for status, count in session.execute(query)}
            return {status: found.get(status, 0) for status in ACTIVE}

    def unfinished(self, kb: str, source: str) -> list[JobRow]:
        """What waits or goes on for one source of a knowledge base, the oldest first."""
        query = select(Job).where(Job.kb == kb, Job.source == source, Job.status.in_(ACTIVE))
        with reading(self._engine) as session:
            return [_row(row) for row in session.scalars(query.order_by(Job.queued_ns))]

    # --- a person's side ----------------------------------------------------------------

    @repeated
    def cancel(self, job_id: str) -> JobRow:
        """End a queued job at once, ask a running one to end; a finished one stays as it is.
        Raises JobNotFound."""
        with writing(self._engine) as session:
            job = self._seen(session, job_id)
            if job.status == "queued":
                job.status, job.finished_at = "cancelled", now()
            elif job.status == "running":
                job.cancelling = True
            return self._told(session, [job])[0]

    @repeated
    def retry(self, job_id: str) -> JobRow:
        """Queue a failed or cancelled job again, behind all others; an active one stays as it is.

        Raises JobNotFound, and JobNotRepeatable for one that is done.
        """
        with writing(self._engine) as session:
            job = self._seen(session, job_id)
            if job.status == "done":
                raise JobNotRepeatable(job=job_id, state=Phrase("job_done"))
            if job.status in FINISHED:
                job.status, job.stage, job.progress = "queued", "waiting", 0.0
                job.error = job.report = job.started_at = job.finished_at = None
                job.queued_ns, job.tries = time.time_ns(), 0
            return self._told(session, [job])[0]

    def _asked_for(self) -> list[ColumnElement[bool]]:
        sight = self._sight
        found = [] if sight.unlimited else [Job.owner == sight.owner]
        return found if sight.kbs is None else [*found, Job.kb.in_(sight.kbs)]

    def _told(self, session: Session, jobs: Iterable[Job]) -> list[JobRow]:
        rows = [_row(job) for job in jobs]
        wanted = {row.document_id for row in rows if row.document_id is not None}
        if self._sight.unlimited or not wanted:
            return rows
        limited = select(Document.kb, Document.id, Document.access).where(
            Document.id.in_(wanted), Document.access != ""
        )
        found = session.execute(limited)
        hidden = {(row.kb, row.id) for row in found if not self._sight.passes(row.access)}
        return [_untold(row) if (row.kb, row.document_id) in hidden else row for row in rows]

    def _seen(self, session: Session, job_id: str) -> Job:
        job = session.scalar(select(Job).where(Job.id == job_id, *self._asked_for()))
        if job is None:
            raise JobNotFound(job=job_id)
        return job


def _found(session: Session, job_id: str) -> Job:
    job = session.get(Job, job_id)
    if job is None:
        raise JobNotFound(job=job_id)
    return job


def _untold(row: JobRow) -> JobRow:
    error = None if row.error is None else DocumentNotFound(document=row.document_id or "").data()
    return replace(row, source="", error=error, report=None)


def _plain(value: Mapping[str, Any] | None) -> dict[str, Any] | None:
    return None if value is None else dict(value)


def _row(job: Job) -> JobRow:
    columns = {field.name: getattr(job, field.name) for field in fields(JobRow)}
    kept = {
        "request": read(StoredRequest, job.request) or StoredRequest(),
        "error": as_mapping(job.error),
        "report": as_mapping(job.report),
    }
    return JobRow(**{**columns, **kept})
