"""`groundkb ask` and `groundkb search`."""

import asyncio
from typing import Annotated, cast

import typer

from app.api.wire.answers import Answer, AskRequest
from app.api.wire.search import SearchRequest
from app.cli.arguments import checked, filter_in
from app.cli.backend import open_asking
from app.cli.render import show_answer, show_passages
from app.cli.say import Cli
from app.index.protocol import Mode


def add_asking(app: typer.Typer, cli: Cli) -> None:
    """Add both commands."""
    say = cli.say
    question_help = say("What you want to know.", "想知道的问题。")
    kb_help = say("Knowledge base.", "知识库名称。")
    tag_help = say(
        "Only documents with this tag (any, if given again).",
        "只在带此标签的文档中检索（可多次给出，满足其一即可）。",
    )
    property_help = say(
        "Only documents with this property: name=value.", "只在具有此属性的文档中检索：名称=值。"
    )
    json_help = say("Print one JSON value.", "输出一个 JSON 值。")

    @app.command(
        help=say(
            "Ask a question; shows the answer and the sentences it stands on. "
            "An honest refusal is a success: exit code 0.",
            "提问；显示回答及其依据的原文句子。如实拒答也算成功，退出码为 0。",
        )
    )
    def ask(
        question: Annotated[str, typer.Argument(help=question_help)],
        kb: Annotated[str | None, typer.Option(help=kb_help)] = None,
        conversation: Annotated[
            str | None,
            typer.Option(
                help=say(
                    "Keep it in this conversation (its id, or `new`) and understand it from there.",
                    "保存到该对话（对话 ID 或 `new`），并结合其上文理解问题。",
                )
            ),
        ] = None,
        tag: Annotated[list[str] | None, typer.Option(help=tag_help)] = None,
        prop: Annotated[list[str] | None, typer.Option("--property", help=property_help)] = None,
        as_json: Annotated[bool, typer.Option("--json", help=json_help)] = False,
    ) -> None:
        cli.as_json = as_json
        body = checked(
            AskRequest,
            question=question,
            kb=kb,
            conversation_id=conversation,
            filter=filter_in(tag or (), prop or ()),
        )

        async def run() -> None:
            async with open_asking(cli.settings, cli.language) as library:
                if not as_json:
                    await show_answer(cli, library.ask(body))
                    return
                async for event in library.ask(body):
                    if isinstance(event, Answer):
                        cli.print_json(event.model_dump_json(indent=2))

        asyncio.run(run())

    @app.command(
        help=say("Find passages, without asking the chat model.", "只检索段落，不调用对话模型。")
    )
    def search(
        question: Annotated[str, typer.Argument(help=question_help)],
        kb: Annotated[str | None, typer.Option(help=kb_help)] = None,
        limit: Annotated[
            int, typer.Option(min=1, max=100, help=say("Passages at most.", "最多返回的段落数。"))
        ] = 8,
        mode: Annotated[str, typer.Option(help="hybrid | dense | sparse")] = "hybrid",
        tag: Annotated[list[str] | None, typer.Option(help=tag_help)] = None,
        prop: Annotated[list[str] | None, typer.Option("--property", help=property_help)] = None,
        as_json: Annotated[bool, typer.Option("--json", help=json_help)] = False,
    ) -> None:
        cli.as_json = as_json
        body = checked(
            SearchRequest,
            question=question,
            kb=kb,
            limit=limit,
            mode=cast("Mode", mode),
            filter=filter_in(tag or (), prop or ()),
        )

        async def run() -> None:
            async with open_asking(cli.settings, cli.language) as library:
                result = await library.search(body)
            if as_json:
                cli.print_json(result.model_dump_json(indent=2))
            else:
                show_passages(cli, result)

        asyncio.run(run())
