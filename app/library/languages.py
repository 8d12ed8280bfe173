"""Which languages the documents are in."""

from contextlib import closing
from typing import Final

from sqlalchemy import func, select

from app.errors import Language
from app.library.archive import DATABASE
from app.library.database import reading
from app.library.library import Library, open_library
from app.library.tables import Document, Revision
from app.settings import Settings
from app.text.language import detect_language

# Enough of a text to tell, enough texts for a share; ids are hashes, so the first are a fair sample.
_BEGINNING: Final = 2_000
_TEXTS: Final = 1_000
_LEAST_SHARE: Final = 0.05


def languages_here(settings: Settings) -> tuple[Language, ...]:
    """Of all knowledge bases, the commoner first; none where there is no library yet, or no document."""
    if settings.database_url is None and not (settings.data / DATABASE).is_file():
        return ()
    with closing(open_library(settings)) as library:
        return document_languages(library)


def document_languages(library: Library) -> tuple[Language, ...]:
    """What at least a twentieth of the documents is in, the commoner first."""
    current = (
        select(func.substr(Revision.text, 1, _BEGINNING))
        .join(
            Document,
            (Document.kb == Revision.kb)
            & (Document.id == Revision.document_id)
            & (Document.revision == Revision.revision),
        )
        .where(Document.deleted_at.is_(None))
        .order_by(Document.id)
        .limit(_TEXTS)
    )
    with reading(library.engine) as session:
        found = [detect_language(text) for text in session.scalars(current)]
    shares: dict[Language, int] = {language: found.count(language) for language in set(found)}
    kept = [language for language in shares if shares[language] >= _LEAST_SHARE * len(found)]
    return tuple(sorted(kept, key=lambda language: (-shares[language], language)))
