"""From a question to passages of current revisions."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from app.answering.repeats import part_repeats
from app.errors import IndexMissing, KnowledgeBaseNotFound
from app.index.protocol import Filter, Hit, Index, Mode, Query, Scope
from app.index.spaces import VectorSpace
from app.index.sparse import SparseEncoder
from app.library.library import Library
from app.library.scopes import documents_in
from app.text.glosses import glossed
from app.text.language import detect_language

# While a document is being replaced the index holds two revisions of it, one of them hidden; and
# some passages may repeat others. Where that leaves too few, more are fetched, once: as many as
# the engine fuses from in any case, so that the order stays.
_FURTHER = 64
_TRIES = 5


@dataclass(frozen=True)
class Retrieval:
    """`hits` best first, all of revisions that were current at one moment. Those that repeat a
    better one (see `part_repeats`) stand behind all others; `repeated` is how many were so
    moved, whether or not they are among `hits`.
    """

    hits: tuple[Hit, ...]
    repeated: int = 0


def retrieve(
    library: Library,
    space: VectorSpace | None,
    sparse: SparseEncoder,
    question: str,
    *,
    kb: str,
    limit: int,
    mode: Mode = "hybrid",
    filter: Filter | None = None,  # noqa: A002  (the field's term)
) -> Retrieval:
    """Search `kb`. `space` is None when nothing was ever put into it.

    Raises KnowledgeBaseNotFound, IndexMissing, EmbeddingFailed, and the errors of index and library.
    """
    if space is None:
        with library.snapshot(kb) as snapshot:
            if not snapshot.exists:
                raise KnowledgeBaseNotFound(name=kb)
        if documents := library.current_count(kb):
            raise IndexMissing(kb=kb, documents=documents)
        return Retrieval(())
    chosen = _resolved(library, kb, filter or Filter())
    if chosen is None:
        return Retrieval(())
    # The search by words finds passages of the other language by what the question's words may be there.
    # For misspelt words the search by words gets those that may be meant, too. What reads the
    # passages gets the question as it was asked: 'Acmos' is not to be answered by 'Acmon'.
    meant = library.vocabulary.meant(kb, question)
    query = Query(
        dense=space.embedder.embed_query(question),
        sparse=sparse.encode_query(
            "\n".join((question, *meant)), glossed(question, detect_language(question))
        ),
        limit=limit,
        mode=mode,
        filter=chosen,
    )
    found, exhausted = _visible(library, space.index, kb, query)
    new, repeats = part_repeats(found)
    if len(new) < limit and not exhausted and query.limit < _FURTHER:
        found, _ = _visible(library, space.index, kb, replace(query, limit=_FURTHER))
        new, repeats = part_repeats(found)
    return Retrieval((*new, *repeats)[:limit], len(repeats))


def searched(kb: str, chosen: Filter) -> tuple[tuple[str, Filter], ...]:
    """Each knowledge base that a question to `kb` is put to, and the filter that holds there. Named
    documents, tags and folders are those of `kb`."""
    named = dict.fromkeys(chosen.scope.knowledge_bases)
    whole = replace(chosen, scope=Scope())
    own = replace(chosen, scope=replace(chosen.scope, knowledge_bases=()))
    others = tuple((name, whole) for name in named if name != kb)
    if kb in named:
        return ((kb, whole), *others)
    return ((kb, own), *others) if own.scope or not others else others


def together(found: Sequence[tuple[str, tuple[Hit, ...]]], limit: int) -> tuple[Hit, ...]:
    """The hits of several knowledge bases in turn, the best of each first. Scores of different
    searches cannot be compared, so the score of each is one over its rank; the reader weighs them."""
    ranked = sorted(
        (
            (rank, place, kb, hit)
            for place, (kb, hits) in enumerate(found)
            for rank, hit in enumerate(hits, 1)
        ),
        key=lambda each: each[:2],
    )
    joined: dict[str, Hit] = {}
    for rank, _, kb, hit in ranked:
        of_kb = replace(hit, passage=replace(hit.passage, kb=kb), score=1 / rank)
        joined.setdefault(hit.passage.id, of_kb)
    return tuple(joined.values())[:limit]


def _resolved(library: Library, kb: str, chosen: Filter) -> Filter | None:
    """The filter with document ids for its properties and its scope; None when no document meets
    it."""
    conditions: list[set[str]] = []
    if chosen.properties:
        conditions.append(library.properties.matching(kb, dict(chosen.properties)))
    if chosen.scope:
        within = chosen.scope
        conditions.append(
            documents_in(
                library.engine,
                library.sight,
                kb,
                within.document_ids,
                within.tags,
                within.folders,
            )
        )
    if not conditions:
        return chosen
    if chosen.document_ids:
        conditions.append(set(chosen.document_ids))
    ids = set.intersection(*conditions)
    if not ids:
        return None
    return replace(chosen, document_ids=tuple(sorted(ids)), properties=(), scope=Scope())


def _visible(library: Library, index: Index, kb: str, query: Query) -> tuple[tuple[Hit, ...], bool]:
    """The hits of revisions that were current at one moment, and whether there are no others."""
    for _ in range(_TRIES):
        with library.snapshot(kb) as snapshot:
            if not snapshot.exists:
                raise KnowledgeBaseNotFound(name=kb)
            # Else what can be restored, or is not for this caller, would take the places of what
            # is there for him.
            deleted, limited = snapshot.deleted(), snapshot.without_access()
            shown = replace(query.filter, without_documents=deleted, without_access=limited)
            found = index.search(replace(query, filter=shown) if deleted or limited else query)
            current = snapshot.current(hit.passage.document_id for hit in found)
        hits = tuple(
            hit for hit in found if current.get(hit.passage.document_id) == hit.passage.revision
        )
        # Points that were current when the snapshot was taken may have been deleted before the
        # search ran. Then the search is done again; cleanings are rare (one a sync).
        if library.cleanings(kb) == snapshot.cleanings:
            break
    return hits, len(found) < query.limit
