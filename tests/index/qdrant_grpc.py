"""The part of Qdrant's gRPC that groundkb uses, over the same state as the HTTP double's."""

import contextlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

import grpc
from qdrant_client import grpc as wire
from qdrant_client import models
from qdrant_client.conversions.conversion import GrpcToRest, RestToGrpc

from tests.index.qdrant_double import QdrantDouble, Refused

DONE: Final = models.UpdateResult(operation_id=0, status=models.UpdateStatus.COMPLETED)


class _Points(wire.PointsServicer):  # type: ignore[misc]
    def __init__(self, double: QdrantDouble, key: str | None) -> None:
        self._double, self._key = double, key

    def _called(self, name: str, request: Any, context: Any, work: Callable[[str], Any]) -> Any:
        self._double.calls.append(f"GRPC {name}")
        if self._key and dict(context.invocation_metadata()).get("api-key") != self._key:
            context.abort(grpc.StatusCode.UNAUTHENTICATED, "Must provide an API key")
        with self._double.lock:
            try:
                return work(self._double._known(request.collection_name))
            except Refused as refused:
                context.abort(grpc.StatusCode.NOT_FOUND, str(refused))

    def Upsert(self, request: Any, context: Any) -> Any:
        points = [GrpcToRest.convert_point_struct(point) for point in request.points]
        work = lambda name: self._double.client.upsert(name, points)  # noqa: E731
        return _done(self._called("upsert", request, context, work))

    def CreateFieldIndex(self, request: Any, context: Any) -> Any:
        return _done(self._called("index", request, context, lambda _: DONE))

    def Delete(self, request: Any, context: Any) -> Any:
        chosen = GrpcToRest.convert_points_selector(request.points)
        work = lambda name: self._double.client.delete(name, chosen)  # noqa: E731
        return _done(self._called("delete", request, context, work))

    def SetPayload(self, request: Any, context: Any) -> Any:
        chosen = GrpcToRest.convert_points_selector(request.points_selector)
        payload = GrpcToRest.convert_payload(request.payload)
        work = lambda name: self._double.client.set_payload(name, payload, chosen)  # noqa: E731
        return _done(self._called("set_payload", request, context, work))

    def Query(self, request: Any, context: Any) -> Any:
        wanted = GrpcToRest.convert_query_points(request)
        found = self._called(
            "query",
            request,
            context,
            lambda name: self._double.client.query_points(
                name,
                query=wanted.query,
                using=wanted.using,
                prefetch=wanted.prefetch,
                query_filter=wanted.filter,
                limit=wanted.limit or 10,
                with_payload=wanted.with_payload or False,
                with_vectors=wanted.with_vector or False,
            ),
        )
        points = [RestToGrpc.convert_scored_point(point) for point in found.points]
        return wire.QueryResponse(result=points)

    def Scroll(self, request: Any, context: Any) -> Any:
        records, offset = self._called(
            "scroll",
            request,
            context,
            lambda name: self._double.client.scroll(
                name,
                scroll_filter=_filter(request, "filter"),
                limit=request.limit,
                offset=GrpcToRest.convert_point_id(request.offset)
                if request.HasField("offset")
                else None,
                with_payload=GrpcToRest.convert_with_payload_selector(request.with_payload),
                with_vectors=GrpcToRest.convert_with_vectors_selector(request.with_vectors)
                if request.HasField("with_vectors")
                else False,
            ),
        )
        return wire.ScrollResponse(
            result=[
                RestToGrpc.convert_retrieved_point(record) for record in map(_with_payload, records)
            ],
            next_page_offset=None
            if offset is None
            else RestToGrpc.convert_extended_point_id(offset),
        )

    def Count(self, request: Any, context: Any) -> Any:
        wanted = _filter(request, "filter")
        work = lambda name: self._double.client.count(name, count_filter=wanted)  # noqa: E731
        found = self._called("count", request, context, work)
        return wire.CountResponse(result=RestToGrpc.convert_count_result(found))

    def Facet(self, request: Any, context: Any) -> Any:
        found = self._called(
            "facet",
            request,
            context,
            lambda name: self._double.client.facet(
                name, request.key, facet_filter=_filter(request, "filter"), limit=request.limit
            ),
        )
        hits = [RestToGrpc.convert_facet_value_hit(hit) for hit in found.hits]
        return wire.FacetResponse(hits=hits)


def _filter(request: Any, name: str) -> models.Filter | None:
    if not request.HasField(name):
        return None
    return GrpcToRest.convert_filter(getattr(request, name))


def _with_payload(record: models.Record) -> models.Record:
    """As gRPC has it: one that was not asked for is empty."""
    return record.model_copy(update={"payload": record.payload or {}})


def _done(result: models.UpdateResult) -> Any:
    return wire.PointsOperationResponse(result=RestToGrpc.convert_update_result(result))


@contextlib.contextmanager
def serving_grpc(double: QdrantDouble, key: str | None = None) -> Iterator[int]:
    """Its port, as long as the block lasts. `key`: the one that it wants."""
    server = grpc.server(ThreadPoolExecutor(4))
    wire.add_PointsServicer_to_server(_Points(double, key), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        yield port
    finally:
        server.stop(0).wait()
