"""A test set's documents in a library of their own, taken in as any document is."""

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from app.errors import Phrase, RequestInvalid
from app.evaluation.datasets import Dataset, GoldQuestion
from app.models.embedding import Embedder
from app.runtime import Storage, open_storage
from app.settings import Settings
from ingest.report import SyncRequest

KB = "eval"


@dataclass(frozen=True)
class Corpus:
    """`storage` holds the documents in knowledge base `KB`; `keys` maps document ids to the keys of
    the test set (for a golden set: to their sources), `ids` the other way round.
    """

    storage: Storage
    keys: Mapping[str, str]
    ids: Mapping[str, str]

    def gold(self, question: GoldQuestion) -> frozenset[str]:
        """The ids of the documents that hold the answer. Raises RequestInvalid when none is there."""
        found = frozenset(
            identifier
            for wanted in question.documents
            for key, identifier in self.ids.items()
            if key == wanted or key.endswith("/" + wanted.lstrip("/"))
        )
        if question.documents and not found:
            raise RequestInvalid(
                detail=Phrase(
                    "golden_document_missing",
                    question=question.id,
                    documents=list(question.documents),
                )
            )
        return found


def eval_settings(settings: Settings, data: Path) -> Settings:
    """`settings` with a library of its own: nothing that the owner has is read or written."""
    return settings.model_copy(
        update={
            "data": data,
            "kb": KB,
            "qdrant_url": None,
            "qdrant_api_key": None,
            "database_url": None,
        }
    )


@contextmanager
def temporary_corpus(
    settings: Settings,
    dataset: Dataset,
    documents: Path | None = None,
    embedder: Embedder | None = None,
) -> Iterator[Corpus]:
    """Take in the documents of `dataset`, or those under `documents`; all is gone afterwards.

    Raises RequestInvalid when there are no documents, and as ingestion does.
    """
    with tempfile.TemporaryDirectory(prefix="groundkb-eval-") as folder:
        source = documents
        if source is None:
            if not dataset.documents:
                raise RequestInvalid(detail=Phrase("golden_needs_documents"))
            source = Path(folder) / "documents"
            source.mkdir()
            for document in dataset.documents:
                # Byte for byte: a translated line end would move every offset after it.
                (source / f"{document.key}.txt").write_bytes(document.text.encode())
        storage = open_storage(eval_settings(settings, Path(folder) / "data"), embedder)
        try:
            report = storage.sync(SyncRequest((str(source.resolve()),), KB), lambda _event: None)
            if report.failed:
                first = report.failed[0]
                raise RequestInvalid(
                    detail=Phrase(
                        "corpus_failed",
                        count=len(report.failed),
                        source=first.source,
                        reason={"code": first.code, "params": first.params},
                    )
                )
            keys = {
                row.id: Path(row.source).stem if documents is None else row.source
                for row in storage.library.documents(KB)
            }
            yield Corpus(storage, keys, {key: identifier for identifier, key in keys.items()})
        finally:
            storage.close()
