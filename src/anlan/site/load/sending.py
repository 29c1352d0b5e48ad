"""Two thousand devices in one event loop: paced sending, acknowledgements, and sending again what was not acknowledged."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import msgspec

from anlan.site.load import mqtt
from anlan.site.load.faults import GARBAGE, Fault, spoilt, strikes
from anlan.site.load.field import FieldDevice, speaker
from anlan.site.load.fleet import Link
from anlan.site.load.signals import Signals
from anlan.site.load.tally import MOST_REFUSALS, MOST_WAITING, REST_S, Tally, Waiting
from anlan.wire import readings
from anlan.wire.addresses import MQTT

_encode = msgspec.json.Encoder().encode
TICK_S = 0.004


class Payloads:
    """Messages of one link: ``samples`` moments a message, ``spacing_ms`` apart, of all its points. No point gets two values at one moment."""

    def __init__(self, link: Link, seed: int, samples: int = 1, spacing_ms: int = 1) -> None:
        self._points, self._samples, self._spacing = link.points, samples, spacing_ms
        self._signals = Signals(len(link.points), seed)
        self._moment = 0

    @property
    def size(self) -> int:
        """Readings in a message."""
        return self._samples * len(self._points)

    def next(self, now_ms: int) -> bytes:
        """The message whose last moment is ``now_ms`` or just after the one before."""
        first = max(self._moment + self._spacing, now_ms - (self._samples - 1) * self._spacing)
        found = []
        for number in range(self._samples):
            self._moment = first + number * self._spacing
            found.append({"t": self._moment, "v": dict(zip(self._points, self._signals.step().tolist(), strict=True))})
        return _encode(found[0] if self._samples == 1 else found)


class Device(asyncio.Protocol):
    """One connection. What is not acknowledged when it breaks is sent again over the next."""

    def __init__(self, link: Link, payloads: Payloads, tally: Tally, where: tuple[str, int], faults: frozenset[Fault], seed: int) -> None:
        self._link, self._payloads, self._tally, self._where = link, payloads, tally, where
        self._faults, self._dice = faults, random.Random(seed)
        self._topic = readings.topic(link.username, link.device).encode()
        self._transport: asyncio.Transport | None = None
        self._buffer = bytearray()
        self._packet = 0
        self.waiting: dict[int, Waiting] = {}
        self.admitted = False
        self.closing = False
        self._refusals = 0

    @property
    def size(self) -> int:
        """Readings in a message."""
        return self._payloads.size

    async def open(self) -> None:
        """Connect, trying until it succeeds."""
        loop = asyncio.get_running_loop()
        while not self.closing:
            try:
                await loop.create_connection(lambda: self, *self._where)
                return
            except OSError:
                await asyncio.sleep(REST_S)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Introduce oneself."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.write(mqtt.connect(f"load-{self._link.username}", self._link.username, self._link.secret))

    def data_received(self, data: bytes) -> None:
        """Take acknowledgements in."""
        self._buffer += data
        for kind, value in mqtt.answers(self._buffer):
            if kind == mqtt.PUBACK:
                self._acknowledged(value)
            elif value:
                # The node may not have heard of a new device yet, or have had no time to answer: equipment asks again.
                self._refusals += 1
                if self._refusals > MOST_REFUSALS:
                    self._tally.refused += 1
                    self.close()
                elif self._transport is not None:
                    self._transport.close()
            else:
                self.admitted, self._refusals = True, 0
                for packet, held in list(self.waiting.items()):
                    self._tally.again += 1
                    self._write(mqtt.publish(self._topic, packet, held.payload, again=True))

    def _acknowledged(self, packet: int) -> None:
        held = self.waiting.pop(packet, None)
        if held is None:
            return
        self._tally.acknowledged += 1
        self._tally.readings += held.size
        if packet % 10 == 0:
            self._tally.latencies.append(time.perf_counter() - held.since)

    def connection_lost(self, exc: Exception | None) -> None:
        """Try again unless this was the end."""
        had_been, self.admitted = self.admitted, False
        self._buffer.clear()
        if not self.closing:
            self._tally.lost_links += had_been
            asyncio.get_running_loop().call_later(REST_S * (1 + self._refusals), lambda: asyncio.ensure_future(self.open()))

    def send(self, now_ms: int) -> None:
        """Send the next message, or hold back while too many are unacknowledged."""
        if not self.admitted or len(self.waiting) >= MOST_WAITING:
            self._tally.held_back += 1
            return
        payload = self._payloads.next(now_ms)
        fault = strikes(self._faults, self._dice)
        if fault is not None:
            payload = spoilt(fault, payload)
        self._packet = packet = self._packet % 65535 + 1
        self.waiting[packet] = Waiting(payload, self._payloads.size, time.perf_counter())
        self._tally.sent += 1
        self._write(mqtt.publish(self._topic, packet, payload))
        if fault is Fault.TWICE:
            self._tally.again += 1
            self._write(mqtt.publish(self._topic, packet, payload, again=True))
        elif fault is Fault.GARBAGE:
            self._tally.garbage += 1
            self._packet = self._packet % 65535 + 1
            self._write(mqtt.publish(self._topic, self._packet, GARBAGE))
        elif fault is Fault.DROP and self._transport is not None:
            self._transport.abort()

    def _write(self, data: bytes) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(data)

    def close(self) -> None:
        """The end of this device."""
        self.closing = True
        if self._transport is not None:
            self._transport.close()


@dataclass(frozen=True)
class Plan:
    """What to do. ``rate``: readings per second over all links, 0 = as fast as acknowledged, ``window`` messages on the way per link."""

    where: tuple[str, int]
    rate: float
    seconds: float
    samples: int = 1
    spacing_ms: int = 1
    window: int = 4
    faults: frozenset[Fault] = frozenset()
    patience_s: float = 60.0
    protocol: str = MQTT


async def run(links: tuple[Link, ...], plan: Plan, tell: Callable[[float, Tally], None]) -> tuple[Tally, float]:
    """Carry out ``plan``; ``tell`` hears the tally every five seconds. Returns the tally and the seconds from the first message to the last
    acknowledgement: what piled up on the way counts against the rate.

    Ends when everything sent was acknowledged, or ``patience_s`` after the last sending.
    """
    tally = Tally()
    devices = [_device(link, number, plan, tally) for number, link in enumerate(links)]
    for start in range(0, len(devices), 100):
        await asyncio.gather(*(device.open() for device in devices[start : start + 100]))
    await _until(lambda: all(device.admitted or device.closing for device in devices), plan.patience_s)
    began = time.perf_counter()
    if plan.rate:
        await _paced(devices, plan, tally, began, tell)
    else:
        await _flooding(devices, plan, tally, began, tell)
    await _until(lambda: not any(device.waiting for device in devices if not device.closing), plan.patience_s)
    seconds = time.perf_counter() - began
    for device in devices:
        device.close()
    return tally, seconds


def _device(link: Link, number: int, plan: Plan, tally: Tally) -> Device | FieldDevice:
    if plan.protocol != MQTT:
        return FieldDevice(speaker(plan.protocol, link, number), tally, plan.where, plan.faults, number)
    return Device(link, Payloads(link, number, plan.samples, plan.spacing_ms), tally, plan.where, plan.faults, number)


async def _paced(
    devices: Sequence[Device | FieldDevice], plan: Plan, tally: Tally, began: float, tell: Callable[[float, Tally], None]
) -> None:
    """Round after round through all devices, each message at its time: no bursts, no catching up beyond one round."""
    per_message = devices[0].size
    messages_per_s = plan.rate / per_message
    due_at, told = 0, 0.0
    while (elapsed := time.perf_counter() - began) < plan.seconds:
        due = int(elapsed * messages_per_s)
        now_ms = time.time_ns() // 1_000_000
        for turn in range(max(due_at, due - len(devices)), due):
            devices[turn % len(devices)].send(now_ms)
        due_at = due
        if elapsed - told >= 5:
            told = elapsed
            tell(elapsed, tally)
        await asyncio.sleep(TICK_S)


async def _flooding(
    devices: Sequence[Device | FieldDevice], plan: Plan, tally: Tally, began: float, tell: Callable[[float, Tally], None]
) -> None:
    """Every device keeps ``window`` messages on the way."""
    told = 0.0
    while (elapsed := time.perf_counter() - began) < plan.seconds:
        now_ms = time.time_ns() // 1_000_000
        for device in devices:
            while device.admitted and len(device.waiting) < plan.window:
                before = tally.sent
                device.send(now_ms)
                if tally.sent == before:
                    break
        if elapsed - told >= 5:
            told = elapsed
            tell(elapsed, tally)
        await asyncio.sleep(TICK_S / 4)


async def _until(true: Callable[[], bool], seconds: float) -> None:
    end = time.perf_counter() + seconds
    while not true() and time.perf_counter() < end:
        await asyncio.sleep(0.05)
