"""What a rare group finds: the share of the nearest passages that it may read, of a library that is mostly
limited to others, that a search brings; the reference is an index that holds its passages alone.

Passages as in `bench search`; of so many the group may read a tenth, a hundredth, a thousandth.
"""

import statistics
import tempfile
import time
from pathlib import Path
from typing import Final

import numpy as np

from app.index.edge import EdgeStore
from app.index.protocol import Filter, Index, Mode, Query
from app.library.limits import access_text
from bench.search import (
    ASKED_WORDS,
    COLLECTION,
    DIMENSION,
    FINGERPRINT,
    LIMIT,
    PER_DOCUMENT,
    Aliases,
    batches,
    terms,
    unit_vectors,
)

PASSAGES: Final = 10_000
SHARES: Final = (10, 100, 1_000)  # one in so many documents
ASKED: Final = 100
OTHERS: Final = access_text([["others"]])


def main() -> None:
    print(
        f"Rights, {PASSAGES:,} passages x {DIMENSION}: recall@{LIMIT} of what the group may read, "
        f"and p50 ms of a search, over {ASKED}\n"
    )
    print("| may read | dense | sparse | hybrid | p50 ms limited | p50 ms unlimited |")
    print("|--:|--:|--:|--:|--:|--:|")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        whole_store, whole = _opened(folder / "whole")
        for points in batches(PASSAGES, np.random.default_rng(7)):
            whole.upsert(points)
        for share in SHARES:
            documents = PASSAGES // PER_DOCUMENT
            own = {f"d{n}" for n in range(0, documents, share)}
            whole.forget_access()
            whole.set_access(OTHERS, [f"d{n}" for n in range(documents) if f"d{n}" not in own])
            alone_store, alone = _opened(folder / f"alone {share}")
            for points in batches(PASSAGES, np.random.default_rng(7)):
                readable = [point for point in points if point.passage.document_id in own]
                if readable:
                    alone.upsert(readable)
            _row(len(own) * PER_DOCUMENT, whole, alone)
            alone_store.close()
        whole_store.close()
    print()


def _opened(folder: Path) -> tuple[EdgeStore, Index]:
    store = EdgeStore(folder, Aliases())
    return store, store.create(COLLECTION, FINGERPRINT)


def _row(readable: int, whole: Index, alone: Index) -> None:
    limited = Filter(without_access=(OTHERS,))
    modes: tuple[Mode, ...] = ("dense", "sparse", "hybrid")
    recalls: dict[Mode, list[float]] = {mode: [] for mode in modes}
    times: dict[bool, list[float]] = {True: [], False: []}
    rng = np.random.default_rng(11)
    for _ in range(ASKED):
        vector, words = unit_vectors(rng, 1)[0], terms(rng, ASKED_WORDS)
        for mode in modes:
            started = time.perf_counter()
            found = whole.search(Query(vector, words, LIMIT, mode, limited))
            if mode == "hybrid":
                times[True].append(time.perf_counter() - started)
                started = time.perf_counter()
                whole.search(Query(vector, words, LIMIT, mode))
                times[False].append(time.perf_counter() - started)
            wanted = {hit.passage.id for hit in alone.search(Query(vector, words, LIMIT, mode))}
            got = {hit.passage.id for hit in found}
            recalls[mode].append(len(wanted & got) / len(wanted) if wanted else 1.0)
    shown = " | ".join(f"{statistics.mean(recalls[mode]):.3f}" for mode in modes)
    p50 = {which: statistics.median(taken) * 1e3 for which, taken in times.items()}
    print(f"| {readable:,} | {shown} | {p50[True]:.1f} | {p50[False]:.1f} |", flush=True)
