"""`groundkb reindex`: another embedding model without downtime."""

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated

import typer
from pydantic_core import to_json
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from app.api.routes.maintenance import last_reindexed
from app.api.wire.maintenance import Dropped, ReindexIn
from app.cli.arguments import checked
from app.cli.say import Cli
from app.cli.upkeep import open_upkeep
from ingest.reindex import ReindexProgress, ReindexReport, ReindexRequest


def add_reindex(app: typer.Typer, cli: Cli) -> None:
    """Add the command."""
    say = cli.say

    @app.command(
        help=say(
            "Embed all documents anew, after the embedding model or groundkb has changed. The old index answers until the new one is whole; stopped, it goes on where it was.",
            "更换向量模型（或升级 groundkb）后重新生成全部文档的向量。新索引完成前旧索引照常回答；中断后可继续。",
        )
    )
    def reindex(
        embedding_model: Annotated[
            str | None,
            typer.Option(
                help=say("The model; none: that of the settings.", "向量模型；省略则用当前配置。")
            ),
        ] = None,
        embedding_revision: Annotated[
            str | None, typer.Option(help=say("Its revision on the hub.", "模型在仓库上的版本。"))
        ] = None,
        rollback: Annotated[
            bool,
            typer.Option(
                "--rollback",
                help=say("Go back to the model before.", "回退到之前的模型。"),
            ),
        ] = False,
        drop_old: Annotated[
            bool,
            typer.Option(
                "--drop-old",
                help=say("Only delete the indexes of earlier models.", "仅删除旧模型的索引。"),
            ),
        ] = False,
        as_json: Annotated[
            bool, typer.Option("--json", help=say("Print one JSON value.", "输出一个 JSON 值。"))
        ] = False,
    ) -> None:
        cli.as_json = as_json
        if rollback and (drop_old or embedding_model):
            raise typer.BadParameter(
                say("--rollback stands alone.", "--rollback 不能与其他选项同用。")
            )
        settings = cli.settings
        body = checked(
            ReindexIn,
            embedding_model=embedding_model or (None if rollback else settings.embedding_model),
            embedding_revision=embedding_revision
            or (None if rollback else settings.embedding_revision),
            embedding_query_prefix=None if rollback else settings.embedding_query_prefix,
            embedding_passage_prefix=None if rollback else settings.embedding_passage_prefix,
            rollback=rollback,
        )

        async def run() -> ReindexReport | Dropped:
            wanted = ReindexRequest(**body.model_dump())
            async with open_upkeep(settings, cli.language, wanted) as upkeep:
                if drop_old:
                    return await upkeep.drop_old()
                events = upkeep.reindex(body)
                return await (last_reindexed(events) if as_json else _show(cli, events))

        done = asyncio.run(run())
        if as_json:
            cli.print_json(to_json(done, indent=2).decode())
        elif isinstance(done, Dropped):
            _show_dropped(cli, done)
        else:
            _show_report(cli, done)


async def _show(cli: Cli, events: AsyncIterator[ReindexProgress | ReindexReport]) -> ReindexReport:
    """A progress bar on standard error while it runs; the report at its end."""
    phases = {
        "building": cli.say("Embedding", "生成向量"),
        "waiting": cli.say("Waiting for syncs to end", "等待同步结束"),
        "switching": cli.say("Switching", "切换"),
    }
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=cli.err,
        transient=True,
    ) as bar:
        task = bar.add_task(cli.say("Loading the model", "加载模型"), total=None)

        async def shown() -> AsyncIterator[ReindexProgress | ReindexReport]:
            async for event in events:
                if isinstance(event, ReindexProgress):
                    words = f"{phases[event.phase]} {event.kb}"
                    if event.phase == "building":
                        bar.update(task, description=words, completed=event.done, total=event.total)
                    else:
                        bar.update(task, description=words)
                yield event

        return await last_reindexed(shown())


def _show_report(cli: Cli, report: ReindexReport) -> None:
    say = cli.say
    if report.switched:
        cli.out.print(
            say(f"Now answering with {report.model}.", f"现在使用 {report.model} 回答。"),
            style="bold",
        )
    else:
        cli.out.print(
            say(f"Already indexed with {report.model}.", f"索引已经使用 {report.model}。"),
            style="bold",
        )
    cli.out.print(
        say(
            f"{report.documents} documents, {report.chunks} chunks embedded in {report.seconds:.1f} s",
            f"处理 {report.documents} 个文档、{report.chunks} 个片段，用时 {report.seconds:.1f} 秒",
        )
    )
    for source in report.as_text:
        cli.out.print(
            say(
                f"! {source}: its original can no longer be parsed; the stored text was used.",
                f"! {source}：原文件已无法解析，改用已保存的文本。",
            ),
            style="yellow",
        )
    if report.to_set:
        cli.out.print(say("Before the next start, set:", "下次启动前请设置："), style="bold yellow")
        for name, value in report.to_set.items():
            cli.out.print(f"  {name}={value}")
        cli.out.print(
            say(
                "With the old setting groundkb refuses to start.",
                "若仍用旧配置，groundkb 将拒绝启动。",
            ),
            style="dim",
        )
    if report.switched and report.previous:
        cli.out.print(
            say(
                "The old index is kept: `groundkb reindex --rollback` goes back, `--drop-old` deletes it.",
                "旧索引已保留：`groundkb reindex --rollback` 可回退，`--drop-old` 可删除。",
            ),
            style="dim",
        )


def _show_dropped(cli: Cli, done: Dropped) -> None:
    if not done.collections:
        cli.out.print(cli.say("There are no old indexes.", "没有旧索引。"))
    for name in done.collections:
        cli.out.print(cli.say(f"Deleted: {name}", f"已删除：{name}"))
