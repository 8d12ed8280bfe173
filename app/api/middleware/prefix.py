"""The path prefix under which a proxy shows this server."""

from starlette.types import ASGIApp, Receive, Scope, Send


class PathPrefix:
    """Makes `path` begin with `root_path`, as ASGI has it, whether the proxy strips the prefix or not."""

    def __init__(self, app: ASGIApp, root_path: str) -> None:
        self.app = app
        self.root_path = root_path.rstrip("/")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and self.root_path:
            path: str = scope["path"]
            if path != self.root_path and not path.startswith(f"{self.root_path}/"):
                path = f"{self.root_path}{path}"
            scope = {**scope, "root_path": self.root_path, "path": path}
        await self.app(scope, receive, send)
