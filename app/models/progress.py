"""What a pull says: how far it is, and why an origin of the weights has nothing to give."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from app.errors import Phrase


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


class OriginUnavailable(Exception):
    """A place that weights come from cannot give them."""

    def __init__(self, why: Phrase) -> None:
        super().__init__(str(why))
        self.why: Final = why
