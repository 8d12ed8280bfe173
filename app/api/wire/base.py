"""What all wire models share: strictness, the shape of errors, names of knowledge bases."""

from typing import Annotated, Any, Final, TypeVar

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from app.errors import GroundkbError
from app.library.stored import StoredFailure, read_failure
from app.texts import Told, told, told_of

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


def error_detail(error: GroundkbError, language: str) -> ErrorDetail:
    """An error as data, in `language`."""
    said = told(error, language)
    return ErrorDetail(code=error.code, message=said.message, hint=said.hint)


# What any guarded route may answer instead, for OpenAPI.
FAILURES: Final[dict[int | str, dict[str, object]]] = {
    401: {"model": ErrorBody, "description": "The API key is missing or wrong."},
    403: {"model": ErrorBody, "description": "The caller may not do that."},
    408: {"model": ErrorBody, "description": "The body came too slowly."},
    422: {"model": ErrorBody, "description": "The request is not valid."},
    429: {"model": ErrorBody, "description": "Too many wrong keys came from this address."},
    503: {"model": ErrorBody, "description": "A part is down; the error names it."},
}


def not_found(what: str) -> dict[int | str, dict[str, object]]:
    """The same with 404, for routes that name one thing: 'document'."""
    return {404: {"model": ErrorBody, "description": f"There is no such {what}."}, **FAILURES}


def kept_error(kept: object, language: str) -> ErrorDetail | None:
    """An error that was kept, such as that of a job that failed; None for none."""
    failure = read_failure(kept)
    if failure is None:
        return None
    said = told_kept(failure, language)
    return ErrorDetail(code=failure.code, message=said.message, hint=said.hint)


def told_kept(failure: StoredFailure, language: str) -> Told:
    """The words for a kept error; those it was kept with, if it is of schema 1."""
    worded = failure.worded(language)
    return Told(*worded) if worded else told_of(failure.code, failure.params, language)
