"""`groundkb jobs`: what is waiting, under way and done; jobs are rows, so no server is needed to look."""

from contextlib import closing
from typing import Annotated

import typer

from app.api.wire.jobs import Job
from app.cli.naming import known_kb
from app.cli.render import show_job
from app.cli.say import Cli
from app.library.jobs import JobRow
from app.library.library import open_library
from ingest.job_runs import cancel_job, retry_job


def add_jobs(app: typer.Typer, cli: Cli) -> None:
    """Add the command group."""
    say = cli.say
    group = typer.Typer(no_args_is_help=True, help=say("jobs.group"))
    app.add_typer(group, name="jobs")
    which = say("jobs.id")

    @group.command("list", help=say("jobs.list"))
    def list_jobs(
        kb: Annotated[str | None, typer.Option(help=say("common.kb"))] = None,
        limit: Annotated[int, typer.Option(min=1, max=1000, help=say("jobs.limit"))] = 20,
        as_json: Annotated[bool, typer.Option("--json", help=say("common.json"))] = False,
    ) -> None:
        cli.as_json = as_json
        with closing(open_library(cli.settings)) as library:
            known_kb(library, kb, cli.settings)
            rows, total = library.jobs.page(kb, limit)
        jobs = [Job.of(row, cli.language) for row in rows]
        if as_json:
            values = [job.model_dump(mode="json") for job in jobs]
            cli.print_value(values)
            return
        for job in jobs:
            show_job(cli, job)
        if total > len(jobs):
            cli.out.print("  " + say("render.more", count=total - len(jobs)), style="dim")

    @group.command(help=say("jobs.cancel"))
    def cancel(job: Annotated[str, typer.Argument(help=which)]) -> None:
        with closing(open_library(cli.settings)) as library:
            _show(cli, cancel_job(library, cli.settings.data, job))

    @group.command(help=say("jobs.retry"))
    def retry(job: Annotated[str, typer.Argument(help=which)]) -> None:
        with closing(open_library(cli.settings)) as library:
            _show(cli, retry_job(library, cli.settings.data, job))


def _show(cli: Cli, row: JobRow) -> None:
    show_job(cli, Job.of(row, cli.language))
