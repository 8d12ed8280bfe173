"""What only the server client has: a server that is down, slow, closed or not Qdrant."""

import json
import logging
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from pydantic import SecretStr
from qdrant_client import QdrantClient, models

from app.errors import GroundkbError, IndexFailed, IndexUnauthorized, IndexUnreachable
from app.index import points as layout
from app.index.points import CANDIDATES
from app.index.protocol import Filter, Mode, VectorStore
from app.index.server import Connection, Placement, ServerIndex, ServerStore, connect, in_memory
from app.index.sparse import SparseEncoder
from tests.index.material import DIMENSION, FINGERPRINT, passage, point, question
from tests.index.qdrant_double import QdrantDouble, serving
from tests.index.qdrant_grpc import serving_grpc

KEY = SecretStr("s3cret-key-of-the-owner")
MODES: tuple[Mode, ...] = ("hybrid", "dense", "sparse")

Answer = tuple[int, str]
Calls = list[tuple[str, str, dict[str, str], Any]]


class Server:
    """Answers every request with what `answer` says, and keeps what was asked."""

    def __init__(self) -> None:
        self.answer: Callable[[str, str], Answer] = lambda _method, _path: (200, "{}")
        self.calls: Calls = []
        server = self

        class Handler(BaseHTTPRequestHandler):
            def _handle(self) -> None:
                length = int(self.headers.get("content-length") or 0)
                body = json.loads(self.rfile.read(length) or "null")
                headers = {name.lower(): value for name, value in self.headers.items()}
                server.calls.append((self.command, self.path, headers, body))
                status, text = server.answer(self.command, self.path)
                data = text.encode()
                try:
                    self.send_response(status)
                    self.send_header("content-type", "application/json")
                    self.send_header("content-length", str(len(data)))
                    self.end_headers()
                    self.wfile.write(data)
                except OSError:
                    pass  # The client did not wait.

            do_GET = do_PUT = do_POST = do_DELETE = do_PATCH = _handle

            def log_message(self, *_: object) -> None:
                pass

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._http.server_port}"
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server()
    yield made
    made.close()


def operations(vectors: ServerStore, sparse: SparseEncoder) -> dict[str, Callable[[], object]]:
    """All that a store and an index can be asked."""
    index = ServerIndex(vectors._connection, "kb_test@1", DIMENSION)
    return {
        "probe": vectors.probe,
        "create": lambda: vectors.create("kb_test@1", FINGERPRINT),
        "open": lambda: vectors.open("kb_test@1"),
        "fingerprint": lambda: vectors.fingerprint("kb_test@1"),
        "collections": vectors.collections,
        "drop": lambda: vectors.drop("kb_test@1"),
        "resolve": lambda: vectors.resolve("kb_test"),
        "point": lambda: vectors.point({"kb_test": "kb_test@1"}),
        "upsert": lambda: index.upsert([point(passage("d", 0, "Text."), sparse)]),
        "search": lambda: index.search(question("Text", sparse)),
        "delete": lambda: index.delete_revisions([("d", "r1")]),
        "passages": lambda: index.passages("d", "r1"),
        "count": index.count,
        "revisions": index.revisions,
        "tags": lambda: index.set_tags("d", ["a"]),
        "source": lambda: index.set_source("d", "file:///a"),
        "vectors": lambda: index.vectors("d", "r1"),
    }


OPERATIONS = (
    "probe create open fingerprint collections drop resolve point upsert search delete "
    "passages count revisions tags source vectors"
).split()


def failure(operation: Callable[[], object]) -> GroundkbError:
    with pytest.raises(GroundkbError) as caught:
        operation()
    texts = [str(caught.value), str(caught.value.data()), repr(caught.value.__context__)]
    assert not any(KEY.get_secret_value() in text for text in texts)
    return caught.value


@pytest.mark.parametrize("name", OPERATIONS)
def test_nobody_listens(name: str, sparse: SparseEncoder) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
        vectors = connect(url, KEY, 2)
        error = failure(operations(vectors, sparse)[name])
    assert isinstance(error, IndexUnreachable)
    assert error.params["url"] == url


@pytest.mark.parametrize("name", OPERATIONS)
@pytest.mark.parametrize("status", [401, 403])
def test_a_wrong_key(server: Server, sparse: SparseEncoder, name: str, status: int) -> None:
    server.answer = lambda *_: (status, f"Must provide an API key, not {KEY.get_secret_value()}")
    error = failure(operations(connect(server.url, KEY, 2), sparse)[name])
    assert isinstance(error, IndexUnauthorized)
    assert server.calls[0][2]["api-key"] == KEY.get_secret_value()


@pytest.mark.parametrize("name", OPERATIONS)
@pytest.mark.parametrize(
    "answer",
    [
        (200, "<html>Welcome to nginx</html>"),
        (200, "{}"),
        (200, '{"result": null, "status": "ok", "time": 0}'),
        (200, ""),
        (404, '{"status": {"error": "Not found"}}'),
        (500, f"internal error; headers: api-key {KEY.get_secret_value()}"),
        (302, ""),
        (400, '{"status": {"error": "Wrong input: Vector dimension error"}}'),
    ],
)
def test_what_no_qdrant_answers_is_never_a_result(
    server: Server, sparse: SparseEncoder, name: str, answer: Answer
) -> None:
    server.answer = lambda *_: answer
    error = failure(operations(connect(server.url, KEY, 2), sparse)[name])
    assert isinstance(error, IndexFailed)


@pytest.mark.parametrize("status", [502, 503, 504])
def test_a_proxy_without_its_server(server: Server, status: int) -> None:
    server.answer = lambda *_: (status, "Bad Gateway")
    assert isinstance(failure(connect(server.url, KEY, 2).probe), IndexUnreachable)


def test_a_server_that_does_not_answer_in_time(server: Server, sparse: SparseEncoder) -> None:
    def slow(_method: str, _path: str) -> Answer:
        time.sleep(3)
        return 200, "{}"

    server.answer = slow
    started = time.monotonic()
    error = failure(operations(connect(server.url, KEY, 1), sparse)["search"])
    assert isinstance(error, IndexUnreachable)
    assert time.monotonic() - started < 2.5


def test_passages_go_by_grpc_and_what_goes_wrong_there_is_named(sparse: SparseEncoder) -> None:
    double = QdrantDouble()
    key = KEY.get_secret_value()
    with serving(double) as url:
        with serving_grpc(double, key) as port:
            vectors = connect(url, KEY, 5, grpc_port=port)
            index = vectors.create("kb_test@1", FINGERPRINT)
            index.upsert([point(passage("d", 0, "The pump has 6 bar."), sparse)])
            assert [hit.passage.document_id for hit in index.search(question("pump", sparse))] == [
                "d"
            ]
            assert "GRPC upsert" in double.calls
            assert "GRPC query" in double.calls
            assert not [call for call in double.calls if "/points" in call], "all by gRPC"
            wrong = connect(url, SecretStr("another"), 5, grpc_port=port)
            named = operations(wrong, sparse)
            for name in ("upsert", "search", "delete", "passages", "count", "revisions", "tags"):
                assert isinstance(failure(named[name]), IndexUnauthorized), name
            vectors.drop("kb_test@1")
            assert isinstance(failure(index.count), IndexFailed)
            wrong.close()
        error = failure(index.count)
        assert isinstance(error, IndexUnreachable)
        assert error.params["url"] == url
        vectors.close()


def test_the_alias_is_switched_in_one_request(server: Server) -> None:
    def answer(method: str, path: str) -> Answer:
        if path == "/aliases":
            found = {"aliases": [{"alias_name": "kb_test", "collection_name": "kb_test@1"}]}
            return 200, json.dumps({"result": found, "status": "ok", "time": 0})
        result: object = {"exists": True} if method == "GET" else True
        return 200, json.dumps({"result": result, "status": "ok", "time": 0})

    server.answer = answer
    connect(server.url, None, 2).point({"kb_test": "kb_test@2"})
    changes = [body for method, _path, _headers, body in server.calls if method == "POST"]
    assert changes == [
        {
            "actions": [
                {"delete_alias": {"alias_name": "kb_test"}},
                {"create_alias": {"collection_name": "kb_test@2", "alias_name": "kb_test"}},
            ]
        }
    ]


def test_a_search_is_one_request(server: Server, sparse: SparseEncoder) -> None:
    server.answer = lambda *_: (200, '{"result": {"points": []}, "status": "ok", "time": 0}')
    search = operations(connect(server.url, None, 2), sparse)["search"]
    assert search() == []
    [(method, path, _headers, body)] = server.calls
    assert (method, path) == ("POST", "/collections/kb_test%401/points/query")
    assert body["query"] == {"fusion": "dbsf"}
    assert [part["using"] for part in body["prefetch"]] == ["dense", "sparse"]
    assert body["with_vector"] == ["dense"]


def test_among_many_it_is_one_request_that_looks_at_the_nearest(
    server: Server, sparse: SparseEncoder
) -> None:
    server.answer = lambda *_: (200, '{"result": {"points": []}, "status": "ok", "time": 0}')
    connection = connect(server.url, None, 2)._connection
    index = ServerIndex(connection, "kb_test@1", DIMENSION, means=True, narrows=True)
    for mode in MODES:
        asked = replace(question("Text", sparse, mode), filter=Filter(without_access=("x",)))
        assert index.search(asked) == []
    hybrid, dense, words = (body for _method, _path, _headers, body in server.calls)
    first, other = hybrid["prefetch"]
    assert (first["using"], other["using"]) == ("dense", "sparse")
    for nearest in (first["prefetch"], dense["prefetch"]):
        [nearest] = nearest if isinstance(nearest, list) else [nearest]
        assert (nearest["using"], nearest["limit"]) == ("mean", CANDIDATES)
        # What somebody may not read takes no place among them.
        assert nearest["filter"] == hybrid["prefetch"][0]["filter"]
        assert nearest["filter"]["must_not"]
    assert not words.get("prefetch")
    assert not other.get("prefetch")


def test_windows_have_no_graph_and_means_have_one(server: Server) -> None:
    vectors = created_with(server, Placement(on_disk=True))["vectors"]
    assert vectors["dense"]["hnsw_config"]["m"] == 0
    assert not vectors["mean"].get("hnsw_config")
    assert not vectors["mean"].get("multivector_config")
    assert vectors["mean"]["on_disk"] is True


@pytest.mark.filterwarnings("ignore:Payload indexes have no effect:UserWarning")
def test_a_collection_of_an_earlier_version_goes_on(sparse: SparseEncoder) -> None:
    """It has no means: nothing is written there, and every window is compared."""
    client = QdrantClient(":memory:")
    windows = models.VectorParams(
        size=DIMENSION,
        distance=models.Distance.COSINE,
        multivector_config=models.MultiVectorConfig(
            comparator=models.MultiVectorComparator.MAX_SIM
        ),
    )
    client.create_collection(
        "kb_test@1",
        vectors_config={"dense": windows},
        sparse_vectors_config={"sparse": models.SparseVectorParams()},
    )
    vectors = ServerStore(Connection(client, "memory:"), Placement(exact_below=0))
    for index in (vectors.open("kb_test@1"), vectors.create("kb_test@1", FINGERPRINT)):
        assert index is not None
        index.upsert([point(passage("d", 0, "A pump.", " A valve."), sparse)])
        [hit] = index.search(question("valve", sparse))
        assert hit.best_window == 1


@pytest.mark.filterwarnings("ignore:Payload indexes have no effect:UserWarning")
def test_the_nearest_on_the_whole_hold_the_nearest_window(
    sparse: SparseEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The means choose: with a share of the passages to look at, the window is found that comparing all
    finds; with none to spare, it may not be."""
    kinds = ("pump", "valve", "filter", "sensor", "motor", "brake")
    made = [
        passage(
            f"d{n}",
            0,
            f"The {kinds[n % 6]} X{n} weighs {n} kg.",
            f" Its {kinds[n % 6]} seal is A{n}.",
        )
        for n in range(120)
    ]
    found = {}
    for below in (0, 10**6):
        vectors = in_memory(Placement(exact_below=below))
        index = vectors.create("kb_test@1", FINGERPRINT)
        index.upsert([point(one, sparse) for one in made])
        index = vectors.open("kb_test@1") or index
        for candidates in (40, 1):
            monkeypatch.setattr(layout, "CANDIDATES", candidates)
            monkeypatch.setattr(layout, "prefetch_limit", lambda limit: limit)
            hits = [
                index.search(
                    replace(
                        question(f"What does the {kinds[n % 6]} X{n} weigh?", sparse, "dense"),
                        limit=1,
                    )
                )
                for n in range(0, 120, 7)
            ]
            found[below, candidates] = [(hit.passage.id, hit.best_window) for [hit] in hits]
    assert found[0, 40] == found[10**6, 40] == found[10**6, 1]
    assert found[0, 1] != found[10**6, 1]


def test_a_large_upsert_is_several_requests(server: Server, sparse: SparseEncoder) -> None:
    server.answer = lambda *_: (
        200,
        '{"result": {"operation_id": 1, "status": "completed"}, "status": "ok", "time": 0}',
    )
    index = ServerIndex(connect(server.url, None, 5)._connection, "kb_test@1", DIMENSION)
    made = [passage("d", n, *["Sentence. "] * 400) for n in range(5)]
    index.upsert([point(one, sparse) for one in made])
    sizes = [len(body["points"]) for _method, _path, _headers, body in server.calls]
    assert sizes == [2, 2, 1]  # 800, 800 and 400 windows
    assert all("wait=true" in path for _method, path, _headers, _body in server.calls)


@pytest.mark.parametrize(
    ("url", "warned"),
    [
        ("http://qdrant:6333", True),
        ("http://10.1.2.3:6333", True),
        ("https://qdrant.example:6333", False),
        ("http://localhost:6333", False),
        ("http://127.0.0.1:6333", False),
        ("http://[::1]:6333", False),
    ],
)
def test_a_key_in_the_clear_is_warned_of(
    caplog: pytest.LogCaptureFixture, recwarn: pytest.WarningsRecorder, url: str, warned: bool
) -> None:
    with caplog.at_level(logging.WARNING):
        connect(url, KEY, 1).close()
        connect(url, None, 1).close()
    assert ("unencrypted" in caplog.text) is warned
    assert KEY.get_secret_value() not in caplog.text
    assert len(recwarn) == 0


def test_credentials_in_the_url_are_not_shown() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        error = failure(connect(f"http://me:hidden@127.0.0.1:{port}", KEY, 1).probe)
    assert "hidden" not in str(error)
    assert error.params["url"] == f"http://127.0.0.1:{port}"


def test_a_collection_of_someone_else_is_refused() -> None:
    client = QdrantClient(":memory:")
    client.create_collection("photos", vectors_config={})
    vectors: VectorStore = ServerStore(Connection(client, "memory:"))
    with pytest.raises(IndexFailed, match="photos"):
        vectors.open("photos")


@pytest.mark.filterwarnings("ignore:Payload indexes have no effect:UserWarning")
def test_of_two_that_create_at_once_both_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """The second finds no collection, and then is told that there is one."""
    client = QdrantClient(":memory:")
    vectors = ServerStore(Connection(client, "memory:"))
    vectors.create("kb_test@1", FINGERPRINT)
    answers = iter([False])
    real = client.collection_exists
    monkeypatch.setattr(client, "collection_exists", lambda name: next(answers, real(name)))
    assert vectors.create("kb_test@1", FINGERPRINT).count() == 0


def created_with(server: Server, placement: Placement) -> dict[str, Any]:
    """The body of the request that makes a collection."""

    def answer(_method: str, path: str) -> Answer:
        result: Any = {"exists": False} if path.endswith("/exists") else True
        return 200, json.dumps({"result": result, "status": "ok", "time": 0})

    server.answer = answer
    vectors = connect(server.url, None, 2, placement)
    with pytest.raises(IndexFailed):  # what comes next is no answer of Qdrant's
        vectors.create("kb_test@1", FINGERPRINT)
    bodies = [
        body
        for method, path, _, body in server.calls
        if method == "PUT" and unquote(urlsplit(path).path) == "/collections/kb_test@1"
    ]
    (body,) = bodies
    return dict(body)


def test_a_collection_is_spread_and_kept_as_the_settings_say(server: Server) -> None:
    body = created_with(server, Placement(shards=6, replicas=2, int8=True, on_disk=True))
    assert (body["shard_number"], body["replication_factor"]) == (6, 2)
    assert body["on_disk_payload"] is True
    assert body["vectors"]["dense"]["on_disk"] is True
    assert body["sparse_vectors"]["sparse"]["index"]["on_disk"] is True
    assert body["quantization_config"]["scalar"] == {"type": "int8", "always_ram": True}


def test_what_is_not_set_is_left_to_the_server(server: Server) -> None:
    body = created_with(server, Placement())
    left = ("shard_number", "replication_factor", "on_disk_payload", "quantization_config")
    assert not any(body.get(name) for name in left)
    assert not body["vectors"]["dense"].get("on_disk")
