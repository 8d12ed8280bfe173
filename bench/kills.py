"""Killing syncs (and, in bench.kills_upkeep, reindexes, backups and restores): SIGKILL at every step boundary and at random moments, then proof.

After each kill a reader must find each document wholly in its old or wholly in its new
revision; after one more sync the index must hold exactly the points that an undisturbed
sync makes. `python -m bench kills` kills some 300 times; the tests do it less often.

Every attempt runs in a forked child of a process that has everything imported and nothing
open, so that a kill costs a tenth of a second.
"""

import hashlib
import multiprocessing
import os
import random
import shutil
import signal
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from app.index.sparse import SparseEncoder
from app.models.embedding import EmbeddingIdentity, Matrix, Vector
from app.runtime import Storage, open_storage
from app.settings import Settings
from ingest.report import SyncRequest
from ingest.sync import IngestDeps, sync

KB = "default"
_FORK = multiprocessing.get_context("fork")

# Its dictionary takes a second to read: the children share the parent's.
_WORDS = SparseEncoder()

# A version of the folder: what each file holds, None where it is absent.
Version = dict[str, str | None]
OLD: Version = {
    "a.txt": "The first document says one. " * 60,
    "b.txt": "第二篇文档写的是二。" * 80,
    "c.txt": "The third document stays as it is. " * 10,
    "d.txt": "The fourth document will be removed. " * 10,
    "e.txt": None,
}
NEW: Version = {
    "a.txt": "The first document now says two. " * 90,
    "b.txt": "第二篇文档改写成了三。" * 20,
    "c.txt": OLD["c.txt"],
    "d.txt": None,
    "e.txt": "The fifth document is new. " * 40,
}


@dataclass
class Outcome:
    """`violations` are sentences; none is the promise."""

    kills: Counter[str] = field(default_factory=Counter)  # by what was killed
    survived: Counter[str] = field(default_factory=Counter)  # ended before the kill came
    violations: list[str] = field(default_factory=list)

    def count(self, work: str, killed: bool) -> None:
        (self.kills if killed else self.survived)[work] += 1


class HashEmbedder:
    """Vectors from digests: fast, and different for different texts."""

    def __init__(self, model: str = "digest", dimension: int = 16) -> None:
        self.identity = EmbeddingIdentity(model, "1", dimension, "", "", normalised=True)

    def embed_query(self, text: str) -> Vector:
        digest = hashlib.sha512(text.encode()).digest()[: self.identity.dimension]
        raw = np.frombuffer(digest, np.uint8)
        vector = raw.astype(np.float32) - 127.5
        return (vector / np.linalg.norm(vector)).astype(np.float32)

    def embed_passages(self, texts: Sequence[str]) -> Matrix:
        return np.stack([self.embed_query(text) for text in texts])


def run_suite(random_kills: int, seed: int = 1) -> Outcome:
    """Kill at every boundary of a first sync and of a sync with changes, then at random moments;
    then the same, with a quarter of the random moments each, for reindex, backup and restore."""
    # Here, since that module is built on this one.
    from bench.kills_upkeep import kill_upkeep

    outcome = Outcome()
    _WORDS.encode_query("分词 words")
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
                _write(place / "documents", before)
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
        for _ in range(random_kills):
            moment = rng.uniform(0, seconds)
            _attempt(start, place, OLD, NEW, wanted, outcome, after_seconds=moment)
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
    label = f"boundary {boundary}" if boundary is not None else f"{after_seconds:.4f} s"
    killed = in_child(_sync_and_die, place, boundary, after_seconds) == -signal.SIGKILL
    outcome.count("sync", killed)
    outcome.violations += [
        f"{label}: {text}" for text in ask_child(inspect, place, before or {}, after)
    ]
    points = set(ask_child(converge, place))
    if points != wanted:
        outcome.violations.append(
            f"{label}: {len(points - wanted)} points too many, {len(wanted - points)} missing after a rerun"
        )
    return killed


def restore_folder(start: Path, place: Path, version: Version) -> None:
    shutil.rmtree(place)
    shutil.copytree(start, place)
    _write(place / "documents", version)


def _write(folder: Path, version: Version) -> None:
    for name, text in version.items():
        path = folder / name
        if text is None:
            path.unlink(missing_ok=True)
        elif not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")


# --- in the child -------------------------------------------------------------------------


def open_library_at(data: Path, embedder: HashEmbedder) -> Storage:
    settings = Settings(_env_file=None, data=data, models=data / "models")  # type: ignore[call-arg]
    return open_storage(settings, embedder, _WORDS)


def _open(place: Path) -> Storage:
    return open_library_at(place / "data", HashEmbedder())


def _sync(storage: Storage, place: Path, on_step: Callable[[str], None]) -> None:
    deps = IngestDeps(
        storage.settings,
        storage.library,
        lambda: storage.indexes.writing(KB),
        storage.sparse,
        on_step,
    )
    request = SyncRequest((str(place / "documents"),), KB, allow_mass_delete=True)
    sync(deps, request, lambda _event: None)


def _sync_and_die(place: Path, boundary: int | None, after_seconds: float | None) -> None:
    passed = 0

    def on_step(_step: str) -> None:
        nonlocal passed
        if passed == boundary:
            os.kill(os.getpid(), signal.SIGKILL)
        passed += 1

    if after_seconds is not None:
        timer = threading.Timer(after_seconds, os.kill, (os.getpid(), signal.SIGKILL))
        timer.daemon = True
        timer.start()
    storage = _open(place)
    _sync(storage, place, on_step)
    storage.close()


def inspect(
    place: Path, before: Version, after: Version, opened: Callable[[Path], Storage] = _open
) -> list[str]:
    """What a reader sees that is neither the old nor the new state of a document."""
    storage = opened(place)
    index = storage.indexes.ensure(KB)
    seen: dict[str, str] = {}
    complaints = []
    for row in storage.library.documents(KB):
        if row.revision is None:
            continue
        name = row.source.rpartition("/")[2]
        text = storage.library.text(KB, row.id)
        passages = index.passages(row.id, row.revision)
        seen[name] = text
        if len(passages) != row.chunks or any(
            text[item.start : item.end] != item.text for item in passages
        ):
            complaints.append(f"{name}: {len(passages)} of {row.chunks} passages can be found")
    for name in {*before, *after}:
        allowed = {(version.get(name) or "").strip() for version in (before, after)}
        if seen.get(name, "").strip() not in allowed:
            complaints.append(f"{name}: neither old nor new")
    storage.close()
    return complaints


def converge(place: Path, embedder: HashEmbedder | None = None) -> list[str]:
    """Sync to the end; every point that the index holds then, as text."""
    storage = open_library_at(place / "data", embedder or HashEmbedder())
    _sync(storage, place, lambda _step: None)
    points = points_of(storage)
    storage.close()
    return points


def points_of(storage: Storage) -> list[str]:
    index = storage.indexes.ensure(KB)
    sources = {row.id: row.source for row in storage.library.documents(KB)}
    points = [
        f"{sources.get(document)} {revision} {passage.ordinal} {passage.text}"
        for document, revision in index.revisions()
        for passage in index.passages(document, revision)
    ]
    if storage.library.leftovers(KB):
        points.append("leftovers")
    return points


def in_child(work: Callable[..., None], *args: object) -> int:
    """The exit code: negative for a signal."""
    child = _FORK.Process(target=work, args=args)
    child.start()
    child.join()
    return child.exitcode or 0


def ask_child(work: Callable[..., list[str]], *args: object) -> list[str]:
    receiving, sending = _FORK.Pipe(duplex=False)

    def answer() -> None:
        sending.send(work(*args))

    child = _FORK.Process(target=answer)
    child.start()
    sending.close()
    try:
        found: list[str] = receiving.recv()
    except EOFError:
        found = ["the process that looked died"]
    child.join()
    return found


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
