"""What the commands of `groundkb ingest` do."""

import asyncio
import contextlib
import signal
from collections.abc import AsyncIterator, Sequence
from contextlib import closing
from typing import Any

from app.api.routes.sync import last_report
from app.api.wire.syncs import FailedDocument, SyncEvent, SyncIn, SyncJob, SyncReport
from app.cli.arguments import checked, roots_of
from app.cli.client import Client
from app.cli.here import open_client
from app.cli.naming import find_document, known_kb
from app.cli.render import place, show_failure, show_report, show_sync
from app.cli.say import Cli
from app.library.jobs import FINISHED
from app.library.library import DocumentRow, RunRow, open_library


def run_sync(cli: Cli, paths: Sequence[str], **wanted: Any) -> int:
    """Sync, or retire, and show what was done; the exit code. `wanted`: as in SyncIn.

    Ctrl-C cancels it, waits for its report, which says what was kept, and raises KeyboardInterrupt;
    a second one does not wait.
    """
    body = checked(SyncIn, roots=roots_of(paths), **wanted)

    async def run() -> SyncReport:
        async with open_client(cli.settings, cli.language) as client:
            events = interrupt.watched(client, client.sync(body))
            report = await (last_report(events) if cli.as_json else show_sync(cli, events))
        if cli.as_json:
            cli.print_json(report.model_dump_json(indent=2))
        else:
            show_report(cli, report)
        return report

    interrupt = _Interrupt(cli)
    try:
        report = asyncio.run(run())
    except asyncio.CancelledError:
        raise KeyboardInterrupt from None
    if interrupt.asked and report.stopped:
        raise KeyboardInterrupt
    return report.exit_code


class _Interrupt:
    """What Ctrl-C does while a sync is shown."""

    def __init__(self, cli: Cli) -> None:
        self._cli = cli
        self.asked = False

    async def watched(
        self, client: Client, events: AsyncIterator[SyncEvent]
    ) -> AsyncIterator[SyncEvent]:
        """The same events. Until its job is known Ctrl-C does what it always does."""
        loop, task = asyncio.get_running_loop(), asyncio.current_task()
        say = self._cli.say
        cancelling: set[asyncio.Task[None]] = set()

        async def cancel(job_id: str) -> None:
            job = await client.cancel(job_id)
            if job.status in FINISHED and job.started_at is None and task is not None:
                self._cli.err.print(say("ingest.not_begun"))
                task.cancel()

        def on_signal(job_id: str) -> None:
            if self.asked:
                self._cli.err.print(say("ingest.goes_on", job=job_id))
                if task is not None:
                    task.cancel()
                return
            self.asked = True
            self._cli.err.print(say("ingest.stopping"))
            cancelling.add(loop.create_task(cancel(job_id)))

        try:
            async for event in events:
                if isinstance(event, SyncJob):
                    # Windows has no such handler: there Ctrl-C does what it always does.
                    with contextlib.suppress(NotImplementedError):
                        loop.add_signal_handler(signal.SIGINT, on_signal, event.job_id)
                yield event
            await asyncio.gather(*cancelling)
        finally:
            with contextlib.suppress(NotImplementedError):
                loop.remove_signal_handler(signal.SIGINT)


def remove_document(cli: Cli, kb: str, document: str) -> None:
    """Raises DocumentNotFound and DocumentAmbiguous."""
    with closing(open_library(cli.settings)) as library:
        known_kb(library, kb, cli.settings)
        row = find_document(library, kb, document)

    async def run() -> None:
        async with open_client(cli.settings, cli.language) as client:
            await client.remove(kb, row.id)

    asyncio.run(run())
    cli.out.print(cli.say("ingest.removed", source=place(row.source)))


def print_status(cli: Cli, kb: str) -> None:
    """The database takes several readers: no server needs to be asked, none to be stopped."""
    with closing(open_library(cli.settings)) as library:
        known_kb(library, kb, cli.settings)
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
