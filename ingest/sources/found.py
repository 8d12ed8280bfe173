"""What a look at a source yields: documents that are there, and places that could not be looked at."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path
from typing import Literal
from uuid import NAMESPACE_URL, uuid5

from app.errors import GroundkbError
from app.library.originals import Originals, Taken

# An archive that is not opened is `archive`, or has one of the reasons that begin so: these are told
# of an archive which may hold what it held before.
PassedReason = Literal[
    "system_file",
    "lock_file",
    "program",
    "link",
    "archive",
    "archive_encrypted",
    "archive_damaged",
    "archive_too_large",
]


@dataclass(frozen=True)
class FoundFile:
    """A document that is there. `source` is its URI, `size` in bytes.

    `size` and `mtime_ns` together are its opaque revision: equal as long as it has not changed.
    `mtime_ns` is the time of a local file; of a remote document a number made of what its server
    says of its state (`stamp`). `fetch` yields the bytes of a remote document; then `path` holds
    only the name by which its format may be told. A `sidecar` beside a local file is part of its
    state: `mtime_ns` is then moved by up to a second. `document_id` is set where a new document
    cannot have the id of its address, since one that was there and moved away has it.
    """

    source: str
    path: Path
    size: int
    mtime_ns: int
    fetch: Callable[[], Iterator[bytes]] | None = None
    sidecar: Path | None = None
    document_id: str | None = None

    def take(self, originals: Originals, limit: int) -> Taken:
        """Copy its bytes in. Raises SourceUnreadable, SourceUnreachable, AddressRefused, DiskFull
        and, for more than `limit` bytes, DocumentTooLarge."""
        if self.fetch is None:
            return originals.take(self.path, limit)
        return originals.receive(self.fetch(), self.path.name, limit)


@dataclass(frozen=True)
class Unreadable:
    """A place that could not be looked at. What is known of it and beneath it stays as it is."""

    source: str
    error: GroundkbError


@dataclass(frozen=True)
class PassedOver:
    """What is there and is no document, and why; see `ingest.sources.passing`."""

    source: str
    reason: PassedReason


Item = FoundFile | Unreadable | PassedOver


@dataclass(frozen=True)
class Listing:
    """All that one root yields.

    `members`: sources that were found under the root before, where these do not lie beneath its
    address (a sitemap's pages); None where they do. `gone`: sources whose server says that they
    are no more. `complete`: what is not in `items` is not there; if false, nothing is removed.
    `states` are to be kept for the next look (`app.library.remote`), by source.
    """

    root: str
    items: Sequence[Item]
    members: frozenset[str] | None = None
    gone: frozenset[str] = frozenset()
    complete: bool = True
    states: Mapping[str, str] = field(default_factory=dict)

    @property
    def failed(self) -> Unreadable | None:
        """Why nothing could be looked at: the root itself could not."""
        if self.gone or any(isinstance(item, FoundFile) for item in self.items):
            return None
        unreadable = (item for item in self.items if isinstance(item, Unreadable))
        return next((item for item in unreadable if item.source == self.root), None)


def document_id_of(source: str) -> str:
    """The identity of a new document: where it is, never what it holds. It keeps it when it moves."""
    return str(uuid5(NAMESPACE_URL, source))


def stamp(state: str) -> int:
    """A number for an opaque state, below the nanoseconds of any real time."""
    return int.from_bytes(blake2b(state.encode(), digest_size=6).digest())
