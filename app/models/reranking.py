"""Reranking with any cross-encoder of sentence-transformers. Off unless GROUNDKB_RERANKER names one."""

from collections.abc import Sequence
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.errors import EmbeddingFailed, Phrase
from app.models.device import choose_device
from app.models.places import loading, sentence_transformer_folder
from app.settings import Settings


class Reranker:
    """Reads question and passage together, which is slower and finer than comparing vectors."""

    def __init__(self, model: Any, name: str) -> None:
        self._model = model
        self._lock = Lock()  # the library's `predict` is not thread-safe
        self.name = name

    def score(self, question: str, passages: Sequence[str]) -> NDArray[np.float32]:
        """How well each passage answers. Shape (len(passages),), float32, higher is better.

        The range is the model's own and means nothing across models. Raises EmbeddingFailed.
        """
        if not passages:
            return np.zeros(0, np.float32)
        pairs = [(question, passage) for passage in passages]
        try:
            with self._lock:
                scores = np.asarray(
                    self._model.predict(pairs, show_progress_bar=False), dtype=np.float32
                )
        except (RuntimeError, ValueError, MemoryError) as error:
            raise EmbeddingFailed(
                detail=Phrase("file_said", path=self.name, error=error)
            ) from error
        if scores.shape != (len(passages),) or not np.isfinite(scores).all():
            raise EmbeddingFailed(detail=Phrase("scores_missing", name=self.name))
        return scores


def build_reranker(settings: Settings) -> Reranker | None:
    """The reranker of the settings, None when they name none. No network.

    Raises WeightsMissing when it was not pulled, WeightsCorrupt when it cannot be loaded.
    """
    if settings.reranker is None:
        return None
    folder = sentence_transformer_folder(settings, "reranker", settings.reranker)
    # Takes seconds, and reranking is off by default.
    from sentence_transformers import CrossEncoder

    with loading(folder):
        model = CrossEncoder(
            str(folder), device=choose_device(settings.device), local_files_only=True
        )
    return Reranker(model, settings.reranker)
