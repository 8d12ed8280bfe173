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
