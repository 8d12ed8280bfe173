"""Registered sources: what is synced by schedule, or when somebody asks for it."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import Engine, delete, select
from sqlalchemy.orm import Session

from app.errors import KnowledgeBaseNotFound, SourceNotFound
from app.library.database import reading, repeated, writing
from app.library.stored import StoredRun, read
from app.library.tables import KnowledgeBase, Source, now


@dataclass(frozen=True)
class SourceRow:
    """A place that is synced.

    `location` is an absolute path or a URL. `schedule` is a crontab expression, read in
    `time_zone` (an IANA name), None: only on demand. `jitter`: each scheduled run begins up to
    so many seconds late, by chance. `next_run` is None without a schedule. `last_run` is the last
    job that ended; None also for one that cannot be read.
    """

    id: str
    kb: str
    location: str
    schedule: str | None
    time_zone: str
    jitter: int
    enabled: bool
    next_run: datetime | None
    last_run: StoredRun | None
    created_at: datetime


class Sources:
    """Methods are safe to call from several threads and processes; they raise LibraryUnavailable."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def all(self, kb: str | None = None) -> list[SourceRow]:
        """By location; of every knowledge base when `kb` is None."""
        query = select(Source).where(Source.deleted_at.is_(None))
        query = query.order_by(Source.kb, Source.location)
        with reading(self._engine) as session:
            rows = session.scalars(query if kb is None else query.where(Source.kb == kb))
            return [_row(row) for row in rows]

    def get(self, source_id: str) -> SourceRow:
        """Raises SourceNotFound."""
        with reading(self._engine) as session:
            return _row(_found(session, source_id))

    @repeated
    def put(self, kb: str, location: str, **values: Any) -> SourceRow:
        """Register a place, or change the one that is registered for `kb` and `location`. Raises
        KnowledgeBaseNotFound.
        `values` are fields of SourceRow."""
        with writing(self._engine) as session:
            if session.get(KnowledgeBase, kb) is None:
                raise KnowledgeBaseNotFound(name=kb)
            source = session.scalar(
                select(Source).where(Source.kb == kb, Source.location == location)
            )
            if source is None:
                source = Source(id=str(uuid4()), kb=kb, location=location)
                session.add(source)
            source.deleted_at = None
            _set(source, values)
            session.flush()
            return _row(source)

    @repeated
    def change(self, source_id: str, **values: Any) -> SourceRow:
        """Set fields of SourceRow. Raises SourceNotFound."""
        with writing(self._engine) as session:
            source = _found(session, source_id)
            _set(source, values)
            return _row(source)

    @repeated
    def remove(self, source_id: str) -> None:
        """Sync a place no more; its documents stay. Until `purge`, `restore` brings it back. Raises
        SourceNotFound."""
        with writing(self._engine) as session:
            _found(session, source_id).deleted_at = now()

    @repeated
    def restore(self, source_id: str) -> SourceRow:
        """Undo `remove`; one that is registered is no error. Raises SourceNotFound."""
        with writing(self._engine) as session:
            source = session.get(Source, source_id)
            if source is None:
                raise SourceNotFound(source=source_id)
            source.deleted_at = None
            return _row(source)

    @repeated
    def purge(self, before: datetime) -> None:
        """Forget for good what was removed before that."""
        with writing(self._engine) as session:
            session.execute(delete(Source).where(Source.deleted_at < before))

    def due(self, moment: datetime) -> list[SourceRow]:
        """Enabled sources whose time has come, the longest due first."""
        with reading(self._engine) as session:
            rows = session.scalars(
                select(Source)
                .where(
                    Source.enabled,
                    Source.deleted_at.is_(None),
                    Source.schedule.is_not(None),
                    Source.next_run <= moment,
                )
                .order_by(Source.next_run)
            )
            return [_row(row) for row in rows]

    @repeated
    def reschedule(self, source: SourceRow, next_run: datetime) -> bool:
        """Set when `source` runs next, unless somebody has done so since it was read: of several
        schedulers that see it due, one gets True."""
        with writing(self._engine) as session:
            row = session.scalar(select(Source).where(Source.id == source.id).with_for_update())
            if row is None or row.deleted_at or row.next_run != source.next_run:
                return False
            row.next_run = next_run
            return True


def _set(source: Source, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        setattr(source, name, value)


def _found(session: Session, source_id: str) -> Source:
    source = session.get(Source, source_id)
    if source is None or source.deleted_at is not None:
        raise SourceNotFound(source=source_id)
    return source


def _row(source: Source) -> SourceRow:
    columns = {field.name: getattr(source, field.name) for field in fields(SourceRow)}
    return SourceRow(**{**columns, "last_run": read(StoredRun, source.last_run)})
