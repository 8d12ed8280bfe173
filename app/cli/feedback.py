"""`groundkb feedback export`: what users judged, as a golden set."""

from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer

from app.api.routes.feedback import golden_lines
from app.cli.naming import known_kb
from app.cli.say import Cli
from app.library.library import open_library


def add_feedback(app: typer.Typer, cli: Cli) -> None:
    """Add the command group."""
    say = cli.say
    group = typer.Typer(no_args_is_help=True, help=say("feedback.group"))
    app.add_typer(group, name="feedback")

    # With one command alone the group would take its place.
    @group.callback()
    def feedback() -> None: ...

    @group.command(help=say("feedback.export"))
    def export(
        output: Annotated[
            Path | None,
            typer.Argument(help=say("common.output")),
        ] = None,
        kb: Annotated[str | None, typer.Option(help=say("common.kb"))] = None,
    ) -> None:
        with closing(open_library(cli.settings)) as library:
            name = known_kb(library, kb, cli.settings)
            lines = list(golden_lines(library, name))
        if output is None:
            for line in lines:
                cli.print_json(line.rstrip("\n"))
        else:
            output.write_text("".join(lines), encoding="utf-8")
            cli.err.print(say("feedback.questions", count=len(lines)))
