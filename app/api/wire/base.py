"""What all wire models share: strictness, the shape of errors, names of knowledge bases."""

from collections.abc import Mapping
from typing import Annotated, Any, Final

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field

from app.errors import Language

KB_PATTERN: Final = r"^[a-z0-9][a-z0-9_-]{0,39}$"

# In a body, and in a query.
KbName = Field(None, pattern=KB_PATTERN, description="Unset: the default one.")
Kb = Annotated[str | None, Query(pattern=KB_PATTERN, description="Unset: the default one.")]


class Wire(BaseModel):
    model_config = ConfigDict(extra="forbid", from_attributes=True, frozen=True)


class Span(Wire):
    """Characters `start` to `end` of a text."""

    start: int
    end: int


class ErrorDetail(Wire):
    code: str = Field(description="Stable and machine-readable.", examples=["chat_server_down"])
    message: str = Field(description="What happened, in the asker's language.")
    hint: str = Field(description="What to do about it.")


class ErrorBody(Wire):
    error: ErrorDetail


# What any guarded route may answer instead, for OpenAPI.
FAILURES: Final[dict[int | str, dict[str, object]]] = {
    401: {"model": ErrorBody, "description": "The API key is missing or wrong."},
    422: {"model": ErrorBody, "description": "The request is not valid."},
    503: {"model": ErrorBody, "description": "A part is down; the error names it."},
}


def not_found(what: str) -> dict[int | str, dict[str, object]]:
    """The same with 404, for routes that name one thing: 'document'."""
    return {404: {"model": ErrorBody, "description": f"There is no such {what}."}, **FAILURES}


def in_language(kept: Mapping[str, Any], language: Language) -> dict[str, str]:
    """`code`, `message` and `hint`, in the reader's language, of an error that was kept in both
    (GroundkbError.in_both_languages)."""
    suffix = "_zh" if language == "zh" else ""
    return {
        "code": kept["code"],
        "message": kept[f"message{suffix}"],
        "hint": kept[f"hint{suffix}"],
    }


def kept_error(kept: Mapping[str, Any] | None, language: Language) -> ErrorDetail | None:
    """The error of a job that failed; None for none."""
    return None if kept is None else ErrorDetail(**in_language(kept, language))
