"""Both stores, and an embedder that needs no model but tells texts apart."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from app.index.edge import EdgeStore
from app.index.protocol import VectorStore
from app.index.server import Placement, connect, in_memory
from app.index.sparse import SparseEncoder
from tests.index.material import MemoryAliases
from tests.index.qdrant_double import QdrantDouble, serving
from tests.index.qdrant_grpc import serving_grpc

# Read before the tests' environment is emptied.
QDRANT_URL = os.environ.get("QDRANT_URL")
QDRANT_API_KEY = os.environ.get("QDRANT_API_KEY")


@pytest.fixture(scope="session")
def sparse() -> SparseEncoder:
    return SparseEncoder()


@pytest.fixture
def aliases() -> MemoryAliases:
    return MemoryAliases()


STORES = ["edge", "memory", "narrowing", "wire", "grpc", *(["server"] if QDRANT_URL else [])]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if not QDRANT_URL:
        terminalreporter.write_line(
            "SKIPPED the index contract on a Qdrant server: QDRANT_URL is not set", yellow=True
        )


@pytest.fixture(params=STORES)
def vectors(
    request: pytest.FixtureRequest, tmp_path: Path, aliases: MemoryAliases
) -> Iterator[VectorStore]:
    """Each store in turn, empty."""
    made: VectorStore
    if request.param == "grpc":
        double = QdrantDouble()
        with serving(double) as url, serving_grpc(double) as port:
            made = connect(url, None, 30, grpc_port=port)
            yield made
            made.close()
        return
    if request.param == "wire":
        with serving(QdrantDouble()) as url:
            made = connect(url, None, 30)
            yield made
            made.close()
        return
    if request.param == "edge":
        made = EdgeStore(tmp_path / "index", aliases)
    elif request.param == "memory":
        made = in_memory()
    elif request.param == "narrowing":
        made = in_memory(Placement(exact_below=0))
    else:
        assert QDRANT_URL
        made = connect(QDRANT_URL, SecretStr(QDRANT_API_KEY) if QDRANT_API_KEY else None, 30)
        _empty(made)
    yield made
    if request.param == "server":
        _empty(made)
    made.close()


@pytest.fixture
def edge_store(tmp_path: Path, aliases: MemoryAliases) -> Iterator[Callable[[], EdgeStore]]:
    """Opens the embedded store in one and the same folder; closes what is open at the end."""
    opened: list[EdgeStore] = []

    def open_vector_store() -> EdgeStore:
        opened.append(EdgeStore(tmp_path / "index", aliases))
        return opened[-1]

    yield open_vector_store
    for one in opened:
        one.close()


def _empty(vectors: VectorStore) -> None:
    for collection in vectors.collections():
        if collection.startswith("kb_test@"):
            vectors.drop(collection)
