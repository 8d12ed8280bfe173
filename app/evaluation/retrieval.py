"""How well search finds the document that holds the answer."""

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from app.answering.retrieve import retrieve
from app.evaluation.corpus import KB, Corpus
from app.evaluation.datasets import GoldQuestion
from app.evaluation.metrics import Interval, mean, ndcg, recall_at, reciprocal_rank
from app.index.protocol import Mode

MODES: tuple[Mode, ...] = ("dense", "sparse", "hybrid")
# Passages asked for; several may be of one document, and 10 documents are judged.
_PASSAGES = 30
_DOCUMENTS = 10


@dataclass(frozen=True)
class ModeFigures:
    """Means over questions, [0, 1], with 95% intervals; `p50_ms` the median time of one search,
    embedding the question included.
    """

    recall_at_1: Interval
    recall_at_5: Interval
    mrr_at_10: Interval
    ndcg_at_10: Interval
    p50_ms: float


@dataclass(frozen=True)
class RetrievalReport:
    dataset: str
    embedding: str
    index: str
    documents: int
    questions: int
    modes: dict[Mode, ModeFigures]

    def as_json(self) -> dict[str, Any]:
        """The report as plain JSON values."""
        return asdict(self)


def evaluate_retrieval(
    corpus: Corpus,
    name: str,
    questions: Sequence[GoldQuestion],
    on_question: Callable[[], None] = lambda: None,
) -> RetrievalReport:
    """Search for every answerable question in each mode. A document counts where its best passage does."""
    storage = corpus.storage
    space = storage.indexes.reading(KB)
    asked = [question for question in questions if question.answerable]
    ranked: dict[Mode, list[tuple[list[str], frozenset[str], float]]] = {m: [] for m in MODES}
    for question in asked:
        gold = corpus.gold(question)
        for mode in MODES:
            started = time.perf_counter()
            found = retrieve(
                storage.library,
                space,
                storage.sparse,
                question.text,
                kb=KB,
                limit=_PASSAGES,
                mode=mode,
            )
            spent = (time.perf_counter() - started) * 1000
            documents = list(dict.fromkeys(hit.passage.document_id for hit in found.hits))
            ranked[mode].append((documents[:_DOCUMENTS], gold, spent))
        on_question()
    return RetrievalReport(
        dataset=name,
        embedding=storage.embedder.identity.model,
        index=space.index.collection if space else "",
        documents=len(corpus.keys),
        questions=len(asked),
        modes={mode: _figures(ranked[mode]) for mode in MODES},
    )


def _figures(ranked: Sequence[tuple[list[str], frozenset[str], float]]) -> ModeFigures:
    return ModeFigures(
        mean([recall_at(documents, gold, 1) for documents, gold, _ in ranked]),
        mean([recall_at(documents, gold, 5) for documents, gold, _ in ranked]),
        mean([reciprocal_rank(documents, gold, 10) for documents, gold, _ in ranked]),
        mean([ndcg(documents, gold, 10) for documents, gold, _ in ranked]),
        round(float(np.median([spent for *_, spent in ranked])), 1) if ranked else 0.0,
    )
