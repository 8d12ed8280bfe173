"""A sync: what is asked for, its events, its report."""

from pydantic import Field

from app.api.wire.base import KbName, Wire
from ingest import report
from ingest.report import Planned


class DocumentDone(Wire):
    """Event `document` of a sync: one document is finished."""

    source: str
    outcome: report.Outcome
    chunks: int
    bytes: int
    message: str | None
    message_zh: str | None


class FailedDocument(Wire):
    source: str
    code: str
    message: str
    hint: str
    message_zh: str
    hint_zh: str
    permanent: bool


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
    would_remove: tuple[str, ...]
    chunks_per_second: float
    stopped: bool

    @property
    def exit_code(self) -> int:
        """0: done; 3: some documents failed, or it was stopped before all were done."""
        return 3 if self.failed or self.stopped else 0


class SyncIn(Wire):
    roots: tuple[str, ...] = Field(min_length=1, description="Absolute paths on this machine.")
    kb: str | None = KbName
    dry_run: bool = False
    allow_mass_delete: bool = False
    engine: report.EngineName | None = Field(
        None, description="Where documents are parsed and embedded; default: as the settings say."
    )


SyncEvent = Planned | DocumentDone | SyncReport


def wire_sync_event(event: report.SyncEvent | report.SyncReport) -> SyncEvent:
    """An event of a sync, or its report, in the wire format."""
    match event:
        case report.Planned():
            return event
        case report.DocumentDone():
            return DocumentDone.model_validate(event)
        case report.SyncReport():
            return SyncReport.model_validate(event.as_json())
