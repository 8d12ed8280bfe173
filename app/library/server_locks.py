"""Advisory locks of a PostgreSQL server: they go with the connection that holds them."""

import hashlib
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC
from threading import Lock
from typing import Final

from sqlalchemy import Connection, Engine, NullPool, create_engine, text
from sqlalchemy.exc import SQLAlchemyError

from app.errors import LibraryFailed, Phrase, WriterBusy, WriterLockLost

_LOOK_SECONDS: Final = 0.2
_TRY_SECONDS: Final = 0.02
_TAKE: Final = "SELECT pg_try_advisory_lock(:key)"
_GIVE: Final = "SELECT pg_advisory_unlock(:key)"
# A holder asks whether it has the lock still, at most so often.
_ASK_SECONDS: Final = 1.0
# A machine that was switched off lets go of its locks after some 30 seconds.
_ALIVE: Final = {
    "keepalives": 1,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 4,
    "connect_timeout": 10,
}


def require_nothing() -> None:
    """A lock that nobody can take away."""


class ServerLocks:
    """`app.library.locks.Locks` of all machines that use a database.

    One connection of this process holds all of them, however many knowledge bases it writes to. It is there
    while there is a lock to hold.
    """

    def __init__(self, engine: Engine) -> None:
        self._session = _Session(engine)

    @contextmanager
    def writer(self, kb: str, wait: float = 0.0) -> Iterator["_Held"]:
        with self._holding(f"writer:{kb}", kb, wait) as held:
            yield held

    @contextmanager
    def names(self, kb: str) -> Iterator[None]:
        with self._holding(f"names:{kb}", kb, 60.0):
            yield

    def presence(self, worker: str) -> "ServerPresence":
        return ServerPresence(self._session, _key(f"worker:{worker}"))

    def is_written(self, kb: str) -> bool:
        return not self._session.is_free(_key(f"writer:{kb}"))

    def is_gone(self, worker: str) -> bool:
        return self._session.is_free(_key(f"worker:{worker}"))

    @contextmanager
    def _holding(self, name: str, kb: str, wait: float) -> Iterator["_Held"]:
        session, key = self._session, _key(name)
        end = time.monotonic() + wait
        while (connection := session.take(key)) is None:
            if time.monotonic() >= end:
                raise WriterBusy(kb=kb, owner=session.owner(key))
            time.sleep(_LOOK_SECONDS)
        try:
            yield _Held(session, connection, kb)
        finally:
            session.give(key, connection)


class _Session:
    """The connection that holds the locks of this process, and which these are. May be used in several
    threads. A lock is known by its key and the connection that it was taken on: when that one is
    lost, so is the lock. Raises LibraryFailed."""

    def __init__(self, engine: Engine) -> None:
        self._url = engine.url
        self._alone = Lock()
        self._connection: Connection | None = None
        self._keys: set[int] = set()  # held on it: the server lets one session take a lock twice

    def take(self, key: int) -> Connection | None:
        """On which connection the lock is held from now on; None: somebody else has it."""
        with self._alone:
            if key in self._keys and self._lives():
                return None
            taken = self._asked(_TAKE, key)
            if taken:
                self._keys.add(key)
            elif not self._keys:
                self._drop()
            return self._connection if taken else None

    def give(self, key: int, connection: Connection) -> None:
        """Let go of it, if it was not lost meanwhile."""
        with self._alone:
            if self._connection is not connection:
                return
            self._keys.discard(key)
            try:
                # A server sees a while later that a connection was closed.
                connection.scalar(text(_GIVE), {"key": key})
            except SQLAlchemyError:
                self._drop()
            if not self._keys:
                self._drop()

    def holds(self, connection: Connection) -> bool:
        """Whether what was taken on it is held still."""
        with self._alone:
            return self._connection is connection and self._lives()

    def is_free(self, key: int) -> bool:
        """Nobody has the lock. It is taken for a moment to see that."""
        with self._alone:
            if key in self._keys and self._lives():
                return False
            free = self._asked(_TAKE, key)
            if free:
                self._asked(_GIVE, key)
            if not self._keys:
                self._drop()
            return free

    def owner(self, key: int) -> Phrase:
        """Which process has it, and since when it has any lock."""
        with self._alone:
            try:
                return _owner(self._opened(), key)
            except SQLAlchemyError as error:
                raise LibraryFailed(detail=str(error)) from error
            finally:
                if not self._keys:
                    self._drop()

    def _asked(self, query: str, key: int) -> bool:
        """What the server says; asked anew once where the connection was lost."""
        try:
            return bool(self._opened().scalar(text(query), {"key": key}))
        except SQLAlchemyError:
            self._drop()
        try:
            return bool(self._opened().scalar(text(query), {"key": key}))
        except SQLAlchemyError as error:
            self._drop()
            raise LibraryFailed(detail=str(error)) from error

    def _opened(self) -> Connection:
        """A connection of its own, so that no pool keeps it, or the locks, when it is let go."""
        if self._connection is None:
            name = f"groundkb {socket.gethostname()[:24]} {os.getpid()}"
            engine = create_engine(
                self._url,
                poolclass=NullPool,
                isolation_level="AUTOCOMMIT",
                connect_args={"application_name": name, **_ALIVE},
            )
            self._connection = engine.connect()
        return self._connection

    def _lives(self) -> bool:
        try:
            if self._connection is not None and self._connection.scalar(text("SELECT 1")):
                return True
        except SQLAlchemyError:
            pass
        self._drop()
        return False

    def _drop(self) -> None:
        """Let go of the connection and its locks, whether it works or not."""
        connection, self._connection = self._connection, None
        self._keys.clear()
        if connection is not None:
            engine = connection.engine
            connection.invalidate()
            connection.close()
            engine.dispose()


class _Held:
    """See app.library.locks.Held. May be called in several threads."""

    def __init__(self, session: _Session, connection: Connection, kb: str) -> None:
        self._session, self._connection, self._kb = session, connection, kb
        self._lock = Lock()
        self._asked = time.monotonic()
        self._lost = False

    def __call__(self) -> None:
        with self._lock:
            if not self._lost and time.monotonic() - self._asked >= _ASK_SECONDS:
                self._lost = not self._session.holds(self._connection)
                self._asked = time.monotonic()
            if self._lost:
                raise WriterLockLost(kb=self._kb)


class ServerPresence:
    """See app.library.locks.Presence."""

    def __init__(self, session: _Session, key: int) -> None:
        self._session, self._key = session, key
        self._connection: Connection | None = None

    def appear(self) -> None:
        if self._connection is not None and self._session.holds(self._connection):
            return
        # Somebody may be trying at this moment whether it is gone.
        while (connection := self._session.take(self._key)) is None:
            time.sleep(_TRY_SECONDS)
        self._connection = connection

    def leave(self) -> None:
        if self._connection is not None:
            self._session.give(self._key, self._connection)
            self._connection = None


def _key(name: str) -> int:
    """The 64 bits by which PostgreSQL knows a lock."""
    digest = hashlib.sha256(f"groundkb {name}".encode()).digest()
    return int.from_bytes(digest[:8], "big", signed=True)


def _owner(connection: Connection, key: int) -> Phrase:
    found = connection.execute(
        text(
            "SELECT a.application_name, a.backend_start FROM pg_locks l JOIN pg_stat_activity a USING (pid)"
            " WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1"
            " AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())"
            " AND l.classid = :high AND l.objid = :low"
        ),
        {"high": (key >> 32) & 0xFFFFFFFF, "low": key & 0xFFFFFFFF},
    ).first()
    parts = found.application_name.split() if found else []
    if found is None or len(parts) != 3:
        return Phrase("owner_unknown")
    since = found.backend_start.astimezone(UTC).isoformat(timespec="seconds")
    return Phrase("process_since", pid=int(parts[2]), host=parts[1], since=since)
