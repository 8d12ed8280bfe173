"""Reading JSON of any age without an error."""

from collections.abc import Mapping
from typing import Any, Self, TypeVar

from pydantic import (
    BaseModel,
    ConfigDict,
    ModelWrapValidatorHandler,
    ValidationError,
    model_validator,
)


class Part(BaseModel):
    """Base of what stands within something stored. A field without a default is one that nothing
    can be shown without; all others fall back to their default when they are absent or of the
    wrong kind."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    @model_validator(mode="wrap")
    @classmethod
    def _leniently(cls, value: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        try:
            return handler(value)
        except ValidationError as error:
            if not isinstance(value, Mapping):
                raise
            unreadable = {part["loc"][0] for part in error.errors() if part["loc"]}
            return handler({name: value[name] for name in value if name not in unreadable})


class Stored(Part):
    """Base of what is kept as JSON in a column of its own, with the version of its meaning."""

    v: int = 1

    def kept(self) -> dict[str, Any]:
        """As it is stored: plain JSON."""
        return self.model_dump(mode="json")

    def plain(self) -> dict[str, Any]:
        """The same without the version, which is the library's own."""
        return self.model_dump(mode="json", exclude={"v"})


Kind = TypeVar("Kind", bound=Part)


def read(kind: type[Kind], value: object) -> Kind | None:
    """The stored value; None when there is nothing that could be shown of it."""
    try:
        return kind.model_validate(value)
    except ValidationError:
        return None


def as_mapping(value: Any) -> dict[str, Any] | None:
    """A row's JSON object; empty for what is none, so that what is there and what is not differ."""
    if value is None or isinstance(value, dict):
        return value
    return {}


def read_all(kind: type[Kind], values: object) -> tuple[Kind, ...]:
    """Those of a list of stored values that can be read."""
    if not isinstance(values, list | tuple):
        return ()
    found = (read(kind, value) for value in values)
    return tuple(item for item in found if item is not None)
