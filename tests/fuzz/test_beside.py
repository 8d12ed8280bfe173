"""A worker stuck in a hostile file, and the server beside it."""

import statistics
import threading
import time
from pathlib import Path

import httpx
import pytest

from ingest.report import SyncReport, SyncRequest
from tests.conftest import write_documents
from tests.fuzz.server import opened
from tests.ingest.test_quarantine import ENDLESS, ROOM

ASKED = 8


@pytest.mark.quiet
def test_livez_and_ask_go_on_while_a_worker_is_stuck(tmp_path: Path) -> None:
    good, bad = tmp_path / "good", tmp_path / "bad"
    write_documents(good)
    bad.mkdir()
    (bad / "endless.txt").write_text(ENDLESS * 2)
    reports: list[SyncReport] = []
    with opened(tmp_path / "data", parse_workers=1, parse_timeout=6.0, **ROOM) as (url, storage):
        storage.sync(SyncRequest((str(good),), "default"), lambda _event: None)

        def work() -> None:
            request = SyncRequest((str(bad),), "default")
            reports.append(storage.sync(request, lambda _event: None))

        stuck = threading.Thread(target=work)
        stuck.start()
        deadline = time.monotonic() + 30
        while not storage.readers._busy and time.monotonic() < deadline:
            time.sleep(0.05)
        alive, answered = [], 0
        with httpx.Client(base_url=url, trust_env=False, timeout=30.0) as client:
            for n in range(ASKED):
                started = time.monotonic()
                client.get("/livez").raise_for_status()
                alive.append(time.monotonic() - started)
                if n % 4 == 0:
                    asked = client.post(
                        "/ask", json={"question": "Which licence does DeepSeek use?"}
                    )
                    answered += asked.json()["answered"]
                time.sleep(0.1)
            assert stuck.is_alive(), "the worker was stuck all the while"
            assert statistics.median(alive) < 1.0
            assert answered == ASKED // 4
            stuck.join(60)
            client.get("/livez").raise_for_status()
    (report,) = reports
    assert [failed.code for failed in report.failed] == ["reading_too_long"]
