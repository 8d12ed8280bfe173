"""`groundkb models try`: chat models side by side on the owner's questions."""

import asyncio
import math
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from app.cli.say import Cli
from app.evaluation.metrics import Interval
from app.evaluation.report import show
from app.evaluation.trial import Trial, Trials, try_models

# The figures of a trial that are intervals, in the order shown.
_ROWS = (
    "right",
    "against",
    "right_refusals",
    "false_refusals",
    "supported",
    "first_statement",
    "tokens_per_second",
)


def add_try(group: typer.Typer, cli: Cli) -> None:
    """Add the command to `groundkb models`."""
    say = cli.say

    @group.command("try", help=say("try.try"))
    def try_(
        names: Annotated[list[str], typer.Argument(help=say("try.names"))],
        path: Annotated[Path | None, typer.Option("--path", help=say("try.path"))] = None,
        documents: Annotated[
            Path | None, typer.Option("--documents", help=say("try.documents"))
        ] = None,
        limit: Annotated[int, typer.Option(min=1, help=say("try.limit"))] = 20,
        records: Annotated[Path | None, typer.Option(help=say("eval.records"))] = None,
        kb: Annotated[str | None, typer.Option(help=say("common.kb"))] = None,
        as_json: Annotated[bool, typer.Option("--json", help=say("common.json"))] = False,
    ) -> None:
        cli.as_json = as_json
        settings = cli.settings.model_copy(update={"kb": kb} if kb else {})
        kept = records or settings.data / "evaluation" / "try.jsonl"
        with Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            console=cli.err,
            disable=as_json,
        ) as bars:
            tasks = {}

            def on_question(model: str, of: int) -> None:
                if model not in tasks:
                    tasks[model] = bars.add_task(model, total=of)
                bars.advance(tasks[model])

            found = asyncio.run(
                try_models(
                    settings,
                    names,
                    kept,
                    path=path,
                    documents=documents,
                    limit=limit,
                    on_question=on_question,
                )
            )
        if as_json:
            cli.print_value(_json(found))
            return
        _show(cli, found, kept)


def _show(cli: Cli, found: Trials, kept: Path) -> None:
    none = found.questions - found.answerable
    if found.generated:
        about = cli.say("try.generated", answerable=found.answerable, unanswerable=none)
    else:
        about = cli.say("try.golden", answerable=found.answerable, unanswerable=none)
    table = Table(title=about)
    table.add_column("")
    for trial in found.trials:
        table.add_column(trial.model, justify="right")
    for name in _ROWS:
        table.add_row(cli.say(f"trial.{name}"), *_cells(found.trials, name))
    table.add_row(cli.say("try.memory"), *(_memory(cli, trial) for trial in found.trials))
    cli.out.print(table)
    cli.out.print(cli.say("try.kept", path=kept), style="dim")


def _cells(trials: Sequence[Trial], name: str) -> list[str]:
    found: list[Interval | None] = [getattr(trial, name) for trial in trials]
    return [show(interval) if interval else "" for interval in found]


def _memory(cli: Cli, trial: Trial) -> str:
    if trial.memory is None:
        return "–"
    said = f"{trial.memory / 1e9:.1f} GB"
    return cli.say("try.computed", memory=said) if trial.computed else said


def _json(found: Trials) -> dict[str, Any]:
    def plain(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: plain(item) for key, item in value.items() if key != "records"}
        if isinstance(value, list | tuple):
            return [plain(item) for item in value]
        # No case, no figure: JSON knows no NaN.
        return None if isinstance(value, float) and math.isnan(value) else value

    return dict(plain(asdict(found)))
