"""What `groundkb serve` keeps in memory: opened, after questions, and once the chat model was let go.

Over the sample library, once without a chat model and once with the embedded one. 'Own' is memory that nobody
else can use (anonymous pages); 'mapped' are pages of files, weights above all, that the system takes back when
it needs memory. Its child processes are counted with the server.
"""

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx

from app.evaluation.datasets import load

SAMPLES = Path("samples")
# Without a chat model questions are cheap; the embedded one takes seconds for each.
ASKED = {"none": 40, "embedded": 8}
IDLE_SECONDS = 15
# MB of its own that `serve` may take.
LIMITS = {"none": 1_000, "embedded": 2_000}
STARTS_WITHIN = 600.0  # seconds


@dataclass(frozen=True)
class Taken:
    """MB, of a process and its children; `pss` counts pages that several processes share in parts."""

    own: float
    mapped: float
    pss: float


def main() -> None:
    print("## Memory of `groundkb serve`, MB\n")
    print("| chat model | when | own | mapped files | PSS |\n|---|---|--:|--:|--:|")
    for chat, limit in LIMITS.items():
        most = max(taken.own for taken in _of(chat))
        told = "within" if most <= limit else "OVER"
        print(f"\n{chat}: {most:.0f} MB of its own at most, {told} {limit} MB.\n", flush=True)


def _of(chat: str) -> Iterator[Taken]:
    with tempfile.TemporaryDirectory(prefix="groundkb-memory-") as folder:
        environment = {
            **os.environ,
            "GROUNDKB_DATA": folder,
            "GROUNDKB_CHAT": chat,
            "GROUNDKB_CHAT_IDLE_SECONDS": str(IDLE_SECONDS),
        }
        groundkb = [str(Path(sys.executable).with_name("groundkb"))]
        subprocess.run(
            [*groundkb, "ingest", "sync", str(SAMPLES / "library")],
            env=environment,
            check=True,
            stdout=subprocess.DEVNULL,
        )
        port = _free_port()
        server = subprocess.Popen(
            [*groundkb, "serve", "--port", str(port)],
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=600) as client:
                _wait(client)
                yield _told(chat, "opened", server.pid)
                questions = load(SAMPLES / "golden.jsonl", "golden").questions
                for question in questions[:: len(questions) // ASKED[chat]]:
                    client.post("/ask", json={"question": question.text}).raise_for_status()
                yield _told(chat, f"after {ASKED[chat]} questions", server.pid)
                if chat == "embedded":
                    time.sleep(IDLE_SECONDS + 5)
                    yield _told(chat, "chat model let go", server.pid)
        finally:
            server.terminate()
            server.wait(60)


def _told(chat: str, when: str, pid: int) -> Taken:
    taken = [_memory(process) for process in _tree(pid)]
    total = Taken(
        *(sum(getattr(each, name) for each in taken) for name in ("own", "mapped", "pss"))
    )
    print(
        f"| {chat} | {when} | {total.own:.0f} | {total.mapped:.0f} | {total.pss:.0f} |", flush=True
    )
    return total


def _memory(pid: int) -> Taken:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]
    kb = {name: int(rest.split()[0]) for name, _, rest in (line.partition(":") for line in lines)}
    return Taken(kb["Anonymous"] / 1024, (kb["Rss"] - kb["Anonymous"]) / 1024, kb["Pss"] / 1024)


def _tree(pid: int) -> Iterator[int]:
    yield pid
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text().split():
            yield from _tree(int(child))


def _wait(client: httpx.Client) -> None:
    until = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < until:
        try:
            if client.get("/readyz").status_code == httpx.codes.OK:
                return
        except httpx.TransportError:
            pass
        time.sleep(1)
    sys.exit("the server did not start")


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port
