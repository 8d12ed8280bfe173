"""Encoding on a CPU: precision, threads and batching, and what each precision costs in ranking.

`python -m bench speed` encodes windows of made-up documents; `python -m bench.speed --path FILE…`
windows of XQuAD-style test sets, and ranks their passages (dense only, a passage by its best
window) at each precision.
"""

import argparse
import random
import tempfile
import time
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from app.evaluation.datasets import load, pick
from app.evaluation.metrics import ndcg
from app.models.device import choose_precision
from app.models.embedding import Embedder
from app.models.places import embedding_folder
from app.models.sentence_transformer import (
    BATCH_TOKENS,
    SentenceTransformerEmbedder,
    build_embedder,
    load_model,
)
from app.settings import Settings, load_settings
from bench.corpus import write_documents
from ingest.chunk import chunk, embedding_texts
from ingest.parse import Limits, parse
from ingest.sources.found import document_id_of

SAMPLE = 240  # windows: seconds of work for each cell
QUESTIONS = 400  # of each test set
MOST_LOSS = 0.003  # nDCG@10 against fp32
PRECISIONS = ("fp32", "bf16", "int8")
BATCHES = {"32 texts": 32, "64 texts": 64, f"{BATCH_TOKENS} tokens": None}
_SHOWN = ("avx2", "avx512_f", "avx512_vnni", "avx512_bf16", "amx_bf16", "amx_int8")


@dataclass(frozen=True)
class TestSet:
    """A test set, cut as the product cuts it. `owners`: for each window the place of its passage."""

    name: str
    keys: list[str]
    windows: list[str]
    owners: list[int]
    questions: list[tuple[str, frozenset[str]]]


def _load(precision: str, settings: Settings) -> tuple[SentenceTransformerEmbedder, Any]:
    """The embedder and, apart from it, the bare model at a precision. int8: torch's dynamic quantisation of all
    linear layers, weights per tensor, activations per batch."""
    dtype = torch.bfloat16 if precision == "bf16" else torch.float32

    def model() -> Any:
        loaded = load_model(embedding_folder(settings), dtype)
        if precision != "int8":
            return loaded
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # deprecated in favour of a package of its own
            return torch.ao.quantization.quantize_dynamic(loaded, {torch.nn.Linear}, torch.qint8)

    # Two, since the embedder sets the tokenizer to cut and not to pad, and `encode` to pad.
    identity = build_embedder(settings).identity
    return SentenceTransformerEmbedder(model(), identity, torch), model()


def windows_of(folder: Path, name: str) -> list[list[str]]:
    """What is embedded of one file: for each passage, its windows' texts."""
    parsed = parse(folder / name, limits=Limits())
    passages = chunk(parsed, document_id=document_id_of(name), revision="1", source=name, tags=())
    return [embedding_texts(passage, parsed) for passage in passages]


def _made_up(folder: Path) -> list[str]:
    write_documents(folder, SAMPLE // 40)
    files = sorted(path.name for path in folder.iterdir())
    return [text for name in files for passage in windows_of(folder, name) for text in passage]


def load_test_set(path: Path, folder: Path) -> TestSet:
    data = load(path, "xquad")
    keys: list[str] = []
    windows: list[str] = []
    owners: list[int] = []
    for document in data.documents:
        file = f"{document.key}.txt"
        (folder / file).write_text(document.text, encoding="utf-8")
        for passage in windows_of(folder, file):
            owners += [len(keys)] * len(passage)
            windows += passage
            keys.append(document.key)
    asked = pick(data.questions, "all", QUESTIONS)
    questions = [(question.text, frozenset(question.documents)) for question in asked]
    return TestSet(f"{path.stem}", keys, windows, owners, questions)


def _rate(encode: Callable[[Sequence[str]], object], texts: Sequence[str]) -> float:
    """Windows a second; the faster of two runs."""
    encode(texts[:64])
    best = 0.0
    for _ in range(2):
        started = time.perf_counter()
        encode(texts)
        best = max(best, len(texts) / (time.perf_counter() - started))
    return best


def _encoder(
    embedder: SentenceTransformerEmbedder, model: Any, count: int | None, prefix: str
) -> Callable[[Sequence[str]], object]:
    if count is None:
        return embedder.embed_passages
    return lambda texts: model.encode(
        [prefix + text for text in texts],
        batch_size=count,
        normalize_embeddings=True,
        show_progress_bar=False,
    )


def _ranking(embedder: Embedder, data: TestSet) -> list[float]:
    """nDCG@10 of every question."""
    windows = embedder.embed_passages(data.windows)
    starts = np.flatnonzero(np.diff(data.owners, prepend=-1))
    scores = []
    for text, gold in data.questions:
        best = np.maximum.reduceat(windows @ embedder.embed_query(text), starts)
        order = np.argsort(-best, kind="stable")[:30]
        ranked = list(dict.fromkeys(data.keys[place] for place in order))[:10]
        scores.append(ndcg(ranked, gold))
    return scores


def _show_rates(settings: Settings, texts: Sequence[str]) -> None:
    print(f"Windows a second, {len(texts)} windows, the faster of two runs:\n")
    print("| precision | threads | " + " | ".join(BATCHES) + " |")
    print("|---|--:|" + "--:|" * len(BATCHES), flush=True)
    most = torch.get_num_threads()
    for precision in PRECISIONS:
        embedder, model = _load(precision, settings)
        prefix = embedder.identity.passage_prefix
        for threads in sorted({1, most}):
            torch.set_num_threads(threads)
            rates = [
                _rate(_encoder(embedder, model, count, prefix), texts) for count in BATCHES.values()
            ]
            cells = " | ".join(f"{rate:.0f}" for rate in rates)
            print(f"| {precision} | {threads} | {cells} |", flush=True)
        torch.set_num_threads(most)
    print()


def main(paths: Sequence[Path] = ()) -> None:
    settings = load_settings()
    capabilities = torch.cpu.get_capabilities()
    print("## Encoding on this CPU\n")
    print("It has " + ", ".join(name for name in _SHOWN if capabilities.get(name)) + ".\n")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        sets = []
        for path in paths:
            (folder / path.stem).mkdir()
            sets.append(load_test_set(path, folder / path.stem))
        texts = [text for data in sets for text in data.windows] or _made_up(folder / "made-up")
    texts = random.Random(5).sample(texts, min(SAMPLE, len(texts)))
    _show_rates(settings, texts)
    if sets:
        _show_ranking(settings, sets)
    print(f"`auto` takes {choose_precision('auto')} here.\n")


def _show_ranking(settings: Settings, sets: Sequence[TestSet]) -> None:
    print("nDCG@10, dense only, and the loss against fp32:\n")
    print("| precision | " + " | ".join(f"{data.name}" for data in sets) + " |")
    print("|---|" + "--:|" * len(sets))
    exact: list[float] = []
    for precision in PRECISIONS:
        embedder, _ = _load(precision, settings)
        means = [float(np.mean(_ranking(embedder, data))) for data in sets]
        exact = exact or means
        cells = [
            f"{mean:.4f} ({mean - whole:+.4f}{'' if whole - mean <= MOST_LOSS else ', too much'})"
            for mean, whole in zip(means, exact, strict=True)
        ]
        print(f"| {precision} | {' | '.join(cells)} |", flush=True)
    print()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--path", type=Path, nargs="*", default=(), help="XQuAD-style JSON")
    main(parser.parse_args().path)
