"""`groundkb jobs`: what is waiting, under way and done; jobs are rows, so no server is needed to look."""

from contextlib import closing
from typing import Annotated

import typer

from app.api.wire.jobs import Job
from app.cli.render import show_job
from app.cli.say import Cli
from app.library.jobs import JobRow
from app.library.library import open_library
from ingest.job_runs import cancel_job, retry_job


def add_jobs(app: typer.Typer, cli: Cli) -> None:
    """Add the command group."""
    say = cli.say
    group = typer.Typer(no_args_is_help=True, help=say("Uploads and syncs.", "上传与同步任务。"))
    app.add_typer(group, name="jobs")
    which = say("The job's id.", "任务 ID。")

    @group.command("list", help=say("The latest jobs, newest first.", "最近的任务，新的在前。"))
    def list_jobs(
        kb: Annotated[str | None, typer.Option(help=say("Knowledge base.", "知识库名称。"))] = None,
        limit: Annotated[
            int, typer.Option(min=1, max=1000, help=say("How many at most.", "最多显示多少个。"))
        ] = 20,
        as_json: Annotated[
            bool, typer.Option("--json", help=say("Print one JSON value.", "输出一个 JSON 值。"))
        ] = False,
    ) -> None:
        cli.as_json = as_json
        with closing(open_library(cli.settings)) as library:
            rows = library.jobs.latest(kb, limit)
        jobs = [Job.of(row, cli.language) for row in rows]
        if as_json:
            values = [job.model_dump(mode="json") for job in jobs]
            cli.print_value(values)
            return
        for job in jobs:
            show_job(cli, job)

    @group.command(
        help=say("End a job, between two documents.", "取消任务（在两个文档之间停止）。")
    )
    def cancel(job: Annotated[str, typer.Argument(help=which)]) -> None:
        with closing(open_library(cli.settings)) as library:
            _show(cli, cancel_job(library, cli.settings.data, job))

    @group.command(
        help=say(
            "Queue a failed or cancelled job again; a server works it off.",
            "重新排队失败或已取消的任务，由服务器执行。",
        )
    )
    def retry(job: Annotated[str, typer.Argument(help=which)]) -> None:
        with closing(open_library(cli.settings)) as library:
            _show(cli, retry_job(library, cli.settings.data, job))


def _show(cli: Cli, row: JobRow) -> None:
    show_job(cli, Job.of(row, cli.language))
