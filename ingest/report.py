"""What a sync tells: events while it runs, a report at its end."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Literal, Self

from app.library.stored import StoredFailure, read_failure
from ingest.sources.found import PassedOver

EngineName = Literal["local", "ray"]
# moved: under another address, with the same bytes; amended: only its sidecar changed.
Outcome = Literal["added", "changed", "moved", "amended", "removed", "unchanged", "failed"]
WOULD = ("would_add", "would_change", "would_move", "would_remove")
MOST_NAMED = 1_000  # of each kind, in a report


@dataclass(frozen=True)
class SyncRequest:
    """`roots` are folders, files or addresses. What a root held before and no longer holds is
    removed."""

    roots: tuple[str, ...]
    kb: str
    dry_run: bool = False
    allow_mass_delete: bool = False
    retire: bool = False  # remove all that came from the roots, whether they are there or not
    engine: EngineName | None = None  # None: as the settings say


@dataclass(frozen=True)
class Planned:
    """The difference between the sources and the library, in documents, before any work."""

    added: int
    changed: int
    removed: int
    unchanged: int
    bytes: int  # of the added and changed
    moved: int = 0


@dataclass(frozen=True)
class DocumentDone:
    """One document is finished; `failure` is set when `outcome` is failed."""

    source: str
    outcome: Outcome
    chunks: int = 0
    bytes: int = 0
    failure: "FailedDocument | None" = None


Stage = Literal["chunking", "embedding", "writing"]


@dataclass(frozen=True)
class SyncProgress:
    """How far a sync is: `documents` of `of_documents` are done, `windows` of `of_windows` embedded.

    Windows are what takes the time; those of documents that are not read yet are reckoned from their
    sizes. `share`, from 0 to 1, is of all the work, and never goes back.
    """

    stage: Stage
    documents: int
    of_documents: int
    windows: int
    of_windows: int
    share: float


SyncEvent = Planned | DocumentDone | SyncProgress
OnEvent = Callable[[SyncEvent], None]


@dataclass(frozen=True)
class FailedDocument:
    """A document that failed, with its error as data: `code` and `params`."""

    source: str
    code: str
    params: Mapping[str, Any]
    permanent: bool  # not tried again until the file, a limit or groundkb changes

    def kept(self, conditions: str) -> dict[str, Any]:
        """As the library keeps it: with what it hangs on besides the file."""
        return {**asdict(self), "conditions": conditions}

    @classmethod
    def of_kept(cls, kept: object) -> Self:
        """The inverse of `kept`, for a failure of any version."""
        failure = read_failure(kept) or StoredFailure(code="kept_unreadable")
        return cls(**{part.name: getattr(failure, part.name) for part in fields(cls)})


@dataclass(frozen=True)
class Tie:
    """Equal files that are gone, and equal ones that are new: which became which is not known, so
    the former were removed and the latter added."""

    gone: tuple[str, ...]
    new: tuple[str, ...]


@dataclass(frozen=True)
class SyncReport:
    """Counts are documents; `chunks` those written; `seconds` wall time."""

    kb: str
    added: int
    changed: int
    removed: int
    unchanged: int
    failed: tuple[FailedDocument, ...]
    chunks: int
    seconds: float
    dry_run: bool = False
    # Of a dry run, the first MOST_NAMED of each; of what moved the address that it has now.
    would_add: tuple[str, ...] = ()
    would_change: tuple[str, ...] = ()
    would_move: tuple[str, ...] = ()
    would_remove: tuple[str, ...] = ()
    stopped: bool = False  # ended early because the caller wanted it
    # What is not in the texts written though the files hold it: how much of each kind
    # (ingest.parse.document.Note).
    notes: Mapping[str, int] = field(default_factory=dict)
    moved: int = 0
    amended: int = 0
    ties: tuple[Tie, ...] = ()
    passed_over: tuple[PassedOver, ...] = ()  # the first MOST_NAMED of them
    passed_over_count: int = 0
    failed_roots: tuple[str, ...] = ()  # at which nothing could be looked at; why is in `failed`

    @property
    def chunks_per_second(self) -> float:
        return self.chunks / self.seconds if self.seconds else 0.0

    @property
    def exit_code(self) -> int:
        """0: done; 3: some documents failed, or it was stopped before all were done."""
        return 3 if self.failed or self.stopped else 0

    def as_json(self) -> dict[str, Any]:
        """The report as plain JSON values."""
        return {
            **asdict(self),
            "failed": [asdict(item) for item in self.failed],
            **{kind: list(getattr(self, kind)) for kind in WOULD},
            "ties": [asdict(item) for item in self.ties],
            "passed_over": [asdict(item) for item in self.passed_over],
            "failed_roots": list(self.failed_roots),
            "chunks_per_second": round(self.chunks_per_second, 1),
        }
