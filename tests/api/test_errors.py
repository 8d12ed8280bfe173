"""Every error has the one shape, a code, and the asker's language."""

import json
from collections.abc import Callable

import httpx
import pytest
from fastapi import FastAPI
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from app import errors
from app.api.language import accepted_language
from app.errors import Language, kinds
from tests.api.conftest import ScriptedAnswerer, client_of


def test_every_error_of_a_part_that_is_down_is_no_500() -> None:
    """503 tells a load balancer and a client to try again; 500 tells of a bug."""
    parts = ("Index", "Chat", "Weights", "Library")
    down = [kind for kind in kinds() if kind.__name__.startswith(parts)]
    assert len(down) > 10
    own_fault = {errors.IndexFailed}
    assert {kind for kind in down if kind.status == 500} == own_fault


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nothing/here", 404, "not_found"),
        ("GET", "/ask", 405, "method_not_allowed"),
        ("GET", "/documents/unknown", 404, "document_not_found"),
        ("POST", "/ask", 422, "request_invalid"),
        ("GET", "/documents?limit=0", 422, "request_invalid"),
        ("GET", "/documents?kb=../etc", 422, "request_invalid"),
    ],
)
async def test_shape_and_code(
    client: httpx.AsyncClient, method: str, path: str, status: int, code: str
) -> None:
    response = await client.request(method, path)
    assert response.status_code == status
    assert set(response.json()) == {"error"}
    error = response.json()["error"]
    assert set(error) == {"code", "message", "hint"}
    assert error["code"] == code
    assert error["message"]
    assert error["hint"]


async def test_a_validation_error_names_the_field_and_keeps_the_input_to_itself(
    client: httpx.AsyncClient,
) -> None:
    response = await client.post("/ask", json={"question": 7, "qestion": "my secret question"})
    message = response.json()["error"]["message"]
    assert "body.question" in message
    assert "body.qestion" in message
    assert "my secret question" not in response.text


async def test_broken_json_is_the_callers_error(client: httpx.AsyncClient) -> None:
    response = await client.post(
        "/ask", content=b'{"question": ', headers={"Content-Type": "application/json"}
    )
    assert response.status_code == 422
    assert response.json()["error"]["code"] == "request_invalid"


async def test_a_bug_is_a_500_that_names_the_request_and_nothing_else(
    client: httpx.AsyncClient, answerer: ScriptedAnswerer
) -> None:
    answerer.script = [RuntimeError("/home/owner/secret.txt")]
    response = await client.post(
        "/ask", json={"question": "why"}, headers={"X-Request-ID": "abc-1"}
    )
    assert response.status_code == 500
    assert response.headers["x-request-id"] == "abc-1"
    assert response.headers["content-security-policy"]
    error = response.json()["error"]
    assert error["code"] == "internal"
    assert "abc-1" in error["message"]
    assert "secret" not in response.text


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("en-GB,en;q=0.9,zh;q=0.8", "en"),
        ("fr, zh-Hant;q=0.5, en;q=0.4", "zh"),
        ("fr;q=1, en;q=0.2, zh;q=0.7", "zh"),
        ("zh;q=0, en;q=0.1", "en"),
        ("de", None),
        ("*", None),
        ("zh;q=abc", None),
        ("", None),
        (None, None),
    ],
)
def test_accept_language(header: str | None, language: Language | None) -> None:
    assert accepted_language(header) == language


async def test_language_by_header_then_settings_then_question(
    scripted: Callable[..., FastAPI], answerer: ScriptedAnswerer
) -> None:
    answerer.script = [errors.ChatTimeout(seconds=9)]

    async def message(app: FastAPI, question: str, **headers: str) -> str:
        async with client_of(app) as client:
            response = await client.post("/ask", json={"question": question}, headers=headers)
            return str(response.json()["error"]["message"])

    neutral, english = scripted(), scripted(language="en")
    assert "对话模型" in await message(neutral, "许可证是什么？")
    assert "chat model" in await message(neutral, "which licence?")
    assert "chat model" in await message(english, "许可证是什么？")
    header = {"Accept-Language": "zh-CN"}
    assert "对话模型" in await message(english, "which licence?", **header)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
keys = st.sampled_from(["question", "kb", "messages", "filter", "limit", "mode", "roots", "model"])


@hypothesis_settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    path=st.sampled_from(["/ask", "/search", "/sync", "/v1/chat/completions"]),
    body=st.dictionaries(keys | st.text(max_size=5), json_values, max_size=5) | json_values,
    stream=st.booleans(),
)
async def test_no_body_makes_a_server_error(
    client: httpx.AsyncClient, path: str, body: object, stream: bool
) -> None:
    headers = {"Content-Type": "application/json"}
    if stream:
        headers["Accept"] = "text/event-stream"
    response = await client.post(path, content=json.dumps(body).encode(), headers=headers)
    assert response.status_code < 500
    if response.status_code >= 400:
        assert set(response.json()["error"]) == {"code", "message", "hint"}
