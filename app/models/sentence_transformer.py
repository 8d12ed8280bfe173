"""Embedding with any sentence-transformers model, on the processor's own terms.

Faster than `SentenceTransformer.encode` at equal vectors: all texts are tokenised once and
sorted by their true length in tokens, and a batch is bounded by tokens, not by texts, so
that little padding is computed and the activations stay in cache.
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np

from app.errors import EmbeddingFailed, Phrase
from app.models.catalogue import Prefixes, known_prefixes
from app.models.cores import Cores
from app.models.device import Device, choose_device, choose_precision
from app.models.embedding import (
    Embedder,
    EmbeddingIdentity,
    Matrix,
    OnBatch,
    Vector,
    ignore_batch,
)
from app.models.embedding_server import build_server_embedder
from app.models.places import embedding_folder, embedding_revision, loading
from app.settings import Settings

if TYPE_CHECKING:  # torch takes seconds to import; only `build_embedder` does it
    import torch

# Tokens in a batch, padding included: best of 512 to 8192 on 2 cores, at both precisions.
BATCH_TOKENS = 1536
# Fewer are not shared among cores: a batch for each is no faster then.
_LEAST_TOKENS = 256
# A text longer than the model's window is embedded window by window, and the mean of the
# windows stands for it. More than this many windows are not read.
MAX_WINDOWS = 8


class SentenceTransformerEmbedder:
    """An `Embedder` over a loaded SentenceTransformer. May be called from several threads."""

    def __init__(self, model: Any, identity: EmbeddingIdentity, torch: Any) -> None:
        self._model = model
        self._identity = identity
        self._torch = torch
        self._tokenizer = _plain_tokenizer(model)
        self._lock = Lock()  # only for models that go through `encode`, which is not thread-safe
        # Questions have a thread of their own: they are not to wait behind an ingestion.
        self._one_core = Cores(torch, "embed-query", 1)
        on_gpu = getattr(getattr(model, "device", None), "type", "cpu") != "cpu"
        self._cores = Cores(torch, "embed", 1 if on_gpu else None)

    @property
    def identity(self) -> EmbeddingIdentity:
        return self._identity

    def word_vectors(self) -> "torch.Tensor | None":
        """The model's own table of word vectors, for a reader to share; None when it has none."""
        table = getattr(self._model[0], "auto_model", None)
        found = table.get_input_embeddings() if table is not None else None
        return getattr(found, "weight", None)

    @property
    def tokenizer(self) -> Any:
        """The Rust tokenizer, which is only read; it cuts long texts, the parts following each other. None for
        a model that needs special care."""
        return self._tokenizer

    def embed_query(self, text: str) -> Vector:
        """One question. Shape (dimension,), float32, length 1. Raises EmbeddingFailed.

        On one core: two are no faster on so little (10 ms), and when the chat model or an
        ingestion has the other one, they wait for each other, spinning, for a second.
        """
        prefix = self._identity.query_prefix
        row: Vector = self._embed([text], prefix, cores=self._one_core)[0]
        return row

    def embed_passages(self, texts: Sequence[str], on_batch: OnBatch = ignore_batch) -> Matrix:
        """In the caller's order. Shape (len(texts), dimension), float32, rows of length 1.

        Raises EmbeddingFailed.
        """
        return self._embed(texts, self._identity.passage_prefix, on_batch)

    def _embed(
        self,
        texts: Sequence[str],
        prefix: str,
        on_batch: OnBatch = ignore_batch,
        cores: Cores | None = None,
    ) -> Matrix:
        if not texts:
            return np.zeros((0, self._identity.dimension), np.float32)
        try:
            if self._tokenizer is None:
                encode = partial(self._encoded, list(texts), prefix)
                vectors = encode() if cores is None else cores.run(encode)
                on_batch(len(texts))
            else:
                prefixed = [prefix + text for text in texts]
                vectors = self._embed_by_tokens(prefixed, on_batch, cores or self._cores)
        except (RuntimeError, ValueError, MemoryError) as error:
            raise EmbeddingFailed(detail=error) from error
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        if not (np.isfinite(lengths).all() and lengths.all()):
            raise EmbeddingFailed(detail=Phrase("vector_without_direction"))
        unit: Matrix = vectors / lengths
        return unit

    def _encoded(self, texts: list[str], prefix: str) -> Matrix:
        """By the library itself, which shares each operation among the cores of the thread."""
        with self._lock:
            found = self._model.encode(texts, prompt=prefix, show_progress_bar=False)
        return np.asarray(found, dtype=np.float32)

    def _embed_by_tokens(self, texts: Sequence[str], on_batch: OnBatch, cores: Cores) -> Matrix:
        owners: list[int] = []
        windows: list[Any] = []
        for owner, encoding in enumerate(self._tokenizer.encode_batch_fast(texts)):
            for window in (encoding, *encoding.overflowing[: MAX_WINDOWS - 1]):
                owners.append(owner)
                windows.append(window)
        sizes = [len(window.ids) for window in windows]
        vectors = np.empty((len(windows), self._identity.dimension), np.float32)

        def computed(batch: list[int]) -> tuple[list[int], Matrix]:
            features = self._features([windows[index] for index in batch])
            with self._torch.inference_mode():
                output = self._model(features)["sentence_embedding"]
                return batch, output.float().cpu().numpy()

        # So that each core has some of it.
        share = max(_LEAST_TOKENS, -(-sum(sizes) // cores.count))
        for batch, rows in cores.each(computed, batches(sizes, min(BATCH_TOKENS, share))):
            vectors[batch] = rows
            on_batch(sum(index == 0 or owners[index] != owners[index - 1] for index in batch))
        if len(windows) == len(texts):
            return vectors
        whole = np.zeros((len(texts), self._identity.dimension), np.float32)
        np.add.at(whole, owners, vectors * np.asarray(sizes, np.float32)[:, None])
        return whole

    def _features(self, windows: Sequence[Any]) -> dict[str, Any]:
        """Padded tensors of one batch, as the model's own tokenizer would give them."""
        tokenizer = self._model.tokenizer
        width = max(len(window.ids) for window in windows)
        ids = np.full((len(windows), width), tokenizer.pad_token_id, np.int64)
        mask = np.zeros((len(windows), width), np.int64)
        kinds = np.zeros((len(windows), width), np.int64)
        for row, window in enumerate(windows):
            size = len(window.ids)
            part = slice(width - size, width) if tokenizer.padding_side == "left" else slice(size)
            ids[row, part], mask[row, part], kinds[row, part] = window.ids, 1, window.type_ids
        features = {"input_ids": ids, "attention_mask": mask}
        if "token_type_ids" in tokenizer.model_input_names:
            features["token_type_ids"] = kinds
        return {
            name: self._torch.from_numpy(values).to(self._model.device)
            for name, values in features.items()
        }


def batches(sizes: Sequence[int], budget: int) -> Iterator[list[int]]:
    """Indexes of `sizes`, longest first, so that each batch padded to its longest fits `budget`.

    Every index comes once; a size beyond `budget` comes alone. The longest come first so
    that a lack of memory shows at the start.
    """
    order = sorted(range(len(sizes)), key=lambda index: -sizes[index])
    start = 0
    while start < len(order):
        count = max(1, budget // max(1, sizes[order[start]]))
        yield order[start : start + count]
        start += count


def _plain_tokenizer(model: Any) -> Any:
    """The Rust tokenizer, set to cut into windows; None if the model needs `encode`'s special care.

    It is set once and only read afterwards, which makes it safe to share between threads.
    """
    first = model[0]
    backend: Any = getattr(getattr(model, "tokenizer", None), "backend_tokenizer", None)
    plain = (
        type(first).__name__ == "Transformer"
        and backend is not None
        and set(getattr(first, "modality_config", {"text": None})) == {"text"}
        and not getattr(first, "do_lower_case", False)
        and all(getattr(module, "include_prompt", True) for module in model)
    )
    if backend is None or not plain:
        return None
    backend.no_padding()
    backend.enable_truncation(max_length=model.max_seq_length or 512)
    return backend


def build_embedder(settings: Settings) -> Embedder:
    """Load the embedding model of the settings; takes some seconds. No network, unless a server embeds.

    Raises WeightsMissing when it was not pulled, WeightsCorrupt when it cannot be loaded, and as
    `build_server_embedder` does.
    """
    if settings.embedding_url:
        return build_server_embedder(settings)
    folder = embedding_folder(settings)
    # Takes seconds, and most commands never embed.
    import torch

    device = choose_device(settings.device)
    precision = choose_precision(settings.embedding_precision, device)
    model = load_model(folder, torch.bfloat16 if precision == "bf16" else torch.float32, device)
    if device == "cpu":
        from app.models.words import keep_words_in_file

        keep_words_in_file(getattr(model[0], "auto_model", None), folder)
    dimension = model.get_embedding_dimension()
    prefixes = choose_prefixes(settings, model.prompts)
    identity = EmbeddingIdentity(
        model=settings.embedding_model,
        revision=embedding_revision(folder),
        dimension=int(dimension),
        query_prefix=prefixes.query,
        passage_prefix=prefixes.passage,
        normalised=True,
    )
    return SentenceTransformerEmbedder(model, identity, torch)


def choose_prefixes(settings: Settings, prompts: Mapping[str, str]) -> Prefixes:
    """The settings' prefixes, else those that the model's folder states, else the known ones."""
    known = known_prefixes(settings.embedding_model) or Prefixes()
    query = prompts.get("query") or known.query
    passage = prompts.get("passage") or prompts.get("document") or known.passage
    own_query, own_passage = settings.embedding_query_prefix, settings.embedding_passage_prefix
    return Prefixes(
        query=query if own_query is None else own_query,
        passage=passage if own_passage is None else own_passage,
    )


def load_model(folder: Path, dtype: "torch.dtype", device: Device = "cpu") -> Any:
    """A SentenceTransformer, loaded without a word. Raises WeightsCorrupt."""
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "true")  # no warning when a process forks
    from sentence_transformers import SentenceTransformer
    from transformers.utils import logging as transformers_logging

    logging: Any = transformers_logging

    # Loading reports on unused layers and draws a bar, which means nothing to our reader.
    verbosity, bar = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        with loading(folder):
            return SentenceTransformer(
                str(folder), device=device, local_files_only=True, model_kwargs={"dtype": dtype}
            ).eval()
    finally:
        logging.set_verbosity(verbosity)
        if bar:
            logging.enable_progress_bar()
