"""Ingestion against pure encoding, and its memory as the library grows.

`python -m bench ingest` runs each measurement in a process of its own.
"""

import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import torch
from sentence_transformers import SentenceTransformer

from app.models.device import choose_precision
from app.models.embedding import Embedder, Matrix, OnBatch, ignore_batch
from app.models.places import embedding_folder
from app.models.sentence_transformer import build_embedder
from app.runtime import open_storage
from app.settings import Settings, load_settings
from bench.corpus import write_documents
from bench.embedders import PassingOn
from ingest.report import SyncRequest

DOCUMENTS = 500  # of 10 passages: about 5,000 in all


class _Recorder(PassingOn):
    """Keeps the texts."""

    def __init__(self, inner: Embedder) -> None:
        super().__init__(inner)
        self.texts: list[str] = []

    def embed_passages(self, texts: Sequence[str], on_batch: OnBatch = ignore_batch) -> Matrix:
        self.texts += texts
        return super().embed_passages(texts, on_batch)


def measure_ingest(documents: int, encode: bool) -> dict[str, float]:
    """Sync a made-up library; if `encode`, then encode the same windows with the bare library."""
    with tempfile.TemporaryDirectory() as name:
        settings = load_settings(data=Path(name) / "data")
        write_documents(Path(name) / "documents", documents)
        recorder = _Recorder(build_embedder(settings))
        recorder.embed_passages(["warm up"])
        recorder.texts.clear()
        storage = open_storage(settings, recorder)
        started = time.perf_counter()
        report = storage.sync(
            SyncRequest((str(Path(name) / "documents"),), "default"), lambda _event: None
        )
        seconds = time.perf_counter() - started
        # Linux counts kilobytes, macOS bytes.
        unit = 1024 if sys.platform != "darwin" else 1
        figures = {
            "documents": documents,
            "chunks": report.chunks,
            "windows": len(recorder.texts),
            "ingest_seconds": seconds,
            "peak_rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6,
        }
        storage.close()
        if encode:
            figures["encode_seconds"] = _encode(settings, recorder.texts)
            figures["ratio"] = seconds / figures["encode_seconds"]
        return figures


def _encode(settings: Settings, texts: list[str]) -> float:
    """Seconds that SentenceTransformer.encode needs, at the precision that the embedder uses."""
    precision = choose_precision(settings.embedding_precision)
    dtype = torch.bfloat16 if precision == "bf16" else torch.float32
    folder = embedding_folder(settings)
    model = SentenceTransformer(str(folder), device="cpu", model_kwargs={"dtype": dtype})
    prompt = build_embedder(settings).identity.passage_prefix
    with torch.inference_mode():
        model.encode([prompt + "warm up"])
        started = time.perf_counter()
        model.encode(
            [prompt + text for text in texts],
            batch_size=64,
            normalize_embeddings=True,
            show_progress_bar=False,
        )
        return time.perf_counter() - started


def _apart(documents: int, encode: bool) -> dict[str, float]:
    code = (
        "import json; from bench.ingest import measure_ingest; "
        f"print(json.dumps(measure_ingest({documents}, {encode})))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    figures: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return figures


def main() -> None:
    full = _apart(DOCUMENTS, True)
    small = _apart(DOCUMENTS // 10, False)
    print("## Ingestion\n")
    print(
        "| documents | passages | windows | sync s | encode alone s | ratio | passages/s | peak RSS MB |"
    )
    print("|---|---|---|---|---|---|---|---|")
    for row in (small, full):
        encode = f"{row['encode_seconds']:.1f}" if "ratio" in row else "–"
        ratio = f"{row['ratio']:.3f}" if "ratio" in row else "–"
        print(
            f"| {row['documents']:.0f} | {row['chunks']:.0f} | {row['windows']:.0f} "
            f"| {row['ingest_seconds']:.1f} | {encode} | {ratio} "
            f"| {row['chunks'] / row['ingest_seconds']:.0f} | {row['peak_rss_mb']:.0f} |"
        )
    print()
