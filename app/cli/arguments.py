"""Arguments become the API's own request models, and so meet the API's own bounds."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from app.errors import RequestInvalid

Body = TypeVar("Body", bound=BaseModel)


def checked(model: type[Body], **values: Any) -> Body:
    """Raises RequestInvalid, which names the argument."""
    try:
        return model(**values)
    except ValidationError as error:
        items = [
            f"{'.'.join(str(part) for part in item['loc'])}: {item['msg']}"
            for item in error.errors()
        ]
        raise RequestInvalid(detail="; ".join(items)) from None


def roots_of(paths: Sequence[Path]) -> tuple[str, ...]:
    """Absolute, since a server has another working folder. Symlinks stay: the sync resolves them."""
    return tuple(str(path.expanduser().absolute()) for path in paths)
