"""What answers that are being made have told so far, for servers that do not make them.

Only where several servers share a database: one alone knows its answers itself. The server that makes
an answer keeps its events here as it goes, and looks here whether somebody wants it stopped; the others
read. Rows go when the answer is over, or its server has not been heard of for a while.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Engine, delete, insert, select, update

from app.errors import LibraryFailed
from app.library.database import reading, repeated, writing
from app.library.tables import AnswerEvent, AnswerUnderWay, now

_STOP: Final = 0  # the number of the row by which an answer is to be stopped


@dataclass(frozen=True)
class Told:
    """An event of an answer: its number, from 1, its name on the wire, and itself as JSON."""

    number: int
    name: str
    data: str


class AnswersUnderWay:
    """Methods are safe to call from several threads and processes; they raise LibraryUnavailable."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @property
    def shared(self) -> bool:
        """Several servers may work with this database."""
        return self._engine.dialect.name == "postgresql"

    @repeated
    def begin(self, turn_id: str) -> None:
        """An answer is being made by this process."""
        with writing(self._engine) as session:
            session.add(AnswerUnderWay(turn_id=turn_id))

    @repeated
    def tell(self, turn_id: str, events: Sequence[Told]) -> bool:
        """Keep events that came since, and note that its server is there; whether the answer is to be
        stopped."""
        with writing(self._engine) as session:
            mine = AnswerUnderWay.turn_id == turn_id
            session.execute(update(AnswerUnderWay).where(mine).values(seen_at=now()))
            if events:
                rows = [{"turn_id": turn_id, **vars(event)} for event in events]
                session.execute(insert(AnswerEvent), rows)
            return session.get(AnswerEvent, (turn_id, _STOP)) is not None

    def is_to_stop(self, turn_id: str) -> bool:
        """Somebody wants it stopped."""
        with reading(self._engine) as session:
            return session.get(AnswerEvent, (turn_id, _STOP)) is not None

    @repeated
    def stop(self, turn_id: str) -> bool:
        """Have the server that makes it stop it; False: none does."""
        try:
            with writing(self._engine) as session:
                if session.get(AnswerUnderWay, turn_id) is None:
                    return False
                if session.get(AnswerEvent, (turn_id, _STOP)) is None:
                    session.add(AnswerEvent(turn_id=turn_id, number=_STOP, name="stop", data=""))
        except LibraryFailed:
            # Somebody else wants the same at this moment.
            if not self.is_to_stop(turn_id):
                raise
        return True

    def after(self, turn_id: str, number: int) -> list[Told]:
        """What was told after that number, in its order."""
        query = select(AnswerEvent.number, AnswerEvent.name, AnswerEvent.data)
        later = AnswerEvent.turn_id == turn_id, AnswerEvent.number > max(number, _STOP)
        with reading(self._engine) as session:
            rows = session.execute(query.where(*later).order_by(AnswerEvent.number))
            return [Told(row.number, row.name, row.data) for row in rows]

    @repeated
    def end(self, turn_ids: Collection[str]) -> None:
        """Forget answers that are over."""
        with writing(self._engine) as session:
            for table in (AnswerEvent, AnswerUnderWay):
                session.execute(delete(table).where(table.turn_id.in_(turn_ids)))

    def unheard(self, since: datetime) -> list[str]:
        """The ids of turns of whose server nothing was heard since then."""
        with reading(self._engine) as session:
            old = AnswerUnderWay.seen_at < since
            return list(session.scalars(select(AnswerUnderWay.turn_id).where(old)))
