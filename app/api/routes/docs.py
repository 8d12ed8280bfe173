"""/docs without any other host: Swagger UI from the fastapi-offline package."""

from importlib.resources import files
from string import Template

from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import HTMLResponse, Response
from fastapi.staticfiles import StaticFiles

router = APIRouter(include_in_schema=False)

PAGE = Template("""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>groundkb API</title>
<link rel="stylesheet" href="$root/docs/assets/swagger-ui.css"></head>
<body><div id="swagger-ui"></div>
<script src="$root/docs/assets/swagger-ui-bundle.js"></script>
<script src="$root/docs/start.js"></script></body></html>
""")
# A file of its own, since the content security policy forbids scripts inside the page.
START = Template("""SwaggerUIBundle({url: "$root/openapi.json", dom_id: "#swagger-ui"});
""")


@router.get("/docs")
async def docs(request: Request) -> HTMLResponse:
    return HTMLResponse(PAGE.substitute(root=request.scope.get("root_path", "")))


@router.get("/docs/start.js")
async def start(request: Request) -> Response:
    script = START.substitute(root=request.scope.get("root_path", ""))
    return Response(script, media_type="text/javascript")


def install_docs(app: FastAPI) -> None:
    app.include_router(router)
    # Read the package's data only: importing it is not needed.
    assets = files("fastapi_offline").joinpath("static")
    app.mount("/docs/assets", StaticFiles(directory=str(assets)))
