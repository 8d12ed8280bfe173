"""Who did what: rows that are only ever added, and go by age alone."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Literal
from uuid import uuid4

from sqlalchemy import Engine, delete, select

from app.library.database import reading, writing
from app.library.tables import AuditEntry, now

Action = Literal[
    "asked",
    "read",
    "uploaded",
    "deleted",
    "restored",
    "changed",
    "limited",
    "administered",
    "signed_in",
    "sign_in_failed",
    "signed_out",
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
    """Methods are safe to call from several threads and processes; they raise LibraryUnavailable."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(self, action: Action, who: str, **more: str) -> None:
        """Note something; `more` are fields of AuditRow."""
        row = AuditRow(now(), action, who[:100], **more)
        values = {field.name: getattr(row, field.name) for field in fields(AuditRow)}
        with writing(self._engine) as session:
            session.add(AuditEntry(id=str(uuid4()), **values))

    def find(
        self,
        *,
        since: datetime | None = None,
        who: str | None = None,
        actions: Sequence[Action] = (),
        limit: int | None = None,
        offset: int = 0,
    ) -> list[AuditRow]:
        """The newest first."""
        query = select(AuditEntry).order_by(AuditEntry.at.desc(), AuditEntry.id)
        if since is not None:
            query = query.where(AuditEntry.at >= since)
        if who is not None:
            query = query.where(AuditEntry.who == who)
        if actions:
            query = query.where(AuditEntry.action.in_(actions))
        with reading(self._engine) as session:
            rows = session.scalars(query.limit(limit).offset(offset))
            return [
                AuditRow(**{field.name: getattr(row, field.name) for field in fields(AuditRow)})
                for row in rows
            ]

    def purge(self, before: datetime) -> None:
        """Forget what is older."""
        with writing(self._engine) as session:
            session.execute(delete(AuditEntry).where(AuditEntry.at < before))
