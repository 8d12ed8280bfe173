"""Ending work that waits for others: a name that is looked up, a server that says nothing."""

import threading
from collections.abc import Callable
from typing import Final, TypeVar

T = TypeVar("T")
_POLL: Final = 0.1


class Stopped(Exception):
    """The caller wants no more. What was made current stays; the rest is as it was."""


def unless_stopped(work: Callable[[], T], stop: Callable[[], bool]) -> T:
    """What `work` returns or raises; Stopped within a moment of `stop()` being true.

    The work goes on in a thread of its own then, until it notices by itself; nobody sees what
    becomes of it. So it must change nothing.
    """
    outcome: list[T] = []
    failure: list[BaseException] = []

    def run() -> None:
        try:
            outcome.append(work())
        except BaseException as error:  # noqa: BLE001  (handed over to the caller, who raises it)
            failure.append(error)

    thread = threading.Thread(target=run, name="groundkb-look", daemon=True)
    thread.start()
    while thread.is_alive():
        if stop():
            raise Stopped
        thread.join(_POLL)
    if failure:
        raise failure[0]
    return outcome[0]
