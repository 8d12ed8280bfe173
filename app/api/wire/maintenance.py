"""The library's upkeep."""

from pydantic import Field

from app.api.wire.base import Wire


class ReindexIn(Wire):
    """Which embedding model; what is left out is as the server's settings say."""

    embedding_model: str | None = Field(None, min_length=1)
    embedding_revision: str | None = None
    embedding_query_prefix: str | None = None
    embedding_passage_prefix: str | None = None
    rollback: bool = Field(False, description="To the model before the current one.")


class BackupIn(Wire):
    path: str = Field(pattern=r"^/", description="Absolute path on this machine: file or folder.")


class Dropped(Wire):
    collections: tuple[str, ...]
