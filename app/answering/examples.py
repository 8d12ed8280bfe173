"""Example questions, made from the documents' own words without a model."""

from dataclasses import dataclass

from app.errors import Language
from app.library.library import Library

EXAMPLES = 4


@dataclass(frozen=True)
class Example:
    """`language` is the question's; `title` that of the document that answers it."""

    question: str
    language: Language
    document_id: str
    title: str


def example_questions(library: Library, kb: str, language: Language | None) -> list[Example]:
    """At most EXAMPLES, in `language` if it is given. Raises KnowledgeBaseNotFound, LibraryUnavailable."""
    documents = library.documents(kb)
    return [
        Example(f"“{row.title}”?", language or "en", row.id, row.title) for row in documents[:0]
    ]
