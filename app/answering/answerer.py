"""The one way from a question to an answer; every door goes through `Answerer.ask`.

Question → (rewrite a follow-up) → retrieve → gate → fit the window → probe → generate →
verify. Each step may end in a refusal, and every refusal is made in `_Draft.refuse`.
"""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from functools import cache

from app.answering.answer import (
    Answer,
    Citations,
    Done,
    Event,
    GateKind,
    Models,
    Question,
    Refusal,
    RefusalReason,
    Retrieved,
    RetrievedPassage,
    SearchResult,
    ThoughtPiece,
    Timings,
    TokenPiece,
    Usage,
)
from app.answering.budget import Prompt, check_count, fit
from app.answering.context import messages_for
from app.answering.evidence import Verification, prepare, verify
from app.answering.gate import Gate, Signals, is_refusal, signals_of
from app.answering.prompts import Prompts
from app.answering.retrieve import retrieve
from app.answering.rewrite import rewrite
from app.errors import Language, QuestionEmpty, QuestionTooLong
from app.index.protocol import Hit, Mode
from app.index.spaces import VectorSpace
from app.index.sparse import SparseEncoder
from app.library.library import Library
from app.models.chat import ChatModel, ChatRequest, Finish, Message, Thought, Token
from app.settings import Settings
from app.text.language import detect_language


class Answerer:
    """Asks and searches. Holds no state of its own between questions."""

    def __init__(
        self,
        settings: Settings,
        library: Library,
        space_of: Callable[[str], VectorSpace | None],
        sparse: SparseEncoder,
        chat: ChatModel,
        prompts: Prompts,
        gate_of: Callable[[str], Gate],
    ) -> None:
        """`space_of` gives the index of a knowledge base with its embedding model, None when
        nothing was put into it; `gate_of` the gate for an embedding model, by its name."""
        self._settings = settings
        self._library = library
        self._space_of = space_of
        self._sparse = sparse
        self._chat = chat
        self._prompts = prompts
        self._gate_of = cache(gate_of)

    async def search(self, question: Question, limit: int, mode: Mode = "hybrid") -> SearchResult:
        """Retrieval alone, best first. Raises as `ask` does, but for the chat model's errors."""
        self._check(question.text)
        started = time.perf_counter()
        space, hits = await asyncio.to_thread(self._retrieve, question, question.text, limit, mode)
        return SearchResult(hits, self._index_name(question.kb, space), {"total": _ms(started)})

    async def answer(self, question: Question) -> Answer:
        """The end of `ask`."""
        async with aclosing(self.ask(question)) as events:
            async for event in events:
                if isinstance(event, Done):
                    return event.answer
        raise AssertionError("ask() ends with Done or raises")

    async def ask(self, question: Question) -> AsyncGenerator[Event, None]:
        """The events of one answer; closing the iterator stops the generation.

        Raises QuestionEmpty, QuestionTooLong, KnowledgeBaseNotFound, ContextTruncated, and the
        errors of the models, the index and the library.
        """
        self._check(question.text)
        draft = _Draft(
            self._prompts, self._chat, self._settings.embedding_model, time.perf_counter()
        )
        text = question.text.strip()
        if question.history:
            text = await rewrite(self._chat, self._prompts, question.history, text)
            draft.standalone = text if text != question.text.strip() else None
        draft.language = detect_language(text)
        draft.refusal = await asyncio.to_thread(self._refusal, question.kb, draft.language)

        space, hits = await asyncio.to_thread(
            self._retrieve, question, text, self._settings.retrieve, "hybrid"
        )
        draft.hits, draft.index = hits, self._index_name(question.kb, space)
        draft.retrieve_ms = _ms(draft.started)
        yield Retrieved(draft.retrieved(), draft.standalone)
        if space is None or not hits:
            yield draft.refuse("no_hits")
            return
        # The model that the hits were found with checks the answer, too, whatever comes meanwhile.
        gate, embedder = self._gate_of(space.embedder.identity.model), space.embedder
        draft.embedding = embedder.identity.model
        if gate.low_relevance(hits, draft.language):
            yield draft.refuse("low_relevance")
            return

        language = draft.language
        candidates = [hit.passage for hit in hits[: self._settings.context_passages]]
        prompt = await fit(
            self._chat,
            candidates,
            self._settings.chat_max_tokens,
            lambda shown: messages_for(self._prompts, "answer", language, shown, text),
        )
        draft.prompt = prompt
        signals = await self._signals(prompt, hits, language, text)
        decision = gate.decide(signals, language)
        draft.gate = decision.by
        if not decision.answerable:
            yield draft.refuse("model")
            return

        # Cut while the model writes, so that checking adds nothing but the comparison.
        material = asyncio.create_task(asyncio.to_thread(prepare, prompt.shown))
        pieces: list[str] = []
        held, shown = "", False
        thoughts: list[str] = []
        async with aclosing(self._generate(prompt.messages)) as stream:
            async for item in stream:
                match item:
                    case Token():
                        if not pieces:
                            draft.first_token_ms = _ms(draft.started)
                        pieces.append(item.text)
                        held += item.text
                        # What once was no beginning of a refusal never becomes one.
                        if shown or not draft.may_be_refusing(held):
                            yield TokenPiece(held)
                            held, shown = "", True
                    case Thought():
                        thoughts.append(item.text)
                        yield ThoughtPiece(item.text)
                    case Finish():
                        check_count(prompt, item)
                        draft.finish = item
        draft.thoughts = "".join(thoughts)
        written = "".join(pieces).strip()
        if not written or is_refusal(written):
            yield draft.refuse("model")
            return
        verification = await asyncio.to_thread(
            verify, written, await material, embedder, language, question=text
        )
        signals = replace(signals, about=verification.about)
        if self._settings.strictness == "strict" and not (
            verification.core_supported and gate.holds(signals, language)
        ):
            yield draft.refuse("unverified")
            return
        yield Citations(verification.citations)
        yield draft.accept(verification)

    def _check(self, text: str) -> None:
        if not text.strip():
            raise QuestionEmpty()
        if len(text) > self._settings.max_question_chars:
            raise QuestionTooLong(length=len(text), limit=self._settings.max_question_chars)

    def _retrieve(
        self, question: Question, text: str, limit: int, mode: Mode
    ) -> tuple[VectorSpace | None, tuple[Hit, ...]]:
        space = self._space_of(question.kb)
        found = retrieve(
            self._library,
            space,
            self._sparse,
            text,
            kb=question.kb,
            limit=limit,
            mode=mode,
            filter=question.filter,
        )
        return space, found.hits

    def _refusal(self, kb: str, language: Language) -> str:
        return self._library.refusals.of(kb, language) or self._prompts.refusal(language)

    def _index_name(self, kb: str, space: VectorSpace | None) -> str:
        return space.index.collection if space else f"kb_{kb}@empty"

    async def _signals(
        self, prompt: Prompt, hits: Sequence[Hit], language: Language, question: str
    ) -> Signals:
        """What retrieval says, and the model, asked for one token, yes or no, over the same context."""
        probe = messages_for(self._prompts, "probe", language, prompt.shown, question)
        logprobs = await self._chat.first_token_logprobs(probe)
        return signals_of(hits, logprobs, language)

    def _generate(
        self, messages: Sequence[Message]
    ) -> AsyncGenerator[Token | Thought | Finish, None]:
        return self._chat.stream(
            ChatRequest(
                messages,
                max_tokens=self._settings.chat_max_tokens,
                temperature=self._settings.chat_temperature,
            )
        )


@dataclass
class _Draft:
    """What is known of an answer so far."""

    prompts: Prompts
    chat: ChatModel
    embedding: str
    started: float
    language: Language = "en"
    refusal: str = ""
    standalone: str | None = None
    hits: tuple[Hit, ...] = ()
    index: str = ""
    retrieve_ms: float = 0.0
    first_token_ms: float | None = None
    prompt: Prompt | None = None
    gate: GateKind | None = None
    finish: Finish | None = None
    thoughts: str = ""

    def retrieved(self, cited: frozenset[str] = frozenset()) -> tuple[RetrievedPassage, ...]:
        shown = {passage.id for passage in self.prompt.shown} if self.prompt else set()
        return tuple(
            RetrievedPassage(hit, hit.passage.id in shown, hit.passage.id in cited)
            for hit in self.hits
        )

    def refuse(self, reason: RefusalReason) -> Done:
        return self._done(self.refusal, Refusal(reason, self.refusal), None)

    def may_be_refusing(self, written: str) -> bool:
        """Whether so far only the beginning of the usual refusal sentence is written while the
        knowledge base words its refusals in its own way: nobody is to see the former."""
        usual = self.prompts.refusal(self.language)
        return self.refusal != usual and usual.startswith(written.strip())

    def accept(self, verification: Verification) -> Done:
        return self._done(verification.answer, None, verification)

    def _done(self, text: str, refusal: Refusal | None, verification: Verification | None) -> Done:
        citations = verification.citations if verification else ()
        return Done(
            Answer(
                answer=text,
                answered=refusal is None,
                refusal=refusal,
                language=self.language,
                citations=citations,
                statements=verification.statements if verification else (),
                retrieved=self.retrieved(frozenset(item.chunk_id for item in citations)),
                models=Models(
                    chat=f"{self.chat.provider}/{self.chat.name}",
                    embedding=self.embedding,
                    index=self.index,
                    gate=self.gate,
                ),
                usage=Usage(
                    prompt_tokens=self.finish.prompt_tokens if self.finish else None,
                    completion_tokens=self.finish.completion_tokens if self.finish else None,
                    dropped_chunks=self.prompt.dropped if self.prompt else 0,
                ),
                timings_ms=Timings(self.retrieve_ms, self.first_token_ms, _ms(self.started)),
                standalone_question=self.standalone,
                unverified_quotes=verification.unverified_quotes if verification else (),
                thoughts=self.thoughts,
            )
        )


def _ms(started: float) -> float:
    return round((time.perf_counter() - started) * 1000, 1)
