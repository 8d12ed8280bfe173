"""Two servers and two workers over one PostgreSQL and one imitated Qdrant server, as processes that can be
killed and begun again."""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, Protocol

import httpx

from tests.cli.conftest import GROUNDKB, base_environment, free_port
from tests.index.qdrant_double import QdrantDouble, serving

# Longer than anything here takes, on a machine that does much else.
PATIENCE: Final = 600
SERVERS: Final = ("api-0", "api-1")
WORKERS: Final = ("worker-0", "worker-1")


def waited(for_what: Callable[[], Any], what: str) -> Any:
    """What it gives once that is true."""
    deadline = time.monotonic() + PATIENCE
    while not (found := for_what()):
        assert time.monotonic() < deadline, what
        time.sleep(0.1)
    return found


class Started(Protocol):
    """A process that was begun: what of `subprocess.Popen` is asked of it."""

    def poll(self) -> int | None: ...
    def send_signal(self, sig: int, /) -> None: ...
    def kill(self) -> None: ...
    def wait(self, timeout: float | None = None) -> int: ...


# Of `groundkb`: its arguments, its environment, and where it writes to.
Begin = Callable[[Sequence[str], Mapping[str, str], Path], Started]


def begin(arguments: Sequence[str], environment: Mapping[str, str], log: Path) -> Started:
    with log.open("ab") as out:
        return subprocess.Popen(
            [*GROUNDKB, *arguments], env=environment, stdout=out, stderr=subprocess.STDOUT
        )


@dataclass
class Replicas:
    """`api` are addresses; `process` has all by name: api-0, api-1, worker-0, worker-1. With a `bucket` each
    has a folder of its own."""

    api: list[httpx.Client]
    logs: Path
    double: QdrantDouble
    environment: dict[str, str]
    ports: dict[str, int]
    bucket: str | None = None
    process: dict[str, Started] = field(default_factory=dict)
    begin: Begin = begin

    def start(self, name: str) -> None:
        """Begin it, again if it was killed; it is not ready yet."""
        command = ["serve" if name in SERVERS else "worker", "--port", str(self.ports[name])]
        own = {"GROUNDKB_DATA": str(self.logs / name)} if self.bucket else {}
        log = self.logs / f"{name}.log"
        self.process[name] = self.begin(command, self.environment | own, log)

    def is_ready(self, name: str) -> bool:
        assert self.process[name].poll() is None, (self.logs / f"{name}.log").read_text()
        with contextlib.suppress(httpx.TransportError):
            address = f"http://127.0.0.1:{self.ports[name]}/readyz"
            return httpx.get(address, timeout=60).status_code == 200
        return False

    def kill(self, name: str) -> None:
        self.process[name].send_signal(signal.SIGKILL)
        self.process[name].wait(10)

    def jobs(self, at: int) -> list[dict[str, Any]]:
        return list(self.api[at].get("/jobs?limit=1000").raise_for_status().json()["jobs"])

    def upload(self, at: int, name: str, text: str, on_conflict: str = "refuse") -> str:
        files = [("files", (name, text.encode(), "text/plain"))]
        path = f"/documents?on_conflict={on_conflict}"
        answer = self.api[at].post(path, files=files).raise_for_status()
        return str(answer.json()["jobs"][0]["job_id"])

    def status(self, at: int, job: str) -> str:
        return str(self.api[at].get(f"/jobs/{job}").raise_for_status().json()["status"])


@contextlib.contextmanager
def running(
    database_url: str,
    folder: Path,
    models_dir: Path,
    bucket: str | None = None,
    more: Mapping[str, str] = MappingProxyType({}),
    begun: Begin = begin,
) -> Iterator[Replicas]:
    """All four, ready; none is left at the end. `bucket`: where they keep files, instead of one folder;
    `more`: settings of theirs; `begun`: how each is."""
    double = QdrantDouble()
    with ExitStack() as stack:
        environment = {
            **os.environ,
            **base_environment(folder / "data", models_dir),
            "GROUNDKB_QDRANT_URL": stack.enter_context(serving(double)),
            "GROUNDKB_DATABASE_URL": database_url,
            "GROUNDKB_SERVE_JOBS": "false",
            "GROUNDKB_CHAT": "none",
            **({"GROUNDKB_ORIGINALS_URL": bucket} if bucket else {}),
            **more,
        }
        ports = {name: free_port() for name in (*SERVERS, *WORKERS)}
        clients = [
            stack.enter_context(
                httpx.Client(base_url=f"http://127.0.0.1:{ports[name]}", timeout=120)
            )
            for name in SERVERS
        ]
        replicas = Replicas(clients, folder, double, environment, ports, bucket, begin=begun)

        def end() -> None:
            for each in replicas.process.values():
                each.kill()
                each.wait(10)

        stack.callback(end)
        for name in ports:
            replicas.start(name)
        for name in ports:
            waited(partial(replicas.is_ready, name), f"{name} is not ready")
        yield replicas


def text_of(number: int) -> str:
    return f"The door code of room {400 + number} is {73100 + number}. It was changed in May.\n"


def asked(client: httpx.Client, number: int, **more: Any) -> dict[str, Any]:
    question = {"question": f"What is the door code of room {400 + number}?", **more}
    return dict(client.post("/ask", json=question).raise_for_status().json())
