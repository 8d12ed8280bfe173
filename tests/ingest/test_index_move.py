"""From the embedded index to a Qdrant server without embedding again."""

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from app.answering.retrieve import retrieve
from app.errors import IndexAlreadyThere, IndexUnreachable, WriterBusy
from app.index.factory import open_vector_store
from app.index.fingerprint import alias_name
from app.index.protocol import VectorStore
from app.index.server import connect
from app.index.sparse import SparseEncoder
from app.library.library import open_library
from app.library.locks import locks_of
from app.runtime import Storage, open_storage
from app.settings import Settings
from ingest.index_move import Moved, move_index
from ingest.report import SyncRequest
from tests.conftest import BigramEmbedder
from tests.index.qdrant_double import QdrantDouble, serving

QUESTIONS = ("Which licence does DeepSeek use?", "Yi-34B 的上下文长度是多少？")


@pytest.fixture
def url() -> Iterator[str]:
    with serving(QdrantDouble()) as address:
        yield address


@pytest.fixture
def filled(storage: Storage, documents: Path) -> Settings:
    """A closed library: one document with a tag, one limited to a group, one that is deleted."""
    storage.sync(SyncRequest((str(documents),), "default"), lambda _: None)
    rows = {Path(row.source).name: row.id for row in storage.library.documents("default")}
    storage.set_tags("default", rows["licences.md"], ("law",))
    storage.limit_document("default", rows["memory.txt"], {"engineers"})
    storage.delete(
        "default",
        [next(i for name, i in rows.items() if name.endswith(".txt") and name != "memory.txt")],
    )
    storage.library.add_knowledge_base("empty")
    storage.close()
    return storage.settings


def found(storage: Storage) -> list[tuple[str, tuple[str, ...], float, float]]:
    space = storage.indexes.reading("default")
    hits = [
        hit
        for question in QUESTIONS
        for hit in retrieve(
            storage.library, space, storage.sparse, question, kb="default", limit=8
        ).hits
    ]
    return [(hit.passage.id, hit.passage.tags, hit.score, hit.cosine) for hit in hits]


def moved(settings: Settings, target: VectorStore) -> Moved:
    with closing(open_library(settings)) as library:
        source = open_vector_store(settings, library)
        try:
            locks = locks_of(library.engine, settings.data)
            return move_index(library, locks, source, target, SparseEncoder())
        finally:
            source.close()


def test_searches_find_the_same_after_it_and_nothing_was_embedded(
    filled: Settings, url: str
) -> None:
    embedder = BigramEmbedder()
    with closing(open_storage(filled, embedder)) as before:
        wanted = found(before)
        access = before.indexes.ensure("default").access()
        count = before.indexes.ensure("default").count()
    target = connect(url, None, 30)
    asked = embedder.embedded
    done = moved(filled, target)
    target.close()
    assert done == Moved({"default": count}, count)
    assert embedder.embedded == asked
    server = filled.model_copy(update={"qdrant_url": url})
    with closing(open_storage(server, embedder)) as after:
        # The double computes with other precision than the engine.
        for one, before_it in zip(found(after), wanted, strict=True):
            assert one[:2] == before_it[:2]
            assert one[2:] == pytest.approx(before_it[2:], abs=1e-3)
        assert wanted[0][1] == ("law",)
        index = after.indexes.ensure("default")
        assert index.access() == access != {}
        # What was deleted can still be restored, and a sync has nothing to do.
        [deleted] = after.library.deleted("default")
        [row] = after.restore("default", [deleted])
        assert index.count(row.id) == row.chunks


def test_a_move_that_was_cut_off_shows_nothing_and_is_gone_on_with(
    filled: Settings, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = connect(url, None, 30)
    real = type(target).create

    def failing(*arguments: object) -> object:
        index = real(*arguments)  # type: ignore[arg-type]
        upsert, calls = index.upsert, iter(range(9))

        def once(points: object) -> None:
            if next(calls) == 1:
                raise IndexUnreachable(url=url, detail="cut off")
            upsert(points)  # type: ignore[arg-type]

        monkeypatch.setattr(index, "upsert", once)
        return index

    with monkeypatch.context() as cut:
        cut.setattr(type(target), "create", failing)
        with pytest.raises(IndexUnreachable):
            moved(filled, target)
    assert target.resolve(alias_name("default")) is None
    done = moved(filled, target)
    assert 0 < done.copied < done.passages["default"]
    assert target.resolve(alias_name("default")) is not None
    # Once readers are there, it is not moved over what they see.
    with pytest.raises(IndexAlreadyThere):
        moved(filled, target)
    target.close()


def test_nobody_writes_meanwhile(
    filled: Settings, url: str, make_settings: Callable[..., Settings]
) -> None:
    target = connect(url, None, 30)
    with closing(open_library(filled)) as library:
        locks = locks_of(library.engine, filled.data)
        with locks.writer("default"), pytest.raises(WriterBusy):
            moved(filled, target)
    assert target.collections() == []
    target.close()
