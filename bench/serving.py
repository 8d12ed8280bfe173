"""Servers that a benchmark starts, each a process of its own that ends with the block."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Final

import httpx
import psutil

from app.cli.server_file import read_server_file
from app.runtime import open_storage
from app.settings import load_settings
from ingest.report import SyncRequest

SAMPLES: Final = Path(__file__).parents[1] / "samples"
GROUNDKB: Final = (str(Path(sys.executable).with_name("groundkb")),)
# Seconds within which one is up; loading the models takes the most of it, on a machine that does much else minutes.
UP_WITHIN: Final = 600.0


def free_port() -> int:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        port: int = held.getsockname()[1]
        return port


@contextlib.contextmanager
def process(
    command: Sequence[str],
    url: str,
    log: Path,
    env: Mapping[str, str] = MappingProxyType({}),
    up_within: float = UP_WITHIN,
) -> Iterator[psutil.Process]:
    """A server, with `env` beside this one's environment, that runs until the block ends; it is up when
    `url` answers 200."""
    with log.open("ab") as out:
        started = subprocess.Popen(command, stdout=out, stderr=out, env={**os.environ, **env})
        try:
            until = time.monotonic() + up_within
            while not _answers(url):
                if started.poll() is not None:
                    sys.exit(f"{command[:3]} ended:\n{log.read_text()[-3000:]}")
                if time.monotonic() > until:
                    sys.exit(f"{url} does not answer:\n{log.read_text()[-3000:]}")
                time.sleep(0.1)
            yield psutil.Process(started.pid)
        finally:
            started.send_signal(signal.SIGTERM)
            try:
                started.wait(20)
            except subprocess.TimeoutExpired:
                started.kill()


def _answers(url: str) -> bool:
    with contextlib.suppress(httpx.HTTPError):
        return httpx.get(url, timeout=5).status_code == httpx.codes.OK
    return False


@contextlib.contextmanager
def serving(
    folder: Path, env: Mapping[str, str] = MappingProxyType({}), up_within: float = UP_WITHIN
) -> Iterator[tuple[str, psutil.Process]]:
    """`groundkb serve` over the library in `folder`/data: its address and process."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    own = {
        "GROUNDKB_DATA": str(folder / "data"),
        "GROUNDKB_LOG_LEVEL": "warning",
        "GROUNDKB_PORT": str(port),
        **env,
    }
    log = folder / "server.log"
    with process([*GROUNDKB, "serve"], f"{url}/readyz", log, own, up_within) as server:
        yield url, server


@contextlib.contextmanager
def serving_filled(folder: Path, *roots: Path) -> Iterator[tuple[str, str]]:
    """The same over a library of these folders: its address, and the token by which one is its operator."""
    storage = open_storage(load_settings(data=folder / "data", log_level="error"))
    for root in roots:
        storage.sync(SyncRequest((str(root),), "default"), lambda _event: None)
    storage.close()
    with serving(folder) as (url, _):
        running = read_server_file(folder / "data")
        assert running is not None
        yield url, running.token
