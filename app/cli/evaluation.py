"""`groundkb eval`: app.evaluation's commands, whose helps are keys of the catalogues."""

from typing import Any

import typer
from typer.core import TyperGroup

from app.cli.say import Cli
from app.evaluation.cli import app as evaluation


def add_evaluation(app: typer.Typer, cli: Cli) -> None:
    """Add the command group."""

    class Worded(TyperGroup):
        def __init__(self, *arguments: Any, **options: Any) -> None:
            super().__init__(*arguments, **options)
            for command in self.commands.values():
                command.help = cli.say(str(command.help))
                parameters: list[Any] = list(command.params)
                for parameter in parameters:
                    parameter.help = cli.say(parameter.help) if parameter.help else None

    app.add_typer(evaluation, name="eval", cls=Worded, help=cli.say("main.eval"))
