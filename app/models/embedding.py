"""What an embedding model is for: questions and passages become unit vectors."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float32]  # shape (dimension,)
Matrix = NDArray[np.float32]  # shape (n, dimension)
# Told how many more texts are embedded, while the others are; what it raises ends the work.
OnBatch = Callable[[int], None]


def ignore_batch(texts: int) -> None:
    pass


@dataclass(frozen=True)
class EmbeddingIdentity:
    """All that decides which vectors come out. Two equal identities may share an index."""

    model: str
    revision: str
    dimension: int
    query_prefix: str
    passage_prefix: str
    normalised: bool


class Embedder(Protocol):
    """Questions and passages are embedded by two functions, since models prefix them differently."""

    @property
    def identity(self) -> EmbeddingIdentity: ...

    def embed_query(self, text: str) -> Vector:
        """One question. Shape (dimension,), float32, length 1. Raises EmbeddingFailed."""
        ...

    def embed_passages(self, texts: Sequence[str], on_batch: OnBatch = ignore_batch) -> Matrix:
        """Passages or windows in the caller's order. Shape (len(texts), dimension), float32, rows of length 1.

        Batches are made by length inside, and `on_batch` is called after each. Raises EmbeddingFailed.
        """
        ...
