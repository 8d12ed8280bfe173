"""`groundkb conversations`: list, show, delete. `groundkb ask --conversation` adds to them.

The database takes several readers and writers: no server needs to be asked, none to be stopped.
"""

from contextlib import closing
from datetime import datetime
from typing import Annotated

import typer

from app.api.routes.conversations import list_conversations, read_conversation
from app.api.wire.conversations import ConversationList
from app.cli.render import show_evidence
from app.cli.say import Cli
from app.library.library import open_library


def add_conversations(app: typer.Typer, cli: Cli) -> None:
    """Add the command group."""
    say = cli.say
    group = typer.Typer(no_args_is_help=True, help=say("conversations.group"))
    app.add_typer(group, name="conversations")
    json_help = say("common.json")
    id_help = say("conversations.id")

    @group.command("list", help=say("conversations.list"))
    def list_(
        kb: Annotated[
            str | None,
            typer.Option(help=say("conversations.kb")),
        ] = None,
        search: Annotated[
            str,
            typer.Option(help=say("conversations.search")),
        ] = "",
        limit: Annotated[int, typer.Option(min=1, max=1_000, help=say("conversations.limit"))] = 50,
        as_json: Annotated[bool, typer.Option("--json", help=json_help)] = False,
    ) -> None:
        cli.as_json = as_json
        with closing(open_library(cli.settings)) as library:
            found = list_conversations(library.conversations, kb, search, limit)
        if as_json:
            cli.print_json(found.model_dump_json(indent=2))
        else:
            _show_list(cli, found)

    @group.command(help=say("conversations.show"))
    def show(
        conversation: Annotated[str, typer.Argument(help=id_help)],
        as_json: Annotated[bool, typer.Option("--json", help=json_help)] = False,
    ) -> None:
        cli.as_json = as_json
        with closing(open_library(cli.settings)) as library:
            found = read_conversation(library, conversation, cli.language)
        if as_json:
            cli.print_json(found.model_dump_json(indent=2))
            return
        cli.out.print(found.title, style="bold")
        for turn in found.turns:
            cli.out.print(f"\n{turn.position}  {turn.question}", style="bold")
            if turn.answer is not None:
                cli.out.print(turn.answer.answer)
                show_evidence(cli, turn.answer)
            elif turn.problem is not None:
                cli.out.print(f"{turn.problem.message} {turn.problem.hint}", style="yellow")

    @group.command(help=say("conversations.delete"))
    def delete(conversation: Annotated[str, typer.Argument(help=id_help)]) -> None:
        with closing(open_library(cli.settings)) as library:
            library.conversations.delete(conversation)
        cli.out.print(say("conversations.deleted", conversation=conversation))


def _show_list(cli: Cli, found: ConversationList) -> None:
    if not found.conversations:
        cli.out.print(cli.say("conversations.none"))
    for row in found.conversations:
        turns = cli.say("conversations.turns", turn_count=row.turn_count)
        title = row.title or cli.say("conversations.untitled")
        cli.out.print(f"{row.id}  {_local(row.updated_at)}  {turns}  {title}")
    if (further := found.total - len(found.conversations)) > 0:
        cli.out.print("  " + cli.say("render.more", count=further), style="dim")


def _local(moment: datetime) -> str:
    return moment.astimezone().strftime("%Y-%m-%d %H:%M")
