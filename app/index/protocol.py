"""What an index is for: keep passages, find the ones that answer a question.

Two implementations, `app.index.edge` (in-process) and `app.index.server` (a Qdrant
server), pass one contract suite. Nothing outside `app.index` knows Qdrant.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

from app.errors import Language
from app.models.embedding import EmbeddingIdentity, Matrix, Vector

Mode = Literal["hybrid", "dense", "sparse"]


@dataclass(frozen=True, slots=True)
class Place:
    """Where the text from `start` on stands (offset in the stored text): page and heading path."""

    start: int
    page: int | None
    section: tuple[str, ...]


@dataclass(frozen=True)
class Passage:
    """A chunk of one revision of one document.

    `text` is exactly `stored_text[start:end]`; all offsets are characters (code points) of
    the revision's stored plain text, end-exclusive. `windows` are the sentence windows in
    the same coordinates, in order, within [start, end). `page` and `section` are those of the
    passage as a whole; one over several pages or headings has a `places` for each, in order,
    the first at `start`.
    """

    id: str  # uuid5(document id, revision, ordinal)
    document_id: str
    revision: str
    ordinal: int  # 0-based position in the document
    text: str
    start: int
    end: int
    windows: tuple[tuple[int, int], ...]
    page: int | None  # 1-based; None where the format has no pages
    section: tuple[str, ...]  # heading path, outermost first
    language: Language
    title: str
    source: str
    tags: tuple[str, ...] = ()
    places: tuple[Place, ...] = ()
    kb: str | None = None  # named where several knowledge bases were searched; no index keeps it

    def place_of(self, start: int, end: int) -> Place:
        """Page and heading path of the stored text's characters [start, end), by the last of
        them: a heading goes with the sentence under it."""
        found = Place(self.start, self.page, self.section)
        for place in self.places:
            if place.start < max(end, start + 1):
                found = place
        return found


@dataclass(frozen=True)
class SparseVector:
    """Term weights: `indices` are unique unsigned 32-bit term ids, `values` the weights, same length."""

    indices: tuple[int, ...]
    values: tuple[float, ...]


@dataclass(frozen=True)
class Point:
    """A passage with its vectors; `dense` has one row per window, shape (len(windows), dimension)."""

    passage: Passage
    dense: Matrix
    sparse: SparseVector


@dataclass(frozen=True)
class Scope:
    """Documents that are named, have one of the tags or lie under one of the folders (addresses
    that their sources begin with), and the whole of the named knowledge bases. Empty: all."""

    document_ids: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()
    knowledge_bases: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.document_ids or self.tags or self.folders or self.knowledge_bases)


@dataclass(frozen=True)
class Filter:
    """Only passages that meet all given conditions; an empty field is no condition."""

    document_ids: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()  # any of them
    languages: tuple[Language, ...] = ()
    # For each name any of its values. The library knows which documents have them and which are
    # in a scope: both are resolved to `document_ids` before an index is asked, which refuses them
    # with ValueError.
    properties: tuple[tuple[str, tuple[str, ...]], ...] = ()
    without_documents: tuple[str, ...] = ()  # none of them
    without_access: tuple[str, ...] = ()  # none that `set_access` gave one of these
    scope: Scope = Scope()


@dataclass(frozen=True)
class Query:
    """`dense` shape (dimension,), unit length; `limit` passages wanted."""

    dense: Vector
    sparse: SparseVector
    limit: int
    mode: Mode = "hybrid"
    filter: Filter = Filter()


@dataclass(frozen=True)
class Hit:
    """A passage found. `score` orders hits of one search and means nothing across searches
    (hybrid: distribution-based score fusion, the sum of 0.5 + (s - mean) / (6 deviations)
    over both lists, mostly in [0, 3]; dense: cosine, [-1, 1]; sparse: BM25, >= 0).
    `cosine` is the question's similarity to the passage's nearest window, [-1, 1], whatever
    the mode; `best_window` is that window's place in `passage.windows`.
    """

    passage: Passage
    score: float
    cosine: float
    best_window: int


@dataclass(frozen=True)
class Fingerprint:
    """All that decides what the vectors of a collection mean."""

    embedding: EmbeddingIdentity
    chunking: str  # versions of chunking, word cutting and layout (see `fingerprint_of`)

    # `app.index.fingerprint.digest` gives the 12 hex digits that name the collection.


class Index(Protocol):
    """One collection. Every method may raise IndexUnreachable, IndexUnauthorized or IndexFailed."""

    @property
    def collection(self) -> str: ...

    @property
    def dimension(self) -> int: ...

    @property
    def writes(self) -> int:
        """Grows before and after each time that this process writes to it."""
        ...

    def upsert(self, points: Sequence[Point]) -> None:
        """Write points, replacing those of equal id. Visible to `search` on return; safe from the
        end of this process and of the machine after `flush`.

        Raises ValueError for a point without windows, with other than one vector a window,
        of another dimension, or with numbers that are not finite; nothing is written then.
        """
        ...

    def search(self, query: Query) -> list[Hit]:
        """Best first, at most `query.limit`, in one round trip to Qdrant."""
        ...

    def delete_revisions(self, revisions: Sequence[tuple[str, str]]) -> None:
        """Remove all points of the given (document id, revision) pairs. Unknown pairs are no error."""
        ...

    def passages(self, document_id: str, revision: str) -> list[Passage]:
        """All passages of one revision, by ordinal."""
        ...

    def vectors(self, document_id: str, revision: str) -> Mapping[str, Matrix]:
        """The dense vectors of one revision, as they are kept (a row a window), by passage id."""
        ...

    def count(self, document_id: str | None = None, revision: str | None = None) -> int:
        """Points in the collection, or of one document, or of one revision."""
        ...

    def revisions(self) -> Mapping[tuple[str, str], int]:
        """Number of points for each (document id, revision) that the collection holds."""
        ...

    def set_tags(self, document_id: str, tags: Sequence[str]) -> None:
        """Replace the tags of all points of a document."""
        ...

    def set_access(self, access: str, document_ids: Sequence[str]) -> None:
        """Say of all points of these documents what they are limited by (app.library.limits). Points
        that are written anew are limited by nothing until then."""
        ...

    def access(self) -> Mapping[str, int]:
        """Number of points for each of the limits that were set; those without are left out."""
        ...

    def forget_access(self) -> None:
        """Of all points."""
        ...

    def set_source(self, document_id: str, source: str) -> None:
        """Replace the address of all points of a document. Its words are counted as before."""
        ...

    def flush(self) -> None:
        """Return when everything written is on disk."""
        ...

    def optimise(self) -> None:
        """Let Qdrant tidy its segments. For idle time: may take seconds, in which an
        engine inside this process holds up everything else in it."""
        ...


class VectorStore(Protocol):
    """Holds collections and the alias by which readers find the current one."""

    def create(self, collection: str, fingerprint: Fingerprint) -> Index:
        """Make a collection and note its fingerprint; opening an existing one of equal
        fingerprint is no error. Raises IndexMismatch when it has another."""
        ...

    def open(self, collection: str) -> Index | None:
        """None when there is no such collection."""
        ...

    def fingerprint(self, collection: str) -> Fingerprint | None:
        """What the collection was made with; None when there is none or it was not noted."""
        ...

    def collections(self) -> list[str]: ...

    def drop(self, collection: str) -> None:
        """Remove a collection; an unknown one is no error."""
        ...

    def resolve(self, alias: str) -> str | None:
        """The collection that `alias` points to."""
        ...

    def point(self, aliases: Mapping[str, str]) -> None:
        """Make each alias point to its collection; every reader sees all of them moved or none.

        Raises IndexFailed, with nothing moved, when one of the collections does not exist.
        """
        ...

    def copy(self, collection: str, target: Path) -> bool:
        """Copy a collection, as it is at this moment, to the folder `target`, where a store
        finds it again. False, and nothing is copied, when it is a server that keeps it.

        For the holder of the writer's lock: nothing may be written to it meanwhile.
        """
        ...

    def probe(self) -> None:
        """Return if the store answers, within `qdrant_timeout`; else raise the named error."""
        ...

    def close(self) -> None: ...


class AliasStore(Protocol):
    """Where a store without aliases keeps them; the library database implements it."""

    def get_alias(self, alias: str) -> str | None: ...

    def set_aliases(self, aliases: Mapping[str, str]) -> None:
        """All at once, and durable on return."""
        ...
