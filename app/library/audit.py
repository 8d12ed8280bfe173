"""Who did what: rows that are only ever added, and go by age alone."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Literal
from uuid import uuid4

from sqlalchemy import Engine, delete, or_, select

from app.library.append_only import moment
from app.library.database import reading, repeated, writing
from app.library.tables import AuditEntry, now

Action = Literal[
    "asked",
    "read",
    "uploaded",
    "deleted",
    "restored",
    "changed",
    "limited",
    "granted",
    "shared",
    "administered",
    "signed_in",
    "sign_in_failed",
    "signed_out",
    "purged",
]


@dataclass(frozen=True)
class AuditRow:
    """`key` is the name of the API key in use, empty for a session; `object` what was acted on: ids,
    one behind the other; `detail` the request, or the question where these are noted."""

    at: datetime
    action: Action
    who: str
    key: str = ""
    address: str = ""
    kb: str = ""
    object: str = ""
    detail: str = ""


class Audit:
    """That rows are only added the database sees to itself (`app.library.append_only`).

    Methods are safe to call from several threads and processes; they raise LibraryUnavailable."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @repeated
    def add(self, action: Action, who: str, **more: str) -> None:
        """Note something; `more` are fields of AuditRow."""
        with writing(self._engine) as session:
            session.add(_entry(AuditRow(now(), action, who[:100], **more)))

    def find(
        self,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        who: str | None = None,
        actions: Sequence[Action] = (),
        kb: str | None = None,
        about: str | None = None,
        limit: int | None = None,
        offset: int = 0,
    ) -> list[AuditRow]:
        """The newest first. `about`: a part of what was acted on, or of the detail."""
        query = select(AuditEntry).order_by(AuditEntry.at.desc(), AuditEntry.id)
        if since is not None:
            query = query.where(AuditEntry.at >= since)
        if until is not None:
            query = query.where(AuditEntry.at < until)
        if who is not None:
            query = query.where(AuditEntry.who == who)
        if kb is not None:
            query = query.where(AuditEntry.kb == kb)
        if about:
            found = [
                column.icontains(about, autoescape=True)
                for column in (AuditEntry.object, AuditEntry.detail)
            ]
            query = query.where(or_(*found))
        if actions:
            query = query.where(AuditEntry.action.in_(actions))
        with reading(self._engine) as session:
            rows = session.scalars(query.limit(limit).offset(offset))
            return [
                AuditRow(**{field.name: getattr(row, field.name) for field in fields(AuditRow)})
                for row in rows
            ]

    @repeated
    def purge(self, before: datetime) -> None:
        """Forget what is older, and note that."""
        older = AuditEntry.at < before
        with writing(self._engine) as session:
            # Where nothing but such notes is old there is nothing to note.
            wanted = select(AuditEntry.id).where(older, AuditEntry.action != "purged")
            if session.scalar(wanted.limit(1)) is None:
                return
            note = AuditRow(now(), "purged", "retention", detail=moment(before.isoformat()))
            entry = _entry(note)
            session.add(entry)
            session.flush()
            session.execute(delete(AuditEntry).where(older, AuditEntry.id != entry.id))


def _entry(row: AuditRow) -> AuditEntry:
    values = {field.name: getattr(row, field.name) for field in fields(AuditRow)}
    return AuditEntry(id=str(uuid4()), **values)
