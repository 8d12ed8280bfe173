"""`groundkb backup` and `groundkb restore`."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer
from pydantic_core import to_json

from app.cli.say import Cli
from app.cli.upkeep import open_upkeep
from app.library.archive import restore_archive
from ingest.backup import BackupReport


def add_backup(app: typer.Typer, cli: Cli) -> None:
    """Add both commands."""
    say = cli.say
    json_help = say("Print one JSON value.", "输出一个 JSON 值。")

    @app.command(
        help=say(
            "Write documents, database and index into one file, also while the server runs. It holds everything in the library: keep it as safe as the library.",
            "把文档、数据库与索引写入一个文件，服务运行时也可执行。该文件包含资料库的全部内容，请同样妥善保管。",
        )
    )
    def backup(
        target: Annotated[
            Path,
            typer.Argument(
                help=say(
                    "File (.tar, .tar.gz), or a folder for a file named by the time.",
                    "文件（.tar、.tar.gz），或文件夹（以时间命名文件）。",
                )
            ),
        ],
        as_json: Annotated[bool, typer.Option("--json", help=json_help)] = False,
    ) -> None:
        cli.as_json = as_json
        settings = cli.settings

        async def run() -> BackupReport:
            async with open_upkeep(settings, cli.language) as upkeep:
                return await upkeep.backup(target.expanduser().absolute())

        done = asyncio.run(run())
        if as_json:
            cli.print_json(to_json(done, indent=2).decode())
            return
        cli.out.print(
            say(
                f"{done.path}: {done.documents} documents, {done.bytes / 1e6:.1f} MB, {done.seconds:.1f} s",
                f"{done.path}：{done.documents} 个文档，{done.bytes / 1e6:.1f} MB，用时 {done.seconds:.1f} 秒",
            ),
            style="bold",
        )
        if not done.vectors:
            cli.out.print(
                say(
                    "The vectors are on the Qdrant server and not in this file: take the server's own snapshot, or run `groundkb reindex` after a restore.",
                    "向量保存在 Qdrant 服务上，不在此文件中：请使用该服务的快照功能，或在恢复后运行 `groundkb reindex`。",
                ),
                style="yellow",
            )

    @app.command(
        help=say(
            "Make an empty folder the library of a backup file. All is checked first; nothing is ever half restored.",
            "从备份文件恢复到一个空文件夹。先核对全部内容，绝不会只恢复一半。",
        )
    )
    def restore(
        archive: Annotated[Path, typer.Argument(help=say("The backup file.", "备份文件。"))],
        data: Annotated[
            Path | None,
            typer.Option(
                help=say("The folder; none: GROUNDKB_DATA.", "目标文件夹；省略则用 GROUNDKB_DATA。")
            ),
        ] = None,
        as_json: Annotated[bool, typer.Option("--json", help=json_help)] = False,
    ) -> None:
        cli.as_json = as_json
        target = (data or cli.settings.data).expanduser().absolute()
        manifest = restore_archive(archive.expanduser().absolute(), target)
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
            say(
                f"{target}: {documents} documents, as of {manifest.created}",
                f"{target}：{documents} 个文档，备份于 {manifest.created}",
            ),
            style="bold",
        )
        if manifest.index != "embedded":
            cli.out.print(
                say(
                    "The vectors are not in this file: restore the Qdrant server's snapshot, or run `groundkb reindex`.",
                    "此文件不含向量：请恢复 Qdrant 服务的快照，或运行 `groundkb reindex`。",
                ),
                style="yellow",
            )
