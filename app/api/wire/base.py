"""What all wire models share: strictness, the shape of errors, names of knowledge bases."""

from collections.abc import Mapping
from typing import Annotated, Any, Final, TypeVar

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from app.errors import Language

KB_PATTERN: Final = r"^[a-z0-9][a-z0-9_-]{0,39}$"

# In a body, and in a query.
KbName = Field(None, pattern=KB_PATTERN, description="Unset: the default one.")
Kb = Annotated[str | None, Query(pattern=KB_PATTERN, description="Unset: the default one.")]


class Wire(BaseModel):
    model_config = ConfigDict(extra="forbid", from_attributes=True, frozen=True)


Model = TypeVar("Model", bound=Wire)


def forgiving(model: type[Model], values: dict[str, Any]) -> Model | None:
    """A wire model of what an earlier version kept. A part whose value is none of those that this
    version knows is null where the model allows that; where not, the whole is None."""
    try:
        return model.model_validate(values)
    except ValidationError as error:
        for part in error.errors():
            _set(values, part["loc"])
    try:
        return model.model_validate(values)
    except ValidationError:
        return None


def _set(values: Any, place: tuple[int | str, ...]) -> None:
    """Make the value at `place` None; nothing, when there is no such place."""
    try:
        for step in place[:-1]:
            values = values[step]
        values[place[-1]] = None
    except (LookupError, TypeError):
        return


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
