"""Opening the library database."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from app.errors import DiskFull, GroundkbError, LibraryBusy, LibraryUnavailable, RestoreUnfinished
from app.library.archive import DATABASE, unfinished_restore
from app.library.disk import is_full
from app.library.tables import SCHEMA_VERSION, Meta, Table
from app.settings import Settings

LOCK_WAIT_SECONDS = 15


def open_database(settings: Settings) -> Engine:
    """Connect, make the tables that are missing, check the schema.

    Raises LibraryUnavailable, LibraryBusy and DiskFull, as `reading` and `writing` do.
    """
    try:
        if settings.database_url:
            engine = create_engine(
                settings.database_url, isolation_level="REPEATABLE READ", pool_pre_ping=True
            )
        else:
            if unfinished_restore(settings.data):
                raise RestoreUnfinished(path=settings.data)
            settings.data.mkdir(parents=True, exist_ok=True)
            engine = _open_sqlite(str(settings.data / DATABASE))
        Table.metadata.create_all(engine)
        with Session(engine) as session, session.begin():
            meta = session.scalar(select(Meta))
            if meta is None:
                session.add(Meta(id=1, schema_version=SCHEMA_VERSION))
            elif meta.schema_version != SCHEMA_VERSION:
                raise LibraryUnavailable(
                    detail=f"its schema is version {meta.schema_version}, this groundkb needs {SCHEMA_VERSION}"
                )
    except (SQLAlchemyError, OSError, ImportError) as error:
        # ImportError: the URL names a database whose driver is not installed.
        raise _named(error) from error
    return engine


def _open_sqlite(path: str) -> Engine:
    engine = create_engine(
        f"sqlite:///{path}", connect_args={"timeout": LOCK_WAIT_SECONDS, "check_same_thread": False}
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
        raise _named(error) from error


@contextmanager
def writing(engine: Engine) -> Iterator[Session]:
    """One transaction, committed at the end of the block.

    Raises LibraryUnavailable, DiskFull, and LibraryBusy when another process has held the
    write lock for LOCK_WAIT_SECONDS; nothing of the block is stored then.
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
        raise _named(error) from error


def _named(error: BaseException) -> GroundkbError:
    """The error of ours for one of the database's."""
    original = getattr(error, "orig", None) or error
    if is_full(original):
        return DiskFull(path="the library database")
    if getattr(original, "sqlite_errorname", "").startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return LibraryBusy(seconds=LOCK_WAIT_SECONDS)
    return LibraryUnavailable(detail=describe(error))


def describe(error: BaseException) -> str:
    """The driver's own words, without SQL text and parameters (which may hold document text)."""
    original = getattr(error, "orig", None)
    return str(original if original is not None else error).splitlines()[0]
