"""What the product adds to a search: `/search` against encoding plus one raw engine query."""

import asyncio
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx
import numpy as np
import uvicorn

from app.api.app import create_app
from app.api.logs import configure_logging
from app.index.protocol import Query
from app.models.embedding import Embedder, Matrix, OnBatch, ignore_batch
from app.models.sentence_transformer import build_embedder
from app.runtime import Runtime, open_runtime
from app.settings import load_settings
from bench.corpus import questions, write_documents
from bench.embedders import PassingOn
from ingest.report import SyncRequest

DOCUMENTS = (100, 500, 1_000, 5_000)  # of 10 passages
ASKED = 200
ROUNDS = 3
WARM_UP = 20


class _QuickPassages(PassingOn):
    """Questions are encoded as ever; passages get random vectors, which a search compares as
    fast as any, so that the library is there in seconds."""

    def __init__(self, inner: Embedder) -> None:
        super().__init__(inner)
        self._random = np.random.default_rng(7)

    def embed_passages(self, texts: Sequence[str], _: OnBatch = ignore_batch) -> Matrix:
        rows = self._random.standard_normal((len(texts), self.identity.dimension))
        return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def _milliseconds(work: Callable[[str], object], asked: list[str]) -> list[float]:
    times = []
    for question in asked:
        started = time.perf_counter()
        work(question)
        times.append((time.perf_counter() - started) * 1000)
    return times[WARM_UP:]


class Server:
    """The application on a free port, in a thread."""

    def __init__(self, runtime: Runtime) -> None:
        config = uvicorn.Config(
            create_app(runtime.settings, runtime), port=0, log_config=None, access_log=False
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run)

    def __enter__(self) -> str:
        self._thread.start()
        while not self._server.started:
            time.sleep(0.01)
        port = self._server.servers[0].sockets[0].getsockname()[1]
        return f"http://127.0.0.1:{port}"

    def __exit__(self, *_: object) -> None:
        self._server.should_exit = True
        self._thread.join()


@dataclass(frozen=True)
class _Times:
    """Milliseconds of every question: the whole request, encoding the question, the raw query."""

    whole: list[float]
    encode: list[float]
    raw: list[float]

    def row(self) -> str:
        whole, encode, raw = map(statistics.median, (self.whole, self.encode, self.raw))
        latest = statistics.quantiles(self.whole, n=20)[-1]
        return (
            f"{whole:.1f} / {latest:.1f} | {encode:.1f} | {raw:.1f} | {latest - encode:.1f} "
            f"| {whole / (encode + raw):.2f}"
        )


def _measure(runtime: Runtime, client: httpx.Client, asked: list[str]) -> _Times:
    storage = runtime.storage
    embedder, index = storage.embedder, storage.indexes.ensure("default")
    queries = {
        text: Query(embedder.embed_query(text), storage.sparse.encode_query(text), 10)
        for text in asked
    }

    def search(text: str) -> None:
        client.post("/search", json={"question": text, "limit": 10}).raise_for_status()

    times = _Times([], [], [])
    for _ in range(ROUNDS):  # in turn, so that a slow spell of the machine meets all three
        times.whole.extend(_milliseconds(search, asked))
        times.encode.extend(_milliseconds(embedder.embed_query, asked))
        times.raw.extend(_milliseconds(lambda text: index.search(queries[text]), asked))
    return times


def main() -> None:
    asked = questions(ASKED + WARM_UP)
    print(f"## /search over HTTP, hybrid, {ASKED} questions, {ROUNDS} rounds, ms\n")
    print(
        "| passages | /search: p50 / p95 | encode one question: p50 | one engine query: p50 "
        "| p95 beyond encoding | ratio of the medians |"
    )
    print("|--:|--:|--:|--:|--:|--:|", flush=True)
    with tempfile.TemporaryDirectory() as name:
        settings = load_settings(data=Path(name) / "data", log_level="error", port=0)
        configure_logging(settings)
        documents, written = Path(name) / "documents", 0
        runtime = asyncio.run(
            open_runtime(settings, embedder=_QuickPassages(build_embedder(settings)))
        )
        storage = runtime.storage
        with Server(runtime) as url, httpx.Client(base_url=url) as client:
            for count in DOCUMENTS:
                write_documents(documents, count, first=written)
                written = count
                storage.sync(SyncRequest((str(documents),), "default"), lambda _event: None)
                chunks = storage.indexes.ensure("default").count()
                print(f"| {chunks:,} | {_measure(runtime, client, asked).row()} |", flush=True)
        asyncio.run(runtime.close())
    print()
