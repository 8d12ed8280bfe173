"""The chat UI, if it was built; else a page that says how to."""

from pathlib import Path

from fastapi import FastAPI
from fastapi.responses import HTMLResponse

STATIC = Path(__file__).parents[1] / "static"

NOT_BUILT = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>groundkb</title></head>
<body><h1>groundkb</h1>
<p>The API is running: <a href="docs">docs</a>, <a href="readyz">readyz</a>.
The chat UI has not been built; run <code>make ui</code> and start again.</p>
<p lang="zh">API 已启动：<a href="docs">docs</a>、<a href="readyz">readyz</a>。
聊天界面尚未构建；请运行 <code>make ui</code> 后重新启动。</p>
</body></html>
"""


def install_ui(app: FastAPI, folder: Path = STATIC) -> None:
    """Serve `folder` behind all other routes; navigation to an unknown page gets its index.html."""
    if (folder / "index.html").is_file():
        app.frontend("/", directory=folder)
        return

    @app.get("/", include_in_schema=False)
    async def not_built() -> HTMLResponse:
        return HTMLResponse(NOT_BUILT)
