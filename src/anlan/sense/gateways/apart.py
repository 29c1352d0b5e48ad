"""Counts what gateways refused, by device and reason, and tells the stream's quarantine about once a second. No Django."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from nats.js import JetStreamContext

from anlan.ledger import broker
from anlan.ledger.process import pause
from anlan.wire import quarantine

MOST_KINDS = 20_000
"""So many pairs of device and reason are told apart; what is beyond is counted against nobody in particular."""


@dataclass
class _Seen:
    before: int | None = None
    count: int = 0
    last_ms: int = 0
    samples: list[quarantine.QuarantineSample] = field(default_factory=list)


class Apart:
    """What was set apart in this run. The reasons are the gateways' own, so that nobody else counts on the same subjects."""

    def __init__(self) -> None:
        self._seen: dict[tuple[str, str, str], _Seen] = {}
        self._waiting: set[tuple[str, str, str]] = set()
        self.count = 0

    def add(self, credential: str, device: str, reason: str, detail: str, data: bytes, now_ms: int) -> None:
        """Count one thing against a device (:data:`quarantine.UNKNOWN` where it is not known)."""
        key = (quarantine.token(credential), quarantine.token(device), reason)
        if key not in self._seen and len(self._seen) >= MOST_KINDS:
            key = (quarantine.UNKNOWN, quarantine.UNKNOWN, reason)
        seen = self._seen.setdefault(key, _Seen())
        seen.count += 1
        seen.last_ms = now_ms
        seen.samples = [*seen.samples[1 - quarantine.MAX_SAMPLES :], quarantine.sample(now_ms, detail, data)]
        self._waiting.add(key)
        self.count += 1

    async def tell(self, js: JetStreamContext, stop: asyncio.Event) -> None:
        """Publish the counts that changed. Raises ``ConnectionError`` once ``stop`` is set while the stream is away."""
        while self._waiting:
            key = self._waiting.pop()
            seen = self._seen[key]
            empty = quarantine.QuarantineRecord(*key, 0, 0, 0)
            if seen.before is None:
                kept = await broker.last_message(js, stop, broker.QUARANTINE, empty.subject)
                seen.before = quarantine.decode(kept.data).count if kept is not None else 0
            record = quarantine.QuarantineRecord(*key, seen.before + seen.count, seen.last_ms, 0, tuple(seen.samples))
            await broker.publish(js, stop, record.subject, quarantine.encode(record))

    async def keep_telling(self, js: JetStreamContext, stop: asyncio.Event) -> None:
        """Publish about once a second until ``stop`` is set."""
        while not stop.is_set():
            await pause(stop, 1.0)
            await self.tell(js, stop)
