"""Who may call: API keys, and the operator's token."""

import hmac
from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Depends, Request, Response
from fastapi.routing import APIRoute
from fastapi.security import APIKeyHeader, HTTPBearer

from app.api.service import Service, service_of
from app.errors import ApiKeyWrong, OperatorOnly

OPERATOR_HEADER = "X-Operator-Token"

# These only describe the two headers in OpenAPI; `Guarded` does the checking.
DOCUMENTED = [
    Depends(HTTPBearer(auto_error=False, description="One of GROUNDKB_API_KEYS, if any is set.")),
    Depends(APIKeyHeader(name="X-API-Key", auto_error=False)),
]


def is_operator(request: Request, service: Service) -> bool:
    """The caller could read the token that `groundkb serve` leaves in its data folder."""
    token = service.operator_token
    sent = request.headers.get(OPERATOR_HEADER, "")
    return token is not None and hmac.compare_digest(sent.encode(), token.encode())


def may_call(request: Request, service: Service) -> bool:
    """True when no keys are set, for the operator, and for a caller with one of the keys.

    Every key is compared, in time that does not depend on where a difference lies.
    """
    keys = [key.get_secret_value().encode() for key in service.settings.api_keys]
    if not keys or is_operator(request, service):
        return True
    scheme, _, bearer = request.headers.get("authorization", "").partition(" ")
    sent = (
        bearer.strip() if scheme.lower() == "bearer" else request.headers.get("x-api-key", "")
    ).encode()
    return sum([hmac.compare_digest(sent, key) for key in keys]) > 0


def require_operator(request: Request) -> None:
    """Raises OperatorOnly."""
    if not is_operator(request, service_of(request)):
        raise OperatorOnly


class Guarded(APIRoute):
    """A route that checks the key before it reads the body."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        inner = super().get_route_handler()

        async def handler(request: Request) -> Response:
            if not may_call(request, service_of(request)):
                raise ApiKeyWrong
            return await inner(request)

        return handler
