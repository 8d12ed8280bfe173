"""Passages for tests."""

from app.errors import Language
from app.index.protocol import Hit, Passage


def passage(
    text: str,
    *,
    document_id: str = "d",
    revision: str = "r",
    ordinal: int = 0,
    start: int = 0,
    title: str = "Title",
    section: tuple[str, ...] = (),
    language: Language = "en",
    page: int | None = None,
) -> Passage:
    """One window over the whole text."""
    return Passage(
        id=f"{document_id}-{revision}-{ordinal}",
        document_id=document_id,
        revision=revision,
        ordinal=ordinal,
        text=text,
        start=start,
        end=start + len(text),
        windows=((start, start + len(text)),),
        page=page,
        section=section,
        language=language,
        title=title,
        source=f"file:///{document_id}",
    )


def hit(found: Passage, *, score: float = 0.5, cosine: float = 0.9) -> Hit:
    return Hit(found, score, cosine, 0)
