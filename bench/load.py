"""`python -m bench load`: many users at once, against the real server with a chat server that answers at once.

The server is `groundkb serve` as it comes, with whatever GROUNDKB_* settings this is started with; the
library has a thousand passages, and every question is answered by one of them. Users and chat server
run on the same machine and take their share of it: what is measured is less than what the server can.
"""

import argparse
import csv
import json
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import httpx
import psutil

from app.runtime import open_storage
from app.settings import load_settings
from bench.load_chat import MODEL
from bench.serving import free_port, process, serving
from ingest.report import SyncRequest

DOCUMENTS: Final = 100
SECTIONS: Final = 10
# What two cores with avx512_bf16 are promised to give with so many users and the settings as they come: answers a
# second at least, and seconds of which 95 of 100 answers need at most (docs/scaling.md); `--check` fails below.
PROMISED: Final = {1: (1.5, 1.0), 10: (3.0, 5.0), 50: (3.5, 20.0), 200: (4.5, 25.0)}
LIVE_SECONDS: Final = 0.2
HEAD: Final = (
    "| users | | answers/s | evidence | first statement | answer | refused (429) | errors "
    f"| /livez p99 / longest | memory, MB | processors |\n|--:|---|{'--:|' * 9}"
)
_THINGS: Final = (("pump", "水泵"), ("valve", "阀门"), ("filter", "过滤器"), ("sensor", "传感器"))


def write_library(folder: Path) -> list[str]:
    """A manual's worth of articles, half of them Chinese; gives a question for each section."""
    rng = random.Random(5)
    folder.mkdir(parents=True)
    asked: list[str] = []
    for number in range(DOCUMENTS):
        chinese, lines = number % 2 == 1, []
        for section in range(SECTIONS):
            code = f"{'PU VA FI SE'.split()[section % 4]}-{1000 + number * SECTIONS + section}"
            english, han = _THINGS[section % 4]
            order, bar, months = (
                rng.randint(10_000, 99_999),
                rng.randint(2, 40),
                rng.randint(2, 24),
            )
            if chinese:
                lines.append(
                    f"## {han} {code}\n\n{han} {code} 的订货号是 {order}。"
                    f"它的最高工作压力为 {bar} 巴。\n每 {months} 个月必须更换一次密封件。安装前请关闭主阀并排空管路。\n"
                    f"运行时外壳温度不得超过 70 摄氏度。维修只能由经过培训的人员进行。\n"
                )
                asked.append(f"{han} {code} 的订货号是多少？")
            else:
                lines.append(
                    f"## {english.capitalize()} {code}\n\nThe order number of the {english} {code} is {order}. "
                    f"Its highest working pressure is {bar} bar. The seals have to be replaced every {months} months. "
                    "Close the main valve and drain the pipe before it is mounted. The housing must not become "
                    "hotter than 70 degrees while it runs. Repairs are for trained personnel alone.\n"
                )
                asked.append(f"What is the order number of the {english} {code}?")
        text = f"# Manual {number}\n\n" + "\n".join(lines)
        (folder / f"manual-{number:03d}.md").write_text(text, encoding="utf-8")
    return asked


def prepared(folder: Path) -> list[str]:
    """The library in `folder`, made unless it is there; gives the questions."""
    kept = folder / "asked.json"
    if not kept.exists():
        asked = write_library(folder / "documents")
        storage = open_storage(load_settings(data=folder / "data", log_level="error"))
        storage.sync(SyncRequest((str(folder / "documents"),), "default"), lambda _event: None)
        storage.close()
        kept.write_text(json.dumps(asked), encoding="utf-8")
    found: list[str] = json.loads(kept.read_text(encoding="utf-8"))
    return found


@dataclass
class Pulse:
    """Asks /livez five times a second; `seconds` has how long each took."""

    url: str
    seconds: list[float] = field(default_factory=list)
    failed: int = 0
    _stop: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> "Pulse":
        self._thread = threading.Thread(target=self._run)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        with httpx.Client(timeout=30) as client:
            while not self._stop.wait(0.2):
                started = time.perf_counter()
                try:
                    client.get(f"{self.url}/livez").raise_for_status()
                except httpx.HTTPError:
                    self.failed += 1
                self.seconds.append(time.perf_counter() - started)


@dataclass(frozen=True)
class Row:
    """One run; milliseconds. `answers` and `refused` are counts, `errors` those of anything else."""

    users: int
    mode: str
    seconds: float
    answers: int
    refused: int
    errors: int
    times: dict[str, tuple[float, float]]  # of each figure p50 and p95
    live: tuple[float, float]  # p99, longest
    memory: int
    cpu: float
    cut_off: int = 0  # by a server that was killed, or not up again

    @property
    def a_second(self) -> float:
        return self.answers / self.seconds

    def shown(self) -> str:
        def pair(name: str) -> str:
            found = self.times.get(name)
            return f"{found[0]:,.0f} / {found[1]:,.0f}" if found else "–"

        return (
            f"| {self.users} | {self.mode} | {self.a_second:.1f} | {pair('evidence')} | {pair('first statement')} "
            f"| {pair('answer')} | {self.refused} | {self.errors} | {self.live[0]:.0f} / {self.live[1]:.0f} "
            f"| {self.memory / 1e6:,.0f} | {self.cpu:.1f} |"
        )

    def broken(self) -> list[str]:
        """The promises that it does not keep."""
        found = []
        least, most = PROMISED.get(self.users, (0.0, float("inf")))
        if self.a_second < least:
            found.append(f"{self.a_second:.1f} answers/s with {self.users} users, not {least}")
        if self.times["answer"][1] > most * 1000:
            found.append(f"p95 {self.times['answer'][1]:.0f} ms with {self.users} users")
        if self.live[1] > LIVE_SECONDS * 1000:
            found.append(f"/livez took {self.live[1]:.0f} ms with {self.users} users")
        return found + ([f"{self.errors} errors"] if self.errors else [])


def run(
    url: str,
    server: psutil.Process,
    users: int,
    mode: str,
    seconds: float,
    asked: list[str],
    servers: Sequence[str] = (),
) -> Row:
    """Let so many users ask for so long, at `url` or at one of `servers`."""
    with tempfile.TemporaryDirectory() as name, Pulse(url) as pulse:
        before = server.cpu_times()
        started = time.monotonic()
        command = [sys.executable, "-m", "locust", "-f", str(Path(__file__).with_name("load_users.py"))]  # fmt: skip
        command += ["--headless", "-u", str(users), "-r", str(users), "-t", f"{seconds:.0f}s"]
        command += ["--host", url, "--csv", f"{name}/out", "--only-summary", "--stop-timeout", "10"]
        env = {**os.environ, "LOAD_MODE": mode, "LOAD_QUESTIONS": json.dumps(asked)}
        env["LOAD_SERVERS"] = " ".join(servers)
        done = subprocess.run(command, env=env, capture_output=True, text=True)
        took = time.monotonic() - started
        after = server.cpu_times()
        rows = {row["Name"]: row for row in _csv(Path(name) / "out_stats.csv")}
        if "answer" not in rows:
            sys.exit(f"nobody got an answer:\n{done.stdout[-2000:]}\n{done.stderr[-3000:]}")
    times = {
        label: (float(row["50%"]), float(row["95%"]))
        for label, row in rows.items()
        if label in ("answer", "evidence", "first statement")
    }
    beats = sorted(pulse.seconds)

    def counted(name: str) -> int:
        return int(rows[name]["Request Count"]) if name in rows else 0

    return Row(
        users,
        mode,
        seconds,
        counted("answer"),
        counted("refused"),
        int(rows["request"]["Failure Count"]) + pulse.failed,
        times,
        (beats[int(len(beats) * 0.99)] * 1000, beats[-1] * 1000),
        server.memory_info().rss,
        (after.user + after.system - before.user - before.system) / took,
        counted("cut off"),
    )


def _csv(path: Path) -> list[dict[str, Any]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def main(given: Sequence[str] = ()) -> None:
    parser = argparse.ArgumentParser(prog="python -m bench load")
    parser.add_argument("--users", default="1,10,50,200", help="numbers of users, comma-separated")
    parser.add_argument("--mode", choices=("json", "sse", "both"), default="both")
    parser.add_argument("--seconds", type=float, default=30.0, help="of each run; 1800 for a soak")
    parser.add_argument("--library", type=Path, help="a folder that the library is kept in")
    parser.add_argument(
        "--different",
        type=int,
        default=DOCUMENTS * SECTIONS,
        help="questions that there are: with few many ask the same, and are read for once",
    )
    parser.add_argument("--check", action="store_true", help="fail where a promise is not kept")
    wanted = parser.parse_args(given)
    modes = ("json", "sse") if wanted.mode == "both" else (wanted.mode,)
    with tempfile.TemporaryDirectory() as name:
        folder = wanted.library or Path(name)
        asked = random.Random(7).sample(prepared(folder), wanted.different)
        chat_port = free_port()
        chat = f"http://127.0.0.1:{chat_port}/v1"
        env = {
            "GROUNDKB_CHAT": "openai",
            "GROUNDKB_OPENAI_URL": chat,
            "GROUNDKB_CHAT_MODEL": MODEL,
        }
        with (
            process(
                [sys.executable, "-m", "bench.load_chat", str(chat_port)],
                f"{chat}/models",
                folder / "chat.log",
            ),
            serving(folder, env) as (url, server),
        ):
            # Warm; long enough that somebody has an answer on a machine that does much else.
            run(url, server, 4, "json", 20, asked)
            print(
                f"## Load: {wanted.seconds:.0f} s a run, ms p50 / p95, {os.cpu_count()} processors for all, "
                f"{wanted.different} different questions\n"
            )
            print(HEAD, flush=True)
            broken: list[str] = []
            for mode in modes:
                for users in map(int, wanted.users.split(",")):
                    row = run(url, server, users, mode, wanted.seconds, asked)
                    print(row.shown(), flush=True)
                    broken += row.broken()
    print()
    if wanted.check and broken:
        sys.exit("not kept: " + "; ".join(broken))


if __name__ == "__main__":
    main(sys.argv[1:])
