"""Tests of another chat model or other settings on the questions that people ask."""

import asyncio
import math
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Final

from fastapi import APIRouter

from app.answering.shadow import report
from app.api.auth import DOCUMENTED, Guarded
from app.api.dependencies import ServiceDep
from app.api.service import Service
from app.api.wire.base import FAILURES, not_found
from app.api.wire.shadow import Promotion, ShadowIn, ShadowStatus
from app.errors import NoShadowTest
from app.library.shadow import ShadowState, Tried

router = APIRouter(tags=["shadow tests"], route_class=Guarded, dependencies=DOCUMENTED)
NO_TEST: Final = not_found("test")


def _plain(value: Any) -> Any:
    """JSON knows no NaN: of no case there is no figure."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return None if isinstance(value, float) and math.isnan(value) else value


def status_of(service: Service, to_set: Mapping[str, str] | None = None) -> ShadowStatus:
    """Blocking. Raises LibraryUnavailable."""
    library, progress = service.runtime.library, service.shadow.progress
    test = library.shadow.latest()
    if test is None:
        return ShadowStatus(test=None, report=None)
    found = report(library.shadow.pairs(test.id))
    return ShadowStatus.model_validate(
        {
            "test": _plain(asdict(test)),
            "report": _plain(asdict(found)),
            "building": progress and asdict(progress),
            "to_set": to_set or {},
        }
    )


@router.get(
    "/shadow",
    summary="The latest test and what it tells",
    description="Of the questions that were answered twice: how often both agree, how many were refused, what the "
    "documents bear out and how long it took, each with a 95 % interval, and the pairs that differ.",
    responses=FAILURES,
)
def shadow(service: ServiceDep) -> ShadowStatus:
    return status_of(service)


@router.post(
    "/shadow",
    status_code=201,
    summary="Begin a test",
    description="A share of the questions is answered once more by another chat model or with other settings, after "
    "their askers have their answers, when nobody waits, and shown to nobody. One that is running ends. For another "
    "embedding model an index is built beside the one in use, while no question is under way.",
    responses=FAILURES,
)
async def start(body: ShadowIn, service: ServiceDep) -> ShadowStatus:
    runtime = service.runtime
    tried = Tried(body.chat, body.settings)
    candidate = await runtime.trying(tried)
    if candidate.chat_is_own and candidate.chat is not None:
        try:
            await candidate.chat.probe()
        finally:
            await candidate.chat.close()
    await service.shadow.forget()
    await asyncio.to_thread(runtime.library.shadow.start, tried, body.share)
    await service.shadow.forget()
    service.shadow.begin(runtime, candidate.beside)
    return await asyncio.to_thread(status_of, service)


@router.delete(
    "/shadow",
    summary="End the test",
    description="What it has found so far stays.",
    responses=NO_TEST,
)
async def stop(service: ServiceDep) -> ShadowStatus:
    library = service.runtime.library
    test = await asyncio.to_thread(library.shadow.latest, "running")
    if test is None:
        raise NoShadowTest
    await asyncio.to_thread(library.shadow.change, test.id, "stopped")
    await service.shadow.forget()
    return await asyncio.to_thread(status_of, service)


@router.post(
    "/shadow/promotion",
    summary="Answer with what was tried, or go back",
    description="From the next question on, and after a restart too, whatever the settings of the server say of it; "
    "`rollback` gives it back to the settings. Other processes take it up when they start. Another embedding model is "
    "that of the library's index then, as after `POST /reindex`: `to_set` says what the settings have to name before "
    "the next start.",
    responses=NO_TEST,
)
async def promote(body: Promotion, service: ServiceDep) -> ShadowStatus:
    runtime = service.runtime
    wanted: tuple[ShadowState, ...] = ("running", "stopped", "back")
    wanted = ("promoted",) if body.rollback else wanted
    test = await asyncio.to_thread(runtime.library.shadow.latest, *wanted)
    if test is None:
        raise NoShadowTest
    await service.shadow.forget()
    if body.rollback:
        to_set = await runtime.go_back(test.tried)
    else:
        to_set = await runtime.take_up(test.tried)
    state: ShadowState = "back" if body.rollback else "promoted"
    await asyncio.to_thread(runtime.library.shadow.change, test.id, state)
    await service.shadow.forget()
    return await asyncio.to_thread(status_of, service, to_set)
