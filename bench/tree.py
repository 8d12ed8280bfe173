"""How fast a sync finds that nothing has changed.

`python -m bench tree`: 10,000 files in 100 folders are taken in once with an embedder that costs
nothing, then synced again. The second sync must not embed.
"""

import os
import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from app.models.embedding import EmbeddingIdentity, Matrix, OnBatch, Vector, ignore_batch
from app.runtime import open_storage
from app.settings import load_settings
from ingest.report import SyncReport, SyncRequest

FILES = 10_000
PER_FOLDER = 100
RUNS = 5
HOUR = 3_600.0


class NothingEmbedder:
    """The same vector for every text, at once; counts the texts."""

    def __init__(self) -> None:
        self.identity = EmbeddingIdentity("nothing", "1", 8, "", "", normalised=True)
        self.embedded = 0

    def embed_query(self, text: str) -> Vector:
        return self.embed_passages([text])[0]

    def embed_passages(self, texts: Sequence[str], _: OnBatch = ignore_batch) -> Matrix:
        self.embedded += len(texts)
        return np.full((len(texts), 8), 8**-0.5, np.float32)


def write_tree(root: Path, files: int) -> None:
    """Small text files, an hour old: a younger time stamp is not trusted."""
    then = time.time() - HOUR
    for number in range(files):
        folder = root / f"{number // PER_FOLDER:04d}"
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{number:06d}.txt"
        path.write_text(f"Document {number} says {number * 7}.\n", encoding="utf-8")
        os.utime(path, (then, then))


def measure_tree(files: int = FILES, runs: int = RUNS) -> dict[str, float]:
    """Median seconds of a sync without changes, and of the first one."""
    with tempfile.TemporaryDirectory() as name:
        root = Path(name) / "documents"
        write_tree(root, files)
        embedder = NothingEmbedder()
        storage = open_storage(load_settings(data=Path(name) / "data"), embedder)

        def sync() -> tuple[SyncReport, float]:
            started = time.perf_counter()
            report = storage.sync(SyncRequest((str(root),), "default"), lambda _event: None)
            return report, time.perf_counter() - started

        report, first = sync()
        assert (report.added, len(report.failed)) == (files, 0), report
        embedder.embedded = 0
        seconds = []
        for _ in range(runs):
            report, taken = sync()
            assert report.unchanged == files, report
            seconds.append(taken)
        storage.close()
        return {
            "files": files,
            "first_seconds": first,
            "unchanged_seconds": statistics.median(seconds),
            "embedded": embedder.embedded,
        }


def main() -> None:
    figures = measure_tree()
    rate = figures["files"] / figures["unchanged_seconds"]
    print(f"## A tree without changes, median of {RUNS} syncs\n")
    print("| files | sync s | files/s | texts embedded | first sync, nothing to encode, s |")
    print("|--:|--:|--:|--:|--:|")
    print(
        f"| {figures['files']:,.0f} | {figures['unchanged_seconds']:.2f} | {rate:,.0f} "
        f"| {figures['embedded']:.0f} | {figures['first_seconds']:.1f} |\n"
    )
