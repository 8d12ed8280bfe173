"""Tests of another model or other settings beside the answers that people get: what is tried, and the pairs."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal
from uuid import uuid4

from sqlalchemy import Engine, delete, select

from app.library.database import reading, repeated, writing
from app.library.tables import ShadowPair, ShadowTest, now

# The newest pairs of a test that are kept.
MOST_PAIRS: Final = 2_000

# `running`; `stopped`: it may be gone on with; `promoted`: what was tried answers people now; `back`: it did.
ShadowState = Literal["running", "stopped", "promoted", "back"]


@dataclass(frozen=True)
class Tried:
    """What is tried: another chat model by its name (None: the same), and settings by theirs."""

    chat: str | None
    changes: Mapping[str, Any]


@dataclass(frozen=True)
class ShadowRow:
    """`share` of the questions that are answered twice, (0, 1]."""

    id: str
    tried: Tried
    share: float
    state: ShadowState
    started_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True)
class PairRow:
    """A question and its two answers, as `app.answering.shadow` keeps them."""

    kb: str
    question: str
    given: Mapping[str, Any]
    other: Mapping[str, Any]
    created_at: datetime


class ShadowTests:
    """Methods are safe to call from several threads and raise LibraryUnavailable."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def latest(self, *states: ShadowState) -> ShadowRow | None:
        """The newest test, of those in one of the states if any is named."""
        query = select(ShadowTest).order_by(ShadowTest.started_at.desc(), ShadowTest.id).limit(1)
        if states:
            query = query.where(ShadowTest.state.in_(states))
        with reading(self._engine) as session:
            row = session.scalar(query)
            return None if row is None else _row(row)

    @repeated
    def start(self, tried: Tried, share: float) -> ShadowRow:
        """Begin a test; one that is running ends."""
        made = ShadowTest(
            id=str(uuid4()),
            chat=tried.chat,
            changes=dict(tried.changes),
            share=share,
            state="running",
        )
        with writing(self._engine) as session:
            for row in session.scalars(select(ShadowTest).where(ShadowTest.state == "running")):
                row.state, row.ended_at = "stopped", now()
            session.add(made)
            session.flush()
            return _row(made)

    @repeated
    def change(self, identifier: str, state: ShadowState) -> None:
        """Of `promoted` there is one: another becomes `back`."""
        with writing(self._engine) as session:
            if state == "promoted":
                for row in session.scalars(
                    select(ShadowTest).where(ShadowTest.state == "promoted")
                ):
                    row.state = "back"
            row = session.get_one(ShadowTest, identifier)
            row.state, row.ended_at = state, row.ended_at or now()

    @repeated
    def add(
        self,
        identifier: str,
        kb: str,
        question: str,
        given: Mapping[str, Any],
        other: Mapping[str, Any],
    ) -> None:
        """Keep a pair; the oldest beyond MOST_PAIRS go."""
        made = ShadowPair(
            id=str(uuid4()),
            test_id=identifier,
            kb=kb,
            question=question,
            given=dict(given),
            other=dict(other),
        )
        with writing(self._engine) as session:
            session.add(made)
            session.flush()
            newest = (
                select(ShadowPair.id)
                .where(ShadowPair.test_id == identifier)
                .order_by(ShadowPair.created_at.desc(), ShadowPair.id)
            )
            old = session.scalars(newest.offset(MOST_PAIRS).limit(100)).all()
            if old:
                session.execute(delete(ShadowPair).where(ShadowPair.id.in_(old)))

    @repeated
    def forget(self, before: datetime) -> None:
        """Delete the pairs of before that moment."""
        with writing(self._engine) as session:
            session.execute(delete(ShadowPair).where(ShadowPair.created_at < before))

    def pairs(self, identifier: str) -> list[PairRow]:
        """The oldest first."""
        query = select(ShadowPair).where(ShadowPair.test_id == identifier)
        with reading(self._engine) as session:
            return [
                PairRow(row.kb, row.question, row.given, row.other, row.created_at)
                for row in session.scalars(query.order_by(ShadowPair.created_at, ShadowPair.id))
            ]


def _row(row: ShadowTest) -> ShadowRow:
    state: ShadowState = row.state  # type: ignore[assignment]  # as `change` and `start` write it
    tried = Tried(row.chat, dict(row.changes))
    return ShadowRow(row.id, tried, row.share, state, row.started_at, row.ended_at)
