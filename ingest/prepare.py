"""Reading, parsing and chunking files, one step ahead of the embedding."""

import queue
import threading
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

from app.errors import GroundkbError
from app.index.protocol import Passage
from app.library.library import KnownFile
from app.library.originals import Originals, Taken
from app.settings import Settings
from ingest.chunk import chunk
from ingest.faults import concerns_one_document, is_permanent
from ingest.parse import Limits, Metadata, ParsedDocument, parse
from ingest.parse.properties import merged, tags_of
from ingest.plan import wall_clock_ns
from ingest.report import FailedDocument
from ingest.sources.found import FoundFile
from ingest.sources.sidecar import read_sidecar

# Parsed documents that wait for the embedding; bounds memory, not speed.
_AHEAD = 16


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

    @property
    def properties(self) -> Metadata:
        """What the document and its sidecar say of it."""
        return merged(self.parsed.metadata, self.sidecar)

    @property
    def windows(self) -> int:
        return sum(len(passage.windows) for passage in self.passages)


@dataclass(frozen=True)
class UnchangedFile:
    """The file was touched, but its bytes are those of the current revision."""

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


def document_id_of(source: str) -> str:
    """The identity of a document: where it is, never what it holds."""
    return str(uuid5(NAMESPACE_URL, source))


def failed_document(source: str, error: GroundkbError) -> FailedDocument:
    return FailedDocument(source=source, **error.in_both_languages(), permanent=is_permanent(error))


@dataclass(frozen=True)
class Incoming:
    """A file that is new or changed; its bytes have been copied to `taken`."""

    found: FoundFile
    known: KnownFile | None
    document_id: str
    taken: Taken
    read_at_ns: int
    sidecar: Metadata | None

    def with_text(self, text: "ReadText") -> Prepared:
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
        )

    def failed(self, failure: FailedDocument) -> FailedFile:
        return FailedFile(self.found, self.document_id, failure)


@dataclass(frozen=True)
class ReadText:
    """What the bytes of a document hold."""

    parsed: ParsedDocument
    passages: tuple[Passage, ...]
    tags: tuple[str, ...]


@dataclass(frozen=True)
class ReadTask:
    """What reading a document takes besides its bytes; plain values, which can go to another machine."""

    name: str
    source: str
    document_id: str
    revision: str
    own_tags: tuple[str, ...] | None
    limits: Limits
    sidecar: Metadata | None

    @classmethod
    def of(cls, settings: Settings, incoming: Incoming) -> "ReadTask":
        return cls(
            incoming.found.path.name,
            incoming.found.source,
            incoming.document_id,
            incoming.taken.revision,
            _by_hand(incoming.known),
            Limits.of(settings),
            incoming.sidecar,
        )


def take(
    settings: Settings, originals: Originals, found: FoundFile, known: KnownFile | None
) -> Incoming | UnchangedFile | FailedFile:
    """Copy one file in. Raises only what does not concern this file alone."""
    document_id = document_id_of(found.source)
    read_at_ns = wall_clock_ns()
    try:
        sidecar = read_sidecar(found.sidecar) if found.sidecar else None
        taken = found.take(originals, settings.max_file_bytes)
    except GroundkbError as error:
        if not concerns_one_document(error):
            raise
        return FailedFile(found, document_id, failed_document(found.source, error))
    if known is not None and known.revision == taken.revision:
        originals.discard(taken)
        return UnchangedFile(found, document_id, read_at_ns, sidecar, _by_hand(known))
    return Incoming(found, known, document_id, taken, read_at_ns, sidecar)


def read(path: Path, task: ReadTask, on_parsed: Callable[[], None] = lambda: None) -> ReadText:
    """Parse and chunk the bytes at `path`; `on_parsed` is called in between.

    Raises what `parse` raises.
    """
    parsed = parse(path, name=task.name, limits=task.limits)
    on_parsed()
    tags = document_tags(merged(parsed.metadata, task.sidecar), task.own_tags)
    passages = chunk(
        parsed,
        document_id=task.document_id,
        revision=task.revision,
        source=task.source,
        tags=tags,
    )
    return ReadText(parsed, tuple(passages), tuple(tags))


def prepare(
    settings: Settings,
    originals: Originals,
    found: FoundFile,
    known: KnownFile | None,
    on_parsed: Callable[[], None] = lambda: None,
) -> Prepared | UnchangedFile | FailedFile:
    """`take` and `read` one file. Raises only what does not concern this file alone."""
    incoming = take(settings, originals, found, known)
    if not isinstance(incoming, Incoming):
        return incoming
    try:
        text = read(incoming.taken.path, ReadTask.of(settings, incoming), on_parsed)
    except GroundkbError as error:
        originals.discard(incoming.taken)
        if not concerns_one_document(error):
            raise
        return incoming.failed(failed_document(found.source, error))
    return incoming.with_text(text)


def prepare_all(
    settings: Settings,
    originals: Originals,
    files: Sequence[tuple[FoundFile, KnownFile | None]],
    on_parsed: Callable[[], None] = lambda: None,
) -> Generator[Prepared | UnchangedFile | FailedFile, None, None]:
    """`prepare` every file in a thread of its own, in order, at most `_AHEAD` ahead of the reader.

    An error that stops a sync is raised here, in the reader's thread.
    """
    done: queue.Queue[Prepared | UnchangedFile | FailedFile | BaseException | None] = queue.Queue(
        _AHEAD
    )
    abandoned = threading.Event()

    def put(item: Prepared | UnchangedFile | FailedFile | BaseException | None) -> bool:
        while not abandoned.is_set():
            try:
                done.put(item, timeout=0.1)
            except queue.Full:
                continue
            return True
        return False

    def work() -> None:
        try:
            for found, known in files:
                item = prepare(settings, originals, found, known, on_parsed)
                if not put(item):
                    _discard(originals, item)
                    return
        except BaseException as error:  # noqa: BLE001  (handed over to the reader, who raises it)
            put(error)
        else:
            put(None)

    thread = threading.Thread(target=work, name="groundkb-prepare", daemon=True)
    thread.start()
    try:
        while (item := done.get()) is not None:
            if isinstance(item, BaseException):
                raise item
            yield item
    finally:
        abandoned.set()
        thread.join()
        while not done.empty():
            _discard(originals, done.get())


def _discard(
    originals: Originals, item: Prepared | UnchangedFile | FailedFile | BaseException | None
) -> None:
    """Delete the copy of a file that nobody will write."""
    if isinstance(item, Prepared):
        originals.discard(item.taken)


def document_tags(properties: Metadata, own_tags: Sequence[str] | None) -> tuple[str, ...]:
    """Tags that were given by hand; else those that the document and its sidecar have."""
    return tags_of(properties) if own_tags is None else tuple(own_tags)


def _by_hand(known: KnownFile | None) -> tuple[str, ...] | None:
    """The tags that a document was given by hand."""
    return tuple(known.own_tags) if known is not None and known.own_tags is not None else None
