"""The HTTP door: parse, call, return."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta
from importlib.metadata import version
from typing import Any, Final

import structlog
from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from app.api.answers import LOST_SECONDS
from app.api.errors import install_errors
from app.api.metrics import Metrics
from app.api.middleware.assets import Assets
from app.api.middleware.envelope import Envelope
from app.api.middleware.head import HeadAsGet
from app.api.middleware.hosts import HostGuard
from app.api.middleware.limits import BodyLimit
from app.api.middleware.prefix import PathPrefix
from app.api.middleware.proxies import TrustedProxies
from app.api.middleware.sign_in import SignInFirst
from app.api.routes import (
    ask,
    audit,
    conversations,
    curated,
    documents,
    feedback,
    gaps,
    health,
    jobs,
    knowledge_bases,
    maintenance,
    me,
    models,
    openai,
    people,
    rights,
    search,
    shadow,
    sign_in,
    sources,
    sync,
    uploads,
)
from app.api.routes.docs import install_docs
from app.api.routes.static import STATIC, install_ui
from app.api.service import Opening, Service
from app.api.tracing import tracing_of
from app.api.wire.events import event_schemas
from app.errors import GroundkbError
from app.library.library import Library
from app.library.tables import now
from app.runtime import Runtime, open_runtime
from app.settings import Settings

log = structlog.get_logger(__name__)
PURGE_SECONDS: Final = 3600.0
# An answer that has been under way for longer was cut off by the end of its server.
LONGEST_ANSWER: Final = timedelta(minutes=30)
DESCRIPTION = (
    "Answers from your own documents, with the sentence behind each answer, or an honest refusal. "
    'Every error has the shape `{"error": {"code", "message", "hint"}}`.'
)
ROUTERS: Final = (
    ask.router,
    search.router,
    conversations.router,
    feedback.router,
    gaps.router,
    shadow.router,
    models.router,
    curated.router,
    knowledge_bases.router,
    documents.router,
    uploads.router,
    jobs.router,
    sources.router,
    sync.router,
    maintenance.router,
    openai.router,
    me.router,
    people.router,
    people.own,
    rights.router,
    audit.router,
    sign_in.router,
    health.router,
    health.guarded,
)


def create_app(
    settings: Settings, runtime: Runtime | None = None, operator_token: str | None = None
) -> FastAPI:
    """The application. Without `runtime` it opens its own in the background, once started, and
    closes it at the end; a given one stays the caller's. `operator_token` opens /sync."""
    tracing = tracing_of(settings)
    metrics = Metrics(tracing.answered) if tracing else Metrics()
    opening = Opening.already(settings, runtime) if runtime else Opening(settings, open_runtime)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        if runtime is None:
            opening.start()
        working = asyncio.create_task(_work(opening, settings, metrics, now()))
        try:
            yield
        finally:
            working.cancel()
            left = await app.state.service.answers.close()
            if left:
                kept = opening.runtime.library.conversations
                # The next start notes it, and all else has still to be closed.
                with suppress(GroundkbError):
                    await asyncio.to_thread(kept.interrupt, left)
            await app.state.service.shadow.close()
            await opening.close()
            if tracing is not None:
                await asyncio.to_thread(tracing.close)

    app = FastAPI(
        title="groundkb",
        version=version("groundkb"),
        description=DESCRIPTION,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
    )
    app.state.service = Service(settings, opening, metrics, operator_token)
    for router in ROUTERS:
        app.include_router(router)
    install_docs(app)
    install_ui(app)
    install_errors(app, settings, [route for router in ROUTERS for route in router.routes])
    # The last one added is the outermost.
    if settings.accounts:
        app.add_middleware(SignInFirst, service=app.state.service)
    app.add_middleware(Assets, folder=STATIC)
    app.add_middleware(BodyLimit, settings=settings, uploads=uploads.PATH)
    app.add_middleware(HostGuard, settings=settings)
    app.add_middleware(HeadAsGet)
    app.add_middleware(Envelope, settings=settings, metrics=metrics)
    app.add_middleware(PathPrefix, root_path=settings.root_path)
    app.add_middleware(TrustedProxies, settings=settings)
    _describe_events(app)
    return app


async def _work(opening: Opening, settings: Settings, metrics: Metrics, began: datetime) -> None:
    """Once the library is open, go on with the jobs that wait there, and purge what was deleted
    long ago, now and every hour, unless workers do. What was asked since this server `began` is
    its own to answer."""
    await opening.decided.wait()
    if opening.error is not None:
        return
    storage = opening.runtime.storage
    conversations = storage.library.conversations
    # With SQLite this is the only server; with PostgreSQL another may be answering meanwhile.
    several = storage.library.engine.dialect.name == "postgresql"
    storage.worker.on_ended, storage.worker.on_event = metrics.job_ended, metrics.ingesting
    begun, purged = False, float("-inf")
    while True:
        try:
            if not begun:
                if settings.serve_jobs:
                    await asyncio.to_thread(storage.worker.start, scheduling=settings.schedule)
                if not several:
                    await asyncio.to_thread(conversations.interrupt_older, began)
                begun = True
            if several:
                await asyncio.to_thread(_interrupt_lost, storage.library)
            if time.monotonic() - purged >= PURGE_SECONDS:
                purged = time.monotonic()
                if settings.serve_jobs:
                    await asyncio.to_thread(storage.purge)
                if several:
                    await asyncio.to_thread(conversations.interrupt_older, now() - LONGEST_ANSWER)
        except GroundkbError as error:
            log.warning("not_purged", code=error.code, reason=str(error))
        except Exception as bug:
            log.error("upkeep_failed", exc_info=bug)
        often = several or not begun
        await asyncio.sleep(LOST_SECONDS / 2 if often else PURGE_SECONDS)


def _interrupt_lost(library: Library) -> None:
    """Note that answers were cut off whose servers have not been heard of. Blocking."""
    lost = library.under_way.unheard(now() - timedelta(seconds=LOST_SECONDS))
    if lost:
        library.conversations.lost(lost)
        library.under_way.end(lost)


def _describe_events(app: FastAPI) -> None:
    """Put the stream events' schemas into OpenAPI, where no route's signature names them."""

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            schema = get_openapi(
                title=app.title,
                version=app.version,
                description=app.description,
                routes=app.routes,
            )
            schemas = schema["components"]["schemas"]
            for name, model in event_schemas().items():
                schemas.setdefault(name, model)
            app.openapi_schema = schema
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]  # FastAPI's own way to extend it
