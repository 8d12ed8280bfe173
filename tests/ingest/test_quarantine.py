"""A document that ends its worker again and again is set aside, and nothing else suffers."""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from app.library.jobs import NewJob
from app.runtime import Storage, open_storage
from app.settings import Settings
from app.texts import told_of
from ingest.reading import ReadPool
from ingest.report import SyncReport, SyncRequest
from tests.conftest import BigramEmbedder

KB = "default"
# Time is what runs out in these tests.
ROOM = {"max_rows": 10**7, "max_passages": 10**7}
# Reading it takes minutes: hundreds of thousands of tables.
ENDLESS = "| 一 | 二 |\n|--|--|\n| 三 | 四 |\n\n" * 200_000


@pytest.fixture
def impatient(
    make_settings: Callable[..., Settings], fake_embedder: BigramEmbedder
) -> Iterator[Storage]:
    """A library whose documents may take few seconds."""
    opened = open_storage(make_settings(parse_timeout=3.0, **ROOM), fake_embedder)
    yield opened
    opened.close()


def sync(storage: Storage, folder: Path) -> SyncReport:
    return storage.sync(SyncRequest((str(folder),), KB), lambda _event: None)


def _seconds(pid: int) -> float:
    return psutil.Process(pid).cpu_times().user


def codes(report: SyncReport) -> list[str]:
    return [item.code for item in report.failed]


def test_the_second_time_it_is_set_aside(
    impatient: Storage, documents: Path, fake_embedder: BigramEmbedder
) -> None:
    endless = documents / "endless.txt"
    endless.write_text(ENDLESS)
    first = sync(impatient, documents)
    assert (first.added, codes(first)) == (3, ["reading_too_long"])
    assert not first.failed[0].permanent
    second = sync(impatient, documents)
    assert codes(second) == ["document_quarantined"]
    assert second.failed[0].permanent
    failure = second.failed[0]
    assert "GROUNDKB_PARSE_TIMEOUT" in told_of(failure.code, failure.params, "en").message
    assert "已被隔离" in told_of(failure.code, failure.params, "zh").message

    started = time.monotonic()
    third = sync(impatient, documents)
    assert codes(third) == ["document_quarantined"]
    assert time.monotonic() - started < 1  # it was not read again
    kept = {row.source: row.status for row in impatient.library.documents(KB)}
    assert kept[f"file://{endless}"] == "failed"

    endless.write_text("Short now.\n")
    assert sync(impatient, documents).failed == ()


def test_a_raised_limit_gives_it_another_chance(
    impatient: Storage,
    documents: Path,
    make_settings: Callable[..., Settings],
    fake_embedder: BigramEmbedder,
) -> None:
    (documents / "endless.txt").write_text(ENDLESS)
    for _ in range(2):
        sync(impatient, documents)
    impatient.close()
    patient = open_storage(make_settings(parse_timeout=4.0, **ROOM), fake_embedder)
    assert codes(sync(patient, documents)) == ["reading_too_long"]
    patient.close()


def test_a_crash_is_tried_once_more_at_once(
    storage: Storage, documents: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (documents / "endless.txt").write_text(ENDLESS)
    pool = ReadPool(1)
    monkeypatch.setattr(storage, "readers", pool)
    killed: list[int] = []

    def kill() -> None:
        """Every worker that is busy for long."""
        while len(killed) < 2:
            time.sleep(0.05)
            for worker in list(pool._busy):
                if (
                    worker.pid is not None
                    and worker.pid not in killed
                    and _seconds(worker.pid) > 0.5
                ):
                    killed.append(worker.pid)
                    os.kill(worker.pid, signal.SIGKILL)
                    time.sleep(0.5)

    thread = threading.Thread(target=kill, daemon=True)
    thread.start()
    report = sync(storage, documents)
    pool.close()
    assert (report.added, codes(report)) == (3, ["document_quarantined"])
    failure = report.failed[0]
    assert "SIGKILL" in told_of(failure.code, failure.params, "en").message


def test_a_cancelled_job_ends_in_the_middle_of_a_document(
    storage: Storage, documents: Path
) -> None:
    (documents / "endless.txt").write_text(ENDLESS)
    job = storage.worker.add(NewJob(KB, "sync", str(documents), {"roots": [str(documents)]}))
    deadline = time.monotonic() + 30
    while not storage.readers._busy and time.monotonic() < deadline:
        time.sleep(0.05)
    time.sleep(1)
    told = time.monotonic()
    storage.library.jobs.cancel(job.id)
    while storage.library.jobs.get(job.id).status == "running" and time.monotonic() < deadline:
        time.sleep(0.02)
    assert storage.library.jobs.get(job.id).status == "cancelled"
    assert time.monotonic() - told < 2


def test_rows_of_digits_hurt_no_other_document(storage: Storage, documents: Path) -> None:
    (documents / "digits.md").write_text(
        f"| a | b |\n|--|--|\n| x | {'九' * 5_000} |\n| y | 第{'9' * 5_000}条 |\n"
    )
    report = sync(storage, documents)
    assert (report.added, codes(report)) == (4, [])
