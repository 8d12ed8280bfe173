"""What a sync or a job did, as it is kept."""

from datetime import datetime
from typing import Any

from pydantic import Field, field_validator

from app.library.stored.base import Part, Stored, read_all
from app.library.stored.failures import StoredFailure


class StoredTie(Part):
    gone: tuple[str, ...] = ()
    new: tuple[str, ...] = ()


class StoredPassedOver(Part):
    source: str
    reason: str = ""


class StoredReport(Stored):
    """Counts are documents; `chunks` those written; `seconds` wall time."""

    kb: str = ""
    added: int = 0
    changed: int = 0
    removed: int = 0
    unchanged: int = 0
    failed: tuple[StoredFailure, ...] = ()
    chunks: int = 0
    seconds: float = 0.0
    dry_run: bool = False
    would_remove: tuple[str, ...] = ()
    chunks_per_second: float = 0.0
    stopped: bool = False
    notes: dict[str, int] = Field(default_factory=dict)
    moved: int = 0
    amended: int = 0
    ties: tuple[StoredTie, ...] = ()
    passed_over: tuple[StoredPassedOver, ...] = ()
    passed_over_count: int = 0
    failed_roots: tuple[str, ...] = ()

    @field_validator("failed", mode="before")
    @classmethod
    def _readable(cls, value: Any) -> tuple[StoredFailure, ...]:
        return read_all(StoredFailure, value)


class StoredRun(Stored):
    """The last run of a registered source that ended."""

    job_id: str = ""
    status: str = ""
    started_at: datetime | None = None
    finished_at: datetime | None = None
    report: StoredReport | None = None
    error: StoredFailure | None = None
