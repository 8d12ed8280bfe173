"""Whom a proxy speaks for: the client's address and scheme, from proxies that are believed only."""

from typing import Final

from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from app.api.protocol import is_in
from app.settings import Settings

_THIS_MACHINE: Final = ("127.0.0.1", "::1")


class TrustedProxies:
    """Takes `X-Forwarded-For` and `-Proto` of a proxy that is believed, and notes in the request's
    state whether one of GROUNDKB_TRUSTED_PROXIES sends it: `named_proxy`."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.app = app
        self._networks = settings.trusted_proxies
        believed = [str(network) for network in self._networks] or [*_THIS_MACHINE]
        self._forwarded = ProxyHeadersMiddleware(app, believed)  # type: ignore[arg-type]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        peer = (scope.get("client") or ("",))[0]
        state = scope.setdefault("state", {})
        state["named_proxy"] = is_in(peer, self._networks)
        await self._forwarded(scope, receive, send)  # type: ignore[arg-type]
