"""Figures for Prometheus, in a registry that belongs to one application."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import get_args

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from app.answering.answer import Answer, Done, Event
from app.errors import GroundkbError, SourceMissing
from ingest.report import Outcome, SyncReport

# Anybody may send any word as the method, and each would be a series for ever.
METHODS = frozenset(
    {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "CONNECT", "TRACE"}
)
SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120)


class Metrics:
    """All names begin with `groundkb_`; times are seconds."""

    content_type = CONTENT_TYPE_LATEST

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "groundkb_requests",
            "HTTP requests",
            ["method", "route", "status"],
            registry=self.registry,
        )
        self.request_seconds = Histogram(
            "groundkb_request_seconds",
            "Time to the end of the response",
            ["route"],
            buckets=SECONDS,
            registry=self.registry,
        )
        self.answers = Counter(
            "groundkb_answers",
            "Questions by outcome: answered, refused_<reason>, error_<code>, abandoned",
            ["outcome"],
            registry=self.registry,
        )
        self.asking = Gauge(
            "groundkb_questions_in_progress", "Questions being answered", registry=self.registry
        )
        self.retrieve_seconds = Histogram(
            "groundkb_retrieve_seconds",
            "From question to passages",
            buckets=SECONDS,
            registry=self.registry,
        )
        self.first_token_seconds = Histogram(
            "groundkb_first_token_seconds",
            "From question to the first token",
            buckets=SECONDS,
            registry=self.registry,
        )
        self.tokens = Counter(
            "groundkb_tokens", "Tokens by the chat model's count", ["kind"], registry=self.registry
        )
        self.dropped = Counter(
            "groundkb_dropped_chunks",
            "Passages that did not fit the chat model's window",
            registry=self.registry,
        )
        self.synced = Counter(
            "groundkb_synced_documents", "Documents by outcome", ["outcome"], registry=self.registry
        )
        self.jobs = Counter(
            "groundkb_jobs",
            "Uploads and syncs that ended, by outcome: done, partly, stopped, error_<code>",
            ["kind", "outcome"],
            registry=self.registry,
        )
        self.failed_sources = Counter(
            "groundkb_failed_sources",
            "Folders and addresses of syncs at which nothing could be looked at",
            registry=self.registry,
        )

    def observe_request(self, method: str, route: str, status: int, seconds: float) -> None:
        """`route` is the route's template, so that ids in paths make no new series."""
        method = method if method in METHODS else "other"
        self.requests.labels(method, route, str(status or 499)).inc()
        self.request_seconds.labels(route).observe(seconds)

    def job_ended(self, kind: str, outcome: SyncReport | GroundkbError) -> None:
        """Of any job, whoever asked for it; may be called in any thread."""
        if isinstance(outcome, GroundkbError):
            self.jobs.labels(kind, f"error_{outcome.code}").inc()
            self.failed_sources.inc(kind == "sync" and isinstance(outcome, SourceMissing))
            return
        ended = "stopped" if outcome.stopped else "partly" if outcome.failed else "done"
        self.jobs.labels(kind, ended).inc()
        self.failed_sources.inc(len(outcome.failed_roots))
        for name in get_args(Outcome):
            count = getattr(outcome, name)
            self.synced.labels(name).inc(len(count) if name == "failed" else count)

    async def observed(self, events: AsyncGenerator[Event, None]) -> AsyncGenerator[Event, None]:
        """The same events, counted by how they end."""
        outcome = "abandoned"
        self.asking.inc()
        try:
            async with aclosing(events):
                async for event in events:
                    if isinstance(event, Done):
                        outcome = self._count(event.answer)
                    yield event
        except GroundkbError as error:
            outcome = f"error_{error.code}"
            raise
        finally:
            self.asking.dec()
            self.answers.labels(outcome).inc()

    def _count(self, answer: Answer) -> str:
        self.retrieve_seconds.observe(answer.timings_ms.retrieve / 1000)
        if answer.timings_ms.first_token is not None:
            self.first_token_seconds.observe(answer.timings_ms.first_token / 1000)
        self.tokens.labels("prompt").inc(answer.usage.prompt_tokens or 0)
        self.tokens.labels("completion").inc(answer.usage.completion_tokens or 0)
        self.dropped.inc(answer.usage.dropped_chunks)
        return f"refused_{answer.refusal.reason}" if answer.refusal else "answered"

    def exposition(self) -> bytes:
        return generate_latest(self.registry)
