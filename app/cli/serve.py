"""`groundkb serve`: one process that answers over HTTP until it is told to stop."""

import asyncio
import contextlib
import gc
import os
import secrets
import signal
import sys
from types import FrameType
from typing import Annotated, Final

import structlog
import typer
import uvicorn
from fastapi import FastAPI

from app import texts
from app.api.app import create_app
from app.api.logs import configure_logging
from app.api.middleware.hosts import is_loopback
from app.api.protocol import bounded
from app.api.routes.sign_in import LINK_LASTS, sign_in_link
from app.api.routes.sync import job_events
from app.api.service import Service
from app.cli.arguments import roots_of
from app.cli.listening import AT_ONCE, listen
from app.cli.render import show_report, show_sync
from app.cli.say import Cli
from app.cli.server_file import (
    RunningServer,
    find_server,
    remove_server_file,
    write_server_file,
)
from app.errors import GroundkbError, IndexInUse, Phrase
from app.models.chat import Message
from app.runtime import Runtime
from app.settings import Settings, load_settings
from ingest.report import SyncRequest

log = structlog.get_logger(__name__)
# How long a thread may hold Python's lock when another wants it. Answers compute in threads, and the loop that takes
# requests lets go of the lock at each read and write: with Python's own 5 ms fifty connections beside three
# such threads took 160 to 540 ms, with this 50 to 180.
SWITCH_SECONDS: Final = 0.0005
GRACE_SECONDS: Final = 2  # for answers that are under way when the server is stopped


def add_serve(app: typer.Typer, cli: Cli) -> None:
    """Add the command."""
    say = cli.say

    @app.command(help=say("serve.serve"))
    def serve(
        host: Annotated[str | None, typer.Option(help=say("serve.host"))] = None,
        port: Annotated[
            int | None,
            typer.Option(min=0, max=65535, help=say("serve.port")),
        ] = None,
        sync: Annotated[
            list[str] | None,
            typer.Option(help=say("serve.sync")),
        ] = None,
    ) -> None:
        given = {"host": host, "port": port}
        wanted = {name: value for name, value in given.items() if value is not None}
        settings = load_settings(**wanted) if wanted else cli.settings
        configure_logging(settings)
        sys.setswitchinterval(SWITCH_SECONDS)
        # uvicorn handles both while it serves, and sends itself the signal again once it has
        # stopped; what is left to do comes after that.
        for stop in (signal.SIGINT, signal.SIGTERM):
            signal.signal(stop, signal.SIG_IGN)
        # Closing the loop would wait for its threads. A sync's may be cut off anywhere.
        asyncio.new_event_loop().run_until_complete(_serve(cli, settings, roots_of(sync or [])))
        cli.err.print(say("serve.stopped"))


class _Server(uvicorn.Server):
    """Tells the service at once that it is to stop: uvicorn itself waits for answers to end."""

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        super().handle_exit(sig, frame)
        service: Service = self.config.app.state.service  # type: ignore[union-attr]
        service.stopping.set()


async def _serve(cli: Cli, settings: Settings, roots: tuple[str, ...]) -> None:
    other = None
    if settings.qdrant_url is None:
        other = await find_server(settings.data, settings.host)
    # A command's end is waited for while the library is opened.
    if other is not None and not other.command:
        raise IndexInUse(
            path=settings.data, owner=Phrase("server_at", url=other.url, pid=other.pid)
        )
    with listen(settings.host, settings.port) as listening:
        token = secrets.token_urlsafe(32)
        app = create_app(settings, operator_token=token)
        config = uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,  # `TrustedProxies` reads them
            http=bounded(settings),
            backlog=AT_ONCE,
            timeout_graceful_shutdown=GRACE_SECONDS,
        )
        server = _Server(config)
        service: Service = app.state.service
        url = _url(settings.host, listening.getsockname()[1])
        cli.err.print(cli.say("serve.starting", url=url))
        announcing = asyncio.create_task(_announce(cli, app, server, url, token, roots))
        try:
            await server.serve(sockets=[listening])
        finally:
            announcing.cancel()
            await asyncio.gather(announcing, return_exceptions=True)
            remove_server_file(settings.data, service.instance)
        if service.opening.error is not None:
            raise service.opening.error


async def _announce(
    cli: Cli, app: FastAPI, server: uvicorn.Server, url: str, token: str, roots: tuple[str, ...]
) -> None:
    """Once the library is open, say so and leave the server file; if it cannot be, stop the server."""
    service: Service = app.state.service
    await service.opening.decided.wait()
    if service.opening.error is not None:
        server.should_exit = True
        return
    set_aside()
    write_server_file(
        service.settings.data, RunningServer(url, os.getpid(), service.instance, token)
    )
    runtime, say = service.runtime, cli.say
    if roots:
        try:
            wanted = SyncRequest(roots, service.settings.kb)
            show_report(
                cli, await show_sync(cli, job_events(runtime.storage, wanted, cli.language))
            )
        except GroundkbError as error:
            # What is in the library can be asked all the same.
            cli.show_error(error)
    await _warm(runtime)
    reason = texts.say(runtime.chat_reason, cli.language)
    cli.out.print(f"\ngroundkb  {url}{service.settings.root_path}", style="bold")
    cli.out.print(say("serve.chat_model") + f"{runtime.chat_name} — {reason}")
    cli.out.print(say("serve.try"))
    key = " -H 'Authorization: Bearer <key>'" if service.settings.asks_who else ""
    question = say("serve.example")
    cli.out.print(
        f"  curl -s {url}/ask -H 'Content-Type: application/json'{key} "
        f'-d \'{{"question": "{question}"}}\''
    )
    if service.settings.accounts:
        secret = await asyncio.to_thread(runtime.library.sessions.first_admin, LINK_LASTS)
        if secret is not None:
            cli.out.print(say("serve.first_admin"))
            cli.out.print(f"  {sign_in_link(f'{url}{service.settings.root_path}', secret)}")
    cli.out.print(say("serve.ctrl_c"), style="dim")
    if not is_loopback(service.settings.host) and not service.settings.asks_who:
        cli.err.print(
            say("serve.open_to_everyone"),
            style="yellow",
        )


def set_aside() -> None:
    """Have the search for what nobody needs any more pass over all that is there now, which stays: some
    750,000 objects, mostly of torch and the models' libraries, which took 0.3 to 1.1 s each time, in which
    the loop that takes requests stood still."""
    gc.collect()
    gc.freeze()
    log.info("set_aside", objects=gc.get_freeze_count())


async def _warm(runtime: Runtime) -> None:
    """Have an embedded chat model read its weights now, not at the first question."""
    if runtime.chat is None:
        return
    # What is wrong with it, if anything, /readyz and the first answer tell.
    with contextlib.suppress(GroundkbError):
        await runtime.chat.count_tokens([Message("user", "?")])


def _url(host: str, port: int) -> str:
    """How this machine reaches what listens on `host`."""
    own = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}.get(host, host)  # noqa: S104
    return f"http://[{own}]:{port}" if ":" in own else f"http://{own}:{port}"
