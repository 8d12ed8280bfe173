"""From a request to the events of its answer, with the conversation that it belongs to.

Every door that keeps conversations (JSON, SSE, the command in this process) goes through
`ask_events`, so that a kept turn holds exactly what was answered.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import AsyncExitStack, aclosing
from typing import Any

import structlog

from app.answering import answer as data
from app.answering.answer import Question, Turn
from app.answering.retrieve import searched
from app.api.metrics import Metrics
from app.api.wire.answers import NEW_CONVERSATION, Answer, AskRequest, FilterIn
from app.api.wire.base import error_detail
from app.api.wire.events import Asked, AskEvent, Queued, Retrieved, wire_ask_event
from app.errors import (
    AnswerInterrupted,
    DiskFull,
    GroundkbError,
    KnowledgeBaseNotFound,
    LibraryUnavailable,
    Phrase,
    QuestionEmpty,
    QuestionTooLong,
    RequestInvalid,
    ServiceStopping,
    TurnNotFound,
)
from app.index.protocol import Filter, Scope
from app.library.conversations import TurnRow, TurnStatus
from app.runtime import Runtime
from app.text.language import detect_language

log = structlog.get_logger(__name__)

# What is told of a question that was answered, as its asker's runtime has it.
Answered = Callable[[Runtime, Question, data.Answer], None]

# Older turns do not help to understand a follow-up; see app.answering.rewrite.
_HISTORY_TURNS = 3


def filter_of(given: FilterIn) -> Filter:
    properties, scope = tuple(given.properties.items()), given.scope
    return Filter(
        given.document_ids,
        given.tags,
        given.languages,
        properties,
        scope=Scope(scope.document_ids, scope.tags, scope.folders, scope.knowledge_bases),
    )


async def ask_events(
    body: AskRequest,
    runtime: Runtime,
    metrics: Metrics | None = None,
    turn: AsyncGenerator[int, None] | None = None,
    answered: Answered | None = None,
) -> AsyncGenerator[AskEvent, None]:
    """The events of one answer, the Answer last. Closing the iterator stops the generation.

    `turn` is the asker's place in the queue (AnswerQueue.turn); None: the answer begins at once.

    In a conversation the question is stored before anything else, which `Asked` tells, and the
    turn is kept however it ends: with its answer or refusal, with the error, or, when it is
    stopped, with what was said so far. If keeping fails at the end, the answer comes all the same,
    with the reason in `not_kept`.

    Raises as `Answerer.ask` does, TooManyQuestions, ConversationNotFound, and RequestInvalid for a
    position or a knowledge base that is not the conversation's.
    """
    async with AsyncExitStack() as stack:
        if turn is not None:
            await stack.enter_async_context(aclosing(turn))
        first: int | None = None
        kept: TurnRow | None = None
        if body.conversation_id is None:
            kb, wanted = body.kb or runtime.usual_kb, filter_of(body.filter)
            question = Question(body.question, kb, wanted, body.messages, body.mode, body.fresh)
        else:
            if turn is not None:
                first = await anext(turn)  # a full queue stores nothing
            question, row = await asyncio.to_thread(_store, body, runtime)
            kept = row
            yield Asked(
                conversation_id=row.conversation_id,
                turn_id=row.id,
                position=row.position,
                version=len(row.versions),
            )
        events = answer_events(question, runtime, metrics, turn, first, answered)
        if kept is not None:
            events = _keeping(kept, events, runtime)
        async for event in await stack.enter_async_context(aclosing(events)):
            yield event


async def answer_events(
    question: Question,
    runtime: Runtime,
    metrics: Metrics | None = None,
    turn: AsyncGenerator[int, None] | None = None,
    place: int | None = None,
    answered: Answered | None = None,
) -> AsyncGenerator[AskEvent, None]:
    """The same for a question outside any kept conversation. `place` is what `turn` has told
    already; `answered` is told at the end."""
    async with AsyncExitStack() as stack:
        if turn is not None:
            await stack.enter_async_context(aclosing(turn))
            if place is None:
                place = await anext(turn)
            if place:
                # Nobody waits his turn to be told what is known by now.
                await _require(question, runtime)
            while place:
                yield Queued(place=place)
                place = await anext(turn)
        events = runtime.ask(question, None if metrics is None else metrics.asked_again)
        if metrics is not None:
            events = metrics.observed(events, question.text)
        done: data.Answer | None = None
        async for event in await stack.enter_async_context(aclosing(events)):
            if isinstance(event, data.Done):
                done = event.answer
            yield wire_ask_event(event)
        if answered is not None and done is not None:
            answered(runtime, question, done)


async def _require(question: Question, runtime: Runtime) -> None:
    """Raises QuestionEmpty, QuestionTooLong, and KnowledgeBaseNotFound for one that would be searched. The
    usual one is there; of it nothing is asked, since many questions may come at once."""
    _require_words(question.text, runtime)
    for kb, _ in searched(question.kb, question.filter):
        if kb != runtime.usual_kb:
            await asyncio.to_thread(runtime.library.require_knowledge_base, kb)


def _require_words(text: str, runtime: Runtime) -> None:
    limit = runtime.settings.max_question_chars
    if not text.strip():
        raise QuestionEmpty
    if len(text) > limit:
        raise QuestionTooLong(length=len(text), limit=limit)


def _store(body: AskRequest, runtime: Runtime) -> tuple[Question, TurnRow]:
    """The question, with its history, and the turn that it is kept as from now on."""
    conversations, wanted = runtime.library.conversations, filter_of(body.filter)
    _require_words(body.question, runtime)
    asked_with = body.filter.model_dump(mode="json", exclude_defaults=True) or None
    if body.conversation_id == NEW_CONVERSATION:
        kb = body.kb or runtime.usual_kb
        if kb not in runtime.library.knowledge_bases():
            raise KnowledgeBaseNotFound(name=kb)
        kept = conversations.ask(
            body.question.strip(), conversation_id=None, kb=kb, asked_with=asked_with
        )
        return Question(body.question, kb, wanted, mode=body.mode, fresh=body.fresh), kept
    row, turns = conversations.get(body.conversation_id or "")
    if body.kb not in (None, row.kb):
        raise RequestInvalid(detail=Phrase("conversation_of_kb", kb=row.kb))
    if body.position is not None:
        if body.position > len(turns):
            raise RequestInvalid(detail=Phrase("conversation_turns", count=len(turns)))
        turns = turns[: body.position]
    kept = conversations.ask(
        body.question.strip(),
        conversation_id=row.id,
        kb=row.kb,
        position=len(turns),
        asked_with=asked_with,
    )
    fresh = body.fresh or len(kept.versions) > 1
    return Question(body.question, row.kb, wanted, _history(turns), body.mode, fresh), kept


def _history(turns: list[TurnRow]) -> tuple[Turn, ...]:
    """The latest turns as messages; each question as it was understood, so that names are in it."""
    messages: list[Turn] = []
    for turn in [turn for turn in turns if turn.answer is not None][-_HISTORY_TURNS:]:
        if turn.answer is not None:
            understood = turn.answer.standalone_question or turn.question
            messages += [Turn("user", understood), Turn("assistant", turn.answer.answer)]
    return tuple(messages)


async def _keeping(
    kept: TurnRow, events: AsyncGenerator[AskEvent, None], runtime: Runtime
) -> AsyncGenerator[AskEvent, None]:
    """The same events, the answer with its place; and the turn is kept however they end."""
    said = _Said(kept.question, runtime)
    # Until it is known better: whoever listened closed it.
    status: TurnStatus = "stopped"
    answer: Answer | None = None
    problem: GroundkbError | None = None
    stored = False
    try:
        async with aclosing(events):
            async for event in events:
                if isinstance(event, Answer):
                    answer, status, stored = event, "done", True
                    yield await _finish(runtime, kept, status, answer, None) or answer
                else:
                    said.add(event)
                    yield event
    except GroundkbError as error:
        status, problem = "failed", error
        raise
    except Exception:
        status, problem = "failed", AnswerInterrupted()
        raise
    finally:
        if not stored:
            if isinstance(problem, ServiceStopping):
                status = "interrupted"
            # In a task of its own: it has to end although this one is being cancelled.
            await asyncio.shield(
                asyncio.ensure_future(_finish(runtime, kept, status, said.so_far(), problem))
            )


async def _finish(
    runtime: Runtime,
    kept: TurnRow,
    status: TurnStatus,
    answer: Answer | None,
    problem: GroundkbError | None,
) -> Answer | None:
    """Store the end of a turn; the answer with its place, or with the reason why it has none."""
    conversations = runtime.library.conversations
    try:
        await asyncio.to_thread(
            conversations.finish,
            kept.id,
            status,
            answer=None if answer is None else answer.to_keep(),
            problem=None if problem is None else problem.data(),
        )
    except (DiskFull, LibraryUnavailable, TurnNotFound) as error:
        log.warning("turn_not_kept", code=error.code)
        return answer and answer.model_copy(
            update={"not_kept": error_detail(error, answer.language)}
        )
    place = {
        "conversation_id": kept.conversation_id,
        "position": kept.position,
        "turn_id": kept.id,
    }
    return answer and answer.model_copy(update=place)


class _Said:
    """What an answer has shown so far."""

    def __init__(self, question: str, runtime: Runtime) -> None:
        self._question = question
        self._runtime = runtime
        self._text = ""
        self._retrieved: Retrieved | None = None
        self._citations: tuple[data.Citation, ...] = ()
        self._evidence: tuple[data.Citation, ...] = ()

    def add(self, event: AskEvent) -> None:
        match event:
            case data.TokenPiece():
                self._text += event.text
            case Retrieved():
                self._retrieved = event
            case data.Citations():
                self._citations = event.citations
            case data.EvidenceFound():
                self._evidence = event.evidence

    def so_far(self) -> Answer | None:
        """None when nothing was said."""
        if not self._text.strip():
            return None
        chat, embedder = self._runtime.chat, self._runtime.embedder
        known: dict[str, Any] = {}
        if self._retrieved is not None:
            known = {
                "retrieved": self._retrieved.retrieved,
                "standalone_question": self._retrieved.standalone_question,
            }
        return Answer.partly(
            self._text,
            detect_language(self._question),
            models=data.Models(
                f"{chat.provider}/{chat.name}" if chat else "", embedder.identity.model, ""
            ),
            evidence=self._evidence,
            citations=self._citations,
            **known,
        )
