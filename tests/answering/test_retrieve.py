"""Retrieval over the real embedded index: current revisions only, repeats behind all others."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.answering.retrieve import Retrieval, retrieve, searched
from app.index.protocol import Filter, Scope
from app.runtime import Storage, open_storage
from app.settings import Settings
from ingest.report import SyncRequest
from tests.conftest import BigramEmbedder

NOTICE = (
    "Backups of the vector database run every night. They are kept in the second data centre, and "
    "the operator on duty checks the log of the backups in the morning."
)
QUESTION = "When do backups of the vector database run?"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "copies"
    made.mkdir()
    return made


@pytest.fixture
def storage(
    make_settings: Callable[..., Settings], fake_embedder: BigramEmbedder
) -> Iterator[Storage]:
    opened = open_storage(make_settings(), fake_embedder)
    yield opened
    opened.close()


def find(
    storage: Storage,
    folder: Path,
    limit: int,
    filter: Filter | None = None,  # noqa: A002
) -> Retrieval:
    storage.sync(SyncRequest((str(folder),), "default"), lambda _event: None)
    return look(storage, limit, filter)


def look(storage: Storage, limit: int, filter: Filter | None = None) -> Retrieval:  # noqa: A002
    return retrieve(
        storage.library,
        storage.indexes.reading("default"),
        storage.sparse,
        QUESTION,
        kb="default",
        limit=limit,
        filter=filter,
    )


@pytest.mark.parametrize("copies", [3, 30])
def test_copies_leave_room_for_others(storage: Storage, folder: Path, copies: int) -> None:
    for number in range(copies):
        (folder / f"notice{number}.txt").write_text(NOTICE)
    others = [f"The vector database of team {name} has replicas." for name in ("red", "blue")]
    for number, text in enumerate(others):
        (folder / f"other{number}.txt").write_text(text)
    found = find(storage, folder, limit=4)
    texts = [item.passage.text for item in found.hits]
    assert texts[0] == NOTICE
    assert sorted(texts[1:3]) == sorted(others)
    assert texts[3] == NOTICE, "a copy only where nothing else is left"
    assert found.repeated == copies - 1


def test_deleted_documents_are_never_found_and_take_no_places(
    storage: Storage, folder: Path
) -> None:
    """More of them than are ever fetched, each nearer to the question than what is left."""
    for number in range(70):
        (folder / f"notice{number}.txt").write_text(f"{NOTICE} Rack {number} is number {number}.")
    (folder / "other.txt").write_text("The vector database of team red has replicas.")
    find(storage, folder, limit=4)
    documents = storage.library.documents("default")
    deleted = [row.id for row in documents if "notice" in row.source]
    storage.delete("default", deleted)
    texts = [item.passage.text for item in look(storage, limit=4).hits]
    assert texts == ["The vector database of team red has replicas."]
    storage.restore("default", deleted)
    assert {hit.passage.document_id for hit in look(storage, limit=4).hits} <= set(deleted)


def test_an_ordinary_library_keeps_its_order(storage: Storage, folder: Path) -> None:
    for number in range(20):
        text = f"Backups of database {number} run at {number} o'clock in rack {number * 7}."
        (folder / f"{number}.txt").write_text(text)
    found = find(storage, folder, limit=12)
    assert found.repeated == 0
    assert len(found.hits) == 12
    scores = [item.score for item in found.hits]
    assert scores == sorted(scores, reverse=True)


def test_a_scope_is_the_documents_tags_and_folders_together(storage: Storage, folder: Path) -> None:
    for name in ("red/one", "red/two", "blue/three", "green/four", "greenish/five"):
        path = folder / f"{name}.txt"
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"Backups of the database of team {name} run every night.")
    find(storage, folder, 1)
    ids = {Path(row.source).stem: row.id for row in storage.library.documents("default")}
    storage.set_tags("default", ids["three"], ("legal",))

    def names(**scope: tuple[str, ...]) -> set[str]:
        found = find(storage, folder, 10, Filter(scope=Scope(**scope)))
        return {Path(hit.passage.source).stem for hit in found.hits}

    assert names(document_ids=(ids["one"], ids["four"])) == {"one", "four"}
    assert names(tags=("legal",)) == {"three"}
    assert names(folders=(f"{folder.as_uri()}/green",)) == {"four"}, "not those of `greenish`"
    assert names(folders=(f"{folder.as_uri()}/green/",)) == {"four"}
    assert names(document_ids=(ids["two"],), tags=("legal",)) == {"two", "three"}
    assert names(tags=("unheard of",)) == set()
    both = Filter(document_ids=(ids["one"],), scope=Scope(folders=(f"{folder.as_uri()}/blue",)))
    assert find(storage, folder, 10, both).hits == (), "the filter's other conditions hold as well"


def test_knowledge_bases_of_a_scope_are_searched_whole(storage: Storage) -> None:
    def asked(**scope: tuple[str, ...]) -> dict[str, Scope]:
        found = searched("own", Filter(tags=("t",), scope=Scope(**scope)))
        assert all(chosen.tags == ("t",) for _, chosen in found), "other conditions hold everywhere"
        return {kb: chosen.scope for kb, chosen in found}

    named = Scope(document_ids=("d",))
    assert asked() == {"own": Scope()}
    assert asked(document_ids=("d",)) == {"own": named}
    assert asked(knowledge_bases=("other",)) == {"other": Scope()}
    assert asked(knowledge_bases=("other", "own")) == {"own": Scope(), "other": Scope()}
    assert asked(knowledge_bases=("other",), document_ids=("d",)) == {
        "own": named,
        "other": Scope(),
    }
    assert asked(knowledge_bases=("own",), document_ids=("d",)) == {"own": Scope()}


def test_words_of_the_other_language_are_found_by_the_dictionary(
    storage: Storage, folder: Path
) -> None:
    (folder / "canteen.txt").write_text("食堂中午开门，下午两点关门。", encoding="utf-8")
    (folder / "backup.txt").write_text("向量数据库每晚备份，日志保留七天。", encoding="utf-8")
    found = find(storage, folder, limit=2)
    assert found.hits[0].passage.title == "backup"
    sparse = retrieve(
        storage.library,
        storage.indexes.reading("default"),
        storage.sparse,
        QUESTION,
        kb="default",
        limit=2,
        mode="sparse",
    )
    assert [hit.passage.title for hit in sparse.hits] == ["backup"]
