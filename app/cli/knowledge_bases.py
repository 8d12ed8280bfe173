"""`groundkb kb`: what belongs to one knowledge base."""

from contextlib import closing
from typing import Annotated

import typer

from app.api.routes.knowledge_bases import read_knowledge_base
from app.api.wire.knowledge_bases import Refusals
from app.cli.arguments import checked
from app.cli.say import Cli
from app.library.library import open_library


def add_knowledge_bases(app: typer.Typer, cli: Cli) -> None:
    """Add the command group."""
    say = cli.say
    group = typer.Typer(no_args_is_help=True, help=say("knowledge_bases.group"))
    app.add_typer(group, name="kb")

    # With one command alone the group would take its place.
    @group.callback()
    def knowledge_bases() -> None: ...

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
