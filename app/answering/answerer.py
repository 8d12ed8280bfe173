"""The one way from a question to an answer; every door goes through `Answerer.ask`.

Question → (rewrite a follow-up) → search → read → gate → evidence → prompt → write → check → events.
Each step may end in a refusal, and every refusal is made by `Draft.refuse`.
What the answers say that need no chat model is in `kinds`, what hits are worth in `weigh`.

Over 350 lines: `ask` is the order of the steps and of the ways out, and is read from top to bottom.
"""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from copy import copy
from dataclasses import replace
from typing import Final

from app.answering.answer import (
    Answer,
    Citations,
    Done,
    Event,
    EvidenceFound,
    Question,
    Retrieved,
    SearchResult,
    Stage,
    TokenPiece,
)
from app.answering.apart import Apart, apart, enough, labelled
from app.answering.budget import fit
from app.answering.compute import NotComputable
from app.answering.context import is_small, messages_for
from app.answering.differing import differing
from app.answering.draft import Draft
from app.answering.evidence import Verification, prepare
from app.answering.evidence.checker import Checker
from app.answering.evidence.judge import Judge
from app.answering.kinds import (
    Subject,
    about_documents,
    asked_about,
    both,
    by_arithmetic,
    given,
    not_answered,
    partial,
    written_by_owner,
)
from app.answering.parts import questions_of
from app.answering.prompts import Prompts
from app.answering.question import Kind, kind_of
from app.answering.quotes import completed, evidence_of, most_quoted, quoted
from app.answering.rephrase import rephrase
from app.answering.rewrite import rewrite, spelled_out
from app.answering.rounds import rounds, unseen
from app.answering.searching import Searched, Searching, document_of, index_name
from app.answering.select import context
from app.answering.summary import Summaries, SummaryOf, summarise
from app.answering.terse import spelled_question
from app.answering.tokens import LearntRates
from app.answering.unknown import unknown_names
from app.answering.weigh import ReadBy, Weighed, Weighing, joined
from app.answering.writing import write
from app.errors import Language, Phrase, QuestionEmpty, QuestionTooLong
from app.index.protocol import Hit, Mode
from app.index.spaces import VectorSpace
from app.index.sparse import SparseEncoder
from app.library.library import Library
from app.models.chat import ChatModel
from app.settings import Settings
from app.text.language import detect_language
from app.texts import say

# Log-odds above the gate's threshold from which the reader is sure: then a draft that does not hold
# is the draft's fault, and the evidence itself is the answer. Of 240 questions without their passage (see
# `app.answering.weigh`) 8 come so far, of those with it 0.76 in one language and 0.38 across.
_SURE = 1.0
# Kinds whose answer is quoted rather than written where the model is small and the reader sure. Of the golden set's lists
# the embedded model left out items, mixed two tables, and took 21 s to write what quoting gives whole in one.
_QUOTED_WHOLE: Final[frozenset[Kind]] = frozenset({"list", "steps", "comparison", "changes"})
# How far below the threshold the best passage may be for its table to be computed over, where the
# question names what to compute, and for the question to be worded anew: of the 240 with their passage 3 are.
_NEAR = -4.0


class Answerer:
    """Asks and searches. All it keeps between questions is how a server was seen to count tokens, and the
    latest summaries."""

    def __init__(
        self,
        settings: Settings,
        library: Library,
        space_of: Callable[[str], VectorSpace | None],
        sparse: SparseEncoder,
        chat: ChatModel | None,
        prompts: Prompts,
        reading: ReadBy,
    ) -> None:
        """`space_of` gives the index of a knowledge base with its embedding model, None when
        nothing was put into it. Without `chat` every answer is made of quotes."""
        self._settings = settings
        self._searching = Searching(library, space_of, sparse)
        self._weighing = Weighing(settings, reading, sparse)
        self._reading = reading
        self._chat = chat
        self._prompts = prompts
        self._rates = LearntRates()
        self._summaries = Summaries()

    def with_chat(self, chat: ChatModel | None) -> "Answerer":
        """The same with another chat model, which counts tokens in its own way."""
        other = copy(self)
        other._chat, other._rates = chat, LearntRates()
        return other

    @property
    def settings(self) -> Settings:
        """Those that it answers with."""
        return self._settings

    def with_settings(self, settings: Settings, version: str) -> "Answerer":
        """The same with other settings of answering; `version` is theirs (app.answering.versions)."""
        other = copy(self)
        other._settings = settings
        other._reading = replace(self._reading, version=version)
        other._weighing = self._weighing.like(settings, other._reading)
        other._summaries = Summaries()
        return other

    def through(self, space_of: Callable[[str], VectorSpace | None]) -> "Answerer":
        """The same, searching other indexes."""
        other = copy(self)
        other._searching = self._searching.through(space_of)
        return other

    def over(self, library: Library) -> "Answerer":
        """The same, asking and searching what a caller sees of the library."""
        seen = copy(self)
        seen._searching = self._searching.over(library)
        return seen

    @property
    def made_by(self) -> str:
        """What makes its answers, but for the indexes and their embedding model."""
        chat, reading = self._chat, self._reading
        names = (
            chat and (chat.provider, chat.name, chat.num_ctx),
            reading.reader.name,
            reading.reranker and reading.reranker.name,
            reading.version,
            self._prompts.version,
        )
        return repr(names)

    async def search(self, question: Question, limit: int, mode: Mode = "hybrid") -> SearchResult:
        """Retrieval alone, best first. Raises as `ask` does, but for the chat model's errors."""
        self._check(question.text)
        started = time.perf_counter()
        spaces, hits = await asyncio.to_thread(
            self._searching.retrieve, question, question.text, limit, mode
        )
        total = round((time.perf_counter() - started) * 1000, 1)
        return SearchResult(hits, index_name(question, spaces), {"total": total})

    async def answer(self, question: Question) -> Answer:
        """The end of `ask`."""
        async with aclosing(self.ask(question)) as events:
            async for event in events:
                if isinstance(event, Done):
                    return event.answer
        raise AssertionError("ask() ends with Done or raises")

    async def ask(self, question: Question) -> AsyncGenerator[Event, None]:
        """The events of one answer; closing the iterator stops the generation.

        Raises QuestionEmpty, QuestionTooLong, KnowledgeBaseNotFound, ContextTruncated,
        ReadingFailed, and the errors of the models, the index and the library.
        """
        self._check(question.text)
        chat = self._chat if question.mode == "auto" else None
        draft = Draft(
            chat, self._settings.embedding_model, self._prompts.version, self._reading.version
        )
        text = question.text.strip()
        draft.language = detect_language(text)
        kind = kind_of(text)
        if kind == "greeting":
            greeting = self._prompts.render("greeting", draft.language)
            yield TokenPiece(greeting)
            yield draft.greet(greeting)
            return
        if question.history:
            text = (
                await rewrite(chat, self._prompts, question.history, text)
                if chat is not None
                else spelled_out(question.history, text)
            )
            draft.standalone = text if text != question.text.strip() else None
            draft.language, kind = detect_language(text), kind_of(text)
        draft.refusal, draft.soon = await asyncio.to_thread(
            self._refusal, question.kb, draft.language
        )

        yield Stage("search")
        limit = max(self._settings.retrieve, self._settings.read_passages)
        words, text = text, spelled_question(text)
        kind = kind_of(text)
        questions = questions_of(text)
        few = words if text != words and len(questions) == 1 else ""
        spaces, hits = await self._found(draft, question, words, limit)
        draft.hits, draft.index = hits, index_name(question, spaces)
        draft.retrieve_ms = draft.ms
        yield Retrieved(draft.retrieved(), draft.standalone)
        if not hits:
            yield TokenPiece(draft.refusal)
            yield draft.refuse("no_hits")
            return
        draft.embedding = spaces[0].embedder.identity.model

        if question.mode == "auto":
            own = await asyncio.to_thread(
                written_by_owner, self._searching, question, words, spaces
            )
            if own is not None:
                yield Stage("quote")
                for event in given(draft, own, "curated"):
                    yield event
                return

        subject = await asyncio.to_thread(
            asked_about, self._searching, question, text, kind, spaces, hits
        )
        if subject is not None and chat is not None and self._is_capable(chat):
            summary = self._summarised(chat, draft, question.kb, text, spaces, subject)
            async with aclosing(summary) as events:
                async for event in events:
                    yield event
                    if isinstance(event, Done):
                        return
        if kind in ("overview", "documents"):
            told = await asyncio.to_thread(
                about_documents,
                self._searching,
                self._weighing,
                question,
                text,
                kind,
                spaces,
                draft,
                subject,
            )
            if told is not None:
                for event in given(draft, told, "quotes"):
                    yield event
                return

        yield Stage("read")
        reads: list[Weighed] = []
        alone = len(questions) == 1 and self._settings.search_seconds > 0
        things = apart(text, kind) if alone else ()
        for part in questions:
            if len(questions) > 1:
                yield Stage("search_again", part)
                _, hits = await self._found(draft, question, part, limit)
            reads.append(
                await asyncio.to_thread(
                    self._weighing.read, part, hits, kind_of(part), draft, spaces, few
                )
            )
            if few:
                found = await asyncio.to_thread(
                    self._weighing.read, few, hits, kind, draft, spaces, few
                )
                reads[-1] = max(reads[-1], found, key=lambda each: each.above)
            for further in () if things else rounds(question, part):
                if reads[-1].above >= 0 or draft.ms > self._settings.search_seconds * 1000:
                    break
                yield Stage("search_again", further.said)
                asked = replace(question, filter=further.filter)
                _, more = await self._found(
                    draft, asked, further.text, self._settings.retrieve, further.mode
                )
                if new := unseen(more, draft.hits):
                    found = await asyncio.to_thread(
                        self._weighing.read, part, new, kind_of(part), draft, spaces, few
                    )
                    reads[-1] = max(reads[-1], found, key=lambda each: each.above)
            if things:
                continue
            left = self._settings.search_seconds - draft.ms / 1000
            if not _NEAR <= reads[-1].above < 0 or chat is None or not self._is_capable(chat):
                continue  # nothing comes near: other words would not either
            if await asyncio.to_thread(unknown_names, part, draft.language, draft.hits):
                continue  # other words do not make a name known
            yield Stage("search_again", part)
            for said in await rephrase(chat, self._prompts, part, left):
                if reads[-1].above >= 0 or draft.ms > self._settings.search_seconds * 1000:
                    break
                yield Stage("search_again", said)
                _, more = await self._found(draft, question, said, self._settings.retrieve)
                # What is in the other language is read better when it is asked in it.
                read_as = said if detect_language(said) != detect_language(part) else part
                found = await asyncio.to_thread(
                    self._weighing.read, read_as, more, kind_of(part), draft, spaces
                )
                reads[-1] = max(reads[-1], found, key=lambda each: each.above)
        if things and (reads[0].above < 0 or not reads[0].found):
            of_each: list[Weighed] = []
            async with aclosing(
                self._of_each(things, draft, question, spaces, limit, of_each)
            ) as stages:
                async for stage in stages:
                    yield stage
            if len(of_each) == len(things) and enough(of_each):
                questions = tuple(thing.text for thing in things)
                reads = labelled(things, of_each)
        read = joined(reads, self._settings.context_passages)
        missing = tuple(part for part, each in zip(questions, reads, strict=True) if each.above < 0)
        draft.evidence = evidence_of(read.found)
        if read.above < 0:
            computed = None
            if kind == "compute" and len(questions) == 1:
                computed = await asyncio.to_thread(
                    by_arithmetic,
                    text,
                    read,
                    draft.hits,
                    spaces,
                    draft.language,
                    named=True,
                    alone=read.above < _NEAR,
                )
            if not isinstance(computed, Verification):
                yield TokenPiece(draft.refusal)
                yield not_answered(draft, computed)
                return
            yield Stage("compute")
            for event in given(draft, computed, "computed"):
                yield event
            return
        yield EvidenceFound(draft.evidence)
        if kind == "compute" and len(questions) == 1:
            computed = await asyncio.to_thread(
                by_arithmetic, text, read, draft.hits, spaces, draft.language
            )
            if isinstance(computed, NotComputable) and computed.named:
                yield TokenPiece(draft.refusal)
                yield not_answered(draft, computed)
                return
            if isinstance(computed, Verification):
                yield Stage("compute")
                for event in given(draft, computed, "computed"):
                    yield event
                return
        if len(questions) == 1 and (two := differing(read.found)) is not None:
            yield Stage("quote")
            for event in given(draft, both(two, draft.language), "quotes", differ=True):
                yield event
            return
        most = most_quoted(kind) * len(questions)
        if chat is None and not read.found:
            yield TokenPiece(draft.refusal)
            yield draft.refuse("unverified")
            return
        sure = kind in _QUOTED_WHOLE and self._is_sure(read)
        if chat is None or (sure and not self._is_capable(chat)):
            yield Stage("quote")
            whole = partial(quoted(read.found, draft.language, most), missing, draft.language)
            for event in given(draft, whole, "quotes"):
                yield event
            return
        writing = self._written(chat, draft, text, kind, spaces, read, missing)
        async with aclosing(writing) as events:
            async for event in events:
                yield event

    async def _written(
        self,
        chat: ChatModel,
        draft: Draft,
        text: str,
        kind: Kind,
        spaces: Searched,
        read: Weighed,
        missing: Sequence[str],
    ) -> AsyncGenerator[Event, None]:
        """From the evidence to the end, with a chat model."""
        yield Stage("write")
        settings, language = self._settings, draft.language
        passages = await asyncio.to_thread(
            context, read.worth, kind, lambda passage: document_of(spaces, passage)
        )
        task = "answer-small" if is_small(chat.name, settings.prompt_set) else "answer"
        with draft.step("prompt"):
            prompt = await fit(
                chat,
                passages,
                settings.chat_max_tokens,
                lambda shown: messages_for(self._prompts, task, language, shown, text, kind),
                self._rates.rates(chat.name),
            )
            draft.prompt = prompt
            material = await asyncio.to_thread(prepare, prompt.shown)
        judge = Judge(material, text, language, spaces[0].embedder, self._reading.reader)
        strict = settings.strictness == "strict"
        checker = Checker(judge, strict=strict)
        may_quote = self._is_sure(read)
        writing = write(
            chat,
            prompt,
            checker,
            draft,
            max_tokens=settings.chat_max_tokens,
            temperature=settings.chat_temperature,
            may_quote=may_quote,
        )
        with draft.step("generate"):
            async with aclosing(writing) as pieces:
                async for piece in pieces:
                    yield piece
        draft.left_out = checker.left_out
        if not prompt.exact and draft.finish and draft.finish.prompt_tokens:
            self._rates.learn(chat.name, prompt.messages, draft.finish.prompt_tokens)
        if checker.answer:
            result = checker.result()
            whole = completed(result, read.parts, language)
            whole = partial(whole, missing, language)
            if rest := whole.answer[len(result.answer) :]:
                yield TokenPiece(rest)
            yield Citations(whole.citations)
            yield draft.accept(whole)
            return
        if may_quote or (checker.assented and read.found):
            yield Stage("quote")
            most = most_quoted(kind) * max(1, len(read.parts))
            whole = partial(quoted(read.found, language, most), missing, language)
            for event in given(draft, whole, "quotes"):
                yield event
            return
        yield TokenPiece(draft.refusal)
        yield draft.refuse("unverified" if checker.left_out else "model")

    async def _of_each(
        self,
        things: Sequence[Apart],
        draft: Draft,
        question: Question,
        spaces: Searched,
        limit: int,
        reads: list[Weighed],
    ) -> AsyncGenerator[Stage, None]:
        """Search and read for each of several things; `reads` takes what was read, of all unless time runs out."""
        began = draft.ms
        for thing in things:
            spent = (draft.ms - began) / 1000
            if len(reads) > 1 and spent > self._settings.search_seconds * len(things):
                return
            yield Stage("search_again", thing.text)
            _, hits = await self._found(draft, question, thing.text, limit)
            read = await asyncio.to_thread(
                self._weighing.read, thing.text, hits, kind_of(thing.text), draft, spaces
            )
            reads.append(read)

    def _is_sure(self, read: Weighed) -> bool:
        """Whether the evidence itself may stand in for what a chat model writes."""
        strict = self._settings.strictness == "strict"
        return strict and read.above >= _SURE and bool(read.found)

    def _is_capable(self, chat: ChatModel) -> bool:
        """Whether a model can be asked for more than a sentence."""
        return not is_small(chat.name, self._settings.prompt_set)

    async def _summarised(
        self,
        chat: ChatModel,
        draft: Draft,
        kb: str,
        text: str,
        spaces: Searched,
        asked: Subject,
    ) -> AsyncGenerator[Event, None]:
        """A summary by the chat model, or the one that it made of this before; nothing where nothing that it
        writes is borne out."""
        language = draft.language
        first, last = asked.passages[0], asked.passages[-1]
        told = messages_for(self._prompts, "summary", language, (), text)
        of = SummaryOf(
            first.kb or kb,
            first.document_id,
            first.revision,
            first.start,
            last.end,
            f"{chat.provider}/{chat.name}",
            "\n".join(message.content for message in told),
        )
        made = self._summaries.get(of)
        if made is None:
            yield Stage("write")
            material = await asyncio.to_thread(prepare, asked.passages)
            judge = Judge(material, text, language, spaces[0].embedder, self._reading.reader)
            # Every item is to have its quote, whatever else strictness allows.
            checker = Checker(judge, strict=True)
            writing = summarise(
                chat,
                self._prompts,
                language,
                text,
                asked.passages,
                checker,
                draft,
                self._rates.rates(chat.name),
                self._settings.chat_temperature,
            )
            with draft.step("generate"):
                async with aclosing(writing) as pieces:
                    async for piece in pieces:
                        yield piece
            draft.left_out = checker.left_out
            if not checker.answer:
                return
            made = checker.result()
            self._summaries.put(of, made)
        else:
            yield TokenPiece(made.answer)
        yield Citations(made.citations)
        yield draft.accept(made)

    async def _found(
        self, draft: Draft, question: Question, text: str, limit: int, mode: Mode = "hybrid"
    ) -> tuple[Searched, tuple[Hit, ...]]:
        with draft.step("retrieve"):
            return await asyncio.to_thread(self._searching.retrieve, question, text, limit, mode)

    def _check(self, text: str) -> None:
        if not text.strip():
            raise QuestionEmpty()
        if len(text) > self._settings.max_question_chars:
            raise QuestionTooLong(length=len(text), limit=self._settings.max_question_chars)

    def _refusal(self, kb: str, language: Language) -> tuple[str, str]:
        """How a refusal is worded, and what is said with it while documents are being taken in, '' else."""
        library, data = self._searching.library, self._settings.data
        soon = ""
        if library.takes_in(kb, data):
            soon = say(Phrase("taking_in", count=library.current_count(kb)), language)
        return library.refusals.of(kb, language) or self._prompts.refusal(language), soon
