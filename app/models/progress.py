"""What a pull says while it runs."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Progress:
    """`done` of `total` bytes of `file` are here; `total` is 0 while it is unknown.

    Events of one file come in order; `done` never falls, except when a broken part is
    fetched again. The last event of a complete file has `done == total`.
    """

    file: str
    done: int
    total: int


OnProgress = Callable[[Progress], None]


def ignore_progress(event: Progress) -> None:
    """For callers that show nothing."""
