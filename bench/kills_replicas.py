"""`python -m bench replicas --kills N`: two servers, two workers, PostgreSQL; one of them is killed at a random
moment, N times, while documents are uploaded and questions asked at either server.

What may fail is a request to a server that is killed meanwhile, or is not up yet. No job may be lost or done twice:
at the end each upload that was taken in is one document, whole, and found once. Whatever is quoted meanwhile stands
word by word in the document that is named, and a question that is kept ends, if only as interrupted. (Whether the
passage that is quoted is the right one of a hundred that are alike is not asked here: no kill changes that.)

The models are beside: one process embeds and one reads for all four, as on a machine with a GPU; and each of the four is a
fork of a process that has imported all, so that what is killed is there again soon. With `--own-models` each of
the four has its own, and begins as `groundkb` does.
"""

import argparse
import contextlib
import random
import shutil
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Final

import httpx

from app.settings import load_settings
from bench.forks import Forks
from bench.serving import GROUNDKB, free_port, process
from tests.cli.replicas import (
    SERVERS,
    WORKERS,
    Begin,
    Replicas,
    asked,
    begin,
    running,
    text_of,
    waited,
)
from tests.library import postgres

# A server that is starting, or whose database or index is asked just then, says so; anything else is a fault of ours.
_NOT_NOW: Final = (429, 503)
# One of so many questions is kept.
_KEPT: Final = 2


class Users:
    """Somebody uploads and two ask, without end, each at one of the servers."""

    def __init__(self, replicas: Replicas, seed: int) -> None:
        self._replicas, self._random = replicas, random.Random(seed)
        self._stop = threading.Event()
        self.jobs: dict[int, str] = {}  # by the number of the room: what was taken in
        self.wrong: list[str] = []
        self.seen: Counter[str] = Counter()
        self._threads = [
            threading.Thread(target=work) for work in (self._upload, self._ask, self._ask)
        ]

    def __enter__(self) -> "Users":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _upload(self) -> None:
        number = 0
        while not self._stop.wait(1.0):
            at = self._random.randrange(2)
            try:
                # Whether one was taken in whose answer was lost nobody knows: it is sent again.
                self.jobs[number] = self._replicas.upload(
                    at, f"room-{400 + number}.txt", text_of(number), "replace"
                )
            except httpx.HTTPError as error:
                self._cut_off("uploads", error)
                continue
            self.seen["uploads"] += 1
            number += 1

    def _ask(self) -> None:
        while not self._stop.wait(0.1):
            if not self.jobs:
                continue
            number = self._random.choice(list(self.jobs))
            kept = {"conversation_id": "new"} if self._random.randrange(_KEPT) == 0 else {}
            try:
                answer = asked(self._replicas.api[self._random.randrange(2)], number, **kept)
            except httpx.HTTPError as error:
                self._cut_off("questions", error)
                continue
            self.seen["answers" if answer["answered"] else "refusals"] += 1
            for quoted in answer["citations"]:
                room = int(quoted["source"].removesuffix(".txt").rpartition("-")[2])
                if quoted["quote"] not in text_of(room - 400):
                    self.wrong.append(f"room {room} is quoted as {quoted['quote']!r}")

    def _cut_off(self, what: str, error: httpx.HTTPError) -> None:
        """By a kill, or told to come later."""
        self.seen[f"{what} cut off"] += 1
        if isinstance(error, httpx.HTTPStatusError) and error.response.status_code not in _NOT_NOW:
            said = error.response
            self.wrong.append(f"{said.request.url} said {said.status_code}: {said.text[:300]}")


def _again(replicas: Replicas, job: str) -> None:
    """Three of its workers died: it waits to be told to try again."""
    replicas.api[0].post(f"/jobs/{job}/retry").raise_for_status()


def found_wrong(replicas: Replicas, users: Users) -> list[str]:
    """What is not as it has to be, once all jobs have ended."""
    wrong = list(users.wrong)
    given_up: set[str] = set()

    def ended() -> bool:
        left = [job for job in replicas.jobs(0) if job["status"] != "done"]
        for job in left:
            if job["status"] == "failed" and (job["error"] or {}).get("code") == "job_given_up":
                given_up.add(job["id"])
                _again(replicas, job["id"])
        return not left

    waited(ended, "jobs are left")
    users.seen["jobs given up after three deaths"] = len(given_up)
    known = {job["id"] for job in replicas.jobs(0)}
    wrong += [f"job {job} is lost" for job in users.jobs.values() if job not in known]
    listed = replicas.api[1].get("/documents?limit=10000").raise_for_status().json()["documents"]
    sources = Counter(item["source"] for item in listed)
    for number in users.jobs:
        if sources[f"upload:///room-{400 + number}.txt"] != 1:
            wrong.append(
                f"room {400 + number} is there {sources[f'upload:///room-{400 + number}.txt']} times"
            )
            continue
        wanted = {"question": f"door code room {400 + number}", "mode": "sparse", "limit": 50}
        response = replicas.api[number % 2].post("/search", json=wanted).raise_for_status()
        texts = [found["text"].strip() for found in response.json()["passages"]]
        if texts.count(text_of(number).strip()) != 1:
            wrong.append(
                f"room {400 + number} is found {texts.count(text_of(number).strip())} times"
            )
    [collection] = replicas.double.client.get_collections().collections
    points = replicas.double.client.count(collection.name).count
    chunks = sum(item["chunks"] for item in listed)
    if points != chunks:
        wrong.append(f"{points} points in the index, {chunks} passages in the library")
    waited(
        lambda: not _kept(replicas)["running"], "there are questions that nobody answers any more"
    )
    for status, count in _kept(replicas).items():
        users.seen[f"kept questions {status}"] = count
    return wrong


def _kept(replicas: Replicas) -> Counter[str]:
    """How the kept questions ended, or that they are under way."""
    listed = replicas.api[0].get("/conversations?limit=1000").raise_for_status().json()
    kept = [
        replicas.api[1].get(f"/conversations/{each['id']}").raise_for_status().json()
        for each in listed["conversations"]
    ]
    return Counter(turn["status"] for each in kept for turn in each["turns"])


@contextlib.contextmanager
def models_beside(folder: Path) -> Iterator[Mapping[str, str]]:
    """Settings by which others embed and read, for as long as the block lasts."""
    folder.mkdir()
    reads, embeds = (f"http://127.0.0.1:{free_port()}" for _ in range(2))
    own = {
        "GROUNDKB_DATA": str(folder / "data"),
        "GROUNDKB_CHAT": "none",
        "GROUNDKB_READER_URL": reads,
        # Whoever asks puts the model's words before the texts.
        "GROUNDKB_EMBEDDING_PASSAGE_PREFIX": "",
    }
    reader = [*GROUNDKB, "reader", "--port", reads.rpartition(":")[2]]
    server = [*GROUNDKB, "serve", "--port", embeds.rpartition(":")[2]]
    with (
        process(reader, f"{reads}/livez", folder / "reader.log"),
        process(server, f"{embeds}/readyz", folder / "embedding.log", own),
    ):
        yield {"GROUNDKB_READER_URL": reads, "GROUNDKB_EMBEDDING_URL": f"{embeds}/v1"}


def main(given: Sequence[str] = ()) -> None:
    parser = argparse.ArgumentParser(prog="python -m bench replicas")
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--own-models", action="store_true", help="each of the four loads them")
    wanted = parser.parse_args(given)
    programs = postgres.programs()
    if programs is None:
        sys.exit("PostgreSQL is not installed")
    # Stays there where something is wrong.
    chance, folder = random.Random(wanted.seed), Path(tempfile.mkdtemp(prefix="groundkb-kills-"))
    killed: Counter[str] = Counter()
    started = time.monotonic()
    print(f"logs are in {folder}", flush=True)
    with contextlib.ExitStack() as stack:
        server = stack.enter_context(postgres.running(programs))
        beside: Mapping[str, str] = {}
        begun: Begin = begin
        if not wanted.own_models:
            beside = stack.enter_context(models_beside(folder / "models"))
            forks = stack.enter_context(contextlib.closing(Forks()))
            begun = forks.begin
        models = load_settings().models
        replicas = stack.enter_context(
            running(server.new_database(), folder, models, more=beside, begun=begun)
        )
        with Users(replicas, wanted.seed) as users:
            for _ in range(wanted.kills):
                time.sleep(chance.uniform(0.0, 4.0))
                name = chance.choice((*SERVERS, *WORKERS))
                replicas.kill(name)
                killed[name] += 1
                replicas.start(name)
                waited(partial(replicas.is_ready, name), f"{name} does not come back")
        wrong = found_wrong(replicas, users)
    print(f"{sum(killed.values())} kills in {time.monotonic() - started:.0f} s: {dict(killed)}")
    print(", ".join(f"{count} {what}" for what, count in users.seen.items()))
    for each in wrong[:50]:
        print(f"WRONG: {each}")
    if wrong:
        sys.exit(1)
    shutil.rmtree(folder, ignore_errors=True)
    print("no job lost or done twice, nothing quoted that does not stand there")


if __name__ == "__main__":
    main(sys.argv[1:])
