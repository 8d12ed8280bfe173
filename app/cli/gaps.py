"""`groundkb gaps`: which questions the documents do not answer, by topic."""

import asyncio
from typing import Annotated

import typer

from app.api.routes.gaps import as_csv
from app.cli.here import open_client
from app.cli.say import Cli


def add_gaps(app: typer.Typer, cli: Cli) -> None:
    """Add the command."""
    say = cli.say

    @app.command(help=say("gaps.gaps"))
    def gaps(
        kb: Annotated[str | None, typer.Option(help=say("common.kb"))] = None,
        as_table: Annotated[bool, typer.Option("--csv", help=say("gaps.csv"))] = False,
        as_json: Annotated[bool, typer.Option("--json", help=say("common.json"))] = False,
    ) -> None:
        cli.as_json = as_json

        async def run() -> None:
            async with open_client(cli.settings, cli.language) as client:
                found = await client.gaps(kb)
            if as_json:
                cli.print_json(found.model_dump_json(indent=2))
                return
            if as_table:
                cli.print_json(as_csv(found).rstrip("\n"))
                return
            if not found.topics:
                cli.out.print(say("gaps.none"))
            for topic in found.topics:
                said = say(f"verdict.{topic.verdict}")
                cli.out.print(f"{topic.count:4}  {topic.name} — {said}", style="bold")
                for question in topic.questions:
                    cli.out.print(f"      {question}")
                for title in dict.fromkeys(item.title for item in topic.closest):
                    cli.out.print("      " + say("gaps.closest", title=title), style="dim")

        asyncio.run(run())
