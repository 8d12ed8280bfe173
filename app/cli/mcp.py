"""`groundkb mcp`: the library for assistants that speak the Model Context Protocol."""

import asyncio
from importlib import import_module
from importlib.util import find_spec
from typing import Annotated

import typer

from app.cli.say import Cli
from app.errors import McpMissing


def add_mcp(app: typer.Typer, cli: Cli) -> None:
    """Add the command."""
    say = cli.say

    @app.command(name="mcp", help=say("mcp.mcp"))
    def serve(
        http: Annotated[bool, typer.Option("--http", help=say("mcp.http"))] = False,
        host: Annotated[str, typer.Option(help=say("serve.host"))] = "127.0.0.1",
        port: Annotated[int, typer.Option(min=0, max=65535, help=say("serve.port"))] = 8001,
    ) -> None:
        if find_spec("mcp") is None:
            raise McpMissing
        server = import_module("app.cli.mcp_server")  # it needs the extra
        asyncio.run(server.serve_http(cli, host, port) if http else server.serve_stdio(cli))
