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
    """`app.library.locks.Locks` of all machines that use a database."""

    def __init__(self, engine: Engine) -> None:
        self._url = engine.url

    @contextmanager
    def writer(self, kb: str, wait: float = 0.0) -> Iterator["_Held"]:
        with self._holding(f"writer:{kb}", kb, wait) as held:
            yield held

    @contextmanager
    def names(self, kb: str) -> Iterator[None]:
        with self._holding(f"names:{kb}", kb, 60.0):
            yield

    def presence(self, worker: str) -> "ServerPresence":
        return ServerPresence(self, f"worker:{worker}")

    def is_written(self, kb: str) -> bool:
        return not self._is_free(f"writer:{kb}")

    def is_gone(self, worker: str) -> bool:
        return self._is_free(f"worker:{worker}")

    def _is_free(self, name: str) -> bool:
        connection = self.connect()
        try:
            return _took(connection, _key(name))
        except SQLAlchemyError as error:
            raise LibraryFailed(detail=str(error)) from error
        finally:
            _drop(connection)

    def connect(self) -> Connection:
        """A connection of its own, so that no pool keeps it, or the lock, when it is let go."""
        name = f"groundkb {socket.gethostname()[:24]} {os.getpid()}"
        engine = create_engine(
            self._url,
            poolclass=NullPool,
            isolation_level="AUTOCOMMIT",
            connect_args={"application_name": name, **_ALIVE},
        )
        try:
            return engine.connect()
        except SQLAlchemyError as error:
            raise LibraryFailed(detail=str(error)) from error

    @contextmanager
    def _holding(self, name: str, kb: str, wait: float) -> Iterator["_Held"]:
        connection, key = self.connect(), _key(name)
        end = time.monotonic() + wait
        try:
            try:
                while not _took(connection, key):
                    if time.monotonic() >= end:
                        raise WriterBusy(kb=kb, owner=_owner(connection, key))
                    time.sleep(_LOOK_SECONDS)
            except SQLAlchemyError as error:
                raise LibraryFailed(detail=str(error)) from error
            yield _Held(connection, kb)
        finally:
            _drop(connection)


class _Held:
    """See app.library.locks.Held. May be called in several threads."""

    def __init__(self, connection: Connection, kb: str) -> None:
        self._connection, self._kb = connection, kb
        self._lock = Lock()
        self._asked = time.monotonic()
        self._lost = False

    def __call__(self) -> None:
        with self._lock:
            if not self._lost and time.monotonic() - self._asked >= _ASK_SECONDS:
                self._lost = not _lives(self._connection)
                self._asked = time.monotonic()
            if self._lost:
                raise WriterLockLost(kb=self._kb)


class ServerPresence:
    """See app.library.locks.Presence."""

    def __init__(self, locks: ServerLocks, name: str) -> None:
        self._locks, self._key = locks, _key(name)
        self._connection: Connection | None = None

    def appear(self) -> None:
        if self._connection is not None:
            if _lives(self._connection):
                return
            self.leave()
        connection = self._locks.connect()
        try:
            # Somebody may be trying at this moment whether it is gone.
            connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": self._key})
        except SQLAlchemyError as error:
            _drop(connection)
            raise LibraryFailed(detail=str(error)) from error
        self._connection = connection

    def leave(self) -> None:
        if self._connection is not None:
            _drop(self._connection)
            self._connection = None


def _key(name: str) -> int:
    """The 64 bits by which PostgreSQL knows a lock."""
    digest = hashlib.sha256(f"groundkb {name}".encode()).digest()
    return int.from_bytes(digest[:8], "big", signed=True)


def _took(connection: Connection, key: int) -> bool:
    return bool(connection.scalar(text("SELECT pg_try_advisory_lock(:key)"), {"key": key}))


def _lives(connection: Connection) -> bool:
    try:
        return bool(connection.scalar(text("SELECT 1")))
    except SQLAlchemyError:
        return False


def _drop(connection: Connection) -> None:
    """Let go of it and its locks, whether it works or not."""
    engine = connection.engine
    connection.invalidate()
    connection.close()
    engine.dispose()


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
