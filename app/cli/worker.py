"""`groundkb worker`: a process that carries out uploads and syncs, for servers that do not."""

import signal
import threading
import time
from typing import Annotated, Final

import structlog
import typer
from prometheus_client import start_http_server

from app.api.logs import configure_logging
from app.api.metrics import Metrics
from app.api.service import PASSING, RETRY_SECONDS
from app.cli.say import Cli
from app.errors import GroundkbError, WorkerNeedsServers
from app.runtime import Storage, open_storage
from app.settings import load_settings
from app.texts import FALLBACK, told

log = structlog.get_logger(__name__)
PURGE_SECONDS: Final = 3600.0


def add_worker(app: typer.Typer, cli: Cli) -> None:
    """Add the command."""
    say = cli.say

    @app.command(help=say("worker.worker"))
    def worker(
        schedule: Annotated[
            bool, typer.Option("--schedule/--no-schedule", help=say("worker.schedule"))
        ] = False,
        port: Annotated[
            int | None, typer.Option(min=1, max=65_535, help=say("worker.port"))
        ] = None,
        host: Annotated[str, typer.Option(help=say("worker.host"))] = "127.0.0.1",
    ) -> None:
        settings = load_settings(serve_jobs=True)
        if not (settings.qdrant_url and settings.database_url):
            raise WorkerNeedsServers
        configure_logging(settings)
        stopping = threading.Event()
        for sign in (signal.SIGINT, signal.SIGTERM):
            signal.signal(sign, lambda *_: stopping.set())
        metrics = Metrics()
        if port is not None:
            start_http_server(port, host, metrics.registry)
        storage = None
        while storage is None and not stopping.is_set():
            try:
                storage = open_storage(settings)
                storage.check_indexes()
            except PASSING as error:
                if storage is not None:
                    storage.close()
                    storage = None
                log.warning("waiting", code=error.code, reason=told(error, FALLBACK).message)
                stopping.wait(RETRY_SECONDS)
        if storage is None:
            return
        try:
            storage.worker.on_ended, storage.worker.on_event = metrics.job_ended, metrics.ingesting
            storage.worker.start(scheduling=schedule)
            cli.err.print(say("worker.works"))
            _purge_until(stopping, storage)
        finally:
            storage.close()


def _purge_until(stopping: threading.Event, storage: Storage) -> None:
    """Purge what was deleted long ago, now and every hour."""
    due = 0.0
    while not stopping.wait(1.0):
        if time.monotonic() < due:
            continue
        due = time.monotonic() + PURGE_SECONDS
        try:
            storage.purge()
        except GroundkbError as error:
            log.warning("not_purged", code=error.code, reason=str(error))
