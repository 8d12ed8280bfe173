"""`groundkb export instructions`: judged answers as data for fine-tuning."""

import json
from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer

from app.answering.instructions import instructions, of_curated
from app.answering.prompts import load_prompts
from app.cli.naming import known_kb
from app.cli.say import Cli
from app.library.library import open_library


def add_export(app: typer.Typer, cli: Cli) -> None:
    """Add the command group."""
    say = cli.say
    group = typer.Typer(no_args_is_help=True, help=say("export.group"))
    app.add_typer(group, name="export")

    # With one command alone the group would take its place.
    @group.callback()
    def export() -> None: ...

    @group.command("instructions", help=say("export.instructions"))
    def export_instructions(
        output: Annotated[Path | None, typer.Argument(help=say("common.output"))] = None,
        kb: Annotated[str | None, typer.Option(help=say("common.kb"))] = None,
    ) -> None:
        with closing(open_library(cli.settings)) as library:
            name, prompts = known_kb(library, kb, cli.settings), load_prompts()
            judged = instructions(library.feedback.all(name), prompts)
            found = [*of_curated(library, name, prompts), *judged]
        lines = [json.dumps(one, ensure_ascii=False) for one in found]
        if output is None:
            for line in lines:
                cli.print_json(line)
            return
        output.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        cli.err.print(say("export.written", count=len(lines)))
