"""`groundkb reindex`: another embedding model without downtime."""

import asyncio
from collections.abc import AsyncIterator
from shlex import quote
from typing import Annotated

import typer
from pydantic_core import to_json
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from app.api.routes.maintenance import last_reindexed
from app.api.wire.maintenance import Dropped, ReindexIn
from app.cli.arguments import checked
from app.cli.here import open_client
from app.cli.say import Cli
from ingest.reindex import ReindexProgress, ReindexReport


def add_reindex(app: typer.Typer, cli: Cli) -> None:
    """Add the command."""
    say = cli.say

    @app.command(help=say("reindex.reindex"))
    def reindex(
        embedding_model: Annotated[
            str | None,
            typer.Option(help=say("reindex.model")),
        ] = None,
        embedding_revision: Annotated[
            str | None, typer.Option(help=say("reindex.revision"))
        ] = None,
        rollback: Annotated[
            bool,
            typer.Option(
                "--rollback",
                help=say("reindex.rollback"),
            ),
        ] = False,
        drop_old: Annotated[
            bool,
            typer.Option(
                "--drop-old",
                help=say("reindex.drop_old"),
            ),
        ] = False,
        as_json: Annotated[bool, typer.Option("--json", help=say("common.json"))] = False,
    ) -> None:
        cli.as_json = as_json
        if rollback and (drop_old or embedding_model):
            raise typer.BadParameter(say("reindex.rollback_alone"))
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
            async with open_client(settings, cli.language, any_model=True) as client:
                if drop_old:
                    return await client.drop_old()
                events = client.reindex(body)
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
        "building": cli.say("reindex.embedding"),
        "waiting": cli.say("reindex.waiting"),
        "switching": cli.say("reindex.switching"),
    }
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=cli.err,
        transient=True,
    ) as bar:
        task = bar.add_task(cli.say("reindex.loading_model"), total=None)

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
            say("reindex.now_answering", model=report.model),
            style="bold",
        )
    else:
        cli.out.print(
            say("reindex.already_indexed", model=report.model),
            style="bold",
        )
    cli.out.print(
        say(
            "reindex.done", documents=report.documents, chunks=report.chunks, seconds=report.seconds
        )
    )
    for source in report.as_text:
        cli.out.print(
            say("reindex.as_text", source=source),
            style="yellow",
        )
    if report.to_set:
        cli.out.print(say("reindex.to_set"), style="bold yellow")
        for name, value in report.to_set.items():
            cli.out.print(f"  {name}={quote(value)}")
        cli.out.print(
            say("reindex.or_refused"),
            style="dim",
        )
    if report.switched and report.previous:
        cli.out.print(
            say("reindex.old_kept"),
            style="dim",
        )


def _show_dropped(cli: Cli, done: Dropped) -> None:
    if not done.collections:
        cli.out.print(cli.say("reindex.nothing_old"))
    for name in done.collections:
        cli.out.print(cli.say("reindex.deleted", name=name))
