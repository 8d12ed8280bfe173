"""The same upgrades on PostgreSQL, whose schema changes are transactions as well."""

import itertools
import multiprocessing
import os
import random
import signal
import sys
import threading
import time
from contextlib import closing
from multiprocessing.synchronize import Event
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine

from app.answering.retrieve import retrieve
from app.errors import DatabaseDriverMissing, DatabaseOfAnotherFolder, LibraryTooNew
from app.library import upgrade
from app.library.database import open_database
from app.library.jobs import FINISHED, NewJob
from app.library.library import open_library
from app.library.migrations import SCHEMA_VERSION
from app.library.tables import Table
from app.runtime import open_storage
from app.settings import Settings
from ingest.report import SyncRequest
from tests.conftest import BigramEmbedder
from tests.library.postgres import PostgresServer
from tests.library.released import KILLS, database_dumps

pytestmark = pytest.mark.slow

DUMPS = database_dumps()


@pytest.fixture(params=sorted(DUMPS))
def old(request: pytest.FixtureRequest, postgres: PostgresServer) -> str:
    """The URL of a database as a release left it."""
    url = postgres.new_database()
    postgres.sql(name_of(url), DUMPS[request.param])
    return url


def name_of(url: str) -> str:
    return url.rpartition("/")[2]


def at(data: Path, url: str, **more: object) -> Settings:
    return Settings(_env_file=None, data=data, database_url=url, **more)  # type: ignore[call-arg, arg-type]


def beside_others(data: Path, url: str) -> Settings:
    """As a machine sets it that shares database and index with others."""
    return at(data, url, qdrant_url="http://127.0.0.1:1")


def differences(engine: Engine) -> list[object]:
    with engine.connect() as connection, connection.begin():
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, Table.metadata))


def test_the_library_of_every_release_is_upgraded(
    old: str, tmp_path: Path, postgres: PostgresServer
) -> None:
    library = open_library(at(tmp_path, old))
    assert differences(library.engine) == []
    assert len(library.documents("default")) == 10
    assert [row.status for row in library.jobs.latest("default", 10)].count("failed") == 2
    [*_, turn] = library.conversations.get(library.conversations.find()[0][1].id)[1]
    assert turn.answer is not None
    library.close()
    assert not (tmp_path / upgrade.COPIES).exists()  # pg_dump is the operator's
    assert postgres.sql(name_of(old), "SELECT schema_version FROM meta").strip() == str(
        SCHEMA_VERSION
    )


def test_a_new_database_has_the_tables_of_the_models(
    postgres: PostgresServer, tmp_path: Path
) -> None:
    engine = open_database(at(tmp_path, postgres.new_database()))
    assert differences(engine) == []
    engine.dispose()


def test_a_newer_schema_is_refused(old: str, tmp_path: Path, postgres: PostgresServer) -> None:
    postgres.sql(name_of(old), "UPDATE meta SET schema_version = 99")
    with pytest.raises(LibraryTooNew):
        open_database(at(tmp_path, old))


def test_machines_that_start_at_once_upgrade_once(
    old: str, tmp_path: Path, postgres: PostgresServer
) -> None:
    for url, times in ((old, 1), (postgres.new_database(), 0)):
        found: list[str] = []

        def start(number: int, url: str = url, found: list[str] = found) -> None:
            # A folder each: only the server's lock keeps them apart.
            open_database(beside_others(tmp_path / str(number), url), found.append).dispose()

        threads = [threading.Thread(target=start, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert found.count("upgraded") == times
        engine = open_database(beside_others(tmp_path, url))
        assert differences(engine) == []
        engine.dispose()


def upgrade_slowly(settings: Settings, boundary: int, started: Event) -> None:
    """Kills itself before the step `boundary`; rests at each, so that a kill from outside hits
    between any two."""
    steps = itertools.count()

    def on_step(_: str) -> None:
        if next(steps) == boundary:
            os.kill(os.getpid(), signal.SIGKILL)
        time.sleep(0.02)

    started.set()
    open_database(settings, on_step).dispose()


@pytest.mark.slow
def lines(dump: str) -> list[str]:
    """What a dump says: rows that an upgrade wrote again stand in no certain order."""
    return sorted(dump.splitlines())


def test_an_upgrade_that_is_killed_leaves_the_old_database_or_the_new_one(
    old: str, tmp_path: Path, postgres: PostgresServer
) -> None:
    before = postgres.dump(name_of(old))
    twin = postgres.new_database()
    postgres.sql(name_of(twin), before)
    open_database(beside_others(tmp_path, twin)).dispose()
    after = postgres.dump(name_of(twin))
    assert lines(before) != lines(after)
    fork = multiprocessing.get_context("fork")
    rng = random.Random(11)
    kills = 0
    for number in range(10 * KILLS):
        boundary = number if number < 3 else -1
        started = fork.Event()
        child = fork.Process(
            target=upgrade_slowly, args=(beside_others(tmp_path, old), boundary, started)
        )
        child.start()
        started.wait()
        if boundary < 0:
            time.sleep(rng.uniform(0, 0.2))
            child.kill()
        child.join()
        kills += child.exitcode == -signal.SIGKILL
        found = postgres.dump(name_of(old))
        assert lines(found) in (lines(before), lines(after)), number
        if lines(found) == lines(after):
            old = postgres.new_database()
            postgres.sql(name_of(old), before)
        if kills >= KILLS:
            break
    assert kills >= KILLS
    open_database(beside_others(tmp_path, old)).dispose()
    assert lines(postgres.dump(name_of(old))) == lines(after)


def test_an_upgraded_database_is_its_folders_own(old: str, tmp_path: Path) -> None:
    open_database(at(tmp_path / "one", old)).dispose()
    with pytest.raises(DatabaseOfAnotherFolder):
        open_database(at(tmp_path / "two", old))
    open_database(at(tmp_path / "one", old)).dispose()


def test_a_library_on_postgresql_is_filled_asked_and_worked_on(
    postgres: PostgresServer, tmp_path: Path, documents: Path, fake_embedder: BigramEmbedder
) -> None:
    settings = at(tmp_path / "data", postgres.new_database())
    with closing(open_storage(settings, fake_embedder)) as storage:
        report = storage.sync(SyncRequest((str(documents),), "default"), lambda _: None)
        assert (report.added, report.failed) == (3, ())
        found = retrieve(
            storage.library,
            storage.indexes.reading("default"),
            storage.sparse,
            "Which licence does DeepSeek use?",
            kb="default",
            limit=3,
        )
        assert "MIT" in found.hits[0].passage.text
        (documents / "memory.txt").unlink()
        storage.worker.start()
        job = storage.worker.add(NewJob("default", "sync", "x", {"roots": [str(documents)]}))
        end = time.monotonic() + 60
        while storage.library.jobs.get(job.id).status not in FINISHED:
            assert time.monotonic() < end
            time.sleep(0.05)
        assert storage.library.jobs.get(job.id).status == "done"
        assert len(storage.library.documents("default")) == 2


def test_without_the_driver_the_error_names_the_extra(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(DatabaseDriverMissing, match="psycopg"):
        open_database(at(tmp_path, "postgresql+psycopg://127.0.0.1/x"))
