"""Registered sources."""

from datetime import datetime
from typing import Annotated, Self

from pydantic import Field, StringConstraints

from app.api.wire.base import ErrorDetail, KbName, Wire, forgiving, kept_error
from app.api.wire.syncs import SyncReport
from app.library.jobs import JobStatus
from app.library.sources import SourceRow
from app.library.stored import StoredRun

Crontab = Annotated[str, StringConstraints(min_length=9, max_length=120)]
ZoneName = Annotated[str, StringConstraints(min_length=1, max_length=60)]
Location = Annotated[str, StringConstraints(min_length=1, max_length=4_000)]


class LastRun(Wire):
    """The last run that ended."""

    job_id: str
    status: JobStatus
    started_at: datetime
    finished_at: datetime
    report: SyncReport | None
    error: ErrorDetail | None

    @classmethod
    def of_kept(cls, kept: StoredRun | None, language: str) -> Self | None:
        """Of a run as it is kept; None for none, and for one that cannot be read."""
        if kept is None:
            return None
        report = SyncReport.of_kept(kept.report, language)
        return forgiving(
            cls, {**kept.plain(), "report": report, "error": kept_error(kept.error, language)}
        )


class Source(Wire):
    id: str
    kb: str
    location: str = Field(description="An absolute path on the server's machine, or a URL.")
    schedule: str | None = Field(description="A crontab expression; null: only on demand.")
    time_zone: str = Field(description="In which the schedule is read, such as Asia/Shanghai.")
    jitter: int = Field(description="Scheduled runs begin up to so many seconds late, by chance.")
    enabled: bool = Field(description="false: the schedule rests.")
    next_run: datetime | None
    last_run: LastRun | None
    created_at: datetime

    @classmethod
    def of(cls, row: SourceRow, language: str) -> Self:
        plain = {name: getattr(row, name) for name in cls.model_fields if name != "last_run"}
        if not row.enabled:
            plain["next_run"] = None
        return cls(**plain, last_run=LastRun.of_kept(row.last_run, language))


class SourceList(Wire):
    sources: tuple[Source, ...]


class SourceIn(Wire):
    """The same `kb` and `location` again changes the source that is registered."""

    location: Location = Field(description="An absolute path on the server's machine, or a URL.")
    kb: str | None = KbName
    schedule: Crontab | None = Field(None, description="A crontab expression, five fields.")
    time_zone: ZoneName | None = Field(None, description="Unset: the server's own.")
    jitter: int = Field(0, ge=0, le=86_400, description="Seconds.")
    enabled: bool = True


class SourceChanges(Wire):
    """Only the fields that are sent are changed; `schedule: null` ends the schedule."""

    schedule: Crontab | None = None
    time_zone: ZoneName = "UTC"
    jitter: int = Field(0, ge=0, le=86_400)
    enabled: bool = True
