"""`groundkb schedule`: sources that are synced by themselves, and the process that does so."""

import asyncio
import random
import signal
import time
from contextlib import closing
from datetime import UTC, datetime
from typing import Annotated, Final

import typer

from app.api.wire.sources import Source, SourceIn
from app.cli.arguments import checked
from app.cli.backend import open_keeping
from app.cli.render import place, show_job
from app.cli.say import PARTLY, Cli
from app.errors import GroundkbError
from app.library.library import open_library
from app.library.sources import SourceRow
from ingest.schedule import absolute, put_source, start_due

LOOK_SECONDS: Final = 5.0  # between two looks at the clock


def add_schedule(app: typer.Typer, cli: Cli) -> None:
    """Add the command group."""
    say = cli.say
    group = typer.Typer(
        no_args_is_help=True, help=say("Sync sources by the clock.", "定时同步来源。")
    )
    app.add_typer(group, name="schedule")

    @group.command(
        help=say(
            "Register a folder, file or URL to be synced; the same one again changes its schedule.",
            "登记要定时同步的文件夹、文件或网址；再次登记同一来源则修改其设置。",
        )
    )
    def add(
        location: Annotated[
            str, typer.Argument(help=say("Folder, file or URL.", "文件夹、文件或网址。"))
        ],
        cron: Annotated[
            str | None,
            typer.Option(
                help=say(
                    "When, as in a crontab: '0 3 * * *'. None: only on demand.",
                    "crontab 表达式，如 '0 3 * * *'。省略则仅手动同步。",
                )
            ),
        ] = None,
        tz: Annotated[
            str | None,
            typer.Option(help=say("Time zone; none: this machine's.", "时区；省略则用本机时区。")),
        ] = None,
        jitter: Annotated[
            int,
            typer.Option(
                min=0,
                max=86_400,
                help=say("Begin up to so many seconds late.", "随机推迟的秒数上限。"),
            ),
        ] = 0,
        kb: Annotated[str | None, typer.Option(help=say("Knowledge base.", "知识库名称。"))] = None,
    ) -> None:
        body = checked(
            SourceIn, location=absolute(location), kb=kb, schedule=cron, time_zone=tz, jitter=jitter
        )
        with closing(open_library(cli.settings)) as library:
            row = put_source(
                library,
                body.kb or cli.settings.kb,
                body.location,
                schedule=body.schedule,
                time_zone=body.time_zone,
                jitter=body.jitter,
            )
        _show(cli, row)

    @group.command("list", help=say("Registered sources.", "列出已登记的来源。"))
    def list_sources(
        kb: Annotated[str | None, typer.Option(help=say("Knowledge base.", "知识库名称。"))] = None,
        as_json: Annotated[
            bool, typer.Option("--json", help=say("Print one JSON value.", "输出一个 JSON 值。"))
        ] = False,
    ) -> None:
        cli.as_json = as_json
        with closing(open_library(cli.settings)) as library:
            rows = library.sources.all(kb)
        if as_json:
            values = [Source.of(row, cli.language).model_dump(mode="json") for row in rows]
            cli.print_value(values)
            return
        for row in rows:
            _show(cli, row)

    @group.command(help=say("Forget a source; its documents stay.", "取消登记来源；其文档保留。"))
    def remove(
        source: Annotated[str, typer.Argument(help=say("Its id.", "来源 ID。"))],
    ) -> None:
        with closing(open_library(cli.settings)) as library:
            library.sources.remove(source)

    @group.command(
        help=say(
            "Sync what is due, until Ctrl-C. `groundkb serve` does so too, unless "
            "GROUNDKB_SCHEDULE is false.",
            "按时同步，按 Ctrl-C 停止。除非 GROUNDKB_SCHEDULE 为 false，`groundkb serve` 也会执行。",
        )
    )
    def run(
        once: Annotated[
            bool,
            typer.Option(
                "--once", help=say("Sync what is due now and end.", "只同步当前到期的来源。")
            ),
        ] = False,
    ) -> None:
        # A container is stopped with SIGTERM: it ends what Ctrl-C ends.
        before = signal.signal(signal.SIGTERM, signal.default_int_handler)
        try:
            code = _run_due(cli)
            while not once:
                time.sleep(LOOK_SECONDS)
                code = _run_due(cli)
        finally:
            signal.signal(signal.SIGTERM, before)
        raise typer.Exit(code)


def _run_due(cli: Cli) -> int:
    """Sync every source whose time has come; 3 when one of them failed."""
    failed = False

    def start(source: SourceRow) -> None:
        nonlocal failed
        try:
            failed = not asyncio.run(_sync(cli, source)) or failed
        except GroundkbError as error:
            # The next source may fare better, and this one the next time.
            failed = True
            cli.show_error(error)

    with closing(open_library(cli.settings)) as library:
        start_due(library, start, datetime.now(UTC), random.Random())  # noqa: S311
    return PARTLY if failed else 0


async def _sync(cli: Cli, source: SourceRow) -> bool:
    """Sync in this process, or have the server do it that has the library open."""
    stamp = datetime.now(UTC).astimezone().strftime("%Y-%m-%d %H:%M:%S")
    cli.out.print(f"{stamp}  {source.location}", style="dim")
    async with open_keeping(cli.settings, cli.language) as keeping:
        job = await keeping.sync_source(source)
    show_job(cli, job)
    return job.status == "done" and not (job.report and job.report.failed)


def _show(cli: Cli, row: SourceRow) -> None:
    say = cli.say
    when = say("only on demand", "仅手动") if row.schedule is None else row.schedule
    cli.out.print(f"{row.id}  {row.kb}  {place(row.location)}  {when}  {row.time_zone}")
    if row.schedule and row.enabled and row.next_run:
        local = row.next_run.astimezone().strftime("%Y-%m-%d %H:%M:%S")
        cli.out.print("  " + say("next: ", "下次：") + local, style="dim")
    if row.last_run:
        last = f"{row.last_run['finished_at'][:19]}Z {row.last_run['status']}"
        cli.out.print("  " + say("last: ", "上次：") + last, style="dim")
