"""`groundkb eval`: app.evaluation's commands."""

import typer

from app.cli.say import Cli
from app.evaluation.cli import app as evaluation


def add_evaluation(app: typer.Typer, cli: Cli) -> None:
    """Add the command group."""
    app.add_typer(evaluation, name="eval", help=cli.say("main.eval"))
