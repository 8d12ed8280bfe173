"""Remote stores by fsspec: one suite over every kind that can run here, and what is peculiar to one."""

import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import asyncssh
import pytest

from app.errors import SourceUnreachable, SyncRefused
from app.runtime import Storage
from app.texts import told_of
from ingest.report import SyncReport, SyncRequest
from ingest.sources.cloud import look
from ingest.sources.found import FoundFile, PassedOver
from tests.conftest import BigramEmbedder
from tests.ingest.sources import stores
from tests.ingest.sources.stores import STORES, Store

KB = "default"


@pytest.fixture(params=STORES)
def store(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Store]:
    with STORES[request.param](tmp_path / "store", monkeypatch) as opened:
        yield opened


@pytest.fixture
def sftp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    with stores.sftp(tmp_path / "store", monkeypatch) as opened:
        yield opened


def run(storage: Storage, *roots: str, **options: Any) -> SyncReport:
    return storage.sync(SyncRequest(roots, KB, **options), lambda _event: None)


def stored(storage: Storage) -> dict[str, str]:
    rows = [row for row in storage.library.documents(KB) if row.revision]
    return {row.source: storage.library.text(KB, row.id) for row in rows}


def test_added_changed_removed(
    storage: Storage, store: Store, fake_embedder: BigramEmbedder
) -> None:
    store.put("a.txt", "备份保留三十天。".encode())
    store.put("深处/b #1.md", b"# B\n\nSome text.")
    store.put(".hidden.txt", b"Hidden.")
    store.put("../other.txt" if "sftp" in store.root else "x/.y/other.txt", b"Not meant.")
    assert run(storage, store.root).added == 2
    assert set(stored(storage)) == {f"{store.root}/a.txt", f"{store.root}/深处/b #1.md"}
    embedded = fake_embedder.embedded
    assert run(storage, store.root + "/").unchanged == 2
    assert fake_embedder.embedded == embedded
    store.put("a.txt", b"Changed.")
    store.remove("深处/b #1.md")
    report = run(storage, store.root)
    assert (report.changed, report.removed) == (1, 1)
    assert stored(storage) == {f"{store.root}/a.txt": "Changed."}


def test_one_object(storage: Storage, store: Store) -> None:
    store.put("a.txt", b"Only this.")
    store.put("b.txt", b"Not this.")
    assert run(storage, f"{store.root}/a.txt").added == 1
    assert run(storage, f"{store.root}/a.txt").unchanged == 1
    assert list(stored(storage)) == [f"{store.root}/a.txt"]


def test_an_empty_or_missing_folder_removes_nothing(storage: Storage, store: Store) -> None:
    store.put("a.txt", b"Text.")
    run(storage, store.root)
    store.remove("a.txt")
    report = run(storage, store.root, allow_mass_delete=True)
    assert [item.code for item in report.failed] == ["source_unreachable"]
    assert len(stored(storage)) == 1
    assert not look(store.root.removesuffix("docs") + "missing").complete


def test_many_removals_are_guarded(storage: Storage, store: Store) -> None:
    for n in range(6):
        store.put(f"{n}.txt", f"Text {n}.".encode())
    run(storage, store.root)
    for n in range(4):
        store.remove(f"{n}.txt")
    with pytest.raises(SyncRefused):
        run(storage, store.root)
    assert run(storage, store.root, allow_mass_delete=True).removed == 4


def test_a_store_that_refuses_or_is_down_removes_nothing(storage: Storage, store: Store) -> None:
    """Libraries of stores raise what they like: an unknown kind of error is no reason to stop all."""
    store.put("a.txt", b"Text.")
    run(storage, store.root)
    store.deny()
    report = run(storage, store.root)
    assert [item.code for item in report.failed] == ["source_unreachable"]
    # Who signs in is nobody else's business.
    where = store.root.rpartition("@")[2]
    assert where in told_of(report.failed[0].code, report.failed[0].params, "en").message
    assert (
        stores.PASSWORD not in told_of(report.failed[0].code, report.failed[0].params, "en").message
    )
    assert len(stored(storage)) == 1


def test_an_object_that_went_since_the_look_stays_as_it_was(storage: Storage, store: Store) -> None:
    store.put("a.txt", b"Text.")
    found = look(f"{store.root}/a.txt").items[0]
    store.remove("a.txt")
    with pytest.raises(SourceUnreachable):
        found.take(storage.library.originals, 1000)  # type: ignore[union-attr]


def test_a_server_that_is_not_there_is_named_in_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with stores.s3(tmp_path, monkeypatch):
        monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
        started = time.monotonic()
        assert not look(f"s3://{stores.BUCKET}/docs").complete
        assert time.monotonic() - started < 60
    monkeypatch.setenv("HOME", str(tmp_path))
    assert not look("sftp://someone@127.0.0.1:9/docs").complete


def test_empty_objects_that_show_folders_are_no_documents(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with stores.s3(tmp_path, monkeypatch) as store:
        store.put("folder/", b"")
        assert not look(store.root).complete
        store.put("a.txt", b"Text.")
        assert [item.source for item in look(store.root).items] == [f"{store.root}/a.txt"]


def test_new_credentials_are_used_at_the_next_look(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with stores.s3(tmp_path, monkeypatch) as store:
        store.put("a.txt", b"Text.")
        store.deny()
        assert not look(store.root).complete
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "someone")
        assert look(store.root).complete


def test_an_sftp_server_without_a_known_key_is_not_believed(sftp: Store, tmp_path: Path) -> None:
    sftp.put("a.txt", b"Text.")
    assert look(sftp.root).complete
    (tmp_path / "store" / "home" / ".ssh" / "known_hosts").unlink()
    listing = look(sftp.root)
    assert not listing.complete
    assert "not trusted" in str(listing.items[0].error)  # type: ignore[union-attr]


def test_links_and_pipes_of_an_sftp_server_are_passed_over(sftp: Store, tmp_path: Path) -> None:
    sftp.put("a.txt", b"Text.")
    docs = tmp_path / "store" / "served" / "docs"
    (docs / "link.txt").symlink_to("a.txt")
    (docs / "loop").symlink_to(".")
    os.mkfifo(docs / "pipe")
    items = look(sftp.root).items
    assert [item.source for item in items if isinstance(item, FoundFile)] == [f"{sftp.root}/a.txt"]
    passed = {item.source: item.reason for item in items if isinstance(item, PassedOver)}
    assert passed == {f"{sftp.root}/link.txt": "link", f"{sftp.root}/loop": "link"}


def test_a_folder_of_an_sftp_server_that_cannot_be_read_keeps_its_documents(
    storage: Storage, sftp: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    sftp.put("a.txt", b"Text.")
    sftp.put("deep/b.txt", b"Deeper.")
    assert run(storage, sftp.root).added == 2
    scandir = asyncssh.SFTPServer.scandir

    async def refuse(self, path):  # type: ignore[no-untyped-def]
        if path.endswith(b"deep"):
            raise asyncssh.SFTPPermissionDenied("not for you")
        async for entry in scandir(self, path):
            yield entry

    monkeypatch.setattr(asyncssh.SFTPServer, "scandir", refuse)
    sftp.put("c.txt", b"New.")
    report = run(storage, sftp.root)
    assert (report.added, report.removed) == (1, 0)
    assert [item.source for item in report.failed] == [f"{sftp.root}/deep"]
    assert len(stored(storage)) == 3


@pytest.mark.parametrize(
    ("root", "named"), [("gs://bucket/docs", "groundkb[cloud]"), ("abfs://bucket/docs", "adlfs")]
)
def test_a_missing_library_is_named(
    storage: Storage, monkeypatch: pytest.MonkeyPatch, root: str, named: str
) -> None:
    # `fsspec.registry` is a view of what the module of that name keeps.
    monkeypatch.delitem(sys.modules["fsspec.registry"]._registry, "gs", raising=False)
    for module in ("gcsfs", "adlfs"):
        monkeypatch.setitem(sys.modules, module, None)
    report = run(storage, root)
    assert [item.code for item in report.failed] == ["source_unreachable"]
    assert (
        f"pip install '{named}'"
        in told_of(report.failed[0].code, report.failed[0].params, "en").message
    )
