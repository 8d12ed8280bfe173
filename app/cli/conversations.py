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
    group = typer.Typer(no_args_is_help=True, help=say("Kept conversations.", "已保存的对话。"))
    app.add_typer(group, name="conversations")
    json_help = say("Print one JSON value.", "输出一个 JSON 值。")
    id_help = say("The conversation's id.", "对话 ID。")

    @group.command("list", help=say("The latest used first.", "按最近使用排序。"))
    def list_(
        kb: Annotated[
            str | None,
            typer.Option(help=say("Knowledge base; none: all.", "知识库名称；省略则为全部。")),
        ] = None,
        search: Annotated[
            str,
            typer.Option(help=say("Part of the title or of a question.", "标题或问题的一部分。")),
        ] = "",
        limit: Annotated[
            int, typer.Option(min=1, max=1_000, help=say("At most.", "最多显示的数量。"))
        ] = 50,
        as_json: Annotated[bool, typer.Option("--json", help=json_help)] = False,
    ) -> None:
        cli.as_json = as_json
        with closing(open_library(cli.settings)) as library:
            found = list_conversations(library.conversations, kb, search, limit)
        if as_json:
            cli.print_json(found.model_dump_json(indent=2))
        else:
            _show_list(cli, found)

    @group.command(help=say("Its questions and answers.", "查看其中的问题与回答。"))
    def show(
        conversation: Annotated[str, typer.Argument(help=id_help)],
        as_json: Annotated[bool, typer.Option("--json", help=json_help)] = False,
    ) -> None:
        cli.as_json = as_json
        with closing(open_library(cli.settings)) as library:
            found = read_conversation(library.conversations, conversation, cli.language)
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

    @group.command(help=say("Delete it for good.", "永久删除。"))
    def delete(conversation: Annotated[str, typer.Argument(help=id_help)]) -> None:
        with closing(open_library(cli.settings)) as library:
            library.conversations.delete(conversation)
        cli.out.print(say(f"Deleted: {conversation}", f"已删除：{conversation}"))


def _show_list(cli: Cli, found: ConversationList) -> None:
    if not found.conversations:
        cli.out.print(cli.say("No conversations.", "没有对话。"))
    for row in found.conversations:
        turns = cli.say(f"{row.turn_count} turns", f"{row.turn_count} 轮")
        title = row.title or cli.say("(no question yet)", "（尚无提问）")
        cli.out.print(f"{row.id}  {_local(row.updated_at)}  {turns}  {title}")


def _local(moment: datetime) -> str:
    return moment.astimezone().strftime("%Y-%m-%d %H:%M")
