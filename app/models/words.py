"""A table of word vectors that stays in its file, so that a process need not have it of its own."""

from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from torch import nn
from torch.nn.functional import embedding

# Under this name transformers' BERT and XLM-RoBERTa models keep it.
_WORDS = "embeddings.word_embeddings.weight"


class Words(nn.Module):
    """A table of word vectors, float32 and frozen, most of which are never asked for: 384 MB of e5-small, of which
    a text needs a few rows. It keeps the precision that it is stored in; what it gives is in the precision that
    the model around it was put to."""

    like: torch.Tensor

    def __init__(self, table: torch.Tensor) -> None:
        super().__init__()
        self.weight = table
        self.register_buffer("like", torch.empty(0, dtype=table.dtype), persistent=False)

    @property
    def num_embeddings(self) -> int:
        return int(self.weight.shape[0])

    @property
    def embedding_dim(self) -> int:
        return int(self.weight.shape[1])

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        return embedding(ids, self.weight).to(self.like.dtype)

    def _apply(self, fn: Any, recurse: bool = True) -> "Words":
        super()._apply(fn, recurse)  # type: ignore[no-untyped-call]
        self.weight = self.weight.to(self.like.device)
        return self


def mapped_words(folder: Path) -> torch.Tensor | None:
    """The table of a model's folder, read from the file as it is needed; None for a folder that keeps none in
    float32 under the usual name."""
    try:
        with safe_open(str(folder / "model.safetensors"), "pt") as file:
            if _WORDS not in file.keys():  # noqa: SIM118  (no mapping)
                return None
            table: torch.Tensor = file.get_tensor(_WORDS)
    except (OSError, SafetensorError):
        return None
    return table if table.dtype == torch.float32 else None


def keep_words_in_file(model: Any, folder: Path) -> None:
    """Let an encoder of transformers, on a processor, read its word vectors from its file instead of holding
    them. One whose table is kept otherwise stays as it is."""
    embeddings = getattr(model, "embeddings", None)
    own = getattr(embeddings, "word_embeddings", None)
    if embeddings is None or not isinstance(own, nn.Embedding):
        return
    table = mapped_words(folder)
    if table is None or table.shape != own.weight.shape:
        return
    words = Words(table)
    words.to(own.weight.dtype)
    embeddings.word_embeddings = words
