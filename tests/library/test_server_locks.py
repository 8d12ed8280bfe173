"""Locks of a PostgreSQL server hold between processes and go with their connection."""

import os
import time
from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, create_engine, text

from app.errors import WriterBusy, WriterLockLost
from app.library import server_locks
from app.library.locks import all_writers
from app.library.server_locks import ServerLocks
from app.texts import told
from tests.library.postgres import PostgresServer, postgres  # noqa: F401

pytestmark = pytest.mark.slow


@pytest.fixture
def engine(postgres: PostgresServer) -> Iterator[Engine]:  # noqa: F811
    made = create_engine(postgres.new_database())
    yield made
    made.dispose()


def end_connections(engine: Engine, name: str) -> None:
    """As the server does when it is restarted, or a machine is cut off."""
    with engine.begin() as connection:
        connection.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND application_name LIKE :name"
            ),
            {"name": name},
        )


def test_one_writes_to_a_knowledge_base_and_another_is_told_who(engine: Engine) -> None:
    here, there = ServerLocks(engine), ServerLocks(engine)
    with here.writer("a") as held:
        held()
        with pytest.raises(WriterBusy) as refused, there.writer("a"):
            pass
        assert refused.value.params["kb"] == "a"
        assert f"process {os.getpid()} on " in told(refused.value, "en").message
        assert there.is_written("a")
        with there.writer("b"):
            pass
    assert not there.is_written("a")
    with there.writer("a"):
        pass


def test_all_are_let_go_when_one_is_taken(engine: Engine) -> None:
    here, there = ServerLocks(engine), ServerLocks(engine)
    with here.writer("b"):
        with pytest.raises(WriterBusy), all_writers(there, ["b", "a"], 0.0):
            pass
        with here.writer("a"):
            pass


def test_a_writer_learns_that_its_lock_was_lost(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server_locks, "_ASK_SECONDS", 0.0)
    here, there = ServerLocks(engine), ServerLocks(engine)
    with here.writer("a") as held:
        held()
        end_connections(engine, "groundkb %")
        with there.writer("a"):
            pass
        for _ in range(2):
            with pytest.raises(WriterLockLost):
                held()


def test_a_worker_is_gone_once_its_connection_is(engine: Engine) -> None:
    here, there = ServerLocks(engine), ServerLocks(engine)
    presence = here.presence("one")
    assert there.is_gone("one")
    presence.appear()
    assert not there.is_gone("one")
    end_connections(engine, "groundkb %")
    deadline = time.monotonic() + 5
    while not there.is_gone("one"):
        assert time.monotonic() < deadline
    presence.appear()  # it notices, and is there again
    assert not there.is_gone("one")
    presence.leave()
    assert there.is_gone("one")


def test_many_locks_take_one_connection(engine: Engine) -> None:
    here, there = ServerLocks(engine), ServerLocks(engine)
    kbs = [f"kb-{number}" for number in range(60)]  # more than the server takes connections
    with all_writers(here, kbs, 0.0):
        assert all(there.is_written(kb) for kb in kbs)
        with engine.begin() as connection:
            held = connection.scalar(
                text(
                    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                    " AND application_name LIKE 'groundkb %'"
                )
            )
        assert held == 1
    assert not any(there.is_written(kb) for kb in kbs)


def test_a_process_has_a_lock_once_whatever_its_connection_may(engine: Engine) -> None:
    locks = ServerLocks(engine)
    with locks.writer("a") as held, locks.writer("b"):
        with pytest.raises(WriterBusy), locks.writer("a"):
            pass
        assert locks.is_written("a")
        held()
    assert not locks.is_written("a")


def test_what_was_lost_is_not_taken_for_what_was_taken_since(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server_locks, "_ASK_SECONDS", 0.0)
    locks = ServerLocks(engine)
    with locks.writer("a") as lost:
        end_connections(engine, "groundkb %")
        with locks.writer("b") as later, locks.writer("a") as again:
            with pytest.raises(WriterLockLost):
                lost()
            later()
            again()
    assert not locks.is_written("a")
    # Letting go of the lost one took nothing from another.
    with locks.writer("a") as held, locks.writer("b"):
        end_connections(engine, "groundkb %")
        with pytest.raises(WriterLockLost):
            held()
