"""The page's files: as small as the browser takes them, and kept by it as long as they are good."""

import mimetypes
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

# The build makes these beside its files (frontend/scripts/compress.mjs); the first is preferred.
_ENCODINGS: Final = (("br", ".br"), ("gzip", ".gz"))
_HASHED: Final = "/assets/"  # a name there changes with its contents
_FOREVER: Final = "public, max-age=31536000, immutable"


class Assets:
    """Answers requests for the page's files with the compressed form beside them. `folder`: of the
    page, as it is when the server starts."""

    def __init__(self, app: ASGIApp, folder: Path) -> None:
        self.app = app
        self.compressed = _compressed(folder)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] not in ("GET", "HEAD"):
            await self.app(scope, receive, send)
            return
        prefix: str = scope.get("root_path", "")
        path = scope["path"].removeprefix(prefix)
        wanted = "/index.html" if path == "/" else path
        suffixes = self.compressed.get(wanted, {})
        encoding = _chosen(Headers(scope=scope).get("accept-encoding", ""), suffixes)

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] in (200, 206, 304):
                _set(MutableHeaders(scope=message), wanted, encoding, varies=bool(suffixes))
            await send(message)

        if encoding is not None:
            packed = prefix + wanted + suffixes[encoding]
            scope = {**scope, "path": packed, "raw_path": packed.encode()}
        await self.app(scope, receive, with_headers)


def _set(headers: MutableHeaders, path: str, encoding: str | None, *, varies: bool) -> None:
    if varies:
        headers["Vary"] = "Accept-Encoding"
    if encoding is not None:
        headers["Content-Encoding"] = encoding
        if kind := mimetypes.guess_type(path)[0]:
            charset = "; charset=utf-8" if kind.startswith("text/") else ""
            headers["Content-Type"] = f"{kind}{charset}"
    if path.startswith(_HASHED):
        headers["Cache-Control"] = _FOREVER
    elif headers.get("content-type", "").startswith("text/html"):
        headers["Cache-Control"] = "no-cache"  # it names the files of the latest build


def _compressed(folder: Path) -> Mapping[str, Mapping[str, str]]:
    """Of each file's path the suffixes of its forms, by encoding."""
    found: dict[str, dict[str, str]] = {}
    for encoding, suffix in _ENCODINGS:
        for file in folder.rglob(f"*{suffix}"):
            path = "/" + file.relative_to(folder).as_posix().removesuffix(suffix)
            found.setdefault(path, {})[encoding] = suffix
    return found


def _chosen(accepted: str, suffixes: Mapping[str, str]) -> str | None:
    taken = set()
    for item in accepted.lower().split(","):
        name, _, weight = item.partition(";")
        if weight.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000"):
            taken.add(name.strip())
    return next((name for name, _ in _ENCODINGS if name in suffixes and name in taken), None)
