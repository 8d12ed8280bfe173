"""The kinds of answers that need no chat model: those that an owner wrote, that code computes, and that are
made of the documents' own sentences. What each says is made here; `Answerer.ask` decides which it is."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from app.answering.answer import AnswerKind, Citations, Done, Event, Question, TokenPiece
from app.answering.compute import (
    NotComputable,
    asks_of_column,
    compute,
    concerns,
    is_of_others,
    names_kind,
)
from app.answering.curated import curated_for
from app.answering.differing import Differing
from app.answering.draft import Draft
from app.answering.evidence import Verification
from app.answering.overview import (
    MOST_DOCUMENTS,
    named_document,
    named_section,
    of_document,
    of_library,
    of_section,
    on_topic,
    one_each,
    titled,
)
from app.answering.question import Kind
from app.answering.quotes import Found, evidence_of, quoted
from app.answering.read import ReadHit
from app.answering.searching import Searched, Searching, document_of, passages_of
from app.answering.select import section_of
from app.answering.weigh import Weighed, Weighing
from app.errors import Language, Phrase
from app.index.protocol import Hit, Passage
from app.text.lines import is_table_row
from app.texts import say

# Passages whose tables are tried for arithmetic.
_TABLES = 8


@dataclass(frozen=True)
class Subject:
    """A document, or a `section` of one, that is to be summarised; `passages` is not empty."""

    passages: tuple[Passage, ...]
    section: bool = False


def written_by_owner(
    searching: Searching, question: Question, text: str, spaces: Searched
) -> Verification | None:
    """What an owner wrote for a question that asks the same. Blocking."""
    asked_of = question.filter.document_ids

    def passages(document_id: str) -> list[Passage]:
        if asked_of and document_id not in asked_of:
            return []
        chosen = replace(question.filter, document_ids=(document_id,))
        _, hits = searching.retrieve(replace(question, filter=chosen), text, 1, "hybrid")
        return document_of(spaces, hits[0].passage) if hits else []

    return curated_for(searching.library, question.kb, text, passages)


def about_documents(
    searching: Searching,
    weighing: Weighing,
    question: Question,
    text: str,
    kind: Kind,
    spaces: Searched,
    draft: Draft,
    subject: Subject | None,
) -> Verification | None:
    """The answer to a question about documents, by their own sentences; None where what they say is
    asked. `subject`: see `asked_about`. Blocking."""
    hits = draft.hits
    if kind == "documents":
        read = weighing.read(text, hits, "fact", draft, spaces)
        found = on_topic(text, hits) + (read.found if read.above >= 0 else ())
        found = one_each(found)
        phrase = Phrase("overview_documents")
    elif subject is not None:
        of = of_section if subject.section else of_document
        found, phrase = of(subject.passages), Phrase("overview_document")
    else:
        known = searching.documents(question, hits)
        documents = (
            passages_of(spaces, document_id, revision, kb)
            for _, document_id, revision, kb in known[:MOST_DOCUMENTS]
        )
        phrase = Phrase("overview_library", count=len(known))
        found = of_library([each for each in documents if each])
    if not found:
        return None
    draft.evidence = evidence_of(found)
    intro = say(phrase, draft.language)
    return quoted(found, draft.language, len(found), introduced=intro, titled=True)


def asked_about(
    searching: Searching,
    question: Question,
    text: str,
    kind: Kind,
    spaces: Searched,
    hits: Sequence[Hit],
) -> Subject | None:
    """The section or document that a question for a summary names; None for another question, and where
    it names none. Blocking."""
    if kind != "overview":
        return None
    if section := named_section(text, hits):
        path = section.passage.section
        whole = document_of(spaces, section.passage)
        return Subject(tuple(p for p in whole if p.section[: len(path)] == path), True)
    if named := named_document(text, hits):
        return Subject(tuple(document_of(spaces, named.passage)))
    known = searching.documents(question, hits)
    place = titled(text, [title for title, *_ in known], spaces[0].embedder)
    if place is None:
        return None
    _, document_id, revision, kb = known[place]
    whole = passages_of(spaces, document_id, revision, kb)
    return Subject(tuple(whole)) if whole else None


def by_arithmetic(
    text: str,
    read: Weighed,
    hits: Sequence[Hit],
    spaces: Searched,
    language: Language,
    *,
    named: bool = False,
    alone: bool = False,
) -> Verification | NotComputable | None:
    """The answer that code computes over the table that was found, or why it cannot; None for no such
    table, with `named` also for one of other things than the question names; with `alone` only where it names a column
    and nothing else. Blocking."""
    failed: NotComputable | None = None
    tried: set[tuple[str, tuple[str, ...]]] = set()
    likely = [(item.hit.passage, named) for item in read.worth]
    for passage, must in (*likely, *((hit.passage, True) for hit in hits)):
        place = (passage.document_id, passage.section)
        if place in tried or not _has_table(passage) or len(tried) >= _TABLES:
            continue
        tried.add(place)
        section = section_of(passage, document_of(spaces, passage))
        computed = compute(text, section, language)
        if computed and alone and not asks_of_column(text, computed.rows[0].around.columns):
            continue
        if isinstance(computed, NotComputable):
            if failed is None and concerns(text, computed):
                failed = computed
        elif (
            computed is not None
            and not is_of_others(text, computed.rows)
            and (not must or names_kind(text, computed.rows))
        ):
            found = tuple(
                Found(ReadHit(Hit(part, 0.0, 0.0, 0)), rows)
                for number, part in enumerate(section)
                if (rows := tuple(row for row in computed.rows if row.passage == number))
            )
            return quoted(found, language, len(found), introduced=computed.text)
    return failed


def given(
    draft: Draft, result: Verification, kind: AnswerKind, *, differ: bool = False
) -> list[Event]:
    """The end of an answer that is whole already."""
    return [
        TokenPiece(result.answer),
        Citations(result.citations),
        draft.accept(result, kind, differ=differ),
    ]


def not_answered(draft: Draft, why: NotComputable | None) -> Done:
    """The refusal of a question that no passage answers; with `why`, of one that cannot be computed."""
    if why is None:
        return draft.refuse("low_relevance")
    return draft.refuse("not_computable", say(why.reason, draft.language))


def both(two: Differing, language: Language) -> Verification:
    """Both documents that differ, the later first, each with its date."""
    titles = {}
    orders = Phrase("differ_later"), Phrase("differ_older")
    for found, when, order in zip((two.later, two.older), two.dates, orders, strict=True):
        passage = found.item.hit.passage
        said = [when.isoformat()] if when else []
        said += [say(order, language)] if two.known else []
        detail = say(Phrase("list_separator"), language).join(said)
        titles[passage.document_id] = f"{passage.title} ({detail})" if detail else passage.title
    intro = say(Phrase("documents_differ"), language)
    return quoted((two.later, two.older), language, 2, introduced=intro, titles=titles)


def partial(result: Verification, missing: Sequence[str], language: Language) -> Verification:
    """The answer with what the documents do not hold of the question."""
    if not missing:
        return result
    parts = say(Phrase("list_separator"), language).join(part.strip() for part in missing)
    told = say(Phrase("part_missing", parts=parts), language)
    return replace(result, answer=f"{result.answer}\n\n{told}")


def _has_table(passage: Passage) -> bool:
    return any(is_table_row(line) for line in passage.text.splitlines())
