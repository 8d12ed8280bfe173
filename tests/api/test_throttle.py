"""Wrong keys, and how often."""

from collections.abc import Callable

from fastapi import FastAPI

from app.api.throttle import Throttle
from tests.api.conftest import client_of

KEY = "a-long-enough-secret-key"


def test_counts_are_forgotten_after_a_minute_and_memory_is_bounded() -> None:
    now = 0.0
    throttle = Throttle(2, lambda: now)
    throttle.count("a")
    assert throttle.wait("a") == 0
    throttle.count("a")
    assert throttle.wait("a") == 60
    assert throttle.wait("b") == 0
    now = 59.0
    assert throttle.wait("a") == 1
    now = 61.0
    assert throttle.wait("a") == 0
    for number in range(20_000):
        throttle.count(str(number))
    assert len(throttle._counts) == 10_000


async def test_wrong_keys_are_answered_429_after_some(scripted: Callable[..., FastAPI]) -> None:
    async with client_of(scripted(api_keys=[KEY], max_wrong_keys=3)) as client:
        for number in range(3):
            wrong = {"Authorization": f"Bearer guess-{number}"}
            assert (await client.get("/documents", headers=wrong)).status_code == 401
        refused = await client.get("/documents", headers={"X-API-Key": "guess"})
        assert refused.status_code == 429
        assert refused.json()["error"]["code"] == "too_many_wrong_keys"
        assert 1 <= int(refused.headers["Retry-After"]) <= 60
        # Guessing goes on in vain: the key is not looked at.
        assert (await client.get("/documents", headers={"X-API-Key": KEY})).status_code == 429
        # The probes answer all the same, as to a stranger.
        ready = await client.get("/readyz", headers={"X-API-Key": "guess"})
        assert ready.status_code == 200
        assert ready.json()["chat"] is None


async def test_no_key_is_no_guess(scripted: Callable[..., FastAPI]) -> None:
    async with client_of(scripted(api_keys=[KEY], max_wrong_keys=1)) as client:
        for _ in range(3):
            assert (await client.get("/documents")).status_code == 401
        assert (await client.get("/documents", headers={"X-API-Key": KEY})).status_code == 200
