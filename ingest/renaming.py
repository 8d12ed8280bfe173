"""Giving a document another place, name or metadata without writing it anew.

The file's name and the title count among a passage's words, and stand before its rows, list items
and short sentences when these are embedded: that is made again, and all other vectors stay. In
each of these the library comes last, so that a sync that is killed here is done again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from app.index.protocol import Index, Passage, Point
from app.index.sparse import SparseEncoder
from app.library.enclosed import enclosed_under
from app.library.library import KnownFile
from app.models.embedding import Embedder, Matrix
from ingest.chunk import embedding_texts, sparse_text
from ingest.parse import Metadata, ParsedDocument
from ingest.parse.properties import merged
from ingest.prepare import Prepared, UnchangedFile
from ingest.reading import document_tags
from ingest.writer import Writer


def amend(writer: Writer, file: UnchangedFile) -> bool:
    """Take over what a changed sidecar says, of what is enclosed in the document too; whether
    there was anything."""
    enclosed = writer.library.known_files(writer.kb, enclosed_under(file.found.source))
    owners = [(inner.id, inner.own_tags) for inner in enclosed.values()]
    amended = False
    for document_id, own_tags in (*owners, (file.document_id, file.own_tags)):
        amended |= _amend(writer, document_id, file.sidecar, own_tags)
    return amended


def _amend(
    writer: Writer, document_id: str, sidecar: Metadata | None, own_tags: Sequence[str] | None
) -> bool:
    properties = writer.library.properties
    own = properties.own(writer.kb, document_id)
    said = merged(own, sidecar)
    tags = document_tags(said, own_tags)
    if properties.says(writer.kb, document_id, said, tags):
        return False
    writer.index.set_tags(document_id, tags)
    writer.index.flush()
    kept = own if sidecar is not None else None
    writer.limit(properties.amend(writer.kb, document_id, said, tags, kept))
    return True


def touch(writer: Writer, file: UnchangedFile) -> None:
    """Remember that the file was read again and its bytes are the same."""
    found = file.found
    writer.library.touch(writer.kb, file.document_id, found.size, found.mtime_ns, file.read_at_ns)


def relocate(writer: Writer, known: KnownFile, source: str) -> None:
    """A document's file lies elsewhere under the same name."""
    _move_enclosed(writer, known, source)
    _relocate(writer, known, source)


def _relocate(writer: Writer, known: KnownFile, source: str) -> None:
    for index in (writer.index, *writer.beside()):
        index.set_source(known.id, source)
        index.flush()
    writer.deps.on_step("move")
    writer.limit(writer.library.move(writer.kb, known.id, source))


def _move_enclosed(writer: Writer, known: KnownFile, source: str) -> None:
    """What is enclosed in a document goes with it, before it does."""
    enclosed = writer.library.known_files(writer.kb, enclosed_under(known.source))
    for inner in enclosed.values():
        _relocate(writer, inner, source + inner.source.removeprefix(known.source))


def rename(writer: Writer, known: KnownFile, item: Prepared) -> bool:
    """Give a document the name under which its file lies now. False when there is more to do than
    that, and it is to be written as a changed one."""
    library, kb, revision = writer.library, writer.kb, item.taken.revision
    _move_enclosed(writer, known, item.found.source)
    if known.revision != revision:
        writer.limit(library.move(kb, known.id, item.found.source))
        return False
    text = library.text(kb, known.id)
    points = _renamed_points(writer.index, item, text, writer.embedder, writer.deps.sparse)
    if points is None:
        # The same revision with another text: readers see none until it is written.
        writer.limit(library.move(kb, known.id, item.found.source))
        library.invalidate(kb, [known.id])
        writer.clean()
        return False
    writer.index.upsert(points)
    writer.index.flush()
    for index in writer.beside():
        library.builds.strike(index.collection, [(known.id, revision)])
        index.delete_revisions([(known.id, revision)])
        index.flush()
    writer.deps.on_step("move")
    writer.limit(library.move(kb, known.id, item.found.source, item.parsed.title))
    # Its points are new ones, whether or not a limit has changed.
    writer.limit(library.limits.of(kb, [known.id]))
    same = UnchangedFile(item.found, known.id, item.read_at_ns, item.sidecar, item.own_tags)
    amend(writer, same)
    touch(writer, same)
    library.originals.discard(item.taken)
    return True


def _renamed_points(
    index: Index, item: Prepared, text: str, embedder: Embedder, sparse: SparseEncoder
) -> list[Point] | None:
    """The points of a document, whose stored text is `text`, under its new name. None when the
    name makes another text or other passages of it (`.txt` to `.md`).

    Raises EmbeddingFailed and the index's errors.
    """
    if item.parsed.text != text:
        return None
    old = {one.id: one for one in index.passages(item.document_id, item.taken.revision)}
    if len(old) != len(item.passages) or any(
        not _differs_in_name(old.get(one.id), one) for one in item.passages
    ):
        return None
    vectors = index.vectors(item.document_id, item.taken.revision)
    dense = _dense(old, item.passages, vectors, item.parsed, embedder)
    return [
        Point(one, rows, sparse.encode_passage(sparse_text(one)))
        for one, rows in zip(item.passages, dense, strict=True)
    ]


def _differs_in_name(old: Passage | None, new: Passage) -> bool:
    return old is not None and new == replace(
        old, title=new.title, source=new.source, tags=new.tags
    )


def _dense(
    old: Mapping[str, Passage],
    new: Sequence[Passage],
    vectors: Mapping[str, Matrix],
    parsed: ParsedDocument,
    embedder: Embedder,
) -> list[Matrix]:
    """The passages' vectors, of which those are embedded whose text has changed."""
    rows = [np.array(vectors[one.id], np.float32) for one in new]
    places: list[tuple[int, int]] = []
    texts: list[str] = []
    for number, one in enumerate(new):
        before, after = embedding_texts(old[one.id], parsed), embedding_texts(one, parsed)
        for window, (was, now) in enumerate(zip(before, after, strict=True)):
            if was != now:
                places.append((number, window))
                texts.append(now)
    embedded = embedder.embed_passages(texts) if texts else ()
    for (number, window), vector in zip(places, embedded, strict=True):
        rows[number][window] = vector
    return rows
