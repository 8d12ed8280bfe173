"""The `groundkb` command."""

import io
import os
import sys
import traceback
from contextlib import suppress
from importlib.metadata import version as installed_version
from typing import Annotated, Final

import typer
from typer.core import TyperOption
from typer.exceptions import TyperException
from typer.main import get_command

from app.cli.lazy import Branch, LazyGroup
from app.cli.say import BAD_USAGE, DONE, FAILED, Cli, exit_code, open_cli
from app.cli.usage import show_misuse
from app.errors import GroundkbError, SystemRefused
from app.settings import Settings

INTERRUPTED = 130  # as shells report a program that Ctrl-C ended

# Set by what `--show-completion` gives to the shell.
COMPLETES: Final = "_GROUNDKB_COMPLETE"

# In the order of the help.
BRANCHES: Final = {
    "models": Branch("app.cli.models", "add_models", "models.group"),
    "ingest": Branch("app.cli.ingest", "add_ingest", "ingest.group"),
    "documents": Branch("app.cli.documents", "add_documents", "documents.group"),
    "jobs": Branch("app.cli.jobs", "add_jobs", "jobs.group"),
    "schedule": Branch("app.cli.schedule", "add_schedule", "schedule.group"),
    "ask": Branch("app.cli.asking", "add_asking", "asking.ask"),
    "search": Branch("app.cli.asking", "add_asking", "asking.search"),
    "conversations": Branch("app.cli.conversations", "add_conversations", "conversations.group"),
    "feedback": Branch("app.cli.feedback", "add_feedback", "feedback.group"),
    "export": Branch("app.cli.export", "add_export", "export.group"),
    "gaps": Branch("app.cli.gaps", "add_gaps", "gaps.gaps"),
    "answers": Branch("app.cli.answers", "add_answers", "answers.group"),
    "shadow": Branch("app.cli.shadow", "add_shadow", "shadow.group"),
    "kb": Branch("app.cli.knowledge_bases", "add_knowledge_bases", "knowledge_bases.group"),
    "users": Branch("app.cli.people", "add_users", "people.users"),
    "keys": Branch("app.cli.people", "add_keys", "people.keys"),
    "rights": Branch("app.cli.rights", "add_rights", "rights.group"),
    "audit": Branch("app.cli.audit", "add_audit", "audit.audit"),
    "serve": Branch("app.cli.serve", "add_serve", "serve.serve"),
    "worker": Branch("app.cli.worker", "add_worker", "worker.worker"),
    "reader": Branch("app.cli.reader", "add_reader", "reader.reader"),
    "mcp": Branch("app.cli.mcp", "add_mcp", "mcp.mcp"),
    "reindex": Branch("app.cli.reindex", "add_reindex", "reindex.reindex"),
    "index": Branch("app.cli.index", "add_index", "index.group"),
    "backup": Branch("app.cli.backup", "add_backup", "backup.backup"),
    "restore": Branch("app.cli.backup", "add_backup", "backup.restore"),
    "doctor": Branch("app.cli.doctor", "add_doctor", "doctor.doctor"),
    "calibrate": Branch("app.cli.calibrate", "add_calibrate", "calibrate.calibrate"),
    "eval": Branch("app.cli.evaluation", "add_evaluation", "main.eval"),
    "openapi": Branch("app.cli.openapi", "add_openapi", "main.openapi"),
}


def build(cli: Cli) -> LazyGroup:
    """The command tree, in the user's language."""
    app = typer.Typer(
        name="groundkb",
        cls=LazyGroup,
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        help=cli.say("main.groundkb"),
    )

    def show_version(wanted: bool) -> None:
        if wanted:
            cli.out.print(f"groundkb {installed_version('groundkb')}")
            raise typer.Exit

    @app.callback()
    def options(
        version: Annotated[
            bool,
            typer.Option(
                "--version", is_eager=True, callback=show_version, help=cli.say("main.version")
            ),
        ] = False,
    ) -> None:
        pass

    @app.command(help=cli.say("main.version"))
    def version() -> None:
        show_version(wanted=True)

    group = get_command(app)
    assert isinstance(group, LazyGroup)  # noqa: S101  as `cls` says
    # Writing into the shell's own files is left to whoever owns them.
    group.params = [param for param in group.params if param.name != "install_completion"]
    for param in group.params:
        if isinstance(param, TyperOption) and param.name == "show_completion":
            param.help = cli.say("main.show_completion")
    group.completing = COMPLETES in os.environ
    group.hang(BRANCHES, cli, lambda: _quiet(cli))
    return group


def _quiet(cli: Cli) -> None:
    """Results own standard output; of the logs, a command shows what went wrong only."""
    from app.api.logs import configure_logging  # lazy: what starlette brings is no use to a help

    if isinstance(cli.loaded, Settings):
        configure_logging(
            cli.loaded.model_copy(update={"log_format": "text", "log_level": "error"})
        )


def execute() -> int:
    """Do what the command line says; returns the exit code: 0 done, 1 failed, 2 bad usage, 3 partly done."""
    os.umask(0o077)  # documents, answers and keys are the owner's alone
    cli = open_cli()
    try:
        ended = build(cli)(standalone_mode=False)
    except TyperException as error:
        show_misuse(error, cli)
        return BAD_USAGE
    except GroundkbError as error:
        cli.show_error(error)
        return exit_code(error)
    except (KeyboardInterrupt, typer.Abort):
        return INTERRUPTED
    except BrokenPipeError:
        _let_go_of_output()  # the reader (`head`, a pager) has gone
        return FAILED
    except OSError as error:
        # No bug: a path that may not be used, or standard output on a full disk.
        said = error.strerror or str(error) or type(error).__name__
        where = f"{error.filename}: {said}" if error.filename else said
        cli.show_error(SystemRefused(detail=where))
        _let_go_of_output()
        return FAILED
    return ended if isinstance(ended, int) else DONE


def _let_go_of_output() -> None:
    """What is still buffered must not fail at exit."""
    with suppress(OSError, ValueError):  # in a test it is no file
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _prepare_streams() -> None:
    """Standard input and output that a caller has closed lead to nowhere: else the database would be opened in
    their place. What a terminal's encoding has not, GBK or ASCII say, is shown as a question mark."""
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest number that is free
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(number, "r" if number == 0 else "w"))
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def run() -> None:
    """Entry point."""
    _prepare_streams()
    try:
        code = execute()
        sys.stdout.flush()
        sys.stderr.flush()
    except OSError:  # of the streams themselves; of all else `execute` has told
        code = FAILED
    except Exception:  # noqa: BLE001  a bug: shown as Python would, since the exit below skips that
        traceback.print_exc()
        code = FAILED
    # All that must be closed is closed. The interpreter would take seconds to take down the
    # numeric libraries, and would wait for threads that were told to stop.
    os._exit(code)
