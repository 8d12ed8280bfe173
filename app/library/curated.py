"""Answers that owners wrote themselves, with the quotes that they stand on."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import uuid4

from sqlalchemy import Engine, select

from app.errors import CuratedAnswerNotFound
from app.library.database import reading, writing
from app.library.tables import CuratedAnswer


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
    """Methods raise LibraryUnavailable."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def of(self, kb: str) -> list[CuratedRow]:
        """The oldest first."""
        wanted = select(CuratedAnswer).where(CuratedAnswer.kb == kb)
        ordered = wanted.order_by(CuratedAnswer.created_at, CuratedAnswer.id)
        with reading(self._engine) as session:
            return [_row(each) for each in session.scalars(ordered)]

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
