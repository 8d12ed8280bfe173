"""Documents that loop, eat memory or crash cost their worker, and nobody else."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest

from app.errors import (
    DocumentCorrupt,
    DocumentTooLarge,
    ReadingCrashed,
    ReadingNeedsMemory,
    ReadingTooLong,
)
from app.texts import told
from ingest.parse import Limits
from ingest.reading import Abandoned, ReadPool, ReadTask
from tests.ingest.parse import make

ID = "0f3a0000-0000-0000-0000-000000000000"


@pytest.fixture(scope="module")
def pool() -> Iterator[ReadPool]:
    """A worker that may be ended."""
    opened = ReadPool(1)
    yield opened
    opened.close()


def task(name: str, limits: Limits | None = None) -> ReadTask:
    return ReadTask(name, f"file:///{name}", ID, "r1", None, limits or Limits(), None)


def written(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def endless(folder: Path) -> Path:
    """Text that takes minutes: tens of thousands of short lines, each of them a table."""
    return written(folder, "endless.txt", "| 一 | 二 |\n|--|--|\n| 三 | 四 |\n\n" * 200_000)


def worker_of(pool: ReadPool) -> psutil.Process:
    (worker,) = [*pool._idle, *pool._busy]
    while worker.pid is None:
        time.sleep(0.01)
    return psutil.Process(worker.pid)


def test_a_document_comes_back_as_it_was_parsed(tmp_path: Path, readers: ReadPool) -> None:
    path = written(tmp_path, "a.md", "# 标题\n\n正文。\n")
    parsed: list[bool] = []
    text = readers.read(path, task("a.md"), on_parsed=lambda: parsed.append(True))
    assert text.parsed.text == "标题\n\n正文。"
    assert [passage.text for passage in text.passages] == ["标题\n\n正文。"]
    assert parsed == [True]


def test_errors_come_back_with_their_words(tmp_path: Path, readers: ReadPool) -> None:
    path = written(tmp_path, "a.pdf", "no pdf")
    with pytest.raises(DocumentCorrupt) as raised:
        readers.read(path, task("a.pdf"))
    assert "内容不是 .pdf 格式" in told(raised.value, "zh").message


def test_one_worker_reads_one_document_after_another(tmp_path: Path, readers: ReadPool) -> None:
    path = written(tmp_path, "a.txt", "Some text.")
    readers.read(path, task("a.txt"))
    first = worker_of(readers).pid
    started = time.monotonic()
    for _ in range(50):
        readers.read(path, task("a.txt"))
    assert worker_of(readers).pid == first
    assert time.monotonic() - started < 5


def test_a_document_that_takes_too_long(tmp_path: Path, pool: ReadPool) -> None:
    limits = Limits(parse_seconds=0.5)
    started = time.monotonic()
    with pytest.raises(ReadingTooLong, match="endless"):
        pool.read(endless(tmp_path), task("endless.txt", limits))
    assert time.monotonic() - started < 20  # most of it the worker's start
    text = pool.read(written(tmp_path, "b.txt", "Some text."), task("b.txt"))
    assert text.parsed.text == "Some text."


def test_a_document_that_needs_too_much_memory(tmp_path: Path, pool: ReadPool) -> None:
    path = written(tmp_path, "a.txt", "很长的一行，" * 10_000_000)
    limits = Limits(parse_memory_bytes=400_000_000)
    with pytest.raises(ReadingNeedsMemory, match="400"):
        pool.read(path, task("a.txt", limits))
    assert pool.read(written(tmp_path, "b.txt", "x y z"), task("b.txt")).parsed.text == "x y z"


@pytest.mark.parametrize("how", [signal.SIGSEGV, signal.SIGABRT, signal.SIGKILL])
def test_a_document_on_which_the_worker_crashes(
    tmp_path: Path, pool: ReadPool, how: signal.Signals
) -> None:
    def crash() -> None:
        while not pool._busy:
            time.sleep(0.01)
        worker = worker_of(pool)
        while worker.cpu_times().user < 0.5:  # it is at work
            time.sleep(0.05)
        worker.send_signal(how)

    threading.Thread(target=crash, daemon=True).start()
    with pytest.raises(ReadingCrashed, match=how.name):
        pool.read(endless(tmp_path), task("endless.txt"))


def test_a_worker_that_died_while_it_waited_is_replaced(tmp_path: Path, pool: ReadPool) -> None:
    path = written(tmp_path, "a.txt", "Some text.")
    pool.read(path, task("a.txt"))
    worker_of(pool).kill()
    assert pool.read(path, task("a.txt")).parsed.text == "Some text."


def test_giving_up_ends_the_worker_at_once(tmp_path: Path, pool: ReadPool) -> None:
    stop = threading.Event()
    ended: list[float] = []

    def work() -> None:
        with pytest.raises(Abandoned):
            pool.read(endless(tmp_path), task("endless.txt"), stop=stop.is_set)
        ended.append(time.monotonic())

    thread = threading.Thread(target=work)
    thread.start()
    while not pool._busy:
        time.sleep(0.01)
    worker = worker_of(pool)
    told = time.monotonic()
    stop.set()
    thread.join(10)
    assert ended
    assert ended[0] - told < 1
    assert not worker.is_running()


def test_closing_ends_workers_at_work(tmp_path: Path) -> None:
    pool = ReadPool(1)

    def work() -> None:
        with pytest.raises(Abandoned):
            pool.read(endless(tmp_path), task("a.txt"))

    thread = threading.Thread(target=work)
    thread.start()
    while not pool._busy:
        time.sleep(0.01)
    worker = worker_of(pool)
    pool.close()
    thread.join(10)
    assert not thread.is_alive()
    assert not worker.is_running()


def test_a_worker_does_not_outlive_its_owner(tmp_path: Path) -> None:
    code = f"""
import threading, time
from pathlib import Path
from tests.ingest.reading.test_pool import task, worker_of
from ingest.reading import ReadPool
pool = ReadPool(1)
path = Path({str(endless(tmp_path))!r})
threading.Thread(target=pool.read, args=(path, task("a.txt"))).start()
while not pool._busy:
    time.sleep(0.01)
print(worker_of(pool).pid, flush=True)
"""
    owner = subprocess.Popen(
        [sys.executable, "-c", code],
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[3],
        env={**os.environ},
    )
    assert owner.stdout is not None
    worker = psutil.Process(int(owner.stdout.readline()))
    time.sleep(1)
    owner.kill()
    owner.wait()
    worker.wait(timeout=60)


def test_neither_torch_nor_the_database_is_in_a_worker() -> None:
    code = "import sys, ingest.reading.worker, ingest.chunk.component; print(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(run.stdout.split())
    assert not loaded & {"torch", "transformers", "app.library.library", "qdrant_client"}


def test_bounds_on_what_a_document_may_hold(tmp_path: Path, readers: ReadPool) -> None:
    table = "| a | b |\n|--|--|\n" + "| 1 | 2 |\n" * 20
    headings = "# One\n\nText.\n\n" * 20
    cases: tuple[tuple[str, str, dict[str, Any], str], ...] = (
        ("a.txt", "word " * 100, {"max_text_chars": 400}, "GROUNDKB_MAX_TEXT_CHARS"),
        ("b.md", table, {"max_rows": 10}, "GROUNDKB_MAX_ROWS"),
        ("c.md", headings, {"max_headings": 10}, "GROUNDKB_MAX_HEADINGS"),
        ("d.md", "一段很长的文字。" * 600, {"max_passages": 2}, "GROUNDKB_MAX_PASSAGES"),
    )
    for name, text, bounds, setting in cases:
        path = written(tmp_path, name, text)
        readers.read(path, task(name))
        with pytest.raises(DocumentTooLarge) as raised:
            readers.read(path, task(name, replace(Limits(), **bounds)))
        assert setting in told(raised.value, "zh").message


def test_a_pdf_is_read_in_a_worker_as_here(tmp_path: Path, readers: ReadPool) -> None:
    path = make.pdf(tmp_path / "a.pdf", [[(72, 12, "Some text of a page.")]])
    assert readers.read(path, task("a.pdf")).parsed.text == "Some text of a page."
