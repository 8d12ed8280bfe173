"""Stores by fsspec, over the one that lives in memory."""

from collections.abc import Iterator
from typing import Any

import fsspec
import pytest

from app.errors import SourceMissing, SyncRefused
from app.runtime import Storage
from ingest.report import SyncReport, SyncRequest
from tests.conftest import BigramEmbedder

KB = "default"
ROOT = "memory://bucket/docs"


@pytest.fixture
def store() -> Iterator[Any]:
    store = fsspec.filesystem("memory")
    yield store
    store.store.clear()


def run(storage: Storage, *roots: str, **options: bool) -> SyncReport:
    return storage.sync(SyncRequest(roots, KB, **options), lambda _event: None)


def stored(storage: Storage) -> dict[str, str]:
    rows = [row for row in storage.library.documents(KB) if row.revision]
    return {row.source: storage.library.text(KB, row.id) for row in rows}


def test_added_changed_removed(storage: Storage, store: Any, fake_embedder: BigramEmbedder) -> None:
    store.pipe("/bucket/docs/a.txt", "备份保留三十天。".encode())
    store.pipe("/bucket/docs/deep/b.md", b"# B\n\nSome text.")
    store.pipe("/bucket/docs/.hidden.txt", b"Hidden.")
    store.pipe("/bucket/other.txt", b"Another folder.")
    assert run(storage, ROOT).added == 2
    assert set(stored(storage)) == {f"{ROOT}/a.txt", f"{ROOT}/deep/b.md"}
    embedded = fake_embedder.embedded
    assert run(storage, ROOT + "/").unchanged == 2
    assert fake_embedder.embedded == embedded
    store.pipe("/bucket/docs/a.txt", b"Changed.")
    store.rm("/bucket/docs/deep/b.md")
    report = run(storage, ROOT)
    assert (report.changed, report.removed) == (1, 1)
    assert stored(storage) == {f"{ROOT}/a.txt": "Changed."}


def test_one_object(storage: Storage, store: Any) -> None:
    store.pipe("/bucket/docs/a.txt", b"Only this.")
    assert run(storage, f"{ROOT}/a.txt").added == 1
    assert run(storage, f"{ROOT}/a.txt").unchanged == 1


def test_an_empty_or_missing_folder_removes_nothing(storage: Storage, store: Any) -> None:
    store.pipe("/bucket/docs/a.txt", b"Text.")
    run(storage, ROOT)
    store.rm("/bucket/docs/a.txt")
    report = run(storage, ROOT, allow_mass_delete=True)
    assert [item.code for item in report.failed] == ["source_unreachable"]
    assert len(stored(storage)) == 1


def test_many_removals_are_guarded(storage: Storage, store: Any) -> None:
    for n in range(6):
        store.pipe(f"/bucket/docs/{n}.txt", f"Text {n}.".encode())
    run(storage, ROOT)
    for n in range(4):
        store.rm(f"/bucket/docs/{n}.txt")
    with pytest.raises(SyncRefused):
        run(storage, ROOT)
    assert run(storage, ROOT, allow_mass_delete=True).removed == 4


def test_a_store_that_fails_removes_nothing(
    storage: Storage, store: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.pipe("/bucket/docs/a.txt", b"Text.")
    run(storage, ROOT)

    def fail(*_: object, **__: object) -> None:
        raise PermissionError("access denied")

    monkeypatch.setattr(type(store), "find", fail)
    report = run(storage, ROOT)
    assert [item.code for item in report.failed] == ["source_unreachable"]
    assert "access denied" in report.failed[0].message
    assert len(stored(storage)) == 1


@pytest.mark.parametrize("root", ["github://a:b@/x", "ftp://h/x", "local:///etc", "data://x"])
def test_other_schemes_are_refused(storage: Storage, root: str) -> None:
    with pytest.raises(SourceMissing):
        run(storage, root)


def test_a_missing_library_names_the_extra(storage: Storage) -> None:
    report = run(storage, "gs://bucket/docs")
    assert [item.code for item in report.failed] == ["source_unreachable"]
    assert "groundkb[cloud]" in report.failed[0].message
