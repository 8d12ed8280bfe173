"""Is the process alive, can it answer, and what do the figures say."""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Sequence
from importlib.metadata import version
from typing import Final

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from app.api.auth import Guarded, is_trusted
from app.api.dependencies import LanguageDep, ServiceDep
from app.api.errors import error_body, unexpected
from app.api.logs import request_id
from app.api.metrics import Held
from app.api.service import Finding, Part
from app.api.wire.base import FAILURES, ErrorDetail
from app.api.wire.health import ChatChoice, Check, Live, Ready
from app.errors import (
    GroundkbError,
    ProbeTimeout,
    ServiceNotReady,
    ServiceStarting,
)
from app.index.factory import INDEX_FOLDER
from app.library.disk import bytes_in
from app.models.ollama import OllamaChat
from app.models.reader_server import build_reader
from app.runtime import Runtime, Storage
from app.texts import say

router = APIRouter(tags=["health"])
guarded = APIRouter(tags=["health"], route_class=Guarded)
PROBE_SECONDS: Final = 5.0


@router.get("/livez", summary="Is the process alive")
async def livez(service: ServiceDep) -> Live:
    return Live(version=version("groundkb"), instance=service.instance)


@router.get(
    "/readyz",
    response_model=Ready,
    summary="Can it answer",
    description="Asks every part, with a time limit and at most once a second. Causes and remedies are told to callers "
    "who may call the API; others learn what is down.",
    responses={503: {"model": Ready, "description": "Not everything works, or not yet."}},
)
async def readyz(request: Request, service: ServiceDep, language: LanguageDep) -> Response:
    try:
        runtime = service.runtime
    except GroundkbError as error:
        detail = error_body(error, language).error
        ready = Ready(
            status="starting" if isinstance(error, ServiceStarting) else "not_ready",
            checks=(Check(part="service", ok=False, ms=0, error=detail),),
            error=detail,
        )
    else:
        identifier = request_id(request)
        findings = await service.readiness.get(lambda: _probed(runtime, identifier))
        ready = _told(runtime, findings, language)
    if not await is_trusted(request, service):
        ready = _without_details(ready)
    return JSONResponse(ready.model_dump(), 200 if ready.status == "ready" else 503)


@guarded.get(
    "/metrics", summary="Figures for Prometheus", response_class=Response, responses=FAILURES
)
async def metrics(service: ServiceDep) -> Response:
    # While it opens, or without its database, all other figures are there all the same.
    with contextlib.suppress(GroundkbError):
        runtime = service.runtime
        service.metrics.hold(await service.held.get(lambda: _held(runtime)))
    return Response(service.metrics.exposition(), media_type=service.metrics.content_type)


async def _held(runtime: Runtime) -> Held:
    library, settings = runtime.library, runtime.settings
    documents, passages = await asyncio.to_thread(library.totals)
    jobs = await asyncio.to_thread(library.jobs.unfinished_counts)
    folder = None if settings.qdrant_url else settings.data / INDEX_FOLDER
    memory = None
    if isinstance(runtime.chat, OllamaChat):
        with contextlib.suppress(GroundkbError):
            memory = await asyncio.wait_for(runtime.chat.loaded(), PROBE_SECONDS)
    return Held(
        documents,
        passages,
        jobs["queued"],
        jobs["running"],
        await asyncio.to_thread(bytes_in, folder) if folder else None,
        memory.all if memory else None,
        memory.gpu if memory else None,
    )


async def _probed(runtime: Runtime, identifier: str) -> tuple[Finding, ...]:
    storage = runtime.storage
    chat = {"chat": runtime.chat.probe()} if runtime.chat else {}
    elsewhere = runtime.settings.reader_url is not None
    reader = {"reader": asyncio.to_thread(build_reader, runtime.settings)} if elsewhere else {}
    probes: dict[Part, Awaitable[object]] = {
        **chat,  # type: ignore[dict-item]
        **reader,  # type: ignore[dict-item]
        "index": asyncio.to_thread(_probe_index, storage),
        "library": asyncio.to_thread(storage.library.probe),
        "embedding": asyncio.to_thread(storage.embedder.embed_query, "ready?"),
    }
    return tuple(
        await asyncio.gather(*(_check(part, probe, identifier) for part, probe in probes.items()))
    )


def _told(runtime: Runtime, findings: Sequence[Finding], language: str) -> Ready:
    down = [finding.part for finding in findings if finding.error is not None]
    error = error_body(ServiceNotReady(parts=", ".join(down)), language).error if down else None
    return Ready(
        status="not_ready" if down else "ready",
        checks=tuple(
            Check(
                part=finding.part,
                ok=finding.error is None,
                ms=finding.ms,
                error=error_body(finding.error, language).error if finding.error else None,
            )
            for finding in findings
        ),
        chat=ChatChoice(
            provider=runtime.chat.provider if runtime.chat else "none",
            model=runtime.chat.name if runtime.chat else "",
            reason=say(runtime.chat_reason, language),
        ),
        embedding=runtime.embedder.identity.model,
        error=error,
    )


def _probe_index(storage: Storage) -> None:
    """Raises the engine's errors, and IndexMismatch when another process has the library indexed
    with another model meanwhile."""
    storage.vectors.probe()
    storage.check_indexes()


async def _check(part: Part, probe: Awaitable[object], identifier: str) -> Finding:
    started = time.perf_counter()
    error: GroundkbError | None = None
    try:
        await asyncio.wait_for(probe, PROBE_SECONDS)
    except TimeoutError:
        error = ProbeTimeout(part=part, seconds=PROBE_SECONDS)
    except GroundkbError as named:
        error = named
    except Exception as bug:  # noqa: BLE001  one broken part must not hide the state of the others
        error = unexpected(bug, identifier)
    return Finding(part, round((time.perf_counter() - started) * 1000, 1), error)


def _without_details(ready: Ready) -> Ready:
    """For callers without a key: causes may hold addresses of the inner network."""

    def bare(error: ErrorDetail | None) -> ErrorDetail | None:
        return error and ErrorDetail(code=error.code, message="", hint="")

    checks = tuple(check.model_copy(update={"error": bare(check.error)}) for check in ready.checks)
    return ready.model_copy(
        update={"checks": checks, "error": bare(ready.error), "chat": None, "embedding": None}
    )
