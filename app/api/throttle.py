"""How often somebody may be wrong: wrong API keys by address, bounded in time and in memory."""

import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

_WINDOW: Final = 60.0  # seconds
_LARGEST: Final = 10_000  # addresses that are remembered


class Throttle:
    """Counts failures by address over the last minute. Not for several threads at once."""

    def __init__(self, limit: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._limit = limit
        self._clock = clock
        # Address: when its window began, and its failures since. The oldest comes first.
        self._failures: OrderedDict[str, tuple[float, int]] = OrderedDict()

    def wait(self, address: str) -> int:
        """Seconds until `address` may try again; 0: now."""
        began, count = self._failures.get(address, (0.0, 0))
        left = began + _WINDOW - self._clock()
        return 0 if count < self._limit or left <= 0 else max(1, round(left))

    def failed(self, address: str) -> None:
        """Note a failure."""
        now = self._clock()
        began, count = self._failures.pop(address, (now, 0))
        if now - began >= _WINDOW:
            began, count = now, 0
        self._failures[address] = (began, count + 1)
        if len(self._failures) > _LARGEST:
            self._failures.popitem(last=False)
