"""Embedders for measuring."""

from collections.abc import Sequence

from app.models.embedding import Embedder, EmbeddingIdentity, Matrix, Vector


class PassingOn:
    """Does what `inner` does; to be built on."""

    def __init__(self, inner: Embedder) -> None:
        self._inner = inner

    @property
    def identity(self) -> EmbeddingIdentity:
        return self._inner.identity

    def embed_query(self, text: str) -> Vector:
        return self._inner.embed_query(text)

    def embed_passages(self, texts: Sequence[str]) -> Matrix:
        return self._inner.embed_passages(texts)
