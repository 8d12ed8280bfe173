"""`python -m bench server --passages N`: a Qdrant server alone, at whatever size it bears.

Needs nothing but its address: GROUNDKB_QDRANT_URL, with the other GROUNDKB_QDRANT_* settings. It writes
made-up passages as `bench.search` does into a collection of its own, which it drops at the end.
"""

import argparse
import sys
import time
from collections.abc import Sequence

import numpy as np

from app.index.factory import open_vector_store
from app.settings import load_settings
from bench.search import COLLECTION, DIMENSION, FINGERPRINT, WINDOWS, WORDS, Aliases, batches, timed


def main(given: Sequence[str] = ()) -> None:
    parser = argparse.ArgumentParser(prog="python -m bench server")
    parser.add_argument("--passages", type=int, default=50_000)
    parser.add_argument("--keep", action="store_true", help="leave the collection there")
    wanted = parser.parse_args(given)
    settings = load_settings()
    if settings.qdrant_url is None:
        sys.exit("set GROUNDKB_QDRANT_URL")
    store = open_vector_store(settings, Aliases())
    store.probe()
    name = f"{COLLECTION}_{wanted.passages}"
    store.drop(name)
    index = store.create(name, FINGERPRINT)
    print(
        f"Qdrant server, passages of {WINDOWS} windows x {DIMENSION}, {WORDS} words; ms p50 / p95\n"
    )
    print(
        "| passages | upsert/s | compared | hybrid | dense | sparse | filtered |\n"
        "|--:|--:|---|--:|--:|--:|--:|"
    )
    rng, writing = np.random.default_rng(7), 0.0
    try:
        for points in batches(wanted.passages, rng):
            started = time.perf_counter()
            index.upsert(points)
            writing += time.perf_counter() - started
        speed = wanted.passages / writing
        # How it is searched is decided when it is opened, by how many there are.
        for compared, below in (("every window", wanted.passages + 1), ("the nearest 400", 0)):
            other = open_vector_store(
                settings.model_copy(update={"qdrant_exact_below": below}), Aliases()
            )
            opened = other.open(name)
            if opened is None:
                sys.exit(f"{name} is gone")
            modes = timed(opened, np.random.default_rng(11))
            shown = " | ".join(f"{p50:.1f} / {p95:.1f}" for p50, p95 in modes.values())
            print(f"| {opened.count():,} | {speed:,.0f} | {compared} | {shown} |")
            other.close()
    finally:
        if not wanted.keep:
            store.drop(name)
        store.close()


if __name__ == "__main__":
    main(sys.argv[1:])
