"""Pages of a knowledge base's documents: filtered, sorted, counted and cut in the database."""

from collections.abc import Sequence
from typing import Literal
from urllib.parse import quote

from sqlalchemy import ColumnElement, Engine, func, or_, select

from app.library.database import reading
from app.library.library import DocumentRow, DocumentStatus, document_row, seen
from app.library.scopes import having_tag, under
from app.library.sight import Sight
from app.library.tables import Document

# What a list may be sorted by; with '-': the other way round.
DocumentOrder = Literal[
    "source",
    "-source",
    "title",
    "-title",
    "size",
    "-size",
    "added_at",
    "-added_at",
    "updated_at",
    "-updated_at",
]


def list_documents(
    engine: Engine,
    sight: Sight,
    kb: str,
    *,
    search: str = "",
    status: DocumentStatus | None = None,
    tags: Sequence[str] = (),
    folder: str = "",
    searchable: bool = False,
    order: DocumentOrder = "source",
    limit: int | None = None,
    offset: int = 0,
) -> tuple[list[DocumentRow], int]:
    """One page of the documents that `sight` sees or that have failed, and how many there are on
    all pages. `search`: part of the title or the source, whatever the case; `tags`: any of them;
    `folder`: the address that it lies under; `searchable`: a revision of it can be searched,
    whatever became of the latest.

    Raises LibraryUnavailable and LibraryBusy.
    """
    wanted = [Document.kb == kb, seen(), *_conditions(engine.dialect.name, search, status, tags)]
    if folder:
        wanted.append(under(folder))
    if searchable:
        wanted.append(Document.revision.is_not(None))
    column = getattr(Document, order.removeprefix("-"))
    query = (
        select(Document)
        # The source is unique: pages neither repeat nor miss a document.
        .order_by(column.desc() if order.startswith("-") else column, Document.source)
        .limit(limit)
        .offset(offset)
    )
    with reading(engine) as session:
        wanted += sight.readable(session, kb)
        total = session.scalar(select(func.count()).select_from(Document).where(*wanted)) or 0
        return [document_row(row) for row in session.scalars(query.where(*wanted))], total


def _conditions(
    dialect: str, search: str, status: DocumentStatus | None, tags: Sequence[str]
) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if search:
        # A source is a URI: what people read as 'my file' stands there as 'my%20file'.
        found.append(
            or_(
                Document.title.icontains(search, autoescape=True),
                Document.source.icontains(search, autoescape=True),
                Document.source.icontains(quote(search, safe="/"), autoescape=True),
            )
        )
    if status is not None:
        found.append(
            Document.failure.is_(None) if status == "ready" else Document.failure.is_not(None)
        )
    if status in ("stale", "failed"):
        current = Document.revision
        found.append(current.is_(None) if status == "failed" else current.is_not(None))
    if tags:
        found.append(having_tag(dialect, tags))
    return found
