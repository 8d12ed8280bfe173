"""`groundkb ingest`: sync, status, remove."""

import asyncio
from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer

from app.api.routes.sync import last_report
from app.api.wire.syncs import FailedDocument, SyncIn, SyncReport
from app.cli.arguments import checked, roots_of
from app.cli.backend import open_keeping
from app.cli.render import place, show_failure, show_report, show_sync
from app.cli.say import Cli
from app.errors import DocumentNotFound, Language
from app.library.library import DocumentRow, Library, RunRow, open_library
from ingest.report import EngineName


def add_keeping(app: typer.Typer, cli: Cli) -> None:
    """Add the command group."""
    say = cli.say
    group = typer.Typer(no_args_is_help=True, help=say("Take documents in.", "导入文档。"))
    app.add_typer(group, name="ingest")
    kb_help = say("Knowledge base.", "知识库名称。")
    json_help = say("Print one JSON value.", "输出一个 JSON 值。")

    @group.command(
        help=say(
            "Make the index equal these folders and files. Exit code 3: some documents failed.",
            "让索引与这些文件夹和文件一致。退出码 3：部分文档失败。",
        )
    )
    def sync(
        paths: Annotated[
            list[str],
            typer.Argument(
                help=say("Folders, files, URLs or sitemaps.", "文件夹、文件、网址或站点地图。")
            ),
        ],
        kb: Annotated[str | None, typer.Option(help=kb_help)] = None,
        dry_run: Annotated[
            bool,
            typer.Option(
                "--dry-run", help=say("Only say what would be done.", "只显示将要执行的操作。")
            ),
        ] = False,
        allow_mass_delete: Annotated[
            bool,
            typer.Option(
                "--allow-mass-delete",
                help=say(
                    "Go on even if a root lost many or all of its documents.",
                    "即使来源中大量文档消失也继续。",
                ),
            ),
        ] = False,
        engine: Annotated[
            EngineName | None,
            typer.Option(
                help=say(
                    "Parse and embed in this process, or on a Ray cluster (GROUNDKB_RAY_ADDRESS).",
                    "在本进程中，或在 Ray 集群上（GROUNDKB_RAY_ADDRESS）解析和向量化。",
                ),
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
            async with open_keeping(cli.settings, cli.language) as library:
                events = library.sync(body)
                report = await (last_report(events) if as_json else show_sync(cli, events))
            if as_json:
                cli.print_json(report.model_dump_json(indent=2))
            else:
                show_report(cli, report)
            return report.exit_code

        raise typer.Exit(asyncio.run(run()))

    @group.command(
        help=say("What is in the library, and what failed.", "查看资料库内容与失败的文档。")
    )
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

    @group.command(
        help=say(
            "Remove a document from the library; a file that is still in its folder comes back with the next sync.",
            "从资料库移除一个文档；若文件仍在原文件夹中，下次同步会重新导入。",
        )
    )
    def remove(
        document: Annotated[
            str, typer.Argument(help=say("Its path, source or id.", "路径、来源或文档 ID。"))
        ],
        kb: Annotated[str | None, typer.Option(help=kb_help)] = None,
    ) -> None:
        name = kb or cli.settings.kb
        with closing(open_library(cli.settings)) as library:
            row = find_document(library, name, document)

        async def run() -> None:
            async with open_keeping(cli.settings, cli.language) as keeping:
                await keeping.remove(name, row.id)

        asyncio.run(run())
        cli.out.print(say(f"Removed: {place(row.source)}", f"已移除：{place(row.source)}"))


def find_document(library: Library, kb: str, wanted: str) -> DocumentRow:
    """By id, source, or path. Raises DocumentNotFound."""
    names = {wanted, Path(wanted).expanduser().absolute().as_uri()}
    for row in library.documents(kb):
        if row.id == wanted or row.source in names:
            return row
    raise DocumentNotFound(document=wanted)


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
        say(
            f"{kb}: {len(documents)} documents, {chunks} chunks",
            f"{kb}：{len(documents)} 个文档，{chunks} 个片段",
        ),
        style="bold",
    )
    if runs:
        run = runs[0]
        when = run.started_at.astimezone().strftime("%Y-%m-%d %H:%M:%S")
        end = (
            "" if run.finished_at else say(" (running, or it was killed)", "（正在运行，或被中断）")
        )
        cli.out.print(say(f"Last sync: {when}{end}", f"上次同步：{when}{end}"))
    for row in documents:
        if failed := FailedDocument.of_kept(row.failure, cli.language):
            show_failure(cli, failed.code, failed.message, failed.hint)
