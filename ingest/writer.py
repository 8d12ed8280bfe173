"""The one that writes to a knowledge base: it holds the lock, and has found the index once."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property

from app.index.protocol import Index
from app.index.spaces import Spaces, VectorSpace
from app.index.sparse import SparseEncoder
from app.library.library import Library
from app.library.limits import Changed
from app.library.locks import locks_of
from app.models.embedding import Embedder
from app.settings import Settings
from ingest.engines import OpenEngine, open_engine
from ingest.plan import conditions
from ingest.reading import ReadPool
from ingest.stopping import Stopped

OnStep = Callable[[str], None]
# Asked between two documents, and between two parts of a long one; it may be another thread's
# `Event.is_set`.
Stop = Callable[[], bool]


@dataclass(frozen=True)
class IngestDeps:
    """What ingestion works with. `on_step` is told of each step boundary before it is crossed."""

    settings: Settings
    library: Library
    spaces: Spaces
    sparse: SparseEncoder
    readers: ReadPool
    on_step: OnStep = lambda _step: None
    stop: Stop = lambda: False
    open_engine: OpenEngine = open_engine

    @cached_property
    def conditions(self) -> str:
        """Under which a failure for good stands (ingest.plan)."""
        return conditions(self.settings)


@dataclass(frozen=True)
class Writer:
    """Who holds a knowledge base's lock: made by `writing`, and of no use once that has ended.

    The index is found when it is first asked for and stays what it is: a reindex may have switched
    to another one, with another model, until the lock was taken, and cannot while it is held.
    """

    deps: IngestDeps
    kb: str

    @property
    def library(self) -> Library:
        return self.deps.library

    @cached_property
    def space(self) -> VectorSpace:
        """Raises IndexMismatch and the index's errors."""
        return self.deps.spaces.writing(self.kb)

    @property
    def index(self) -> Index:
        return self.space.index

    @property
    def embedder(self) -> Embedder:
        return self.space.embedder

    def beside(self) -> list[Index]:
        """Where is deleted, too, what is deleted from the index; a reindex makes and drops them
        without this lock, so they are looked up each time."""
        return self.deps.spaces.beside(self.kb, self.index)

    def limit(self, changed: Changed) -> None:
        """Tell the index what documents are limited by now."""
        for access, document_ids in changed.items():
            self.index.set_access(access, document_ids)
        if changed:
            self.index.flush()

    def clean(self) -> bool:
        """Delete the points of revisions that no reader sees, then forget these revisions; whether
        there were any."""
        library, on_step = self.library, self.deps.on_step
        leftovers = library.leftovers(self.kb)
        if not leftovers:
            return False
        on_step("begin_cleaning")
        library.begin_cleaning(self.kb)
        on_step("delete_points")
        for index in (self.index, *self.beside()):
            index.delete_revisions(leftovers)
            index.flush()
        on_step("forget")
        library.forget(self.kb, leftovers)
        return True

    def repair(self) -> bool:
        """Bring index and library together after a kill or a lost index; whether that changed what is
        known of any document.

        Points of revisions that are not current are deleted; documents whose points are not
        all there are hidden and marked to be read again; the index has the limits that the library has.
        """
        changed = self.clean()
        expected = self.library.current_revisions(self.kb)
        actual = self.index.revisions()
        hidden = self.library.hidden(self.kb)
        strays = [pair for pair in actual if pair not in expected and pair not in hidden]
        if strays:
            self.library.begin_cleaning(self.kb)
            self.index.delete_revisions(strays)
        broken = {pair[0] for pair, chunks in expected.items() if actual.get(pair, 0) != chunks}
        if broken:
            self.library.invalidate(self.kb, broken)
            self.clean()
            changed = True
        limited = self.library.limits.current(self.kb)
        chunks = {document_id: count for (document_id, _), count in expected.items()}
        points = {access: sum(chunks.get(of, 0) for of in ids) for access, ids in limited.items()}
        if self.index.access() != {access: count for access, count in points.items() if count}:
            agree(self.index, limited)
        return changed


def agree(index: Index, limited: Changed) -> None:
    """Have an index say just this of what its documents are limited by."""
    index.forget_access()
    for access, document_ids in limited.items():
        index.set_access(access, document_ids)
    index.flush()


def unless_stopping(writer: Writer) -> None:
    """Raises Stopped once the caller wants no more."""
    if writer.deps.stop():
        raise Stopped


@contextmanager
def writing(deps: IngestDeps, kb: str, wait: float = 0.0) -> Iterator[Writer]:
    """Hold the knowledge base's lock, for which it waits `wait` seconds. Raises WriterBusy, and in the
    midst of the work WriterLockLost."""
    with locks_of(deps.library.engine, deps.settings.data).writer(kb, wait=wait) as require:

        def stop() -> bool:
            require()
            return deps.stop()

        yield Writer(replace(deps, stop=stop), kb)
