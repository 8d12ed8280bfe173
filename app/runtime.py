"""Everything a running groundkb consists of, built once and passed on.

Over 350 lines: one short method for each thing that a storage is asked to do, each calling where it is done.
"""

import asyncio
from collections.abc import AsyncGenerator, Collection, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import structlog

from app.answering.again import AnswersGivenAgain, Around, Tell, around, ask_again
from app.answering.answer import Event, Question
from app.answering.answerable import load_answer_gate
from app.answering.answerer import Answerer
from app.answering.calibration import calibration_text
from app.answering.draft import NO_CHAT
from app.answering.prompts import load_prompts
from app.answering.shadow import changed_settings, of_answering, of_index
from app.answering.versions import settings_version
from app.answering.weigh import ReadBy
from app.errors import GroundkbError, Phrase
from app.index.factory import open_vector_store
from app.index.protocol import VectorStore
from app.index.spaces import Spaces
from app.index.sparse import SparseEncoder
from app.library.jobs import JobRow, NewJob
from app.library.library import DocumentRow, Library, open_library
from app.library.limits import Changed
from app.library.shadow import Tried
from app.library.sight import Sight, usual_kb
from app.library.tables import now
from app.models.chat import ChatModel
from app.models.choose import ChatUnavailable, chat_named, choose_chat
from app.models.embedding import Embedder
from app.models.machine import give_back
from app.models.reader_server import build_reader
from app.models.reading import Reader
from app.models.remembered_reader import RememberedReader
from app.models.reranking import build_reranker
from app.models.sentence_transformer import build_embedder
from app.settings import Settings
from ingest.backup import BackupReport, backup
from ingest.chunk import CHUNKING_VERSION
from ingest.job_runs import job_runs
from ingest.job_worker import JobWorker
from ingest.knowledge_bases import delete_knowledge_base
from ingest.reading import ReadPool
from ingest.reindex import (
    OnReindex,
    ReindexDeps,
    ReindexReport,
    ReindexRequest,
    build_beside,
    drop_old,
    is_behind,
    refuse_another_model,
    reindex_as,
)
from ingest.report import OnEvent, SyncReport, SyncRequest
from ingest.sync import purge, restore_documents, sync
from ingest.tagging import change_tags, set_tags
from ingest.writer import IngestDeps, Stop

log = structlog.get_logger(__name__)

# Windows that are embedded at once while people may ask: about a quarter of a second's work on two cores.
_WINDOWS_BESIDE: Final = 16


@dataclass
class Storage:
    """What ingestion and search need: all but the chat model. `worker` works once it is started."""

    settings: Settings
    library: Library
    vectors: VectorStore
    sparse: SparseEncoder
    indexes: Spaces
    readers: ReadPool

    @property
    def embedder(self) -> Embedder:
        """The one in use; a reindex may replace it."""
        return self.indexes.embedder

    @property
    def deps(self) -> IngestDeps:
        """What ingestion works with."""
        return IngestDeps(self.settings, self.library, self.indexes, self.sparse, self.readers)

    def __post_init__(self) -> None:
        self._of_settings = self.embedder
        self.worker = JobWorker(
            self.library,
            self.settings.data,
            job_runs(lambda: self.deps),
            own_only=not self.settings.serve_jobs,
        )

    def seen_by(self, sight: Sight) -> "Storage":
        """The same as a caller sees it; what works in the background sees all, and is closed here."""
        library = self.library.seen_by(sight)
        if library is self.library:
            return self
        seen = copy(self)
        seen.library = library
        return seen

    def queue(self, new: NewJob, identifier: str | None = None) -> JobRow:
        """Work that whoever this is seen by asks for, queued."""
        return self.worker.add(self.asked(new), identifier=identifier)

    def asked(self, new: NewJob) -> NewJob:
        """The same work, as that of whoever this is seen by."""
        return replace(new, owner=self.library.sight.owner)

    def limit_document(self, kb: str, document_id: str, groups: Collection[str]) -> None:
        """Blocking; see app.library.limits.Limits.limit_document."""
        self._limited(kb, self.library.limits.limit_document(kb, document_id, groups))

    def limit_address(self, kb: str, address: str, groups: Collection[str]) -> None:
        """Blocking; see app.library.limits.Limits.limit_address."""
        self._limited(kb, self.library.limits.limit_address(kb, address, groups))

    def _limited(self, kb: str, changed: Changed) -> None:
        """Tell the index. The limit is in force already: where that fails, the next sync does it."""
        try:
            index = self.indexes.current(kb)
            if index is not None:
                for access, document_ids in changed.items():
                    index.set_access(access, document_ids)
        except GroundkbError as error:
            log.warning("limit_not_in_index", kb=kb, code=error.code, reason=str(error))

    def sync(
        self, request: SyncRequest, on_event: OnEvent, stop: Stop = lambda: False
    ) -> SyncReport:
        """Blocking; see ingest.sync.sync."""
        return sync(replace(self.deps, stop=stop), request, on_event)

    def delete(self, kb: str, document_ids: Sequence[str]) -> None:
        """Blocking; see app.library.library.Library.delete."""
        self.library.delete(kb, document_ids)

    def restore(self, kb: str, document_ids: Sequence[str]) -> list[DocumentRow]:
        """Blocking; see ingest.sync.restore_documents."""
        index = self.indexes.current(kb)
        rows, jobs = restore_documents(self.library, index, kb, document_ids)
        for job in jobs:
            self.queue(job)
        return rows

    def delete_knowledge_base(self, kb: str) -> None:
        """Blocking; see ingest.knowledge_bases.delete_knowledge_base."""
        delete_knowledge_base(self.deps, kb)

    def purge(self) -> None:
        """Forget what was deleted, and noted, long enough ago. Blocking; see ingest.sync.purge."""
        purge(self.deps)
        if self.settings.audit_days:
            self.library.audit.purge(now() - timedelta(days=self.settings.audit_days))

    def set_tags(self, kb: str, document_id: str, tags: tuple[str, ...]) -> None:
        """Blocking; see ingest.tagging.set_tags."""
        set_tags(self.deps, kb, document_id, tags)

    def change_tags(
        self, kb: str, document_ids: Sequence[str], add: Sequence[str], remove: Sequence[str]
    ) -> None:
        """Blocking; see ingest.tagging.change_tags."""
        change_tags(self.deps, kb, document_ids, add, remove)

    def reindex(
        self,
        request: ReindexRequest,
        on_event: OnReindex = lambda _event: None,
        stop: Stop = lambda: False,
    ) -> ReindexReport:
        """Blocking; see ingest.reindex.reindex_as."""
        deps = replace(self._reindex_deps(), on_event=on_event, stop=stop)
        return reindex_as(deps, request, self._of_settings)

    def build_beside(self, embedder: Embedder, on_event: OnReindex, stop: Stop) -> None:
        """Blocking; see ingest.reindex.build_beside. In small steps, between which `stop` is asked: it may
        wait until nobody else needs the processors."""
        deps = replace(
            self._reindex_deps(), on_event=on_event, stop=stop, batch_windows=_WINDOWS_BESIDE
        )
        if is_behind(deps, embedder):
            build_beside(deps, embedder)

    def check_indexes(self) -> None:
        """Blocking; see app.index.spaces.Spaces.check."""
        for kb in self.library.knowledge_bases():
            self.indexes.check(kb)

    def drop_old(self) -> tuple[str, ...]:
        """Blocking; see ingest.reindex.drop_old."""
        return drop_old(self._reindex_deps())

    def backup(self, target: Path) -> BackupReport:
        """Blocking; see ingest.backup.backup."""
        return backup(self.settings, self.library, self.vectors, target)

    def _reindex_deps(self) -> ReindexDeps:
        return ReindexDeps(self.settings, self.library, self.indexes, self.sparse, self.readers)

    def close(self) -> None:
        self.worker.stop()
        self.readers.close()
        self.vectors.close()
        self.library.close()


@dataclass
class Runtime:
    """A `Storage` with a chat model to answer."""

    storage: Storage
    chat: ChatModel | None
    chat_reason: Phrase
    answerer: Answerer
    # Its chat model was opened for it alone, and is closed with it.
    chat_is_own: bool = False
    # Searches collections made with it, instead of those in use.
    beside: Embedder | None = None
    # What answered before something was taken up; and the chat models that did.
    before: "Runtime | None" = None
    replaced: list[ChatModel] = field(default_factory=list)
    again: AnswersGivenAgain = field(default_factory=lambda: AnswersGivenAgain(0))

    def seen_by(self, sight: Sight) -> "Runtime":
        """The same as a caller sees it: what he may not read is not there for him."""
        storage = self.storage.seen_by(sight)
        if storage is self.storage:
            return self
        return replace(self, storage=storage, answerer=self.answerer.over(storage.library))

    @property
    def settings(self) -> Settings:
        return self.storage.settings

    @property
    def usual_kb(self) -> str:
        """See app.library.sight.usual_kb."""
        return usual_kb(self.library.sight.kbs, self.settings.kb)

    @property
    def chat_name(self) -> str:
        """'provider/name' of the chat model; 'none' without."""
        return f"{self.chat.provider}/{self.chat.name}" if self.chat else NO_CHAT

    @property
    def library(self) -> Library:
        return self.storage.library

    @property
    def vectors(self) -> VectorStore:
        return self.storage.vectors

    @property
    def embedder(self) -> Embedder:
        return self.storage.embedder

    def ask(self, question: Question, tell: Tell | None = None) -> AsyncGenerator[Event, None]:
        """The events of one answer, which may be one that is kept; see app.answering.again. `tell` is told
        so."""
        if not self.again.on:
            return self.answerer.ask(question)
        return ask_again(
            self.again, question, self._around, self.answerer.ask, tell or (lambda *_: None)
        )

    def _around(self, question: Question) -> Around:
        indexes = self.storage.indexes
        identity = repr(indexes.embedder.identity)
        made_by = f"{self.answerer.made_by} {identity}"
        return around(question, self.library, indexes.reading, made_by)

    def with_chat(self, chat: ChatModel) -> "Runtime":
        """The same with another chat model. The storage is shared; whoever opened it closes it."""
        answerer = self.answerer.with_chat(chat)
        return replace(self, chat=chat, chat_reason=Phrase("chat_given"), answerer=answerer)

    def like(self, other: "Runtime") -> "Runtime":
        """What answers in `other`, over the library as this one sees it."""
        return replace(other, storage=self.storage, answerer=other.answerer.over(self.library))

    async def trying(self, tried: Tried, embedder: Embedder | None = None) -> "Runtime":
        """What answers where something else is tried: see `chat_is_own` and `beside`, which is `embedder` where
        that was loaded before. Raises RequestInvalid, and as `chat_named` and `build_embedder` do."""
        other = await self._tried(tried, changed_settings(self.answerer.settings, tried.changes))
        index = of_index(tried)
        if not index:
            return other
        if embedder is None:
            embedder = await asyncio.to_thread(_embedder, self.settings, index)
        through = self.storage.indexes.made_with(embedder)
        return replace(other, answerer=other.answerer.through(through), beside=embedder)

    async def _tried(self, tried: Tried, settings: Settings) -> "Runtime":
        chat, answerer = self.chat, self.answerer.with_settings(settings, _version(settings))
        own = tried.chat is not None
        if tried.chat is not None:
            chat = chat_named(settings, tried.chat)
            answerer = answerer.with_chat(chat)
        return replace(self, chat=chat, answerer=answerer, chat_is_own=own)

    async def take_up(self, tried: Tried) -> Mapping[str, str]:
        """Answer so from the next question on. Returns the settings to be made before the next start, where
        the index is another now. Raises as `trying` and `Storage.reindex`, and as the chat model's
        `probe`."""
        settings = changed_settings(self.answerer.settings, of_answering(tried))
        other = await self._tried(tried, settings)
        to_set: Mapping[str, str] = {}
        try:
            if other.chat_is_own and other.chat is not None:
                await other.chat.probe()
            if index := of_index(tried):
                report = await asyncio.to_thread(self.storage.reindex, ReindexRequest(**index))
                to_set = report.to_set
        except BaseException:
            if other.chat_is_own and other.chat is not None:
                await other.chat.close()
            raise
        if self.before is None:
            self.before = replace(self)
        self._answer_as(other, Phrase("chat_promoted"))
        return to_set

    async def go_back(self, tried: Tried) -> Mapping[str, str]:
        """Answer as the settings say, from the next question on, with the index of before where `tried` is
        that in use; returns as `take_up`. Raises as `choose_chat` and `Storage.reindex`."""
        to_set: Mapping[str, str] = {}
        if self._is_indexed_as(of_index(tried)):
            request = ReindexRequest(rollback=True)
            to_set = (await asyncio.to_thread(self.storage.reindex, request)).to_set
        await self._answer_as_before()
        return to_set

    def _is_indexed_as(self, index: Mapping[str, Any]) -> bool:
        of = self.storage.embedder.identity
        known = {
            "embedding_model": of.model,
            "embedding_query_prefix": of.query_prefix,
            "embedding_passage_prefix": of.passage_prefix,
        }
        return bool(index) and all(known.get(name, value) == value for name, value in index.items())

    async def _answer_as_before(self) -> None:
        if self.before is not None:
            self._answer_as(self.before, self.before.chat_reason)
            self.before = None
            return
        chat, reason = await choose_chat(self.settings)
        answerer = self.answerer.with_settings(self.settings, _version(self.settings))
        self._answer_as(replace(self, chat=chat, answerer=answerer.with_chat(chat)), reason)

    def _answer_as(self, other: "Runtime", reason: Phrase) -> None:
        # Questions that are under way end with the model that they have.
        if self.chat is not None and self.chat is not other.chat:
            self.replaced.append(self.chat)
        self.chat, self.chat_reason, self.answerer = other.chat, reason, other.answerer

    async def close(self) -> None:
        chats = [*self.replaced, *([self.chat] if self.chat else [])]
        for chat in {id(each): each for each in chats}.values():
            await chat.close()
        await asyncio.to_thread(self.storage.close)


def open_storage(
    settings: Settings, embedder: Embedder | None = None, sparse: SparseEncoder | None = None
) -> Storage:
    """Blocking; `embedder` and `sparse` replace those that the settings name.

    Raises WeightsMissing, LibraryUnavailable and the index's errors.
    """
    library = open_library(settings)
    try:
        library.add_knowledge_base(settings.kb)
        vectors = open_vector_store(settings, library)
        try:
            embedder = embedder or build_embedder(settings)
            sparse = sparse or SparseEncoder(settings.models / "jieba")
            spaces = Spaces(vectors, embedder, CHUNKING_VERSION)
            return Storage(settings, library, vectors, sparse, spaces, ReadPool.of(settings))
        except BaseException:
            vectors.close()
            raise
    except BaseException:
        library.close()
        raise


async def open_runtime(
    settings: Settings,
    *,
    embedder: Embedder | None = None,
    chat: ChatModel | None = None,
    reader: Reader | None = None,
    any_model: bool = False,
    chat_may_fail: bool = False,
) -> Runtime:
    """Open everything; `embedder`, `chat` and `reader` replace the ones that the settings name.

    `any_model` leaves it to each question whether the library is indexed with the embedding
    model of the settings; `chat_may_fail` does so with a chat model that cannot be had.
    Raises SettingsInvalid for a broken prompt, IndexMismatch when the library was indexed with
    another embedding model than the settings name, and as `open_storage` and `choose_chat` do.
    """
    prompts = load_prompts()
    thresholds = calibration_text(settings.calibration)
    storage = await asyncio.to_thread(open_storage, settings, embedder)
    try:
        if not any_model:
            await asyncio.to_thread(refuse_another_model, storage.library, storage.indexes)
        if reader is None:
            reader = await asyncio.to_thread(build_reader, settings, storage.embedder)
            if settings.readings_kept:
                reader = RememberedReader(reader, settings.readings_kept)
        reranker = await asyncio.to_thread(build_reranker, settings)
        promoted = await asyncio.to_thread(storage.library.shadow.latest, "promoted")
        answering = settings
        if promoted is not None:
            answering = changed_settings(settings, of_answering(promoted.tried))
        if chat is not None:
            reason = Phrase("chat_given")
        else:
            try:
                if promoted is not None and promoted.tried.chat is not None:
                    chat = chat_named(answering, promoted.tried.chat)
                    reason = Phrase("chat_promoted")
                else:
                    chat, reason = await choose_chat(answering)
            except GroundkbError as error:
                if not chat_may_fail:
                    raise
                chat, reason = ChatUnavailable(error), Phrase("chat_missing")
    except BaseException:
        storage.close()
        raise
    # Loading leaves a tenth of what is held by then free, but held.
    await asyncio.to_thread(give_back)
    answerer = Answerer(
        answering,
        storage.library,
        storage.indexes.reading,
        storage.sparse,
        chat,
        prompts,
        ReadBy(
            reader,
            load_answer_gate(reader.name, thresholds),
            reranker,
            settings_version(answering, thresholds or ""),
        ),
    )
    again = AnswersGivenAgain(settings.answers_again, keep_days=settings.keep_days)
    return Runtime(storage, chat, reason, answerer, again=again)


def _embedder(settings: Settings, changes: Mapping[str, Any]) -> Embedder:
    return build_embedder(changed_settings(settings, changes))


def _version(settings: Settings) -> str:
    return settings_version(settings, calibration_text(settings.calibration) or "")
