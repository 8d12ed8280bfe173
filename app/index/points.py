"""How a passage is laid out in Qdrant, for both stores: payload, vectors, what a hit means."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from app.index.protocol import Filter, Hit, Passage, Place, Point, Query
from app.models.embedding import Matrix, Vector

# Part of the index's fingerprint: change it whenever vectors or payload are stored otherwise.
LAYOUT_VERSION = "p1"

DENSE = "dense"
SPARSE = "sparse"
# On a server: the mean of a passage's dense vectors, by which the passages are found that are worth
# comparing window by window.
MEAN = "mean"
CANDIDATES = 800

# Payload fields that conditions are put on. `revision_key` is document id and revision in
# one, so that a set of pairs is one condition.
DOCUMENT = "document_id"
REVISION_KEY = "revision_key"
TAGS = "tags"
LANGUAGE = "language"
SOURCE = "source"
# Set by itself, and absent from points without limits: a collection of before has none.
ACCESS = "access"
INDEXED_FIELDS = (DOCUMENT, REVISION_KEY, TAGS, LANGUAGE, ACCESS)

_SEPARATOR = "\n"  # In no id and no hash.


def prefetch_limit(limit: int) -> int:
    """Passages taken from each list before fusion.

    Fusion scales a list by its own mean and spread, so the depth is the same for short and
    long results: what comes first must not depend on how many are wanted.
    """
    return max(64, limit)


def revision_key(document_id: str, revision: str) -> str:
    return f"{document_id}{_SEPARATOR}{revision}"


def split_revision_key(key: str) -> tuple[str, str]:
    document_id, _, revision = key.partition(_SEPARATOR)
    return document_id, revision


def counted(hits: Iterable[Any]) -> dict[tuple[str, str], int]:
    """Points of each (document id, revision), from the values and counts of a facet.

    The engine goes on listing values of deleted points, with a count of 0.
    """
    return {split_revision_key(str(hit.value)): hit.count for hit in hits if hit.count}


def refused(chosen: Filter) -> dict[str, tuple[str, ...]]:
    """Payload field to values that a point must not have."""
    without = {DOCUMENT: chosen.without_documents, ACCESS: chosen.without_access}
    return {field: values for field, values in without.items() if values}


def filter_conditions(chosen: Filter) -> dict[str, tuple[str, ...]]:
    """Payload field to accepted values; every field must match. Raises ValueError for properties and
    scopes."""
    if chosen.properties or chosen.scope:
        raise ValueError(
            "properties and scopes are resolved to document ids before an index is asked"
        )
    conditions: dict[str, tuple[str, ...]] = {
        DOCUMENT: chosen.document_ids,
        TAGS: chosen.tags,
        LANGUAGE: chosen.languages,
    }
    return {field: values for field, values in conditions.items() if values}


def counted_access(hits: Iterable[Any]) -> dict[str, int]:
    """The same of limits."""
    return {str(hit.value): hit.count for hit in hits if hit.count and hit.value}


def count_conditions(document_id: str | None, revision: str | None) -> dict[str, tuple[str, ...]]:
    """Raises ValueError for a revision without its document."""
    if revision is not None:
        if document_id is None:
            raise ValueError("a revision is counted within its document")
        return {REVISION_KEY: (revision_key(document_id, revision),)}
    return {} if document_id is None else {DOCUMENT: (document_id,)}


def check(point: Point, dimension: int) -> Matrix:
    """The point's dense vectors as float32, one row a window.

    Raises ValueError when rows and windows differ in number, when there are none, when the
    dimension is wrong, or when a number is not finite: each would be stored without a word.
    """
    dense = np.asarray(point.dense, dtype=np.float32)
    wanted = (len(point.passage.windows), dimension)
    if not wanted[0] or dense.shape != wanted:
        raise ValueError(f"passage {point.passage.id}: vectors {dense.shape}, wanted {wanted}")
    if not np.isfinite(dense).all():
        raise ValueError(f"passage {point.passage.id}: a vector is not finite")
    return dense


def mean_of(dense: Matrix) -> Vector:
    """The direction of a passage as a whole, of unit length; the first window's where they cancel out."""
    mean: Vector = dense.mean(axis=0, dtype=np.float32)
    length = np.float32(np.linalg.norm(mean))
    return mean / length if length > 1e-6 else np.asarray(dense[0])


def to_payload(passage: Passage) -> dict[str, Any]:
    return {
        DOCUMENT: passage.document_id,
        "revision": passage.revision,
        REVISION_KEY: revision_key(passage.document_id, passage.revision),
        "ordinal": passage.ordinal,
        "text": passage.text,
        "start": passage.start,
        "end": passage.end,
        "windows": [list(window) for window in passage.windows],
        "page": passage.page,
        "section": list(passage.section),
        LANGUAGE: passage.language,
        "title": passage.title,
        SOURCE: passage.source,
        TAGS: list(passage.tags),
        "places": [[place.start, place.page, list(place.section)] for place in passage.places],
    }


def to_passage(point_id: object, payload: Mapping[str, Any] | None) -> Passage:
    """Raises KeyError when the payload is not one that `to_payload` made."""
    fields = payload or {}
    return Passage(
        id=str(point_id),
        document_id=fields[DOCUMENT],
        revision=fields["revision"],
        ordinal=fields["ordinal"],
        text=fields["text"],
        start=fields["start"],
        end=fields["end"],
        windows=tuple((start, end) for start, end in fields["windows"]),
        page=fields["page"],
        section=tuple(fields["section"]),
        language=fields[LANGUAGE],
        title=fields["title"],
        source=fields[SOURCE],
        tags=tuple(fields[TAGS]),
        places=tuple(
            Place(start, page, tuple(section)) for start, page, section in fields.get("places", ())
        ),
    )


def to_hit(passage: Passage, score: float, windows: Sequence[Sequence[float]], query: Query) -> Hit:
    """`windows` are the passage's dense vectors as the engine gave them back."""
    cosines = np.asarray(windows, dtype=np.float32) @ query.dense
    best = int(np.argmax(cosines))
    return Hit(passage, score, float(np.clip(cosines[best], -1.0, 1.0)), best)


def in_order(hits: Iterable[Hit]) -> list[Hit]:
    """Best first. Fusion gives equal scores often: then the nearer passage, then the id."""
    return sorted(hits, key=lambda hit: (-hit.score, -hit.cosine, hit.passage.id))


def to_matrix(vector: Any) -> Matrix:
    """The dense vectors of a point as the engine gave them back."""
    return np.asarray(vector[DENSE], dtype=np.float32)


def by_ordinal(passages: Iterable[Passage]) -> list[Passage]:
    return sorted(passages, key=lambda passage: passage.ordinal)
