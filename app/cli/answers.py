"""`groundkb answers`: answers that an owner writes."""

import asyncio
from contextlib import closing
from typing import Annotated

import typer

from app.api.wire.curated import CuratedBody, CuratedIn, QuoteIn
from app.cli.arguments import checked
from app.cli.here import open_client
from app.cli.naming import find_document
from app.cli.say import Cli
from app.errors import Phrase, RequestInvalid
from app.library.library import open_library


def add_answers(app: typer.Typer, cli: Cli) -> None:
    """Add the command group."""
    say = cli.say
    group = typer.Typer(no_args_is_help=True, help=say("answers.group"))
    app.add_typer(group, name="answers")
    kb_help = say("common.kb")
    json_help = say("common.json")

    @group.command("add", help=say("answers.add"))
    def add(
        question: Annotated[str, typer.Argument(help=say("answers.question"))],
        answer: Annotated[str, typer.Argument(help=say("answers.answer"))],
        document: Annotated[list[str], typer.Option(help=say("answers.document"))],
        quote: Annotated[list[str], typer.Option(help=say("answers.quote"))],
        kb: Annotated[str | None, typer.Option(help=kb_help)] = None,
        as_json: Annotated[bool, typer.Option("--json", help=json_help)] = False,
    ) -> None:
        cli.as_json = as_json
        name = kb or cli.settings.kb
        if len(document) != len(quote):
            raise RequestInvalid(detail=Phrase("curated_pairs"))
        with closing(open_library(cli.settings)) as library:
            found = [find_document(library, name, each).id for each in document]
        quotes = tuple(
            checked(QuoteIn, document_id=each, quote=words)
            for each, words in zip(found, quote, strict=True)
        )
        body = checked(CuratedIn, question=question, answer=answer, quotes=quotes)

        async def run() -> CuratedBody:
            async with open_client(cli.settings, cli.language) as client:
                return await client.add_curated(name, body)

        made = asyncio.run(run())
        if as_json:
            cli.print_json(made.model_dump_json(indent=2))
        else:
            cli.out.print(f"{made.id}  {made.question}")

    @group.command("list", help=say("answers.list"))
    def list_answers(
        kb: Annotated[str | None, typer.Option(help=kb_help)] = None,
        as_json: Annotated[bool, typer.Option("--json", help=json_help)] = False,
    ) -> None:
        cli.as_json = as_json

        async def run() -> None:
            async with open_client(cli.settings, cli.language) as client:
                found = await client.curated(kb or cli.settings.kb)
            if as_json:
                cli.print_json(found.model_dump_json(indent=2))
                return
            if not found.answers:
                cli.out.print(say("answers.none"))
            for row in found.answers:
                state = say(f"curated.{row.state}")
                cli.out.print(f"{row.id}  {row.question} — {state}", style="bold")
                cli.out.print(f"      {row.answer}")

        asyncio.run(run())

    @group.command("remove", help=say("answers.remove"))
    def remove(
        identifier: Annotated[str, typer.Argument(metavar="ID", help=say("answers.id"))],
        kb: Annotated[str | None, typer.Option(help=kb_help)] = None,
    ) -> None:
        async def run() -> None:
            async with open_client(cli.settings, cli.language) as client:
                await client.remove_curated(kb or cli.settings.kb, identifier)

        asyncio.run(run())
