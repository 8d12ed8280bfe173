"""`<data>/server.json`: where the server of this library can be reached, and the proof that one may.

It is readable by its owner alone; its token makes the reader the operator (see `app.api.auth`).
"""

import contextlib
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
    """`instance` is what /livez answers, so that another program on a reused port is told apart."""

    url: str
    pid: int
    instance: str
    token: str


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


async def find_server(data: Path) -> RunningServer | None:
    """The server that has this library open; None when there is none, or the file is stale."""
    server = read_server_file(data)
    if server is None:
        return None
    try:
        async with httpx.AsyncClient(trust_env=False, timeout=PROBE_SECONDS) as client:
            live = (await client.get(f"{server.url}/livez")).json()
    except (httpx.HTTPError, ValueError):
        return None
    return server if isinstance(live, dict) and live.get("instance") == server.instance else None
