"""`groundkb schedule`: sources that are synced by themselves, and the process that does so."""

import asyncio
import random
import signal
import time
from contextlib import closing
from datetime import UTC, datetime
from typing import Annotated, Final
from zoneinfo import ZoneInfo

import typer

from app.api.wire.sources import Source, SourceIn
from app.cli.arguments import checked
from app.cli.here import open_client
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
    group = typer.Typer(no_args_is_help=True, help=say("schedule.group"))
    app.add_typer(group, name="schedule")

    @group.command(help=say("schedule.add"))
    def add(
        location: Annotated[str, typer.Argument(help=say("schedule.location"))],
        cron: Annotated[
            str | None,
            typer.Option(help=say("schedule.cron")),
        ] = None,
        tz: Annotated[
            str | None,
            typer.Option(help=say("schedule.time_zone")),
        ] = None,
        jitter: Annotated[
            int,
            typer.Option(
                min=0,
                max=86_400,
                help=say("schedule.jitter"),
            ),
        ] = 0,
        kb: Annotated[str | None, typer.Option(help=say("common.kb"))] = None,
    ) -> None:
        body = checked(
            SourceIn, location=absolute(location), kb=kb, schedule=cron, time_zone=tz, jitter=jitter
        )
        with closing(open_library(cli.settings)) as library:
            if (name := body.kb or cli.settings.kb) == cli.settings.kb:
                library.add_knowledge_base(name)  # a library that nothing was put into has none
            row = put_source(
                library,
                name,
                body.location,
                schedule=body.schedule,
                time_zone=body.time_zone,
                jitter=body.jitter,
            )
        _show(cli, row)

    @group.command("list", help=say("schedule.list"))
    def list_sources(
        kb: Annotated[str | None, typer.Option(help=say("common.kb"))] = None,
        as_json: Annotated[bool, typer.Option("--json", help=say("common.json"))] = False,
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

    @group.command(help=say("schedule.remove"))
    def remove(
        source: Annotated[str, typer.Argument(help=say("schedule.id"))],
    ) -> None:
        with closing(open_library(cli.settings)) as library:
            library.sources.remove(source)

    @group.command(help=say("schedule.run"))
    def run(
        once: Annotated[
            bool,
            typer.Option("--once", help=say("schedule.once")),
        ] = False,
    ) -> None:
        # A container is stopped with SIGTERM: it ends what Ctrl-C ends.
        before = signal.signal(signal.SIGTERM, signal.default_int_handler)
        try:
            code = _run_due(cli)
            while not once:
                time.sleep(LOOK_SECONDS)
                try:
                    code = _run_due(cli)
                except GroundkbError as error:
                    # A database that is locked or on a full disk, say: the next look may fare better.
                    cli.show_error(error)
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
    async with open_client(cli.settings, cli.language) as client:
        job = await client.sync_source(source)
    show_job(cli, job)
    return job.status == "done" and not (job.report and job.report.failed)


def _show(cli: Cli, row: SourceRow) -> None:
    say = cli.say
    when = say("schedule.on_demand") if row.schedule is None else row.schedule
    cli.out.print(f"{row.id}  {row.kb}  {place(row.location)}  {when}  {row.time_zone}")
    if row.schedule and row.enabled and row.next_run:
        cli.out.print("  " + say("schedule.next") + _in_zone(row, row.next_run), style="dim")
    if row.last_run:
        ended = row.last_run.finished_at
        last = f"{_in_zone(row, ended) if ended else '?'} {row.last_run.status}"
        cli.out.print("  " + say("schedule.last") + last, style="dim")


def _in_zone(row: SourceRow, moment: datetime) -> str:
    """As the clock stands where the schedule is meant, which need not be where this machine is."""
    return moment.astimezone(ZoneInfo(row.time_zone)).strftime("%Y-%m-%d %H:%M:%S %Z")
