"""What one server process holds, and how it comes to hold it: the runtime opens in the background."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Final, Literal, TypeVar

import structlog
from starlette.requests import Request

from app.api.answers import Answers
from app.api.metrics import Held, Metrics
from app.api.provider import Provider
from app.api.pulling import Pulling
from app.api.queue import AnswerQueue
from app.api.remembered import Remembered
from app.api.shadowing import Shadow
from app.api.throttle import Throttle
from app.errors import (
    ChatServerDown,
    DiskFull,
    EmbeddingServerDown,
    GroundkbError,
    IndexInUse,
    IndexUnreachable,
    Internal,
    LibraryUnavailable,
    ReaderServerDown,
    ServiceStarting,
    reason_of,
)
from app.library.sight import usual_kb
from app.runtime import Runtime
from app.settings import Settings
from app.texts import FALLBACK, told

log = structlog.get_logger(__name__)

# Worth waiting for: another container that is still starting, a nightly sync that holds the index.
PASSING: Final = (
    ChatServerDown,
    DiskFull,
    EmbeddingServerDown,
    IndexInUse,
    IndexUnreachable,
    LibraryUnavailable,
    ReaderServerDown,
)
RETRY_SECONDS: Final = 3.0

T = TypeVar("T")

# What can be down.
Part = Literal["chat", "index", "library", "embedding", "reader"]
OpenRuntime = Callable[[Settings], Awaitable[Runtime]]


class Opening:
    """The way to an open runtime. `decided` is set once it is open or has failed for good."""

    def __init__(self, settings: Settings, open_runtime: OpenRuntime) -> None:
        self._settings = settings
        self._open = open_runtime
        self._task: asyncio.Task[None] | None = None
        self._runtime: Runtime | None = None
        self.error: GroundkbError | None = None
        self.decided = asyncio.Event()

    def start(self) -> None:
        self._task = asyncio.create_task(self._run())

    async def _run(self) -> None:
        try:
            while True:
                try:
                    self._runtime = await self._open(self._settings)
                    self.error = None
                    return
                except PASSING as error:
                    self.error = error
                    log.warning("waiting", code=error.code, reason=told(error, FALLBACK).message)
                    await asyncio.sleep(RETRY_SECONDS)
        except GroundkbError as error:
            self.error = error
            log.error("cannot_start", code=error.code, reason=told(error, FALLBACK).message)
        except Exception as bug:
            # Else the server would stay as it is, starting, for ever.
            self.error = Internal(detail=reason_of(bug))
            log.error("cannot_start", exc_info=bug)
        finally:
            self.decided.set()

    @property
    def runtime(self) -> Runtime:
        """Raises ServiceStarting while it opens, and the error that keeps it from opening."""
        if self._runtime is not None:
            return self._runtime
        if self.error is not None:
            raise self.error
        raise ServiceStarting

    @classmethod
    def already(cls, settings: Settings, runtime: Runtime) -> "Opening":
        """For a runtime that the caller opened and will close."""

        async def given(settings: Settings) -> Runtime:  # noqa: ARG001
            return runtime

        opening = cls(settings, given)
        opening._runtime = runtime
        opening.decided.set()
        return opening

    async def close(self) -> None:
        """Stop opening, or close what was opened."""
        if self._task is None:
            return
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        if self._runtime is not None:
            await self._runtime.close()
            self._runtime = None


@dataclass(frozen=True)
class Finding:
    """What became of the probe of a part; `error` None: it works."""

    part: Part
    ms: float
    error: GroundkbError | None


@dataclass
class Service:
    """`operator_token` opens every address, /sync included; None: nobody is the operator.
    `stopping` ends answers and syncs that are under way."""

    settings: Settings
    opening: Opening
    metrics: Metrics
    operator_token: str | None
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    wrong_keys: Throttle = field(init=False)  # by address
    wrong_names: Throttle = field(init=False)  # passwords, by name
    requests: Throttle = field(init=False)  # by person or key, and by address
    # Passwords are looked at two at a time: each takes 64 MiB and a thread for a while, and whoever
    # sends many at once is stopped by what the first ones were.
    hashing: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(2))
    # So are texts that somebody only wants embedded, however many requests there are.
    embedding: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(2))
    # Threads that only find out who somebody is: all others may be waiting for a model, or a server that hangs.
    door: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(4, "door"))
    provider: Provider | None = field(init=False)
    queue: AnswerQueue = field(init=False)
    shadow: Shadow = field(init=False)
    answers: Answers = field(default_factory=Answers)
    pulling: Pulling = field(default_factory=Pulling)
    readiness: Remembered[tuple[Finding, ...]] = field(default_factory=lambda: Remembered(1.0))
    held: Remembered[Held] = field(default_factory=lambda: Remembered(10.0))
    instance: str = field(default_factory=lambda: secrets.token_hex(8))

    def __post_init__(self) -> None:
        self.wrong_keys = Throttle(self.settings.max_wrong_keys)
        self.wrong_names = Throttle(self.settings.max_wrong_keys)
        self.requests = Throttle(self.settings.max_requests)
        self.provider = Provider(self.settings) if self.settings.oidc_issuer else None
        figures = self.metrics
        self.queue = AnswerQueue(
            self.settings.answers_at_once,
            self.settings.answers_waiting,
            self.settings.answers_wait_seconds,
            figures.queue_seconds.observe,
            figures.queue_refused.inc,
        )
        self.shadow = Shadow(self.queue)
        figures.queue_length.set_function(lambda: self.queue.waiting)

    @property
    def runtime(self) -> Runtime:
        """See Opening.runtime."""
        return self.opening.runtime

    async def at_door(self, look: Callable[[], T]) -> T:
        """What `look` finds of who calls, in a thread of `door`."""
        return await asyncio.get_running_loop().run_in_executor(self.door, look)

    def kb(self, name: str | None, kbs: Collection[str] | None = None) -> str:
        """The knowledge base that is meant. `kbs`: those that the caller is limited to; where that is one,
        it need not be named."""
        return name or usual_kb(kbs, self.settings.kb)


def service_of(request: Request) -> Service:
    """The service that this request came to."""
    service: Service = request.app.state.service
    return service
