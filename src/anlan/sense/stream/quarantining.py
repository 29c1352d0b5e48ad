"""Keeps what was set apart on the stream of its own: one message per device and reason with the count so far. Counts each thing once."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from nats.js import JetStreamContext

from anlan.ledger import broker
from anlan.sense.stream.decoding import Apart
from anlan.wire import quarantine


class Quarantine:
    """The counts so far, as the stream has them, and the publishing of what is added."""

    def __init__(self, js: JetStreamContext, stop: asyncio.Event) -> None:
        self._js, self._stop = js, stop
        self._records: dict[str, quarantine.QuarantineRecord] = {}

    async def add(self, apart: Mapping[tuple[str, str, str], Apart], now_ms: int) -> None:
        """Add what a batch set apart. A batch that is read again after a fault counts nothing twice: each record says how far it got."""
        for (credential, device, reason), added in apart.items():
            empty = quarantine.QuarantineRecord(credential, device, reason, 0, 0, 0)
            before = self._records.get(empty.subject)
            if before is None:
                kept = await broker.last_message(self._js, self._stop, broker.QUARANTINE, empty.subject)
                before = quarantine.decode(kept.data) if kept is not None else empty
            if added.through <= before.through:
                continue
            samples = (*before.samples, *added.samples)[-quarantine.MAX_SAMPLES :]
            record = quarantine.QuarantineRecord(
                quarantine.token(credential), quarantine.token(device), reason, before.count + added.count, now_ms, added.through, samples
            )
            await broker.publish(self._js, self._stop, record.subject, quarantine.encode(record))
            self._records[record.subject] = record
