"""Embedding a library anew with another model, while the old index serves.

For each knowledge base a collection with the new fingerprint is filled beside the current one
from the stored originals, in rounds: what changed during one round is done in the next. Then,
with all writers' locks held, what is left is done, the counts are verified, and the aliases of
all knowledge bases are switched at once. The collections that were current until then stay for
a rollback, which is the same work in the other direction.

A process that is killed anywhere leaves readers on the old or on the new collections; doing it
again goes on where it stopped, since what is wholly built is noted (app.library.builds).

Over 350 lines: building, switching and clearing up are one protocol against kills.
"""

import re
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, field, replace
from typing import Final, Literal, Self
from urllib.parse import unquote, urlsplit

from app.errors import (
    GroundkbError,
    IndexFailed,
    IndexMismatch,
    IndexUnauthorized,
    IndexUnreachable,
    NothingToRollBack,
    Phrase,
    ReindexStopped,
)
from app.index.fingerprint import (
    alias_name,
    collection_name,
    collections_of,
    describe,
    previous_alias,
)
from app.index.protocol import Fingerprint, Index, Passage, VectorStore
from app.index.spaces import Spaces
from app.index.sparse import SparseEncoder
from app.library.builds import Built, Wanted, counts
from app.library.library import Library
from app.library.locks import REINDEX, all_writers, locks_of
from app.models.embedding import Embedder, EmbeddingIdentity
from app.models.sentence_transformer import build_embedder
from app.settings import PREFIX, Settings
from app.text.language import detect_language
from ingest.embed import passage_points
from ingest.engines.pieces import pieces
from ingest.faults import concerns_one_document
from ingest.parse import Block, Limits, ParsedDocument
from ingest.reading import Abandoned, ReadPool, ReadTask, ReadText, cut
from ingest.sources.names import shown_name
from ingest.writer import agree

# Windows embedded together; see ingest.sync.
BATCH_WINDOWS: Final = 2048
# Rounds without locks; what changes during the last of them is done under the locks.
_ROUNDS: Final = 5
# A sync that is under way when the switch is due is waited for this long.
LOCK_WAIT_SECONDS: Final = 3600.0
_PARAGRAPH = re.compile(r"\S(?:.*?\S)??(?=\s*\n\s*\n|\s*\Z)", re.DOTALL)

_MODEL_SETTINGS: Final = (
    "embedding_model",
    "embedding_revision",
    "embedding_query_prefix",
    "embedding_passage_prefix",
)

Phase = Literal["building", "waiting", "switching"]


@dataclass(frozen=True)
class ReindexProgress:
    """`done` of `total` documents of the knowledge base are in the new collection."""

    kb: str
    phase: Phase
    done: int
    total: int


OnReindex = Callable[[ReindexProgress], None]


@dataclass(frozen=True)
class ReindexReport:
    """`collections` are those that readers use now; `as_text` are the sources whose original could
    not be parsed again, so that they were indexed from the stored text, without its structure."""

    model: str
    collections: tuple[str, ...]
    previous: tuple[str, ...]
    documents: int  # embedded in this run
    chunks: int
    as_text: tuple[str, ...]
    seconds: float
    switched: bool  # False: readers were on these collections already
    to_set: Mapping[str, str] = field(default_factory=dict)  # before the next start


@dataclass(frozen=True)
class ReindexRequest:
    """Which embedding model: None is what the settings say. `rollback`: the one before the current.

    `exactly` is what the model has to be like once it is loaded.
    """

    embedding_model: str | None = None
    embedding_revision: str | None = None
    embedding_query_prefix: str | None = None
    embedding_passage_prefix: str | None = None
    rollback: bool = False
    exactly: EmbeddingIdentity | None = None

    @classmethod
    def of(cls, identity: EmbeddingIdentity) -> Self:
        """The model that has this identity, if its weights are still what they were."""
        return cls(
            embedding_model=identity.model,
            embedding_query_prefix=identity.query_prefix,
            embedding_passage_prefix=identity.passage_prefix,
            exactly=identity,
        )

    def changes(self, settings: Settings) -> dict[str, str | None]:
        """The settings that the request has otherwise than `settings`."""
        asked = {name: getattr(self, name) for name in _MODEL_SETTINGS}
        return {
            name: value
            for name, value in asked.items()
            if value is not None and value != getattr(settings, name)
        }


def to_set(changed: Mapping[str, str | None]) -> dict[str, str]:
    """Environment variables to be set before the next start, so that it names the same model."""
    return {PREFIX + name.upper(): value or "" for name, value in changed.items()}


@dataclass(frozen=True)
class ReindexDeps:
    """What a reindex works with. `on_step` is told of each step boundary before it is crossed."""

    settings: Settings
    library: Library
    spaces: Spaces
    sparse: SparseEncoder
    readers: ReadPool
    on_event: OnReindex = lambda _event: None
    on_step: Callable[[str], None] = lambda _step: None
    stop: Callable[[], bool] = lambda: False
    lock_wait: float = LOCK_WAIT_SECONDS
    batch_windows: int = BATCH_WINDOWS

    @property
    def vectors(self) -> VectorStore:
        return self.spaces.vectors


def reindex_as(deps: ReindexDeps, request: ReindexRequest, of_settings: Embedder) -> ReindexReport:
    """Do the reindex that is asked for; `of_settings` is the model that the settings name.

    Raises NothingToRollBack, IndexMismatch when the weights of the model are no longer what they
    were, and as `reindex` does.
    """
    wanted: Fingerprint | None = None
    if request.rollback:
        wanted = rollback_fingerprint(deps.library, deps.vectors)
        request = ReindexRequest.of(wanted.embedding)
    changed = request.changes(deps.settings)
    if request.exactly == of_settings.identity:
        changed = {}  # The settings need not say what they mean by themselves.
    embedder = of_settings
    if changed:
        embedder = build_embedder(deps.settings.model_copy(update=dict(changed)))
    if wanted is not None and request.exactly != embedder.identity:
        found = deps.spaces.fingerprint_with(embedder)
        raise IndexMismatch(built=describe(wanted), wanted=describe(found))
    return replace(reindex(deps, embedder), to_set=to_set(changed))


def reindex(deps: ReindexDeps, embedder: Embedder) -> ReindexReport:
    """Have every knowledge base of the library indexed with `embedder`, and use it from now on.

    Raises ReindexStopped once `deps.stop()` is true, WriterBusy when a sync goes on for
    `deps.lock_wait` seconds, IndexFailed when the counts do not agree, and the errors of the
    library, the index and the embedding model; readers are on the old collections then, and
    what was built is kept for the next time.
    """
    with locks_of(deps.library.engine, deps.settings.data).writer(REINDEX):
        return _reindex(deps, embedder)


def _reindex(deps: ReindexDeps, embedder: Embedder) -> ReindexReport:
    started = time.monotonic()
    library, vectors = deps.library, deps.vectors
    fingerprint = deps.spaces.fingerprint_with(embedder)
    settle_all(library, vectors)
    work = _Work(deps, embedder, fingerprint)
    switched = False
    # A knowledge base that came to be while the locks of the others were taken is done in a
    # second go.
    while not switched or _elsewhere(deps, fingerprint):
        pending = _elsewhere(deps, fingerprint)
        _drop_unneeded(deps, fingerprint)
        for kb in pending:
            work.rounds(kb)
        _switch(deps, work, embedder, fingerprint)
        switched = True
    names = {kb: collection_name(kb, fingerprint) for kb in library.knowledge_bases()}
    previous = (vectors.resolve(previous_alias(kb)) for kb in names)
    return ReindexReport(
        model=embedder.identity.model,
        collections=tuple(name for name in names.values() if name in vectors.collections()),
        previous=tuple(name for name in previous if name in vectors.collections()),
        documents=work.documents,
        chunks=work.chunks,
        as_text=tuple(work.as_text),
        seconds=round(time.monotonic() - started, 3),
        switched=work.switched,
    )


def build_beside(deps: ReindexDeps, embedder: Embedder) -> None:
    """Have collections made with `embedder` hold what readers see now, beside those that they use; nobody is
    sent there. Those that no reader needs are deleted. A `reindex` goes on from here.

    Raises WriterBusy while a reindex or a backup runs, and else as `reindex` does.
    """
    with locks_of(deps.library.engine, deps.settings.data).writer(REINDEX):
        fingerprint = deps.spaces.fingerprint_with(embedder)
        settle_all(deps.library, deps.vectors)
        _drop_unneeded(deps, fingerprint)
        work = _Work(deps, embedder, fingerprint)
        for kb in _elsewhere(deps, fingerprint):
            work.rounds(kb)
            index = deps.vectors.open(collection_name(kb, fingerprint))
            if index is not None:
                agree(index, deps.library.limits.current(kb))


def is_behind(deps: ReindexDeps, embedder: Embedder) -> bool:
    """Whether `build_beside` has something to do. Blocking."""
    fingerprint = deps.spaces.fingerprint_with(embedder)
    builds = deps.library.builds
    return any(
        set(builds.wanted(kb)) != set(builds.built(collection_name(kb, fingerprint)))
        for kb in _elsewhere(deps, fingerprint)
    )


def settle_all(library: Library, vectors: VectorStore) -> None:
    """Finish what a kill between the switch of the aliases and the counts left undone."""
    for kb in library.knowledge_bases():
        current = vectors.resolve(alias_name(kb))
        if current is not None:
            library.builds.settle(kb, vectors.resolve(previous_alias(kb)), current)


def refuse_another_model(library: Library, spaces: Spaces) -> None:
    """Raises IndexMismatch where the library is indexed with another model than the one in use;
    an index that cannot be asked now is no reason: each question names it."""
    with suppress(IndexUnreachable, IndexUnauthorized):
        settle_all(library, spaces.vectors)
        for kb in library.knowledge_bases():
            spaces.check(kb)


def rollback_fingerprint(library: Library, vectors: VectorStore) -> Fingerprint:
    """What the previous collections were made with. Raises NothingToRollBack."""
    for kb in library.knowledge_bases():
        previous = vectors.resolve(previous_alias(kb))
        if previous is not None and previous != vectors.resolve(alias_name(kb)):
            fingerprint = vectors.fingerprint(previous)
            if fingerprint is not None:
                return fingerprint
    raise NothingToRollBack


def drop_old(deps: ReindexDeps) -> tuple[str, ...]:
    """Delete every collection of the library but the current ones; returns their names.

    Raises WriterBusy while a sync runs, and the errors of library and index.
    """
    dropped = []
    with _all_locks(deps):
        for kb in deps.library.knowledge_bases():
            current = deps.vectors.resolve(alias_name(kb))
            for name in collections_of(deps.vectors, kb):
                if current is not None and name != current:
                    _drop(deps, name)
                    dropped.append(name)
    return tuple(dropped)


def _drop(deps: ReindexDeps, collection: str) -> None:
    deps.on_step("drop")
    deps.library.builds.drop(collection)
    deps.vectors.drop(collection)


def _drop_unneeded(deps: ReindexDeps, fingerprint: Fingerprint) -> None:
    """Of each knowledge base only the current, the previous and the wanted collection are kept."""
    for kb in deps.library.knowledge_bases():
        kept = {
            collection_name(kb, fingerprint),
            deps.vectors.resolve(alias_name(kb)),
            deps.vectors.resolve(previous_alias(kb)),
        }
        for name in collections_of(deps.vectors, kb):
            if name not in kept:
                _drop(deps, name)


def _elsewhere(deps: ReindexDeps, fingerprint: Fingerprint) -> list[str]:
    """Knowledge bases whose readers use another collection than the wanted one."""
    return [
        kb
        for kb in deps.library.knowledge_bases()
        if deps.vectors.resolve(alias_name(kb)) not in (None, collection_name(kb, fingerprint))
    ]


def _all_locks(deps: ReindexDeps) -> AbstractContextManager[None]:
    locks = locks_of(deps.library.engine, deps.settings.data)
    return all_writers(locks, deps.library.knowledge_bases(), deps.lock_wait)


def _switch(deps: ReindexDeps, work: "_Work", embedder: Embedder, fingerprint: Fingerprint) -> None:
    """Do the rest with nobody writing, verify, and send the readers over."""
    vectors, builds = deps.vectors, deps.library.builds
    for kb in deps.library.knowledge_bases():
        deps.on_event(ReindexProgress(kb, "waiting", 0, 0))
    with _all_locks(deps):
        aliases: dict[str, str] = {}
        moved: list[tuple[str, str | None, str]] = []
        for kb in deps.library.knowledge_bases():
            name, current = collection_name(kb, fingerprint), vectors.resolve(alias_name(kb))
            if current is None and not builds.wanted(kb):
                continue
            index, wanted = work.round(kb)
            work.verify(kb, index, wanted)
            agree(index, deps.library.limits.current(kb))
            aliases[alias_name(kb)] = name
            if current is not None and current != name:
                work.switched = True
                if current in vectors.collections():
                    aliases[previous_alias(kb)] = current
            moved.append((kb, current, name))
        for kb, _, _ in moved:
            deps.on_event(ReindexProgress(kb, "switching", 0, 0))
        deps.on_step("switch")
        deps.spaces.switch(aliases, embedder)
        for kb, current, name in moved:
            deps.on_step("settle")
            builds.settle(kb, current, name)
        deps.on_step("settled")


class _Work:
    """Fills the new collections."""

    def __init__(self, deps: ReindexDeps, embedder: Embedder, fingerprint: Fingerprint) -> None:
        self._deps = deps
        self._embedder = embedder
        self._fingerprint = fingerprint
        self.documents = self.chunks = 0
        self.switched = False
        self.as_text: dict[str, None] = {}

    def rounds(self, kb: str) -> None:
        """Until nothing is left to do, or little: others may be writing."""
        for _ in range(_ROUNDS):
            before = self.documents
            self.round(kb)
            if self.documents == before:
                return

    def round(self, kb: str) -> tuple[Index, dict[tuple[str, str], Wanted]]:
        """Make the new collection hold what readers of the knowledge base see now."""
        deps, builds = self._deps, self._deps.library.builds
        name = collection_name(kb, self._fingerprint)
        index = deps.vectors.create(name, self._fingerprint)
        wanted = builds.wanted(kb)
        whole = self._whole(kb, name, index, wanted)
        missing = [item for pair, item in wanted.items() if pair not in whole]
        total, done = len(wanted), len(wanted) - len(missing)
        deps.on_event(ReindexProgress(kb, "building", done, total))
        for batch in self._prepared(kb, missing):
            if deps.stop():
                raise ReindexStopped
            self._write(name, index, batch)
            done += len(batch)
            deps.on_event(ReindexProgress(kb, "building", done, total))
        return index, wanted

    def verify(self, kb: str, index: Index, wanted: dict[tuple[str, str], Wanted]) -> None:
        """Raises IndexFailed unless the collection holds just the points of `wanted`."""
        expected = self._expected(kb, index.collection, wanted)
        if set(expected) != set(wanted) or dict(index.revisions()) != expected:
            raise IndexFailed(detail=Phrase("points_differ", collection=index.collection))

    def _expected(
        self, kb: str, name: str, wanted: dict[tuple[str, str], Wanted]
    ) -> dict[tuple[str, str], int]:
        expected = counts(self._deps.library.builds.built(name))
        if self._deps.vectors.resolve(alias_name(kb)) == name:
            # The collection is in use already: what is not built anew counts as the library has it.
            expected = {pair: item.chunks for pair, item in wanted.items()} | expected
        return expected

    def _whole(
        self, kb: str, name: str, index: Index, wanted: dict[tuple[str, str], Wanted]
    ) -> set[tuple[str, str]]:
        """What need not be done; the rest is cleared away. Tags are made to agree."""
        deps, builds = self._deps, self._deps.library.builds
        expected, actual = self._expected(kb, name, wanted), index.revisions()
        whole = {
            pair
            for pair, chunks in expected.items()
            if pair in wanted and actual.get(pair, 0) == chunks
        }
        strays = [pair for pair in {*actual, *expected} if pair not in whole]
        if strays:
            deps.on_step("clear")
            builds.strike(name, strays)
            index.delete_revisions(strays)
        for pair, item in builds.built(name).items():
            if pair in whole and item.tags != wanted[pair].tags:
                deps.on_step("retag")
                index.set_tags(item.document_id, wanted[pair].tags)
                index.flush()
                builds.retag(name, item.document_id, wanted[pair].tags)
        return whole

    def _prepared(self, kb: str, missing: Iterable[Wanted]) -> Iterable[list["_Read"]]:
        """Documents read again, some `BATCH_WINDOWS` windows at a time."""
        batch: list[_Read] = []
        windows = 0
        for item in missing:
            found = self._read(kb, item)
            if found is None:
                continue
            batch.append(found)
            windows += sum(len(passage.windows) for passage in found.passages)
            if windows >= self._deps.batch_windows:
                yield batch
                batch, windows = [], 0
        if batch:
            yield batch

    def _read(self, kb: str, item: Wanted) -> "_Read | None":
        """None when the document is gone meanwhile: the next round knows of it."""
        library = self._deps.library
        try:
            stored = library.text(kb, item.document_id, item.revision)
        except GroundkbError as error:
            if error.code != "document_not_found":
                raise
            return None
        limits = Limits.of(self._deps.settings)
        task = ReadTask(
            _file_name(item), item.source, item.document_id, item.revision, item.tags, limits, None
        )
        text = self._read_again(item, task)
        if text is None:
            self.as_text[item.source] = None
            text = cut(_plain(item, stored), task)
        new_text = None if text.parsed.text == stored else text.parsed.text
        return _Read(item, text.parsed, text.passages, new_text)

    def _read_again(self, item: Wanted, task: ReadTask) -> ReadText | None:
        """None where its original is not there any more, or cannot be read."""
        originals = self._deps.library.originals
        path = originals.fetch(item.revision)
        if path is None:
            return None
        try:
            return self._deps.readers.read(path, task, stop=self._deps.stop)
        except Abandoned:
            raise ReindexStopped from None
        except GroundkbError as error:
            if not concerns_one_document(error):
                raise
            return None
        finally:
            originals.release(path)

    def _write(self, name: str, index: Index, batch: Sequence["_Read"]) -> None:
        deps = self._deps
        pairs = [(passage, item.parsed) for item in batch for passage in item.passages]
        for piece in pieces(pairs, deps.batch_windows):
            if deps.stop():
                raise ReindexStopped
            points = passage_points(piece, self._embedder, deps.sparse)
            deps.on_step("build_upsert")
            index.upsert(points)
        deps.on_step("build_flush")
        index.flush()
        deps.on_step("note")
        deps.library.builds.note(
            name,
            [
                Built(
                    item.wanted.document_id,
                    item.wanted.revision,
                    len(item.passages),
                    item.wanted.tags,
                    item.new_text,
                )
                for item in batch
            ],
        )
        self.documents += len(batch)
        self.chunks += len(pairs)


@dataclass(frozen=True)
class _Read:
    wanted: Wanted
    parsed: ParsedDocument
    passages: tuple[Passage, ...]
    new_text: str | None


def _file_name(item: Wanted) -> str:
    """The name under which the original was read; its ending may tell the format."""
    name = unquote(urlsplit(item.source).path.rpartition("/")[2], errors="surrogateescape")
    return shown_name(name) or item.title


def _plain(item: Wanted, text: str) -> ParsedDocument:
    """The stored text as paragraphs, for an original that can no longer be parsed."""
    blocks = tuple(
        Block(found.start(), found.end(), "paragraph") for found in _PARAGRAPH.finditer(text)
    )
    return ParsedDocument(item.title, text, blocks, item.media_type, detect_language(text))
