"""The embedded index: the Qdrant engine in this process (qdrant-edge), one folder a collection.

`<folder>/<collection>/` holds `shard/` (the engine's) and `fingerprint.json`. A collection
is made under a temporary name and renamed when complete, and renamed away before it is
deleted, so that a folder with a collection's name is whole whenever the process may end.

Search is exact: no HNSW graph is built, as a graph over multivectors takes minutes to make
(12 s for 5,000 passages) where comparing all 50,000 takes 10 ms (docs/performance.md).

Over 350 lines: one class for a collection and one for their folder share the engine's locks.
"""

import shutil
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar
from uuid import uuid4

import numpy as np
import qdrant_edge as qe

from app.errors import DiskFull, GroundkbError, IndexDamaged, IndexFailed, IndexMismatch, Phrase
from app.index import points as layout
from app.index.edge_folder import FolderLock, read_fingerprint, write_fingerprint
from app.index.fingerprint import describe
from app.index.protocol import (
    AliasStore,
    Fingerprint,
    Hit,
    Passage,
    Point,
    Query,
    SparseVector,
)
from app.library.disk import blocks_of, copy_sparse, flush, is_full, require_room
from app.models.embedding import Matrix

Read = TypeVar("Read")
_SHARD = "shard"
_UNFINISHED = ".making-"
_DROPPED = ".dropped-"
# Never reached: see the module's docstring. In kilobytes of vectors per segment.
_NO_GRAPH = 2**40
# Points of a segment from which on deleted ones are cleared away; the engine's 1,000 would leave a small
# library three times as large as it has to be.
_FEW_TO_VACUUM = 100
_UPSERT_BATCH = 512
_DELETE_BATCH = 1024
_SCROLL_BATCH = 1024
# What the engine writes when it opens a collection (a new part of its log), in bytes.
_OPENING = 48_000_000
_NO_WORDS = qe.SparseVector([], [])


class EdgeIndex:
    """One collection in this process. See app.index.protocol.Index.

    Searches from several threads run side by side, also with a writer; writers take turns.
    `folder` is the engine's: it is there even after the collection was dropped.
    """

    def __init__(self, collection: str, dimension: int, shard: qe.EdgeShard, folder: Path) -> None:
        self._collection = collection
        self._folder = folder
        self._dimension = dimension
        self._shard = shard
        self._writing = threading.Lock()
        self._writes = 0

    @property
    def writes(self) -> int:
        return self._writes

    @property
    def collection(self) -> str:
        return self._collection

    @property
    def dimension(self) -> int:
        return self._dimension

    def upsert(self, points: Sequence[Point]) -> None:
        checked = [(point, layout.check(point, self._dimension)) for point in points]
        for start in range(0, len(checked), _UPSERT_BATCH):
            with _named(self._collection):
                batch = [
                    _point(point, dense) for point, dense in checked[start : start + _UPSERT_BATCH]
                ]
            # Floats of four bytes in the log and of two in the store, and the payload in both.
            require_room(
                self._folder,
                sum(8 * dense.size + 4096 for _, dense in checked[start : start + _UPSERT_BATCH]),
            )
            self._update(qe.UpdateOperation.upsert_points(batch))

    def search(self, query: Query) -> list[Hit]:
        request = _request(query)
        if request is None:
            return []
        with _named(self._collection):
            return layout.in_order(_hit(item, query) for item in self._shard.query(request))

    def delete_revisions(self, revisions: Sequence[tuple[str, str]]) -> None:
        keys = [layout.revision_key(*pair) for pair in revisions]
        for start in range(0, len(keys), _DELETE_BATCH):
            condition = _any_of(layout.REVISION_KEY, keys[start : start + _DELETE_BATCH])
            leaving = qe.Filter(must=[condition])
            # A deleted point goes on counting in the frequencies of its words until the index is
            # opened again, and every score with it. One whose words were taken first does not.
            for ids in self._scrolled(leaving, lambda record: record.id, with_payload=False):
                bare = [qe.PointVectors(item, {layout.SPARSE: _NO_WORDS}) for item in ids]
                self._update(qe.UpdateOperation.update_vectors(bare))
            self._update(qe.UpdateOperation.delete_points_by_filter(leaving))

    def passages(self, document_id: str, revision: str) -> list[Passage]:
        batches = self._scrolled(
            _filter(layout.count_conditions(document_id, revision)),
            lambda record: layout.to_passage(record.id, record.payload),
            with_payload=True,
        )
        return layout.by_ordinal(chain.from_iterable(batches))

    def vectors(self, document_id: str, revision: str) -> Mapping[str, Matrix]:
        batches = self._scrolled(
            _filter(layout.count_conditions(document_id, revision)),
            lambda record: (str(record.id), layout.to_matrix(record.vector)),
            with_payload=False,
            with_vector=[layout.DENSE],
        )
        return dict(chain.from_iterable(batches))

    def count(self, document_id: str | None = None, revision: str | None = None) -> int:
        wanted = _filter(layout.count_conditions(document_id, revision))
        with _named(self._collection):
            return int(self._shard.count(qe.CountRequest(exact=True, filter=wanted)))

    def revisions(self) -> Mapping[tuple[str, str], int]:
        with _named(self._collection):
            total = self._shard.count(qe.CountRequest(exact=True))
            if not total:
                return {}
            answer = self._shard.facet(
                qe.FacetRequest(layout.REVISION_KEY, limit=total, exact=True)
            )
            return layout.counted(answer.hits)

    def set_tags(self, document_id: str, tags: Sequence[str]) -> None:
        self._set(document_id, {layout.TAGS: list(tags)})

    def set_source(self, document_id: str, source: str) -> None:
        self._set(document_id, {layout.SOURCE: source})

    def set_access(self, access: str, document_ids: Sequence[str]) -> None:
        # One of an earlier version has no index of this field.
        self._update(
            qe.UpdateOperation.create_field_index(layout.ACCESS, qe.PayloadSchemaType.Keyword)
        )
        for start in range(0, len(document_ids), _DELETE_BATCH):
            some = qe.Filter(
                must=[_any_of(layout.DOCUMENT, document_ids[start : start + _DELETE_BATCH])]
            )
            self._update(qe.UpdateOperation.set_payload_by_filter(some, {layout.ACCESS: access}))

    def access(self) -> Mapping[str, int]:
        with _named(self._collection):
            total = self._shard.count(qe.CountRequest(exact=True))
            if not total:
                return {}
        self._update(
            qe.UpdateOperation.create_field_index(layout.ACCESS, qe.PayloadSchemaType.Keyword)
        )
        with _named(self._collection):
            answer = self._shard.facet(qe.FacetRequest(layout.ACCESS, limit=total, exact=True))
            return layout.counted_access(answer.hits)

    def forget_access(self) -> None:
        limited = list(self.access())
        if limited:
            of_them = qe.Filter(must=[_any_of(layout.ACCESS, limited)])
            self._update(qe.UpdateOperation.set_payload_by_filter(of_them, {layout.ACCESS: ""}))

    def _set(self, document_id: str, payload: dict[str, Any]) -> None:
        of_document = qe.Filter(must=[_any_of(layout.DOCUMENT, [document_id])])
        self._update(qe.UpdateOperation.set_payload_by_filter(of_document, payload))

    def flush(self) -> None:
        with _named(self._collection):
            self._shard.flush()

    def optimise(self) -> None:
        """Drops deleted points from disk when they are a fifth or more; seconds for 50,000."""
        with self._writing, _named(self._collection):
            self._shard.optimize()
            # What was merged stays on disk until the engine has noted that it is.
            self._shard.flush()

    @contextmanager
    def quiet(self) -> Iterator[None]:
        """Everything is on disk and nothing is written inside the block; searches go on."""
        with self._writing, _named(self._collection):
            self._shard.flush()
            yield

    def close(self) -> None:
        """Write everything to disk; any later call raises IndexFailed. Twice is no error."""
        with self._writing, _named(self._collection):
            self._shard.close()

    def _scrolled(
        self, wanted: qe.Filter | None, read: Callable[[Any], Read], **what: Any
    ) -> Iterator[list[Read]]:
        """What `read` makes of points, in batches. Points may be changed meanwhile, but not which
        they are."""
        offset = None
        while True:
            with _named(self._collection):
                records, offset = self._shard.scroll(
                    qe.ScrollRequest(offset=offset, limit=_SCROLL_BATCH, filter=wanted, **what)
                )
                found = list(map(read, records))
            if found:
                yield found
            if offset is None:
                return

    def _update(self, operation: qe.UpdateOperation) -> None:
        with self._writing, _named(self._collection):
            self._writes += 1
            try:
                self._shard.update(operation)
            finally:
                self._writes += 1


class EdgeStore:
    """All collections under one folder, for one process at a time.

    Raises IndexInUse when another store, in this or another process, has the folder. The
    lock is the operating system's: it goes with the process that held it.
    """

    def __init__(self, folder: Path, aliases: AliasStore) -> None:
        self._folder = folder
        self._aliases = aliases
        self._open: dict[str, EdgeIndex] = {}
        self._opening = threading.RLock()
        self._lock = FolderLock(folder)
        self._lock.acquire()
        self._sweep()

    def create(self, collection: str, fingerprint: Fingerprint) -> EdgeIndex:
        with self._opening:
            existing = self.open(collection)
            if existing is not None:
                built = self.fingerprint(collection)
                if built != fingerprint:
                    raise IndexMismatch(
                        built=describe(built) if built else collection,
                        wanted=describe(fingerprint),
                    )
                return existing
            require_room(self._folder, 0)
            making = self._folder / f"{_UNFINISHED}{uuid4().hex}"
            with _named(collection):
                shard_folder = making / _SHARD
                shard_folder.mkdir(parents=True)
                shard = qe.EdgeShard.create(
                    str(shard_folder), _config(fingerprint.embedding.dimension)
                )
                for field in layout.INDEXED_FIELDS:
                    shard.update(
                        qe.UpdateOperation.create_field_index(field, qe.PayloadSchemaType.Keyword)
                    )
                shard.flush()
                shard.close()
                write_fingerprint(making, fingerprint)
                making.rename(self._folder / collection)
                flush(self._folder)
            made = self.open(collection)
            if made is None:
                raise IndexFailed(detail=Phrase("collection_vanished", collection=collection))
            return made

    def open(self, collection: str) -> EdgeIndex | None:
        with self._opening:
            self._lock.check()
            known = self._open.get(collection)
            if known is not None:
                return known
            if not self._path(collection).is_dir():
                return None
            require_room(self._folder, _OPENING, reserve=0)
            try:
                fingerprint = self.fingerprint(collection)
                if fingerprint is None:
                    raise IndexFailed(detail=Phrase("collection_unmarked", collection=collection))
                with _named(collection):
                    shard = qe.EdgeShard.load(str(self._path(collection) / _SHARD))
            except IndexFailed as error:
                folder = self._path(collection)
                raise IndexDamaged(path=folder, detail=error.detail) from error
            dimension = fingerprint.embedding.dimension
            index = EdgeIndex(collection, dimension, shard, self._folder)
            self._open[collection] = index
            return index

    def fingerprint(self, collection: str) -> Fingerprint | None:
        return read_fingerprint(self._path(collection))

    def collections(self) -> list[str]:
        with _named(str(self._folder)):
            return sorted(
                path.name
                for path in self._folder.iterdir()
                if path.is_dir() and not path.name.startswith(".")
            )

    def drop(self, collection: str) -> None:
        with self._opening:
            index = self._open.pop(collection, None)
            if index is not None:
                index.close()
            path = self._path(collection)
            if path.is_dir():
                with _named(collection):
                    dropped = path.rename(self._folder / f"{_DROPPED}{uuid4().hex}")
                    flush(self._folder)
                    shutil.rmtree(dropped)

    def resolve(self, alias: str) -> str | None:
        return self._aliases.get_alias(alias)

    def point(self, aliases: Mapping[str, str]) -> None:
        for alias, collection in aliases.items():
            if not self._path(collection).is_dir():
                raise IndexFailed(
                    detail=Phrase("collection_missing", collection=collection, alias=alias)
                )
        self._aliases.set_aliases(aliases)

    def copy(self, collection: str, target: Path) -> bool:
        index = self.open(collection)
        if index is not None:
            with index.quiet(), _named(collection):
                shutil.copytree(
                    self._path(collection),
                    target,
                    copy_function=lambda old, new: copy_sparse(blocks_of(Path(old)), Path(new)),
                )
        return True

    def probe(self) -> None:
        with self._opening:
            self._lock.check()
            with _named(str(self._folder)):
                for index in self._open.values():
                    index.count(document_id="")

    def close(self) -> None:
        """Close all collections and let other processes have the folder. Twice is no error."""
        with self._opening:
            try:
                while self._open:
                    self._open.popitem()[1].close()
            finally:
                self._lock.release()

    def _path(self, collection: str) -> Path:
        if not collection or collection.startswith(".") or Path(collection).name != collection:
            raise IndexFailed(detail=Phrase("collection_unnameable", collection=repr(collection)))
        return self._folder / collection

    def _sweep(self) -> None:
        """Delete what a killed process left half made or half deleted."""
        for path in self._folder.iterdir():
            if path.name.startswith((_UNFINISHED, _DROPPED)):
                shutil.rmtree(path, ignore_errors=True)


def _config(dimension: int) -> qe.EdgeConfig:
    return qe.EdgeConfig(
        vectors={
            layout.DENSE: qe.EdgeVectorParams(
                size=dimension,
                distance=qe.Distance.Cosine,
                # Half the memory of float32, a third faster to compare, equal in ranking.
                datatype=qe.VectorStorageDatatype.Float16,
                multivector_config=qe.MultiVectorConfig(qe.MultiVectorComparator.MaxSim),
            )
        },
        sparse_vectors={layout.SPARSE: qe.EdgeSparseVectorParams(modifier=qe.Modifier.Idf)},
        optimizers=qe.EdgeOptimizersConfig(
            indexing_threshold=_NO_GRAPH, vacuum_min_vector_number=_FEW_TO_VACUUM
        ),
        # What is written counts once it is flushed: the library makes a revision current only then,
        # and what a killed process left is written again. A log beside it grows to 67 MB.
        wal_enabled=False,
    )


def _point(point: Point, dense: Any) -> qe.Point:
    # `Any`: the engine takes arrays without a copy through lists, its stub does not say so.
    vectors = {layout.DENSE: dense, layout.SPARSE: _sparse(point.sparse)}
    return qe.Point(point.passage.id, vectors, layout.to_payload(point.passage))


def _hit(item: qe.ScoredPoint, query: Query) -> Hit:
    vectors: Any = item.vector
    passage = layout.to_passage(item.id, item.payload)
    return layout.to_hit(passage, item.score, vectors[layout.DENSE], query)


def _sparse(vector: SparseVector) -> qe.SparseVector:
    return qe.SparseVector(list(vector.indices), list(vector.values))


def _request(query: Query) -> qe.QueryRequest | None:
    """None when nothing can be found: words only are asked for, and the question has none."""
    wanted = _filter(layout.filter_conditions(query.filter), layout.refused(query.filter))
    question: Any = np.asarray(query.dense, dtype=np.float32)
    dense = qe.Query.Nearest(question, using=layout.DENSE)
    sparse = qe.Query.Nearest(_sparse(query.sparse), using=layout.SPARSE)
    asked = {
        "dense": [dense],
        "sparse": [sparse] if query.sparse.indices else [],
        "hybrid": [dense, sparse] if query.sparse.indices else [dense],
    }[query.mode]
    if not asked:
        return None
    if query.mode != "hybrid":
        return qe.QueryRequest(
            limit=query.limit,
            query=asked[0],
            filter=wanted,
            with_payload=True,
            with_vector=[layout.DENSE],
        )
    depth = layout.prefetch_limit(query.limit)
    fusion: Any = qe.Fusion.Dbsf()  # The stub does not make it a Fusion.
    return qe.QueryRequest(
        limit=query.limit,
        prefetches=[qe.Prefetch(limit=depth, query=part, filter=wanted) for part in asked],
        query=fusion,
        with_payload=True,
        with_vector=[layout.DENSE],
    )


def _any_of(field: str, values: Sequence[str]) -> qe.FieldCondition:
    return qe.FieldCondition(field, match=qe.MatchAny(list(values)))


def _filter(
    conditions: Mapping[str, Sequence[str]],
    refused: Mapping[str, Sequence[str]] = MappingProxyType({}),
) -> qe.Filter | None:
    """All of the fields, each any of its values, and none of the `refused` ones; None for no
    condition."""
    if not conditions and not refused:
        return None
    return qe.Filter(
        must=[_any_of(field, values) for field, values in conditions.items()],
        must_not=[_any_of(field, values) for field, values in refused.items()],
    )


@contextmanager
def _named(what: str) -> Iterator[None]:
    """Give the index's errors a name of ours: it raises bare Exception with a text, and for files that it did not
    expect something that is no Exception at all, which nobody else would stop."""
    try:
        yield
    except GroundkbError:
        raise
    except BaseException as error:
        if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
            raise
        if is_full(error):
            raise DiskFull(path=Phrase("the_index", what=what)) from error
        raise IndexFailed(detail=Phrase("file_said", path=what, error=error)) from error
