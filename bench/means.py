"""`python -m bench.means --path FILE… [--documents FOLDER]`: what a search loses that compares windows of few passages.

On a Qdrant server a graph over the passages' mean vectors finds the nearest, and the windows of these alone are
compared (`app.index.points.CANDIDATES`). Here both are done exactly, over the passages of XQuAD-style test sets and of
a folder of text files beside them, dense vectors alone: how often the right passage is among the nearest by means, and
nDCG@10 against comparing all windows. What the graph itself misses of the nearest is Qdrant's and not measured.
"""

import argparse
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from app.evaluation.metrics import ndcg
from app.index.points import CANDIDATES, mean_of
from app.models.embedding import Embedder, Matrix
from app.models.sentence_transformer import build_embedder
from app.settings import load_settings
from bench.speed import TestSet, load_test_set, windows_of

NUMBERS: Final = (200, 400, CANDIDATES, 1600)
MOST_LOSS: Final = 0.002  # nDCG@10 against comparing all


@dataclass(frozen=True)
class Pool:
    """All passages: their keys, the places where their windows start, all windows, and their means."""

    keys: list[str]
    starts: np.ndarray[tuple[int], np.dtype[np.intp]]
    windows: Matrix
    means: Matrix


def pool_of(embedder: Embedder, sets: Sequence[TestSet], others: Sequence[list[str]]) -> Pool:
    keys: list[str] = []
    windows: list[str] = []
    owners: list[int] = []
    for data in sets:
        owners += [len(keys) + owner for owner in data.owners]
        keys += data.keys
        windows += data.windows
    for passage in others:
        owners += [len(keys)] * len(passage)
        keys.append(f"other {len(keys)}")
        windows += passage
    vectors = embedder.embed_passages(windows)
    starts = np.flatnonzero(np.diff(owners, prepend=-1))
    means = np.stack([mean_of(each) for each in np.split(vectors, starts[1:])])
    return Pool(keys, starts, vectors, means)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.means")
    parser.add_argument("--path", type=Path, nargs="+", required=True, help="XQuAD-style JSON")
    parser.add_argument("--documents", type=Path, help="a folder of text files")
    wanted = parser.parse_args()
    embedder = build_embedder(load_settings())
    with tempfile.TemporaryDirectory() as name:
        sets = []
        for path in wanted.path:
            (folder := Path(name) / path.stem).mkdir()
            sets.append(load_test_set(path, folder))
    others = [
        passage
        for file in sorted(wanted.documents.iterdir() if wanted.documents else ())
        for passage in windows_of(wanted.documents, file.name)
    ]
    pool = pool_of(embedder, sets, others)
    print(f"## The nearest by means: {len(pool.keys)} passages, {len(pool.windows)} windows\n")
    print("| questions | | " + " | ".join(f"nearest {n}" for n in NUMBERS) + " | all |")
    print("|---|---|" + "--:|" * (len(NUMBERS) + 1))
    for data in sets:
        _show(embedder, pool, data)


def _show(embedder: Embedder, pool: Pool, data: TestSet) -> None:
    among: dict[int, list[bool]] = {number: [] for number in NUMBERS}
    scores: dict[int, list[float]] = {number: [] for number in (*NUMBERS, len(pool.keys))}
    for text, gold in data.questions:
        question = embedder.embed_query(text)
        best = np.maximum.reduceat(pool.windows @ question, pool.starts)
        by_mean = np.argsort(-(pool.means @ question), kind="stable")
        for number, kept in scores.items():
            nearest = by_mean[:number]
            order = nearest[np.argsort(-best[nearest], kind="stable")][:30]
            ranked = list(dict.fromkeys(pool.keys[place] for place in order))[:10]
            kept.append(ndcg(ranked, gold))
            if number in among:
                among[number].append(any(pool.keys[place] in gold for place in nearest))
    found = " | ".join(f"{np.mean(among[number]):.4f}" for number in NUMBERS)
    print(f"| {data.name}, {len(data.questions)} | right one among them | {found} | |")
    exact = float(np.mean(scores[len(pool.keys)]))
    gains = [float(np.mean(scores[number])) for number in NUMBERS]
    cells = " | ".join(
        f"{gain:.4f}{'' if exact - gain <= MOST_LOSS else ', too little'}" for gain in gains
    )
    print(f"| | nDCG@10 | {cells} | {exact:.4f} |", flush=True)


if __name__ == "__main__":
    main()
