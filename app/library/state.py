"""All of a library that an answer may depend on, as one short text."""

from collections.abc import Iterable
from hashlib import blake2b
from typing import Final

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    String,
    bindparam,
    select,
    type_coerce,
)

from app.library.sight import Sight
from app.library.tables import CuratedAnswer, Document, KnowledgeBase, RefusalText

_KB: Final[BindParameter[str]] = bindparam("kb")
# As the driver gives them: of tens of thousands of rows the conversion would take the time.
_CHANGED: Final = type_coerce(Document.updated_at, String)
_DOCUMENTS: Final = (
    select(Document.id, Document.revision, Document.title, Document.access, _CHANGED)
    .where(Document.kb == _KB, Document.revision.is_not(None))
    .order_by(Document.id)
)
_OTHERS: Final = (
    select(KnowledgeBase.name, KnowledgeBase.access, KnowledgeBase.cleanings).where(
        KnowledgeBase.name == _KB
    ),
    select(RefusalText.language, RefusalText.text)
    .where(RefusalText.kb == _KB)
    .order_by(RefusalText.language),
    select(CuratedAnswer.id).where(CuratedAnswer.kb == _KB).order_by(CuratedAnswer.id),
)


def state_of(connection: Connection, sight: Sight, kbs: Iterable[str]) -> str:
    """Differs as soon as anything differs that a question to `kbs` may be answered from or by: which
    documents the caller may read, their revisions, titles, tags and metadata (by the time of their
    change), curated answers and refusal sentences."""
    digest = blake2b(digest_size=16)
    for kb in kbs:
        readable: tuple[ColumnElement[bool], ...] = sight.readable(connection, kb)
        digest.update(repr((kb, sight.unlimited)).encode())
        for query in (_DOCUMENTS.where(*readable), *_OTHERS):
            for row in connection.execute(query, {"kb": kb}):
                digest.update(repr(tuple(row)).encode())
            digest.update(b"\0")
    return digest.hexdigest()
