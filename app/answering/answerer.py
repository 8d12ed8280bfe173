"""The one way from a question to an answer; every door goes through `Answerer.ask`.

Question → (rewrite a follow-up) → search → read → gate → evidence → prompt → write → check → events.
Each step may end in a refusal, and every refusal is made by `Draft.refuse`.

Over 350 lines: the steps in their order, each a method of a few lines that calls the module which does it.
"""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from copy import copy
from dataclasses import dataclass, replace

from app.answering.answer import (
    Answer,
    AnswerKind,
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
from app.answering.answerable import AnswerGate
from app.answering.blocks import Block, block_for
from app.answering.budget import fit
from app.answering.comparing import compared
from app.answering.compute import NotComputable, compute, concerns, names_kind, operation_of
from app.answering.context import is_small, messages_for
from app.answering.curated import curated_for
from app.answering.differing import Differing, differing
from app.answering.draft import Draft
from app.answering.evidence import Verification, prepare
from app.answering.evidence.checker import Checker
from app.answering.evidence.judge import Judge
from app.answering.overview import (
    MOST_DOCUMENTS,
    named_document,
    named_section,
    of_document,
    of_library,
    of_section,
    on_topic,
    one_each,
    titled,
)
from app.answering.parts import merged, merged_found, questions_of
from app.answering.prompts import Prompts
from app.answering.question import WHOLE, Kind, kind_of
from app.answering.quotes import Found, completed, evidence_of, find, most_quoted, quoted
from app.answering.read import ReadHit, ReadResult, read_hits
from app.answering.rephrase import rephrase
from app.answering.retrieve import retrieve, searched, together
from app.answering.rewrite import rewrite, spelled_out
from app.answering.rounds import rounds, unseen
from app.answering.select import context, section_of, worth
from app.answering.summary import Summaries, SummaryOf, summarise
from app.answering.tokens import LearntRates
from app.answering.unknown import unknown_names
from app.answering.writing import write
from app.errors import Language, Phrase, QuestionEmpty, QuestionTooLong
from app.index.protocol import Filter, Hit, Mode, Passage
from app.index.spaces import VectorSpace
from app.index.sparse import SparseEncoder
from app.library.library import Library
from app.models.chat import ChatModel
from app.models.reading import Reader
from app.models.reranking import Reranker
from app.settings import Settings
from app.text.language import detect_language
from app.text.lines import is_table_row
from app.texts import say

# Log-odds above the gate's threshold from which the reader is sure: then a draft that does not hold
# is the draft's fault, and the evidence itself is the answer.
_SURE = 1.0
# A passage that is this much below the best, in log-odds, is not quoted beside it.
_BESIDE = 3.0
# How far below the threshold the best passage may be for its table to be computed over, where the
# question names what to compute, and for the question to be worded anew.
_NEAR = -4.0
# Log-odds that a list or steps gain where the question names the heading that they stand under, and no word
# of it is missing there.
_LED = 2.0
# Share of its words that may be missing for it to gain anything: the word that is missing may be what is asked.
_LACKS = 0.4
# One that is so much below the best passage is not what is asked for, whatever its heading says.
_LED_BELOW = 4.0
# Log-odds that a comparison gains where each of the things that it names is told of.
_COMPARED = 1.0
# What the best passage is worth where no document holds a name that is asked about.
_UNKNOWN = -10.0
# Passages whose tables are tried for arithmetic.
_TABLES = 8

# The indexes that a question is put to, one for each knowledge base that holds something.
Spaces = tuple[VectorSpace, ...]


@dataclass(frozen=True)
class Reading:
    """Who reads, and what is made of it."""

    reader: Reader
    gate: AnswerGate
    reranker: Reranker | None = None


@dataclass(frozen=True)
class _Read:
    """`worth`: hits worth showing, best first; `above`: log-odds of the best one above the threshold."""

    worth: tuple[ReadHit, ...]
    found: tuple[Found, ...]
    above: float
    # Of a message that asks several things: what was found for each that is answered.
    parts: tuple[tuple[Found, ...], ...] = ()


@dataclass(frozen=True)
class _Asked:
    """A document, or a `section` of one, that is to be summarised; `passages` is not empty."""

    passages: tuple[Passage, ...]
    section: bool = False


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
        reading: Reading,
    ) -> None:
        """`space_of` gives the index of a knowledge base with its embedding model, None when
        nothing was put into it. Without `chat` every answer is made of quotes."""
        self._settings = settings
        self._library = library
        self._space_of = space_of
        self._sparse = sparse
        self._chat = chat
        self._prompts = prompts
        self._reading = reading
        self._rates = LearntRates()
        self._summaries = Summaries()

    def with_chat(self, chat: ChatModel | None) -> "Answerer":
        """The same with another chat model, which counts tokens in its own way."""
        other = copy(self)
        other._chat, other._rates = chat, LearntRates()
        return other

    def over(self, library: Library) -> "Answerer":
        """The same, asking and searching what a caller sees of the library."""
        seen = copy(self)
        seen._library = library
        return seen

    async def search(self, question: Question, limit: int, mode: Mode = "hybrid") -> SearchResult:
        """Retrieval alone, best first. Raises as `ask` does, but for the chat model's errors."""
        self._check(question.text)
        started = time.perf_counter()
        spaces, hits = await asyncio.to_thread(self._retrieve, question, question.text, limit, mode)
        total = round((time.perf_counter() - started) * 1000, 1)
        return SearchResult(hits, _index_name(question, spaces), {"total": total})

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
        draft = Draft(chat, self._settings.embedding_model)
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
        draft.refusal = await asyncio.to_thread(self._refusal, question.kb, draft.language)

        yield Stage("search")
        limit = max(self._settings.retrieve, self._settings.read_passages)
        questions = questions_of(text)
        spaces, hits = await asyncio.to_thread(self._retrieve, question, text, limit, "hybrid")
        draft.hits, draft.index = hits, _index_name(question, spaces)
        draft.retrieve_ms = draft.ms
        yield Retrieved(draft.retrieved(), draft.standalone)
        if not hits:
            yield TokenPiece(draft.refusal)
            yield draft.refuse("no_hits")
            return
        draft.embedding = spaces[0].embedder.identity.model

        if question.mode == "auto":
            own = await asyncio.to_thread(self._curated, question, text, spaces)
            if own is not None:
                yield Stage("quote")
                for event in self._given(draft, own, "curated"):
                    yield event
                return

        subject = await asyncio.to_thread(self._asked_about, question, text, kind, spaces, hits)
        if subject is not None and chat is not None and self._is_capable(chat):
            summary = self._summarised(chat, draft, question.kb, text, spaces, subject)
            async with aclosing(summary) as events:
                async for event in events:
                    yield event
                    if isinstance(event, Done):
                        return
        if kind in ("overview", "documents"):
            told = await asyncio.to_thread(
                self._about_documents, question, text, kind, spaces, draft, subject
            )
            if told is not None:
                for event in self._given(draft, told, "quotes"):
                    yield event
                return

        yield Stage("read")
        reads: list[_Read] = []
        for part in questions:
            if len(questions) > 1:
                yield Stage("search_again", part)
                _, hits = await asyncio.to_thread(self._retrieve, question, part, limit, "hybrid")
            reads.append(
                await asyncio.to_thread(self._read, part, hits, kind_of(part), draft, spaces)
            )
            for further in rounds(question, part):
                if reads[-1].above >= 0 or draft.ms > self._settings.search_seconds * 1000:
                    break
                yield Stage("search_again", further.said)
                asked = replace(question, filter=further.filter)
                _, more = await asyncio.to_thread(
                    self._retrieve, asked, further.text, self._settings.retrieve, further.mode
                )
                if new := unseen(more, draft.hits):
                    found = await asyncio.to_thread(
                        self._read, part, new, kind_of(part), draft, spaces
                    )
                    reads[-1] = max(reads[-1], found, key=lambda each: each.above)
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
                _, more = await asyncio.to_thread(
                    self._retrieve, question, said, self._settings.retrieve, "hybrid"
                )
                # What is in the other language is read better when it is asked in it.
                read_as = said if detect_language(said) != detect_language(part) else part
                found = await asyncio.to_thread(
                    self._read, read_as, more, kind_of(part), draft, spaces
                )
                reads[-1] = max(reads[-1], found, key=lambda each: each.above)
        read = _together(reads, self._settings.context_passages)
        missing = tuple(part for part, each in zip(questions, reads, strict=True) if each.above < 0)
        draft.evidence = evidence_of(read.found)
        if read.above < 0:
            computed = None
            if kind == "compute" and read.above >= _NEAR:
                computed = await asyncio.to_thread(
                    self._computed, text, read, draft.hits, spaces, draft.language, named=True
                )
            if not isinstance(computed, Verification):
                yield TokenPiece(draft.refusal)
                yield _not_answered(draft, computed)
                return
            yield Stage("compute")
            for event in self._given(draft, computed, "computed"):
                yield event
            return
        yield EvidenceFound(draft.evidence)
        if kind == "compute":
            computed = await asyncio.to_thread(
                self._computed, text, read, draft.hits, spaces, draft.language
            )
            if isinstance(computed, NotComputable) and computed.named:
                yield TokenPiece(draft.refusal)
                yield _not_answered(draft, computed)
                return
            if isinstance(computed, Verification):
                yield Stage("compute")
                for event in self._given(draft, computed, "computed"):
                    yield event
                return
        if len(questions) == 1 and (two := differing(read.found)) is not None:
            yield Stage("quote")
            for event in self._given(draft, _both(two, draft.language), "quotes"):
                yield event
            return
        most = most_quoted(kind) * len(questions)
        if chat is None:
            if not read.found:
                yield TokenPiece(draft.refusal)
                yield draft.refuse("unverified")
                return
            yield Stage("quote")
            whole = _partial(quoted(read.found, draft.language, most), missing, draft.language)
            for event in self._given(draft, whole, "quotes"):
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
        spaces: Spaces,
        read: _Read,
        missing: Sequence[str],
    ) -> AsyncGenerator[Event, None]:
        """From the evidence to the end, with a chat model."""
        yield Stage("write")
        settings, language = self._settings, draft.language
        passages = await asyncio.to_thread(
            context, read.worth, kind, lambda passage: _document(spaces, passage)
        )
        task = "answer-small" if is_small(chat.name, settings.prompt_set) else "answer"
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
        may_quote = strict and read.above >= _SURE and bool(read.found)
        writing = write(
            chat,
            prompt,
            checker,
            draft,
            max_tokens=settings.chat_max_tokens,
            temperature=settings.chat_temperature,
            may_quote=may_quote,
        )
        async with aclosing(writing) as pieces:
            async for piece in pieces:
                yield piece
        draft.left_out = checker.left_out
        if not prompt.exact and draft.finish and draft.finish.prompt_tokens:
            self._rates.learn(chat.name, prompt.messages, draft.finish.prompt_tokens)
        if checker.answer:
            result = checker.result()
            whole = completed(result, read.parts, language)
            whole = _partial(whole, missing, language)
            if rest := whole.answer[len(result.answer) :]:
                yield TokenPiece(rest)
            yield Citations(whole.citations)
            yield draft.accept(whole)
            return
        if may_quote:
            yield Stage("quote")
            most = most_quoted(kind) * max(1, len(read.parts))
            whole = _partial(quoted(read.found, language, most), missing, language)
            for event in self._given(draft, whole, "quotes"):
                yield event
            return
        yield TokenPiece(draft.refusal)
        yield draft.refuse("unverified" if checker.left_out else "model")

    def _curated(self, question: Question, text: str, spaces: Spaces) -> Verification | None:
        """What an owner wrote for a question that asks the same. Blocking."""
        asked_of = question.filter.document_ids

        def passages_of(document_id: str) -> list[Passage]:
            if asked_of and document_id not in asked_of:
                return []
            chosen = replace(question.filter, document_ids=(document_id,))
            _, hits = self._retrieve(replace(question, filter=chosen), text, 1, "hybrid")
            return _document(spaces, hits[0].passage) if hits else []

        return curated_for(self._library, question.kb, text, passages_of)

    def _about_documents(
        self,
        question: Question,
        text: str,
        kind: Kind,
        spaces: Spaces,
        draft: Draft,
        asked: _Asked | None,
    ) -> Verification | None:
        """The answer to a question about documents, by their own sentences; None where what they say is
        asked. `asked`: see `_asked_about`. Blocking."""
        hits = draft.hits
        if kind == "documents":
            read = self._read(text, hits, "fact", draft, spaces)
            found = on_topic(text, hits) + (read.found if read.above >= 0 else ())
            found = one_each(found)
            phrase = Phrase("overview_documents")
        elif asked is not None:
            of = of_section if asked.section else of_document
            found, phrase = of(asked.passages), Phrase("overview_document")
        else:
            known = self._documents(question, hits)
            documents = (
                _passages(spaces, document_id, revision, kb)
                for _, document_id, revision, kb in known[:MOST_DOCUMENTS]
            )
            phrase = Phrase("overview_library", count=len(known))
            found = of_library([each for each in documents if each])
        if not found:
            return None
        draft.evidence = evidence_of(found)
        intro = say(phrase, draft.language)
        return quoted(found, draft.language, len(found), introduced=intro, titled=True)

    def _asked_about(
        self, question: Question, text: str, kind: Kind, spaces: Spaces, hits: Sequence[Hit]
    ) -> _Asked | None:
        """The section or document that a question for a summary names; None for another question, and where
        it names none. Blocking."""
        if kind != "overview":
            return None
        if section := named_section(text, hits):
            whole = _document(spaces, section.passage)
            return _Asked(tuple(p for p in whole if p.section == section.passage.section), True)
        if named := named_document(text, hits):
            return _Asked(tuple(_document(spaces, named.passage)))
        known = self._documents(question, hits)
        place = titled(text, [title for title, *_ in known], spaces[0].embedder)
        if place is None:
            return None
        _, document_id, revision, kb = known[place]
        passages = _passages(spaces, document_id, revision, kb)
        return _Asked(tuple(passages)) if passages else None

    def _is_capable(self, chat: ChatModel) -> bool:
        """Whether a model can be asked for more than a sentence."""
        return not is_small(chat.name, self._settings.prompt_set)

    async def _summarised(
        self,
        chat: ChatModel,
        draft: Draft,
        kb: str,
        text: str,
        spaces: Spaces,
        asked: _Asked,
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

    def _documents(
        self, question: Question, hits: Sequence[Hit]
    ) -> list[tuple[str, str, str, str | None]]:
        """(title, id, revision, knowledge base as in `Passage.kb`) of the documents that may be asked
        about: with a filter those found, best first; without one all, by source. Blocking."""
        if question.filter == Filter():
            rows = self._library.documents(question.kb)
            return [(row.title, row.id, row.revision, None) for row in rows if row.revision]
        found = [hit.passage for hit in hits]
        return list(dict.fromkeys((p.title, p.document_id, p.revision, p.kb) for p in found))

    def _computed(
        self,
        text: str,
        read: _Read,
        hits: Sequence[Hit],
        spaces: Spaces,
        language: Language,
        *,
        named: bool = False,
    ) -> Verification | NotComputable | None:
        """The answer that code computes over the table that was found, or why it cannot; None for no such
        table, with `named` also for one of other things than the question names. Blocking."""
        failed: NotComputable | None = None
        tried: set[tuple[str, tuple[str, ...]]] = set()
        likely = [(item.hit.passage, named) for item in read.worth]
        for passage, must in (*likely, *((hit.passage, True) for hit in hits)):
            place = (passage.document_id, passage.section)
            if place in tried or not _has_table(passage) or len(tried) >= _TABLES:
                continue
            tried.add(place)
            section = section_of(passage, _document(spaces, passage))
            computed = compute(text, section, language)
            if isinstance(computed, NotComputable):
                if failed is None and concerns(text, computed):
                    failed = computed
            elif computed is not None and (not must or names_kind(text, computed.rows)):
                found = tuple(
                    Found(ReadHit(Hit(part, 0.0, 0.0, 0)), rows)
                    for number, part in enumerate(section)
                    if (rows := tuple(row for row in computed.rows if row.passage == number))
                )
                return quoted(found, language, len(found), introduced=computed.text)
        return failed

    def _given(self, draft: Draft, result: Verification, kind: AnswerKind) -> list[Event]:
        """The end of an answer that is whole already."""
        return [
            TokenPiece(result.answer),
            Citations(result.citations),
            draft.accept(result, kind),
        ]

    def _check(self, text: str) -> None:
        if not text.strip():
            raise QuestionEmpty()
        if len(text) > self._settings.max_question_chars:
            raise QuestionTooLong(length=len(text), limit=self._settings.max_question_chars)

    def _read(
        self, text: str, hits: Sequence[Hit], kind: Kind, draft: Draft, spaces: Spaces
    ) -> _Read:
        """Read the hits, decide, and find the sentences that answer. Blocking."""
        reading = self._reading
        unknown = unknown_names(text, detect_language(text), hits)
        result: ReadResult = read_hits(
            reading.reader,
            text,
            hits,
            seconds=self._settings.read_seconds,
            reranker=reading.reranker,
        )
        read = tuple(item.hit for item in result.hits)
        draft.hits = (*read, *unseen(draft.hits, read)) if draft.looked else read
        language = detect_language(text)
        decision = reading.gate.decide(result, language)
        draft.gate, draft.reader = decision.by, result.reader
        draft.looked += result.looked
        scored = [
            (score, item)
            for item in result.hits
            if (score := reading.gate.score(item, language)) is not None
        ]
        chosen = worth(scored, kind, self._settings.context_passages)
        above = max((score for score, _ in scored), default=-1.0)
        block, of_block = self._block(text, kind, scored, spaces)
        if block is not None:
            above = max(above, of_block + _LED * max(0.0, 1 - (1 - block.covered) / _LACKS))
        if kind == "comparison" or operation_of(text) == "difference":
            each = compared(text, chosen)
            above += _COMPARED if each else 0.0
        else:
            each = ()
        if unknown:
            above = min(above, _UNKNOWN)
        near = round(above, 2) if scored else None
        draft.near = max((each for each in (draft.near, near) if each is not None), default=None)
        if block is not None:
            return _Read(_first(block, scored, chosen), _found(block), above)
        least = 0.0 if kind in WHOLE else max(0.0, above - _BESIDE)
        answering = [item for score, item in scored if item in chosen and score >= least]
        found = each or find(sorted(answering or chosen[:1], key=chosen.index), text, kind)
        return _Read(chosen, found, above)

    def _block(
        self, text: str, kind: Kind, scored: Sequence[tuple[float, ReadHit]], spaces: Spaces
    ) -> tuple[Block | None, float]:
        """The list or steps whose heading the question names, and the best score of its passages; None
        where there is none, or another passage is far more likely to answer. Blocking."""
        if kind not in ("list", "steps") or not scored:
            return None, 0.0
        ordered = sorted(scored, key=lambda pair: -pair[0])
        block = block_for(
            text,
            kind,
            [(score, item.hit.passage) for score, item in ordered],
            lambda passage: _document(spaces, passage),
            self._sparse.cutter.terms,
        )
        if block is None:
            return None, 0.0
        own = [score for score, item in ordered if item.hit.passage.id in block.passages]
        own += self._read_block(text, block)
        if max(own) < ordered[0][0] - _LED_BELOW:
            return None, 0.0
        return block, max(own)

    def _read_block(self, text: str, block: Block) -> list[float]:
        """The score of each of the block's parts by itself, read under its heading. Blocking."""
        hits = [Hit(passage, 0.0, 0.0, 0) for passage, _ in block.parts]
        shown = [
            "\n".join((block.heading, *(sentence.text for sentence in sentences)))
            for _, sentences in block.parts
        ]
        readings = self._reading.reader.read(text, shown)
        language = detect_language(text)
        scores = (
            self._reading.gate.score(ReadHit(hit, reading.answers, reading.spans), language)
            for hit, reading in zip(hits, readings, strict=True)
        )
        return [score for score in scores if score is not None]

    def _retrieve(
        self, question: Question, text: str, limit: int, mode: Mode
    ) -> tuple[Spaces, tuple[Hit, ...]]:
        spaces: list[VectorSpace] = []
        found: list[tuple[str, tuple[Hit, ...]]] = []
        for kb, chosen in searched(question.kb, question.filter):
            space = self._space_of(kb)
            there = retrieve(
                self._library,
                space,
                self._sparse,
                text,
                kb=kb,
                limit=limit,
                mode=mode,
                filter=chosen,
            )
            spaces += [space] if space else []
            found.append((kb, there.hits))
        if [kb for kb, _ in found] == [question.kb]:
            return tuple(spaces), found[0][1]
        return tuple(spaces), together(found, limit)

    def _refusal(self, kb: str, language: Language) -> str:
        return self._library.refusals.of(kb, language) or self._prompts.refusal(language)


def _together(reads: Sequence[_Read], most: int) -> _Read:
    """What was read for several questions as one: the best of each answered one first."""
    if len(reads) == 1:
        return reads[0]
    answered = [read for read in reads if read.above >= 0]
    return _Read(
        merged([read.worth for read in answered or reads], max(most, len(answered))),
        merged_found([read.found for read in answered]),
        max(read.above for read in reads),
        tuple(read.found for read in answered),
    )


def _not_answered(draft: Draft, why: NotComputable | None) -> Done:
    """The refusal of a question that no passage answers; with `why`, of one that cannot be computed."""
    if why is None:
        return draft.refuse("low_relevance")
    return draft.refuse("not_computable", say(why.reason, draft.language))


def _first(
    block: Block, scored: Sequence[tuple[float, ReadHit]], chosen: Sequence[ReadHit]
) -> tuple[ReadHit, ...]:
    """The hits worth showing, those of the block first."""
    own = [item for _, item in scored if item.hit.passage.id in block.passages]
    own.sort(key=lambda item: item.hit.passage.ordinal)
    return (*own, *(item for item in chosen if item not in own))[: max(len(chosen), len(own))]


def _found(block: Block) -> tuple[Found, ...]:
    return tuple(
        Found(ReadHit(Hit(passage, 0.0, 0.0, 0)), sentences) for passage, sentences in block.parts
    )


def _both(two: Differing, language: Language) -> Verification:
    """Both documents that differ, the later first, each with its date."""
    titles = {}
    orders = Phrase("differ_later"), Phrase("differ_older")
    for found, when, order in zip((two.later, two.older), two.dates, orders, strict=True):
        passage = found.item.hit.passage
        said = [when.isoformat()] if when else []
        said += [say(order, language)] if two.known else []
        detail = say(Phrase("list_separator"), language).join(said)
        titles[passage.document_id] = f"{passage.title} ({detail})" if detail else passage.title
    intro = say(Phrase("documents_differ"), language)
    return quoted((two.later, two.older), language, 2, introduced=intro, titles=titles)


def _partial(result: Verification, missing: Sequence[str], language: Language) -> Verification:
    """The answer with what the documents do not hold of the question."""
    if not missing:
        return result
    parts = say(Phrase("list_separator"), language).join(part.strip() for part in missing)
    told = say(Phrase("part_missing", parts=parts), language)
    return replace(result, answer=f"{result.answer}\n\n{told}")


def _has_table(passage: Passage) -> bool:
    return any(is_table_row(line) for line in passage.text.splitlines())


def _index_name(question: Question, spaces: Spaces) -> str:
    return ", ".join(space.index.collection for space in spaces) or f"kb_{question.kb}@empty"


def _document(spaces: Spaces, passage: Passage) -> list[Passage]:
    """The passages of its document."""
    return _passages(spaces, passage.document_id, passage.revision, passage.kb)


def _passages(spaces: Spaces, document_id: str, revision: str, kb: str | None) -> list[Passage]:
    """The passages of a document: those of one revision are the same in each knowledge base."""
    for space in spaces:
        if found := space.index.passages(document_id, revision):
            return [replace(each, kb=kb) for each in found] if kb else found
    return []
