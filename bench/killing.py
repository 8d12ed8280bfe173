"""What killing work on a library takes: a small library in two versions, children to be killed,
and a look at what they left.

Every attempt runs in a forked child of a process that has everything imported and nothing
open, so that a kill costs a tenth of a second.
"""

import hashlib
import multiprocessing
import os
import random
import shutil
import signal
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from app.index.sparse import SparseEncoder
from app.models.embedding import EmbeddingIdentity, Matrix, OnBatch, Vector, ignore_batch
from app.runtime import Storage, open_storage
from app.settings import Settings
from ingest.report import SyncRequest
from ingest.sync import sync
from ingest.writer import IngestDeps

KB = "default"
_FORK = multiprocessing.get_context("fork")

# Its dictionary takes a second to read: the children share the parent's.
WORDS = SparseEncoder()

# A version of the folder: what each file holds, None where it is absent.
Version = dict[str, str | None]
OLD: Version = {
    "a.txt": "The first document says one. " * 60,
    "b.txt": "第二篇文档写的是二。" * 80,
    "c.txt": "The third document stays as it is. " * 10,
    "d.txt": "The fourth document will be removed. " * 10,
    "e.txt": None,
    "f.txt": "The sixth document goes to another folder. " * 20,
    "g.txt": "第七篇文档改名。" * 60,
    "moved/f.txt": None,
    "h.txt": None,
}
# What is the same document under another name in the new version.
MOVED = (("f.txt", "moved/f.txt"), ("g.txt", "h.txt"))
NEW: Version = {
    "a.txt": "The first document now says two. " * 90,
    "b.txt": "第二篇文档改写成了三。" * 20,
    "c.txt": OLD["c.txt"],
    "d.txt": None,
    "e.txt": "The fifth document is new. " * 40,
    **{old: None for old, _ in MOVED},
    **{new: OLD[old] for old, new in MOVED},
}


OnStep = Callable[[str], None]
Work = Callable[[Path, OnStep], None]


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

    def embed_passages(self, texts: Sequence[str], _: OnBatch = ignore_batch) -> Matrix:
        return np.stack([self.embed_query(text) for text in texts])


def restore_folder(start: Path, place: Path, version: Version) -> None:
    shutil.rmtree(place)
    shutil.copytree(start, place)
    write(place / "documents", version)


def write(folder: Path, version: Version) -> None:
    for name, text in version.items():
        path = folder / name
        if text is None:
            path.unlink(missing_ok=True)
        elif not path.exists() or path.read_text(encoding="utf-8") != text:
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")


def killed(
    work: Work, place: Path, *, boundary: int | None = None, after_seconds: float | None = None
) -> bool:
    """Do `work` in a child that is killed before step `boundary`, or after so many seconds; False
    when the work ended first."""
    return in_child(_work_and_die, work, place, boundary, after_seconds) == -signal.SIGKILL


def _work_and_die(
    work: Work, place: Path, boundary: int | None, after_seconds: float | None
) -> None:
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
    work(place, on_step)


def when(boundary: int | None, after_seconds: float | None) -> str:
    """The moment of a kill, for people."""
    return f"boundary {boundary}" if boundary is not None else f"{after_seconds:.4f} s"


def kill_at_random(
    kills: int, seconds: float, rng: random.Random, attempt: Callable[[float], bool]
) -> None:
    """Kill `kills` times at random moments of work that takes about `seconds`; three times as many
    attempts at most.

    `attempt` is told the moment, and says whether the work was killed. Work that ended before takes
    less than was thought (the start of its process counts in `seconds`): later moments are drawn from
    little more than that.
    """
    for _ in range(3 * kills):
        if kills == 0:
            return
        moment = rng.uniform(0, seconds)
        if attempt(moment):
            kills -= 1
        else:
            seconds = min(seconds, 1.1 * moment)


# --- in the child -------------------------------------------------------------------------


def open_library_at(data: Path, embedder: HashEmbedder) -> Storage:
    settings = Settings(_env_file=None, data=data, models=data / "models")
    return open_storage(settings, embedder, WORDS)


def _open(place: Path) -> Storage:
    return open_library_at(place / "data", HashEmbedder())


def sync_open(storage: Storage, place: Path, on_step: OnStep) -> None:
    deps = IngestDeps(
        storage.settings,
        storage.library,
        storage.indexes,
        storage.sparse,
        storage.readers,
        on_step,
    )
    request = SyncRequest((str(place / "documents"),), KB, allow_mass_delete=True)
    sync(deps, request, lambda _event: None)


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
        name = row.source.rpartition("/documents/")[2]
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
    for old, new in MOVED:
        if before.get(old) and (old in seen) == (new in seen):
            complaints.append(f"{old}: seen {'twice' if old in seen else 'nowhere'} while it moves")
    storage.close()
    return complaints


def converge(place: Path, embedder: HashEmbedder | None = None) -> list[str]:
    """Sync to the end; every point that the index holds then, as text."""
    storage = open_library_at(place / "data", embedder or HashEmbedder())
    sync_open(storage, place, lambda _step: None)
    points = points_of(storage)
    storage.close()
    return points


def points_of(storage: Storage) -> list[str]:
    index = storage.indexes.ensure(KB)
    sources = {row.id: row.source for row in storage.library.documents(KB)}
    points = [
        f"{document} {sources.get(document)} {passage.source} {revision} {passage.ordinal}"
        f" {passage.title} {passage.text}"
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
