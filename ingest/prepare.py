"""Taking files in, having them read and cut, a few steps ahead of the embedding."""

import queue
import threading
from collections import deque
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from app.errors import DocumentQuarantined, GroundkbError, ReadingCrashed
from app.index.protocol import Passage
from app.library.library import KnownFile
from app.library.originals import Originals, Taken
from app.settings import Settings
from ingest.faults import concerns_one_document
from ingest.parse import Limits, Metadata, ParsedDocument
from ingest.parse.properties import merged
from ingest.plan import wall_clock_ns
from ingest.reading import EnclosedText, ReadPool, ReadTask, ReadText
from ingest.report import FailedDocument
from ingest.sources.found import FoundFile, document_id_of
from ingest.sources.names import shown_name
from ingest.sources.sidecar import read_sidecar
from ingest.sources.uris import path_of

# Parsed documents that wait for the embedding; bounds memory, not speed.
_AHEAD: Final = 16
_POLL: Final = 0.1
# A document for which a worker had to be ended so often is not read again by itself.
MOST_STRIKES: Final = 2
STRIKES: Final = "strikes"


@dataclass(frozen=True)
class Prepared:
    """A document ready to be embedded; its bytes wait in `taken`."""

    found: FoundFile
    known: KnownFile | None
    document_id: str
    taken: Taken
    read_at_ns: int
    parsed: ParsedDocument
    passages: tuple[Passage, ...]
    tags: tuple[str, ...]
    sidecar: Metadata | None
    enclosed: tuple[EnclosedText, ...] = ()

    @property
    def own_tags(self) -> tuple[str, ...] | None:
        """The tags that it was given by hand."""
        return _by_hand(self.known)

    @property
    def properties(self) -> Metadata:
        """What the document and its sidecar say of it."""
        return merged(self.parsed.metadata, self.sidecar)

    @property
    def windows(self) -> int:
        return sum(len(passage.windows) for passage in self.passages)


@dataclass(frozen=True)
class UnchangedFile:
    """The file was touched or moved, but its bytes are those of the current revision."""

    found: FoundFile
    document_id: str
    read_at_ns: int
    sidecar: Metadata | None
    own_tags: tuple[str, ...] | None


@dataclass(frozen=True)
class FailedFile:
    found: FoundFile
    document_id: str
    failure: FailedDocument
    strikes: int = 0

    def kept(self, conditions: str) -> dict[str, Any]:
        """As the library keeps it."""
        return {**self.failure.kept(conditions), STRIKES: self.strikes}


def failed_document(source: str, error: GroundkbError) -> FailedDocument:
    return FailedDocument(source, error.code, error.params, error.permanent)


@dataclass(frozen=True)
class Incoming:
    """A file that is new or changed; its bytes have been copied to `taken`."""

    found: FoundFile
    known: KnownFile | None
    document_id: str
    taken: Taken
    read_at_ns: int
    sidecar: Metadata | None

    def with_text(self, text: ReadText) -> Prepared:
        """The document, once its bytes have been read."""
        return Prepared(
            self.found,
            self.known,
            self.document_id,
            self.taken,
            self.read_at_ns,
            text.parsed,
            text.passages,
            text.tags,
            self.sidecar,
            text.enclosed,
        )

    def failed(self, error: GroundkbError, strikes: int = 0) -> FailedFile:
        """What is to be remembered of a document that could not be read; `strikes`: how often a
        worker had to be ended for it. At the second time it is set aside."""
        if error.ended_a_worker and strikes >= MOST_STRIKES:
            name, reason = self.found.path.name, error.data()
            error = DocumentQuarantined(path=name, times=strikes, detail=reason)
        return FailedFile(
            self.found, self.document_id, failed_document(self.found.source, error), strikes
        )


def take(
    settings: Settings, originals: Originals, found: FoundFile, known: KnownFile | None
) -> Incoming | UnchangedFile | FailedFile:
    """Copy one file in. Raises only what does not concern this file alone."""
    if known is not None:
        document_id = known.id
    else:
        document_id = found.document_id or document_id_of(found.source)
    read_at_ns = wall_clock_ns()
    try:
        sidecar = read_sidecar(found.sidecar) if found.sidecar else None
        taken = found.take(originals, settings.max_file_bytes)
    except GroundkbError as error:
        if not concerns_one_document(error):
            raise
        return FailedFile(found, document_id, failed_document(found.source, error))
    if known is not None and known.revision == taken.revision and not _is_renamed(found, known):
        originals.discard(taken)
        return UnchangedFile(found, document_id, read_at_ns, sidecar, _by_hand(known))
    return Incoming(found, known, document_id, taken, read_at_ns, sidecar)


def _is_renamed(found: FoundFile, known: KnownFile) -> bool:
    """Whether the file has another name than it had: names are part of what is searched, and tell
    some formats."""
    return known.source != found.source and path_of(known.source).name != found.path.name


def read_task(settings: Settings, incoming: Incoming) -> ReadTask:
    """How an incoming file is to be read."""
    return ReadTask(
        shown_name(incoming.found.path.name),
        incoming.found.source,
        incoming.document_id,
        incoming.taken.revision,
        _by_hand(incoming.known),
        Limits.of(settings),
        incoming.sidecar,
    )


@dataclass(frozen=True)
class Workroom:
    """What files are prepared with. `stop` is asked all the time; once it is true, what is being
    read is given up."""

    settings: Settings
    originals: Originals
    readers: ReadPool
    conditions: str  # under which failures of before count (ingest.plan)
    stop: Callable[[], bool] = lambda: False
    on_parsed: Callable[[], None] = lambda: None


def prepare(
    room: Workroom, found: FoundFile, known: KnownFile | None
) -> Prepared | UnchangedFile | FailedFile:
    """`take` and read one file. Raises only what does not concern this file alone, and Abandoned."""
    incoming = take(room.settings, room.originals, found, known)
    if not isinstance(incoming, Incoming):
        return incoming
    task = read_task(room.settings, incoming)
    strikes = strikes_of(incoming, room.conditions)
    try:
        while True:
            try:
                text = room.readers.read(
                    incoming.taken.path, task, stop=room.stop, on_parsed=room.on_parsed
                )
            except ReadingCrashed:
                # Perhaps it was the machine; the second time it is the document.
                strikes += 1
                if strikes >= MOST_STRIKES:
                    raise
            else:
                return incoming.with_text(text)
    except GroundkbError as error:
        room.originals.discard(incoming.taken)
        if not concerns_one_document(error):
            raise
        if error.ended_a_worker and not isinstance(error, ReadingCrashed):
            strikes += 1
        return incoming.failed(error, strikes)
    except BaseException:
        room.originals.discard(incoming.taken)
        raise


def prepare_all(
    room: Workroom, files: Sequence[tuple[FoundFile, KnownFile | None]]
) -> Generator[Prepared | UnchangedFile | FailedFile, None, None]:
    """`prepare` every file in threads of its own, one for each reader; in order, and at most `_AHEAD`
    ahead of who takes them.

    An error that stops a sync is raised here, in the caller's thread. Ends early once `room.stop()`
    is true; what a thread is still fetching then is thrown away when it has come.
    """
    abandoned = threading.Event()
    theirs = replace(room, stop=abandoned.is_set)
    todo: queue.SimpleQueue[_Slot | None] = queue.SimpleQueue()
    waiting: deque[_Slot] = deque()

    def work() -> None:
        while (slot := todo.get()) is not None:
            if abandoned.is_set():
                continue
            slot.fill(theirs)

    threads = [
        threading.Thread(target=work, name="groundkb-prepare", daemon=True)
        for _ in range(min(room.readers.workers, len(files)))
    ]
    for thread in threads:
        thread.start()
    remaining = iter(files)
    try:
        while True:
            while len(waiting) < _AHEAD and (file := next(remaining, None)) is not None:
                slot = _Slot(*file)
                waiting.append(slot)
                todo.put(slot)
            if not waiting:
                return
            while not waiting[0].filled.wait(_POLL):
                if room.stop():
                    return
            item = waiting.popleft().outcome
            if isinstance(item, BaseException):
                raise item
            if item is not None:
                yield item
    finally:
        abandoned.set()
        for _ in threads:
            todo.put(None)
        for slot in waiting:
            slot.drop(room.originals)


class _Slot:
    """The place of one file in the order."""

    def __init__(self, found: FoundFile, known: KnownFile | None) -> None:
        self._file = (found, known)
        self._lock = threading.Lock()
        self._dropped = False
        self.filled = threading.Event()
        self.outcome: Prepared | UnchangedFile | FailedFile | BaseException | None = None

    def fill(self, room: Workroom) -> None:
        """Prepare the file, in a thread."""
        outcome: Prepared | UnchangedFile | FailedFile | BaseException
        try:
            outcome = prepare(room, *self._file)
        except BaseException as error:  # noqa: BLE001  (handed over to the reader, who raises it)
            outcome = error
        with self._lock:
            self.outcome = outcome
            if self._dropped:
                self._discard(room.originals)
        self.filled.set()

    def drop(self, originals: Originals) -> None:
        """Nobody will write the file: delete its copy, now or when it has been made."""
        with self._lock:
            self._dropped = True
            self._discard(originals)

    def _discard(self, originals: Originals) -> None:
        if isinstance(self.outcome, Prepared):
            originals.discard(self.outcome.taken)


def strikes_of(incoming: Incoming, conditions: str) -> int:
    """How often a worker has been ended for this very file, under the same limits."""
    found, known = incoming.found, incoming.known
    if known is None or known.failure is None or known.failure.get("conditions") != conditions:
        return 0
    if (known.failed_size, known.failed_mtime_ns) != (found.size, found.mtime_ns):
        return 0
    return int(known.failure.get(STRIKES, 0))


def _by_hand(known: KnownFile | None) -> tuple[str, ...] | None:
    """The tags that a document was given by hand."""
    return tuple(known.own_tags) if known is not None and known.own_tags is not None else None
