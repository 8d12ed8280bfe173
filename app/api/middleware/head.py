"""Monitors and load balancers ask with HEAD whether somebody is there."""

from typing import Final

from starlette.types import ASGIApp, Receive, Scope, Send

_PROBED: Final = ("/livez", "/readyz")


class HeadAsGet:
    """Answers a HEAD of the two probes as their GET; the server sends no body to such a request."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] == "HEAD":
            path = scope["path"].removeprefix(scope.get("root_path", ""))
            if path in _PROBED:
                scope = {**scope, "method": "GET"}
        await self.app(scope, receive, send)
