"""Everything a running groundkb consists of, built once and passed on."""

import asyncio
from dataclasses import dataclass, field, replace
from threading import Lock

from app.answering.answerer import Answerer
from app.answering.gate import load_gate
from app.answering.prompts import load_prompts
from app.index.factory import open_engine
from app.index.fingerprint import ensure_current, fingerprint_of, open_current
from app.index.protocol import Engine, Fingerprint, Index
from app.index.sparse import SparseEncoder
from app.library.library import Library, open_library
from app.models.chat import ChatModel
from app.models.choose import ChatReason, choose_chat
from app.models.embedding import Embedder
from app.models.sentence_transformer import build_embedder
from app.settings import Settings
from ingest.chunk import CHUNKING_VERSION
from ingest.job_runs import job_runs
from ingest.jobs import JobWorker
from ingest.report import OnEvent, SyncReport, SyncRequest
from ingest.sync import IngestDeps, Stop, remove_documents, set_tags, sync


@dataclass
class Indexes:
    """The index of each knowledge base for the embedding model in use, opened when first asked for."""

    engine: Engine
    fingerprint: Fingerprint
    _open: dict[str, Index] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def current(self, kb: str) -> Index | None:
        """None when nothing was ever put into `kb`. Raises IndexMismatch and the engine's errors."""
        with self._lock:
            if kb not in self._open:
                index = open_current(self.engine, kb, self.fingerprint)
                if index is None:
                    return None
                self._open[kb] = index
            return self._open[kb]

    def ensure(self, kb: str) -> Index:
        """The index of `kb`, made if there is none. Raises as `current` does."""
        index = self.current(kb)
        if index is not None:
            return index
        with self._lock:
            self._open[kb] = ensure_current(self.engine, kb, self.fingerprint)
            return self._open[kb]


@dataclass
class Storage:
    """What ingestion and search need: all but the chat model. `jobs` works once it is started."""

    settings: Settings
    library: Library
    engine: Engine
    embedder: Embedder
    sparse: SparseEncoder
    indexes: Indexes

    def __post_init__(self) -> None:
        self.jobs = JobWorker(self.library, self.settings.data, job_runs(self._deps))

    def sync(
        self, request: SyncRequest, on_event: OnEvent, stop: Stop = lambda: False
    ) -> SyncReport:
        """Blocking; see ingest.sync.sync."""
        return sync(replace(self._deps(request.kb), stop=stop), request, on_event)

    def remove(self, kb: str, document_ids: tuple[str, ...]) -> None:
        """Blocking; see ingest.sync.remove_documents."""
        remove_documents(self._deps(kb), kb, document_ids)

    def set_tags(self, kb: str, document_id: str, tags: tuple[str, ...]) -> None:
        """Blocking; see ingest.sync.set_tags."""
        set_tags(self._deps(kb), kb, document_id, tags)

    def close(self) -> None:
        self.jobs.stop()
        self.engine.close()
        self.library.close()

    def _deps(self, kb: str) -> IngestDeps:
        return IngestDeps(
            self.settings, self.library, self.indexes.ensure(kb), self.embedder, self.sparse
        )


@dataclass
class Runtime:
    """A `Storage` with a chat model to answer."""

    storage: Storage
    chat: ChatModel
    chat_reason: ChatReason
    answerer: Answerer

    @property
    def settings(self) -> Settings:
        return self.storage.settings

    @property
    def library(self) -> Library:
        return self.storage.library

    @property
    def engine(self) -> Engine:
        return self.storage.engine

    @property
    def embedder(self) -> Embedder:
        return self.storage.embedder

    async def close(self) -> None:
        await self.chat.close()
        await asyncio.to_thread(self.storage.close)


def open_storage(
    settings: Settings, embedder: Embedder | None = None, sparse: SparseEncoder | None = None
) -> Storage:
    """Blocking; `embedder` and `sparse` replace those that the settings name.

    Raises WeightsMissing, LibraryUnavailable and the engine's errors.
    """
    library = open_library(settings)
    try:
        library.add_knowledge_base(settings.kb)
        engine = open_engine(settings, library)
        try:
            embedder = embedder or build_embedder(settings)
            fingerprint = fingerprint_of(embedder.identity, CHUNKING_VERSION)
            sparse = sparse or SparseEncoder(settings.models / "jieba")
            return Storage(
                settings, library, engine, embedder, sparse, Indexes(engine, fingerprint)
            )
        except BaseException:
            engine.close()
            raise
    except BaseException:
        library.close()
        raise


async def open_runtime(
    settings: Settings, *, embedder: Embedder | None = None, chat: ChatModel | None = None
) -> Runtime:
    """Open everything; `embedder` and `chat` replace the ones that the settings name.

    Raises SettingsInvalid for a broken prompt, and as `open_storage` and `choose_chat` do.
    """
    prompts = load_prompts()
    storage = await asyncio.to_thread(open_storage, settings, embedder)
    try:
        if chat is None:
            chat, reason = await choose_chat(settings)
        else:
            reason = ChatReason(en="given by the caller", zh="由调用方指定")
    except BaseException:
        storage.close()
        raise
    answerer = Answerer(
        settings,
        storage.library,
        storage.indexes.current,
        storage.embedder,
        storage.sparse,
        chat,
        prompts,
        load_gate(settings.embedding_model, f"{chat.provider}/{chat.name}"),
    )
    return Runtime(storage, chat, reason, answerer)
