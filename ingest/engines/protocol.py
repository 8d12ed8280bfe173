"""What an engine is for."""

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from typing import Protocol

from app.index.protocol import Point
from app.index.sparse import SparseEncoder
from app.library.library import KnownFile
from app.library.originals import Originals
from app.models.embedding import Embedder, OnBatch
from app.settings import Settings
from ingest.prepare import FailedFile, Prepared, UnchangedFile
from ingest.reading import ReadPool
from ingest.sources.found import FoundFile

Outcome = Prepared | UnchangedFile | FailedFile


@dataclass(frozen=True)
class Workshop:
    """What every engine works with. `batch_windows`: so many windows are embedded together;
    `conditions`: under which failures of before count; `stop`: whether the sync is to end."""

    settings: Settings
    originals: Originals
    embedder: Embedder
    sparse: SparseEncoder
    batch_windows: int
    readers: ReadPool
    conditions: str
    stop: Callable[[], bool] = lambda: False


class IngestEngine(Protocol):
    def prepare(
        self,
        files: Sequence[tuple[FoundFile, KnownFile | None]],
        on_parsed: Callable[[], None],
    ) -> Generator[Outcome, None, None]:
        """Read, parse and cut every file, each once, in any order, a bounded number ahead of the
        reader; `on_parsed` may be called from another thread.

        Errors of one file come as FailedFile; what stops a sync is raised. The generator ends early
        once `Workshop.stop` is true; closing it discards the copies of files that it has not given.
        """
        ...

    def points(
        self, batch: Sequence[Prepared], on_batch: OnBatch
    ) -> Generator[list[Point], None, None]:
        """The points of all passages of documents that `prepare` gave: in order, about
        `batch_windows` windows at a time, so a long document comes in several lists. `on_batch` is
        told how many windows more are embedded, of documents that were not before (`is_embedded`);
        what it raises ends the work.

        Raises EmbeddingFailed.
        """
        ...

    def is_embedded(self, item: Prepared) -> bool:
        """Whether a document that `prepare` gave has its points already."""
        ...

    def close(self) -> None: ...
