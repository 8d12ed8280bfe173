"""How each kind of job is carried out."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from app.errors import JobNotRepeatable, KeptUnreadable, Phrase
from app.library.jobs import JobKind, JobRow
from app.library.library import Library
from ingest.job_worker import JobControl, Run
from ingest.report import DocumentDone, Planned, Progress, SyncEvent, SyncReport, SyncRequest
from ingest.sync import sync, take_in
from ingest.uploads import Uploads
from ingest.writer import IngestDeps

# How far a document is when it enters a stage: parsing is quick but for OCR, embedding is not.
_STAGES: Final = {"chunking": (0.2, 0.2), "embedding": (0.3, 0.9), "writing": (0.9, 0.9)}


def job_runs(deps_of: Callable[[], IngestDeps]) -> dict[JobKind, Run]:
    """The work of each kind of job, done with what `deps_of` gives."""
    return {
        "upload": lambda control: _upload(deps_of(), control),
        "sync": lambda control: _sync(deps_of(), control),
    }


def _upload(deps: IngestDeps, control: JobControl) -> SyncReport:
    job = control.job
    deps = _watched(deps, control, _Meter(control))
    uploads = Uploads(deps.settings.data)
    found = uploads.find(job.kb, job.id, job.request.name)
    if found is None:
        raise JobNotRepeatable(job=job.id, state=Phrase("upload_gone"))
    report = take_in(deps, job.kb, found, control.on_event)
    if not report.stopped:
        known = deps.library.known_sources(job.kb, [found.source]).get(found.source)
        revision = None if known is None or report.failed else known.revision
        original = deps.library.originals.path(revision) if revision else None
        uploads.put_in_place(job.kb, job.id, found, original)
    elif control.cancelled.is_set():
        uploads.discard(job.kb, job.id)
    return report


def _sync(deps: IngestDeps, control: JobControl) -> SyncReport:
    job = control.job
    meter = _Meter(control)

    def on_event(event: SyncEvent) -> None:
        meter.on_event(event)
        control.on_event(event)

    if not job.request.roots:
        raise KeptUnreadable
    request = SyncRequest(
        job.request.roots,
        job.kb,
        allow_mass_delete=job.request.allow_mass_delete,
        retire=job.request.retire,
        engine=job.request.engine,
    )
    return sync(_watched(deps, control, meter), request, on_event)


@dataclass
class _Meter:
    """Turns what a sync tells into a job's progress: documents done, and the share of those under way."""

    control: JobControl
    planned: int = 1
    done: int = 0

    def on_event(self, event: SyncEvent) -> None:
        match event:
            case Planned():
                self.planned = max(1, event.added + event.changed + event.removed)
            case DocumentDone():
                self.done += 1

    def on_progress(self, progress: Progress) -> None:
        start, end = _STAGES[progress.stage]
        share = start + (end - start) * progress.share
        under_way = max(1, progress.documents) * share
        self.control.advance(progress.stage, min(1.0, (self.done + under_way) / self.planned))


def _watched(deps: IngestDeps, control: JobControl, meter: _Meter) -> IngestDeps:
    return replace(deps, stop=control.stop, on_progress=meter.on_progress)


def cancel_job(library: Library, data: Path, job_id: str) -> JobRow:
    """End a job; a running one ends between two documents. Raises JobNotFound."""
    job = library.jobs.cancel(job_id)
    if job.status == "cancelled" and job.kind == "upload":
        Uploads(data).discard(job.kb, job.id)
    return job


def retry_job(library: Library, data: Path, job_id: str) -> JobRow:
    """Queue a failed or cancelled job again. Raises JobNotFound and JobNotRepeatable."""
    job = library.jobs.get(job_id)
    if job.kind == "upload" and job.status in ("failed", "cancelled"):
        uploads, name = Uploads(data), job.request.name
        found = uploads.find(job.kb, job.id, name)
        # A cancelled upload has not come into place: what lies there is an earlier one.
        if found is None or (job.status == "cancelled" and found.path.parent.name != job.id):
            raise JobNotRepeatable(job=job_id, state=Phrase("upload_gone"))
    return library.jobs.retry(job_id)
