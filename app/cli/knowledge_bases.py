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
    group = typer.Typer(no_args_is_help=True, help=say("Knowledge bases.", "知识库。"))
    app.add_typer(group, name="kb")

    # With one command alone the group would take its place.
    @group.callback()
    def knowledge_bases() -> None: ...

    @group.command(
        "set-refusal",
        help=say(
            "What to say when the documents hold no answer. Without TEXT: the usual sentence again.",
            "文档中没有答案时的回复。省略 TEXT 则恢复默认句子。",
        ),
    )
    def set_refusal(
        language: Annotated[
            str, typer.Argument(help=say("zh or en: the question's.", "问题的语言：zh 或 en。"))
        ],
        text: Annotated[
            str | None, typer.Argument(help=say("In that language.", "用该语言书写的文字。"))
        ] = None,
        kb: Annotated[str | None, typer.Option(help=say("Knowledge base.", "知识库名称。"))] = None,
    ) -> None:
        refusals = checked(Refusals, **{language: text})
        name = kb or cli.settings.kb
        with closing(open_library(cli.settings)) as library:
            if name == cli.settings.kb:
                library.add_knowledge_base(name)  # a library that nothing was put into has none
            library.refusals.set(name, refusals.given)
            now = read_knowledge_base(library, name)
        cli.print_json(now.model_dump_json(indent=2))
