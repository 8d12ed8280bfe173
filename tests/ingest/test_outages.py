"""A full disk, a Qdrant server that goes away, a locked database: each is a named error, after
which a new sync ends where an undisturbed one does."""

import os
import resource
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
from qdrant_client.http.exceptions import ResponseHandlingException
from sqlalchemy import event

from app.answering.retrieve import retrieve
from app.errors import DiskFull, GroundkbError, IndexUnreachable, LibraryBusy
from app.index.server import in_memory
from app.runtime import Storage, open_storage
from app.settings import Settings
from ingest.report import SyncRequest
from tests.conftest import BigramEmbedder

KB = "default"
Make = Callable[..., Settings]
Points = set[tuple[str, int, str]]


def run(storage: Storage, folder: Path) -> None:
    storage.sync(SyncRequest((str(folder),), KB, allow_mass_delete=True), lambda _event: None)


def points(storage: Storage) -> Points:
    """All points, and a complaint when the library does not agree with the index."""
    index = storage.indexes.ensure(KB)
    assert dict(index.revisions()) == storage.library.current_revisions(KB)
    assert storage.library.leftovers(KB) == []
    return {
        (passage.source, passage.ordinal, passage.text)
        for pair in index.revisions()
        for passage in index.passages(*pair)
    }


@pytest.fixture
def changed(documents: Path) -> Callable[[], None]:
    """Make one document larger than what is there, remove one, add one."""

    def change() -> None:
        (documents / "memory.txt").write_text("A 70B model needs about 40 GB. " * 2_000)
        (documents / "上下文.txt").unlink()
        (documents / "new.txt").write_text("Phi-3 mini has 3.8 billion parameters.")

    return change


@pytest.fixture
def undisturbed(
    make_settings: Make, documents: Path, tmp_path: Path, changed: Callable[[], None]
) -> Points:
    """What a sync of the changed folder makes; the folder is then as it was before."""
    before = {path: path.read_bytes() for path in documents.iterdir()}
    changed()
    with closing(open_storage(make_settings(data=tmp_path / "calm"), BigramEmbedder())) as calm:
        run(calm, documents)
        wanted = points(calm)
    for path in documents.iterdir():
        path.unlink()
    for path, content in before.items():
        path.write_bytes(content)
    return wanted


@contextmanager
def largest_file(size: int) -> Iterator[None]:
    """No file of this process can grow beyond `size` bytes: as a quota, without its being set up."""
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))


def test_no_room_for_an_original(
    make_settings: Make, documents: Path, changed: Callable[[], None], undisturbed: Points
) -> None:
    with closing(open_storage(make_settings(), BigramEmbedder())) as storage:
        run(storage, documents)
        changed()
        (documents / "large.bin").write_bytes(bytes(3_000_000))
        with largest_file(2_000_000), pytest.raises(DiskFull, match="originals"):
            run(storage, documents)
        held = storage.indexes.ensure(KB).revisions()
        current = storage.library.current_revisions(KB)
        assert current.items() <= held.items(), "what readers see is whole"
        incoming = storage.settings.data / "originals" / "incoming"
        # What a thread was still reading is thrown away when it has come.
        deadline = time.monotonic() + 10
        while [path.name for path in incoming.rglob("*") if path.is_file()] != [".lock"]:
            assert time.monotonic() < deadline, list(incoming.rglob("*"))
            time.sleep(0.05)
        run(storage, documents)
        assert points(storage) == undisturbed


def test_no_room_in_the_database(
    make_settings: Make, documents: Path, changed: Callable[[], None], undisturbed: Points
) -> None:
    with closing(open_storage(make_settings(), BigramEmbedder())) as storage:
        run(storage, documents)
        full = [True]

        def limit(connection: Any, _record: Any, _proxy: Any) -> None:
            pages = connection.execute("PRAGMA page_count").fetchone()[0]
            connection.execute(f"PRAGMA max_page_count={pages if full[0] else 10**9}")

        event.listen(storage.library.engine, "checkout", limit)
        changed()
        with pytest.raises(DiskFull):
            run(storage, documents)
        full[0] = False
        run(storage, documents)
        assert points(storage) == undisturbed


def test_where_the_database_may_not_grow_it_is_a_full_disk_and_searching_goes_on(
    make_settings: Make, documents: Path
) -> None:
    """SQLite says 'disk I/O error' then, not that there is no room."""
    with closing(open_storage(make_settings(), BigramEmbedder())) as storage:
        run(storage, documents)
        library = storage.library

        def search() -> list[str]:
            space = storage.indexes.reading(KB)
            found = retrieve(library, space, storage.sparse, "Yi-34B", kb=KB, limit=3)
            return [hit.passage.id for hit in found.hits]

        before = search()
        assert before
        (documents / "new.txt").write_text("Phi-3 mini has 3.8 billion parameters.")
        with largest_file(1_000):
            with pytest.raises(DiskFull):
                library.conversations.ask("q", conversation_id=None, kb=KB)
            with pytest.raises(DiskFull):
                run(storage, documents)
            assert search() == before
            assert len(library.documents(KB)) == 3
        library.conversations.ask("q", conversation_id=None, kb=KB)
        run(storage, documents)
        assert len(library.documents(KB)) == 4


def mounted(folder: Path, megabytes: int) -> bool:
    """Whether a small disk in memory could be mounted there; for root alone."""
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(folder)]
    return subprocess.run(command, check=False, capture_output=True).returncode == 0


def test_a_start_on_a_disk_without_room_is_refused_by_name_and_a_server_goes_on(
    make_settings: Make, documents: Path, tmp_path: Path
) -> None:
    """The embedded index would be killed by the system (SIGBUS) as it opens."""
    disk = tmp_path / "disk"
    if not mounted(disk, 200):
        pytest.skip("a small disk can be mounted by root alone")
    try:
        settings = make_settings(data=disk / "data")
        with closing(open_storage(settings, BigramEmbedder())) as storage:
            run(storage, documents)
            with (disk / "other").open("wb") as other, suppress(OSError):
                while True:
                    os.write(other.fileno(), bytes(1 << 16))
            with pytest.raises(DiskFull):
                storage.library.conversations.ask("x" * 1_000_000, conversation_id=None, kb=KB)
            space = storage.indexes.reading(KB)
            assert retrieve(storage.library, space, storage.sparse, "Yi-34B", kb=KB, limit=3).hits
        with pytest.raises(DiskFull), closing(open_storage(settings, BigramEmbedder())) as storage:
            storage.indexes.reading(KB)
        (disk / "other").unlink()
        with closing(open_storage(settings, BigramEmbedder())) as storage:
            assert len(points(storage)) == 3
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=True)


def test_no_room_for_the_index(
    make_settings: Make, documents: Path, changed: Callable[[], None], undisturbed: Points
) -> None:
    changed()
    with closing(open_storage(make_settings(), BigramEmbedder())) as storage:
        with largest_file(8_000_000), pytest.raises(DiskFull, match="index"):
            run(storage, documents)
        run(storage, documents)
        assert points(storage) == undisturbed


CALLS = ("upsert", "delete", "facet", "count", "collection_exists")


@pytest.mark.filterwarnings("ignore:Payload indexes have no effect:UserWarning")
@pytest.mark.parametrize("call", CALLS)
def test_a_qdrant_server_that_goes_away(
    make_settings: Make,
    documents: Path,
    changed: Callable[[], None],
    undisturbed: Points,
    monkeypatch: pytest.MonkeyPatch,
    call: str,
) -> None:
    """Before and after each kind of request: it may have been carried out or not."""
    vectors = in_memory()
    monkeypatch.setattr("app.runtime.open_vector_store", lambda _settings, _aliases: vectors)
    client = vectors._client
    real = getattr(client, call)
    with closing(open_storage(make_settings(), BigramEmbedder())) as storage:
        run(storage, documents)
        changed()
        for answered in (False, True):
            failed: list[int] = []

            def drop(
                *args: Any, answered: bool = answered, failed: list[int] = failed, **named: Any
            ) -> Any:
                if answered:
                    real(*args, **named)
                failed.append(1)
                raise ResponseHandlingException(httpx.RemoteProtocolError("connection dropped"))

            monkeypatch.setattr(client, call, drop)
            try:
                run(storage, documents)
            except GroundkbError as error:
                assert isinstance(error, IndexUnreachable)  # noqa: PT017  (not every call is made again)
                assert failed
            monkeypatch.setattr(client, call, real)
        run(storage, documents)
        assert points(storage) == undisturbed


def test_a_database_that_another_process_keeps_locked(
    make_settings: Make,
    documents: Path,
    changed: Callable[[], None],
    undisturbed: Points,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("app.library.database.LOCK_WAIT_SECONDS", 0.5)
    with closing(open_storage(make_settings(), BigramEmbedder())) as storage:
        run(storage, documents)
        before = points(storage)
        changed()
        with closing(
            sqlite3.connect(storage.settings.data / "library.sqlite3", isolation_level=None)
        ) as other:
            other.execute("BEGIN IMMEDIATE")
            started = time.monotonic()
            with pytest.raises(LibraryBusy, match=r"0\.5"):
                run(storage, documents)
            assert time.monotonic() - started < 10
            assert points(storage) == before, "readers are not kept waiting"
            other.execute("ROLLBACK")
        run(storage, documents)
        assert points(storage) == undisturbed


def test_a_short_lock_is_waited_for(make_settings: Make, documents: Path) -> None:
    import threading

    with closing(open_storage(make_settings(), BigramEmbedder())) as storage:
        path = storage.settings.data / "library.sqlite3"
        with closing(sqlite3.connect(path, isolation_level=None, check_same_thread=False)) as other:
            other.execute("BEGIN IMMEDIATE")
            threading.Timer(0.5, lambda: other.execute("ROLLBACK")).start()
            run(storage, documents)
        assert len(points(storage)) >= 3
