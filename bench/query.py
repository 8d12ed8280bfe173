"""What the product adds to a search: `/search` against encoding plus one raw engine query."""

import asyncio
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import httpx
import numpy as np
import uvicorn

from app.api.app import create_app
from app.index.protocol import Query
from app.models.embedding import Embedder, Matrix
from app.models.sentence_transformer import build_embedder
from app.runtime import Runtime, open_runtime
from app.settings import load_settings
from bench.corpus import questions, write_documents
from bench.embedders import PassingOn
from ingest.report import SyncRequest

DOCUMENTS = 500  # of 10 passages
ASKED = 200
WARM_UP = 20


class _QuickPassages(PassingOn):
    """Questions are encoded as ever; passages get random vectors, which a search compares as
    fast as any, so that the library is there in seconds."""

    def __init__(self, inner: Embedder) -> None:
        super().__init__(inner)
        self._random = np.random.default_rng(7)

    def embed_passages(self, texts: Sequence[str]) -> Matrix:
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


def main() -> None:
    asked = questions(ASKED + WARM_UP)
    with tempfile.TemporaryDirectory() as name:
        settings = load_settings(data=Path(name) / "data", log_level="error", port=0)
        write_documents(Path(name) / "documents", DOCUMENTS)
        runtime = asyncio.run(
            open_runtime(settings, embedder=_QuickPassages(build_embedder(settings)))
        )
        storage = runtime.storage
        storage.sync(SyncRequest((str(Path(name) / "documents"),), "default"), lambda _event: None)
        index = storage.indexes.ensure("default")
        embedder, sparse = storage.embedder, storage.sparse
        queries = {
            text: Query(embedder.embed_query(text), sparse.encode_query(text), 10) for text in asked
        }
        with Server(runtime) as url, httpx.Client(base_url=url) as client:

            def search(text: str) -> None:
                client.post("/search", json={"question": text, "limit": 10}).raise_for_status()

            # In turn, so that a slow spell of the machine meets all three.
            rounds = [
                (
                    _milliseconds(search, asked),
                    _milliseconds(embedder.embed_query, asked),
                    _milliseconds(lambda text: index.search(queries[text]), asked),
                )
                for _ in range(3)
            ]
        chunks = index.count()
        asyncio.run(runtime.close())
    whole, encode, raw = (
        statistics.median(ms for one in rounds for ms in one[place]) for place in range(3)
    )
    print(f"## /search over {chunks} chunks, {ASKED} questions, three rounds, medians in ms\n")
    print("| /search | encode one question | one engine query | ratio |")
    print("|---|---|---|---|")
    print(f"| {whole:.2f} | {encode:.2f} | {raw:.2f} | {whole / (encode + raw):.2f} |\n")
