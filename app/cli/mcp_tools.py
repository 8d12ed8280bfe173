"""What `groundkb mcp` offers an assistant: each tool's arguments, what it does, and what it gives back.

Results are bounded, since they end in the window of a model: lists by a limit, texts by `TEXT`.
Offsets are Unicode code points, as everywhere (see `app.api.wire.answers`).
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

from pydantic import BaseModel, Field

from app.answering.answer import AnswerKind, Citation, RefusalReason, Stage
from app.api.wire.answers import Answer, AskRequest, FilterIn
from app.api.wire.base import KbName, Wire
from app.api.wire.documents import DocumentBody, DocumentText
from app.api.wire.search import FoundPassage, SearchRequest
from app.cli.arguments import filter_in
from app.cli.client import Client
from app.errors import ChatStreamBroken, Language, Phrase
from app.text.language import detect_language

TEXT: Final = 2_000  # characters of a passage
READ: Final = 20_000  # characters of a document at once
SCHEME: Final = "groundkb"

Tags = Field(default=(), max_length=20, description="Only documents with one of these tags.")
Several = Field(
    default=(),
    max_length=20,
    description="Search all of these instead of one; names as `kb` takes.",
)
Question = Field(min_length=1, max_length=4_000, description="In Chinese or English.")
# What a tool tells of the stage that its work is in.
Progress = Callable[[str], Awaitable[None]]


def uri_of(kb: str | None, document_id: str) -> str:
    """The address of a document among the resources; `-` stands for the default knowledge base."""
    return f"{SCHEME}://{kb or '-'}/{document_id}"


class SearchIn(Wire):
    question: str = Question
    kb: str | None = KbName
    knowledge_bases: tuple[str, ...] = Several
    limit: int = Field(default=8, ge=1, le=20)
    tags: tuple[str, ...] = Tags


class Passage(Wire):
    document_id: str
    uri: str
    title: str
    source: str
    section: tuple[str, ...]
    page: int | None
    text: str
    start: int = Field(description="Where `text` begins in the document.")
    end: int
    score: float = Field(description="Orders these passages; no meaning beyond it.")

    @classmethod
    def of(cls, kb: str | None, found: FoundPassage) -> Self:
        text = found.text[:TEXT]
        return cls(
            document_id=found.document_id,
            uri=uri_of(found.kb or kb, found.document_id),
            title=found.title,
            source=found.source,
            section=found.section,
            page=found.page,
            text=text,
            start=found.start,
            end=found.start + len(text),
            score=found.score,
        )


class SearchOut(Wire):
    passages: tuple[Passage, ...]


class AskIn(Wire):
    question: str = Question
    kb: str | None = KbName
    knowledge_bases: tuple[str, ...] = Several
    tags: tuple[str, ...] = Tags


class Quote(Wire):
    """An exact part of a stored document."""

    marker: int = Field(description="The number in brackets in the answer.")
    quote: str
    document_id: str
    uri: str
    title: str
    source: str
    section: tuple[str, ...]
    page: int | None
    start: int
    end: int

    @classmethod
    def of(cls, kb: str | None, citation: Citation) -> Self:
        return cls(
            marker=citation.marker,
            quote=citation.quote,
            document_id=citation.document_id,
            uri=uri_of(citation.kb or kb, citation.document_id),
            title=citation.title,
            source=citation.source,
            section=citation.section,
            page=citation.page,
            start=citation.start,
            end=citation.end,
        )


class Refused(Wire):
    """The documents hold no answer: that is the result, and nothing to be made up for."""

    reason: RefusalReason
    message: str
    detail: str = Field(
        description="More of the reason, where there is more to say: what cannot be computed and why, "
        "or that documents are being taken in just now. Empty otherwise."
    )


class AskOut(Wire):
    answered: bool
    answer: str = Field(description="For a refusal: its sentence.")
    refusal: Refused | None
    kind: AnswerKind
    quotes: tuple[Quote, ...] = Field(
        description="What the answer stands on, verified word by word."
    )
    unsupported: tuple[str, ...] = Field(
        description="Statements of the answer that no document bears out."
    )
    nearest: tuple[Quote, ...] = Field(
        description="Of a refusal: what was found nearest. It does not answer the question."
    )

    @classmethod
    def of(cls, kb: str | None, answer: Answer) -> Self:
        refusal = None
        if answer.refusal is not None:
            refusal = Refused(
                reason=answer.refusal.reason,
                message=answer.refusal.message,
                detail=answer.refusal.detail,
            )
        return cls(
            answered=answer.answered,
            answer=answer.answer,
            refusal=refusal,
            kind=answer.kind,
            quotes=tuple(Quote.of(kb, citation) for citation in answer.citations),
            unsupported=tuple(
                answer.answer[item.start : item.end]
                for item in answer.statements
                if not item.supported
            ),
            nearest=tuple(Quote.of(kb, item) for item in answer.evidence[:3] if refusal),
        )


class ReadIn(Wire):
    document_id: str = Field(
        min_length=1, max_length=100, description="As search and list_documents give it."
    )
    kb: str | None = KbName
    start: int = Field(default=0, ge=0, description="The first character.")
    limit: int = Field(default=8_000, ge=1, le=READ, description="Characters.")


class ReadOut(Wire):
    document_id: str
    uri: str
    title: str
    source: str
    text: str
    start: int
    end: int
    total: int = Field(description="Characters of the whole document.")
    next_start: int | None = Field(description="Where to read on; null at the end.")

    @classmethod
    def of(
        cls, kb: str | None, document: DocumentBody, stored: DocumentText, start: int, limit: int
    ) -> Self:
        text = stored.text[start : start + limit]
        end, total = start + len(text), len(stored.text)
        return cls(
            document_id=document.id,
            uri=uri_of(kb, document.id),
            title=document.title,
            source=document.source,
            text=text,
            start=start,
            end=end,
            total=total,
            next_start=end if text and end < total else None,
        )


class ListIn(Wire):
    kb: str | None = KbName
    query: str | None = Field(None, max_length=200, description="Part of the title or source.")
    tag: str | None = Field(None, max_length=100)
    limit: int = Field(default=50, ge=1, le=200)
    offset: int = Field(default=0, ge=0)


class Listed(Wire):
    document_id: str
    uri: str
    title: str
    source: str
    status: str
    tags: tuple[str, ...]
    media_type: str
    updated_at: str

    @classmethod
    def of(cls, document: DocumentBody) -> Self:
        return cls(
            document_id=document.id,
            uri=uri_of(document.kb, document.id),
            title=document.title,
            source=document.source,
            status=document.status,
            tags=document.tags,
            media_type=document.media_type,
            updated_at=document.updated_at.isoformat(),
        )


class ListOut(Wire):
    documents: tuple[Listed, ...]
    total: int
    next_offset: int | None = Field(description="Where to go on; null at the end.")


def _first(wanted: SearchIn | AskIn) -> str | None:
    """The one that the others are searched beside; where it alone is named, the only one."""
    return wanted.kb or next(iter(wanted.knowledge_bases), None)


def _filter(wanted: SearchIn | AskIn) -> FilterIn:
    """Raises RequestInvalid."""
    kb = (wanted.kb,) if wanted.kb and wanted.knowledge_bases else ()
    return filter_in(wanted.tags, (), tuple(dict.fromkeys((*kb, *wanted.knowledge_bases))))


async def search(client: Client, wanted: SearchIn, progress: Progress) -> SearchOut:  # noqa: ARG001
    found = await client.search(
        SearchRequest(
            question=wanted.question,
            kb=_first(wanted),
            limit=wanted.limit,
            filter=_filter(wanted),
        )
    )
    return SearchOut(passages=tuple(Passage.of(_first(wanted), item) for item in found.passages))


async def ask(client: Client, wanted: AskIn, progress: Progress) -> AskOut:
    body = AskRequest(question=wanted.question, kb=_first(wanted), filter=_filter(wanted))
    async for event in client.ask(body):
        match event:
            case Stage():
                await progress(event.stage)
            case Answer():
                return AskOut.of(_first(wanted), event)
    raise ChatStreamBroken(detail=Phrase("stream_without_end"))


async def read_document(client: Client, wanted: ReadIn, progress: Progress) -> ReadOut:  # noqa: ARG001
    document = await client.document(wanted.kb, wanted.document_id)
    stored = await client.text(wanted.kb, wanted.document_id)
    return ReadOut.of(wanted.kb, document, stored, wanted.start, wanted.limit)


async def list_documents(client: Client, wanted: ListIn, progress: Progress) -> ListOut:  # noqa: ARG001
    query = {"limit": str(wanted.limit), "offset": str(wanted.offset)}
    if wanted.query:
        query["q"] = wanted.query
    if wanted.tag:
        query["tag"] = wanted.tag
    found = await client.documents(wanted.kb, **query)
    end = wanted.offset + len(found.documents)
    return ListOut(
        documents=tuple(Listed.of(document) for document in found.documents),
        total=found.total,
        next_offset=end if found.documents and end < found.total else None,
    )


@dataclass(frozen=True)
class Tool:
    """What the model reads of it is in the catalogues, under its name."""

    takes: type[Wire]
    gives: type[BaseModel]
    run: Callable[[Client, Any, Progress], Awaitable[BaseModel]]


TOOLS: Final[Mapping[str, Tool]] = {
    "search": Tool(SearchIn, SearchOut, search),
    "ask": Tool(AskIn, AskOut, ask),
    "read_document": Tool(ReadIn, ReadOut, read_document),
    "list_documents": Tool(ListIn, ListOut, list_documents),
}


def asked_language(arguments: Mapping[str, Any]) -> Language | None:
    """The language of the question among a tool's arguments; None: there is none."""
    question = arguments.get("question")
    return detect_language(question) if isinstance(question, str) and question.strip() else None
