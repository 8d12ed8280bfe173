"""What `groundkb serve` keeps in memory: opened, after questions, and once the chat model was let go.

Over the sample library, once without a chat model and once with the embedded one. 'Own' is memory that nobody
else can use (anonymous pages); 'mapped' are pages of files, weights above all, that the system takes back when
it needs memory. Its child processes are counted with the server.
"""

import os
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx

from app.evaluation.datasets import load
from bench.serving import GROUNDKB, SAMPLES, serving

# Without a chat model questions are cheap; the embedded one takes seconds for each.
ASKED = {"none": 40, "embedded": 8}
IDLE_SECONDS = 15
# After the last answer freed memory is given back.
TIDIED_WITHIN = 7.0  # seconds
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
    with tempfile.TemporaryDirectory(prefix="groundkb-memory-") as name:
        folder = Path(name)
        environment = {
            "GROUNDKB_CHAT": chat,
            "GROUNDKB_CHAT_IDLE_SECONDS": str(IDLE_SECONDS),
        }
        subprocess.run(
            [*GROUNDKB, "ingest", "sync", str(SAMPLES / "library")],
            env={**os.environ, **environment, "GROUNDKB_DATA": str(folder / "data")},
            check=True,
            stdout=subprocess.DEVNULL,
        )
        with (
            serving(folder, environment, STARTS_WITHIN) as (url, server),
            httpx.Client(base_url=url, timeout=600) as client,
        ):
            yield _told(chat, "opened", server.pid)
            questions = load(SAMPLES / "golden.jsonl", "golden").questions
            for question in questions[:: len(questions) // ASKED[chat]]:
                client.post("/ask", json={"question": question.text}).raise_for_status()
            time.sleep(TIDIED_WITHIN)
            yield _told(chat, f"after {ASKED[chat]} questions", server.pid)
            if chat == "embedded":
                time.sleep(IDLE_SECONDS + 5)
                yield _told(chat, "chat model let go", server.pid)


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
