"""`groundkb openapi`: the API's description, from which the page's types are made."""

import json
from pathlib import Path
from typing import Annotated

import typer

from app.api.app import create_app
from app.cli.say import Cli


def add_openapi(app: typer.Typer, cli: Cli) -> None:
    """Add the command."""

    @app.command(help=cli.say("main.openapi"))
    def openapi(
        output: Annotated[Path | None, typer.Argument(help=cli.say("common.output"))] = None,
    ) -> None:
        schema = create_app(cli.settings).openapi()
        text = json.dumps(schema, ensure_ascii=False, indent=2, sort_keys=True)
        if output is None:
            cli.print_json(text)
        else:
            output.write_text(text + "\n", encoding="utf-8")
