"""The questions that people asked in kept conversations, with how each was answered."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, select

from app.library.database import reading
from app.library.sight import Sight
from app.library.stored import StoredAnswer, documents_in, read
from app.library.tables import Conversation, ConversationTurn


@dataclass(frozen=True)
class AskedRow:
    """`question` as it was understood; `answer` what was shown."""

    id: str
    question: str
    answer: StoredAnswer
    created_at: datetime


def asked(engine: Engine, sight: Sight, kb: str, most: int) -> Iterator[AskedRow]:
    """The latest `most` turns that ended with an answer or a refusal, the newest first; what was
    deleted is left out, and for who does not see all, what others asked, or stands on what he may
    not read. Raises LibraryUnavailable."""
    wanted = (
        select(ConversationTurn)
        .join(Conversation, Conversation.id == ConversationTurn.conversation_id)
        .where(
            Conversation.kb == kb,
            Conversation.deleted_at.is_(None),
            ConversationTurn.deleted_at.is_(None),
            ConversationTurn.status == "done",
        )
        .order_by(ConversationTurn.created_at.desc(), ConversationTurn.id)
        .limit(most)
    )
    if not sight.unlimited:
        wanted = wanted.where(Conversation.owner == sight.owner)
    with reading(engine) as session:
        turns = [(turn, read(StoredAnswer, turn.answer)) for turn in session.scalars(wanted)]
        hidden = sight.unreadable(session, kb, documents_in(answer for _, answer in turns))
    for turn, answer in turns:
        answer = answer and answer.without(hidden)
        if answer is not None:
            question = answer.standalone_question or turn.question
            yield AskedRow(turn.id, question, answer, turn.created_at)
