"""From a request to the events of its answer, with the conversation that it belongs to.

Every door that keeps conversations (JSON, SSE, the command in this process) goes through
`ask_events`, so that a kept turn holds exactly what was answered.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, aclosing
from dataclasses import dataclass

import structlog

from app.answering.answer import Question, Turn
from app.api.errors import error_detail
from app.api.metrics import Metrics
from app.api.wire.answers import NEW_CONVERSATION, Answer, AskRequest, FilterIn
from app.api.wire.events import AskEvent, Queued, wire_ask_event
from app.errors import ConversationNotFound, DiskFull, LibraryUnavailable, RequestInvalid
from app.index.protocol import Filter
from app.library.conversations import Conversations, TurnRow
from app.runtime import Runtime

log = structlog.get_logger(__name__)

# Older turns do not help to understand a follow-up; see app.answering.rewrite.
_HISTORY_TURNS = 3


@dataclass(frozen=True)
class _Place:
    """Where a turn will be kept. `id` None: in a new conversation."""

    id: str | None
    position: int | None


def filter_of(given: FilterIn) -> Filter:
    properties = tuple(given.properties.items())
    return Filter(given.document_ids, given.tags, given.languages, properties)


async def ask_events(
    body: AskRequest,
    runtime: Runtime,
    metrics: Metrics | None = None,
    turn: AsyncGenerator[int, None] | None = None,
) -> AsyncGenerator[AskEvent, None]:
    """The events of one answer, the Answer last. Closing the iterator stops the generation.

    `turn` is the asker's place in the queue (AnswerQueue.turn); None: the answer begins at once.

    The turn is kept when its answer or refusal is complete, never after an error or a stop. If
    that fails, the answer comes all the same, with the reason in `not_kept`.

    Raises as `Answerer.ask` does, ConversationNotFound, and RequestInvalid for a position or a
    knowledge base that is not the conversation's.
    """
    question, place = await asyncio.to_thread(_prepare, body, runtime)
    async with aclosing(answer_events(question, runtime, metrics, turn)) as events:
        async for event in events:
            if place is not None and isinstance(event, Answer):
                kept = runtime.library.conversations
                yield await asyncio.to_thread(_keep, kept, place, question, event)
            else:
                yield event


async def answer_events(
    question: Question,
    runtime: Runtime,
    metrics: Metrics | None = None,
    turn: AsyncGenerator[int, None] | None = None,
) -> AsyncGenerator[AskEvent, None]:
    """The same for a question outside any kept conversation."""
    async with AsyncExitStack() as stack:
        if turn is not None:
            async for place in await stack.enter_async_context(aclosing(turn)):
                if place == 0:
                    break
                yield Queued(place=place)
        events = runtime.answerer.ask(question)
        if metrics is not None:
            events = metrics.observed(events)
        async for event in await stack.enter_async_context(aclosing(events)):
            yield wire_ask_event(event)


def _prepare(body: AskRequest, runtime: Runtime) -> tuple[Question, _Place | None]:
    kb, wanted = body.kb or runtime.settings.kb, filter_of(body.filter)
    if body.conversation_id is None:
        return Question(body.question, kb, wanted, body.messages, body.mode), None
    if body.conversation_id == NEW_CONVERSATION:
        return Question(body.question, kb, wanted, mode=body.mode), _Place(None, None)
    row, turns = runtime.library.conversations.get(body.conversation_id)
    if body.kb not in (None, row.kb):
        raise RequestInvalid(detail=f"kb: the conversation is about the knowledge base {row.kb}")
    if body.position is not None:
        if body.position > len(turns):
            raise RequestInvalid(detail=f"position: the conversation has {len(turns)} turns")
        turns = turns[: body.position]
    question = Question(body.question, row.kb, wanted, _history(turns), body.mode)
    return question, _Place(row.id, body.position)


def _history(turns: list[TurnRow]) -> tuple[Turn, ...]:
    """The latest turns as messages; each question as it was understood, so that names are in it."""
    messages: list[Turn] = []
    for turn in turns[-_HISTORY_TURNS:]:
        if turn.answer is not None:
            understood = turn.answer.standalone_question or turn.question
            messages += [Turn("user", understood), Turn("assistant", turn.answer.answer)]
    return tuple(messages)


def _keep(
    conversations: Conversations, place: _Place, question: Question, answer: Answer
) -> Answer:
    """Store the turn; the answer with its place, or with the reason why it has none."""
    given = answer.to_keep()
    text = question.text.strip()
    try:
        if place.id is None:
            found = {
                "conversation_id": conversations.begin(question.kb, text, given),
                "position": 0,
            }
        else:
            position = conversations.append(place.id, text, given, place.position)
            found = {"conversation_id": place.id, "position": position}
    except (ConversationNotFound, DiskFull, LibraryUnavailable) as error:
        log.warning("turn_not_kept", code=error.code)
        found = {"not_kept": error_detail(error, answer.language)}
    return answer.model_copy(update=found)
