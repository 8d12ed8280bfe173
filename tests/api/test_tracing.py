"""Traces, as a collector receives them."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from fastapi import FastAPI
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from app.api.app import create_app
from app.errors import ChatServerDown
from app.runtime import Runtime
from app.settings import Settings
from tests.api.conftest import ScriptedAnswerer, client_of

QUESTION = "Which licence does DeepSeek use?"
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
PARENT = "00f067aa0ba902b7"


@dataclass
class Collector:
    url: str
    received: list[Any] = field(default_factory=list)

    def spans(self) -> dict[str, list[Any]]:
        """By name."""
        found: dict[str, list[Any]] = {}
        for request in self.received:
            for resource in request.resource_spans:
                for scope in resource.scope_spans:
                    for span in scope.spans:
                        found.setdefault(span.name, []).append(span)
        return found


@pytest.fixture
def collector() -> Iterator[Collector]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            request: Any = ExportTraceServiceRequest()
            request.ParseFromString(body)
            assert self.path == "/v1/traces"
            found.received.append(request)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    server = HTTPServer(("127.0.0.1", 0), Handler)
    found = Collector(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield found
    server.shutdown()
    thread.join()
    server.server_close()


async def asked(app: FastAPI, **headers: str) -> int:
    """The application's whole life; it sends what is left at its end."""
    async with app.router.lifespan_context(app), client_of(app, **headers) as client:
        return (await client.post("/ask", json={"question": QUESTION})).status_code


def attributes(span: Any) -> dict[str, Any]:
    return {item.key: item.value.string_value or item.value.int_value for item in span.attributes}


async def test_a_question_is_a_span_with_its_steps_below_and_no_text(
    prepared: Runtime, make_settings: Callable[..., Settings], collector: Collector
) -> None:
    app = create_app(make_settings(otlp_url=collector.url), prepared)
    assert await asked(app, traceparent=f"00-{TRACE}-{PARENT}-01") == 200
    spans = collector.spans()
    [question] = spans["question"]
    assert question.trace_id.hex() == TRACE
    assert question.parent_span_id.hex() == PARENT
    assert attributes(question)["groundkb.outcome"] == "answered"
    assert attributes(question)["gen_ai.usage.output_tokens"] > 0
    assert attributes(question)["groundkb.request_id"]
    [retrieve], [read], [generate] = spans["retrieve"], spans["read"], spans["generate"]
    for step in (retrieve, read, generate, *spans["prompt"]):
        assert step.parent_span_id == question.span_id
        assert question.start_time_unix_nano <= step.start_time_unix_nano
        assert step.end_time_unix_nano <= question.end_time_unix_nano
    assert retrieve.end_time_unix_nano <= read.start_time_unix_nano
    assert read.end_time_unix_nano <= generate.start_time_unix_nano
    assert spans["verify"]
    assert all(span.parent_span_id == generate.span_id for span in spans["verify"])
    sent = b"".join(request.SerializeToString() for request in collector.received)
    assert b"licence" not in sent
    assert b"MIT" not in sent


async def test_texts_are_in_the_spans_when_the_settings_say_so(
    prepared: Runtime, make_settings: Callable[..., Settings], collector: Collector
) -> None:
    app = create_app(make_settings(otlp_url=collector.url, otlp_texts=True), prepared)
    assert await asked(app) == 200
    [question] = collector.spans()["question"]
    assert attributes(question)["groundkb.question"] == QUESTION
    assert "MIT" in attributes(question)["groundkb.answer"]


async def test_a_failure_is_told_by_its_code(
    scripted: Callable[..., FastAPI], answerer: ScriptedAnswerer, collector: Collector
) -> None:
    answerer.script = [ChatServerDown(url="http://10.0.0.7:11434", detail="refused")]
    assert await asked(scripted(otlp_url=collector.url)) == 503
    [question] = collector.spans()["question"]
    assert (question.status.code, question.status.message) == (2, "chat_server_down")


async def test_a_collector_that_is_not_there_costs_no_answer(
    scripted: Callable[..., FastAPI], collector: Collector
) -> None:
    nobody = collector.url.rpartition(":")[0] + ":9"
    assert await asked(scripted(otlp_url=nobody)) == 200
