"""What an ingest costs those who ask meanwhile: `/ask` with an instant chat model, idle and during a sync."""

import asyncio
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import httpx

from app.api.logs import configure_logging
from app.library.jobs import FINISHED, NewJob
from app.runtime import open_runtime
from app.settings import load_settings
from bench.corpus import questions, write_documents
from bench.query import Server
from ingest.report import SyncRequest
from tests.fakes import ScriptedChat

THERE = 100  # documents of 10 passages
TAKEN_IN = 300  # as many again, while questions come
ASKED = 150  # when idle; during the sync as many as fit
WARM_UP = 10
PAUSE = 0.05  # seconds between an answer and the next question


def main() -> None:
    asked = questions(ASKED + WARM_UP)
    with tempfile.TemporaryDirectory() as name:
        there, more = Path(name) / "there", Path(name) / "more"
        settings = load_settings(data=Path(name) / "data", log_level="error", port=0)
        configure_logging(settings)
        write_documents(there, THERE)
        write_documents(more, TAKEN_IN, seed=8)
        runtime = asyncio.run(open_runtime(settings, chat=ScriptedChat()))
        storage = runtime.storage
        storage.sync(SyncRequest((str(there),), "default"), lambda _event: None)
        with Server(runtime) as url, httpx.Client(base_url=url, timeout=60) as client:
            _answers(client, asked[:WARM_UP], lambda: False)
            idle = _answers(client, asked[WARM_UP:], lambda: False)
            started = time.perf_counter()
            new = NewJob("default", "sync", str(more), {"roots": [str(more)]})
            job = storage.worker.add(new)
            during: list[float] = []

            def ended() -> bool:
                return storage.library.jobs.get(job.id).status in FINISHED

            while not ended():
                during += _answers(client, asked[WARM_UP:], ended)
            seconds = time.perf_counter() - started
            report = storage.library.jobs.get(job.id).report or {}
        asyncio.run(runtime.close())
    print(
        f"## /ask (instant chat model) idle, and while {report['chunks']} passages are taken in\n"
    )
    print("| | questions | p50 ms | p95 ms | longest ms |")
    print("|---|--:|--:|--:|--:|")
    for label, times in (("idle", idle), ("during", during)):
        print(
            f"| {label} | {len(times)} | {statistics.median(times):.0f} | {_p95(times):.0f} "
            f"| {max(times):.0f} |"
        )
    print(f"\np95 during ÷ idle: {_p95(during) / _p95(idle):.2f}; the sync took {seconds:.1f} s\n")


def _answers(client: httpx.Client, asked: list[str], enough: Callable[[], bool]) -> list[float]:
    """Milliseconds of each answer, until `enough`."""
    times = []
    for question in asked:
        if enough():
            break
        started = time.perf_counter()
        client.post("/ask", json={"question": question}).raise_for_status()
        times.append((time.perf_counter() - started) * 1000)
        time.sleep(PAUSE)
    return times


def _p95(times: list[float]) -> float:
    return statistics.quantiles(times, n=20)[18]
