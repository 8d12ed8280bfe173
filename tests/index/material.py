"""Passages, points and questions for the tests of the index."""

from collections.abc import Mapping
from uuid import NAMESPACE_URL, uuid5

from app.index.fingerprint import fingerprint_of
from app.index.protocol import Filter, Mode, Passage, Point, Query
from app.index.sparse import SparseEncoder
from tests.conftest import BigramEmbedder

EMBEDDER = BigramEmbedder()
DIMENSION = EMBEDDER.identity.dimension
FINGERPRINT = fingerprint_of(EMBEDDER.identity, "c1")


class MemoryAliases:
    """An AliasStore for tests."""

    def __init__(self) -> None:
        self._collections: dict[str, str] = {}

    def get_alias(self, alias: str) -> str | None:
        return self._collections.get(alias)

    def set_aliases(self, aliases: Mapping[str, str]) -> None:
        self._collections.update(aliases)


def passage(
    document: str,
    ordinal: int,
    *sentences: str,
    revision: str = "r1",
    tags: tuple[str, ...] = (),
    language: str = "en",
    page: int | None = None,
) -> Passage:
    """One window a sentence; the passage starts at character 100 of its document."""
    windows, at = [], 100
    for sentence in sentences:
        windows.append((at, at + len(sentence)))
        at += len(sentence)
    return Passage(
        id=str(uuid5(NAMESPACE_URL, f"{document}/{revision}/{ordinal}")),
        document_id=document,
        revision=revision,
        ordinal=ordinal,
        text="".join(sentences),
        start=100,
        end=at,
        windows=tuple(windows),
        page=page,
        section=("Handbook", "第一章"),
        language="zh" if language == "zh" else "en",
        title=f"Title of {document}",
        source=f"file:///{document}.md",
        tags=tags,
    )


def point(made: Passage, sparse: SparseEncoder) -> Point:
    texts = [made.text[start - made.start : end - made.start] for start, end in made.windows]
    return Point(made, EMBEDDER.embed_passages(texts), sparse.encode_passage(made.text))


def question(
    text: str,
    sparse: SparseEncoder,
    mode: Mode = "hybrid",
    limit: int = 10,
    chosen: Filter | None = None,
) -> Query:
    return Query(
        EMBEDDER.embed_query(text), sparse.encode_query(text), limit, mode, chosen or Filter()
    )
