"""How often somebody may do something: send wrong API keys, or requests; bounded in time and memory."""

import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

_WINDOW: Final = 60.0  # seconds
_LARGEST: Final = 10_000  # of those that are remembered


class Throttle:
    """Counts by address, or by who it is, over a minute. Not for several threads at once."""

    def __init__(self, limit: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._limit = limit
        self._clock = clock
        # Address: when its window began, and its count since. The oldest comes first.
        self._counts: OrderedDict[str, tuple[float, int]] = OrderedDict()

    def wait(self, who: str) -> int:
        """Seconds until `who` may try again; 0: now."""
        began, count = self._counts.get(who, (0.0, 0))
        left = began + _WINDOW - self._clock()
        return 0 if count < self._limit or left <= 0 else max(1, round(left))

    def count(self, who: str) -> None:
        """Count one."""
        now = self._clock()
        began, count = self._counts.pop(who, (now, 0))
        if now - began >= _WINDOW:
            began, count = now, 0
        self._counts[who] = (began, count + 1)
        if len(self._counts) > _LARGEST:
            self._counts.popitem(last=False)
