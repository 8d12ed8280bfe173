"""Work on the library, as it waits, goes on and ends."""

from datetime import datetime
from typing import Self

from pydantic import Field

from app.api.wire.base import ErrorBody, ErrorDetail, Wire, kept_error
from app.api.wire.syncs import SyncReport
from app.library.jobs import JobKind, JobRow, JobStage, JobStatus


class Job(Wire):
    """A piece of work on the library: event `job` of a stream, sent at each change."""

    id: str
    kind: JobKind
    kb: str
    source: str = Field(
        description="What it works on, for people: a file's URI, folders; empty where it is a document that "
        "the caller may not read any more."
    )
    status: JobStatus
    stage: JobStage
    progress: float = Field(ge=0, le=1)
    document_id: str | None = Field(
        description="Of an upload, or of a document that is read again."
    )
    source_id: str | None = Field(description="Of the registered source that is synced.")
    error: ErrorDetail | None
    report: SyncReport | None = Field(description="What a sync or upload did.")
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None

    @classmethod
    def of(cls, row: JobRow, language: str) -> Self:
        plain = {
            name: getattr(row, name) for name in cls.model_fields if name not in ("error", "report")
        }
        report = SyncReport.of_kept(row.report, language)
        return cls(**plain, error=kept_error(row.error, language), report=report)


class JobList(Wire):
    jobs: tuple[Job, ...]
    total: int = Field(description="Of the knowledge base, on all pages.")


class UploadJob(Wire):
    job_id: str
    name: str = Field(description="As the document is called: with a number where both are kept.")
    document_id: str
    unchanged: bool = Field(
        False, description="The document has these very bytes already: it stays as it is."
    )


class UploadJobs(Wire):
    jobs: tuple[UploadJob, ...]


class TakenName(Wire):
    """A document that has the name of an upload, with other contents."""

    name: str
    document_id: str


class NameTakenBody(ErrorBody):
    """Error `name_taken`: nothing was taken in."""

    taken: tuple[TakenName, ...]


class Started(Wire):
    job_id: str
