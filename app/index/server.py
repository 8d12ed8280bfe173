"""The index on a Qdrant server (1.16 or later), and in memory for tests.

What the server does not say in its own words is said in ours: IndexUnreachable,
IndexUnauthorized or IndexFailed. The API key is in none of their texts.

Over 350 lines: the two classes of `app.index.protocol`, and the connection that words their errors.
"""

import logging
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar
from urllib.parse import urlsplit, urlunsplit

import grpc
import httpx
from pydantic import SecretStr
from qdrant_client import QdrantClient, models
from qdrant_client.common.client_exceptions import QdrantException
from qdrant_client.http.exceptions import ResponseHandlingException, UnexpectedResponse

from app.errors import (
    Detail,
    GroundkbError,
    IndexFailed,
    IndexMismatch,
    IndexUnauthorized,
    IndexUnreachable,
    Phrase,
    reason_of,
)
from app.index import points as layout
from app.index.fingerprint import describe, from_json, to_json
from app.index.protocol import Fingerprint, Hit, Passage, Point, Query, SparseVector
from app.models.embedding import Matrix

log = logging.getLogger(__name__)

Read = TypeVar("Read")

_METADATA = "groundkb"
# A window of 384 numbers is about 8 kB of JSON; the server takes 32 MB a request.
_UPSERT_WINDOWS = 1024
_DELETE_BATCH = 1024
_SCROLL_BATCH = 256
# What gRPC calls a server that is away, and a key that is wrong.
_AWAY = (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED)
_REFUSED = (grpc.StatusCode.UNAUTHENTICATED, grpc.StatusCode.PERMISSION_DENIED)
# A proxy's words for 'the server behind me does not answer'.
_GATEWAY_ERRORS = (502, 503, 504)


@dataclass(frozen=True)
class Placement:
    """How a new collection is spread and kept; None: as the server is set up.

    `int8`: searched through one byte a number, in memory, and ranked by the originals.
    `on_disk`: originals, texts and words are read from disk when they are needed.
    `exact_below`: with fewer passages a question is compared with every window; with as many or
    more, with the windows of the passages that lie nearest on the whole.
    """

    shards: int | None = None
    replicas: int | None = None
    int8: bool = False
    on_disk: bool = False
    exact_below: int = 50_000


class Connection:
    """A client, and the naming of what goes wrong with it. `points`: another for what is done with
    passages, by gRPC."""

    def __init__(
        self,
        client: QdrantClient,
        url: str,
        api_key: SecretStr | None = None,
        points: QdrantClient | None = None,
    ) -> None:
        self.client = client
        self.points = points or client
        self._url = _without_credentials(url)
        self._api_key = api_key
        self.writes: Counter[str] = Counter()  # by collection

    @contextmanager
    def named(self) -> Iterator[None]:
        """Turn the client's errors into IndexUnreachable, IndexUnauthorized or IndexFailed."""
        try:
            yield
        except GroundkbError:
            raise
        except UnexpectedResponse as error:
            raise self._refused(error) from None
        except ResponseHandlingException as error:
            if isinstance(error.source, httpx.TransportError):
                raise self._unreachable(error.source) from None
            raise self._not_qdrant(error.source) from None
        except httpx.TransportError as error:
            raise self._unreachable(error) from None
        except grpc.RpcError as error:
            raise self._told_by_grpc(error) from None
        except (
            QdrantException,
            AssertionError,
            AttributeError,
            KeyError,
            TypeError,
            ValueError,
        ) as error:
            # What the client raises in memory, and anywhere on an answer that is not Qdrant's.
            raise self._not_qdrant(error) from error

    def _refused(self, error: UnexpectedResponse) -> GroundkbError:
        if error.status_code in (401, 403):
            return IndexUnauthorized(url=self._url)
        if error.status_code in _GATEWAY_ERRORS:
            return IndexUnreachable(
                url=self._url, detail=Phrase("http_status", status=error.status_code)
            )
        text = error.content.decode("utf-8", "replace")[:300]
        said = self._clean(f"{self._url}: {text}")
        return IndexFailed(detail=Phrase("http_said", status=error.status_code or 0, said=said))

    def _told_by_grpc(self, error: Any) -> GroundkbError:
        """An RpcError of a call tells its state."""
        code, text = error.code(), self._clean(str(error.details() or "")[:300])
        if code in _REFUSED:
            return IndexUnauthorized(url=self._url)
        if code in _AWAY:
            return IndexUnreachable(url=self._url, detail=text or Phrase("no_reason_told"))
        return IndexFailed(detail=f"{self._url}: {text}")

    def close(self) -> None:
        for client in {id(each): each for each in (self.client, self.points)}.values():
            client.close()

    def _unreachable(self, error: Exception) -> IndexUnreachable:
        detail = self._clean(reason_of(error))
        return IndexUnreachable(url=self._url, detail=detail)

    def _not_qdrant(self, error: Exception) -> IndexFailed:
        text = str(error)[:300]
        return IndexFailed(detail=self._clean(f"{self._url}: {text}".removesuffix(": ")))

    def _clean(self, text: Detail) -> Detail:
        if not isinstance(text, str):
            return text
        key = self._api_key.get_secret_value() if self._api_key else ""
        return text.replace(key, "***") if key else text


class ServerIndex:
    """One collection of a server. See app.index.protocol.Index."""

    def __init__(
        self,
        connection: Connection,
        collection: str,
        dimension: int,
        *,
        means: bool = False,
        narrows: bool = False,
    ) -> None:
        """`means`: its passages have mean vectors, which those of earlier versions have not;
        `narrows`: they are many enough to be found by these."""
        self._connection = connection
        self._client = connection.points
        self._collection = collection
        self._dimension = dimension
        self._means = means
        self._narrows = means and narrows

    @property
    def writes(self) -> int:
        return self._connection.writes[self._collection]

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """Around each write."""
        self._connection.writes[self._collection] += 1
        try:
            with self._connection.named():
                yield
        finally:
            self._connection.writes[self._collection] += 1

    @property
    def collection(self) -> str:
        return self._collection

    @property
    def dimension(self) -> int:
        return self._dimension

    def upsert(self, points: Sequence[Point]) -> None:
        made = [
            _point(point, layout.check(point, self._dimension), means=self._means)
            for point in points
        ]
        start = 0
        while start < len(made):
            end, windows = start, 0
            while end < len(made) and (
                end == start or windows + len(points[end].dense) <= _UPSERT_WINDOWS
            ):
                windows += len(points[end].dense)
                end += 1
            with self._writing():
                self._client.upsert(self._collection, made[start:end], wait=True)
            start = end

    def search(self, query: Query) -> list[Hit]:
        request = _request(query, narrows=self._narrows)
        if request is None:
            return []
        with self._connection.named():
            found = self._client.query_points(
                self._collection,
                **request,
                limit=query.limit,
                with_payload=True,
                with_vectors=[layout.DENSE],
            )
            return layout.in_order(_hit(item, query) for item in found.points)

    def delete_revisions(self, revisions: Sequence[tuple[str, str]]) -> None:
        keys = [layout.revision_key(*pair) for pair in revisions]
        for start in range(0, len(keys), _DELETE_BATCH):
            condition = _any_of(layout.REVISION_KEY, keys[start : start + _DELETE_BATCH])
            with self._writing():
                self._client.delete(
                    self._collection,
                    models.FilterSelector(filter=models.Filter(must=[condition])),
                    wait=True,
                )

    def passages(self, document_id: str, revision: str) -> list[Passage]:
        found = self._scrolled(
            document_id,
            revision,
            lambda record: layout.to_passage(record.id, record.payload),
            with_payload=True,
        )
        return layout.by_ordinal(found)

    def vectors(self, document_id: str, revision: str) -> Mapping[str, Matrix]:
        found = self._scrolled(
            document_id,
            revision,
            lambda record: (str(record.id), layout.to_matrix(record.vector)),
            with_payload=False,
            with_vectors=[layout.DENSE],
        )
        return dict(found)

    def _scrolled(
        self, document_id: str, revision: str, read: Callable[[Any], Read], **what: Any
    ) -> list[Read]:
        """What `read` makes of each point of a revision."""
        wanted = _filter(layout.count_conditions(document_id, revision))
        found: list[Read] = []
        offset: Any = None
        while True:
            with self._connection.named():
                records, offset = self._client.scroll(
                    self._collection,
                    scroll_filter=wanted,
                    limit=_SCROLL_BATCH,
                    offset=offset,
                    **what,
                )
                found += map(read, records)
            if offset is None:
                return found

    def count(self, document_id: str | None = None, revision: str | None = None) -> int:
        wanted = _filter(layout.count_conditions(document_id, revision))
        with self._connection.named():
            return self._client.count(self._collection, count_filter=wanted, exact=True).count

    def revisions(self) -> Mapping[tuple[str, str], int]:
        total = self.count()
        if not total:
            return {}
        with self._connection.named():
            answer = self._client.facet(
                self._collection, layout.REVISION_KEY, limit=total, exact=True
            )
            return layout.counted(answer.hits)

    def set_tags(self, document_id: str, tags: Sequence[str]) -> None:
        self._set(document_id, {layout.TAGS: list(tags)})

    def set_source(self, document_id: str, source: str) -> None:
        self._set(document_id, {layout.SOURCE: source})

    def set_access(self, access: str, document_ids: Sequence[str]) -> None:
        self._index_access()
        for start in range(0, len(document_ids), _DELETE_BATCH):
            some = models.Filter(
                must=[_any_of(layout.DOCUMENT, document_ids[start : start + _DELETE_BATCH])]
            )
            with self._writing():
                self._client.set_payload(self._collection, {layout.ACCESS: access}, some, wait=True)

    def access(self) -> Mapping[str, int]:
        total = self.count()
        if not total:
            return {}
        self._index_access()
        with self._connection.named():
            answer = self._client.facet(self._collection, layout.ACCESS, limit=total, exact=True)
            return layout.counted_access(answer.hits)

    def forget_access(self) -> None:
        limited = list(self.access())
        if limited:
            of_them = models.Filter(must=[_any_of(layout.ACCESS, limited)])
            with self._writing():
                self._client.set_payload(self._collection, {layout.ACCESS: ""}, of_them, wait=True)

    def _index_access(self) -> None:
        """A collection of an earlier version has no index of this field."""
        with self._connection.named():
            self._client.create_payload_index(
                self._collection, layout.ACCESS, models.PayloadSchemaType.KEYWORD, wait=True
            )

    def _set(self, document_id: str, payload: dict[str, Any]) -> None:
        of_document = models.Filter(must=[_any_of(layout.DOCUMENT, [document_id])])
        with self._writing():
            self._client.set_payload(self._collection, payload, of_document, wait=True)

    def flush(self) -> None:
        """Nothing to do: the server has every write in its log before it answers."""

    def optimise(self) -> None:
        """Nothing to do: the server does it by itself."""


class ServerStore:
    """The collections of a server. Aliases are the server's own."""

    def __init__(self, connection: Connection, placement: Placement = Placement()) -> None:
        self._connection = connection
        self._client = connection.client
        self._placement = placement

    def create(self, collection: str, fingerprint: Fingerprint) -> ServerIndex:
        with self._connection.named():
            if not self._client.collection_exists(collection):
                self._create(collection, fingerprint)
            built = self.fingerprint(collection)
            # Not noted by servers before 1.16; the name carries the digest in any case.
            if built is not None and built != fingerprint:
                raise IndexMismatch(built=describe(built), wanted=describe(fingerprint))
            for field in layout.INDEXED_FIELDS:
                self._client.create_payload_index(
                    collection, field, models.PayloadSchemaType.KEYWORD, wait=True
                )
            return self._opened(collection)

    def open(self, collection: str) -> ServerIndex | None:
        with self._connection.named():
            if not self._client.collection_exists(collection):
                return None
            return self._opened(collection)

    def _opened(self, collection: str) -> ServerIndex:
        info = self._client.get_collection(collection)
        vectors = info.config.params.vectors
        if not isinstance(vectors, dict) or layout.DENSE not in vectors:
            raise IndexFailed(detail=Phrase("collection_foreign", collection=collection))
        return ServerIndex(
            self._connection,
            collection,
            vectors[layout.DENSE].size,
            means=layout.MEAN in vectors,
            narrows=(info.points_count or 0) >= self._placement.exact_below,
        )

    def fingerprint(self, collection: str) -> Fingerprint | None:
        with self._connection.named():
            if not self._client.collection_exists(collection):
                return None
            metadata = self._client.get_collection(collection).config.metadata or {}
            fields = metadata.get(_METADATA)
            return from_json(fields) if fields else None

    def collections(self) -> list[str]:
        with self._connection.named():
            return sorted(item.name for item in self._client.get_collections().collections)

    def drop(self, collection: str) -> None:
        with self._connection.named():
            self._client.delete_collection(collection)

    def resolve(self, alias: str) -> str | None:
        with self._connection.named():
            for item in self._client.get_aliases().aliases:
                if item.alias_name == alias:
                    return item.collection_name
            return None

    def point(self, aliases: Mapping[str, str]) -> None:
        with self._connection.named():
            taken = {item.alias_name for item in self._client.get_aliases().aliases}
            changes: list[Any] = []
            for alias, collection in aliases.items():
                if not self._client.collection_exists(collection):
                    raise IndexFailed(
                        detail=Phrase("collection_missing", collection=collection, alias=alias)
                    )
                if alias in taken:
                    deleted = models.DeleteAlias(alias_name=alias)
                    changes.append(models.DeleteAliasOperation(delete_alias=deleted))
                created = models.CreateAlias(alias_name=alias, collection_name=collection)
                changes.append(models.CreateAliasOperation(create_alias=created))
            # One call: the server makes all changes of it at once.
            self._client.update_collection_aliases(changes)

    def copy(self, collection: str, target: Path) -> bool:  # noqa: ARG002
        return False

    def probe(self) -> None:
        with self._connection.named():
            self._client.get_collections()

    def close(self) -> None:
        self._connection.close()

    def _create(self, collection: str, fingerprint: Fingerprint) -> None:
        placed = self._placement
        dense = models.VectorParams(
            size=fingerprint.embedding.dimension,
            distance=models.Distance.COSINE,
            datatype=models.Datatype.FLOAT16,
            multivector_config=models.MultiVectorConfig(
                comparator=models.MultiVectorComparator.MAX_SIM
            ),
            on_disk=placed.on_disk or None,
            # A graph of windows takes ten times as long to make as one of means, and finds no faster
            # than comparing them all.
            hnsw_config=models.HnswConfigDiff(m=0),
        )
        mean = models.VectorParams(
            size=fingerprint.embedding.dimension,
            distance=models.Distance.COSINE,
            datatype=models.Datatype.FLOAT16,
            on_disk=placed.on_disk or None,
        )
        sparse = models.SparseVectorParams(
            modifier=models.Modifier.IDF,
            index=models.SparseIndexParams(on_disk=True) if placed.on_disk else None,
        )
        int8 = models.ScalarQuantizationConfig(type=models.ScalarType.INT8, always_ram=True)
        try:
            self._client.create_collection(
                collection,
                vectors_config={layout.DENSE: dense, layout.MEAN: mean},
                sparse_vectors_config={layout.SPARSE: sparse},
                shard_number=placed.shards,
                replication_factor=placed.replicas,
                on_disk_payload=placed.on_disk or None,
                quantization_config=models.ScalarQuantization(scalar=int8) if placed.int8 else None,
                metadata={_METADATA: to_json(fingerprint)},
            )
        except (UnexpectedResponse, ValueError):
            # Another process was faster? Then the caller compares the fingerprints.
            if not self._client.collection_exists(collection):
                raise


def connect(
    url: str,
    api_key: SecretStr | None,
    timeout: int,
    placement: Placement = Placement(),
    grpc_port: int | None = None,
) -> ServerStore:
    """A store over the server at `url` (port 6333 unless the URL names one).

    Speaks to nobody yet: `probe` does. `timeout`, seconds, bounds connecting and each wait
    for an answer. `grpc_port`: where passages are written and searched instead, by gRPC. Logs a warning when the key would go over the network in the clear.
    """
    if api_key and not _encrypted_or_local(url):
        log.warning(
            "the Qdrant API key goes to %s unencrypted: use an https URL",
            _without_credentials(url),
        )
    key = api_key.get_secret_value() if api_key else None
    known: dict[str, Any] = {
        "url": url,
        "api_key": key,
        "timeout": timeout,
        "check_compatibility": False,  # It would ask the server from a thread of its own.
    }
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # The client's own warning of the same, loopback too.
        client = QdrantClient(**known)
        points = QdrantClient(**known, prefer_grpc=True, grpc_port=grpc_port) if grpc_port else None
    return ServerStore(Connection(client, url, api_key, points), placement)


def in_memory(placement: Placement = Placement()) -> ServerStore:
    """The client's Python re-implementation of a server: for tests, slow, gone at the end."""
    return ServerStore(Connection(QdrantClient(":memory:"), "memory:"), placement)


def _encrypted_or_local(url: str) -> bool:
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme == "https" or host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _without_credentials(url: str) -> str:
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2], query=""))


def _point(point: Point, dense: Matrix, *, means: bool) -> models.PointStruct:
    mean: dict[str, Any] = {layout.MEAN: layout.mean_of(dense).tolist()} if means else {}
    return models.PointStruct(
        id=point.passage.id,
        vector={layout.DENSE: dense.tolist(), layout.SPARSE: _sparse(point.sparse), **mean},
        payload=layout.to_payload(point.passage),
    )


def _hit(item: models.ScoredPoint, query: Query) -> Hit:
    vectors: Any = item.vector
    passage = layout.to_passage(item.id, item.payload)
    return layout.to_hit(passage, item.score, vectors[layout.DENSE], query)


def _sparse(vector: SparseVector) -> models.SparseVector:
    return models.SparseVector(indices=list(vector.indices), values=list(vector.values))


def _request(query: Query, *, narrows: bool = False) -> dict[str, Any] | None:
    """None when nothing can be found: words only are asked for, and the question has none. `narrows`:
    windows are compared of the passages alone whose means lie nearest."""
    wanted = _filter(layout.filter_conditions(query.filter), layout.refused(query.filter))
    asked: list[tuple[str, Any]] = []
    if query.mode != "sparse":
        asked.append((layout.DENSE, [query.dense.tolist()]))
    if query.mode != "dense" and query.sparse.indices:
        asked.append((layout.SPARSE, _sparse(query.sparse)))
    if not asked:
        return None
    depth = layout.prefetch_limit(query.limit)
    nearest = models.Prefetch(
        query=query.dense.tolist(),
        using=layout.MEAN,
        limit=max(layout.CANDIDATES, depth),
        filter=wanted,
    )
    if query.mode != "hybrid":
        using, question = asked[0]
        first = {"prefetch": [nearest]} if narrows and using == layout.DENSE else {}
        return {"query": question, "using": using, "query_filter": wanted, **first}
    return {
        "prefetch": [
            models.Prefetch(
                query=question,
                using=using,
                limit=depth,
                filter=wanted,
                prefetch=[nearest] if narrows and using == layout.DENSE else None,
            )
            for using, question in asked
        ],
        "query": models.FusionQuery(fusion=models.Fusion.DBSF),
    }


def _any_of(field: str, values: Sequence[str]) -> models.FieldCondition:
    return models.FieldCondition(key=field, match=models.MatchAny(any=list(values)))


def _filter(
    conditions: Mapping[str, Sequence[str]],
    refused: Mapping[str, Sequence[str]] = MappingProxyType({}),
) -> models.Filter | None:
    """All of the fields, each any of its values, and none of the `refused` ones; None for no
    condition."""
    if not conditions and not refused:
        return None
    return models.Filter(
        must=[_any_of(field, values) for field, values in conditions.items()],
        must_not=[_any_of(field, values) for field, values in refused.items()],
    )
