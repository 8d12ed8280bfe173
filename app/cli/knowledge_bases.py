"""`groundkb kb`: what belongs to one knowledge base."""

import asyncio
from contextlib import closing
from typing import Annotated

import typer

from app.api.routes.knowledge_bases import read_knowledge_base
from app.api.wire.knowledge_bases import KnowledgeBaseChange, NewKnowledgeBase, Refusals
from app.cli.arguments import checked
from app.cli.here import open_client
from app.cli.say import Cli
from app.library.library import open_library


def add_knowledge_bases(app: typer.Typer, cli: Cli) -> None:
    """Add the command group."""
    say = cli.say
    group = typer.Typer(no_args_is_help=True, help=say("knowledge_bases.group"))
    app.add_typer(group, name="kb")

    @group.command(help=say("knowledge_bases.create"))
    def create(
        name: Annotated[str, typer.Argument(help=say("knowledge_bases.name"))],
        title: Annotated[str | None, typer.Option(help=say("knowledge_bases.title"))] = None,
    ) -> None:
        new = checked(NewKnowledgeBase, name=name, title=title)
        with closing(open_library(cli.settings)) as library:
            limit = cli.settings.max_knowledge_bases
            library.create_knowledge_base(new.name, new.title, limit)
            made = read_knowledge_base(library, new.name)
        cli.print_json(made.model_dump_json(indent=2))

    @group.command(help=say("knowledge_bases.delete"))
    def delete(
        name: Annotated[str, typer.Argument(help=say("knowledge_bases.name"))],
        yes: Annotated[bool, typer.Option("--yes", help=say("knowledge_bases.yes"))] = False,
    ) -> None:
        with closing(open_library(cli.settings)) as library:
            library.require_knowledge_base(name)
            told = say(
                "knowledge_bases.holds",
                kb=name,
                documents=len(library.documents(name)),
                conversations=library.conversations.count(name),
                sources=len(library.sources.all(name)),
            )
        cli.err.print(told)
        if not yes:
            typer.confirm(say("knowledge_bases.sure"), abort=True, err=True)

        async def run() -> None:
            async with open_client(cli.settings, cli.language) as client:
                await client.delete_knowledge_base(name)

        asyncio.run(run())

    @group.command("rename", help=say("knowledge_bases.rename"))
    def rename(
        name: Annotated[str, typer.Argument(help=say("knowledge_bases.name"))],
        title: Annotated[str, typer.Argument(help=say("knowledge_bases.title"))],
    ) -> None:
        change = checked(KnowledgeBaseChange, title=title)
        with closing(open_library(cli.settings)) as library:
            library.retitle_knowledge_base(name, change.title)
            now = read_knowledge_base(library, name)
        cli.print_json(now.model_dump_json(indent=2))

    @group.command("list", help=say("knowledge_bases.list"))
    def list_() -> None:
        with closing(open_library(cli.settings)) as library:
            for name in library.knowledge_bases():
                cli.out.print(f"{name}  {library.knowledge_base_title(name) or ''}".rstrip())

    @group.command(
        "set-refusal",
        help=say("knowledge_bases.refusal"),
    )
    def set_refusal(
        language: Annotated[str, typer.Argument(help=say("knowledge_bases.language"))],
        text: Annotated[str | None, typer.Argument(help=say("knowledge_bases.text"))] = None,
        kb: Annotated[str | None, typer.Option(help=say("common.kb"))] = None,
    ) -> None:
        refusals = checked(Refusals, **{language: text})
        name = kb or cli.settings.kb
        with closing(open_library(cli.settings)) as library:
            if name == cli.settings.kb:
                library.add_knowledge_base(name)  # a library that nothing was put into has none
            library.refusals.set(name, refusals.given)
            now = read_knowledge_base(library, name)
        cli.print_json(now.model_dump_json(indent=2))
