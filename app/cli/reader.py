"""`groundkb reader`: a process that reads for servers at other machines."""

from typing import Annotated

import typer
import uvicorn

from app.api.logs import configure_logging
from app.api.middleware.hosts import is_loopback
from app.api.reader_service import create_reader_app
from app.cli.listening import listen
from app.cli.say import Cli
from app.models.device import choose_device
from app.models.e5_reader import build_e5_reader


def add_reader(app: typer.Typer, cli: Cli) -> None:
    """Add the command."""
    say = cli.say

    @app.command(help=say("reader.reader"))
    def reader(
        port: Annotated[int, typer.Option(min=0, max=65_535, help=say("reader.port"))] = 8_090,
        host: Annotated[str, typer.Option(help=say("reader.host"))] = "127.0.0.1",
    ) -> None:
        settings = cli.settings
        configure_logging(settings)
        with listen(host, port) as listening:
            found = build_e5_reader(settings)
            key = settings.reader_api_key.get_secret_value() if settings.reader_api_key else None
            if key is None and not is_loopback(host):
                cli.err.print(say("reader.open_to_everyone"), style="yellow")
            where = f"{host}:{listening.getsockname()[1]}"
            device = choose_device(settings.device)
            cli.err.print(say("reader.works", name=found.name, device=device, where=where))
            config = uvicorn.Config(
                create_reader_app(found, key),
                log_config=None,
                access_log=False,
                server_header=False,
                timeout_graceful_shutdown=5,
            )
            uvicorn.Server(config).run(sockets=[listening])
