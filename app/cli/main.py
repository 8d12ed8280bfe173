"""The `groundkb` command."""

import json
import os
import sys
import traceback
from importlib.metadata import version as installed_version
from pathlib import Path
from typing import Annotated

import typer

from app.api.app import create_app
from app.api.logs import configure_logging
from app.cli.asking import add_asking
from app.cli.backup import add_backup
from app.cli.calibrate import add_calibrate
from app.cli.conversations import add_conversations
from app.cli.doctor import add_doctor
from app.cli.documents import add_documents
from app.cli.feedback import add_feedback
from app.cli.jobs import add_jobs
from app.cli.keeping import add_keeping
from app.cli.knowledge_bases import add_knowledge_bases
from app.cli.models import add_models
from app.cli.reindex import add_reindex
from app.cli.say import DONE, FAILED, Cli, exit_code, open_cli
from app.cli.schedule import add_schedule
from app.cli.serve import add_serve
from app.errors import GroundkbError
from app.evaluation.cli import app as evaluation
from app.settings import Settings

INTERRUPTED = 130  # as shells report a program that Ctrl-C ended


def build(cli: Cli) -> typer.Typer:
    """The command tree, in the user's language."""
    app = typer.Typer(
        name="groundkb",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        add_completion=False,
        help=cli.say("main.groundkb"),
    )
    add_models(app, cli)
    add_keeping(app, cli)
    add_documents(app, cli)
    add_jobs(app, cli)
    add_schedule(app, cli)
    add_asking(app, cli)
    add_conversations(app, cli)
    add_feedback(app, cli)
    add_knowledge_bases(app, cli)
    add_serve(app, cli)
    add_reindex(app, cli)
    add_backup(app, cli)
    add_doctor(app, cli)
    add_calibrate(app, cli)
    app.add_typer(
        evaluation,
        name="eval",
        help=cli.say("main.eval"),
    )
    _add_small(app, cli)
    return app


def _add_small(app: typer.Typer, cli: Cli) -> None:
    @app.command(help=cli.say("main.openapi"))
    def openapi(
        output: Annotated[
            Path | None,
            typer.Argument(help=cli.say("common.output")),
        ] = None,
    ) -> None:
        schema = create_app(cli.settings).openapi()
        text = json.dumps(schema, ensure_ascii=False, indent=2, sort_keys=True)
        if output is None:
            cli.print_json(text)
        else:
            output.write_text(text + "\n", encoding="utf-8")

    @app.command(help=cli.say("main.version"))
    def version() -> None:
        cli.out.print(f"groundkb {installed_version('groundkb')}")


def execute() -> int:
    """Do what the command line says; returns the exit code: 0 done, 1 failed, 2 bad usage, 3 partly done."""
    os.umask(0o077)  # documents, answers and keys are the owner's alone
    cli = open_cli()
    if isinstance(cli.loaded, Settings):
        # Results own standard output; of the logs, a command shows what went wrong only.
        configure_logging(
            cli.loaded.model_copy(update={"log_format": "text", "log_level": "error"})
        )
    try:
        build(cli)()
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else FAILED
    except GroundkbError as error:
        cli.show_error(error)
        return exit_code(error)
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # The reader (`head`, a pager) has gone. What is still buffered must not fail at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    return DONE


def run() -> None:
    """Entry point."""
    try:
        code = execute()
        sys.stdout.flush()
        sys.stderr.flush()
    except Exception:  # noqa: BLE001  a bug: shown as Python would, since the exit below skips that
        traceback.print_exc()
        code = FAILED
    # All that must be closed is closed. The interpreter would take seconds to take down the
    # numeric libraries, and would wait for threads that were told to stop.
    os._exit(code)
