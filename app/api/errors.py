"""The one place where an error becomes an HTTP answer."""

from collections.abc import Iterable, Sequence

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.routing import BaseRoute, Match

from app import errors
from app.api.language import request_language
from app.api.wire.base import ErrorBody, error_detail
from app.api.wire.jobs import NameTakenBody, TakenName
from app.errors import (
    GroundkbError,
    NameTaken,
    Phrase,
    TooManyQuestions,
    TooManyRequests,
    TooManyWrongKeys,
)
from app.settings import Settings
from app.texts.complaints import complaints

log = structlog.get_logger(__name__)

CLIENT_CLOSED = 499  # nginx's code for a client that hung up; nobody reads it but the log


def error_body(error: GroundkbError, language: str) -> ErrorBody:
    """`{"error": {"code", "message", "hint"}}`, and what the caller has to decide by."""
    detail = error_detail(error, language)
    if isinstance(error, NameTaken):
        pairs = zip(error.names, error.documents, strict=True)
        taken = tuple(TakenName(name=name, document_id=document) for name, document in pairs)
        return NameTakenBody(error=detail, taken=taken)
    return ErrorBody(error=detail)


def error_response(error: GroundkbError, language: str, allow: Iterable[str] = ()) -> JSONResponse:
    """`allow`: the methods that the path knows, for 405."""
    status = error.status
    headers = {}
    if isinstance(error, TooManyQuestions | TooManyRequests | TooManyWrongKeys):
        headers["Retry-After"] = str(error.seconds)
    if status == 408:
        headers["Connection"] = "close"
    if status == 405:
        headers["Allow"] = ", ".join(sorted(allow))
    if status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    if status == 503:
        headers["Retry-After"] = "5"
    return JSONResponse(error_body(error, language).model_dump(), status, headers)


def unexpected(error: Exception, request_id: str) -> GroundkbError:
    """What the client is told of a bug: where to look, and nothing of the inside."""
    log.error("unexpected_error", request_id=request_id, exc_info=error)
    return errors.Internal(detail=Phrase("request_named", id=request_id))


def install_errors(app: FastAPI, settings: Settings, routes: Sequence[BaseRoute]) -> None:
    """Make every error of the application take the one shape. `routes` are all that it has."""

    async def respond(request: Request, error: Exception) -> Response:
        if isinstance(error, ClientDisconnect):
            return Response(status_code=CLIENT_CLOSED)
        named = _named(request, error, settings)
        allow = _methods(routes, request) if named.status == 405 else ()
        return error_response(named, request_language(request, settings), allow)

    for kind in (GroundkbError, RequestValidationError, HTTPException, ClientDisconnect):
        app.add_exception_handler(kind, respond)


def _methods(routes: Iterable[BaseRoute], request: Request) -> set[str]:
    """All methods that a path knows: a router names those of its first route alone."""
    return {
        method
        for route in routes
        if route.matches(request.scope)[0] is not Match.NONE
        for method in getattr(route, "methods", None) or ()
    }


def _named(request: Request, error: Exception, settings: Settings) -> GroundkbError:
    match error:
        case GroundkbError():
            return error
        case RequestValidationError():
            # Without the input itself: a question does not belong in an error or a log.
            return errors.RequestInvalid(detail=complaints(error.errors()))
        case HTTPException():
            return _of_http(request, error, settings)
    raise error


def _of_http(request: Request, error: HTTPException, settings: Settings) -> GroundkbError:
    path, method = request.url.path, request.method
    if error.status_code == 404:
        return errors.PathUnknown(path=path)
    if error.status_code == 405:
        return errors.MethodUnknown(path=path, method=method)
    if error.status_code == 408:
        return errors.BodyTooSlow(seconds=settings.body_timeout)
    if error.status_code == 413:
        return errors.BodyTooLarge(limit=settings.max_body_bytes)
    if error.status_code < 500:
        return errors.RequestInvalid(detail=error.detail)
    return errors.Internal(detail=error.detail)
