"""Upgrades: from every release, wholly or not at all, with a way back."""

import itertools
import multiprocessing
import os
import random
import signal
import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from filelock import FileLock
from sqlalchemy import update

from app.errors import DiskFull, LibraryTooNew, UpgradeBlocked
from app.library import upgrade
from app.library.archive import restore_archive
from app.library.database import open_database, writing
from app.library.library import open_library
from app.library.limits import refresh
from app.library.migrations import SCHEMA_VERSION
from app.library.sqlite import open_sqlite
from app.library.tables import Meta, Table
from app.settings import Settings
from app.texts import told
from tests.library.released import KILLS, RELEASES, Released, copied, unpack

pytestmark = pytest.mark.slow

_FORK = multiprocessing.get_context("fork")


@pytest.fixture(params=RELEASES)
def released(request: pytest.FixtureRequest, tmp_path: Path) -> Released:
    return unpack(request.param, tmp_path / "released")


def dump(database: Path) -> list[str]:
    """Everything in a database, as SQL."""
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        return list(connection.iterdump())


def schema_noted(database: Path) -> int:
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        (found,) = connection.execute("SELECT schema_version FROM meta").fetchone()
        return int(found)


def differences(settings: Settings) -> list[object]:
    """What keeps the tables of a database from being those of `app.library.tables`."""
    engine = open_database(settings)
    with engine.connect() as connection, connection.begin():
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        found = list(compare_metadata(context, Table.metadata))
    engine.dispose()
    return found


def at(data: Path) -> Settings:
    return Settings(_env_file=None, data=data)  # type: ignore[call-arg]


def test_a_library_of_every_release_is_upgraded_to_what_a_new_one_has(
    released: Released, tmp_path: Path
) -> None:
    before = dump(released.database)
    assert schema_noted(released.database) < SCHEMA_VERSION
    assert differences(at(released.data)) == []
    assert schema_noted(released.database) == SCHEMA_VERSION
    assert differences(at(tmp_path / "new")) == []
    rows = {line for line in before if line.startswith("INSERT")}
    assert len(rows) > 30
    with closing(open_library(at(released.data))) as library:
        assert {row.id for row in library.documents("default")} == {
            row["id"] for row in released.seen["documents"]
        }


def test_the_copy_is_the_library_as_it_was_and_leads_back(released: Released) -> None:
    before, found = dump(released.database), schema_noted(released.database)
    open_database(at(released.data)).dispose()
    (copy,) = (released.data / upgrade.COPIES).iterdir()
    assert copy.name == f"library-schema-{found}.sqlite3"
    assert dump(copy) == before
    assert (copy.stat().st_mode & 0o077, copy.parent.stat().st_mode & 0o077) == (0, 0)
    # As docs/upgrading.md says to do it.
    for name in ("library.sqlite3-wal", "library.sqlite3-shm"):
        (released.data / name).unlink(missing_ok=True)
    copy.replace(released.database)
    assert dump(released.database) == before
    assert schema_noted(released.database) == found
    assert differences(at(released.data)) == []  # and forward once more


def test_a_backup_of_every_release_is_restored_and_upgraded(
    released: Released, tmp_path: Path
) -> None:
    restore_archive(released.backup, tmp_path / "restored")
    assert schema_noted(tmp_path / "restored" / "library.sqlite3") == SCHEMA_VERSION
    assert not (tmp_path / "restored" / upgrade.COPIES).exists()
    assert differences(at(tmp_path / "restored")) == []
    with closing(open_library(at(tmp_path / "restored"))) as library:
        assert len(library.documents("default")) == len(released.seen["documents"])


def test_a_database_whose_making_was_cut_short_by_the_first_release_is_finished(
    tmp_path: Path,
) -> None:
    released = unpack("0.1.0", tmp_path / "released")
    with closing(sqlite3.connect(released.database)) as connection:
        connection.execute("DELETE FROM meta")
        connection.commit()
    assert differences(at(released.data)) == []
    assert schema_noted(released.database) == SCHEMA_VERSION


def test_a_newer_schema_is_refused_and_left_alone(tmp_path: Path) -> None:
    engine = open_database(at(tmp_path / "data"))
    with writing(engine) as session:
        session.execute(update(Meta).values(schema_version=SCHEMA_VERSION + 1))
    engine.dispose()
    before = dump(tmp_path / "data" / "library.sqlite3")
    with pytest.raises(LibraryTooNew, match=f"{SCHEMA_VERSION + 1}; {SCHEMA_VERSION}") as caught:
        open_database(at(tmp_path / "data"))
    assert "before-upgrade" in told(caught.value, "zh").hint
    assert dump(tmp_path / "data" / "library.sqlite3") == before


@pytest.mark.parametrize("lock", ["locks/default.lock", "index/.lock"])
def test_nothing_is_upgraded_under_a_sync_or_a_server_of_the_earlier_release(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lock: str
) -> None:
    released = unpack("0.1.0", tmp_path / "released")
    before = dump(released.database)
    (released.data / lock).parent.mkdir(exist_ok=True)
    engine = open_sqlite(released.database)
    with FileLock(released.data / lock), pytest.raises(UpgradeBlocked):
        upgrade.bring_up_to_date(engine, released.data, wait=0.2)
    engine.dispose()
    assert dump(released.database) == before
    assert not (released.data / upgrade.COPIES).exists()
    open_database(at(released.data)).dispose()


def test_no_room_for_the_copy_is_told_and_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    released = unpack("0.1.0", tmp_path / "released")
    before = dump(released.database)

    def full(source: Path, target: Path) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(upgrade, "copy_sqlite", full)
    with pytest.raises(DiskFull):
        open_database(at(released.data))
    assert dump(released.database) == before


def test_processes_that_start_at_once_upgrade_once(tmp_path: Path) -> None:
    for number, data in enumerate((tmp_path / "new", unpack("0.1.0", tmp_path / "old").data)):
        found: list[str] = []

        def start(data: Path = data, found: list[str] = found) -> None:
            open_database(at(data), found.append).dispose()

        threads = [threading.Thread(target=start) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert found.count("upgraded") == number
        assert differences(at(data)) == []


# --- kills --------------------------------------------------------------------------------


def killed(
    work: Callable[[Callable[[str], None]], None], boundary: int | None, after: float | None
) -> bool:
    """Run `work` in a process that is killed before its step `boundary`, or `after` seconds; False
    when it had ended by then."""
    started = _FORK.Event()

    def child() -> None:
        steps = itertools.count()

        def on_step(_: str) -> None:
            if next(steps) == boundary:
                os.kill(os.getpid(), signal.SIGKILL)

        started.set()
        work(on_step)

    process = _FORK.Process(target=child)
    process.start()
    if after is not None:
        started.wait()
        time.sleep(after)
        process.kill()
    process.join()
    return process.exitcode == -signal.SIGKILL


def _whole(data: Path, old: list[str], new: list[str]) -> None:
    """The database is wholly the old or the new one; the copy, if there is one, wholly the old."""
    assert dump(data / "library.sqlite3") in (old, new)
    for copy in (data / upgrade.COPIES).glob("*.sqlite3"):
        assert dump(copy) == old


@pytest.fixture
def versions(tmp_path: Path) -> tuple[Released, list[str], list[str], float]:
    """The library of schema 1, its content, that of the upgraded one, and how long it takes."""
    start = unpack("0.1.0", tmp_path / "start")
    old = dump(start.database)
    done = copied(start, tmp_path / "done")
    began = time.perf_counter()
    open_database(at(done.data)).dispose()
    return start, old, dump(done.database), time.perf_counter() - began


@pytest.mark.slow
def test_an_upgrade_that_is_killed_leaves_the_old_library_or_the_new_one(
    versions: tuple[Released, list[str], list[str], float], tmp_path: Path
) -> None:
    start, old, new, seconds = versions
    rng = random.Random(11)
    kills = 0
    boundaries: list[tuple[int | None, float | None]] = [(number, None) for number in range(5)]
    for boundary, after in itertools.chain(
        boundaries, ((None, rng.uniform(0, seconds)) for _ in range(10 * KILLS))
    ):
        place = copied(start, tmp_path / "place")
        kills += killed(
            lambda on_step, data=place.data: open_database(at(data), on_step).dispose(),  # type: ignore[misc]
            boundary,
            after,
        )
        _whole(place.data, old, new)
        open_database(at(place.data)).dispose()
        assert dump(place.database) == new
        assert not list((place.data / upgrade.COPIES).glob(".*"))
        if kills >= KILLS + len(boundaries):
            break
    assert kills >= KILLS + len(boundaries)


def test_what_documents_said_of_groups_before_limits_them(tmp_path: Path) -> None:
    released = unpack("0.1.0", tmp_path / "released")
    with closing(sqlite3.connect(released.database)) as connection:
        [first, second, *_] = connection.execute("SELECT id, source FROM documents ORDER BY source")
        change = "UPDATE documents SET properties = ?, source = ? WHERE id = ?"
        connection.execute(change, ('{"Groups": "b, a", "tags": ["t"]}', "file:///m.eml", first[0]))
        connection.execute(change, ('{"access": ["c"]}', "file:///m.eml//!/inner.txt", second[0]))
        connection.commit()
    with closing(open_library(at(released.data))) as library:
        limited = {row.id: row.access for row in library.limits.documents("default")}
        assert limited == {first[0]: (("a", "b"),), second[0]: (("a", "b"), ("c",))}
        # As it would be found today.
        with writing(library.engine) as session:
            assert refresh(session, "default") == {}
