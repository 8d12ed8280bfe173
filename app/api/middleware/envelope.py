"""The outermost layer: what every request and every answer has."""

import re
import secrets
import time
from typing import Final

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.errors import error_response, unexpected
from app.api.language import request_language
from app.api.metrics import Metrics
from app.api.tracing import TRACEPARENT
from app.settings import Settings

log = structlog.get_logger(__name__)
_TRACEPARENT_CHARS: Final = 55  # of version 00, which the others begin with
REQUEST_ID: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")

# Everything that a page of ours loads comes from us. `data:` and `blob:` images are drawn by
# the page itself (icons, rendered PDF pages), the worker is the PDF reader's.
SECURITY_HEADERS: Final = {
    "Content-Security-Policy": "default-src 'self'; img-src 'self' data: blob:; "
    "font-src 'self' data:; worker-src 'self' blob:; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}


class Envelope:
    """The outermost layer: request id, security headers, one log line and the metrics of each
    request, and the last barrier for bugs."""

    def __init__(self, app: ASGIApp, settings: Settings, metrics: Metrics) -> None:
        self.app = app
        self.settings = settings
        self.metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        sent = Headers(scope=scope).get("x-request-id", "")
        identifier = sent if REQUEST_ID.fullmatch(sent) else secrets.token_hex(8)
        scope.setdefault("state", {})["request_id"] = identifier
        started = time.perf_counter()
        status = 0

        async def with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers["X-Request-ID"] = identifier
                for name, value in SECURITY_HEADERS.items():
                    headers.setdefault(name, value)
                # What the page itself is made of has a mark by which it is known again. All else is
                # for whoever asked, and may be for him no longer tomorrow.
                if "etag" not in headers:
                    headers.setdefault("Cache-Control", "no-store")
            await send(message)

        bound = {"request_id": identifier}
        if self.settings.otlp_url and (above := Headers(scope=scope).get(TRACEPARENT)):
            bound[TRACEPARENT] = above[:_TRACEPARENT_CHARS]
        with structlog.contextvars.bound_contextvars(**bound):
            try:
                await self.app(scope, receive, with_headers)
            except Exception as error:  # the last barrier: answered and logged here, whatever it is
                body = unexpected(error, identifier)
                if status:
                    raise
                language = request_language(Request(scope), self.settings)
                await error_response(body, language)(scope, receive, with_headers)
            finally:
                seconds = time.perf_counter() - started
                route = getattr(scope.get("route"), "path", "other")
                self.metrics.observe_request(scope["method"], route, status, seconds)
                quiet = route in ("/livez", "/readyz", "/metrics") and status == 200
                (log.debug if quiet else log.info)(
                    "request",
                    method=scope["method"],
                    path=scope["path"],
                    status=status,
                    ms=round(seconds * 1000, 1),
                    client=(scope.get("client") or ("",))[0],
                    # Names: of a person or a kind of key, and of the key itself.
                    caller=getattr(scope["state"].get("caller"), "name", ""),
                    key=getattr(scope["state"].get("caller"), "key", None) or "",
                )
