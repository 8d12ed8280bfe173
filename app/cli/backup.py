"""`groundkb backup` and `groundkb restore`."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer
from pydantic_core import to_json

from app.cli.here import open_client
from app.cli.say import Cli
from app.library.archive import restore_archive
from app.settings import at_home
from ingest.backup import BackupReport


def add_backup(app: typer.Typer, cli: Cli) -> None:
    """Add both commands."""
    say = cli.say
    json_help = say("common.json")

    @app.command(help=say("backup.backup"))
    def backup(
        target: Annotated[
            Path,
            typer.Argument(help=say("backup.to")),
        ],
        as_json: Annotated[bool, typer.Option("--json", help=json_help)] = False,
    ) -> None:
        cli.as_json = as_json
        settings = cli.settings

        async def run() -> BackupReport:
            async with open_client(settings, cli.language, any_model=True) as client:
                return await client.backup(at_home(target).absolute())

        done = asyncio.run(run())
        if as_json:
            cli.print_json(to_json(done, indent=2).decode())
            return
        cli.out.print(
            say(
                "backup.made",
                path=done.path,
                documents=done.documents,
                megabytes=done.bytes / 1000000.0,
                seconds=done.seconds,
            ),
            style="bold",
        )
        if not done.vectors:
            cli.out.print(
                say("backup.vectors_not_saved"),
                style="yellow",
            )

    @app.command(help=say("backup.restore"))
    def restore(
        archive: Annotated[Path, typer.Argument(help=say("backup.file"))],
        data: Annotated[
            Path | None,
            typer.Option(help=say("backup.data")),
        ] = None,
        as_json: Annotated[bool, typer.Option("--json", help=json_help)] = False,
    ) -> None:
        cli.as_json = as_json
        target = at_home(data or cli.settings.data).absolute()
        manifest = restore_archive(at_home(archive).absolute(), target)
        documents = sum(manifest.documents.values())
        if as_json:
            value = {
                "data": str(target),
                "documents": documents,
                "bytes": manifest.bytes,
                "vectors": manifest.index == "embedded",
                "created": manifest.created,
            }
            cli.print_value(value)
            return
        cli.out.print(
            say("backup.restored", target=target, documents=documents, created=manifest.created),
            style="bold",
        )
        if manifest.index != "embedded":
            cli.out.print(
                say("backup.vectors_not_restored"),
                style="yellow",
            )
