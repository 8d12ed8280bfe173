"""From the embedded index to a Qdrant server, without embedding again.

Vectors and texts are copied as they are kept, words are weighed anew. Readers of the server see nothing of
it until everything is there; what a killed move has copied, the next one goes on from.
"""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass

from app.errors import IndexAlreadyThere, IndexFailed, IndexMissing, Phrase
from app.index.fingerprint import alias_name
from app.index.protocol import Index, Point, VectorStore
from app.index.sparse import SparseEncoder
from app.library.library import Library
from app.library.locks import REINDEX, Locks, all_writers
from ingest.chunk.parser import sparse_text
from ingest.writer import agree

# Told of each document that is there: the knowledge base, how many are, and of how many.
OnMoved = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Moved:
    """Passages of each knowledge base that has any, and those of them that this move has copied."""

    passages: dict[str, int]
    copied: int


def move_index(
    library: Library,
    locks: Locks,
    source: VectorStore,
    target: VectorStore,
    sparse: SparseEncoder,
    on_moved: OnMoved = lambda *_: None,
    wait: float = 0.0,
) -> Moved:
    """Copy the current index of every knowledge base from `source` to `target`, then send the
    readers of `target` there. `source` stays as it is.

    Raises WriterBusy while somebody writes for longer than `wait` seconds, IndexAlreadyThere when
    `target` has one of the knowledge bases in use, IndexMissing, IndexFailed when the counts do not
    agree at the end, and the errors of library and indexes; no reader sees anything of it then.
    """
    kbs = library.knowledge_bases()
    passages: dict[str, int] = {}
    aliases: dict[str, str] = {}
    copied = 0
    with ExitStack() as held:
        held.enter_context(locks.writer(REINDEX, wait=wait))
        held.enter_context(all_writers(locks, kbs, wait))
        for kb in kbs:
            if target.resolve(alias_name(kb)) is not None:
                raise IndexAlreadyThere(kb=kb)
        for kb in kbs:
            collection = source.resolve(alias_name(kb))
            if collection is None:
                continue
            here, fingerprint = source.open(collection), source.fingerprint(collection)
            if here is None or fingerprint is None:
                raise IndexMissing(kb=kb, documents=library.current_count(kb))
            there = target.create(collection, fingerprint)
            copied += _copy(library, kb, here, there, sparse, on_moved)
            aliases[alias_name(kb)] = collection
            passages[kb] = there.count()
        if aliases:
            target.point(aliases)
    return Moved(passages, copied)


def _copy(
    library: Library, kb: str, here: Index, there: Index, sparse: SparseEncoder, on_moved: OnMoved
) -> int:
    """Make `there` hold what readers of `here` see, and what can be restored; gives the passages copied."""
    kept = here.revisions()
    seen = library.hidden(kb) | library.current_revisions(kb).keys()
    wanted = {pair: count for pair, count in kept.items() if pair in seen}
    done, copied = there.revisions(), 0
    strays = [pair for pair, count in done.items() if wanted.get(pair) != count]
    if strays:
        there.delete_revisions(strays)
    for number, pair in enumerate(sorted(wanted), 1):
        if done.get(pair) != wanted[pair]:
            vectors = here.vectors(*pair)
            points = [
                Point(one, vectors[one.id], sparse.encode_passage(sparse_text(one)))
                for one in here.passages(*pair)
            ]
            there.upsert(points)
            copied += len(points)
        on_moved(kb, number, len(wanted))
    agree(there, library.limits.current(kb))
    if there.revisions() != wanted:
        raise IndexFailed(detail=Phrase("points_differ", collection=there.collection))
    return copied
