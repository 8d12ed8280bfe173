"""Who gets in: keys, the operator, hosts and origins, and how much they may send."""

from collections.abc import AsyncIterator, Callable

import httpx
import pytest
from fastapi import FastAPI

from tests.api.conftest import ScriptedAnswerer, client_of

KEYS = "first-key-of-this-test,second-key-of-this-test"
QUESTION = {"question": "why"}
SSE = {"Accept": "text/event-stream"}


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 401),
        ({"Authorization": "Bearer wrong"}, 401),
        ({"Authorization": "Bearer "}, 401),
        ({"Authorization": "Basic first-key-of-this-test"}, 401),
        ({"Authorization": "Bearer first-key-of-this-test,second-key-of-this-test"}, 401),
        ({"X-API-Key": "first-key"}, 401),
        ({"Authorization": "Bearer first-key-of-this-test"}, 200),
        ({"authorization": "bearer first-key-of-this-test"}, 200),
        ({"X-API-Key": "first-key-of-this-test"}, 200),
    ],
)
async def test_keys(scripted: Callable[..., FastAPI], headers: dict[str, str], status: int) -> None:
    async with client_of(scripted(api_keys=KEYS)) as client:
        raw = {name.encode(): value.encode() for name, value in headers.items()}
        response = await client.post("/ask", json=QUESTION, headers=raw)
        assert response.status_code == status
        if status == 401:
            assert response.headers["www-authenticate"] == "Bearer"
            assert response.json()["error"]["code"] == "api_key_wrong"


async def test_every_address_but_health_docs_and_ui_needs_a_key(
    scripted: Callable[..., FastAPI],
) -> None:
    app = scripted(api_keys=KEYS)
    async with client_of(app) as client:
        for path, operations in app.openapi()["paths"].items():
            for method in operations:
                response = await client.request(method, path.replace("{document_id}", "x"))
                is_open = path in ("/livez", "/readyz")
                if path.startswith("/sign-"):
                    # By which one says who one is: not there without accounts.
                    assert response.status_code == 404
                    continue
                assert (response.status_code != 401) == is_open, (method, path)
        for path in ("/", "/docs", "/openapi.json"):
            assert (await client.get(path)).status_code == 200


async def test_a_wrong_key_is_refused_before_the_body_is_read(
    scripted: Callable[..., FastAPI], answerer: ScriptedAnswerer
) -> None:
    read = 0

    async def body() -> AsyncIterator[bytes]:
        nonlocal read
        for _ in range(10):
            read += 1
            yield b" " * 1000

    async with client_of(scripted(api_keys=KEYS)) as client:
        response = await client.post(
            "/ask", content=body(), headers={"Content-Type": "application/json"}
        )
    assert response.status_code == 401
    assert read == 0
    assert answerer.questions == []


async def test_only_the_operator_syncs(scripted: Callable[..., FastAPI]) -> None:
    body = {"roots": ["/nowhere/at/all"]}
    async with client_of(scripted(operator_token="the-token")) as client:
        assert (await client.post("/sync", json=body)).status_code == 403
        wrong = {"X-Operator-Token": "another"}
        assert (await client.post("/sync", json=body, headers=wrong)).status_code == 403
        right = {"X-Operator-Token": "the-token"}
        response = await client.post("/sync", json=body, headers=right)
        assert response.json()["error"]["code"] == "source_missing"
    # A key to ask with is none to have any folder of the machine read in.
    async with client_of(scripted("the-token", api_keys=KEYS)) as client:
        key = {"X-API-Key": "first-key-of-this-test"}
        assert (await client.post("/sync", json=body, headers=key)).status_code == 403
        assert (await client.post("/sync", json=body, headers=right)).status_code == 422
        assert (await client.post("/ask", json=QUESTION, headers=right)).status_code == 200
    async with client_of(scripted()) as client:
        empty = {"X-Operator-Token": ""}
        assert (await client.post("/sync", json=body, headers=empty)).status_code == 403


@pytest.mark.parametrize(
    ("overrides", "headers", "allowed"),
    [
        ({}, {"Host": "127.0.0.1:8000"}, True),
        ({}, {"Host": "localhost"}, True),
        ({}, {"Host": "[::1]:8000"}, True),
        ({}, {"Host": "127.0.0.1:8000", "Origin": "http://127.0.0.1:8000"}, True),
        # DNS rebinding: a name of somebody else's that points here.
        ({}, {"Host": "evil.example:8000"}, False),
        ({}, {"Host": "127.0.0.1.evil.example"}, False),
        ({}, {"Host": ""}, False),
        ({}, {"Host": "[::1"}, False),
        # Another site's page, in the owner's browser.
        ({}, {"Host": "127.0.0.1:8000", "Origin": "https://evil.example"}, False),
        ({}, {"Host": "127.0.0.1:8000", "Origin": "http://127.0.0.1:9999"}, False),
        ({}, {"Host": "127.0.0.1:8000", "Origin": "null"}, False),
        # Behind a proxy, named.
        ({"allowed_hosts": "kb.example"}, {"Host": "kb.example"}, True),
        (
            {"allowed_hosts": "kb.example"},
            {"Host": "127.0.0.1:8000", "Origin": "https://kb.example"},
            True,
        ),
        ({"allowed_hosts": "kb.example"}, {"Host": "other.example"}, False),
        # Open to the network on purpose: names cannot be known, origins can.
        ({"host": "0.0.0.0"}, {"Host": "box.lan:8000"}, True),
        ({"host": "0.0.0.0", "allowed_hosts": "app"}, {"Host": "app:8000"}, True),
        ({"host": "0.0.0.0", "allowed_hosts": "app"}, {"Host": "127.0.0.1:8000"}, True),
        ({"host": "0.0.0.0", "allowed_hosts": "app"}, {"Host": "rebound.example"}, False),
        ({"host": "0.0.0.0"}, {"Host": "box.lan", "Origin": "https://evil.example"}, False),
        # With keys neither attack gets anywhere.
        ({"api_keys": KEYS}, {"Host": "evil.example", "Origin": "https://evil.example"}, True),
    ],
)
async def test_hosts_and_origins(
    scripted: Callable[..., FastAPI],
    overrides: dict[str, str],
    headers: dict[str, str],
    allowed: bool,
) -> None:
    async with client_of(scripted(**overrides)) as client:
        response = await client.get("/livez", headers=headers)
    assert response.status_code == (200 if allowed else 403)
    if not allowed:
        assert response.json()["error"]["code"] == "host_not_allowed"
        assert response.headers["x-request-id"]


async def test_a_body_may_not_be_larger_than_the_limit(
    scripted: Callable[..., FastAPI], answerer: ScriptedAnswerer
) -> None:
    async with client_of(scripted()) as client:
        response = await client.post("/ask", json={"question": "x" * 1_048_576})
    assert response.status_code == 413
    assert response.json()["error"]["code"] == "body_too_large"
    assert "1000000" in response.json()["error"]["message"]
    assert answerer.questions == []


@pytest.mark.parametrize("headers", [{}, SSE])
async def test_a_body_without_a_length_is_counted(
    scripted: Callable[..., FastAPI], answerer: ScriptedAnswerer, headers: dict[str, str]
) -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        yield b'{"question": "'
        while sent < 100_000_000:
            sent += 10_000
            yield b"x" * 10_000

    async with client_of(scripted(max_body_bytes=100_000)) as client:
        response = await client.post(
            "/ask", content=endless(), headers={**headers, "Content-Type": "application/json"}
        )
    assert response.status_code == 413
    assert response.json()["error"]["code"] == "body_too_large"
    assert sent < 200_000
    assert answerer.questions == []


async def test_request_ids_are_taken_over_when_they_are_sane(client: httpx.AsyncClient) -> None:
    given = await client.get("/livez", headers={"X-Request-ID": "job-42.a_B"})
    assert given.headers["x-request-id"] == "job-42.a_B"
    for odd in ("a b", "x" * 65, "<script>", 'a"b'):
        own = (await client.get("/livez", headers={"X-Request-ID": odd})).headers["x-request-id"]
        assert own != odd
        assert len(own) == 16


async def test_security_headers_are_on_every_answer(client: httpx.AsyncClient) -> None:
    for path in ("/", "/livez", "/nothing", "/docs", "/docs/assets/swagger-ui.css"):
        headers = (await client.get(path)).headers
        assert headers["content-security-policy"].startswith("default-src 'self';"), path
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert headers["referrer-policy"] == "no-referrer"
