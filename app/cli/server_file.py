"""`<data>/server.json`: where the library can be reached that a process has open, and the proof that one may.

It is readable by its owner alone; its token makes the reader the operator (see `app.api.auth`).
"""

import contextlib
import ipaddress
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import httpx

from app.library.private import private_folder

NAME: Final = "server.json"
PROBE_SECONDS: Final = 5.0  # a server that is answering on two cores may be slow to say so


@dataclass(frozen=True)
class RunningServer:
    """`instance` is what /livez answers, so that another program on a reused port is told apart.
    `command`: it is no server, but a command that will end (see `app.cli.here`)."""

    url: str
    pid: int
    instance: str
    token: str
    command: bool = False


def write_server_file(data: Path, server: RunningServer) -> None:
    """Atomically, with mode 0600."""
    private_folder(data)
    draft = data / f"{NAME}.{server.pid}"
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(asdict(server), file)
    draft.replace(data / NAME)


def read_server_file(data: Path) -> RunningServer | None:
    """None when there is none, or none that can be read."""
    try:
        return RunningServer(**json.loads((data / NAME).read_text()))
    except (OSError, ValueError, TypeError):
        return None


def remove_server_file(data: Path, instance: str) -> None:
    """Remove the file if it is still about `instance`."""
    server = read_server_file(data)
    if server is not None and server.instance == instance:
        with contextlib.suppress(OSError):
            (data / NAME).unlink()


def _allowed(url: str, host: str) -> bool:
    """Whether an address is a loopback one, so that what is said to it stays here, or at `host`."""
    try:
        at = httpx.URL(url).host
    except httpx.InvalidURL:
        return False
    if at in ("localhost", host):
        return bool(at)
    try:
        return ipaddress.ip_address(at).is_loopback
    except ValueError:
        return False


async def find_server(data: Path, host: str = "") -> RunningServer | None:
    """The server that has this library open; None when there is none, or the file is stale.

    It must be at a loopback address, or at `host`, which the settings name: questions and the operator's
    token would else go wherever a file in the library's folder says.
    """
    server = read_server_file(data)
    if server is None or not _allowed(server.url, host):
        return None
    try:
        async with httpx.AsyncClient(trust_env=False, timeout=PROBE_SECONDS) as client:
            live = (await client.get(f"{server.url}/livez")).json()
    except (httpx.HTTPError, ValueError):
        return None
    return server if isinstance(live, dict) and live.get("instance") == server.instance else None
