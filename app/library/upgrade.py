"""Bringing a database to the schema that this program works with.

All steps of an upgrade are one transaction, so that a process that is killed leaves the old
schema or the new one. An SQLite file is copied first, with the write lock held, into
`<data>/before-upgrade/`: that copy is the way back (docs/upgrading.md).
"""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

import structlog
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from filelock import FileLock, Timeout
from sqlalchemy import Connection, Engine, insert, inspect, select, text, update

from app.errors import LibraryTooNew, Phrase, UpgradeBlocked, WriterBusy
from app.library.disk import flush
from app.library.locks import FileLocks, all_writers, locks_of
from app.library.migrations import FIRST_SCHEMA, SCHEMA_VERSION, STEPS
from app.library.private import private_file, private_folder
from app.library.sqlite import copy_sqlite, open_sqlite
from app.library.tables import KnowledgeBase, Meta, Table

log = structlog.get_logger(__name__)

COPIES: Final = "before-upgrade"
WAIT_SECONDS: Final = 15.0
_LOOK_SECONDS: Final = 0.1
# Of the lock for making and upgrading a database; no knowledge base can have this name.
_UPGRADE: Final = "@upgrade"
# The embedded index's: a server of any version holds it while it runs.
_INDEX_LOCK: Final = Path("index") / ".lock"
_ADVISORY_LOCK: Final = 0x67726B62  # 'grkb': PostgreSQL names such locks by a number
OnStep = Callable[[str], None]


def bring_up_to_date(
    engine: Engine, data: Path, on_step: OnStep = lambda _: None, wait: float = WAIT_SECONDS
) -> None:
    """Make the tables in an empty database; upgrade one of an earlier release.

    Raises LibraryTooNew; UpgradeBlocked when another process has used the library for `wait`
    seconds; and errors of the database, the driver and the disk, with nothing changed.
    """
    if _is_present(schema_of(engine)):
        return
    with _alone(engine, data, wait), ExitStack() as locks:
        found = schema_of(engine)
        if _is_present(found):
            return  # another process has done it meanwhile
        if found is not None:
            _keep_out_writers(engine, data, wait, locks)
        with engine.connect().execution_options(writing=True) as connection, connection.begin():
            if found is None:
                Table.metadata.create_all(connection, checkfirst=False)
                connection.execute(insert(Meta).values(id=1, schema_version=SCHEMA_VERSION))
                return
            log.info("library_upgrade", schema=found, to=SCHEMA_VERSION)
            if engine.dialect.name == "sqlite":
                on_step("copy")
                kept = keep_copy(Path(str(engine.url.database)), data / COPIES, found)
                log.info("library_copied", path=str(kept))
            on_step("climb")
            climb(connection, found, on_step)
            on_step("commit")
        on_step("upgraded")


def upgrade_file(path: Path, on_step: OnStep = lambda _: None) -> None:
    """Upgrade an SQLite database that nobody else can have open, without a copy.

    Raises LibraryTooNew and errors of the database.
    """
    engine = open_sqlite(path)
    try:
        found = schema_of(engine)
        if found is not None and not _is_present(found):
            with engine.connect().execution_options(writing=True) as connection, connection.begin():
                climb(connection, found, on_step)
    finally:
        engine.dispose()


def schema_of(engine: Engine) -> int | None:
    """The schema that a database has; None for one without tables of ours."""
    with engine.connect() as connection, connection.begin():
        if not inspect(connection).has_table(Meta.__tablename__):
            return None
        # 0.1.0 made its tables and noted their schema in two steps, between which it may have
        # been killed.
        return connection.scalar(select(Meta.schema_version)) or FIRST_SCHEMA


def climb(connection: Connection, found: int, on_step: OnStep = lambda _: None) -> None:
    """Take the steps from schema `found` up to this program's, in the caller's transaction."""
    operations = Operations(MigrationContext.configure(connection))
    for step in STEPS[found - FIRST_SCHEMA :]:
        step(operations)
        on_step("step")
    noted = connection.execute(update(Meta).values(schema_version=SCHEMA_VERSION))
    if not noted.rowcount:
        connection.execute(insert(Meta).values(id=1, schema_version=SCHEMA_VERSION))


def keep_copy(database: Path, folder: Path, schema: int) -> Path:
    """A copy of what is committed, in `folder`, named by its schema; on disk on return. It takes
    the place of an earlier one. Raises sqlite3.Error and OSError."""
    private_folder(folder)
    target = folder / f"library-schema-{schema}.sqlite3"
    draft = folder / f".{target.name}.partial"
    draft.unlink(missing_ok=True)
    private_file(draft)
    copy_sqlite(database, draft)
    flush(draft)
    draft.replace(target)
    flush(folder)
    return target


def _is_present(found: int | None) -> bool:
    if found is not None and found > SCHEMA_VERSION:
        raise LibraryTooNew(found=found, known=SCHEMA_VERSION)
    return found == SCHEMA_VERSION


@contextmanager
def _alone(engine: Engine, data: Path, wait: float) -> Iterator[None]:
    """One process at a time makes or upgrades a database. A database on a server may have users
    on other machines: there a lock of the server's is held besides."""
    (data / "locks").mkdir(parents=True, exist_ok=True)
    with ExitStack() as held:
        _take(data / "locks" / f"{_UPGRADE}.lock", wait, held)
        if engine.dialect.name == "postgresql":
            _take_of_server(engine, wait, held)
        yield


def _take_of_server(engine: Engine, wait: float, held: ExitStack) -> None:
    session = held.enter_context(engine.connect().execution_options(isolation_level="AUTOCOMMIT"))
    end = time.monotonic() + wait
    while not session.scalar(text(f"SELECT pg_try_advisory_lock({_ADVISORY_LOCK})")):
        if time.monotonic() > end:
            raise UpgradeBlocked(owner=Phrase("owner_of_upgrade"))
        time.sleep(_LOOK_SECONDS)
    held.callback(lambda: session.execute(text(f"SELECT pg_advisory_unlock({_ADVISORY_LOCK})")))


def _keep_out_writers(engine: Engine, data: Path, wait: float, held: ExitStack) -> None:
    """Hold what a sync, a reindex or a server of an earlier release would hold."""
    with engine.connect() as connection, connection.begin():
        kbs = list(connection.scalars(select(KnowledgeBase.name)))
    try:
        held.enter_context(all_writers(locks_of(engine, data), kbs, wait))
        if engine.dialect.name == "postgresql":
            # Earlier releases hold locks of files, whatever the database.
            held.enter_context(all_writers(FileLocks(data), kbs, wait))
    except WriterBusy as error:
        raise UpgradeBlocked(owner=error.params["owner"]) from error
    if (data / _INDEX_LOCK).exists():
        _take(data / _INDEX_LOCK, wait, held)


def _take(path: Path, wait: float, held: ExitStack) -> None:
    try:
        held.enter_context(FileLock(path, timeout=wait))
    except Timeout:
        raise UpgradeBlocked(owner=Phrase("owner_of_lock", path=path)) from None
