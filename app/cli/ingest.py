"""`groundkb ingest`: sync, retire, status, remove."""

from typing import Annotated

import typer

from app.cli.say import Cli
from ingest.report import EngineName
from ingest.sources.local import require_one


def add_ingest(app: typer.Typer, cli: Cli) -> None:
    """Add the command group."""
    say = cli.say
    group = typer.Typer(no_args_is_help=True, help=say("ingest.group"))
    app.add_typer(group, name="ingest")
    kb_help = say("common.kb")
    json_help = say("common.json")

    @group.command(help=say("ingest.sync"))
    def sync(
        paths: Annotated[
            list[str],
            typer.Argument(help=say("ingest.paths")),
        ],
        kb: Annotated[str | None, typer.Option(help=kb_help)] = None,
        dry_run: Annotated[
            bool,
            typer.Option("--dry-run", help=say("ingest.dry_run")),
        ] = False,
        allow_mass_delete: Annotated[
            bool,
            typer.Option(
                "--allow-mass-delete",
                help=say("ingest.allow_mass_delete"),
            ),
        ] = False,
        engine: Annotated[
            EngineName | None,
            typer.Option(
                help=say("ingest.engine"),
            ),
        ] = None,
        as_json: Annotated[bool, typer.Option("--json", help=json_help)] = False,
    ) -> None:
        cli.as_json = as_json
        require_one(paths)
        from app.cli.ingesting import run_sync  # lazy: a wrong path is told of at once

        code = run_sync(
            cli,
            paths,
            kb=kb,
            dry_run=dry_run,
            allow_mass_delete=allow_mass_delete,
            engine=engine,
        )
        raise typer.Exit(code)

    @group.command(help=say("ingest.retire"))
    def retire(
        paths: Annotated[list[str], typer.Argument(help=say("ingest.paths"))],
        kb: Annotated[str | None, typer.Option(help=kb_help)] = None,
        dry_run: Annotated[bool, typer.Option("--dry-run", help=say("ingest.dry_run"))] = False,
        as_json: Annotated[bool, typer.Option("--json", help=json_help)] = False,
    ) -> None:
        cli.as_json = as_json
        from app.cli.ingesting import run_sync  # lazy: as above

        raise typer.Exit(run_sync(cli, paths, kb=kb, dry_run=dry_run, retire=True))

    @group.command(help=say("ingest.status"))
    def status(
        kb: Annotated[str | None, typer.Option(help=kb_help)] = None,
        as_json: Annotated[bool, typer.Option("--json", help=json_help)] = False,
    ) -> None:
        cli.as_json = as_json
        from app.cli.ingesting import print_status  # lazy: as above

        print_status(cli, kb or cli.settings.kb)

    @group.command(help=say("ingest.remove"))
    def remove(
        document: Annotated[str, typer.Argument(help=say("common.document"))],
        kb: Annotated[str | None, typer.Option(help=kb_help)] = None,
    ) -> None:
        from app.cli.ingesting import remove_document  # lazy: as above

        remove_document(cli, kb or cli.settings.kb, document)
