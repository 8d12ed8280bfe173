"""`groundkb rights`: who may read what."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import closing
from typing import Annotated

import typer

from app.api.routes.rights import read_rights
from app.api.wire.rights import GroupsIn, Rights
from app.cli.arguments import checked, roots_of
from app.cli.client import Client
from app.cli.here import open_client
from app.cli.naming import find_document
from app.cli.noting import noted
from app.cli.say import Cli
from app.errors import RequestInvalid
from app.library.library import open_library


def add_rights(app: typer.Typer, cli: Cli) -> None:
    """Add the command group."""
    say = cli.say
    group = typer.Typer(no_args_is_help=True, help=say("rights.group"))
    app.add_typer(group, name="rights")
    Groups = Annotated[list[str] | None, typer.Option("--group", help=say("rights.groups"))]
    Everyone = Annotated[bool, typer.Option("--everyone", help=say("rights.everyone"))]
    Kb = Annotated[str | None, typer.Option(help=say("common.kb"))]

    def groups_of(groups: list[str] | None, everyone: bool) -> tuple[str, ...]:
        if bool(groups) == everyone:
            raise RequestInvalid(detail=say("rights.say_who"))
        return checked(GroupsIn, groups=tuple(groups or ())).groups

    def show(rights: Rights) -> None:
        cli.print_json(rights.model_dump_json(indent=2))

    def change(work: Callable[[Client], Awaitable[Rights]]) -> None:
        async def run() -> None:
            async with open_client(cli.settings, cli.language) as client:
                show(await work(client))

        asyncio.run(run())

    @group.command("list", help=say("rights.list"))
    def list_(kb: Kb = None) -> None:
        with closing(open_library(cli.settings)) as library:
            show(read_rights(library, kb or cli.settings.kb))

    @group.command("kb", help=say("rights.kb"))
    def limit_kb(groups: Groups = None, everyone: Everyone = False, kb: Kb = None) -> None:
        name, wanted = kb or cli.settings.kb, groups_of(groups, everyone)
        with closing(open_library(cli.settings)) as library:
            library.limits.limit_knowledge_base(name, wanted)
            noted(library, cli, ", ".join(wanted), "", "limited", name)
            show(read_rights(library, name))

    @group.command(help=say("rights.address"))
    def address(
        where: Annotated[str, typer.Argument(help=say("rights.where"))],
        groups: Groups = None,
        everyone: Everyone = False,
        kb: Kb = None,
    ) -> None:
        wanted, name = groups_of(groups, everyone), kb or cli.settings.kb
        (named,) = roots_of([where])
        change(lambda client: client.limit_address(name, named, wanted))

    @group.command(help=say("rights.document"))
    def document(
        document: Annotated[str, typer.Argument(help=say("common.document"))],
        groups: Groups = None,
        everyone: Everyone = False,
        kb: Kb = None,
    ) -> None:
        wanted, name = groups_of(groups, everyone), kb or cli.settings.kb
        with closing(open_library(cli.settings)) as library:
            row = find_document(library, name, document)
        change(lambda client: client.limit_document(name, row.id, wanted))
