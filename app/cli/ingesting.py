"""What the commands of `groundkb ingest` do."""

import asyncio
from collections.abc import Sequence
from contextlib import closing
from typing import Any

from app.api.routes.sync import last_report
from app.api.wire.syncs import FailedDocument, SyncIn, SyncReport
from app.cli.arguments import checked, roots_of
from app.cli.here import open_client
from app.cli.naming import find_document
from app.cli.render import place, show_failure, show_report, show_sync
from app.cli.say import Cli
from app.library.library import DocumentRow, RunRow, open_library


def run_sync(cli: Cli, paths: Sequence[str], **wanted: Any) -> int:
    """Sync, or retire, and show what was done; the exit code. `wanted`: as in SyncIn."""
    body = checked(SyncIn, roots=roots_of(paths), **wanted)

    async def run() -> int:
        async with open_client(cli.settings, cli.language) as client:
            events = client.sync(body)
            report = await (last_report(events) if cli.as_json else show_sync(cli, events))
        if cli.as_json:
            cli.print_json(report.model_dump_json(indent=2))
        else:
            show_report(cli, report)
        return report.exit_code

    return asyncio.run(run())


def remove_document(cli: Cli, kb: str, document: str) -> None:
    """Raises DocumentNotFound and DocumentAmbiguous."""
    with closing(open_library(cli.settings)) as library:
        row = find_document(library, kb, document)

    async def run() -> None:
        async with open_client(cli.settings, cli.language) as client:
            await client.remove(kb, row.id)

    asyncio.run(run())
    cli.out.print(cli.say("ingest.removed", source=place(row.source)))


def print_status(cli: Cli, kb: str) -> None:
    """The database takes several readers: no server needs to be asked, none to be stopped."""
    with closing(open_library(cli.settings)) as library:
        documents, runs = library.documents(kb), library.runs(kb, limit=1)
    if cli.as_json:
        cli.print_value(_status(kb, documents, runs, cli.language))
    else:
        _show_status(cli, kb, documents, runs)


def _status(
    kb: str, documents: list[DocumentRow], runs: list[RunRow], language: str
) -> dict[str, object]:
    """What is in a knowledge base, as JSON values."""
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
    """The same for a terminal."""
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
