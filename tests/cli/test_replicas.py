"""Two servers and two workers over one PostgreSQL, one index and one bucket, none of which has a folder in common
with another: each does what another was asked, and one that is killed costs nothing."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.conftest import GROUNDKB, base_environment
from tests.cli.replicas import SERVERS, WORKERS, Replicas, asked, running, text_of, waited
from tests.ingest.sources import stores
from tests.library.postgres import PostgresServer, postgres  # noqa: F401

DOCUMENTS = 12
pytestmark = [pytest.mark.weights, pytest.mark.timeout(1800)]


@pytest.fixture
def replicas(
    postgres: PostgresServer,  # noqa: F811
    tmp_path: Path,
    models_dir: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Replicas]:
    with (
        stores.s3(tmp_path, monkeypatch) as bucket,
        running(postgres.new_database(), tmp_path, models_dir, bucket.root) as found,
    ):
        yield found


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
    for name in (*SERVERS, *WORKERS):
        left = [path for path in (replicas.logs / name).rglob("*.txt") if path.is_file()]
        assert not left, f"left in the folder of {name}"
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
