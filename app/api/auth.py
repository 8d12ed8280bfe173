"""Who may call: API keys, and the operator's token."""

import hashlib
import hmac
import json
import re
from collections.abc import Callable, Coroutine, Iterable
from typing import Any, Final

from fastapi import Depends, Request, Response
from fastapi.routing import APIRoute
from fastapi.security import APIKeyHeader, HTTPBearer
from pydantic import SecretStr

from app.api.protocol import network_of
from app.api.service import Service, service_of
from app.errors import ApiKeyWrong, OperatorOnly, TooManyWrongKeys

OPERATOR_HEADER: Final = "X-Operator-Token"

# These only describe the two headers in OpenAPI; `Guarded` does the checking.
DOCUMENTED: Final = [
    Depends(HTTPBearer(auto_error=False, description="One of GROUNDKB_API_KEYS, if any is set.")),
    Depends(APIKeyHeader(name="X-API-Key", auto_error=False)),
]
# A half of a surrogate pair, escaped: valid JSON that is no text.
_SURROGATE: Final = re.compile(rb"\\u[dD][89abABcdefCDEF]")


def is_operator(request: Request, service: Service) -> bool:
    """The caller could read the token that `groundkb serve` leaves in its data folder, or has one
    of the operator's keys."""
    token = service.operator_token
    shown = _raw(request.headers.get(OPERATOR_HEADER, ""))
    if token is not None and hmac.compare_digest(shown, token.encode()):
        return True
    return _is_one_of(sent_key(request), service.settings.operator_keys)


def sent_key(request: Request) -> bytes:
    """The key that came with the request, as its bytes were; empty: none came."""
    scheme, _, bearer = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return _raw(bearer.strip())
    return _raw(request.headers.get("x-api-key", "").strip())


def may_call(request: Request, service: Service) -> bool:
    """True when no keys are set, for the operator, and for a caller with one of the keys.

    A wrong key is counted. Raises TooManyWrongKeys, without looking at the key, when many were.
    """
    keys = service.settings.api_keys
    if not keys:
        return True
    _unless_guessing(request, service)
    if is_operator(request, service) or _is_one_of(sent_key(request), keys):
        return True
    _count_wrong(request, service)
    return False


def _is_one_of(sent: bytes, keys: Iterable[SecretStr]) -> bool:
    """Every key is compared, in time that does not depend on where a difference lies."""
    texts = [key.get_secret_value().strip() for key in keys]
    # Clients send what is beyond ASCII in UTF-8, or in Latin-1 as HTTP once had it.
    meant = [key.encode() for key in texts]
    meant += [key.encode("latin-1", errors="ignore") for key in texts if not key.isascii()]
    return sum([hmac.compare_digest(sent, key) for key in meant if key]) > 0


def _unless_guessing(request: Request, service: Service) -> None:
    if sent_key(request) and (wait := service.wrong_keys.wait(caller_of(request))):
        raise TooManyWrongKeys(seconds=wait)


def _count_wrong(request: Request, service: Service) -> None:
    if sent_key(request):
        service.wrong_keys.failed(caller_of(request))


def caller_of(request: Request) -> str:
    """The network address that the request came from; '' for none, as through a Unix socket."""
    return network_of(request.client.host) if request.client else ""


def asker_of(request: Request) -> str:
    """Who counts as one asker in the queue: the holder of a key, else an address."""
    if key := sent_key(request):
        return hashlib.blake2b(key, digest_size=8).hexdigest()
    return caller_of(request)


def require_operator(request: Request) -> None:
    """Raises OperatorOnly; where no API keys are asked for, a wrong key counts here, as in `may_call`."""
    service = service_of(request)
    if not service.settings.api_keys:
        _unless_guessing(request, service)
    if is_operator(request, service):
        return
    if not service.settings.api_keys:
        _count_wrong(request, service)
    raise OperatorOnly


class Guarded(APIRoute):
    """A route that checks the key before it reads the body, and reads text where JSON has it."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        inner = super().get_route_handler()

        async def handler(request: Request) -> Response:
            if not may_call(request, service_of(request)):
                raise ApiKeyWrong
            return await inner(_TextRequest(request.scope, request.receive))

        return handler


class _TextRequest(Request):
    """A request whose JSON holds text only: a half of a surrogate pair, which JSON can spell but
    no encoding can write, becomes U+FFFD."""

    async def json(self) -> Any:
        body = await self.body()
        value = json.loads(body)
        return _well_formed(value) if _SURROGATE.search(body) else value


def _well_formed(value: Any) -> Any:
    match value:
        case str():
            return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        case list():
            return [_well_formed(item) for item in value]
        case dict():
            return {_well_formed(name): _well_formed(item) for name, item in value.items()}
    return value


def _raw(header: str) -> bytes:
    """A header's bytes: Starlette has read them as Latin-1."""
    return header.encode("latin-1")
