"""What front matter, metadata files and addresses say of who may read reaches the index, through
syncs, moves, reindexes and lost writes."""

from pathlib import Path

import pytest

from app.answering.retrieve import retrieve
from app.library.limits import access_text
from app.library.sight import Sight
from app.runtime import Storage
from ingest.reindex import reindex
from ingest.sources.look import address_of
from tests.ingest.test_enclosed import mail
from tests.ingest.test_reindex import deps, other_model
from tests.ingest.test_sync import KB, age, run

BOARD = access_text([["board"]])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """One open note among eighty of the board's that are nearer to the question."""
    place = tmp_path / "notes"
    (place / "board").mkdir(parents=True)
    for number in range(80):
        (place / "board" / f"{number}.md").write_text(
            f"---\ngroups: [board]\n---\nWhen is roof {number} repaired? Roof repairs begin in May.\n"
        )
    (place / "open.md").write_text("The repairs of the stairs begin in June.\n")
    age(place)
    return place


def in_index(storage: Storage) -> dict[str, int]:
    index = storage.indexes.current(KB)
    assert index is not None
    return dict(index.access())


def found(storage: Storage, *groups: str) -> list[str]:
    library = storage.library.seen_by(Sight(groups=frozenset(groups)))
    hits = retrieve(
        library,
        storage.indexes.reading(KB),
        storage.sparse,
        "When is the roof repaired?",
        kb=KB,
        limit=5,
    ).hits
    return [hit.passage.source.rpartition("/")[2] for hit in hits]


def test_who_may_read_little_finds_it_behind_much_that_is_nearer(
    storage: Storage, folder: Path
) -> None:
    run(storage, folder)
    assert in_index(storage) == {BOARD: 80}
    assert found(storage) == ["open.md"]
    assert len(found(storage, "board")) == 5
    limited = storage.library.seen_by(Sight())
    assert limited.current_count(KB) == 1


def test_a_change_of_limits_reaches_the_index_without_embedding(
    storage: Storage, folder: Path
) -> None:
    run(storage, folder)
    embedded = storage.embedder.embedded  # type: ignore[attr-defined]
    storage.limit_address(KB, address_of(str(folder)), ["staff"])
    both = access_text([["board"], ["staff"]])
    assert in_index(storage) == {both: 80, access_text([["staff"]]): 1}
    assert (found(storage), found(storage, "staff")) == ([], ["open.md"])
    storage.limit_address(KB, address_of(str(folder)), [])
    assert in_index(storage) == {BOARD: 80}
    (document,) = [row for row in storage.library.documents(KB) if row.source.endswith("/open.md")]
    storage.limit_document(KB, document.id, ["board"])
    assert found(storage) == []
    assert storage.embedder.embedded == embedded  # type: ignore[attr-defined]


def test_a_metadata_file_limits_a_document_and_what_is_enclosed(
    storage: Storage, folder: Path
) -> None:
    mail(folder / "roof.eml", {"offer.txt": "The roof costs 23,800 euros."})
    age(folder)
    run(storage, folder)
    assert in_index(storage) == {BOARD: 80}
    (folder / "roof.eml.meta.yaml").write_text("access: board\n")
    run(storage, folder)
    assert in_index(storage) == {BOARD: 82}
    (folder / "roof.eml").rename(folder / "roof 2.eml")
    (folder / "roof.eml.meta.yaml").rename(folder / "roof 2.eml.meta.yaml")
    run(storage, folder)
    assert in_index(storage) == {BOARD: 82}
    (folder / "roof 2.eml.meta.yaml").unlink()
    run(storage, folder)
    assert in_index(storage) == {BOARD: 80}


def test_a_file_that_moves_out_of_a_folder_leaves_its_limit_there(
    storage: Storage, folder: Path
) -> None:
    run(storage, folder)
    storage.limit_address(KB, address_of(str(folder / "closed")), ["staff"])
    (folder / "closed").mkdir()
    (folder / "open.md").rename(folder / "closed" / "open.md")
    run(storage, folder)
    assert found(storage) == []
    assert in_index(storage) == {BOARD: 80, access_text([["staff"]]): 1}
    (folder / "closed" / "open.md").rename(folder / "again.md")
    run(storage, folder)
    assert found(storage) == ["again.md"]


def test_what_a_killed_process_left_is_made_right_by_the_next_sync(
    storage: Storage, folder: Path
) -> None:
    run(storage, folder)
    index = storage.indexes.current(KB)
    assert index is not None
    index.forget_access()
    # A payload that is behind costs what others stand before, and tells nothing.
    assert set(found(storage)) <= {"open.md"}
    run(storage, folder)
    assert in_index(storage) == {BOARD: 80}


def test_a_new_index_has_the_limits_and_so_has_the_old_one_after_a_rollback(
    storage: Storage, folder: Path
) -> None:
    run(storage, folder)
    reindex(deps(storage), other_model())
    assert in_index(storage) == {BOARD: 80}
    (document,) = [row for row in storage.library.documents(KB) if row.source.endswith("/open.md")]
    storage.limit_document(KB, document.id, ["board"])
    reindex(deps(storage), storage._of_settings)
    assert in_index(storage) == {BOARD: 81}


def test_addresses_are_spelt_as_documents_are(tmp_path: Path) -> None:
    place = tmp_path / "我的 docs"
    place.mkdir()
    (tmp_path / "link").symlink_to(place)
    spelt = address_of(str(place))
    assert address_of(f"file://{place}/") == address_of(str(tmp_path / "link")) == spelt
    assert address_of(spelt) == spelt
    assert address_of("HTTPS://Example.org/a") == "https://example.org/a"
    assert address_of("upload://") == "upload://"
