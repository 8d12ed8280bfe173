"""Traces by OpenTelemetry's protocol: each question a span, each step of its answer one below it.

The spans are made when the answer has ended, with the times that were noted on the way, so that
tracing costs an answer nothing. What was asked and answered is in them only where the settings say so.
"""

from collections.abc import Callable
from importlib.metadata import version
from typing import Any

import structlog

from app.api.metrics import Ended
from app.errors import TracingMissing
from app.settings import Settings

# What whoever calls us wants the span to stand under (W3C Trace Context), and how it is bound.
TRACEPARENT = "traceparent"
# Longest wait for the collector, seconds: at the end of the process, too.
_TIMEOUT = 5.0


class Tracing:
    """Sends spans to a collector from a thread of its own. Never raises over a collector that is not
    there: its library logs that."""

    def __init__(self, settings: Settings) -> None:
        """Raises TracingMissing when the extra is not installed."""
        try:
            from opentelemetry import trace
            from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
            from opentelemetry.sdk.resources import Resource
            from opentelemetry.sdk.trace import TracerProvider
            from opentelemetry.sdk.trace.export import BatchSpanProcessor
            from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
        except ImportError:
            raise TracingMissing from None
        exporter = OTLPSpanExporter(f"{settings.otlp_url}/v1/traces", timeout=_TIMEOUT)
        named = Resource.create(
            {"service.name": "groundkb", "service.version": version("groundkb")}
        )
        self._texts = settings.otlp_texts
        # Ours alone: libraries that trace themselves are not to send what they see to it.
        self._provider = TracerProvider(resource=named, shutdown_on_exit=False)
        self._provider.add_span_processor(BatchSpanProcessor(exporter))
        self._tracer = self._provider.get_tracer("groundkb")
        self._in_span: Callable[[Any], Any] = trace.set_span_in_context
        self._status = trace.Status
        self._failed = trace.StatusCode.ERROR
        self._context_of = TraceContextTextMapPropagator().extract

    def answered(self, ended: Ended, question: str) -> None:
        """The spans of one answer. Does not block."""
        bound = structlog.contextvars.get_contextvars()
        above = self._context_of({TRACEPARENT: bound.get(TRACEPARENT, "")})
        attributes: dict[str, Any] = {"groundkb.outcome": ended.outcome}
        if "request_id" in bound:
            attributes["groundkb.request_id"] = bound["request_id"]
        if (answer := ended.answer) is not None:
            counted = {
                "gen_ai.request.model": answer.models.chat,
                "gen_ai.usage.input_tokens": answer.usage.prompt_tokens,
                "gen_ai.usage.output_tokens": answer.usage.completion_tokens,
                "groundkb.retrieved": len(answer.retrieved),
                "groundkb.cited": len(answer.citations),
                "groundkb.left_out": answer.left_out,
            }
            attributes |= {name: value for name, value in counted.items() if value is not None}
        if self._texts:
            attributes["groundkb.question"] = question
            attributes["groundkb.answer"] = answer.answer if answer else ""
        whole = self._tracer.start_span(
            "question", context=above, attributes=attributes, start_time=ended.began
        )
        if ended.outcome.startswith("error_"):
            whole.set_status(self._status(self._failed, ended.outcome.removeprefix("error_")))
        writing = within = self._in_span(whole)
        for step in sorted(ended.steps, key=lambda step: (step.began, -step.ended)):
            above = writing if step.name == "verify" else within
            span = self._tracer.start_span(step.name, context=above, start_time=step.began)
            if step.name == "generate":
                writing = self._in_span(span)
            span.end(step.ended)
        whole.end(ended.ended)

    def close(self) -> None:
        """Send what is left. Blocking, for a few seconds at most."""
        self._provider.shutdown()


def tracing_of(settings: Settings) -> Tracing | None:
    """None where no collector is named. Raises TracingMissing."""
    return Tracing(settings) if settings.otlp_url else None
