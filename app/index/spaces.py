"""Which index and which embedding model belong together, for each knowledge base.

An index and the model whose vectors it holds are only ever handed out as a pair, so that a
switch to another model can happen between two questions and never within one.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from threading import Lock
from typing import Final

from app.index.fingerprint import (
    alias_name,
    collection_name,
    collections_of,
    ensure_current,
    fingerprint_of,
    mismatch,
    open_current,
    readable,
)
from app.index.protocol import Fingerprint, Index, VectorStore
from app.models.embedding import Embedder

# How long a reader may go on with the pair it has, after another process switched the alias
# on a Qdrant server. Within one process a switch is seen at once.
REFRESH_SECONDS: Final = 5.0


@dataclass(frozen=True)
class VectorSpace:
    """An index and the embedding model that made, and makes, its vectors."""

    index: Index
    embedder: Embedder


class Spaces:
    """The vector space of each knowledge base for the embedding model in use, opened when first asked for."""

    def __init__(
        self,
        vectors: VectorStore,
        embedder: Embedder,
        chunking_version: str,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.vectors = vectors
        self._embedder = embedder
        self._chunking = chunking_version
        self._clock = clock
        self._open: dict[str, VectorSpace] = {}
        self._checked: dict[str, float] = {}
        self._lock = Lock()

    @property
    def embedder(self) -> Embedder:
        """The embedding model in use."""
        return self._embedder

    @property
    def fingerprint(self) -> Fingerprint:
        """What the model in use and this version of the chunking make of a text."""
        return self.fingerprint_with(self._embedder)

    def fingerprint_with(self, embedder: Embedder) -> Fingerprint:
        return fingerprint_of(embedder.identity, self._chunking)

    def reading(self, kb: str) -> VectorSpace | None:
        """What a question is put to; None when nothing was ever put into `kb`.

        Raises IndexMismatch and the index's errors. A pair that is open goes on being used when
        another process has switched the alias to another model: `check` tells of it.
        """
        with self._lock:
            found = self._open.get(kb)
            now = self._clock()
            if found is not None and now - self._checked[kb] < REFRESH_SECONDS:
                return found
            if found is None or self._may_open(kb):
                index = open_current(self.vectors, kb, self.fingerprint)
                if index is None:
                    self._open.pop(kb, None)
                    return None
                found = VectorSpace(index, self._embedder)
                self._open[kb] = found
            self._checked[kb] = now
            return found

    def writing(self, kb: str) -> VectorSpace:
        """What a document is written to, as the alias stands now; made if there is none.

        For the holder of the writer's lock. Raises IndexMismatch and the index's errors.
        """
        with self._lock:
            index = ensure_current(self.vectors, kb, self.fingerprint)
            self._open[kb] = VectorSpace(index, self._embedder)
            self._checked[kb] = self._clock()
            return self._open[kb]

    def beside(self, kb: str, index: Index) -> list[Index]:
        """The other collections of the knowledge base, which no reader uses: kept for a rollback or
        being built. They come and go while others write. Raises the index's errors."""
        names = [name for name in collections_of(self.vectors, kb) if name != index.collection]
        return [other for name in names if (other := self.vectors.open(name)) is not None]

    def made_with(self, embedder: Embedder) -> Callable[[str], VectorSpace | None]:
        """As `reading`, but of the collections that `embedder` made, whether or not readers use them."""
        fingerprint = self.fingerprint_with(embedder)

        def space_of(kb: str) -> VectorSpace | None:
            index = self.vectors.open(collection_name(kb, fingerprint))
            return None if index is None else VectorSpace(index, embedder)

        return space_of

    def current(self, kb: str) -> Index | None:
        """The index alone, of `reading`."""
        found = self.reading(kb)
        return found.index if found else None

    def ensure(self, kb: str) -> Index:
        """The index alone, of `writing`."""
        return self.writing(kb).index

    def check(self, kb: str) -> None:
        """Raises IndexMismatch when the current collection was made with another model
        than this process works with, and the index's errors."""
        with self._lock:
            wanted = self.fingerprint
        collection = self.vectors.resolve(alias_name(kb))
        if collection is not None and not readable(self.vectors, collection, kb, wanted):
            raise mismatch(self.vectors, collection, wanted)

    def outdated(self, kb: str) -> bool:
        """Whether the current collection was made by another version of groundkb, so that a
        reindex makes searches better. Raises the index's errors."""
        with self._lock:
            wanted = self.fingerprint
        collection = self.vectors.resolve(alias_name(kb))
        return collection not in (None, collection_name(kb, wanted))

    def _may_open(self, kb: str) -> bool:
        collection = self.vectors.resolve(alias_name(kb))
        return collection is not None and readable(self.vectors, collection, kb, self.fingerprint)

    def forget(self, kb: str) -> None:
        """A knowledge base is no more."""
        with self._lock:
            self._open.pop(kb, None)

    def switch(self, aliases: Mapping[str, str], embedder: Embedder) -> None:
        """Point the aliases to collections made with `embedder` and use it from now on.

        Questions that have their pair end with it; the next ones get the new one. Raises the
        index's errors, with nothing switched.
        """
        with self._lock:
            self.vectors.point(aliases)
            self._embedder = embedder
            self._open.clear()
