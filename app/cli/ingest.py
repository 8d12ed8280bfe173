"""`groundkb ingest`: sync, status, remove."""

import asyncio
from contextlib import closing
from typing import Annotated

import typer

from app.api.routes.sync import last_report
from app.api.wire.syncs import FailedDocument, SyncIn, SyncReport
from app.cli.arguments import checked, roots_of
from app.cli.here import open_client
from app.cli.naming import find_document
from app.cli.render import place, show_failure, show_report, show_sync
from app.cli.say import Cli
from app.errors import Language
from app.library.library import DocumentRow, RunRow, open_library
from ingest.report import EngineName


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
        body = checked(
            SyncIn,
            roots=roots_of(paths),
            kb=kb,
            dry_run=dry_run,
            allow_mass_delete=allow_mass_delete,
            engine=engine,
        )

        async def run() -> int:
            async with open_client(cli.settings, cli.language) as client:
                events = client.sync(body)
                report = await (last_report(events) if as_json else show_sync(cli, events))
            if as_json:
                cli.print_json(report.model_dump_json(indent=2))
            else:
                show_report(cli, report)
            return report.exit_code

        raise typer.Exit(asyncio.run(run()))

    @group.command(help=say("ingest.status"))
    def status(
        kb: Annotated[str | None, typer.Option(help=kb_help)] = None,
        as_json: Annotated[bool, typer.Option("--json", help=json_help)] = False,
    ) -> None:
        cli.as_json = as_json
        name = kb or cli.settings.kb
        # The database takes several readers: no server needs to be asked, none to be stopped.
        with closing(open_library(cli.settings)) as library:
            documents, runs = library.documents(name), library.runs(name, limit=1)
        if as_json:
            cli.print_value(_status(name, documents, runs, cli.language))
        else:
            _show_status(cli, name, documents, runs)

    @group.command(help=say("ingest.remove"))
    def remove(
        document: Annotated[str, typer.Argument(help=say("common.document"))],
        kb: Annotated[str | None, typer.Option(help=kb_help)] = None,
    ) -> None:
        name = kb or cli.settings.kb
        with closing(open_library(cli.settings)) as library:
            row = find_document(library, name, document)

        async def run() -> None:
            async with open_client(cli.settings, cli.language) as client:
                await client.remove(name, row.id)

        asyncio.run(run())
        cli.out.print(say("ingest.removed", source=place(row.source)))


def _status(
    kb: str, documents: list[DocumentRow], runs: list[RunRow], language: Language
) -> dict[str, object]:
    report = SyncReport.of_kept(runs[0].report, language) if runs else None
    return {
        "kb": kb,
        "documents": len(documents),
        "chunks": sum(row.chunks for row in documents),
        "bytes": sum(row.size for row in documents),
        "ready": sum(row.status == "ready" for row in documents),
        "stale": sum(row.status == "stale" for row in documents),
        "failed": [
            {
                "id": row.id,
                "source": row.source,
                "status": row.status,
                "failure": failed.model_dump(),
            }
            for row in documents
            if (failed := FailedDocument.of_kept(row.failure, language))
        ],
        "last_sync": None
        if not runs
        else {
            "roots": list(runs[0].roots),
            "started_at": runs[0].started_at.isoformat(),
            "finished_at": runs[0].finished_at and runs[0].finished_at.isoformat(),
            "report": report and report.model_dump(mode="json"),
        },
    }


def _show_status(cli: Cli, kb: str, documents: list[DocumentRow], runs: list[RunRow]) -> None:
    say = cli.say
    chunks = sum(row.chunks for row in documents)
    cli.out.print(
        say("ingest.holds", kb=kb, count=len(documents), chunks=chunks),
        style="bold",
    )
    if runs:
        run = runs[0]
        when = run.started_at.astimezone().strftime("%Y-%m-%d %H:%M:%S")
        end = "" if run.finished_at else say("ingest.unended")
        cli.out.print(say("ingest.last_sync", when=when, end=end))
    for row in documents:
        if failed := FailedDocument.of_kept(row.failure, cli.language):
            show_failure(cli, failed.code, failed.message, failed.hint)
