"""`groundkb models`: bring the weights onto this machine."""

from typing import Annotated

import typer
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

from app.cli.say import Cli
from app.models import progress
from app.models.weights import pull_all


def add_models(app: typer.Typer, cli: Cli) -> None:
    """Add the command group."""
    say = cli.say
    group = typer.Typer(no_args_is_help=True, help=say("models.group"))
    app.add_typer(group, name="models")

    # A group of one command needs a callback, or typer makes the command the group.
    @group.callback()
    def models() -> None: ...

    @group.command(
        name="pull",
        help=say("models.pull"),
    )
    def pull(
        quiet: Annotated[bool, typer.Option("--quiet", help=say("models.quiet"))] = False,
    ) -> None:
        with Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            DownloadColumn(),
            TransferSpeedColumn(),
            TimeRemainingColumn(),
            console=cli.err,
            disable=quiet,
        ) as bars:
            tasks: dict[str, TaskID] = {}

            def on_progress(event: progress.Progress) -> None:
                if event.file not in tasks:
                    tasks[event.file] = bars.add_task(event.file)
                bars.update(tasks[event.file], completed=event.done, total=event.total or None)

            pulled = pull_all(cli.settings, on_progress)
        for item in pulled:
            size = f"{item.size / 1e6:.0f} MB"
            cli.out.print(f"✓ {item.role}: {item.model} · {size} · {item.origin}\n  {item.path}")
            for reason in item.passed_over:
                cli.out.print(say("models.passed_over", reason=reason), style="dim")
