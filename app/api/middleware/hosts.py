"""Who may be behind a browser: against DNS rebinding and requests forged by other sites.

Without API keys the only protection of the library is that the port cannot be reached.
A web page in the owner's browser reaches loopback all the same, either under a name of its
own that resolves to 127.0.0.1 (then `Host` is that name) or across origins (then `Origin`
is its own). Both are refused. With API keys neither gets anywhere, and nothing is checked.
"""

import ipaddress
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from app.api.errors import error_response
from app.api.language import request_language
from app.api.protocol import is_origin_of
from app.errors import HostNotAllowed
from app.settings import Settings


def host_name(netloc: str) -> str:
    """Without port and brackets, in lower case; '' when it is no host."""
    try:
        return urlsplit(f"//{netloc}").hostname or ""
    except ValueError:
        return ""


def is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class HostGuard:
    """Raises nothing: answers 403 `host_not_allowed` itself."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.app = app
        self.settings = settings
        self.named = {settings.host.lower(), *(name.lower() for name in settings.allowed_hosts)}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        refused = self.refused(scope) if scope["type"] == "http" else None
        if refused is None:
            await self.app(scope, receive, send)
            return
        request = Request(scope)
        error = HostNotAllowed(host=refused[:100])
        await error_response(error, request_language(request, self.settings))(scope, receive, send)

    def refused(self, scope: Scope) -> str | None:
        """The host or origin that is not allowed; None: all is well."""
        if self.settings.asks_who:
            return None
        headers = Headers(scope=scope)
        host = headers.get("host", "")
        # Who listens on another address without listing names accepts any.
        guarded = is_loopback(self.settings.host) or bool(self.settings.allowed_hosts)
        if guarded and not self._known(host_name(host)):
            return host
        origin = headers.get("origin")
        if origin is None or is_origin_of(origin, host):
            return None
        # Behind a proxy the Host may be the inner one; then the outer name has to be listed.
        return None if host_name(origin.partition("://")[2]) in self._listed() else origin

    def _known(self, name: str) -> bool:
        return is_loopback(name) or name in self.named

    def _listed(self) -> set[str]:
        return {name.lower() for name in self.settings.allowed_hosts}
