"""From passages to points: one vector a window, one set of term weights a passage."""

from collections.abc import Sequence

from app.index.protocol import Passage, Point
from app.index.sparse import SparseEncoder
from app.models.embedding import Embedder, OnBatch, ignore_batch
from ingest.chunk import embedding_texts, sparse_text
from ingest.parse import ParsedDocument


def passage_points(
    passages: Sequence[tuple[Passage, ParsedDocument]],
    embedder: Embedder,
    sparse: SparseEncoder,
    on_batch: OnBatch = ignore_batch,
) -> list[Point]:
    """Embed all windows of all passages in one call, so that batches can be of even length.
    `on_batch` is told how many more windows are done.

    Raises EmbeddingFailed.
    """
    texts = [embedding_texts(passage, parsed) for passage, parsed in passages]
    vectors = embedder.embed_passages([text for windows in texts for text in windows], on_batch)
    points = []
    row = 0
    for (passage, _), windows in zip(passages, texts, strict=True):
        dense = vectors[row : row + len(windows)]
        row += len(windows)
        points.append(Point(passage, dense, sparse.encode_passage(sparse_text(passage))))
    return points
