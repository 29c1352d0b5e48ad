"""A brake on how often machines ask: so much a minute for each name, some at once. Of one process; its clock only runs forward."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from dataclasses import dataclass


@dataclass
class _Bucket:
    left: float
    filled_at: float


class Brake:
    """Lets ``a_minute`` things of one kind happen a minute, ``at_once`` of them together; remembers at most ``most`` names."""

    def __init__(self, a_minute: float, at_once: float, most: int = 20_000) -> None:
        self._a_minute, self._at_once, self._most = a_minute, at_once, most
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()
        self._lock = threading.Lock()

    def set_pace(self, a_minute: float, at_once: float) -> None:
        """Go by other figures from now on (a node changed its policy)."""
        self._a_minute, self._at_once = a_minute, at_once

    def takes(self, name: str, amount: float = 1.0) -> bool:
        """Whether ``amount`` more is within bounds; it then counts. With ``amount`` 0 only looks."""
        now = time.monotonic()
        with self._lock:
            bucket = self._buckets.pop(name, None) or _Bucket(self._at_once, now)
            bucket.left = min(self._at_once, bucket.left + (now - bucket.filled_at) * self._a_minute / 60.0)
            bucket.filled_at = now
            fits = bucket.left >= max(amount, 1.0)
            if fits:
                bucket.left -= amount
            self._buckets[name] = bucket
            if len(self._buckets) > self._most:
                self._buckets.popitem(last=False)
            return fits
