"""Both engines, and an embedder that needs no model but tells texts apart."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from app.index.edge import EdgeEngine
from app.index.protocol import Engine
from app.index.server import connect, in_memory
from app.index.sparse import SparseEncoder
from tests.index.material import MemoryAliases

# Read before the tests' environment is emptied.
QDRANT_URL = os.environ.get("QDRANT_URL")
QDRANT_API_KEY = os.environ.get("QDRANT_API_KEY")


@pytest.fixture(scope="session")
def sparse() -> SparseEncoder:
    return SparseEncoder()


@pytest.fixture
def aliases() -> MemoryAliases:
    return MemoryAliases()


ENGINES = ["edge", "memory", *(["server"] if QDRANT_URL else [])]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if not QDRANT_URL:
        terminalreporter.write_line(
            "SKIPPED the index contract on a Qdrant server: QDRANT_URL is not set", yellow=True
        )


@pytest.fixture(params=ENGINES)
def engine(
    request: pytest.FixtureRequest, tmp_path: Path, aliases: MemoryAliases
) -> Iterator[Engine]:
    """Each engine in turn, empty."""
    made: Engine
    if request.param == "edge":
        made = EdgeEngine(tmp_path / "index", aliases)
    elif request.param == "memory":
        made = in_memory()
    else:
        assert QDRANT_URL
        made = connect(QDRANT_URL, SecretStr(QDRANT_API_KEY) if QDRANT_API_KEY else None, 30)
        _empty(made)
    yield made
    if request.param == "server":
        _empty(made)
    made.close()


@pytest.fixture
def edge_engine(tmp_path: Path, aliases: MemoryAliases) -> Iterator[Callable[[], EdgeEngine]]:
    """Opens the embedded engine in one and the same folder; closes what is open at the end."""
    opened: list[EdgeEngine] = []

    def open_engine() -> EdgeEngine:
        opened.append(EdgeEngine(tmp_path / "index", aliases))
        return opened[-1]

    yield open_engine
    for one in opened:
        one.close()


def _empty(engine: Engine) -> None:
    for collection in engine.collections():
        if collection.startswith("kb_test@"):
            engine.drop(collection)
