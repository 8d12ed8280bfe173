"""Connections over real sockets: how many, and how long a request may take to come in."""

import asyncio
import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator

import pytest
import uvicorn
from fastapi import FastAPI

from app.api import protocol
from app.api.protocol import bounded, network_of
from app.settings import Settings


@contextlib.contextmanager
def listening(app: FastAPI, settings: Settings) -> Iterator[tuple[str, int]]:
    config = uvicorn.Config(app, port=0, log_level="critical", http=bounded(settings))
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive()
        time.sleep(0.01)
    address = server.servers[0].sockets[0].getsockname()
    try:
        yield address
    finally:
        server.should_exit = True
        thread.join(10)


def connect(address: tuple[str, int]) -> socket.socket:
    opened = socket.create_connection(address, timeout=5)
    opened.settimeout(5)
    return opened


def told(opened: socket.socket) -> bytes:
    """All that comes until the other side closes."""
    found = b""
    with contextlib.suppress(ConnectionResetError):
        while piece := opened.recv(65536):
            found += piece
    return found


GET = b"GET /livez HTTP/1.1\r\nHost: 127.0.0.1\r\n"


@pytest.mark.parametrize("begun", [b"", b"GET / HT", GET, GET + b"X-Slow: "])
def test_headers_that_never_end_do_not_hold_a_connection(
    scripted: Callable[..., FastAPI], make_settings: Callable[..., Settings], begun: bytes
) -> None:
    settings = make_settings(header_timeout=0.3)
    with listening(scripted(), settings) as address, connect(address) as opened:
        opened.sendall(begun)
        started = time.monotonic()
        assert told(opened).startswith(b"HTTP/1.1 408 ")
        assert 0.2 < time.monotonic() - started < 3


def test_the_next_request_on_a_kept_connection_is_waited_for_no_longer(
    scripted: Callable[..., FastAPI], make_settings: Callable[..., Settings]
) -> None:
    settings = make_settings(header_timeout=0.5)
    with listening(scripted(), settings) as address, connect(address) as opened:
        for _ in range(3):  # longer than the time-out together
            opened.sendall(GET + b"\r\n")
            answer = b""
            while b"}" not in answer:
                answer += opened.recv(65536)
            assert answer.startswith(b"HTTP/1.1 200 ")
            time.sleep(0.3)
        opened.sendall(b"GET /livez HT")
        assert b"408" in told(opened)


def test_a_long_answer_is_not_cut_by_the_time_for_headers(
    scripted: Callable[..., FastAPI], make_settings: Callable[..., Settings]
) -> None:
    app = scripted()

    @app.get("/slow")
    async def slow() -> str:
        await asyncio.sleep(0.8)
        return "whole"

    settings = make_settings(header_timeout=0.2)
    with listening(app, settings) as address, connect(address) as opened:
        opened.sendall(b"GET /slow HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
        assert b"whole" in told(opened)


@pytest.mark.parametrize(
    ("path", "kind", "begun"),
    [
        ("/ask", "application/json", b"{"),
        (
            "/documents",
            "multipart/form-data; boundary=b",
            b'--b\r\nContent-Disposition: form-data; name="files"; filename="a.txt"\r\n\r\n',
        ),
    ],
)
def test_a_body_that_drips_is_ended(
    scripted: Callable[..., FastAPI],
    make_settings: Callable[..., Settings],
    path: str,
    kind: str,
    begun: bytes,
) -> None:
    app = scripted(body_timeout=0.4)
    with listening(app, make_settings()) as address, connect(address) as opened:
        head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: {kind}\r\nContent-Length: 900\r\n\r\n"
        opened.sendall(head.encode() + begun)
        started = time.monotonic()
        found: list[bytes] = []
        reading = threading.Thread(target=lambda: found.append(told(opened)))
        reading.start()
        while reading.is_alive() and time.monotonic() - started < 4:
            with contextlib.suppress(OSError):
                opened.sendall(b"x")
            time.sleep(0.05)
        assert found
        assert found[0].startswith(b"HTTP/1.1 408 ")
        assert b"body_too_slow" in found[0]
        assert time.monotonic() - started < 3


def test_half_sent_requests_cannot_take_all_connections(
    scripted: Callable[..., FastAPI], make_settings: Callable[..., Settings]
) -> None:
    settings = make_settings(max_connections=5, header_timeout=1.0)
    with listening(scripted(), settings) as address, contextlib.ExitStack() as stack:
        held = [stack.enter_context(connect(address)) for _ in range(5)]
        for opened in held:
            opened.sendall(b"GET / HT")
        time.sleep(0.2)
        with connect(address) as refused:
            assert told(refused).startswith(b"HTTP/1.1 503 ")
        time.sleep(1.2)  # theirs is over
        with connect(address) as served:
            served.sendall(GET + b"Connection: close\r\n\r\n")
            assert b"200 OK" in told(served)


def test_one_address_cannot_take_all_connections(
    scripted: Callable[..., FastAPI],
    make_settings: Callable[..., Settings],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(protocol, "is_loopback", lambda _: False)
    settings = make_settings(max_connections_per_address=2)
    with listening(scripted(), settings) as address:
        first, second = connect(address), connect(address)
        time.sleep(0.1)
        with connect(address) as refused:
            assert told(refused).startswith(b"HTTP/1.1 503 ")
        first.close()
        time.sleep(0.2)
        with connect(address) as served:
            served.sendall(GET + b"Connection: close\r\n\r\n")
            assert b"200 OK" in told(served)
        second.close()


def test_a_web_socket_that_is_asked_for_leaves_no_connection_behind(
    scripted: Callable[..., FastAPI],
    make_settings: Callable[..., Settings],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The other protocol took it over, past all bounds, and it was counted for ever."""
    monkeypatch.setattr(protocol, "is_loopback", lambda _: False)
    settings = make_settings(max_connections_per_address=2)
    asked = (
        b"GET /livez HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade, close\r\nUpgrade: websocket\r\n"
        b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
    )
    with listening(scripted(), settings) as address:
        for _ in range(3):
            with connect(address) as opened:
                opened.sendall(asked)
                assert told(opened).startswith(b"HTTP/1.1 200 ")


def test_an_ipv6_host_is_its_network() -> None:
    assert network_of("2001:db8::1") == network_of("2001:db8::ffff:1")
    assert network_of("2001:db8:0:1::1") != network_of("2001:db8::1")
    assert network_of("::ffff:192.0.2.1") == "192.0.2.1" == network_of("192.0.2.1")
    assert network_of("testclient") == "testclient"
