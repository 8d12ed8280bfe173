"""Killing reindexes, backups and restores at step boundaries and at random moments.

Every kind of step is killed at, and those that come many times (a file is packed) at several.

What must hold after each kill: a reindex leaves readers on the old or on the new index, each
document whole in it; a backup leaves the library as it was and no archive but whole ones; a
restore leaves a folder that nothing opens or the whole library. Done again, each ends as if it
had not been disturbed.
"""

import random
import shutil
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from app.errors import RestoreUnfinished
from app.index.fingerprint import alias_name, collection_name
from app.library.archive import DATABASE, restore_archive, unfinished_restore
from app.runtime import Storage
from bench.killing import (
    KB,
    OLD,
    HashEmbedder,
    OnStep,
    Outcome,
    Work,
    ask_child,
    converge,
    in_child,
    inspect,
    kill_at_random,
    killed,
    open_library_at,
    points_of,
    restore_folder,
    when,
)
from ingest.backup import backup
from ingest.reindex import ReindexDeps, reindex, settle_all

_OF_EACH = 5
Look = Callable[[Path], list[str]]

_FIRST, _SECOND = HashEmbedder("digest", 16), HashEmbedder("digest-24", 24)


def kill_upkeep(
    start: Path, place: Path, random_kills: int, rng: random.Random, outcome: Outcome
) -> None:
    """`start` holds a library that was synced with OLD. Adds to `outcome`."""
    restore_folder(start, place, OLD)
    in_child(_backup, place, lambda _step: None)
    shutil.copy(_archive(place), start / "sound.tar.gz")
    for name, work, look in (
        ("reindex", _reindex, _look_reindexed),
        ("backup", _backup, _look_backed_up),
        ("restore", _restore, _look_restored),
    ):
        restore_folder(start, place, OLD)
        started = time.perf_counter()
        in_child(work, place, lambda _step: None)
        seconds = time.perf_counter() - started
        wanted = set(ask_child(_points, place, name))
        restore_folder(start, place, OLD)
        for boundary in _spread(ask_child(_steps, work, place)):
            _attempt(start, place, name, work, look, wanted, outcome, boundary, None)
        at = partial(_attempt, start, place, name, work, look, wanted, outcome, None)
        kill_at_random(random_kills, seconds, rng, at)


def _spread(steps: list[str]) -> list[int]:
    """Places of up to `_OF_EACH` steps of each kind, evenly spread, the first and last among them."""
    chosen: set[int] = set()
    for kind in dict.fromkeys(steps):
        places = [place for place, step in enumerate(steps) if step == kind]
        last = len(places) - 1
        chosen |= {places[round(last * part / (_OF_EACH - 1))] for part in range(_OF_EACH)}
    return sorted(chosen)


def _steps(work: Work, place: Path) -> list[str]:
    """The steps of undisturbed work."""
    steps: list[str] = []
    work(place, steps.append)
    return steps


def _attempt(
    start: Path,
    place: Path,
    name: str,
    work: Work,
    look: Look,
    wanted: set[str],
    outcome: Outcome,
    boundary: int | None,
    after_seconds: float | None,
) -> bool:
    """One kill on a copy of `start`; False when the work ended first."""
    restore_folder(start, place, OLD)
    died = killed(work, place, boundary=boundary, after_seconds=after_seconds)
    outcome.count(name, died)
    moment = when(boundary, after_seconds)
    outcome.violations += [f"{name}, {moment}: {text}" for text in ask_child(look, place)]
    if in_child(work, place, lambda _step: None) != 0:
        outcome.violations.append(f"{name}, {moment}: it cannot be done again")
    if set(ask_child(_points, place, name)) != wanted:
        outcome.violations.append(f"{name}, {moment}: other points after it was done again")
    return died


# --- the work, in the child ---------------------------------------------------------------


def _archive(place: Path) -> Path:
    return place / "backup.tar.gz"


def _reindex(place: Path, on_step: OnStep) -> None:
    storage = open_library_at(place / "data", _current_model(place / "data"))
    deps = ReindexDeps(
        storage.settings,
        storage.library,
        storage.indexes,
        storage.sparse,
        storage.readers,
        on_step=on_step,
    )
    reindex(deps, _SECOND)
    storage.close()


def _backup(place: Path, on_step: OnStep) -> None:
    storage = open_library_at(place / "data", _FIRST)
    backup(storage.settings, storage.library, storage.vectors, _archive(place), on_step)
    storage.close()


def _restore(place: Path, on_step: OnStep) -> None:
    data = place / "restored"
    if (data / DATABASE).exists() and not unfinished_restore(data):
        return  # Killed when all was done: what is there is looked at as it is.
    restore_archive(place / "sound.tar.gz", data, on_step)


# --- looking, in the child ----------------------------------------------------------------


def _current_model(data: Path) -> HashEmbedder:
    """The one whose collection readers are sent to."""
    storage = open_library_at(data, _FIRST)
    second = collection_name(KB, storage.indexes.fingerprint_with(_SECOND))
    switched = storage.vectors.resolve(alias_name(KB)) == second
    storage.close()
    return _SECOND if switched else _FIRST


def _look_reindexed(place: Path) -> list[str]:
    def opened(place: Path) -> Storage:
        storage = open_library_at(place / "data", _current_model(place / "data"))
        settle_all(storage.library, storage.vectors)  # as every start does
        return storage

    storage = opened(place)
    complaints = []
    if storage.indexes.current(KB) is None:
        complaints.append("readers have no index")
    storage.close()
    return complaints + inspect(place, OLD, OLD, opened)


def _look_backed_up(place: Path) -> list[str]:
    complaints = inspect(place, OLD, OLD)
    if _archive(place).exists():
        shutil.rmtree(place / "proof", ignore_errors=True)
        restore_archive(_archive(place), place / "proof")  # raises: the child dies, which tells
        storage = open_library_at(place / "proof", _FIRST)
        if len(storage.library.documents(KB)) != sum(text is not None for text in OLD.values()):
            complaints.append("an archive without all documents")
        storage.close()
        shutil.rmtree(place / "proof")
    return complaints


def _look_restored(place: Path) -> list[str]:
    data = place / "restored"
    if not data.exists() or not any(data.iterdir()):
        return []
    try:
        storage = open_library_at(data, _FIRST)
    except RestoreUnfinished:
        return []
    documents = len(storage.library.documents(KB))
    storage.close()
    wanted = sum(text is not None for text in OLD.values())
    return [] if documents == wanted else [f"{documents} documents in a library that opens"]


def _points(place: Path, name: str) -> list[str]:
    """All points after the work was done to its end."""
    if name == "backup":
        shutil.rmtree(place / "proof", ignore_errors=True)
        restore_archive(_archive(place), place / "proof")
    data = place / {"reindex": "data", "backup": "proof", "restore": "restored"}[name]
    storage = open_library_at(data, _SECOND if name == "reindex" else _FIRST)
    points = points_of(storage)
    if list((place / "data").glob(".backup-*")):
        points.append("a copy is left over")
    storage.close()
    if name == "reindex":
        return points + converge(place, _SECOND)
    return points
