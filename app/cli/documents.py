"""`groundkb documents`: list, add, read, tag and remove single documents."""

import asyncio
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer

from app.api.wire.documents import DocumentBody, TagsIn
from app.cli.arguments import checked
from app.cli.here import open_client
from app.cli.naming import find_document, known_kb
from app.cli.render import place, show_document, show_job
from app.cli.say import PARTLY, Cli
from app.library.library import DocumentRow, open_library
from ingest.uploads import OnConflict


def add_documents(app: typer.Typer, cli: Cli) -> None:
    """Add the command group."""
    say = cli.say
    group = typer.Typer(no_args_is_help=True, help=say("documents.group"))
    app.add_typer(group, name="documents")
    kb_help = say("common.kb")
    json_help = say("common.json")
    which = say("common.document")

    @group.command("list", help=say("documents.list"))
    def list_documents(
        kb: Annotated[str | None, typer.Option(help=kb_help)] = None,
        as_json: Annotated[bool, typer.Option("--json", help=json_help)] = False,
    ) -> None:
        cli.as_json = as_json
        with closing(open_library(cli.settings)) as library:
            rows = library.documents(known_kb(library, kb, cli.settings))
        if as_json:
            bodies = [DocumentBody.of(row, cli.language).model_dump(mode="json") for row in rows]
            cli.print_value(bodies)
            return
        for row in rows:
            tags = "".join(f" #{tag}" for tag in row.tags)
            notes = sum(note.count for note in row.notes)
            left_out = f"  ({say('documents.left_out', count=notes)})" if notes else ""
            shown = f"{row.id}  {row.status:6}  {row.chunks:5}  {place(row.source)}{tags}{left_out}"
            cli.out.print(shown)

    @group.command(help=say("documents.add"))
    def add(
        paths: Annotated[list[Path], typer.Argument(help=say("documents.files"))],
        kb: Annotated[str | None, typer.Option(help=kb_help)] = None,
        on_conflict: Annotated[
            OnConflict, typer.Option(help=say("documents.on_conflict"))
        ] = "refuse",
        as_json: Annotated[bool, typer.Option("--json", help=json_help)] = False,
    ) -> None:
        cli.as_json = as_json

        async def run() -> int:
            async with open_client(cli.settings, cli.language) as client:
                jobs = await client.upload(kb or cli.settings.kb, paths, on_conflict)
            if as_json:
                values = [job.model_dump(mode="json") for job in jobs]
                cli.print_value(values)
            else:
                for job in jobs:
                    show_job(cli, job)
            return 0 if all(job.status == "done" for job in jobs) else PARTLY

        raise typer.Exit(asyncio.run(run()))

    @group.command(help=say("documents.show"))
    def show(
        document: Annotated[str, typer.Argument(help=which)],
        kb: Annotated[str | None, typer.Option(help=kb_help)] = None,
        as_json: Annotated[bool, typer.Option("--json", help=json_help)] = False,
    ) -> None:
        cli.as_json = as_json
        (row,) = _found(cli, kb, [document])
        body = DocumentBody.of(row, cli.language)
        if as_json:
            cli.print_json(body.model_dump_json(indent=2))
        else:
            show_document(cli, body)

    @group.command(help=say("documents.text"))
    def text(
        document: Annotated[str, typer.Argument(help=which)],
        kb: Annotated[str | None, typer.Option(help=kb_help)] = None,
    ) -> None:
        with closing(open_library(cli.settings)) as library:
            name = known_kb(library, kb, cli.settings)
            stored = library.text(name, find_document(library, name, document).id)
        cli.print_json(stored)

    @group.command(help=say("documents.chunks"))
    def chunks(
        document: Annotated[str, typer.Argument(help=which)],
        kb: Annotated[str | None, typer.Option(help=kb_help)] = None,
    ) -> None:
        cli.as_json = True
        name, (row,) = kb or cli.settings.kb, _found(cli, kb, [document])

        async def run() -> None:
            async with open_client(cli.settings, cli.language) as client:
                found = await client.chunks(name, row.id)
            cli.print_json(found.model_dump_json(indent=2))

        asyncio.run(run())

    @group.command(help=say("documents.tag"))
    def tag(
        document: Annotated[str, typer.Argument(help=which)],
        tags: Annotated[list[str] | None, typer.Argument(help=say("documents.tags"))] = None,
        kb: Annotated[str | None, typer.Option(help=kb_help)] = None,
    ) -> None:
        wanted = checked(TagsIn, tags=tuple(tags or ()))
        name, (row,) = kb or cli.settings.kb, _found(cli, kb, [document])

        async def run() -> None:
            async with open_client(cli.settings, cli.language) as client:
                await client.set_tags(name, row.id, wanted.tags)

        asyncio.run(run())

    @group.command(help=say("documents.remove"))
    def remove(
        documents: Annotated[list[str], typer.Argument(help=which)],
        kb: Annotated[str | None, typer.Option(help=kb_help)] = None,
    ) -> None:
        name, rows = kb or cli.settings.kb, _found(cli, kb, documents)

        async def run() -> None:
            async with open_client(cli.settings, cli.language) as client:
                for row in rows:
                    await client.remove(name, row.id)
                    cli.out.print(say("documents.removed") + place(row.source))

        asyncio.run(run())


def _found(cli: Cli, kb: str | None, wanted: Sequence[str]) -> list[DocumentRow]:
    """Raises DocumentNotFound."""
    with closing(open_library(cli.settings)) as library:
        name = known_kb(library, kb, cli.settings)
        return [find_document(library, name, one) for one in wanted]
