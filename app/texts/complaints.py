"""What pydantic finds wrong with values from outside, as phrases. Its own sentences are English
alone; they stand behind the name of the field that they are about."""

from collections.abc import Sequence
from typing import Final

from pydantic_core import ErrorDetails

from app.errors import Inconsistent, Phrase, together

_MOST: Final = 5


def complaint(item: ErrorDetails) -> Phrase:
    """Which field, and what is wrong with it; never its value: a question or a secret."""
    own = item.get("ctx", {}).get("error")
    if isinstance(own, Inconsistent):
        return own.why
    place = ".".join(str(part) for part in item["loc"])
    return Phrase("field_said", field=place, said=item["msg"])


def complaints(items: Sequence[ErrorDetails]) -> Phrase:
    """The first of them, and how many more there are."""
    told = [complaint(item) for item in items[:_MOST]]
    if len(items) > _MOST:
        told.append(Phrase("and_more", count=len(items) - _MOST))
    return together(told)
