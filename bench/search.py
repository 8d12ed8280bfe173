"""The embedded index alone at several sizes: write, open, search, memory.

Vectors are random (exact search costs the same for any), words follow Zipf's law over
50,000 terms. Each size runs in a process of its own, so that memory is that size's.
"""

import multiprocessing
import statistics
import tempfile
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from uuid import UUID

import numpy as np

from app.index.edge import EdgeStore
from app.index.fingerprint import fingerprint_of
from app.index.protocol import Filter, Index, Mode, Passage, Point, Query, SparseVector
from app.models.embedding import EmbeddingIdentity

SIZES = (1_000, 10_000, 50_000)
DIMENSION = 384
WINDOWS = 5
WORDS = 120  # terms of a passage
ASKED_WORDS = 10
VOCABULARY = 50_000
PER_DOCUMENT = 10
BATCH = 500
ASKED = 200
WARM_UP = 10
LIMIT = 8
COLLECTION = "bench"
FINGERPRINT = fingerprint_of(EmbeddingIdentity("random", "1", DIMENSION, "", "", True), "bench")


class Aliases:
    """No alias is made here."""

    def get_alias(self, alias: str) -> str | None:  # noqa: ARG002
        return None

    def set_aliases(self, aliases: Mapping[str, str]) -> None:
        raise NotImplementedError(aliases)


def main() -> None:
    context = multiprocessing.get_context("spawn")
    print(
        f"Embedded index, passages of {WINDOWS} windows x {DIMENSION}, {WORDS} words; "
        f"hybrid, dense, sparse, filtered (hybrid within 1 of 10 tags): p50 / p95 ms over {ASKED}\n"
    )
    print(
        "| passages | upsert/s | flush ms | open ms | hybrid | dense | sparse | filtered | memory MB, own + mapped files | disk MB | optimise s |"
    )
    print("|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|")
    for size in SIZES:
        # One process a step: memory as a server has it that opens a library, not as the
        # writer leaves it.
        with (
            tempfile.TemporaryDirectory() as name,
            ProcessPoolExecutor(1, context, max_tasks_per_child=1) as pool,
        ):
            folder = Path(name)
            writing, flushing = pool.submit(_write, folder, size).result()
            opening, modes, own, mapped = pool.submit(_search, folder).result()
            disk = sum(path.stat().st_blocks for path in folder.rglob("*") if path.is_file())
            vacuum = pool.submit(_vacuum, folder, size).result()
        shown = " | ".join(f"{p50:.1f} / {p95:.1f}" for p50, p95 in modes.values())
        print(
            f"| {size:,} | {size / writing:,.0f} | {flushing * 1e3:.0f} | {opening * 1e3:.0f} "
            f"| {shown} | {own:.0f} + {mapped:.0f} | {disk * 512 / 1e6:.0f} | {vacuum:.1f} |",
            flush=True,
        )
    print()


def _write(folder: Path, size: int) -> tuple[float, float]:
    """Seconds in `upsert` and in `flush`."""
    rng = np.random.default_rng(7)
    vectors = EdgeStore(folder / "index", Aliases())
    index = vectors.create(COLLECTION, FINGERPRINT)
    writing = 0.0
    for points in batches(size, rng):
        started = time.perf_counter()
        index.upsert(points)
        writing += time.perf_counter() - started
    started = time.perf_counter()
    index.flush()
    flushing = time.perf_counter() - started
    vectors.close()
    return writing, flushing


def _vacuum(folder: Path, size: int) -> float:
    """Seconds in `optimise` after every third document was deleted."""
    vectors = EdgeStore(folder / "index", Aliases())
    index = vectors.create(COLLECTION, FINGERPRINT)
    index.delete_revisions([(f"d{n}", "r1") for n in range(0, size // PER_DOCUMENT, 3)])
    started = time.perf_counter()
    index.optimise()
    seconds = time.perf_counter() - started
    vectors.close()
    return seconds


def _search(folder: Path) -> tuple[float, dict[str, tuple[float, float]], float, float]:
    """Seconds to open; per mode p50 and p95 in milliseconds; own and mapped memory taken, MB."""
    rng = np.random.default_rng(11)
    before = _memory_mb()
    started = time.perf_counter()
    vectors = EdgeStore(folder / "index", Aliases())
    index = vectors.open(COLLECTION)
    opening = time.perf_counter() - started
    if index is None:
        raise RuntimeError("the index that was just written is gone")
    modes = timed(index, rng)
    after = _memory_mb()
    vectors.close()
    return opening, modes, after[0] - before[0], after[1] - before[1]


def timed(index: Index, rng: np.random.Generator) -> dict[str, tuple[float, float]]:
    """Per mode p50 and p95 of ASKED searches, milliseconds."""
    cases: dict[str, tuple[Mode, Filter]] = {
        "hybrid": ("hybrid", Filter()),
        "dense": ("dense", Filter()),
        "sparse": ("sparse", Filter()),
        "filtered": ("hybrid", Filter(tags=("tag3",))),
    }
    modes = {}
    for name, (mode, chosen) in cases.items():
        times = []
        for _ in range(ASKED + WARM_UP):
            query = Query(unit_vectors(rng, 1)[0], terms(rng, ASKED_WORDS), LIMIT, mode, chosen)
            started = time.perf_counter()
            index.search(query)
            times.append((time.perf_counter() - started) * 1e3)
        kept = times[WARM_UP:]
        modes[name] = (statistics.median(kept), statistics.quantiles(kept, n=20)[18])
    return modes


def batches(size: int, rng: np.random.Generator) -> Iterator[list[Point]]:
    text = "文本 text " * 60
    for start in range(0, size, BATCH):
        vectors = unit_vectors(rng, BATCH * WINDOWS).reshape(BATCH, WINDOWS, DIMENSION)
        yield [
            Point(_passage(start + n, text), vectors[n], terms(rng, WORDS))
            for n in range(min(BATCH, size - start))
        ]


def _passage(number: int, text: str) -> Passage:
    document, ordinal = divmod(number, PER_DOCUMENT)
    step = len(text) // WINDOWS
    return Passage(
        id=str(UUID(int=number)),
        document_id=f"d{document}",
        revision="r1",
        ordinal=ordinal,
        text=text,
        start=0,
        end=len(text),
        windows=tuple((n * step, (n + 1) * step) for n in range(WINDOWS)),
        page=None,
        section=("Heading",),
        language="zh",
        title=f"Document {document}",
        source=f"file:///{document}.md",
        tags=(f"tag{document % 10}",),
    )


def unit_vectors(
    rng: np.random.Generator, rows: int
) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    vectors = rng.standard_normal((rows, DIMENSION), dtype=np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors


def terms(rng: np.random.Generator, words: int) -> SparseVector:
    """Zipf's law by the inverse of its cumulative distribution: rank = vocabulary ** u."""
    ranks = np.floor(VOCABULARY ** rng.random(words)).astype(int)
    ids, counts = np.unique(ranks, return_counts=True)
    return SparseVector(tuple(ids.tolist()), tuple(counts.astype(float).tolist()))


def _memory_mb() -> tuple[float, float]:
    """Resident memory of this process: its own, and pages of mapped files (given up on demand)."""
    fields = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return int(fields["RssAnon"].split()[0]) / 1024, int(fields["RssFile"].split()[0]) / 1024


if __name__ == "__main__":
    main()
