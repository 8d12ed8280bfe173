"""`python -m bench failover`: many users at two servers, of which one is killed in the middle and begun again.

Two servers and two workers over one PostgreSQL, embedding and reading beside them as on a machine of its own, no chat
model. What may happen to a user is that his request breaks off, or that a server says it is not up (503): he asks
the other then, and that is counted as cut off. Anything else is an error. `/livez` is asked of the server that stays.
"""

import argparse
import contextlib
import os
import random
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Final

import psutil

from app.settings import load_settings
from bench.forks import Forks
from bench.kills_replicas import models_beside
from bench.load import HEAD, run, write_library
from tests.cli.replicas import Replicas, running, waited
from tests.library import postgres

# So many of the library's articles; the imitated Qdrant server holds them in Python.
DOCUMENTS: Final = 20
KILLED: Final = "api-0"
STAYS: Final = "api-1"


def filled(replicas: Replicas, folder: Path) -> list[str]:
    """Upload the articles and wait; gives the questions about them."""
    asked = write_library(folder)
    files = sorted(folder.iterdir())[:DOCUMENTS]
    jobs = [
        replicas.upload(number % 2, file.name, file.read_text(encoding="utf-8"))
        for number, file in enumerate(files)
    ]
    for job in jobs:
        waited(partial(_is_done, replicas, job), f"job {job} does not end")
    return asked[: len(files) * (len(asked) // len(list(folder.iterdir())))]


def _is_done(replicas: Replicas, job: str) -> bool:
    return replicas.status(0, job) == "done"


def killed_after(replicas: Replicas, seconds: float, took: list[float]) -> None:
    """Kill one server then, begin it again at once, and say how long it took to be ready."""
    time.sleep(seconds)
    replicas.kill(KILLED)
    at = time.monotonic()
    replicas.start(KILLED)
    waited(partial(replicas.is_ready, KILLED), f"{KILLED} does not come back")
    took.append(time.monotonic() - at)


def main(given: Sequence[str] = ()) -> None:
    parser = argparse.ArgumentParser(prog="python -m bench failover")
    parser.add_argument("--users", type=int, default=20)
    parser.add_argument("--mode", choices=("json", "sse"), default="sse")
    parser.add_argument("--seconds", type=float, default=90.0)
    wanted = parser.parse_args(given)
    programs = postgres.programs()
    if programs is None:
        sys.exit("PostgreSQL is not installed")
    with tempfile.TemporaryDirectory() as name, contextlib.ExitStack() as stack:
        folder = Path(name)
        database = stack.enter_context(postgres.running(programs))
        beside = stack.enter_context(models_beside(folder / "models"))
        forks = stack.enter_context(contextlib.closing(Forks()))
        url, models = database.new_database(), load_settings().models
        replicas = stack.enter_context(running(url, folder, models, more=beside, begun=forks.begin))
        questions = random.Random(7).sample(
            asked := filled(replicas, folder / "library"), len(asked)
        )
        servers = [f"http://127.0.0.1:{replicas.ports[each]}" for each in (KILLED, STAYS)]
        stays = _listening(replicas.ports[STAYS])
        load = partial(
            run, servers[1], stays, wanted.users, wanted.mode, wanted.seconds, questions, servers
        )
        print(
            f"## One of two servers killed: {wanted.seconds:.0f} s a run, {os.cpu_count()} processors for all\n"
        )
        print(HEAD)
        print(load().shown(), flush=True)
        took: list[float] = []
        kill = threading.Thread(target=killed_after, args=(replicas, wanted.seconds / 2, took))
        kill.start()
        row = load()
        kill.join()
        print(row.shown())
        print(
            f"\nkilled after {wanted.seconds / 2:.0f} s, up again {took[0]:.1f} s later; "
            f"{row.cut_off} requests were cut off or told to come later, {row.errors} errors"
        )
    if row.errors:
        sys.exit(1)


def _listening(port: int) -> psutil.Process:
    """The process that listens there."""
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if any(
                each.status == psutil.CONN_LISTEN and each.laddr.port == port
                for each in process.net_connections("tcp")
            ):
                return process
    sys.exit(f"nobody listens at {port}")


if __name__ == "__main__":
    main(sys.argv[1:])
