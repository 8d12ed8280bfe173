"""The application served by a command itself, for as long as it runs, where no server has the library open.

It listens on this machine alone, and whoever calls needs the token in the library's folder. So a
second command is handed over to the first as it would be to a server: while a nightly sync
runs, questions are answered, and a second sync waits for its turn.
"""

import asyncio
import contextlib
import os
import secrets
import socket
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Final

import uvicorn
from pydantic import SecretStr

from app.api.app import create_app
from app.api.service import Service
from app.cli.client import Client, connected
from app.cli.server_file import (
    RunningServer,
    find_server,
    remove_server_file,
    write_server_file,
)
from app.errors import IndexInUse
from app.runtime import Runtime, open_runtime
from app.settings import Settings
from app.texts import FALLBACK, text

# A server or command that has just taken the index writes its file within this time: it loads its
# models first, which takes a minute on a slow or busy machine.
HANDOVER_SECONDS: Final = 60.0
# For longer than this, nobody waits without being told.
PATIENCE_SECONDS: Final = 3.0


@asynccontextmanager
async def open_client(
    settings: Settings, language: str, *, any_model: bool = False
) -> AsyncIterator[Client]:
    """The API of this library: of the server that has it open, else of this process.

    `any_model`: open it here even if it is indexed with another embedding model than that of the
    settings, which a reindex is to change. Raises as `open_runtime` does, and ServerUnreachable.
    """
    async with (
        open_server(settings, any_model=any_model, language=language) as server,
        connected(server, language) as client,
    ):
        yield client


@asynccontextmanager
async def open_server(
    settings: Settings, *, any_model: bool = False, closed: bool = True, language: str = FALLBACK
) -> AsyncIterator[RunningServer]:
    """The server that has this library open, else one in this process for as long as it is wanted.

    `closed`: one in this process serves those alone who can read its token in the library's folder;
    else whom the settings let in. `language`: of what is said on standard error while another
    process is waited for. Raises as `open_runtime` does.
    """
    found = await _server_or_runtime(settings, any_model=any_model, language=language)
    if isinstance(found, RunningServer):
        yield found
        return
    try:
        async with _served(settings, found, closed=closed) as server:
            yield server
    finally:
        await found.close()


async def _server_or_runtime(
    settings: Settings, *, any_model: bool, language: str
) -> RunningServer | Runtime:
    started, told = time.monotonic(), False
    while True:
        server = await find_server(settings.data, settings.host)
        if server is not None:
            return server
        try:
            return await open_runtime(settings, any_model=any_model, chat_may_fail=True)
        except IndexInUse:
            waited = time.monotonic() - started
            if waited > HANDOVER_SECONDS:
                raise
            if waited > PATIENCE_SECONDS and not told:
                print(text("main.waiting", language), file=sys.stderr, flush=True)
                told = True
            await asyncio.sleep(0.3)


@asynccontextmanager
async def _served(
    settings: Settings, runtime: Runtime, *, closed: bool
) -> AsyncIterator[RunningServer]:
    """Serve `runtime` on a free port. At the end, what others were handed over is done first."""
    token = secrets.token_urlsafe(32)
    changes: dict[str, object] = {"root_path": "", "schedule": False}
    if closed:
        # Not open to the machine's other users, whatever the settings of a server would allow.
        changes |= {"api_keys": (SecretStr(token),), "accounts": False}
    app = create_app(settings.model_copy(update=changes), runtime, operator_token=token)
    service: Service = app.state.service
    with socket.create_server(("127.0.0.1", 0)) as listening:
        config = uvicorn.Config(app, log_config=None, access_log=False, server_header=False)
        uvicorn_server = _Quiet(config)
        serving = asyncio.create_task(uvicorn_server.serve(sockets=[listening]))
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        server = RunningServer(url, os.getpid(), service.instance, token, command=True)
        try:
            while not uvicorn_server.started and not serving.done():
                await asyncio.sleep(0.01)
            write_server_file(settings.data, server)
            yield server
        finally:
            remove_server_file(settings.data, service.instance)
            uvicorn_server.should_exit = True
            await serving


class _Quiet(uvicorn.Server):
    """Ctrl-C is the command's to handle."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield
