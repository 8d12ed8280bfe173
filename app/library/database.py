"""Opening the library database."""

import random
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import Final, ParamSpec, TypeVar

from sqlalchemy import Connection, Engine, create_engine, make_url
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from app.errors import (
    DatabaseDriverMissing,
    DiskFull,
    GroundkbError,
    LibraryBusy,
    LibraryConflict,
    LibraryFailed,
    Phrase,
    RestoreUnfinished,
)
from app.library.archive import DATABASE, unfinished_restore
from app.library.belonging import require_own
from app.library.disk import has_room_beside, is_full
from app.library.private import close_files, private_file, private_folder
from app.library.sqlite import describe, open_sqlite
from app.library.upgrade import OnStep, bring_up_to_date
from app.settings import Settings

LOCK_WAIT_SECONDS = 15
# PostgreSQL's for a transaction that another one came in the way of: it changed the same rows, or each waits
# for the other.
_CONFLICTS: Final = ("40001", "40P01")
_TRIES: Final = 8  # of a transaction that is `repeated`
P = ParamSpec("P")
T = TypeVar("T")
# SQLite's names for errors of which it does not say that the disk is full.
_NO_NUMBER = ("SQLITE_IOERR", "SQLITE_CANTOPEN")


def open_database(settings: Settings, on_step: OnStep = lambda _: None) -> Engine:
    """Connect, make the tables of a new database, upgrade an earlier release's.

    Raises LibraryTooNew, UpgradeBlocked, DatabaseDriverMissing, DatabaseOfAnotherFolder, and LibraryUnavailable,
    LibraryBusy and DiskFull, as `reading` and `writing` do.
    """
    engine = None
    try:
        if settings.database_url:
            engine = _open_url(settings.database_url)
        else:
            if unfinished_restore(settings.data):
                raise RestoreUnfinished(path=settings.data)
            private_folder(settings.data)
            database = settings.data / DATABASE
            private_file(database)  # SQLite gives the same mode to the files that it puts beside
            close_files(*(Path(f"{database}{end}") for end in ("-wal", "-shm")))
            engine = open_sqlite(settings.data / DATABASE, LOCK_WAIT_SECONDS)
        bring_up_to_date(engine, settings.data, on_step)
        if settings.database_url and settings.qdrant_url is None:
            require_own(engine, settings.data)
    except BaseException as error:
        if engine is not None:
            engine.dispose()
        if isinstance(error, ModuleNotFoundError):
            raise DatabaseDriverMissing(module=str(error.name)) from error
        if isinstance(error, SQLAlchemyError | sqlite3.Error | OSError | ImportError):
            raise _named(error, engine) from error
        raise
    return engine


def _open_url(text: str) -> Engine:
    url = make_url(text)
    if url.get_backend_name() == "sqlite" and url.database:
        return open_sqlite(Path(url.database), LOCK_WAIT_SECONDS)
    return create_engine(url, isolation_level="REPEATABLE READ", pool_pre_ping=True)


@contextmanager
def reading(engine: Engine) -> Iterator[Session]:
    """One consistent snapshot. Raises LibraryUnavailable and LibraryBusy."""
    with viewing(engine) as connection, Session(connection, expire_on_commit=False) as session:
        yield session


@contextmanager
def viewing(engine: Engine) -> Iterator[Connection]:
    """As `reading`, for plain rows: without the objects of a session, hence faster."""
    try:
        with engine.begin() as connection:
            yield connection
    except SQLAlchemyError as error:
        raise _named(error, engine) from error


@contextmanager
def writing(engine: Engine) -> Iterator[Session]:
    """One transaction, committed at the end of the block.

    Raises LibraryUnavailable, DiskFull, LibraryBusy when another process has held the write lock for
    LOCK_WAIT_SECONDS, and LibraryConflict when another changed the same (see `repeated`); nothing of the block
    is stored then.
    """
    try:
        with (
            engine.connect().execution_options(writing=True) as connection,
            Session(connection, expire_on_commit=False) as session,
            session.begin(),
        ):
            session.connection()  # begins now, not at the first statement: see _begin
            yield session
    except SQLAlchemyError as error:
        raise _named(error, engine) from error


def repeated(work: Callable[P, T]) -> Callable[P, T]:
    """For what is one transaction and nothing besides: done again when another process changed the same rows
    at the same moment, which PostgreSQL refuses to whoever comes second. Also one that was killed: what it had
    sent may come to its end after its locks are gone."""

    @wraps(work)
    def until_alone(*args: P.args, **kwargs: P.kwargs) -> T:
        tried = 1
        while True:
            try:
                return work(*args, **kwargs)
            except LibraryConflict:
                if tried == _TRIES:
                    raise
            time.sleep(random.uniform(0.0, 0.01 * 2**tried))  # noqa: S311  for spreading
            tried += 1

    return until_alone


def _named(error: BaseException, engine: Engine | None) -> GroundkbError:
    """The error of ours for one of the database's."""
    original = getattr(error, "orig", None) or error
    if is_full(original):
        return DiskFull(path=Phrase("the_database"))
    if getattr(original, "sqlstate", None) in _CONFLICTS:
        return LibraryConflict()
    name = getattr(original, "sqlite_errorname", "")
    if name.startswith(_NO_NUMBER) and engine is not None and engine.url.database:
        file = Path(engine.url.database)
        if not has_room_beside(file, file.with_name(f"{file.name}-wal")):
            return DiskFull(path=Phrase("the_database"))
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return LibraryBusy(seconds=LOCK_WAIT_SECONDS)
    return LibraryFailed(detail=describe(error))
