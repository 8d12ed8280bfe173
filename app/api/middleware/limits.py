"""No request body larger than the settings allow, whatever its Content-Length says, nor slower.

Uploads have a limit of their own, which `app.api.routes.uploads` keeps.
"""

import asyncio
import time
from typing import Final

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.errors import error_response
from app.api.language import request_language
from app.errors import BodyTooLarge
from app.settings import Settings

SLOWEST: Final = 1_000  # bytes a second, once the settings' time-out is over


class BodyLimit:
    """Refuses by the header at once, and by counting as the body comes in."""

    def __init__(self, app: ASGIApp, settings: Settings, uploads: str) -> None:
        """`uploads` is the path to which files are posted."""
        self.app = app
        self.settings = settings
        self.uploads = uploads

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        limit = None if self._is_upload(scope) else self.settings.max_body_bytes
        length = Headers(scope=scope).get("content-length", "")
        if limit is not None and length.isdecimal() and int(length) > limit:
            language = request_language(Request(scope), self.settings)
            await error_response(BodyTooLarge(limit=limit), language)(scope, receive, send)
            return
        seen, whole = 0, False
        due = time.monotonic() + self.settings.body_timeout

        async def counted() -> Message:
            nonlocal seen, whole
            if whole:  # what comes now is that the client hangs up, whenever that is
                return await receive()
            left = due + seen / SLOWEST - time.monotonic()
            try:
                message = await asyncio.wait_for(receive(), max(left, 0))
            except TimeoutError:
                # FastAPI lets only HTTPException through while it reads a body.
                raise HTTPException(408) from None
            seen += len(message.get("body", b""))
            whole = not message.get("more_body", False)
            if limit is not None and seen > limit:
                raise HTTPException(413)
            return message

        await self.app(scope, counted, send)

    def _is_upload(self, scope: Scope) -> bool:
        path: str = scope["path"]
        root_path: str = scope.get("root_path", "")
        return scope["method"] == "POST" and path.removeprefix(root_path) == self.uploads
