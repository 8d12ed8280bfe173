"""How each knowledge base words its refusals, where its owner chose other words than the usual."""

from collections.abc import Mapping

from sqlalchemy import Engine, select

from app.errors import KnowledgeBaseNotFound, Language
from app.library.database import reading, repeated, writing
from app.library.tables import KnowledgeBase, RefusalText


class RefusalTexts:
    """Methods raise LibraryUnavailable."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def of(self, kb: str, language: Language) -> str | None:
        """None: the usual sentence."""
        with reading(self._engine) as session:
            row = session.get(RefusalText, (kb, language))
            return row.text if row else None

    def all(self, kb: str) -> dict[str, str]:
        """By language, those that were set. Raises KnowledgeBaseNotFound."""
        with reading(self._engine) as session:
            if session.get(KnowledgeBase, kb) is None:
                raise KnowledgeBaseNotFound(name=kb)
            rows = session.scalars(select(RefusalText).where(RefusalText.kb == kb))
            return {row.language: row.text for row in rows}

    @repeated
    def set(self, kb: str, texts: Mapping[Language, str | None]) -> None:
        """None goes back to the usual sentence; a language that is not named stays as it is.

        Raises KnowledgeBaseNotFound.
        """
        with writing(self._engine) as session:
            if session.get(KnowledgeBase, kb) is None:
                raise KnowledgeBaseNotFound(name=kb)
            for language, text in texts.items():
                if text is not None:
                    session.merge(RefusalText(kb=kb, language=language, text=text))
                elif row := session.get(RefusalText, (kb, language)):
                    session.delete(row)
