"""The one place where an error becomes an HTTP answer."""

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from app import errors
from app.api.language import request_language
from app.api.wire.base import ErrorBody, ErrorDetail
from app.errors import GroundkbError, Language
from app.settings import Settings

log = structlog.get_logger(__name__)

# A class that is not named here has the code of its nearest named base.
STATUS: dict[type[GroundkbError], int] = {
    GroundkbError: 500,
    errors.RequestInvalid: 422,
    errors.QuestionEmpty: 422,
    errors.QuestionTooLong: 422,
    errors.BodyTooLarge: 413,
    errors.ApiKeyWrong: 401,
    errors.OperatorOnly: 403,
    errors.HostNotAllowed: 403,
    errors.PathUnknown: 404,
    errors.MethodUnknown: 405,
    errors.UploadTooLarge: 413,
    errors.TooManyFiles: 413,
    errors.DocumentNotFound: 404,
    errors.JobNotFound: 404,
    errors.SourceNotFound: 404,
    errors.JobNotRepeatable: 409,
    errors.ScheduleInvalid: 422,
    errors.KnowledgeBaseNotFound: 404,
    errors.ConversationNotFound: 404,
    # What the operator has to see to; asking again later may work.
    errors.WeightsMissing: 503,
    errors.WeightsCorrupt: 503,
    errors.WeightsUnavailable: 503,
    errors.ChatModelMissing: 503,
    errors.ChatServerDown: 503,
    errors.IndexUnreachable: 503,
    errors.IndexUnauthorized: 503,
    errors.IndexInUse: 503,
    errors.IndexMismatch: 503,
    errors.LibraryUnavailable: 503,
    errors.LibraryBusy: 503,
    errors.LibraryTooNew: 503,
    errors.UpgradeBlocked: 503,
    errors.DatabaseDriverMissing: 503,
    errors.ServiceStarting: 503,
    errors.ServiceStopping: 503,
    errors.ServiceNotReady: 503,
    errors.ProbeTimeout: 503,
    # The chat model answered, but not well.
    errors.ChatTimeout: 504,
    errors.ChatStreamBroken: 502,
    errors.ChatFailed: 502,
    errors.ContextTruncated: 502,
    # A sync that cannot be carried out as it was asked for.
    errors.SourceMissing: 422,
    errors.AddressInvalid: 422,
    errors.SourceUnreadable: 422,
    errors.SyncRefused: 409,
    errors.WriterBusy: 409,
    errors.DiskFull: 507,
    errors.NothingToRollBack: 409,
    errors.ReindexStopped: 409,
    errors.BackupUnsupported: 409,
    errors.RayMissing: 503,
    errors.RayFailed: 503,
    errors.EmbedderDiffers: 503,
    errors.WorkerLost: 503,
    errors.WorkerFailed: 503,
}

CLIENT_CLOSED = 499  # nginx's code for a client that hung up; nobody reads it but the log


def status_of(error: GroundkbError) -> int:
    """The HTTP code of an error."""
    return next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)


def error_body(error: GroundkbError, language: Language) -> ErrorBody:
    """`{"error": {"code", "message", "hint"}}`."""
    return ErrorBody(error=error_detail(error, language))


def error_detail(error: GroundkbError, language: Language) -> ErrorDetail:
    """An error as data, in `language`."""
    return ErrorDetail(code=error.code, message=error.message(language), hint=error.hint(language))


def error_response(error: GroundkbError, language: Language) -> JSONResponse:
    status = status_of(error)
    headers = {}
    if status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    if status == 503:
        headers["Retry-After"] = "5"
    return JSONResponse(error_body(error, language).model_dump(), status, headers)


def unexpected(error: Exception, request_id: str) -> GroundkbError:
    """What the client is told of a bug: where to look, and nothing of the inside."""
    log.error("unexpected_error", request_id=request_id, exc_info=error)
    return GroundkbError(detail=f"request {request_id}")


def install_errors(app: FastAPI, settings: Settings) -> None:
    """Make every error of the application take the one shape."""

    async def respond(request: Request, error: Exception) -> Response:
        if isinstance(error, ClientDisconnect):
            return Response(status_code=CLIENT_CLOSED)
        named = _named(request, error, settings)
        return error_response(named, request_language(request, settings))

    for kind in (GroundkbError, RequestValidationError, HTTPException, ClientDisconnect):
        app.add_exception_handler(kind, respond)


def _named(request: Request, error: Exception, settings: Settings) -> GroundkbError:
    match error:
        case GroundkbError():
            return error
        case RequestValidationError():
            return errors.RequestInvalid(detail=_validation_detail(error))
        case HTTPException():
            return _of_http(request, error, settings)
    raise error


def _of_http(request: Request, error: HTTPException, settings: Settings) -> GroundkbError:
    path, method = request.url.path, request.method
    if error.status_code == 404:
        return errors.PathUnknown(path=path)
    if error.status_code == 405:
        return errors.MethodUnknown(path=path, method=method)
    if error.status_code == 413:
        return errors.BodyTooLarge(limit=settings.max_body_bytes)
    if error.status_code < 500:
        return errors.RequestInvalid(detail=error.detail)
    return GroundkbError(detail=error.detail)


def _validation_detail(error: RequestValidationError) -> str:
    """Where and what, without the input itself: a question does not belong in an error or a log."""
    items = [
        f"{'.'.join(str(part) for part in item['loc'])}: {item['msg']}" for item in error.errors()
    ]
    more = f"; and {len(items) - 5} more" if len(items) > 5 else ""
    return "; ".join(items[:5]) + more
