"""Figures for Prometheus, in a registry that belongs to one process.

Every label has few values, whatever anybody asks for or uploads: names of knowledge bases, documents
and people are none.
"""

import time
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from importlib.metadata import version
from typing import get_args

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from app.answering.again import Outcome as Again
from app.answering.answer import Answer, Done, Event, EvidenceFound, Step, StepName, TokenPiece
from app.errors import GroundkbError, SourceMissing
from ingest.report import DocumentDone, Outcome, SyncEvent, SyncReport

# Anybody may send any word as the method, and each would be a series for ever.
METHODS = frozenset(
    {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "CONNECT", "TRACE"}
)
SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 1.5, 2.5, 5, 10, 30, 60, 120)
SPEEDS = (1, 2, 5, 10, 20, 40, 80, 160, 320, 640)


@dataclass(frozen=True)
class Held:
    """What there is at the moment, of all knowledge bases. None: it is not known here.

    `index_bytes`: the embedded index on disk. `chat_bytes` and `chat_gpu_bytes`: what the chat
    model takes while its server has it loaded, and how much of that is GPU memory.
    """

    documents: int
    passages: int
    queued_jobs: int
    running_jobs: int
    index_bytes: int | None = None
    chat_bytes: int | None = None
    chat_gpu_bytes: int | None = None


@dataclass(frozen=True)
class Ended:
    """A question whose answer has ended; `began` and `ended` in nanoseconds since the epoch.
    `outcome` as `groundkb_answers` has it; `answer` and `steps` are there where it came to its end."""

    began: int
    ended: int
    outcome: str
    answer: Answer | None = None
    steps: Sequence[Step] = ()


class Metrics:
    """All names begin with `groundkb_`, but those of the process; times are seconds.

    `on_ended` is told of every answer and its question, in the event loop.
    """

    content_type = CONTENT_TYPE_LATEST

    def __init__(self, on_ended: Callable[[Ended, str], None] = lambda _ended, _text: None) -> None:
        self._on_ended = on_ended
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        Gauge("groundkb_info", "Which version runs", ["version"], registry=self.registry).labels(
            version("groundkb")
        ).set(1)
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
        self.step_seconds = Histogram(
            "groundkb_step_seconds",
            "Time of an answer by step; verify lies within generate",
            ["step"],
            buckets=SECONDS,
            registry=self.registry,
        )
        for step in get_args(StepName):
            self.step_seconds.labels(step)
        self.answer_seconds = Histogram(
            "groundkb_answer_seconds",
            "From question to the end of the answer, without waiting in the queue",
            buckets=SECONDS,
            registry=self.registry,
        )
        self.evidence_seconds = Histogram(
            "groundkb_evidence_seconds",
            "From question to the first evidence",
            buckets=SECONDS,
            registry=self.registry,
        )
        self.first_statement_seconds = Histogram(
            "groundkb_first_statement_seconds",
            "From question to the first checked piece of the answer",
            buckets=SECONDS,
            registry=self.registry,
        )
        self.tokens_per_second = Histogram(
            "groundkb_tokens_per_second",
            "How fast the chat model wrote an answer",
            buckets=SPEEDS,
            registry=self.registry,
        )
        self.queue_length = Gauge(
            "groundkb_queue_length", "Questions that wait for their turn", registry=self.registry
        )
        self.queue_seconds = Histogram(
            "groundkb_queue_seconds",
            "How long a question waited for its turn",
            buckets=SECONDS,
            registry=self.registry,
        )
        self.queue_refused = Counter(
            "groundkb_queue_refused",
            "Questions that were refused with 429, since too many waited",
            registry=self.registry,
        )
        self.tokens = Counter(
            "groundkb_tokens", "Tokens by the chat model's count", ["kind"], registry=self.registry
        )
        self.again = Counter(
            "groundkb_answers_kept",
            "Questions that a kept answer might have been given to: hit, miss, passed (wanted anew)",
            ["outcome"],
            registry=self.registry,
        )
        self.again_seconds = Counter(
            "groundkb_answers_kept_saved_seconds",
            "Time that answers took which were given again, less that of giving them",
            registry=self.registry,
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

        self.ingested_passages = Counter(
            "groundkb_ingested_passages",
            "Passages written to the index, as they are",
            registry=self.registry,
        )
        self.ingested_bytes = Counter(
            "groundkb_ingested_bytes",
            "Bytes of the documents that were taken in",
            registry=self.registry,
        )
        self.documents = Gauge("groundkb_documents", "Documents", registry=self.registry)
        self.passages = Gauge("groundkb_passages", "Passages", registry=self.registry)
        self.unfinished_jobs = Gauge(
            "groundkb_unfinished_jobs",
            "Uploads and syncs that wait or run",
            ["status"],
            registry=self.registry,
        )
        self.index_bytes = Gauge(
            "groundkb_index_bytes",
            "The embedded index on disk; NaN with a server, which has figures of its own",
            registry=self.registry,
        )
        self.chat_model_bytes = Gauge(
            "groundkb_chat_model_bytes",
            "What the chat model takes while it is loaded, where its server tells; gpu: the share of it there",
            ["memory"],
            registry=self.registry,
        )

    def hold(self, held: Held) -> None:
        """Note what there is."""

        def known(value: int | None) -> float:
            return float("nan") if value is None else value

        self.documents.set(held.documents)
        self.passages.set(held.passages)
        self.unfinished_jobs.labels("queued").set(held.queued_jobs)
        self.unfinished_jobs.labels("running").set(held.running_jobs)
        self.index_bytes.set(known(held.index_bytes))
        self.chat_model_bytes.labels("all").set(known(held.chat_bytes))
        self.chat_model_bytes.labels("gpu").set(known(held.chat_gpu_bytes))

    def observe_request(self, method: str, route: str, status: int, seconds: float) -> None:
        """`route` is the route's template, so that ids in paths make no new series."""
        method = method if method in METHODS else "other"
        self.requests.labels(method, route, str(status or 499)).inc()
        self.request_seconds.labels(route).observe(seconds)

    def ingesting(self, event: SyncEvent) -> None:
        """Of any job while it runs; may be called in any thread."""
        if isinstance(event, DocumentDone):
            self.ingested_passages.inc(event.chunks)
            self.ingested_bytes.inc(event.bytes)

    def asked_again(self, outcome: Again, saved: float) -> None:
        """Of a question, while answers are kept; `saved`: seconds."""
        self.again.labels(outcome).inc()
        self.again_seconds.inc(saved)

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

    async def observed(
        self, events: AsyncGenerator[Event, None], question: str
    ) -> AsyncGenerator[Event, None]:
        """The same events, counted by how they end."""
        outcome = "abandoned"
        done: Done | None = None
        began, started = time.time_ns(), time.perf_counter()
        first_time = {
            EvidenceFound: self.evidence_seconds,
            TokenPiece: self.first_statement_seconds,
        }
        self.asking.inc()
        try:
            async with aclosing(events):
                async for event in events:
                    if first := first_time.pop(type(event), None):
                        first.observe(time.perf_counter() - started)
                    if isinstance(event, Done):
                        done, outcome = event, self._count(event)
                    yield event
        except GroundkbError as error:
            outcome = f"error_{error.code}"
            raise
        finally:
            self.asking.dec()
            self.answers.labels(outcome).inc()
            whole = (done.answer, done.steps) if done else (None, ())
            self._on_ended(Ended(began, time.time_ns(), outcome, *whole), question)

    def _count(self, done: Done) -> str:
        answer = done.answer
        steps: dict[StepName, float] = {}
        for step in done.steps:
            steps[step.name] = steps.get(step.name, 0.0) + step.seconds
        for name, seconds in steps.items():
            self.step_seconds.labels(name).observe(seconds)
        written = answer.usage.completion_tokens
        if written and (seconds := steps.get("generate", 0.0)):
            self.tokens_per_second.observe(written / seconds)
        self.answer_seconds.observe(answer.timings_ms.total / 1000)
        self.retrieve_seconds.observe(answer.timings_ms.retrieve / 1000)
        if answer.timings_ms.first_token is not None:
            self.first_token_seconds.observe(answer.timings_ms.first_token / 1000)
        self.tokens.labels("prompt").inc(answer.usage.prompt_tokens or 0)
        self.tokens.labels("completion").inc(answer.usage.completion_tokens or 0)
        self.dropped.inc(answer.usage.dropped_chunks)
        return f"refused_{answer.refusal.reason}" if answer.refusal else "answered"

    def exposition(self) -> bytes:
        return generate_latest(self.registry)
