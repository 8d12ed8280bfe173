"""Answers that owners wrote themselves, with the quotes that they stand on."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Final
from uuid import uuid4

from sqlalchemy import Engine, bindparam, select

from app.errors import CuratedAnswerNotFound
from app.library.database import reading, repeated, viewing, writing
from app.library.tables import CuratedAnswer

_AT_ONCE: Final = 500  # values in one condition
_IDS: Final = (
    select(CuratedAnswer.id)
    .where(CuratedAnswer.kb == bindparam("kb"))
    .order_by(CuratedAnswer.created_at, CuratedAnswer.id)
)


@dataclass(frozen=True)
class CuratedQuote:
    """`revision`: of the document when the answer was written."""

    document_id: str
    revision: str
    quote: str


@dataclass(frozen=True)
class CuratedRow:
    """`answer` holds `[n]` for the n-th of `quotes`, from 1."""

    id: str
    kb: str
    question: str
    answer: str
    quotes: tuple[CuratedQuote, ...]
    created_at: datetime


class CuratedAnswers:
    """Methods raise LibraryUnavailable. A row is written once and never changed: what was read of one stays
    good, and every question asks for no more than the ids, which another process may have added to."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._read: dict[str, CuratedRow] = {}

    def ids(self, kb: str) -> tuple[str, ...]:
        """The oldest first."""
        with viewing(self._engine) as connection:
            return tuple(row.id for row in connection.execute(_IDS, {"kb": kb}))

    def of(self, kb: str) -> list[CuratedRow]:
        """The oldest first."""
        known, ids = self._read, self.ids(kb)
        if new := [each for each in ids if each not in known]:
            known = dict(known)
            with reading(self._engine) as session:
                for start in range(0, len(new), _AT_ONCE):
                    some = CuratedAnswer.id.in_(new[start : start + _AT_ONCE])
                    rows = session.scalars(select(CuratedAnswer).where(some))
                    known.update((row.id, _row(row)) for row in rows)
        of_others = (each for each in known.values() if each.kb != kb)
        found = {each: known[each] for each in ids if each in known}
        if new or len(found) != len(known):
            self._read = {**{each.id: each for each in of_others}, **found}
        return list(found.values())

    @repeated
    def add(
        self, kb: str, question: str, answer: str, quotes: Sequence[CuratedQuote]
    ) -> CuratedRow:
        """Keep one; that its quotes stand is the caller's to know."""
        made = CuratedAnswer(
            id=str(uuid4()),
            kb=kb,
            question=question,
            answer=answer,
            quotes=[asdict(quote) for quote in quotes],
        )
        with writing(self._engine) as session:
            session.add(made)
            session.flush()
            return _row(made)

    @repeated
    def remove(self, kb: str, identifier: str) -> None:
        """Raises CuratedAnswerNotFound."""
        with writing(self._engine) as session:
            row = session.get(CuratedAnswer, identifier)
            if row is None or row.kb != kb:
                raise CuratedAnswerNotFound(answer=identifier)
            session.delete(row)


def _row(row: CuratedAnswer) -> CuratedRow:
    quotes = tuple(CuratedQuote(**quote) for quote in row.quotes)
    return CuratedRow(row.id, row.kb, row.question, row.answer, quotes, row.created_at)
