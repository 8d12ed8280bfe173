"""Killing syncs (and, in bench.kills_upkeep, reindexes, backups and restores): SIGKILL at every step boundary and at random moments, then proof.

After each kill a reader must find each document wholly in its old or wholly in its new
revision; after one more sync the index must hold exactly the points that an undisturbed
sync makes. `python -m bench kills` kills some 300 times; the tests do it less often.
"""

import random
import shutil
import tempfile
import time
from pathlib import Path

from bench.killing import (
    NEW,
    OLD,
    WORDS,
    HashEmbedder,
    OnStep,
    Outcome,
    Version,
    ask_child,
    converge,
    inspect,
    kill_at_random,
    killed,
    open_library_at,
    restore_folder,
    sync_open,
    when,
    write,
)
from bench.kills_upkeep import kill_upkeep


def run_suite(random_kills: int, seed: int = 1) -> Outcome:
    """Kill at every boundary of a first sync and of a sync with changes, then at random moments;
    then the same, with a quarter of the random moments each, for reindex, backup and restore."""
    outcome = Outcome()
    WORDS.encode_query("分词 words")
    # In memory where that is possible: a killed process loses nothing that the system holds, and
    # a disk that is waited for would make up nine tenths of the time.
    memory = "/dev/shm" if Path("/dev/shm").is_dir() else None
    with tempfile.TemporaryDirectory(prefix="groundkb-kills-", dir=memory) as name:
        # Everything happens at one path, since documents are known by their paths.
        place, start = Path(name) / "library", Path(name) / "start"
        (place / "documents").mkdir(parents=True)
        shutil.copytree(place, start)
        for before, after in ((None, OLD), (OLD, NEW)):
            if before is not None:
                write(place / "documents", before)
                ask_child(converge, place)
                shutil.rmtree(start)
                shutil.copytree(place, start)
            restore_folder(start, place, after)
            started = time.perf_counter()
            wanted = set(ask_child(converge, place))
            seconds = time.perf_counter() - started
            boundary = 0
            while _attempt(start, place, before, after, wanted, outcome, boundary=boundary):
                boundary += 1
            restore_folder(start, place, before or {})
        rng = random.Random(seed)

        def at(moment: float) -> bool:
            return _attempt(start, place, OLD, NEW, wanted, outcome, after_seconds=moment)

        kill_at_random(random_kills, seconds, rng, at)
        kill_upkeep(start, place, random_kills // 4, rng, outcome)
    return outcome


def _attempt(
    start: Path,
    place: Path,
    before: Version | None,
    after: Version,
    wanted: set[str],
    outcome: Outcome,
    *,
    boundary: int | None = None,
    after_seconds: float | None = None,
) -> bool:
    """One kill on a copy of `start`; False when the sync ended first."""
    restore_folder(start, place, after)
    label = when(boundary, after_seconds)
    died = killed(_sync, place, boundary=boundary, after_seconds=after_seconds)
    outcome.count("sync", died)
    outcome.violations += [
        f"{label}: {text}" for text in ask_child(inspect, place, before or {}, after)
    ]
    points = set(ask_child(converge, place))
    if points != wanted:
        outcome.violations.append(
            f"{label}: {len(points - wanted)} points too many, {len(wanted - points)} missing after a rerun"
        )
    return died


def _sync(place: Path, on_step: OnStep) -> None:
    storage = open_library_at(place / "data", HashEmbedder())
    sync_open(storage, place, on_step)
    storage.close()


def main() -> None:
    started = time.perf_counter()
    outcome = run_suite(random_kills=140)
    seconds = time.perf_counter() - started
    print(f"## Kills ({seconds:.0f} s)\n")
    print("| what was killed | kills | ended before the kill |")
    print("|---|--:|--:|")
    for work in outcome.kills:
        print(f"| {work} | {outcome.kills[work]} | {outcome.survived[work]} |")
    print(f"| all | {outcome.kills.total()} | {outcome.survived.total()} |\n")
    print(f"Violations: {len(outcome.violations)}\n")
    for violation in outcome.violations:
        print(f"- {violation}")
