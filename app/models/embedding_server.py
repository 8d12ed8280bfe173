"""Embedding by an OpenAI-compatible server, such as TEI, vLLM, Infinity or Ollama.

The server computes; prefixes and lengths are as with a model in this process, so that both give the
same vectors for the same model.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

import numpy as np

from app.errors import EmbeddingFailed, EmbeddingServerDown, Phrase
from app.models.asking import answer_of, open_client
from app.models.catalogue import Prefixes, known_prefixes
from app.models.embedding import EmbeddingIdentity, Matrix, OnBatch, Vector, ignore_batch
from app.settings import Settings

# Texts a request: what TEI takes unless told otherwise.
_BATCH: Final = 32
# Requests under way at once: a GPU is idle while one alone travels.
_AT_ONCE: Final = 4


class ServerEmbedder:
    """An `Embedder` over a server's `/embeddings`. May be called from several threads."""

    def __init__(
        self,
        url: str,
        model: str,
        *,
        api_key: str | None,
        timeout: float,
        revision: str,
        prefixes: Prefixes,
    ) -> None:
        """`url`: with its /v1; `timeout`: longest wait for one answer, seconds. Asks the server for a
        vector, to learn how long they are. Raises EmbeddingServerDown and EmbeddingFailed."""
        self._url, self._model = url.rstrip("/"), model
        self._client = open_client(api_key, timeout)
        self._pool = ThreadPoolExecutor(_AT_ONCE, "embed-server")
        self._dimension: int | None = None
        dimension = self._asked([prefixes.query + "?"]).shape[1]
        self._dimension = dimension
        self._identity = EmbeddingIdentity(
            model, revision, dimension, prefixes.query, prefixes.passage, normalised=True
        )

    @property
    def identity(self) -> EmbeddingIdentity:
        return self._identity

    def embed_query(self, text: str) -> Vector:
        """See `Embedder.embed_query`. Raises EmbeddingServerDown, too."""
        row: Vector = self._asked([self._identity.query_prefix + text])[0]
        return row

    def embed_passages(self, texts: Sequence[str], on_batch: OnBatch = ignore_batch) -> Matrix:
        """See `Embedder.embed_passages`. Raises EmbeddingServerDown, too."""
        vectors = np.zeros((len(texts), self._identity.dimension), np.float32)
        # Texts of like length together: a server pads each batch to its longest.
        order = sorted(range(len(texts)), key=lambda place: -len(texts[place]))
        batches = [order[start : start + _BATCH] for start in range(0, len(order), _BATCH)]
        prefix = self._identity.passage_prefix
        asked = [[prefix + texts[place] for place in batch] for batch in batches]
        for batch, rows in zip(batches, self._pool.map(self._asked, asked), strict=True):
            vectors[batch] = rows
            on_batch(len(batch))
        return vectors

    def _asked(self, texts: Sequence[str]) -> Matrix:
        """One request; unit vectors in the order of `texts`."""
        body = {"model": self._model, "input": list(texts), "encoding_format": "float"}
        answer = answer_of(
            self._client,
            "POST",
            self._url,
            "/embeddings",
            body,
            down=EmbeddingServerDown,
            failed=EmbeddingFailed,
        )
        try:
            vectors = self._vectors(answer.json(), len(texts))
        except (ValueError, KeyError, TypeError) as error:
            said = answer.text[:300]
            raise EmbeddingFailed(detail=Phrase("not_vectors", url=self._url, said=said)) from error
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        if not (np.isfinite(lengths).all() and lengths.all()):
            raise EmbeddingFailed(detail=Phrase("vector_without_direction"))
        unit: Matrix = vectors / lengths
        return unit

    def _vectors(self, said: Any, count: int) -> Matrix:
        """Raises ValueError, KeyError and TypeError for what is no answer to `count` texts."""
        rows = sorted(said["data"], key=lambda row: int(row["index"]))
        if [int(row["index"]) for row in rows] != list(range(count)):
            raise ValueError(f"{len(rows)} vectors for {count} texts")
        vectors = np.asarray([row["embedding"] for row in rows], np.float32)
        if vectors.ndim != 2 or vectors.shape[1] != (self._dimension or vectors.shape[1]):
            raise ValueError(f"vectors of shape {vectors.shape}")
        return vectors


def build_server_embedder(settings: Settings) -> ServerEmbedder:
    """The embedder of `settings.embedding_url`. Raises EmbeddingServerDown and EmbeddingFailed."""
    known = known_prefixes(settings.embedding_model) or Prefixes()
    query, passage = settings.embedding_query_prefix, settings.embedding_passage_prefix
    key = settings.embedding_api_key
    return ServerEmbedder(
        settings.embedding_url or "",
        settings.embedding_model,
        api_key=key.get_secret_value() if key else None,
        timeout=settings.embedding_timeout,
        revision=settings.embedding_revision or "",
        prefixes=Prefixes(
            query=known.query if query is None else query,
            passage=known.passage if passage is None else passage,
        ),
    )
