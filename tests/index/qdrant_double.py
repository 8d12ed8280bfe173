"""The part of Qdrant's HTTP interface that groundkb uses, over the client's own re-implementation in memory.

For tests of several processes that share a server. It is told apart from the real one by nothing that
`app.index.server` asks, and runs the contract suite (`test_contract.py`) over the wire.
"""

import contextlib
import json
import re
import sys
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote, urlsplit

from pydantic import BaseModel
from qdrant_client import QdrantClient, models

_COLLECTION = r"/collections/([^/]+)"


class Refused(Exception):
    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status


class QdrantDouble:
    """The state, and what each call does to it; one call at a time."""

    def __init__(self) -> None:
        self.client = QdrantClient(":memory:")
        self.lock = threading.Lock()
        self.calls: list[str] = []
        self._routes: list[tuple[str, str, Callable[..., Any]]] = [
            ("GET", r"/collections", self._collections),
            ("GET", r"/aliases", self._aliases),
            ("POST", r"/collections/aliases", self._change_aliases),
            ("GET", rf"{_COLLECTION}/exists", self._exists),
            ("GET", _COLLECTION, self._get),
            ("PUT", _COLLECTION, self._create),
            ("DELETE", _COLLECTION, lambda name, _: self.client.delete_collection(name)),
            ("PUT", rf"{_COLLECTION}/index", lambda name, _: self._known(name) and _done()),
            ("PUT", rf"{_COLLECTION}/points", self._upsert),
            ("POST", rf"{_COLLECTION}/points/query", self._query),
            ("POST", rf"{_COLLECTION}/points/delete", self._delete),
            ("POST", rf"{_COLLECTION}/points/scroll", self._scroll),
            ("POST", rf"{_COLLECTION}/points/count", self._count),
            ("POST", rf"{_COLLECTION}/points/payload", self._set_payload),
            ("POST", rf"{_COLLECTION}/facet", self._facet),
        ]

    def answer(self, method: str, path: str, body: Any) -> Any:
        """Raises Refused."""
        self.calls.append(f"{method} {path}")
        for wanted, pattern, work in self._routes:
            found = re.fullmatch(pattern, path)
            if found and wanted == method:
                with self.lock:
                    return work(*found.groups(), body)
        raise Refused(404, f"no such call: {method} {path}")

    def _known(self, name: str) -> str:
        aliases = {item.alias_name: item.collection_name for item in self._all_aliases()}
        name = aliases.get(name, name)
        if not self.client.collection_exists(name):
            raise Refused(404, f"Not found: Collection `{name}` doesn't exist!")
        return name

    def _all_aliases(self) -> list[models.AliasDescription]:
        return self.client.get_aliases().aliases

    def _collections(self, _: Any) -> Any:
        return self.client.get_collections()

    def _aliases(self, _: Any) -> Any:
        return self.client.get_aliases()

    def _change_aliases(self, body: Any) -> Any:
        wanted = models.ChangeAliasesOperation.model_validate(body)
        return self.client.update_collection_aliases(wanted.actions)

    def _exists(self, name: str, _: Any) -> Any:
        return {"exists": self.client.collection_exists(name)}

    def _get(self, name: str, _: Any) -> Any:
        return self.client.get_collection(self._known(name))

    def _create(self, name: str, body: Any) -> Any:
        if self.client.collection_exists(name):
            raise Refused(409, f"Wrong input: Collection `{name}` already exists!")
        wanted = models.CreateCollection.model_validate(body)
        return self.client.create_collection(
            name,
            vectors_config=wanted.vectors,
            sparse_vectors_config=wanted.sparse_vectors,
            metadata=wanted.metadata,
        )

    def _upsert(self, name: str, body: Any) -> Any:
        points = models.PointsList.model_validate(body).points
        return self.client.upsert(self._known(name), points)

    def _query(self, name: str, body: Any) -> Any:
        wanted = models.QueryRequest.model_validate(body)
        return self.client.query_points(
            self._known(name),
            query=wanted.query,
            using=wanted.using,
            prefetch=wanted.prefetch,
            query_filter=wanted.filter,
            limit=wanted.limit or 10,
            with_payload=wanted.with_payload if wanted.with_payload is not None else False,
            with_vectors=wanted.with_vector if wanted.with_vector is not None else False,
        )

    def _delete(self, name: str, body: Any) -> Any:
        return self.client.delete(self._known(name), models.FilterSelector.model_validate(body))

    def _scroll(self, name: str, body: Any) -> Any:
        wanted = models.ScrollRequest.model_validate(body)
        records, offset = self.client.scroll(
            self._known(name),
            scroll_filter=wanted.filter,
            limit=wanted.limit or 10,
            offset=wanted.offset,
            with_payload=wanted.with_payload if wanted.with_payload is not None else True,
            with_vectors=wanted.with_vector if wanted.with_vector is not None else False,
        )
        return models.ScrollResult(points=records, next_page_offset=offset)

    def _count(self, name: str, body: Any) -> Any:
        wanted = models.CountRequest.model_validate(body)
        return self.client.count(self._known(name), count_filter=wanted.filter)

    def _set_payload(self, name: str, body: Any) -> Any:
        wanted = models.SetPayload.model_validate(body)
        assert wanted.filter is not None
        return self.client.set_payload(self._known(name), wanted.payload, wanted.filter)

    def _facet(self, name: str, body: Any) -> Any:
        wanted = models.FacetRequest.model_validate(body)
        return self.client.facet(
            self._known(name), wanted.key, facet_filter=wanted.filter, limit=wanted.limit or 10
        )


def _done() -> models.UpdateResult:
    return models.UpdateResult(operation_id=0, status=models.UpdateStatus.COMPLETED)


@contextlib.contextmanager
def serving(double: QdrantDouble) -> Iterator[str]:
    """Its address, as long as the block lasts."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _answer(self) -> None:
            length = int(self.headers.get("content-length") or 0)
            body = json.loads(self.rfile.read(length) or "null")
            try:
                result = double.answer(self.command, unquote(urlsplit(self.path).path), body)
                status, said = 200, {"result": _plain(result), "status": "ok", "time": 0.0}
            except Refused as refused:
                status, said = refused.status, {"status": {"error": str(refused)}, "time": 0.0}
            sent = json.dumps(said).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(sent)))
            self.end_headers()
            self.wfile.write(sent)

        do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = _answer

        def log_message(self, *_: object) -> None: ...

    server = _Server(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Server(ThreadingHTTPServer):
    def handle_error(self, request: Any, client_address: Any) -> None:
        """A caller that was killed is nothing to tell of."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


def _plain(result: Any) -> Any:
    return result.model_dump(mode="json") if isinstance(result, BaseModel) else result
