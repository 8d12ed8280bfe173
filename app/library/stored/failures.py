"""Why something failed, as it is kept."""

from typing import Any

from pydantic import Field

from app.library.stored.base import Stored, read


class StoredFailure(Stored):
    """An error by its `code` and `params`, to be worded for whoever reads it.

    Rows of schema 1 hold the words instead, in both languages: `message`, `hint`, `message_zh`,
    `hint_zh`. Of a document: its `source`; whether it is `permanent`, not tried again until the
    file or the `conditions` change.
    """

    code: str
    params: dict[str, Any] = Field(default_factory=dict)
    message: str = ""
    hint: str = ""
    message_zh: str = ""
    hint_zh: str = ""
    source: str = ""
    permanent: bool = False
    conditions: str = ""

    def worded(self, language: str) -> tuple[str, str] | None:
        """Message and hint as they were kept; None where `code` and `params` are to be worded."""
        if not self.message:
            return None
        if language == "zh" and self.message_zh:
            return self.message_zh, self.hint_zh
        return self.message, self.hint


def read_failure(value: object) -> StoredFailure | None:
    """A failure as it was kept; None for none. One that cannot be read says just that."""
    if value is None:
        return None
    return read(StoredFailure, value) or StoredFailure(code="kept_unreadable")
