"""Work for which nobody waits: it goes in small steps, and leaves off between two of them when it is told to.

Who begins such work says so for its context, which threads begun by `asyncio.to_thread` take over.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from threading import Event
from typing import Final

# Tokens in a step, at most: about a tenth of a second on two cores.
STEP_TOKENS: Final = 512
_TOLD: ContextVar[Event | None] = ContextVar("told_to_leave_off", default=None)


class LeftOff(Exception):
    """The work was told to leave off. Nobody waits for what it would have come to."""


@contextmanager
def giving_way(told: Event) -> Iterator[None]:
    """What is done in here leaves off once `told` is set."""
    token = _TOLD.set(told)
    try:
        yield
    finally:
        _TOLD.reset(token)


def is_giving_way() -> bool:
    """Whether nobody waits for what is done here."""
    return _TOLD.get() is not None


def step_tokens(usual: int) -> int:
    """How many tokens a step may have: `usual` where somebody waits for it."""
    return min(usual, STEP_TOKENS) if is_giving_way() else usual


def next_step() -> None:
    """Called before each step. Raises LeftOff."""
    told = _TOLD.get()
    if told is not None and told.is_set():
        raise LeftOff
