"""A sync: what is asked for, its events, its report.

Events of `ingest.report` stand here as they are, but for those that tell of an error: `DocumentDone`,
`FailedDocument` and `SyncReport` have it worded in the asker's language, and `SyncReport` the speed, too.
`PassedOver.reason` is open, unlike that of `ingest.sources.found`: a report may have been kept by a
version that knew other reasons.
"""

from dataclasses import asdict
from typing import Self

from pydantic import Field

from app.api.wire.base import ErrorDetail, KbName, Wire, told_kept
from app.library.stored import StoredFailure, StoredReport, read, read_failure
from app.texts import told_of
from ingest import report
from ingest.report import Planned, SyncProgress, Tie


class SyncJob(Wire):
    """Event `begun`, the first of a sync: the job that it is, which can be cancelled."""

    job_id: str


class DocumentDone(Wire):
    """Event `document` of a sync: one document is finished."""

    source: str
    outcome: report.Outcome
    chunks: int
    bytes: int
    message: str | None = Field(description="Why it failed.")


class FailedDocument(ErrorDetail):
    """A document that failed, and why."""

    source: str
    permanent: bool = Field(description="It is not tried again until it, or a setting, changes.")

    @classmethod
    def of_kept(cls, kept: object, language: str) -> Self | None:
        """Of a failure as it is kept; None for none."""
        failure = read_failure(kept)
        return cls.of(failure, language) if failure else None

    @classmethod
    def of(cls, kept: StoredFailure, language: str) -> Self:
        said = told_kept(kept, language)
        return cls(
            source=kept.source,
            code=kept.code,
            message=said.message,
            hint=said.hint,
            permanent=kept.permanent,
        )


class PassedOver(Wire):
    source: str
    reason: str = Field(
        description="system_file, lock_file, program; link: links are not followed; archive: not opened, "
        "for which archive_encrypted, archive_damaged and archive_too_large say why.",
    )


class SyncReport(Wire):
    """Event `report`, the last of a sync. Counts are documents; `chunks` those written."""

    kb: str
    added: int
    changed: int
    removed: int
    unchanged: int
    failed: tuple[FailedDocument, ...]
    chunks: int
    seconds: float
    dry_run: bool
    would_add: tuple[str, ...] = Field(
        (), description="Of a dry run, what it would do: the first 1,000 of each kind."
    )
    would_change: tuple[str, ...] = ()
    would_move: tuple[str, ...] = Field((), description="Where these documents lie now.")
    would_remove: tuple[str, ...]
    chunks_per_second: float
    stopped: bool
    notes: dict[str, int] = Field(
        description="What is not in the texts written though the files hold it: how much of each kind."
    )
    moved: int = Field(0, description="Renamed or moved; they keep their id and tags.")
    amended: int = Field(0, description="Only their metadata file changed.")
    ties: tuple[Tie, ...] = ()
    passed_over: tuple[PassedOver, ...] = Field(
        (), description="No documents, which is no failure: the first 1,000 of them."
    )
    passed_over_count: int = 0
    failed_roots: tuple[str, ...] = Field(
        (), description="Where nothing could be looked at; `failed` says why."
    )

    @classmethod
    def of_kept(cls, kept: object, language: str) -> Self | None:
        """Of a report as it is kept; None for none."""
        report = read(StoredReport, kept)
        if report is None:
            return None
        failed = tuple(FailedDocument.of(item, language) for item in report.failed)
        return cls.model_validate({**report.model_dump(exclude={"v"}), "failed": failed})

    @property
    def exit_code(self) -> int:
        """0: done; 3: some documents failed, or it was stopped before all were done."""
        return 3 if self.failed or self.stopped else 0


class SyncIn(Wire):
    roots: tuple[str, ...] = Field(min_length=1, description="Absolute paths on this machine.")
    kb: str | None = KbName
    dry_run: bool = False
    allow_mass_delete: bool = False
    retire: bool = Field(
        False,
        description="Remove all that came from the roots, whether they are there or not, and sync them"
        " no more.",
    )
    engine: report.EngineName | None = Field(
        None, description="Where documents are parsed and embedded; default: as the settings say."
    )


SyncEvent = SyncJob | Planned | DocumentDone | SyncProgress | SyncReport


def wire_sync_event(event: report.SyncEvent | report.SyncReport, language: str) -> SyncEvent:
    """An event of a sync, or its report, in the wire format."""
    match event:
        case report.Planned() | report.SyncProgress():
            return event
        case report.DocumentDone():
            failed = event.failure and told_of(event.failure.code, event.failure.params, language)
            return DocumentDone(
                source=event.source,
                outcome=event.outcome,
                chunks=event.chunks,
                bytes=event.bytes,
                message=failed.message if failed else None,
            )
        case report.SyncReport():
            failures = tuple(
                FailedDocument.of(StoredFailure.model_validate(asdict(item)), language)
                for item in event.failed
            )
            return SyncReport.model_validate({**event.as_json(), "failed": failures})
