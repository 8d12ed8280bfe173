"""Reading, parsing and chunking files, one step ahead of the embedding."""

import queue
import threading
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from uuid import NAMESPACE_URL, uuid5

from app.errors import GroundkbError
from app.index.protocol import Passage
from app.library.library import KnownFile
from app.library.originals import Originals, Taken
from app.settings import Settings
from ingest.chunk import chunk
from ingest.faults import concerns_one_document, is_permanent
from ingest.parse import Limits, Metadata, ParsedDocument, parse
from ingest.plan import wall_clock_ns
from ingest.report import FailedDocument
from ingest.sources.local import FoundFile

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

    @property
    def windows(self) -> int:
        return sum(len(passage.windows) for passage in self.passages)


@dataclass(frozen=True)
class UnchangedFile:
    """The file was touched, but its bytes are those of the current revision."""

    found: FoundFile
    document_id: str
    read_at_ns: int


@dataclass(frozen=True)
class FailedFile:
    found: FoundFile
    document_id: str
    failure: FailedDocument


def document_id_of(source: str) -> str:
    """The identity of a document: where it is, never what it holds."""
    return str(uuid5(NAMESPACE_URL, source))


def failed_document(source: str, error: GroundkbError) -> FailedDocument:
    return FailedDocument(
        source=source,
        code=error.code,
        message=error.message("en"),
        hint=error.hint("en"),
        message_zh=error.message("zh"),
        hint_zh=error.hint("zh"),
        permanent=is_permanent(error),
    )


def prepare(
    settings: Settings,
    originals: Originals,
    found: FoundFile,
    known: KnownFile | None,
    on_parsed: Callable[[], None] = lambda: None,
) -> Prepared | UnchangedFile | FailedFile:
    """Read, parse and chunk one file; `on_parsed` is called before it is chunked.

    Raises only what does not concern this file alone.
    """
    document_id = document_id_of(found.source)
    read_at_ns = wall_clock_ns()
    taken: Taken | None = None
    try:
        taken = originals.take(found.path, settings.max_file_bytes)
        if known is not None and known.revision == taken.revision:
            originals.discard(taken)
            return UnchangedFile(found, document_id, read_at_ns)
        parsed = parse(taken.path, name=found.path.name, limits=Limits.of(settings))
        on_parsed()
        tags = _tags(parsed.metadata, known)
        passages = chunk(
            parsed, document_id=document_id, revision=taken.revision, source=found.source, tags=tags
        )
    except GroundkbError as error:
        if taken is not None:
            originals.discard(taken)
        if not concerns_one_document(error):
            raise
        return FailedFile(found, document_id, failed_document(found.source, error))
    return Prepared(
        found, known, document_id, taken, read_at_ns, parsed, tuple(passages), tuple(tags)
    )


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


def _tags(metadata: Metadata, known: KnownFile | None) -> tuple[str, ...]:
    """Tags that were given by hand; else those from front matter: a list, or one string with commas."""
    if known is not None and known.own_tags is not None:
        return tuple(known.own_tags)
    found = metadata.get("tags", ())
    tags = found.split(",") if isinstance(found, str) else found
    return tuple(dict.fromkeys(tag.strip() for tag in tags if tag.strip()))
