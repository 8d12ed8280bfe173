"""Answers that an owner wrote: taken in with verified quotes, given to questions that ask the same."""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final, Literal

from app.answering.answer import Citation, Statement
from app.answering.evidence import Verification
from app.answering.same_question import same_question
from app.errors import (
    CuratedAnswerExists,
    CuratedMarkMissing,
    CuratedQuoteMissing,
    DocumentNotFound,
)
from app.index.protocol import Passage
from app.library.curated import CuratedQuote, CuratedRow
from app.library.feedback import golden_case
from app.library.library import Library

# `given`: to questions that ask the same. `changed`: it is, and a source has a new revision in which
# its quotes still stand. `withheld`: a quote stands no more, or its document is gone.
CuratedState = Literal["given", "changed", "withheld"]
_MARK: Final = re.compile(r"\[(\d{1,3})\]")


def add_curated(
    library: Library, kb: str, question: str, answer: str, quotes: Sequence[tuple[str, str]]
) -> CuratedRow:
    """Keep an answer. `quotes`: document id and exact words, at least one; the answer's `[n]` is the
    n-th, and one without marks gets all at its end.

    Raises CuratedQuoteMissing for words that do not stand in their document, CuratedMarkMissing,
    CuratedAnswerExists when a question is answered that asks the same, DocumentNotFound and
    KnowledgeBaseNotFound.
    """
    library.require_knowledge_base(kb)
    for row in library.curated.of(kb):
        if same_question(question, row.question):
            raise CuratedAnswerExists(question=row.question)
    kept = []
    for document_id, quote in quotes:
        document = library.document(kb, document_id)
        if document.revision is None or quote not in library.text(kb, document_id):
            raise CuratedQuoteMissing(document=document.title, quote=quote)
        kept.append(CuratedQuote(document_id, document.revision, quote))
    marks = [int(mark) for mark in _MARK.findall(answer)]
    for mark in marks:
        if not 1 <= mark <= len(kept):
            raise CuratedMarkMissing(mark=mark, quotes=len(kept))
    if not marks:
        answer = f"{answer} {''.join(f'[{n}]' for n in range(1, len(kept) + 1))}"
    return library.curated.add(kb, question.strip(), answer.strip(), kept)


def state_of(library: Library, row: CuratedRow) -> CuratedState:
    """Whether it is given, and whether a source has changed since it was written."""
    state: CuratedState = "given"
    for quote in row.quotes:
        try:
            document = library.document(row.kb, quote.document_id)
            text = library.text(row.kb, quote.document_id)
        except DocumentNotFound:
            return "withheld"
        if quote.quote not in text:
            return "withheld"
        if document.revision != quote.revision:
            state = "changed"
    return state


def curated_golden_set(library: Library, kb: str) -> Iterator[dict[str, Any]]:
    """Entries of a golden set (docs/evaluation.md), one for each answer whose quotes stand."""
    for row in library.curated.of(kb):
        if state_of(library, row) == "withheld":
            continue
        sources = [library.document(kb, quote.document_id).source for quote in row.quotes]
        yield golden_case(row.id, row.question, row.answer, [q.quote for q in row.quotes], sources)


def curated_for(
    library: Library, kb: str, question: str, passages_of: Callable[[str], Sequence[Passage]]
) -> Verification | None:
    """The answer to a question that asks the same, as far as every quote stands in the text of today and the
    caller may read it; None for none. `passages_of` gives a document's passages, none where the
    question's filter leaves it out. Blocking."""
    for row in library.curated.of(kb):
        if same_question(question, row.question):
            return _verified(library, row, passages_of)
    return None


def _verified(
    library: Library, row: CuratedRow, passages_of: Callable[[str], Sequence[Passage]]
) -> Verification | None:
    citations = []
    for marker, quote in enumerate(row.quotes, 1):
        try:
            start = library.text(row.kb, quote.document_id).find(quote.quote)
        except DocumentNotFound:
            return None
        within = (each for each in passages_of(quote.document_id) if each.start <= start < each.end)
        passage = next(within, None)
        if start < 0 or passage is None:
            return None
        citations.append(
            Citation(
                marker=marker,
                document_id=quote.document_id,
                revision=passage.revision,
                chunk_id=passage.id,
                title=passage.title,
                source=passage.source,
                quote=quote.quote,
                start=start,
                end=start + len(quote.quote),
                page=passage.page,
                section=passage.section,
            )
        )
    marks = tuple(citation.marker for citation in citations)
    said = Statement(0, len(row.answer), supported=True, markers=marks)
    return Verification(
        answer=row.answer,
        statements=(said,),
        citations=tuple(citations),
        unverified_quotes=(),
        core_supported=True,
        support=1.0,
        about=None,
    )
