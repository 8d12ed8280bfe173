"""Reading mutants of the sample files of every format, while a server goes on answering."""

import json
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from typing import Final

import httpx

from app.errors import GroundkbError
from ingest.parse import Limits
from ingest.reading import ReadPool, ReadTask, ReadText
from tests.fuzz.mutate import mutant
from tests.ingest.folder import make_folder

LIMITS: Final = Limits(parse_seconds=20.0, parse_memory_bytes=1_000_000_000, ocr=False)
# What a worker may go beyond its time before it is seen and ended, on a busy machine.
GRACE: Final = 5.0
LIVE_SECONDS: Final = 1.0
_DOCUMENT: Final = "0f3a0000-0000-0000-0000-000000000000"


@dataclass
class Figures:
    """`refused` counts the codes of named failures. `wrong` names mutants that broke a promise."""

    mutants: int = 0
    read: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    slowest: float = 0.0
    slowest_live: float = 0.0
    by_ending: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    def more(self, later: "Figures") -> "Figures":
        """These figures with those of mutants that were read later."""
        return Figures(
            self.mutants + later.mutants,
            self.read + later.read,
            self.refused + later.refused,
            max(self.slowest, later.slowest),
            max(self.slowest_live, later.slowest_live),
            self.by_ending + later.by_ending,
            self.wrong + later.wrong,
        )


def kept(file: Path) -> Figures:
    """The figures that `keep` wrote; none of a file that is not there."""
    if not file.exists():
        return Figures()
    figures = Figures(**json.loads(file.read_text()))
    figures.refused, figures.by_ending = Counter(figures.refused), Counter(figures.by_ending)
    return figures


def keep(figures: Figures, file: Path) -> None:
    beside = file.with_suffix(".part")
    beside.write_text(json.dumps(vars(figures)))
    beside.replace(file)


def samples(folder: Path) -> dict[str, bytes]:
    """Good and bad files of every format, by name; none larger than 40 kB."""
    make_folder(folder)
    found = sorted(path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    return {path.name: path.read_bytes() for path in found if 0 < path.stat().st_size < 40_000}


def fuzz(
    originals: Mapping[str, bytes],
    folder: Path,
    count: int,
    seed: int,
    pool: ReadPool,
    live: str | None = None,
    seconds: float = float("inf"),
    first: int = 0,
) -> Figures:
    """Read `count` mutants of `originals` from the one of number `first`, or as many of these as `seconds` allow;
    `live` is the address of /livez, asked throughout."""
    ends = time.monotonic() + seconds
    folder.mkdir(exist_ok=True)
    names = sorted(originals)
    figures = Figures()
    lock, done = threading.Lock(), threading.Event()
    watcher = threading.Thread(target=_watch, args=(live, done, figures))
    watcher.start()

    def one(number: int) -> None:
        if time.monotonic() > ends:
            return
        rng = random.Random(f"{seed}:{number}")
        name = rng.choice(names)
        data = mutant(rng, originals[name], originals[rng.choice(names)])
        path = folder / f"mutant-{number}"
        path.write_bytes(data)
        seconds, outcome = _read(pool, path, name)
        path.unlink()
        with lock:
            figures.mutants += 1
            figures.by_ending[PurePath(name).suffix] += 1
            figures.slowest = max(figures.slowest, seconds)
            if seconds > LIMITS.parse_seconds + GRACE + len(data) / 400_000:
                figures.wrong.append(f"{seed}:{number} {name}: {seconds:.0f} s")
            match outcome:
                case ReadText():
                    figures.read += 1
                case GroundkbError() if outcome.scope == "document":
                    figures.refused[outcome.code] += 1
                case _:
                    figures.wrong.append(f"{seed}:{number} {name}: {outcome!r}")

    try:
        with ThreadPoolExecutor(pool.workers) as threads:
            list(threads.map(one, range(first, first + count)))
    finally:
        done.set()
        watcher.join()
    if figures.slowest_live > LIVE_SECONDS:
        figures.wrong.append(f"/livez took {figures.slowest_live:.2f} s")
    return figures


def _read(pool: ReadPool, path: Path, name: str) -> tuple[float, ReadText | Exception]:
    task = ReadTask(name, f"file:///{name}", _DOCUMENT, "r", None, LIMITS, None)
    started = time.monotonic()
    try:
        outcome: ReadText | Exception = pool.read(path, task)
    except Exception as error:  # noqa: BLE001  (it is judged, not handled)
        outcome = error
    return time.monotonic() - started, outcome


def _watch(live: str | None, done: threading.Event, figures: Figures) -> None:
    if live is None:
        return
    with httpx.Client(trust_env=False, timeout=30.0) as client:
        while not done.wait(0.1):
            started = time.monotonic()
            client.get(live).raise_for_status()
            figures.slowest_live = max(figures.slowest_live, time.monotonic() - started)


def table(figures: Figures, log: Callable[[str], None] = print) -> None:
    """The figures as docs/reliability.md has them."""
    log("| mutants | read | refused by name | slowest s | slowest /livez s | broken promises |")
    log("|--:|--:|--:|--:|--:|--:|")
    log(
        f"| {figures.mutants:,} | {figures.read:,} | {figures.refused.total():,} "
        f"| {figures.slowest:.1f} | {figures.slowest_live:.2f} | {len(figures.wrong)} |"
    )
    log("")
    log(", ".join(f"`{code}` {count:,}" for code, count in figures.refused.most_common()))
    for line in figures.wrong:
        log(f"- {line}")
