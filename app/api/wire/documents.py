"""Documents, their stored text and their passages."""

from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints

from app.api.wire.base import ErrorDetail, Span, Wire, kept_error
from app.errors import Language
from app.index.protocol import Passage
from app.library.library import DocumentRow
from app.library.scopes import ScopeGroup
from app.text.structure import Block

Tag = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]


class DocumentNote(Wire):
    """`count` things of one `kind` that are not in the text; `detail` says where or which."""

    kind: str
    count: int
    detail: str


class DocumentBody(Wire):
    id: str
    kb: str
    source: str
    title: str
    status: Literal["ready", "stale", "failed"] = Field(
        description="stale: an older revision is shown, since the newest failed."
    )
    revision: str | None
    media_type: str
    size: int = Field(description="Bytes.")
    chunks: int
    tags: tuple[str, ...]
    failure: ErrorDetail | None = Field(
        description="Why the newest revision could not be taken in."
    )
    notes: tuple[DocumentNote, ...] = Field(
        description="What the file holds and the stored text does not, such as pictures."
    )
    added_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, row: DocumentRow, language: str) -> Self:
        plain = {name: getattr(row, name) for name in cls.model_fields if name != "failure"}
        return cls(**plain, failure=kept_error(row.failure, language))


class DocumentList(Wire):
    documents: tuple[DocumentBody, ...]
    total: int = Field(description="Documents that match, on all pages.")


class DocumentText(Wire):
    """What all offsets refer to."""

    document_id: str
    revision: str
    text: str
    blocks: tuple[Block, ...] = Field(
        description="What the text is made of, in order. A table's row is `| a | b |`, with `\\|` "
        "for a bar in a cell."
    )


class Chunk(Wire):
    id: str
    ordinal: int
    text: str
    start: int
    end: int
    windows: tuple[Span, ...]
    page: int | None
    section: tuple[str, ...]
    language: Language

    @classmethod
    def of(cls, passage: Passage) -> Self:
        return cls(
            id=passage.id,
            ordinal=passage.ordinal,
            text=passage.text,
            start=passage.start,
            end=passage.end,
            windows=tuple(Span(start=start, end=end) for start, end in passage.windows),
            page=passage.page,
            section=passage.section,
            language=passage.language,
        )


class ChunkList(Wire):
    document_id: str
    revision: str
    chunks: tuple[Chunk, ...]


class ScopeDocument(Wire):
    id: str
    title: str
    source: str


class Scopes(Wire):
    """What a question can be asked about: `scope` of its filter."""

    documents: tuple[ScopeDocument, ...]
    tags: tuple[ScopeGroup, ...] = Field(description="Most documents first.")
    folders: tuple[ScopeGroup, ...] = Field(description="Most documents first.")


class DocumentsIn(Wire):
    document_ids: tuple[str, ...] = Field(min_length=1, max_length=1_000)

    @property
    def distinct(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(self.document_ids))


class TagChange(DocumentsIn):
    add: tuple[Tag, ...] = Field((), max_length=50)
    remove: tuple[Tag, ...] = Field((), max_length=50)


class TagsIn(Wire):
    tags: tuple[Tag, ...] = Field(max_length=50)
