"""What one user of the load test does: asks, reads, asks again. Run by Locust (`bench.load` starts it)."""

import contextlib
import itertools
import json
import os
import random
import time
from typing import Any

from geventhttpclient.response import HTTPParseError
from locust import FastHttpUser, constant, task
from locust.exception import StopUser

MODE = os.environ["LOAD_MODE"]  # json or sse
QUESTIONS: list[str] = json.loads(os.environ["LOAD_QUESTIONS"])
# Of several servers each user has one, and takes the next where it does not answer.
SERVERS: list[str] = os.environ.get("LOAD_SERVERS", "").split()
_NUMBERS = itertools.count()
# No connection, or one that broke; a server that is starting.
_GONE = (0, 503)


class Asker(FastHttpUser):
    """Asks without a pause; one who is told to come later does so when he was told."""

    wait_time = constant(0)
    insecure = False

    def on_start(self) -> None:
        number = next(_NUMBERS)
        self.rng = random.Random(number)
        self.server = number

    @property
    def url(self) -> str:
        return f"{SERVERS[self.server % len(SERVERS)]}/ask" if SERVERS else "/ask"

    @task
    def ask(self) -> None:
        body = {"question": self.rng.choice(QUESTIONS)}
        if MODE == "json":
            self._json(body)
        else:
            self._sse(body)

    def _json(self, body: dict[str, Any]) -> None:
        started = time.perf_counter()
        with self.client.post(self.url, json=body, catch_response=True, name="request") as response:
            if self._gone(response) or self._later(response):
                return
            if response.status_code != 200 or not response.json()["answered"]:
                response.failure(f"{response.status_code} {response.text[:80]}")
                return
            response.success()
        self._took("answer", started)

    def _sse(self, body: dict[str, Any]) -> None:
        started = time.perf_counter()
        headers = {"Accept": "text/event-stream"}
        seen: set[str] = set()
        with self.client.post(
            self.url, json=body, headers=headers, stream=True, catch_response=True, name="request"
        ) as response:
            if self._gone(response) or self._later(response):
                return
            names = {"evidence": "evidence", "token": "first statement", "done": "answer"}
            with contextlib.suppress(OSError, HTTPParseError):
                while line := response.stream.readline(b"\n"):
                    text = line.decode()
                    event = (
                        text.removeprefix("event: ").strip() if text.startswith("event: ") else ""
                    )
                    if event in names and event not in seen:
                        seen.add(event)
                        self._took(names[event], started)
            if "done" not in seen and SERVERS:
                self._next(response)
                return
            if "done" not in seen:
                response.failure(f"{response.status_code} without an end: {sorted(seen)}")
                return
            response.success()

    def _gone(self, response: Any) -> bool:
        """Whether the server is not there any more, or not yet; the next is asked then."""
        if not SERVERS or response.status_code not in _GONE:
            return False
        self._next(response)
        return True

    def _next(self, response: Any) -> None:
        response.success()
        self._counted("cut off")
        self.server += 1

    def _later(self, response: Any) -> bool:
        """Whether it was refused for the moment; waits as long as it says."""
        if response.status_code != 429:
            return False
        wait = response.headers.get("Retry-After")
        if not wait:
            response.failure("429 without Retry-After")
            raise StopUser
        response.success()
        self._counted("refused")
        time.sleep(float(wait))
        return True

    def _took(self, name: str, started: float) -> None:
        self._counted(name, (time.perf_counter() - started) * 1000)

    def _counted(self, name: str, milliseconds: float = 0.0) -> None:
        self.environment.events.request.fire(
            request_type=MODE,
            name=name,
            response_time=milliseconds,
            response_length=0,
            exception=None,
            context={},
        )
