"""The library: which revision a reader sees, and what a killed sync leaves."""

import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from app.errors import DatabaseDriverMissing, DocumentNotFound, LibraryBusy, LibraryUnavailable
from app.library.database import reading, writing
from app.library.library import Library, NewRevision, PendingRevision, open_library
from app.library.tables import KnowledgeBase, now
from app.settings import Settings
from tests.library.conftest import SQLITE_ALONE

KB = "default"


@pytest.fixture
def library(settings: Settings) -> Iterator[Library]:
    library = open_library(settings)
    library.add_knowledge_base(KB)
    yield library
    library.close()


def put(library: Library, document: str, revision: str, text: str, *, chunks: int = 1) -> None:
    library.begin_revisions(KB, [PendingRevision(document, f"file:///{document}", revision, text)])
    library.make_current(KB, [new(document, revision, chunks)])


def new(document: str, revision: str, chunks: int = 1) -> NewRevision:
    return NewRevision(document, revision, "Title", "text/plain", 4, 7, 9, chunks, ("a",), {})


def test_a_revision_is_seen_only_once_it_is_current(library: Library) -> None:
    library.begin_revisions(KB, [PendingRevision("d", "file:///d", "r1", "one")])
    with library.snapshot(KB) as snapshot:
        assert snapshot.current(["d"]) == {}
    with pytest.raises(DocumentNotFound):
        library.text(KB, "d")

    assert library.documents(KB) == [], "it cannot be searched yet"

    library.make_current(KB, [new("d", "r1")])
    assert [row.id for row in library.documents(KB)] == ["d"]
    with library.snapshot(KB) as snapshot:
        assert snapshot.current(["d", "unknown"]) == {"d": "r1"}
    assert library.text(KB, "d") == "one"


def test_a_snapshot_does_not_move(library: Library) -> None:
    put(library, "d", "r1", "one")
    with library.snapshot(KB) as before:
        put(library, "d", "r2", "two")
        assert before.current(["d"]) == {"d": "r1"}
    with library.snapshot(KB) as after:
        assert after.current(["d"]) == {"d": "r2"}


def test_several_documents_change_at_once(library: Library) -> None:
    put(library, "a", "r1", "one")
    put(library, "b", "r1", "one")
    library.begin_revisions(KB, [PendingRevision("a", "file:///a", "r2", "two")])
    with pytest.raises(LibraryUnavailable):
        library.make_current(KB, [new("a", "r2"), new("b", "never-begun")])
    assert library.document(KB, "a").revision == "r1"


def test_a_document_removed_meanwhile_stays_removed(library: Library) -> None:
    put(library, "a", "r1", "one")
    library.make_current(KB, [new("a", "r1"), new("removed", "r1")])
    assert library.document(KB, "a").revision == "r1"
    with pytest.raises(DocumentNotFound):
        library.document(KB, "removed")


def test_the_replaced_revision_is_left_over_until_forgotten(library: Library) -> None:
    put(library, "d", "r1", "one")
    put(library, "d", "r2", "two")
    assert library.leftovers(KB) == [("d", "r1")]
    assert library.text(KB, "d", "r1") == "one", "a citation of it can still be read"
    library.forget(KB, [("d", "r1")])
    assert library.leftovers(KB) == []
    with pytest.raises(DocumentNotFound):
        library.text(KB, "d", "r1")


def test_a_current_revision_cannot_be_forgotten(library: Library) -> None:
    put(library, "d", "r1", "one")
    library.forget(KB, [("d", "r1")])
    assert library.text(KB, "d") == "one"


def test_a_document_that_goes_back_to_an_old_revision(library: Library) -> None:
    put(library, "d", "r1", "one")
    put(library, "d", "r2", "two")
    put(library, "d", "r1", "one")
    assert library.leftovers(KB) == [("d", "r2")]
    assert library.document(KB, "d").revision == "r1"


def test_a_killed_sync_leaves_a_revision_to_clean_and_no_document(library: Library) -> None:
    library.begin_revisions(KB, [PendingRevision("d", "file:///d", "r1", "one")])
    assert library.leftovers(KB) == [("d", "r1")]
    library.forget(KB, library.leftovers(KB))
    assert library.documents(KB) == []


def test_removal_hides_at_once_and_leaves_points_to_delete(library: Library) -> None:
    put(library, "d", "r1", "one")
    library.remove(KB, ["d"])
    assert library.documents(KB) == []
    assert library.leftovers(KB) == [("d", "r1")]


def test_removing_an_unknown_document_removes_nothing(library: Library) -> None:
    put(library, "d", "r1", "one")
    with pytest.raises(DocumentNotFound):
        library.remove(KB, ["d", "unknown"])
    assert [row.id for row in library.documents(KB)] == ["d"]


def test_a_deleted_document_is_hidden_and_comes_back_as_it_was(library: Library) -> None:
    put(library, "d", "r1", "one")
    put(library, "e", "r1", "two")
    library.delete(KB, ["d"])
    assert [row.id for row in library.documents(KB)] == ["e"]
    with pytest.raises(DocumentNotFound):
        library.document(KB, "d")
    with pytest.raises(DocumentNotFound):
        library.set_tags(KB, "d", ["a"])
    with library.snapshot(KB) as snapshot:
        assert snapshot.current(["d", "e"]) == {"e": "r1"}
        assert snapshot.deleted() == ("d",)
    assert library.current_count(KB) == 1
    assert list(library.builds.wanted(KB)) == [("e", "r1")]
    assert library.known_files(KB, "file:///d") == library.known_sources(KB, ["file:///d"]) == {}
    assert library.leftovers(KB) == [], "its points stay"
    with pytest.raises(DocumentNotFound):
        library.delete(KB, ["e", "d"])
    assert library.document(KB, "e").revision == "r1", "all or none"

    library.restore(KB, ["d", "e"])
    assert library.document(KB, "d").revision == "r1"
    assert library.text(KB, "d") == "one"
    with library.snapshot(KB) as snapshot:
        assert snapshot.current(["d"]) == {"d": "r1"}
        assert snapshot.deleted() == ()


def test_what_was_deleted_long_ago_is_purged_for_good(library: Library) -> None:
    put(library, "d", "r1", "one")
    put(library, "e", "r1", "two")
    library.delete(KB, ["d"])
    before = library.deleted(KB)
    assert before == {"d": "file:///d"}
    assert library.purge(KB, now() - timedelta(days=1)) == {}
    assert library.purge(KB, now() + timedelta(seconds=1)) == before
    assert library.leftovers(KB) == [("d", "r1")]
    with pytest.raises(DocumentNotFound):
        library.restore(KB, ["d"])
    assert library.purge(KB, now() + timedelta(seconds=1)) == {}
    assert [row.id for row in library.documents(KB)] == ["e"]


def test_a_deleted_document_that_is_taken_in_anew_is_there_again(library: Library) -> None:
    put(library, "d", "r1", "one")
    library.delete(KB, ["d"])
    put(library, "d", "r2", "two")
    assert library.document(KB, "d").revision == "r2"
    assert library.leftovers(KB) == [("d", "r1")]
    library.restore(KB, ["d"])
    assert library.document(KB, "d").revision == "r2", "there is nothing to undo"


def test_a_deleted_document_whose_file_fails_is_shown_as_failed(library: Library) -> None:
    put(library, "d", "r1", "one")
    library.delete(KB, ["d"])
    library.record_failure(KB, "d", "file:///d", 5, 6, {"code": "document_corrupt"})
    assert library.document(KB, "d").status == "failed"
    assert library.leftovers(KB) == [("d", "r1")]


def test_a_failed_document_can_be_deleted_and_restored(library: Library) -> None:
    library.record_failure(KB, "d", "file:///d", 5, 6, {"code": "document_corrupt"})
    library.delete(KB, ["d"])
    assert library.documents(KB) == []
    library.restore(KB, ["d"])
    assert library.document(KB, "d").status == "failed"


def test_what_is_deleted_while_it_is_written_stays_deleted(library: Library) -> None:
    put(library, "d", "r1", "one")
    library.begin_revisions(KB, [PendingRevision("d", "file:///d", "r2", "two")])
    library.delete(KB, ["d"])
    library.make_current(KB, [new("d", "r2")])
    assert library.documents(KB) == []
    assert library.leftovers(KB) == [("d", "r2")]
    library.restore(KB, ["d"])
    assert library.document(KB, "d").revision == "r1"


def test_a_failure_keeps_the_last_good_revision(library: Library) -> None:
    put(library, "d", "r1", "one")
    library.record_failure(KB, "d", "file:///d", 5, 6, {"code": "document_corrupt"})
    row = library.document(KB, "d")
    assert (row.status, row.revision) == ("stale", "r1")
    put(library, "d", "r2", "two")
    assert library.document(KB, "d").status == "ready"


def test_a_document_that_never_worked_is_failed(library: Library) -> None:
    library.record_failure(KB, "d", "file:///d", 5, 6, {"code": "document_corrupt"})
    assert library.document(KB, "d").status == "failed"
    library.forget(KB, [])
    assert len(library.documents(KB)) == 1


def test_known_files_are_those_under_the_root(library: Library) -> None:
    for name in ("a/x", "a/deep/y", "ab/z", "a"):
        put(library, name, "r", "text")
    assert set(library.known_files(KB, "file:///a")) == {
        "file:///a",
        "file:///a/x",
        "file:///a/deep/y",
    }


def test_an_invalid_document_is_hidden_and_read_again(library: Library) -> None:
    put(library, "d", "r1", "one")
    library.invalidate(KB, ["d"])
    assert library.current_revisions(KB) == {}
    assert library.leftovers(KB) == [("d", "r1")]
    assert library.known_files(KB, "file:///d")["file:///d"].revision is None


def test_originals_go_with_their_last_revision(library: Library, tmp_path: Path) -> None:
    file = tmp_path / "f"
    file.write_bytes(b"same bytes")
    revision = ""
    for document in ("d", "e"):
        taken = library.originals.take(file, 100)
        revision = taken.revision
        put(library, document, revision, "same bytes")
        library.originals.keep(taken)
    library.remove(KB, ["d"])
    library.forget(KB, library.leftovers(KB))
    assert library.original(KB, "e").read_bytes() == b"same bytes"
    library.remove(KB, ["e"])
    library.forget(KB, library.leftovers(KB))
    assert library.originals.fetch(revision) is None


def test_aliases_survive(library: Library, settings: Settings) -> None:
    library.set_aliases({"kb_default": "one"})
    library.set_aliases({"kb_default": "two", "kb_more": "three"})
    again = open_library(settings)
    assert again.get_alias("kb_default") == "two"
    assert again.get_alias("kb_other") is None
    again.close()


@SQLITE_ALONE
def test_a_locked_database_is_a_named_error(
    library: Library, monkeypatch: pytest.MonkeyPatch, make_settings: Callable[..., Settings]
) -> None:
    monkeypatch.setattr("app.library.database.LOCK_WAIT_SECONDS", 0.1)
    impatient = open_library(make_settings())
    with (
        writing(library.engine),
        pytest.raises(LibraryBusy, match=r"0\.1"),
        writing(impatient.engine),
    ):
        pass
    impatient.close()


@SQLITE_ALONE
def test_a_folder_that_cannot_be_written_is_a_named_error(
    make_settings: Callable[..., Settings], tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(LibraryUnavailable):
        open_library(make_settings(data=tmp_path / "file"))


def test_errors_do_not_repeat_document_text(library: Library) -> None:
    with pytest.raises(LibraryUnavailable) as caught, writing(library.engine) as session:
        session.add(KnowledgeBase(name=KB))
    assert KB not in str(caught.value)


def test_reading_is_one_snapshot(library: Library) -> None:
    with reading(library.engine) as session:
        before = session.get(KnowledgeBase, KB)
        assert before is not None
        library.begin_cleaning(KB)
        session.refresh(before)
        assert before.cleanings == 0
    assert library.cleanings(KB) == 1


@SQLITE_ALONE
def test_a_database_without_its_driver_is_a_named_error(
    make_settings: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(DatabaseDriverMissing, match="psycopg"):
        open_library(make_settings(database_url="postgresql+psycopg://localhost/groundkb"))
