"""Parsing, cutting and embedding on a Ray cluster.

The bytes of a file are sent to a worker, so that no file system need be shared. A number of
groups of files, bounded in files and in bytes, is under way at a time. A worker that dies is
started again by Ray, and what it was doing is done again. If it dies once more, all files that
it had are tried at the end, each with a worker to itself; the ones on which a worker still dies are
left with WorkerLost, to be tried again by the next sync.
"""

import logging
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, fields
from typing import Any, Final

import ray
from ray.exceptions import (
    NodeDiedError,
    ObjectLostError,
    OutOfMemoryError,
    RayActorError,
    RayError,
    WorkerCrashedError,
)

from app.errors import EmbeddingFailed, GroundkbError, Phrase, RayFailed, WorkerLost, reason_of
from app.index.protocol import Point
from app.library.library import KnownFile
from app.models.embedding import Embedder, OnBatch
from app.models.sentence_transformer import build_embedder
from app.settings import Settings
from ingest.engines.pieces import pieces
from ingest.engines.protocol import Outcome, Workshop
from ingest.engines.ray_worker import WorkedText, Worker
from ingest.prepare import Incoming, Prepared, read_task, strikes_of, take
from ingest.reading import Abandoned, Raised
from ingest.sources.found import FoundFile

log = logging.getLogger(__name__)

# Sent together: one file has too few windows for batches of even length.
GROUP_FILES: Final = 8
GROUP_BYTES: Final = 1_000_000
# Under way at a time: one group being worked on and one waiting for each worker, and no more
# bytes of files than this (a larger single file goes alone).
AHEAD: Final = 2
AHEAD_BYTES: Final = 256_000_000
# A worker imports torch and loads the model, on a machine that may be busy.
START_SECONDS: Final = 600.0
# Of a Ray that is started here; spills to disk beyond.
_STORE_BYTES: Final = 1_000_000_000
_RETRIES: Final = 1
_POLL: Final = 0.2
_LOST = (RayActorError, WorkerCrashedError, OutOfMemoryError, NodeDiedError, ObjectLostError)

Build = Callable[[Settings], Embedder]


@dataclass(frozen=True)
class Embedded(Prepared):
    """A document that came back with its points."""

    points: tuple[Point, ...] = ()

    @classmethod
    def of(cls, item: Prepared, points: tuple[Point, ...]) -> "Embedded":
        return cls(
            **{field.name: getattr(item, field.name) for field in fields(Prepared)}, points=points
        )


@dataclass(frozen=True)
class _Group:
    files: tuple[Incoming, ...]
    worker: Any
    alone: bool  # nothing else is with that worker: if it dies, this is why


class RayEngine:
    """See ingest.engines.protocol.IngestEngine. Files come in the order in which they are done."""

    def __init__(self, workshop: Workshop, workers: Sequence[Any], disconnect: bool) -> None:
        self._workshop = workshop
        self._workers = list(workers)
        self._disconnect = disconnect
        self._under_way: dict[Any, _Group] = {}
        self._suspects: deque[Incoming] = deque()

    def prepare(
        self,
        files: Sequence[tuple[FoundFile, KnownFile | None]],
        on_parsed: Callable[[], None],
    ) -> Generator[Outcome, None, None]:
        settings, originals = self._workshop.settings, self._workshop.originals
        most = min(GROUP_FILES, max(1, len(files) // (AHEAD * len(self._workers))))
        group: list[Incoming] = []
        ready: deque[Outcome] = deque()
        try:
            for found, known in files:
                taken = take(settings, originals, found, known)
                if not isinstance(taken, Incoming):
                    yield taken
                    continue
                group.append(taken)
                if len(group) == most or _size(group) >= GROUP_BYTES:
                    while self._is_full(_size(group)):
                        self._collect(ready)
                    self._submit(group)
                    group = []
                while ready:
                    on_parsed()
                    yield ready.popleft()
            if group:
                self._submit(group)
                group = []
            while self._under_way or self._suspects:
                while self._suspects and self._idle():
                    self._submit([self._suspects.popleft()], alone=True)
                self._collect(ready)
                while ready:
                    on_parsed()
                    yield ready.popleft()
        except Abandoned:
            return
        finally:
            waiting: list[Prepared | Incoming] = [
                item for item in ready if isinstance(item, Prepared)
            ]
            sent = [file for held in self._under_way.values() for file in held.files]
            for item in [*waiting, *group, *sent, *self._suspects]:
                originals.discard(item.taken)
            self._under_way.clear()
            self._suspects.clear()

    def points(
        self, batch: Sequence[Prepared], on_batch: OnBatch
    ) -> Generator[list[Point], None, None]:
        gathered: list[Point] = []
        windows = 0
        for item in batch:
            if not isinstance(item, Embedded):
                for points in self._in_pieces(item):
                    on_batch(sum(len(point.dense) for point in points))
                    yield points
                continue
            gathered += item.points
            windows += item.windows
            if windows >= self._workshop.batch_windows:
                yield gathered
                gathered, windows = [], 0
        if gathered:
            yield gathered

    def is_embedded(self, item: Prepared) -> bool:
        """Unless it is one of the long ones."""
        return isinstance(item, Embedded)

    def close(self) -> None:
        """Stop the workers, and Ray if it was started for this."""
        for worker in self._workers:
            ray.kill(worker)
        if self._disconnect:
            ray.shutdown()

    def _is_full(self, more: int) -> bool:
        held = list(self._under_way.values())
        return len(held) >= AHEAD * len(self._workers) or (
            bool(held) and sum(_size(group.files) for group in held) + more > AHEAD_BYTES
        )

    def _idle(self) -> bool:
        """Whether some worker has nothing to do."""
        busy = [group.worker for group in self._under_way.values()]
        return any(worker not in busy for worker in self._workers)

    def _submit(self, files: Sequence[Incoming], alone: bool = False) -> None:
        """To the worker with the least to do."""
        busy = [group.worker for group in self._under_way.values()]
        worker = min(self._workers, key=busy.count)
        tasks = [
            (read_task(self._workshop.settings, file), file.taken.path.read_bytes())
            for file in files
        ]
        self._under_way[worker.read.remote(tasks)] = _Group(tuple(files), worker, alone)

    def _collect(self, ready: deque[Outcome]) -> None:
        """Wait for one group and add what became of its files; or keep them to be tried alone."""
        found: list[Any] = []
        while not found:
            if self._workshop.stop():
                raise Abandoned
            found, _ = ray.wait(list(self._under_way), num_returns=1, timeout=_POLL)
        (done, *_) = found
        try:
            answers = _answer(done)
        except _LOST as error:
            group = self._under_way.pop(done)
            log.warning("a worker was lost on %d files: %s", len(group.files), error)
            if not group.alone:
                self._suspects.extend(group.files)
                return
            (file,) = group.files
            lost = WorkerLost(path=file.found.path.name, detail=_first_line(error))
            ready.append(self._failed(file, lost))
            return
        group = self._under_way.pop(done)
        for file, answer in zip(group.files, answers, strict=True):
            match answer:
                case Raised():
                    ready.append(self._failed(file, answer.again()))
                case WorkedText(text, points):
                    item = file.with_text(text)
                    ready.append(item if points is None else Embedded.of(item, points))

    def _failed(self, file: Incoming, error: GroundkbError) -> Outcome:
        self._workshop.originals.discard(file.taken)
        strikes = strikes_of(file, self._workshop.conditions) + error.ended_a_worker
        return file.failed(error, strikes)

    def _in_pieces(self, item: Prepared) -> Iterator[list[Point]]:
        """A long document, embedded by all workers."""
        parsed = ray.put(item.parsed)
        pairs = [(passage, item.parsed) for passage in item.passages]
        waiting = iter(list(pieces(pairs, self._workshop.batch_windows)))
        under_way: deque[Any] = deque()
        turn = 0
        while True:
            while len(under_way) < AHEAD * len(self._workers) and (piece := next(waiting, None)):
                worker = self._workers[turn % len(self._workers)]
                under_way.append(worker.embed.remote([passage for passage, _ in piece], parsed))
                turn += 1
            if not under_way:
                return
            try:
                points: list[Point] = _answer(under_way.popleft())
            except _LOST as error:
                raise EmbeddingFailed(detail=_first_line(error)) from error
            yield points


def open_ray(workshop: Workshop, build: Build = build_embedder) -> RayEngine:
    """Connect to the cluster of the settings, or start Ray on this machine, and start the workers.

    `build` makes the embedder in a worker. Raises RayFailed, and what is in the way of loading the
    model there.
    """
    settings = workshop.settings
    _keep_quiet()
    connected = not ray.is_initialized()
    if connected:
        _connect(settings.ray_address)
    try:
        workers = _start_workers(workshop, build)
    except BaseException:
        if connected:
            ray.shutdown()
        raise
    return RayEngine(workshop, workers, connected)


def _keep_quiet() -> None:
    """Standard output is for the command's own report, which may be JSON; Ray writes there what
    happens to its workers. No option turns this off; Ray's own debugger does it in this way."""
    logging.getLogger("ray").setLevel(logging.ERROR)
    ray._private.worker._worker_logs_enabled = False


def _connect(address: str | None) -> None:
    options: dict[str, Any] = {"log_to_driver": False, "configure_logging": False}
    if address is None:
        options |= {"include_dashboard": False, "object_store_memory": _STORE_BYTES}
    try:
        ray.init(address=address or "local", namespace="groundkb", **options)
    except (RayError, ConnectionError, OSError, RuntimeError, ValueError) as error:
        raise RayFailed(address=address or "local", detail=_first_line(error)) from error


def _start_workers(workshop: Workshop, build: Build) -> list[Any]:
    """As many as asked for, or as the cluster has processors for; those that do not come are left out."""
    settings = workshop.settings
    resources: dict[str, float] = ray.cluster_resources()  # type: ignore[no-untyped-call]
    cpus = int(resources.get("CPU", 1))
    count = settings.ray_workers or max(1, cpus // settings.ray_worker_cpus)
    each = min(settings.ray_worker_cpus, cpus // count) or cpus / count
    # Without retries a task that comes while its worker is being started again would fail at once.
    kind: Any = ray.remote(num_cpus=each, max_restarts=-1, max_task_retries=_RETRIES)(Worker)
    bare = settings.model_copy(update=_SECRETS)
    workers = [kind.remote(bare, workshop.embedder.identity, build) for _ in range(count)]
    starts = [worker.start.remote() for worker in workers]
    _done, late = ray.wait(starts, num_returns=count, timeout=START_SECONDS)
    running = []
    try:
        for worker, start in zip(workers, starts, strict=True):
            if start in late:
                ray.kill(worker)
                continue
            _answer(start)
            running.append(worker)
        if not running:
            raise RayFailed(
                address=settings.ray_address or "local",
                detail=Phrase(
                    "ray_none_started", count=count, processors=each, seconds=START_SECONDS
                ),
            )
    except _LOST as error:
        raise RayFailed(
            address=settings.ray_address or "local", detail=_first_line(error)
        ) from error
    if late:
        log.warning("%d of %d Ray workers did not start", len(late), count)
    return running


# Workers speak to no index, no database and no chat server.
_SECRETS: Final = {
    "api_keys": (),
    "qdrant_api_key": None,
    "openai_api_key": None,
    "database_url": None,
}


def _answer(done: Any) -> Any:
    """What a worker answered. Raises the error that it met, and Ray's if it was lost."""
    answer = ray.get(done)
    if isinstance(answer, Raised):
        raise answer.again()
    return answer


def _size(files: Sequence[Incoming]) -> int:
    return sum(file.taken.size for file in files)


def _first_line(error: BaseException) -> str:
    return str(reason_of(error)).splitlines()[0]
