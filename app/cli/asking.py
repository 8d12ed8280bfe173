"""`groundkb ask` and `groundkb search`."""

import asyncio
from typing import Annotated, cast

import typer

from app.api.wire.answers import Answer, AskRequest
from app.api.wire.search import SearchRequest
from app.cli.arguments import checked, filter_in
from app.cli.client import Client
from app.cli.here import open_client
from app.cli.render import show_answer, show_passages
from app.cli.say import Cli
from app.index.protocol import Mode


def add_asking(app: typer.Typer, cli: Cli) -> None:
    """Add both commands."""
    say = cli.say
    question_help = say("asking.question")
    kb_help = say("asking.kb")
    tag_help = say("asking.tag")
    property_help = say("asking.property")
    json_help = say("common.json")

    @app.command(help=say("asking.ask"))
    def ask(
        question: Annotated[str, typer.Argument(help=question_help)],
        kb: Annotated[list[str] | None, typer.Option(help=kb_help)] = None,
        conversation: Annotated[
            str | None,
            typer.Option(help=say("asking.conversation")),
        ] = None,
        quotes: Annotated[bool, typer.Option("--quotes", help=say("asking.quotes"))] = False,
        fresh: Annotated[bool, typer.Option("--fresh", help=say("asking.fresh"))] = False,
        tag: Annotated[list[str] | None, typer.Option(help=tag_help)] = None,
        prop: Annotated[list[str] | None, typer.Option("--property", help=property_help)] = None,
        as_json: Annotated[bool, typer.Option("--json", help=json_help)] = False,
    ) -> None:
        cli.as_json = as_json
        body = checked(
            AskRequest,
            question=question,
            kb=kb[0] if kb else None,
            conversation_id=conversation,
            mode="quotes" if quotes else "auto",
            fresh=fresh,
            filter=filter_in(tag or (), prop or (), kb or ()),
        )

        async def run() -> None:
            async with open_client(cli.settings, cli.language) as client:
                if not as_json:
                    await show_answer(cli, client.ask(body))
                    return
                async for event in client.ask(body):
                    if isinstance(event, Answer):
                        cli.print_json(event.model_dump_json(indent=2))

        asyncio.run(run())

    @app.command(help=say("asking.search"))
    def search(
        question: Annotated[str, typer.Argument(help=question_help)],
        kb: Annotated[list[str] | None, typer.Option(help=kb_help)] = None,
        limit: Annotated[int, typer.Option(min=1, max=100, help=say("asking.limit"))] = 8,
        mode: Annotated[str, typer.Option(help="hybrid | dense | sparse")] = "hybrid",
        tag: Annotated[list[str] | None, typer.Option(help=tag_help)] = None,
        prop: Annotated[list[str] | None, typer.Option("--property", help=property_help)] = None,
        as_json: Annotated[bool, typer.Option("--json", help=json_help)] = False,
    ) -> None:
        cli.as_json = as_json
        body = checked(
            SearchRequest,
            question=question,
            kb=kb[0] if kb else None,
            limit=limit,
            mode=cast("Mode", mode),
            filter=filter_in(tag or (), prop or (), kb or ()),
        )

        async def run() -> None:
            async with open_client(cli.settings, cli.language) as client:
                result = await client.search(body)
                if as_json:
                    cli.print_json(result.model_dump_json(indent=2))
                elif result.passages:
                    show_passages(cli, result)
                else:
                    cli.out.print(await _nothing(cli, client, body.kb))

        asyncio.run(run())


async def _nothing(cli: Cli, client: Client, kb: str | None) -> str:
    """That nothing was found, and where that may be for want of documents, that."""
    count = (await client.documents(kb, limit="1")).total
    if await client.takes_in(kb):
        return cli.say("render.still_taking_in", count=count)
    return cli.say("render.nothing_found") if count else cli.say("render.nothing_yet")
