"""Searching the knowledge bases that a question is put to, and reading documents whole from where they were found."""

from collections.abc import Callable, Sequence
from copy import copy
from dataclasses import replace

from app.answering.answer import Question
from app.answering.retrieve import retrieve, searched, together
from app.index.protocol import Filter, Hit, Mode, Passage
from app.index.spaces import VectorSpace
from app.index.sparse import SparseEncoder
from app.library.library import Library

# The indexes that a question is put to, one for each knowledge base that holds something.
Searched = tuple[VectorSpace, ...]


class Searching:
    """Searches what a caller sees of a library. Everything here blocks."""

    def __init__(
        self,
        library: Library,
        space_of: Callable[[str], VectorSpace | None],
        sparse: SparseEncoder,
    ) -> None:
        """`space_of`: see `Answerer`."""
        self.library = library
        self._space_of = space_of
        self._sparse = sparse

    def over(self, library: Library) -> "Searching":
        """The same over what another caller sees."""
        seen = copy(self)
        seen.library = library
        return seen

    def through(self, space_of: Callable[[str], VectorSpace | None]) -> "Searching":
        """The same in other indexes."""
        other = copy(self)
        other._space_of = space_of
        return other

    def retrieve(
        self, question: Question, text: str, limit: int, mode: Mode
    ) -> tuple[Searched, tuple[Hit, ...]]:
        """The indexes that were searched and what was found, best first. Raises as `retrieve` does."""
        spaces: list[VectorSpace] = []
        found: list[tuple[str, tuple[Hit, ...]]] = []
        for kb, chosen in searched(question.kb, question.filter):
            space = self._space_of(kb)
            there = retrieve(
                self.library,
                space,
                self._sparse,
                text,
                kb=kb,
                limit=limit,
                mode=mode,
                filter=chosen,
            )
            spaces += [space] if space else []
            found.append((kb, there.hits))
        if [kb for kb, _ in found] == [question.kb]:
            return tuple(spaces), found[0][1]
        return tuple(spaces), together(found, limit)

    def documents(
        self, question: Question, hits: Sequence[Hit]
    ) -> list[tuple[str, str, str, str | None]]:
        """(title, id, revision, knowledge base as in `Passage.kb`) of the documents that may be asked
        about: with a filter those found, best first; without one all, by source."""
        if question.filter == Filter():
            rows = self.library.documents(question.kb)
            return [(row.title, row.id, row.revision, None) for row in rows if row.revision]
        found = [hit.passage for hit in hits]
        return list(dict.fromkeys((p.title, p.document_id, p.revision, p.kb) for p in found))


def index_name(question: Question, spaces: Searched) -> str:
    """What an answer says was searched."""
    return ", ".join(space.index.collection for space in spaces) or f"kb_{question.kb}@empty"


def document_of(spaces: Searched, passage: Passage) -> list[Passage]:
    """The passages of its document."""
    return passages_of(spaces, passage.document_id, passage.revision, passage.kb)


def passages_of(spaces: Searched, document_id: str, revision: str, kb: str | None) -> list[Passage]:
    """The passages of a document: those of one revision are the same in each knowledge base."""
    for space in spaces:
        if found := space.index.passages(document_id, revision):
            return [replace(each, kb=kb) for each in found] if kb else found
    return []
