"""Arguments become the API's own request models, and so meet the API's own bounds."""

from collections.abc import Sequence
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from app.api.wire.answers import FilterIn, ScopeIn
from app.errors import Phrase, RequestInvalid
from app.settings import at_home
from app.texts.complaints import complaints

Body = TypeVar("Body", bound=BaseModel)


def checked(model: type[Body], /, **values: Any) -> Body:
    """Raises RequestInvalid, which names the argument."""
    try:
        return model(**values)
    except ValidationError as error:
        raise RequestInvalid(detail=complaints(error.errors())) from None


def roots_of(roots: Sequence[str]) -> tuple[str, ...]:
    """URLs as they are; paths absolute, since a server has another working folder. Symlinks stay:
    the sync resolves them."""
    return tuple(root if "://" in root else str(at_home(root).absolute()) for root in roots)


def filter_in(tags: Sequence[str], properties: Sequence[str], kbs: Sequence[str] = ()) -> FilterIn:
    """`properties` are 'name=value'; several of one name mean any of them. `kbs`: all that are searched,
    where they are more than one. Raises RequestInvalid."""
    wanted: dict[str, tuple[str, ...]] = {}
    for item in properties:
        name, separator, value = item.partition("=")
        if not separator:
            raise RequestInvalid(detail=Phrase("property_form", item=item))
        wanted[name] = (*wanted.get(name, ()), value)
    scope = checked(ScopeIn, knowledge_bases=tuple(kbs) if len(kbs) > 1 else ())
    return FilterIn(tags=tuple(tags), properties=wanted, scope=scope)
