"""`groundkb index`: where the index is kept."""

from contextlib import ExitStack
from typing import Annotated

import typer

from app.cli.say import Cli
from app.errors import IndexMoveUnset
from app.index.factory import INDEX_FOLDER, open_vector_store
from app.index.sparse import SparseEncoder
from app.library.library import open_library
from app.library.locks import locks_of
from ingest.index_move import move_index


def add_index(app: typer.Typer, cli: Cli) -> None:
    """Add the command group."""
    say = cli.say
    group = typer.Typer(no_args_is_help=True, help=say("index.group"))
    app.add_typer(group, name="index")

    @group.callback()
    def options() -> None:
        pass  # keeps `move` a command of the group, of which there may be more

    @group.command(help=say("index.move"))
    def move(
        as_json: Annotated[bool, typer.Option("--json", help=say("common.json"))] = False,
    ) -> None:
        cli.as_json = as_json
        settings = cli.settings
        folder = settings.data / INDEX_FOLDER
        if settings.qdrant_url is None:
            raise IndexMoveUnset
        if not folder.exists():
            cli.out.print(say("index.nothing", folder=folder))
            return
        with ExitStack() as opened:
            library = open_library(settings)
            opened.callback(library.close)
            embedded = settings.model_copy(update={"qdrant_url": None})
            source = open_vector_store(embedded, library)
            opened.callback(source.close)
            target = open_vector_store(settings, library)
            opened.callback(target.close)
            target.probe()

            def told(kb: str, done: int, of: int) -> None:
                if done % 100 == 0 or done == of:
                    cli.err.print(say("index.moving", kb=kb, done=done, of=of))

            moved = move_index(
                library,
                locks_of(library.engine, settings.data),
                source,
                target,
                SparseEncoder(settings.models / "jieba"),
                told,
            )
        if as_json:
            cli.print_value({"passages": moved.passages, "copied": moved.copied})
            return
        total = sum(moved.passages.values())
        cli.out.print(say("index.moved", passages=total, url=settings.qdrant_url, folder=folder))
