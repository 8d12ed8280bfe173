"""Which collection belongs to a knowledge base and the models of the settings.

Vectors of two models must never meet in one collection, so the collection's name carries
a digest of all that decides what its vectors mean, and readers come to it by an alias.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict
from hashlib import sha256
from typing import Any

from app.errors import IndexMismatch
from app.index.points import LAYOUT_VERSION
from app.index.protocol import Fingerprint, Index, VectorStore
from app.index.words import WORDS_VERSION
from app.models.embedding import EmbeddingIdentity


def fingerprint_of(embedding: EmbeddingIdentity, chunking_version: str) -> Fingerprint:
    """`chunking_version` is that of the code that makes passages and windows."""
    return Fingerprint(embedding, f"{chunking_version}.{WORDS_VERSION}.{LAYOUT_VERSION}")


def digest(fingerprint: Fingerprint) -> str:
    """12 hex digits; equal for equal fingerprints on every machine."""
    text = json.dumps(asdict(fingerprint), sort_keys=True, ensure_ascii=True)
    return sha256(text.encode()).hexdigest()[:12]


def collection_name(kb: str, fingerprint: Fingerprint) -> str:
    """No knowledge base's alias can equal it: their names hold no `@`."""
    return f"{alias_name(kb)}@{digest(fingerprint)}"


def alias_name(kb: str) -> str:
    return f"kb_{kb}"


def previous_alias(kb: str) -> str:
    """Points to the collection that readers used before the current one, kept for a rollback.

    It is the name of no collection: `previous` is no digest.
    """
    return f"kb_{kb}@previous"


def collections_of(vectors: VectorStore, kb: str) -> list[str]:
    """All collections of a knowledge base: current, previous, being built, abandoned."""
    return [name for name in vectors.collections() if name.startswith(f"{alias_name(kb)}@")]


def describe(fingerprint: Fingerprint) -> str:
    """In words, for people: every part that two fingerprints can differ in."""
    embedding = fingerprint.embedding
    parts = [
        f"{embedding.model} (revision {embedding.revision or 'not stated'})",
        f"{embedding.dimension} dimensions",
        f"prefixes {embedding.query_prefix!r} and {embedding.passage_prefix!r}",
        "normalised" if embedding.normalised else "not normalised",
        f"chunking {fingerprint.chunking}",
        f"digest {digest(fingerprint)}",
    ]
    return ", ".join(parts)


def to_json(fingerprint: Fingerprint) -> dict[str, Any]:
    return asdict(fingerprint)


def from_json(fields: Mapping[str, Any]) -> Fingerprint:
    """Raises KeyError or TypeError when `fields` is not what `to_json` made."""
    return Fingerprint(EmbeddingIdentity(**fields["embedding"]), fields["chunking"])


def open_current(vectors: VectorStore, kb: str, fingerprint: Fingerprint) -> Index | None:
    """The collection that readers of the knowledge base use; None when there is none (yet).

    None, too, when the alias points to a collection that is gone: the index was lost and a
    sync makes a new one. One that an earlier version of groundkb made with the same embedding
    model is opened (see `readable`). Raises IndexMismatch when the collection was made with
    another model, and the index's errors.
    """
    collection = vectors.resolve(alias_name(kb))
    if collection is None:
        return None
    if not readable(vectors, collection, kb, fingerprint):
        raise mismatch(vectors, collection, fingerprint)
    return vectors.open(collection)


def readable(vectors: VectorStore, collection: str, kb: str, fingerprint: Fingerprint) -> bool:
    """Whether vectors of `fingerprint` may meet those of `collection`.

    They must be of one model, and stored alike. Passages that were cut, or words that were
    taken, by the rules of an earlier version only make a search less good than it could be:
    they are searched until a reindex, so that an upgrade stops nothing.
    """
    if collection == collection_name(kb, fingerprint):
        return True
    built = vectors.fingerprint(collection)
    return (
        built is not None
        and built.embedding == fingerprint.embedding
        and _layout(built) == _layout(fingerprint)
    )


def _layout(fingerprint: Fingerprint) -> str:
    return fingerprint.chunking.rpartition(".")[2]


def mismatch(vectors: VectorStore, collection: str, wanted: Fingerprint) -> IndexMismatch:
    """The error that names what `collection` was made with and what is wanted."""
    built = vectors.fingerprint(collection)
    return IndexMismatch(built=describe(built) if built else collection, wanted=describe(wanted))


def ensure_current(vectors: VectorStore, kb: str, fingerprint: Fingerprint) -> Index:
    """As `open_current`, but an index that is not there is made, empty."""
    index = open_current(vectors, kb, fingerprint)
    if index is None:
        collection = collection_name(kb, fingerprint)
        index = vectors.create(collection, fingerprint)
        vectors.point({alias_name(kb): collection})
    return index
