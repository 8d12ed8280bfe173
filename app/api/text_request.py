"""A request's JSON as text that every file name and every database takes."""

import json
import math
import re
from typing import Any, Final

from fastapi import Request

# A half of a surrogate pair, or U+0000, escaped: valid JSON that no file name and no database takes.
_NO_TEXT: Final = re.compile(rb"\\u[dD][89abABcdefCDEF]|\\u0000")


class TextRequest(Request):
    """A request whose JSON holds text only: a half of a surrogate pair, which JSON can spell but
    no encoding can write, becomes U+FFFD, and so does U+0000. Its numbers are finite: NaN and Infinity
    are no JSON, which PostgreSQL minds."""

    async def json(self) -> Any:
        body = await self.body()
        value = json.loads(body, parse_float=_number, parse_constant=_number)
        return _well_formed(value) if _NO_TEXT.search(body) else value


def _number(text: str) -> float:
    """Raises JSONDecodeError."""
    number = float(text)
    if not math.isfinite(number):
        raise json.JSONDecodeError("no number", text, 0)
    return number


def _well_formed(value: Any) -> Any:
    match value:
        case str():
            return (
                value.encode("utf-16", "surrogatepass")
                .decode("utf-16", "replace")
                .replace("\0", "\ufffd")
            )
        case list():
            return [_well_formed(item) for item in value]
        case dict():
            return {_well_formed(name): _well_formed(item) for name, item in value.items()}
    return value
