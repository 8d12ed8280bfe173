"""An answer as it was given, kept with the question.

The names are those of the API's `Answer`. Who adds a field there adds it here, with a default:
`tests/library/stored` compares the two.
"""

from collections.abc import Collection, Iterable

from app.library.stored.base import Part, Stored

# A document's knowledge base, None for that of the question, and its id.
Named = tuple[str | None, str]


class StoredSpan(Part):
    """Characters `start` to `end`."""

    start: int
    end: int


class StoredRefusal(Part):
    reason: str
    message: str = ""
    looked: int = 0
    near: float | None = None
    detail: str = ""


class StoredCitation(Part):
    """`quote` is characters `start` to `end` of the stored text of that revision."""

    marker: int
    document_id: str
    quote: str
    start: int
    end: int
    revision: str = ""
    chunk_id: str = ""
    title: str = ""
    source: str = ""
    page: int | None = None
    section: tuple[str, ...] = ()
    kb: str | None = None


class StoredPassage(Part):
    """A passage that was looked at for the answer."""

    chunk_id: str
    document_id: str
    text: str
    start: int
    end: int
    best_window: StoredSpan | None = None
    score: float = 0.0
    cited: bool = False
    shown: bool = False
    revision: str = ""
    title: str = ""
    source: str = ""
    page: int | None = None
    section: tuple[str, ...] = ()
    kb: str | None = None


class StoredStatement(Part):
    start: int
    end: int
    supported: bool = False
    markers: tuple[int, ...] = ()


class StoredModels(Part):
    chat: str = ""
    embedding: str = ""
    index: str = ""
    gate: str | None = None
    reader: str | None = None
    prompts: str = ""
    settings: str = ""


class StoredUsage(Part):
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    dropped_chunks: int = 0


class StoredTimings(Part):
    retrieve: float = 0.0
    first_token: float | None = None
    total: float = 0.0


class StoredAnswer(Stored):
    """What was shown. `answered` is false exactly when `refusal` is set."""

    answer: str
    answered: bool
    refusal: StoredRefusal | None = None
    language: str = "en"
    standalone_question: str | None = None
    citations: tuple[StoredCitation, ...] = ()
    statements: tuple[StoredStatement, ...] = ()
    unverified_quotes: tuple[StoredSpan, ...] = ()
    retrieved: tuple[StoredPassage, ...] = ()
    models: StoredModels = StoredModels()
    usage: StoredUsage = StoredUsage()
    timings_ms: StoredTimings = StoredTimings()
    thoughts: str = ""
    kind: str = "written"
    evidence: tuple[StoredCitation, ...] = ()
    left_out: int = 0
    again: bool = False
    differ: bool = False

    @property
    def stands_on(self) -> set[Named]:
        """The documents that its words come from."""
        cited = {(part.kb, part.document_id) for part in (*self.citations, *self.evidence)}
        shown = (part for part in self.retrieved if part.shown or part.cited)
        return cited | {(part.kb, part.document_id) for part in shown}

    def without(self, hidden: Collection[Named]) -> "StoredAnswer | None":
        """The answer for who may not read these documents; None when it stands on one of them."""
        if not self.stands_on.isdisjoint(hidden):
            return None
        left = tuple(part for part in self.retrieved if (part.kb, part.document_id) not in hidden)
        return self if left == self.retrieved else self.model_copy(update={"retrieved": left})


def documents_in(answers: Iterable[StoredAnswer | None]) -> set[Named]:
    """Every document that one of them cites, or that was looked at for it."""
    found = set[Named]()
    for answer in answers:
        if answer is not None:
            found |= answer.stands_on
            found.update((part.kb, part.document_id) for part in answer.retrieved)
    return found
