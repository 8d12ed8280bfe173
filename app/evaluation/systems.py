"""The systems that are compared, each one question at a time, over the same retrieval.

- `groundkb`: the product, through `Answerer.ask`.
- `plain`: the same passages, the question, and a plain strict instruction (`plain/*.md`); no system
  message, no gate, no verification; its citations are the marks that the model wrote.
  The baseline.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from importlib.resources import files
from typing import Literal, get_args

from app.answering.answer import Answer, Done, Question, TokenPiece
from app.answering.budget import Prompt, fit
from app.answering.context import messages_for, render_context
from app.answering.evidence import prepare
from app.answering.evidence.quotations import find_quotations
from app.answering.evidence.statements import cut
from app.answering.prompts import Prompts
from app.answering.refusal import is_refusal
from app.errors import Language, Phrase, RequestInvalid
from app.evaluation.datasets import GoldQuestion
from app.evaluation.metrics import contains, f1, in_order, points_in
from app.evaluation.records import Record
from app.index.protocol import Filter, Hit
from app.models.chat import ChatModel, ChatRequest, Message, Token
from app.runtime import Runtime
from app.text.language import detect_language

System = Literal["groundkb", "plain"]
SYSTEMS: tuple[System, ...] = get_args(System)


@dataclass(frozen=True)
class Case:
    """A question with what it may find: for an unanswerable one, all but the gold documents."""

    gold_question: GoldQuestion
    gold: frozenset[str]
    question: Question

    @property
    def language(self) -> Language:
        return detect_language(self.question.text)


def case_of(
    question: GoldQuestion, gold: frozenset[str], everything: Sequence[str], kb: str
) -> Case:
    """`everything` are the ids of all documents of `kb`."""
    kept = () if question.answerable or not gold else tuple(d for d in everything if d not in gold)
    return Case(question, gold, Question(question.text, kb, Filter(document_ids=kept)))


@dataclass(frozen=True)
class Bench:
    """What the systems run on."""

    runtime: Runtime
    prompts: Prompts

    @property
    def chat(self) -> ChatModel:
        """The chat model. Raises RequestInvalid without one: only `groundkb` answers then."""
        if self.runtime.chat is None:
            raise RequestInvalid(detail=Phrase("system_needs_chat"))
        return self.runtime.chat

    def runner(self, system: System) -> Callable[[Case, str], Awaitable[Record]]:
        """The function that puts one case to `system`; its second argument is the record's key."""
        runners = {"groundkb": self._groundkb, "plain": self._plain}
        return runners[system]

    async def _groundkb(self, case: Case, key: str) -> Record:
        started, shown = time.perf_counter(), None
        async with aclosing(self.runtime.answerer.ask(case.question)) as events:
            async for event in events:
                if isinstance(event, TokenPiece) and shown is None:
                    shown = _ms(started)
                if isinstance(event, Done):
                    answer = event.answer
        verbatim = await asyncio.to_thread(self._verbatim, answer)
        return _record(
            case,
            key,
            "groundkb",
            answer=answer.answer,
            answered=answer.answered,
            reason=answer.refusal.reason if answer.refusal else None,
            cited=tuple(citation.document_id for citation in answer.citations),
            quotes=len(answer.citations),
            verbatim=verbatim,
            statements=len(answer.statements),
            supported=sum(statement.supported for statement in answer.statements),
            found=any(
                item.shown and item.hit.passage.document_id in case.gold
                for item in answer.retrieved
            ),
            total_ms=answer.timings_ms.total,
            first_token_ms=answer.timings_ms.first_token,
            first_statement_ms=shown,
            written=answer.usage.completion_tokens,
        )

    async def _plain(self, case: Case, key: str) -> Record:
        started = time.perf_counter()
        _, prompt = await self._prompt(case)
        messages = _plain_messages(prompt, self.prompts, case)
        written, first = await _write(
            self.chat, messages, self.runtime.settings.chat_max_tokens, started
        )
        total = _ms(started)
        refused = not written or is_refusal(written)
        material = prepare(prompt.shown)
        text, drafts = cut(written)
        marks = dict.fromkeys(
            mark for draft in drafts for mark in draft.marks if 0 < mark <= len(prompt.shown)
        )
        quotations = () if refused else find_quotations(text, material.normal)
        return _record(
            case,
            key,
            "plain",
            answer=written,
            answered=not refused,
            reason="model" if refused else None,
            cited=() if refused else tuple(prompt.shown[mark - 1].document_id for mark in marks),
            quotes=len(quotations),
            verbatim=sum(
                any(text[q.start : q.end] in passage.text for passage in prompt.shown)
                for q in quotations
            ),
            found=_shows(prompt, case),
            total_ms=total,
            first_token_ms=first,
        )

    async def _prompt(self, case: Case) -> tuple[Sequence[Hit], Prompt]:
        settings = self.runtime.settings
        found = await self.runtime.answerer.search(case.question, settings.retrieve)
        prompt = await fit(
            self.chat,
            [hit.passage for hit in found.passages[: settings.context_passages]],
            settings.chat_max_tokens,
            lambda shown: messages_for(
                self.prompts, "answer", case.language, shown, case.question.text
            ),
        )
        return found.passages, prompt

    def _verbatim(self, answer: Answer) -> int:
        library, kb = self.runtime.library, self.runtime.settings.kb
        return sum(
            library.text(kb, citation.document_id, citation.revision)[citation.start : citation.end]
            == citation.quote
            for citation in answer.citations
        )


def _plain_messages(prompt: Prompt, prompts: Prompts, case: Case) -> tuple[Message, ...]:
    template = (files("app.evaluation.plain") / f"{case.language}.md").read_text("utf-8")
    return (
        Message(
            "user",
            template.format(
                context=render_context(prompt.shown),
                query=case.question.text,
                refusal=prompts.refusal(case.language),
            ).strip(),
        ),
    )


async def _write(
    chat: ChatModel, messages: Sequence[Message], max_tokens: int, started: float
) -> tuple[str, float | None]:
    pieces: list[str] = []
    first: float | None = None
    async with aclosing(chat.stream(ChatRequest(messages, max_tokens))) as stream:
        async for item in stream:
            if isinstance(item, Token):
                first = _ms(started) if first is None else first
                pieces.append(item.text)
    return "".join(pieces).strip(), first


def _shows(prompt: Prompt, case: Case) -> bool:
    return any(passage.document_id in case.gold for passage in prompt.shown)


def _record(
    case: Case,
    key: str,
    system: System,
    *,
    answer: str,
    answered: bool,
    reason: str | None,
    cited: tuple[str, ...],
    quotes: int,
    verbatim: int,
    found: bool,
    total_ms: float,
    first_token_ms: float | None,
    statements: int = 0,
    supported: int = 0,
    first_statement_ms: float | None = None,
    written: int | None = None,
    verify_ms: float | None = None,
    signals: dict[str, float | None] | None = None,
) -> Record:
    answers = case.gold_question.answers
    return Record(
        key=key,
        system=system,
        question=case.question.text,
        id=case.gold_question.id,
        language=case.language,
        answerable=case.gold_question.answerable,
        answered=answered,
        reason=reason,
        answer=answer,
        match=answered and contains(answer, answers),
        f1=f1(cut(answer)[0], answers) if answered else 0.0,
        gold=tuple(sorted(case.gold)),
        cited=cited,
        quotes=quotes,
        verbatim=verbatim,
        statements=statements,
        supported=supported,
        found=found,
        total_ms=round(total_ms, 1),
        first_token_ms=None if first_token_ms is None else round(first_token_ms, 1),
        first_statement_ms=None if first_statement_ms is None else round(first_statement_ms, 1),
        written=written,
        verify_ms=None if verify_ms is None else round(verify_ms, 2),
        signals=signals or {},
        kind=case.gold_question.kind,
        points=points_in(answer, answers) if answered else 0,
        of=len(answers),
        ordered=in_order(answer, answers),
    )


def _ms(started: float) -> float:
    return (time.perf_counter() - started) * 1000
