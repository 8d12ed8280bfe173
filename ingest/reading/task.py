"""What reading one document takes, and what it gives: plain values, which go between processes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from app.errors import DocumentTooLarge, GroundkbError, Phrase
from app.index.protocol import Passage
from app.library.enclosed import enclosed_source
from ingest.chunk import chunk
from ingest.parse import Enclosed, Limits, Metadata, ParsedDocument, parse
from ingest.parse.properties import merged, tags_of


@dataclass(frozen=True)
class ReadText:
    """What the bytes of a document hold."""

    parsed: ParsedDocument
    passages: tuple[Passage, ...]
    tags: tuple[str, ...]
    enclosed: tuple["EnclosedText", ...] = ()


@dataclass(frozen=True)
class EnclosedText:
    """A document within a document: its own name, address and identity, and its bytes."""

    name: str
    source: str
    document_id: str
    data: bytes
    revision: str
    text: ReadText


@dataclass(frozen=True)
class ReadTask:
    """What reading a document takes besides its bytes; it can go to another machine."""

    name: str
    source: str
    document_id: str
    revision: str
    own_tags: tuple[str, ...] | None
    limits: Limits
    sidecar: Metadata | None


@dataclass(frozen=True)
class Raised:
    """A groundkb error on its way between processes: exceptions with parameters do not survive it."""

    kind: type[GroundkbError]
    params: dict[str, Any]

    @classmethod
    def of(cls, error: GroundkbError) -> "Raised":
        return cls(type(error), error.params)

    def again(self) -> GroundkbError:
        return self.kind(**self.params)


def read(path: Path, task: ReadTask, on_parsed: Callable[[], None] = lambda: None) -> ReadText:
    """Parse and chunk the bytes at `path`; `on_parsed` is called in between.

    Raises what `parse` raises, and DocumentTooLarge for more passages than the limits allow.
    """
    parsed = parse(path, name=task.name, limits=task.limits)
    on_parsed()
    return cut(parsed, task)


def cut(parsed: ParsedDocument, task: ReadTask) -> ReadText:
    """A parsed document with its passages. Raises DocumentTooLarge for more than the limits allow."""
    tags = document_tags(merged(parsed.metadata, task.sidecar), task.own_tags)
    passages = chunk(
        parsed,
        document_id=task.document_id,
        revision=task.revision,
        source=task.source,
        tags=tags,
    )
    if len(passages) > task.limits.max_passages:
        most = task.limits.max_passages
        detail = Phrase("too_many_passages", count=len(passages), limit=most)
        raise DocumentTooLarge(path=task.name, detail=detail)
    enclosed = tuple(_cut_enclosed(inner, task) for inner in parsed.enclosed)
    # They have been cut: the parsed document goes on without them.
    return ReadText(replace(parsed, enclosed=()), tuple(passages), tags, enclosed)


def _cut_enclosed(inner: Enclosed, task: ReadTask) -> EnclosedText:
    """What is enclosed is known by the identity of its document, and by its name there."""
    source = enclosed_source(task.source, inner.name)
    document_id = str(uuid5(NAMESPACE_URL, enclosed_source(task.document_id, inner.name)))
    revision = sha256(inner.data).hexdigest()
    own = replace(task, name=inner.name, source=source, document_id=document_id, revision=revision)
    return EnclosedText(
        inner.name, source, document_id, inner.data, revision, cut(inner.parsed, own)
    )


def document_tags(properties: Metadata, own_tags: Sequence[str] | None) -> tuple[str, ...]:
    """Tags that were given by hand; else those that the document and its sidecar have."""
    return tags_of(properties) if own_tags is None else tuple(own_tags)
