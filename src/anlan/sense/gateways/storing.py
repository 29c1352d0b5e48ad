"""Stores what a sender measured and reported on the node's stream, on the very subject that MQTT messages of the device take.

What comes back from here lies on the stream: only then a gateway answers. No Django.
"""

from __future__ import annotations

import asyncio
import hashlib
import math
import time
from collections.abc import Iterable, Iterator, Sequence

from nats.errors import Error as NatsError
from nats.js import JetStreamContext

from anlan.ledger import broker
from anlan.sense.gateways.directory import Sender
from anlan.sense.gateways.rules import NotFinite, NotStored
from anlan.sense.gateways.session import Happened, Measured
from anlan.wire import happenings, readings
from anlan.wire.readings import Sample

SUBJECT_PREFIX = "$MQTT.msgs.anlan.in."
MOST_VALUES = 5000
"""Values in one stored message: with codes of 64 characters some 500 KB, half of what the intake reads."""
LATE_MS = 300_000
"""A report that comes so long after its time is marked as late, as readings are."""


class Store:
    """The stream as gateways see it. ``store_s``: how long a sender is kept waiting for it."""

    def __init__(self, js: JetStreamContext, stop: asyncio.Event, *, store_s: float = 20.0) -> None:
        self._js, self._stop, self._store_s = js, stop, store_s
        self.values = self.happened = 0

    async def keep(self, sender: Sender, measured: Sequence[Measured], happened: Sequence[Happened]) -> list[NotFinite]:
        """Store everything of one delivery; returns what could not be a number. Raises :class:`NotStored`: then the sender gets no answer."""
        samples, refused = as_samples(sender, measured)
        try:
            async with asyncio.timeout(self._store_s):
                for part in parts(samples):
                    await self._keep_readings(sender, part)
                for start in range(0, len(happened), happenings.MOST_TOGETHER):
                    await self._keep_happened(sender, happened[start : start + happenings.MOST_TOGETHER])
        except TimeoutError:
            raise NotStored(reason=f"{self._store_s:g} s") from None
        except (NatsError, ConnectionError) as trouble:
            raise NotStored(reason=str(trouble)[:120]) from None
        return refused

    async def _keep_readings(self, sender: Sender, samples: Sequence[Sample]) -> None:
        subject = f"{SUBJECT_PREFIX}{sender.credential}.{sender.device}"
        payload = readings.encode(samples)
        # Sent again because our answer got lost, it is the same message with the same name, and the stream keeps it once.
        name = hashlib.sha256(subject.encode() + b"\0" + payload).hexdigest()[:32]
        await broker.publish(
            self._js, self._stop, subject, payload, message_id=f"g-{name}", headers={readings.GATEWAY: sender.entry.protocol}
        )
        self.values += sum(len(sample.values) for sample in samples)

    async def _keep_happened(self, sender: Sender, happened: Sequence[Happened]) -> None:
        told = [_told(sender, each) for each in happened]
        await broker.publish(self._js, self._stop, happenings.SUBJECT, happenings.encode(*told), message_id=happenings.message_id(*told))
        self.happened += len(told)


def _told(sender: Sender, happened: Happened) -> happenings.Happening:
    return happenings.Happening(
        credential=sender.credential,
        device=sender.device,
        kind=happened.kind,
        part=happened.part,
        text=happened.text,
        time_ms=happened.time_ms,
        active=happened.active,
        late=time.time_ns() // 1_000_000 - happened.time_ms > LATE_MS,
        values={code: value for code, value in happened.values.items() if math.isfinite(value)},
    )


def as_samples(sender: Sender, measured: Iterable[Measured]) -> tuple[list[Sample], list[NotFinite]]:
    """What was measured under the codes and in the units of the device's points; what is no finite number is refused alone."""
    points = {point.code: point for point in sender.entry.points}
    samples: list[Sample] = []
    refused: list[NotFinite] = []
    for each in measured:
        values: dict[str, float] = {}
        doubtful: list[str] = []
        for code, raw in each.values.items():
            point = points.get(code)
            name, value = (code, raw) if point is None else (point.sensor, point.value(raw))
            if not math.isfinite(value):
                refused.append(NotFinite(code=code[:64]))
                continue
            values[name] = value
            if code in each.marked:
                doubtful.append(name)
        if values:
            samples.append(Sample(each.time_ms, values, doubtful=tuple(doubtful)))
    return samples, refused


def parts(samples: Iterable[Sample]) -> Iterator[list[Sample]]:
    """``samples`` in order, in groups of at most :data:`MOST_VALUES` values; one sample larger than that is cut."""
    group: list[Sample] = []
    held = 0
    for sample in samples:
        for piece in _cut(sample):
            if group and held + len(piece.values) > MOST_VALUES:
                yield group
                group, held = [], 0
            group.append(piece)
            held += len(piece.values)
    if group:
        yield group


def _cut(sample: Sample) -> Iterator[Sample]:
    if len(sample.values) <= MOST_VALUES:
        yield sample
        return
    items = list(sample.values.items())
    doubted = set(sample.doubtful)
    for start in range(0, len(items), MOST_VALUES):
        some = dict(items[start : start + MOST_VALUES])
        yield Sample(sample.time_ms, some, sample.exercise, tuple(code for code in some if code in doubted))
