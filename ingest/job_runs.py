"""How each kind of job is carried out."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

from app.errors import JobNotRepeatable, KeptUnreadable, Phrase
from app.library.jobs import JobKind, JobRow
from app.library.library import Library
from ingest.job_worker import JobControl, Run
from ingest.report import SyncEvent, SyncProgress, SyncReport, SyncRequest
from ingest.sync import sync, take_in
from ingest.uploads import uploads_of
from ingest.writer import IngestDeps


def job_runs(deps_of: Callable[[], IngestDeps]) -> dict[JobKind, Run]:
    """The work of each kind of job, done with what `deps_of` gives."""
    return {
        "upload": lambda control: _upload(deps_of(), control),
        "sync": lambda control: _sync(deps_of(), control),
    }


def _upload(deps: IngestDeps, control: JobControl) -> SyncReport:
    job = control.job
    deps = replace(deps, stop=control.stop)
    uploads = uploads_of(deps.library, deps.settings.data)
    found = uploads.find(job.kb, job.id, job.request.name)
    if found is None:
        raise JobNotRepeatable(job=job.id, state=Phrase("upload_gone"))
    report = take_in(deps, job.kb, found, partial(_on_event, control))
    if not report.stopped:
        known = deps.library.known_sources(job.kb, [found.source]).get(found.source)
        revision = None if known is None or report.failed else known.revision
        uploads.put_in_place(job.kb, job.id, found.source, revision)
    elif control.cancelled.is_set():
        uploads.discard(job.kb, job.id)
    return report


def _sync(deps: IngestDeps, control: JobControl) -> SyncReport:
    job = control.job
    if not job.request.roots:
        raise KeptUnreadable
    request = SyncRequest(
        job.request.roots,
        job.kb,
        allow_mass_delete=job.request.allow_mass_delete,
        retire=job.request.retire,
        engine=job.request.engine,
    )
    return sync(replace(deps, stop=control.stop), request, partial(_on_event, control))


def _on_event(control: JobControl, event: SyncEvent) -> None:
    if isinstance(event, SyncProgress):
        control.advance(event.stage, event.share)
    control.on_event(event)


def cancel_job(library: Library, data: Path, job_id: str) -> JobRow:
    """End a job; a running one ends between two documents. Raises JobNotFound."""
    job = library.jobs.cancel(job_id)
    if job.status == "cancelled" and job.kind == "upload":
        uploads_of(library, data).discard(job.kb, job.id)
    return job


def retry_job(library: Library, data: Path, job_id: str) -> JobRow:
    """Queue a failed or cancelled job again. Raises JobNotFound and JobNotRepeatable."""
    job = library.jobs.get(job_id)
    if job.kind == "upload" and job.status in ("failed", "cancelled"):
        uploads, name = uploads_of(library, data), job.request.name
        # A cancelled upload has not come into place: what lies there is an earlier one.
        there = uploads.waits if job.status == "cancelled" else uploads.find
        if not there(job.kb, job.id, name):
            raise JobNotRepeatable(job=job_id, state=Phrase("upload_gone"))
    return library.jobs.retry(job_id)
