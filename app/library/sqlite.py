"""The library database as an SQLite file."""

import sqlite3
from contextlib import closing, suppress
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Engine, create_engine, event

LOCK_WAIT_SECONDS: Final = 15


def open_sqlite(path: Path, lock_wait: float = LOCK_WAIT_SECONDS) -> Engine:
    """An engine whose transactions are one snapshot each; those with the execution option
    `writing` hold the write lock from the beginning. Nothing is opened yet."""
    engine = create_engine(
        f"sqlite:///{path}", connect_args={"timeout": lock_wait, "check_same_thread": False}
    )

    @event.listens_for(engine, "connect")
    def _configure(connection: Any, _record: Any) -> None:
        # The driver's own transaction handling is off, so that a read transaction is one:
        # otherwise it would begin only at the first write and reads would see several states.
        connection.isolation_level = None
        # SQLite's own knows the letters of ASCII alone.
        connection.create_function("lower", 1, _lower, deterministic=True)
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute("PRAGMA foreign_keys=ON")
        # What is deleted for good is not to be read in the file either.
        cursor.execute("PRAGMA secure_delete=ON")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        writing = connection.get_execution_options().get("writing", False)
        # IMMEDIATE takes the write lock at once: two writers wait for each other instead of
        # failing when both hold a read snapshot and want to upgrade.
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")

    return engine


def _lower(text: str | None) -> str | None:
    return None if text is None else text.lower()


def empty_log(engine: Engine) -> None:
    """Write the log into the file and empty it: it holds what rows were before they were deleted. Left for
    another time where somebody reads or writes for long, or the disk is full."""
    path = engine.url.database
    if path is not None:
        with (
            suppress(sqlite3.OperationalError),
            closing(sqlite3.connect(path, timeout=1.0)) as connection,
        ):
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()


def copy_sqlite(source: Path, target: Path) -> None:
    """Write what is committed in `source` into the new file `target`, by SQLite's online backup.

    `source` may be in use. Raises sqlite3.Error.
    """
    with (
        closing(sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True)) as original,
        closing(sqlite3.connect(target)) as copied,
    ):
        original.backup(copied)
        # One file: the copy has no log beside it.
        copied.execute("PRAGMA journal_mode=DELETE")


def describe(error: BaseException) -> str:
    """The driver's own words, without SQL text and parameters (which may hold document text)."""
    original = getattr(error, "orig", None)
    return str(original if original is not None else error).splitlines()[0]
