"""Conversations: kept on the server, so that another browser finds them.

A conversation is a tree of turns. A question that is edited or asked again is another version
beside the first, with the same parent; `head` is the turn at the end of what is shown, so that
a later turn keeps the version after which it was asked. A turn is stored when it is asked.

Over 350 lines: each operation keeps the same tree of turns whole.
"""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from secrets import token_urlsafe
from typing import Any, Literal
from uuid import uuid4

from sqlalchemy import ColumnElement, Engine, delete, false, func, or_, select, update
from sqlalchemy.orm import Session

from app.errors import AnswerWithheld, ConversationNotFound, TurnNotFound
from app.library.database import reading, repeated, writing
from app.library.sight import EVERYTHING, Sight
from app.library.stored import (
    Named,
    StoredAnswer,
    StoredFailure,
    StoredFilter,
    documents_in,
    read,
    read_failure,
)
from app.library.tables import Conversation, ConversationTurn, SharedConversation, User, now

_TITLE_CHARS = 80
# running: being answered. interrupted: its server ended before the answer did.
TurnStatus = Literal["running", "done", "stopped", "failed", "interrupted"]


@dataclass(frozen=True)
class ConversationRow:
    """`turns` are those that are shown. `deleted_at`: it waits to be purged, and can come back.
    `shared`: others may open it by a link."""

    id: str
    kb: str
    title: str
    turns: int
    created_at: datetime
    updated_at: datetime
    deleted_at: datetime | None = None
    shared: bool = False


@dataclass(frozen=True)
class TurnRow:
    """`position` counts from 0. `answer` is what was shown (of a stopped turn: so far), None when
    there is none or what is kept of it cannot be read; `problem` why it failed. `versions` are
    the ids of all turns in this place, the oldest first, its own among them. `filter`: what the
    question was asked about.
    """

    id: str
    conversation_id: str
    position: int
    question: str
    status: TurnStatus
    answer: StoredAnswer | None
    problem: StoredFailure | None
    created_at: datetime
    versions: tuple[str, ...] = ()
    filter: StoredFilter = field(default_factory=StoredFilter)


class Conversations:
    """An `answer` is given as `StoredAnswer.kept` gives it.

    Methods raise ConversationNotFound for an unknown or deleted id, TurnNotFound likewise, and
    LibraryUnavailable."""

    def __init__(self, engine: Engine, sight: Sight = EVERYTHING) -> None:
        self._engine = engine
        self._sight = sight

    # --- asking -----------------------------------------------------------------------

    @repeated
    def create(self, kb: str) -> str:
        """The id of a new conversation without turns; its first question will be its title."""
        with writing(self._engine) as session:
            return self._new(session, kb).id

    @repeated
    def ask(
        self,
        question: str,
        *,
        conversation_id: str | None,
        kb: str,
        position: int | None = None,
        asked_with: Mapping[str, Any] | None = None,
    ) -> TurnRow:
        """Store a question whose answer is about to be made, at the end of what is shown, or as
        another version of the turn at `position`. Without `conversation_id` it begins a new
        conversation about `kb`. `asked_with` is its filter, as StoredFilter has it.

        Raises TurnNotFound for a `position` beyond the end.
        """
        with writing(self._engine) as session:
            if conversation_id is None:
                conversation = self._new(session, kb)
            else:
                conversation = self._get(session, conversation_id)
            path = _path(session, conversation)
            if position is None:
                position = len(path)
            elif position > len(path):
                raise TurnNotFound(turn=str(position))
            turn = ConversationTurn(
                id=str(uuid4()),
                conversation_id=conversation.id,
                parent_id=path[position - 1].id if position else None,
                position=position,
                question=question,
                filter=None if asked_with is None else dict(asked_with),
                status="running",
                created_at=now(),
            )
            _retitle(session, conversation, turn)
            session.add(turn)
            session.flush()
            conversation.head_id, conversation.updated_at = turn.id, now()
            return _turn(session, turn)

    @repeated
    def finish(
        self,
        turn_id: str,
        status: TurnStatus,
        *,
        answer: Mapping[str, Any] | None = None,
        problem: Mapping[str, Any] | None = None,
    ) -> None:
        """Keep how a turn ended, also of a conversation that was deleted meanwhile: it may come
        back. `problem` is GroundkbError.data(). Raises TurnNotFound for one that was purged."""
        with writing(self._engine) as session:
            turn = session.get(ConversationTurn, turn_id)
            if turn is None:
                raise TurnNotFound(turn=turn_id)
            turn.status, turn.finished_at = status, now()
            turn.answer = None if answer is None else dict(answer)
            turn.problem = None if problem is None else dict(problem)
            conversation = session.get(Conversation, turn.conversation_id)
            if conversation is not None:
                conversation.updated_at = now()

    def interrupt(self, turn_ids: Sequence[str]) -> None:
        """Note that these answers were cut off by the end of their server. What was said stays."""
        self._interrupt(ConversationTurn.id.in_(turn_ids))

    def lost(self, turn_ids: Sequence[str]) -> None:
        """The same of those that seem to be under way still: their servers have not been heard of."""
        ids = ConversationTurn.id.in_(turn_ids)
        self._interrupt(ids, ConversationTurn.status == "running")

    def interrupt_older(self, began: datetime) -> None:
        """Note that the answers which seem to be under way, to questions of before a server
        `began`, were cut off: an earlier server was killed."""
        self._interrupt(ConversationTurn.status == "running", ConversationTurn.created_at < began)

    @repeated
    def _interrupt(self, *which: ColumnElement[bool]) -> None:
        with writing(self._engine) as session:
            session.execute(
                update(ConversationTurn)
                .where(*which)
                .values(status="interrupted", finished_at=now())
            )

    # --- reading ----------------------------------------------------------------------

    def count(self, kb: str) -> int:
        """How many a knowledge base has, deleted ones included."""
        with reading(self._engine) as session:
            query = select(func.count()).select_from(Conversation).where(Conversation.kb == kb)
            return session.scalar(query) or 0

    def find(
        self, kb: str | None = None, search: str = "", limit: int = 200, offset: int = 0
    ) -> tuple[list[ConversationRow], int]:
        """One page, the latest used first, and how many there are on all pages; `search` is looked
        for in titles and questions, whatever the case."""
        wanted: list[ColumnElement[bool]] = [
            Conversation.deleted_at.is_(None),
            *self._own(),
        ]
        if kb is not None:
            wanted.append(Conversation.kb == kb)
        if search.strip():
            asked = select(ConversationTurn.conversation_id).where(
                ConversationTurn.question.icontains(search.strip(), autoescape=True),
                ConversationTurn.deleted_at.is_(None),
            )
            wanted.append(
                or_(
                    Conversation.title.icontains(search.strip(), autoescape=True),
                    Conversation.id.in_(asked),
                )
            )
        query = (
            select(Conversation, ConversationTurn.position)
            .outerjoin(ConversationTurn, ConversationTurn.id == Conversation.head_id)
            .where(*wanted)
            .order_by(Conversation.updated_at.desc(), Conversation.id)
            .limit(limit)
            .offset(offset)
        )
        counting = select(func.count()).select_from(Conversation).where(*wanted)
        with reading(self._engine) as session:
            rows = session.execute(query).all()
            shared = _shared(session, [row.id for row, _ in rows])
            found = [
                _row(row, 0 if last is None else last + 1, shared=row.id in shared)
                for row, last in rows
            ]
            return found, session.scalar(counting) or 0

    def get(self, conversation_id: str) -> tuple[ConversationRow, list[TurnRow]]:
        """The conversation, and the turns that are shown."""
        with reading(self._engine) as session:
            row = self._get(session, conversation_id)
            turns = [_turn(session, turn) for turn in _path(session, row)]
            shared = bool(_shared(session, [row.id]))
            return _row(row, len(turns), shared=shared), self._shown(session, row.kb, turns)

    def open_shared(self, secret: str) -> tuple[ConversationRow, list[TurnRow]]:
        """Somebody's conversation by the link that he gave, as the one who opens it may read it:
        without the answers that stand on what he may not, and without what questions were asked
        about, which names documents, folders and tags. Raises ConversationNotFound, also where he
        may not enter its knowledge base, and where who gave the link may not come in any more."""
        with reading(self._engine) as session:
            link = session.scalar(
                select(SharedConversation).where(SharedConversation.digest == _digest(secret))
            )
            row = session.get(Conversation, link.conversation_id) if link is not None else None
            if row is None or row.deleted_at is not None:
                raise ConversationNotFound(conversation="")
            owner = session.get(User, row.owner) if row.owner is not None else None
            if owner is not None and not owner.enabled:
                raise ConversationNotFound(conversation="")
            if not self._sight.enters_named(session, row.kb):
                raise ConversationNotFound(conversation="")
            turns = [_turn(session, turn) for turn in _path(session, row)]
            shown = self._shown(session, row.kb, turns)
            if not self._sight.everything:
                shown = [replace(turn, filter=StoredFilter()) for turn in shown]
            return _row(row, len(turns), shared=True), shown

    def turn(self, conversation_id: str, turn_id: str) -> TurnRow:
        """One turn, shown or not."""
        with reading(self._engine) as session:
            conversation = self._get(session, conversation_id)
            turn = self._turn_of(session, conversation_id, turn_id)
            row = _turn(session, turn)
            if self._sight.everything:
                return row
            before = [_turn(session, each) for each in _path(session, conversation, turn.id)[:-1]]
            return self._shown(session, conversation.kb, [*before, row])[-1]

    # --- sharing ----------------------------------------------------------------------

    @repeated
    def share(self, conversation_id: str) -> str:
        """The secret of a link by which others may open it; an earlier one is no more."""
        secret = token_urlsafe(24)
        with writing(self._engine) as session:
            self._get(session, conversation_id)
            _unshare(session, [conversation_id])
            row = SharedConversation(conversation_id=conversation_id, digest=_digest(secret))
            session.add(row)
        return secret

    @repeated
    def unshare(self, conversation_id: str) -> None:
        """Its link opens nothing from now on; one that was never shared is no error."""
        with writing(self._engine) as session:
            self._get(session, conversation_id)
            _unshare(session, [conversation_id])

    # --- changing ---------------------------------------------------------------------

    @repeated
    def choose(self, conversation_id: str, turn_id: str) -> None:
        """Show this version of its turn, with the turns that were asked after it, the latest."""
        with writing(self._engine) as session:
            conversation = self._get(session, conversation_id)
            turn = self._turn_of(session, conversation_id, turn_id)
            conversation.head_id = _leaf(session, turn).id

    @repeated
    def rename(self, conversation_id: str, title: str) -> None:
        with writing(self._engine) as session:
            self._get(session, conversation_id).title = title.strip()

    @repeated
    def delete(self, conversation_id: str) -> None:
        """Until it is purged it can come back by `restore`."""
        with writing(self._engine) as session:
            self._get(session, conversation_id).deleted_at = now()

    @repeated
    def restore(self, conversation_id: str) -> None:
        with writing(self._engine) as session:
            self._get(session, conversation_id, deleted=True).deleted_at = None

    @repeated
    def delete_turn(self, conversation_id: str, turn_id: str) -> None:
        """Delete one version of a turn, and with it what was asked after it. Shown is another
        version then, the latest, or the turn before."""
        with writing(self._engine) as session:
            conversation = self._get(session, conversation_id)
            shown = [item.id for item in _path(session, conversation)]
            turn = self._turn_of(session, conversation_id, turn_id)
            turn.deleted_at = now()
            session.flush()
            if turn.id in shown:
                others = _siblings(session, turn)
                conversation.head_id = _leaf(session, others[-1]).id if others else turn.parent_id

    @repeated
    def restore_turn(self, conversation_id: str, turn_id: str) -> None:
        """Bring a deleted turn back, and show it."""
        with writing(self._engine) as session:
            conversation = self._get(session, conversation_id)
            turn = self._turn_of(session, conversation_id, turn_id, deleted=True)
            turn.deleted_at = None
            session.flush()
            conversation.head_id = _leaf(session, turn).id

    @repeated
    def purge(self, before: datetime) -> int:
        """Delete for good what was deleted before that moment; how many conversations."""
        with writing(self._engine) as session:
            gone = _remove(session, Conversation.deleted_at < before)
            # What was asked after a deleted turn goes with it.
            doomed = set(
                session.scalars(
                    select(ConversationTurn.id).where(ConversationTurn.deleted_at < before)
                )
            )
            while doomed:
                after = set(
                    session.scalars(
                        select(ConversationTurn.id).where(ConversationTurn.parent_id.in_(doomed))
                    )
                )
                session.execute(delete(ConversationTurn).where(ConversationTurn.id.in_(doomed)))
                doomed = after
            return gone

    @repeated
    def forget(self, before: datetime) -> int:
        """Delete for good what was last used before that moment, whoever asked; how many."""
        with writing(self._engine) as session:
            return _remove(session, Conversation.updated_at < before)

    # --- whose they are ---------------------------------------------------------------

    def _own(self) -> tuple[ColumnElement[bool], ...]:
        """Each his own; whoever sees all, also what is nobody's, of before there were people."""
        owner, kbs = self._sight.owner, self._sight.kbs
        within = () if kbs is None else (Conversation.kb.in_(kbs),)
        if owner is None:
            return within if self._sight.unlimited else (false(),)
        mine = Conversation.owner == owner
        return mine | Conversation.owner.is_(None) if self._sight.unlimited else mine, *within

    def _new(self, session: Session, kb: str) -> Conversation:
        conversation = Conversation(id=str(uuid4()), kb=kb, title="", owner=self._sight.owner)
        session.add(conversation)
        return conversation

    def _get(
        self, session: Session, conversation_id: str, *, deleted: bool = False
    ) -> Conversation:
        row = session.scalar(
            select(Conversation).where(Conversation.id == conversation_id, *self._own())
        )
        if row is None or (row.deleted_at is not None) != deleted:
            raise ConversationNotFound(conversation=conversation_id)
        return row

    def _turn_of(
        self, session: Session, conversation_id: str, turn_id: str, *, deleted: bool = False
    ) -> ConversationTurn:
        self._get(session, conversation_id)
        turn = session.get(ConversationTurn, turn_id)
        if (
            turn is None
            or turn.conversation_id != conversation_id
            or (turn.deleted_at is not None) != deleted
        ):
            raise TurnNotFound(turn=turn_id)
        return turn

    def _shown(self, session: Session, kb: str, turns: list[TurnRow]) -> list[TurnRow]:
        """Turns, each after the one before, without the answers that stand on what their owner may
        not read any more. Behind such an answer a question as it was understood may hold its words."""
        hidden = self._sight.unreadable(session, kb, documents_in(turn.answer for turn in turns))
        shown: list[TurnRow] = []
        withheld = False
        for turn in turns:
            seen = _withheld(turn, hidden) if hidden else turn
            if withheld and seen.answer is not None:
                answer = seen.answer.model_copy(update={"standalone_question": None})
                seen = replace(seen, answer=answer)
            withheld = withheld or (turn.answer is not None and seen.answer is None)
            shown.append(seen)
        return shown


def _withheld(turn: TurnRow, hidden: Collection[Named]) -> TurnRow:
    if turn.answer is None:
        return turn
    left = turn.answer.without(hidden)
    if left is not None:
        return replace(turn, answer=left)
    problem = StoredFailure(code=AnswerWithheld.code)
    return replace(turn, answer=None, status="failed", problem=problem)


def _path(
    session: Session, conversation: Conversation, end: str | None = None
) -> Sequence[ConversationTurn]:
    """From the first turn to the one with the id `end`; None: to the head, which is what is shown."""
    turns = {
        turn.id: turn
        for turn in session.scalars(
            select(ConversationTurn).where(ConversationTurn.conversation_id == conversation.id)
        )
    }
    path: list[ConversationTurn] = []
    turn = turns.get(end or conversation.head_id or "")
    while turn is not None:
        path.append(turn)
        turn = turns.get(turn.parent_id or "")
    return path[::-1]


def _siblings(session: Session, turn: ConversationTurn) -> list[ConversationTurn]:
    """The versions in the place of a turn, the oldest first; deleted ones are left out."""
    same = (
        ConversationTurn.parent_id.is_(None)
        if turn.parent_id is None
        else ConversationTurn.parent_id == turn.parent_id
    )
    return list(
        session.scalars(
            select(ConversationTurn)
            .where(
                ConversationTurn.conversation_id == turn.conversation_id,
                same,
                ConversationTurn.deleted_at.is_(None),
            )
            .order_by(ConversationTurn.created_at, ConversationTurn.id)
        )
    )


def _leaf(session: Session, turn: ConversationTurn) -> ConversationTurn:
    """The end of what was asked after a turn, always along the latest version."""
    while True:
        latest = session.scalar(
            select(ConversationTurn)
            .where(ConversationTurn.parent_id == turn.id, ConversationTurn.deleted_at.is_(None))
            .order_by(ConversationTurn.created_at.desc(), ConversationTurn.id.desc())
            .limit(1)
        )
        if latest is None:
            return turn
        turn = latest


def _retitle(session: Session, conversation: Conversation, turn: ConversationTurn) -> None:
    """The title is the first question's, whichever version; one given by the user stays."""
    if turn.position:
        return
    earlier = session.scalars(
        select(ConversationTurn.question).where(
            ConversationTurn.conversation_id == conversation.id, ConversationTurn.position == 0
        )
    )
    if conversation.title in ("", *(_title(question) for question in earlier)):
        conversation.title = _title(turn.question)


def _title(question: str) -> str:
    title = " ".join(question.split())
    return title if len(title) <= _TITLE_CHARS else title[: _TITLE_CHARS - 1] + "…"


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


def _shared(session: Session, ids: Collection[str]) -> set[str]:
    """Those of these conversations that have a link."""
    of = SharedConversation.conversation_id
    return set(session.scalars(select(of).where(of.in_(ids))))


def _remove(session: Session, which: ColumnElement[bool]) -> int:
    gone = list(session.scalars(select(Conversation.id).where(which)))
    for identifier in gone:
        session.execute(
            delete(ConversationTurn).where(ConversationTurn.conversation_id == identifier)
        )
        session.execute(delete(Conversation).where(Conversation.id == identifier))
    _unshare(session, gone)
    return len(gone)


def _unshare(session: Session, ids: Collection[str]) -> None:
    session.execute(delete(SharedConversation).where(SharedConversation.conversation_id.in_(ids)))


def _row(row: Conversation, turns: int, *, shared: bool) -> ConversationRow:
    return ConversationRow(
        row.id, row.kb, row.title, turns, row.created_at, row.updated_at, row.deleted_at, shared
    )


def _turn(session: Session, turn: ConversationTurn) -> TurnRow:
    return TurnRow(
        id=turn.id,
        conversation_id=turn.conversation_id,
        position=turn.position,
        question=turn.question,
        status=turn.status,  # type: ignore[arg-type]  # the column holds nothing else
        answer=read(StoredAnswer, turn.answer),
        problem=read_failure(turn.problem),
        created_at=turn.created_at,
        versions=tuple(item.id for item in _siblings(session, turn)),
        filter=read(StoredFilter, turn.filter or {}) or StoredFilter(),
    )
