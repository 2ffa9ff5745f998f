"""A bound on how often one device asks: so many requests a minute, in this process."""

from __future__ import annotations

import threading
from collections import OrderedDict

_KEPT = 10_000


class Rate:
    """A token bucket for each name: `burst` at once, then `per_minute`."""

    def __init__(self, per_minute: int, burst: int) -> None:
        self._per_second = per_minute / 60
        self._burst = float(burst)
        self._lock = threading.Lock()
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait_for(self, name: str, at: float) -> int:
        """0 where the request may pass at that moment (monotonic seconds), else the seconds to wait."""
        with self._lock:
            left, before = self._buckets.pop(name, (self._burst, at))
            left = min(self._burst, left + max(0.0, at - before) * self._per_second)
            passes = left >= 1
            self._buckets[name] = (left - 1 if passes else left, at)
            if len(self._buckets) > _KEPT:
                self._buckets.popitem(last=False)
        return 0 if passes else max(1, round((1 - left) / self._per_second))
