"""Which documents the example questions come from."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Final, TypeVar

from app.answering.examples.chinese import chinese_questions
from app.answering.examples.english import english_questions
from app.errors import DocumentNotFound, KnowledgeBaseNotFound, Language
from app.library.library import DocumentRow, Library
from app.text.language import detect_language

T = TypeVar("T")
EXAMPLES: Final = 4
_DOCUMENTS: Final = 24  # looked at, so that a large library answers as soon as a small one
_CHARS: Final = 20_000  # of each
# The patterns of questions try every way to part a run of spaces.
_BLANKS: Final = re.compile(r"\s{2,}")


@dataclass(frozen=True)
class Example:
    """`language` is the question's; `title` that of the document that answers it."""

    question: str
    language: Language
    document_id: str
    title: str


def example_questions(
    library: Library, kb: str, language: Language | None, most: int = EXAMPLES
) -> list[Example]:
    """At most `most`, of as many documents as there are; the same while the documents are.

    A question is in its document's language. With `language`, only those in it, or if there are
    none, the others. Blocking. Raises KnowledgeBaseNotFound and LibraryUnavailable.
    """
    rows = [row for row in library.documents(kb) if row.revision is not None]
    if not rows and kb not in library.knowledge_bases():
        raise KnowledgeBaseNotFound(name=kb)
    by_document = [_of_document(library, row) for row in _spread(rows, _DOCUMENTS)]
    wanted = [found for found in by_document if found and found[0].language == language]
    chosen = wanted or [found for found in by_document if found]
    # The best of each document before the second best of any, from documents far apart.
    rounds = zip_longest(*_spread(chosen, len(chosen)))
    return list(_distinct(example for row in rounds for example in row if example))[:most]


def _of_document(library: Library, row: DocumentRow) -> list[Example]:
    """The best first. None of a document that was removed meanwhile."""
    try:
        text = _BLANKS.sub(_shorter, library.text(row.kb, row.id, row.revision)[:_CHARS])
    except DocumentNotFound:
        return []
    language = detect_language(text)
    make = chinese_questions if language == "zh" else english_questions
    return [Example(question, language, row.id, row.title) for question in make(text)]


def _shorter(blank: re.Match[str]) -> str:
    """White space that parts the same things as `blank`: paragraphs, lines or words."""
    return "\n" * min(blank.group().count("\n"), 2) or " "


def _spread(items: Sequence[T], most: int) -> list[T]:
    """At most `most`, in an order in which neighbours lie far apart: every fourth, then the rest."""
    step = max(1, -(-len(items) // most)) if most else 1
    kept = items[::step]
    return [kept[place] for start in range(4) for place in range(start, len(kept), 4)]


def _distinct(examples: Iterable[Example]) -> Iterator[Example]:
    seen: set[str] = set()
    for example in examples:
        if example.question not in seen:
            seen.add(example.question)
            yield example
