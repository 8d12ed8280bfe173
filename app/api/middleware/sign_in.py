"""With accounts, whoever opens the page signs in first."""

from functools import partial
from typing import Final

from starlette.requests import Request
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from app.api.auth import named_by_proxy, sent_key, session_cookie
from app.api.service import Service
from app.errors import GroundkbError

# What is shown to anybody.
_OPEN: Final = ("/sign-in", "/docs", "/openapi.json", "/livez", "/readyz")


class SignInFirst:
    """Sends a browser that opens a page without a session to the page for signing in."""

    def __init__(self, app: ASGIApp, service: Service) -> None:
        self.app = app
        self.service = service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] == "GET":
            request = Request(scope)
            root = scope.get("root_path", "")
            path = scope["path"].removeprefix(root)
            opens = "text/html" in request.headers.get("accept", "") and not sent_key(request)
            if opens and not path.startswith(_OPEN) and not await self._is_signed_in(request):
                leaving = RedirectResponse(f"{root}/sign-in", 303)
                await leaving(scope, receive, send)
                return
        await self.app(scope, receive, send)

    async def _is_signed_in(self, request: Request) -> bool:
        if named_by_proxy(request, self.service):
            return True
        cookie = request.cookies.get(session_cookie(request, self.service.settings))
        if cookie is None:
            return False
        try:
            sessions = self.service.runtime.library.sessions
            return await self.service.at_door(partial(sessions.holder, cookie)) is not None
        except GroundkbError:
            return True  # still starting: the page itself says so
