"""One request to a server that computes for us, with what can go wrong by name."""

from collections.abc import Callable
from typing import Any, Final

import httpx

from app.errors import Phrase

_CONNECT_SECONDS: Final = 5.0
# What it, or a proxy before it, says while it is overloaded or starting.
_DOWN: Final = frozenset({429, 502, 503, 504})
_LIMITS: Final = httpx.Limits(max_connections=100, max_keepalive_connections=20)


def open_client(
    api_key: str | None, timeout: float, limits: httpx.Limits = _LIMITS
) -> httpx.Client:
    """`timeout`: longest wait for one answer, seconds."""
    return httpx.Client(
        # As bytes: of text the client takes ASCII alone.
        headers={b"Authorization": f"Bearer {api_key}".encode()} if api_key else {},
        timeout=httpx.Timeout(timeout, connect=_CONNECT_SECONDS),
        limits=limits,
    )


def answer_of(
    client: httpx.Client,
    method: str,
    server: str,
    path: str,
    body: Any,
    *,
    down: Callable[..., Exception],
    failed: Callable[..., Exception],
) -> httpx.Response:
    """What `server` answers with 200. Raises `down(url=, detail=)` where it cannot be reached or is overloaded, and
    `failed(detail=)` where it says anything else."""
    try:
        answer = client.request(method, f"{server}{path}", json=body)
    except httpx.TransportError as error:
        raise down(url=server, detail=error) from error
    if answer.status_code in _DOWN:
        raise down(url=server, detail=Phrase("http_status", status=answer.status_code))
    if answer.status_code != httpx.codes.OK:
        said = f"{server}: {answer.text[:300]}"
        raise failed(detail=Phrase("http_said", status=answer.status_code, said=said))
    return answer
