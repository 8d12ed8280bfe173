"""The answer as data: what every door (JSON, SSE, CLI, UI) shows is made of these."""

from dataclasses import dataclass, field
from typing import Literal

from app.errors import Language
from app.index.protocol import Filter, Hit

# How an answer was made: written by the chat model and checked; quoted from the documents; computed
# over rows; a word on what can be asked.
AnswerKind = Literal["written", "quotes", "computed", "greeting", "curated"]
# `auto`: written where there is a chat model; `quotes`: the evidence itself, in any case.
AnswerMode = Literal["auto", "quotes"]
StageName = Literal["search", "read", "search_again", "write", "quote", "compute"]
RefusalReason = Literal["no_hits", "low_relevance", "not_computable", "model", "unverified"]
# What decides whether the chat model is to be asked: thresholds found for it, a stated default, or,
# where its server gives no token probabilities, its instructions alone.
GateKind = Literal["calibrated", "default", "prompt"]


@dataclass(frozen=True)
class Turn:
    """One earlier message of a conversation."""

    role: Literal["user", "assistant"]
    content: str


@dataclass(frozen=True)
class Question:
    """What is asked. `text` is not blank and within `max_question_chars` (checked by `Answerer.ask`)."""

    text: str
    kb: str
    filter: Filter = field(default_factory=Filter)
    history: tuple[Turn, ...] = ()
    mode: AnswerMode = "auto"
    fresh: bool = False  # made anew, although an answer may be kept (app.answering.again)


@dataclass(frozen=True)
class Citation:
    """A verified quote: `quote == stored_text[start:end]` of that document's revision.

    `marker` is the `[n]` in the answer. `page` is 1-based, None where the format has no pages.
    """

    marker: int
    document_id: str
    revision: str
    chunk_id: str
    title: str
    source: str
    quote: str
    start: int
    end: int
    page: int | None
    section: tuple[str, ...]
    kb: str | None = None  # named where several knowledge bases were searched


@dataclass(frozen=True)
class RetrievedPassage:
    """A passage that was looked at. `score` orders passages of this answer only (see `Hit.score`)."""

    hit: Hit
    shown: bool  # was in the prompt
    cited: bool


@dataclass(frozen=True)
class Statement:
    """A sentence of the answer: `answer[start:end]`, and whether the documents bear it out."""

    start: int
    end: int
    supported: bool
    markers: tuple[int, ...]


@dataclass(frozen=True)
class Refusal:
    """`message` is the refusal sentence in `Answer.language`: the usual one, or the knowledge base's own.
    `looked` is how many passages were read, `near` how near the nearest came: its log-odds of
    answering above the threshold, negative below it; None when nothing was read. `detail` says in
    `Answer.language` of `not_computable` what cannot be computed and why, of the others that documents
    are being taken in just now; '' where there is nothing to say.
    """

    reason: RefusalReason
    message: str
    looked: int = 0
    near: float | None = None
    detail: str = ""


@dataclass(frozen=True)
class Models:
    """What answered. `index` is `<alias>@<collection digest>`; `chat` is `provider/name`. `gate` and
    `reader` (adapter and base weights) are None when they were not reached. `prompts` and `settings` are
    equal for equal ones (app.answering.versions); '' in answers of earlier versions."""

    chat: str
    embedding: str
    index: str
    gate: GateKind | None = None
    reader: str | None = None
    prompts: str = ""
    settings: str = ""


@dataclass(frozen=True)
class Usage:
    prompt_tokens: int | None
    completion_tokens: int | None
    dropped_chunks: int


@dataclass(frozen=True)
class Timings:
    """Milliseconds since the question came in; None: that step was not reached."""

    retrieve: float
    first_token: float | None
    total: float


@dataclass(frozen=True)
class Answer:
    """`answered` is False exactly when `refusal` is set; then `citations` is empty and `answer`
    is `refusal.message`. `standalone_question` is the rewritten follow-up, None if none was needed.
    """

    answer: str
    answered: bool
    refusal: Refusal | None
    language: Language
    citations: tuple[Citation, ...]
    statements: tuple[Statement, ...]
    retrieved: tuple[RetrievedPassage, ...]
    models: Models
    usage: Usage
    timings_ms: Timings
    standalone_question: str | None = None
    unverified_quotes: tuple[
        tuple[int, int], ...
    ] = ()  # spans of `answer` in quotation marks, not in the context
    thoughts: str = ""
    kind: AnswerKind = "written"
    evidence: tuple[Citation, ...] = ()  # what the reader found; `marker` is the rank, from 1
    left_out: int = 0  # statements of the draft that the documents do not bear out
    again: bool = False  # it was made for an equal question before (app.answering.again)
    differ: bool = False  # the documents say different things of what was asked, and both are given


# Events of a streamed answer, in this order: Stage*, Retrieved, EvidenceFound, (ThoughtPiece |
# TokenPiece)*, Citations, Done; a Stage may come anywhere before Citations. The texts of the
# TokenPieces, joined, are `Done.answer.answer`: nothing that was shown is taken back. An error ends
# the stream as a GroundkbError raised by the iterator.


@dataclass(frozen=True)
class Stage:
    """What is being done now. `detail` is a word on it: for `search_again` what is searched for."""

    stage: StageName
    detail: str = ""


@dataclass(frozen=True)
class EvidenceFound:
    """The sentences that the reader takes for the answer, best first, before a word is written."""

    evidence: tuple[Citation, ...]


@dataclass(frozen=True)
class Retrieved:
    passages: tuple[RetrievedPassage, ...]
    standalone_question: str | None = None


@dataclass(frozen=True)
class TokenPiece:
    """A checked piece of the answer."""

    text: str


@dataclass(frozen=True)
class ThoughtPiece:
    text: str


@dataclass(frozen=True)
class Citations:
    citations: tuple[Citation, ...]


StepName = Literal["retrieve", "read", "prompt", "generate", "verify"]


@dataclass(frozen=True)
class Step:
    """A piece of the work on an answer, in nanoseconds since the epoch. The same step may come more
    than once; `verify` lies within `generate`."""

    name: StepName
    began: int
    ended: int

    @property
    def seconds(self) -> float:
        return (self.ended - self.began) / 1e9


@dataclass(frozen=True)
class Done:
    """`steps`: how long what took, for figures and traces; no client is told."""

    answer: Answer
    steps: tuple[Step, ...] = field(default=(), compare=False)


Event = Stage | Retrieved | EvidenceFound | TokenPiece | ThoughtPiece | Citations | Done


@dataclass(frozen=True)
class SearchResult:
    """Retrieval alone."""

    passages: tuple[Hit, ...]
    index: str
    timings_ms: dict[str, float] = field(default_factory=dict)
