"""Embedders for measuring."""

from collections.abc import Sequence

from app.models.embedding import Embedder, EmbeddingIdentity, Matrix, OnBatch, Vector, ignore_batch


class PassingOn:
    """Does what `inner` does; to be built on."""

    def __init__(self, inner: Embedder) -> None:
        self._inner = inner

    @property
    def identity(self) -> EmbeddingIdentity:
        return self._inner.identity

    def embed_query(self, text: str) -> Vector:
        return self._inner.embed_query(text)

    def embed_passages(self, texts: Sequence[str], on_batch: OnBatch = ignore_batch) -> Matrix:
        return self._inner.embed_passages(texts, on_batch)
