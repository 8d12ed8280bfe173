"""Two servers and two workers over one PostgreSQL and one index: each does what another was asked,
and one that is killed costs nothing."""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.cli.conftest import GROUNDKB, base_environment, free_port
from tests.index.qdrant_double import QdrantDouble, serving
from tests.library.postgres import PostgresServer, postgres  # noqa: F401

# Longer than anything here takes, on a machine that does much else.
PATIENCE = 600
DOCUMENTS = 12
pytestmark = [pytest.mark.weights, pytest.mark.timeout(1800)]


def waited(for_what: Callable[[], Any], what: str) -> Any:
    """What it gives once that is true."""
    deadline = time.monotonic() + PATIENCE
    while not (found := for_what()):
        assert time.monotonic() < deadline, what
        time.sleep(0.1)
    return found


@dataclass
class Replicas:
    """`api` are addresses; `process` has all by name: api-0, api-1, worker-0, worker-1."""

    api: list[httpx.Client]
    process: dict[str, subprocess.Popen[bytes]]
    logs: Path
    double: QdrantDouble

    def kill(self, name: str) -> None:
        self.process[name].send_signal(signal.SIGKILL)
        self.process[name].wait(10)

    def jobs(self, at: int) -> list[dict[str, Any]]:
        return list(self.api[at].get("/jobs?limit=100").raise_for_status().json()["jobs"])

    def upload(self, at: int, name: str, text: str) -> str:
        files = [("files", (name, text.encode(), "text/plain"))]
        answer = self.api[at].post("/documents", files=files).raise_for_status()
        return str(answer.json()["jobs"][0]["job_id"])

    def status(self, at: int, job: str) -> str:
        return str(self.api[at].get(f"/jobs/{job}").raise_for_status().json()["status"])


@pytest.fixture
def replicas(
    postgres: PostgresServer,  # noqa: F811
    tmp_path: Path,
    models_dir: Path,
) -> Iterator[Replicas]:
    double = QdrantDouble()
    with ExitStack() as stack:
        environment = {
            **os.environ,
            **base_environment(tmp_path / "data", models_dir),
            "GROUNDKB_QDRANT_URL": stack.enter_context(serving(double)),
            "GROUNDKB_DATABASE_URL": postgres.new_database(),
            "GROUNDKB_SERVE_JOBS": "false",
            "GROUNDKB_CHAT": "none",
        }
        process: dict[str, subprocess.Popen[bytes]] = {}

        def start(name: str, *arguments: str) -> None:
            log = stack.enter_context((tmp_path / f"{name}.log").open("wb"))
            process[name] = subprocess.Popen(
                [*GROUNDKB, *arguments], env=environment, stdout=log, stderr=subprocess.STDOUT
            )

        def end() -> None:
            for each in process.values():
                each.kill()
                each.wait(10)

        stack.callback(end)
        ports = [free_port(), free_port(), free_port(), free_port()]
        start("api-0", "serve", "--port", str(ports[0]))
        start("worker-0", "worker", "--port", str(ports[2]))
        start("worker-1", "worker", "--port", str(ports[3]))
        start("api-1", "serve", "--port", str(ports[1]))
        clients = [
            stack.enter_context(httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=120))
            for port in ports
        ]

        def is_ready(name: str, client: httpx.Client) -> bool:
            assert process[name].poll() is None, (tmp_path / f"{name}.log").read_text()
            with contextlib.suppress(httpx.TransportError):
                return client.get("/readyz").status_code == 200
            return False

        for name, client in zip(("api-0", "api-1", "worker-0", "worker-1"), clients, strict=True):
            waited(partial(is_ready, name, client), f"{name} is not ready")
        yield Replicas(clients[:2], process, tmp_path, double)


def text_of(number: int) -> str:
    return f"The door code of room {400 + number} is {73100 + number}. It was changed in May.\n"


def asked(client: httpx.Client, number: int, **more: Any) -> dict[str, Any]:
    question = {"question": f"What is the door code of room {400 + number}?", **more}
    return dict(client.post("/ask", json=question).raise_for_status().json())


def test_what_one_is_asked_another_knows_and_a_killed_one_costs_nothing(
    replicas: Replicas,
) -> None:
    one, other = replicas.api
    # Taken in by a worker, asked of either server.
    job = replicas.upload(0, "room-400.txt", text_of(0))
    waited(lambda: replicas.status(1, job) == "done", "the upload is not done")
    for client in (one, other):
        answer = asked(client, 0)
        assert "73100" in answer["answer"]
        assert "73100" in answer["citations"][0]["quote"]
    original = other.get(f"/documents/{answer['citations'][0]['document_id']}/original")
    assert original.text == text_of(0)

    # A kept answer is read and followed where it was not made.
    kept = asked(one, 0, conversation_id="new")
    place = f"/conversations/{kept['conversation_id']}"
    assert other.get(place).json()["turns"][0]["answer"]["answer"] == kept["answer"]
    followed = other.get(f"{place}/turns/{kept['turn_id']}/events")
    assert "event: done" in followed.text

    # A worker is killed in the midst of its work; then a server.
    jobs = [
        replicas.upload(number % 2, f"room-{400 + number}.txt", text_of(number))
        for number in range(1, DOCUMENTS)
    ]
    waited(lambda: "running" in {replicas.status(0, job) for job in jobs}, "nothing runs")
    replicas.kill("worker-0")
    replicas.kill("api-0")
    waited(
        lambda: {job["status"] for job in replicas.jobs(1)} == {"done"},
        f"jobs are left: {[(job['status'], job['error']) for job in replicas.jobs(1)]}",
    )
    listed = other.get("/documents?limit=100").json()["documents"]
    assert sorted(item["source"] for item in listed) == sorted(
        f"upload:///room-{400 + number}.txt" for number in range(DOCUMENTS)
    )
    # Done once each: neither a passage too few nor one that was left behind.
    [collection] = replicas.double.client.get_collections().collections
    points = replicas.double.client.count(collection.name).count
    assert points == sum(item["chunks"] for item in listed) == DOCUMENTS
    for number in (1, DOCUMENTS - 1):
        assert str(73100 + number) in asked(other, number)["answer"]


def test_a_worker_without_servers_says_what_it_needs(tmp_path: Path, models_dir: Path) -> None:
    ran = subprocess.run(
        [*GROUNDKB, "worker"],
        env={**os.environ, **base_environment(tmp_path / "data", models_dir)},
        capture_output=True,
        text=True,
    )
    assert ran.returncode == 2
    assert "GROUNDKB_QDRANT_URL" in ran.stderr
    assert "GROUNDKB_DATABASE_URL" in ran.stderr
