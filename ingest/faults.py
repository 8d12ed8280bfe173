"""Which errors of a sync are one document's own, and which stop it."""

from app.errors import GroundkbError


def concerns_one_document(error: GroundkbError) -> bool:
    """Whether a sync records the error and goes on; any other stops it, with nothing lost.
    `error.permanent` tells whether the next sync tries the document again."""
    return error.scope == "document"
