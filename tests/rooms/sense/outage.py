"""Devices that keep what was not acknowledged, a node whose processes are killed one after the other, and the proof of what came of it."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import aiomqtt
import httpx
import numpy as np
from tests.rooms.sense.gateways import toy
from tests.rooms.sense.pipeline import Pipeline, device, entry, free_port, limit, pipeline, point, wait_until

from anlan.sense.stream.coverage import Coverage
from anlan.wire import detections, readings
from anlan.wire.addresses import AddressEntry
from anlan.wire.blocks import LATE
from anlan.wire.registry import DeviceEntry

POINTS = 60
LIMIT = 100.0
RAISED_EVERY_S = 4.0
KILLED = ("intake", "detector", "telemetry", "gateway", "nats")


@dataclass
class Sender:
    """One device with ``POINTS`` points that sends ``per_s`` messages a second; what is not acknowledged it keeps and sends again.

    ``behind_s``: so far its first readings lie in the past, as those of a device that was cut off. Its first point crosses the limit
    every :data:`RAISED_EVERY_S` seconds of its own time. ``acknowledged``: times (ms) of messages that were.
    """

    number: int
    per_s: float
    behind_s: float = 0.0
    acknowledged: list[int] = field(default_factory=list)
    crossings: list[int] = field(default_factory=list)
    high: bool = False
    reconnected: int = 0

    @property
    def code(self) -> str:
        return f"d{self.number}"

    @property
    def channels(self) -> range:
        return range(1 + self.number * POINTS, 1 + (self.number + 1) * POINTS)

    def entry(self) -> DeviceEntry:
        first, *rest = self.channels
        guarded = point("p0", first, limit("H", LIMIT))
        return device(self.code, guarded, *(point(f"p{at}", channel) for at, channel in enumerate(rest, 1)))

    async def run(self, port: int, stop: asyncio.Event) -> None:
        """Send until told to stop; at the end everything that was sent is acknowledged."""
        step = 1000.0 / self.per_s
        begun = time.time() * 1000 - self.behind_s * 1000
        count, kept = 0, None
        while not stop.is_set() or kept is not None:
            try:
                # The session is a new one at every connection; what was not acknowledged is the device's own business.
                async with aiomqtt.Client("127.0.0.1", port, username="c1", password="good", timeout=5) as client:
                    while not stop.is_set() or kept is not None:
                        if kept is None:
                            due = begun + count * step
                            ahead = (due - time.time() * 1000) / 1000
                            if ahead > 0:
                                await asyncio.sleep(ahead)
                            kept = self._made(round(due))
                            count += 1
                        await client.publish(readings.topic("c1", self.code), kept[1], qos=1, timeout=5)
                        self._noted(kept[0])
                        kept = None
            except (aiomqtt.MqttError, TimeoutError, OSError):
                self.reconnected += 1
                await asyncio.sleep(0.2)

    def _made(self, time_ms: int) -> tuple[int, bytes]:
        high = int(time_ms / 1000 / RAISED_EVERY_S) % 2 == 0
        values = {f"p{at}": float(at) for at in range(1, POINTS)}
        return time_ms, readings.encode([readings.Sample(time_ms, {"p0": LIMIT + 1 if high else LIMIT - 1, **values})])

    def _noted(self, time_ms: int) -> None:
        high = int(time_ms / 1000 / RAISED_EVERY_S) % 2 == 0
        if high and not self.high:
            self.crossings.append(time_ms)
        self.high = high
        self.acknowledged.append(time_ms)


@dataclass
class Caller:
    """A device that speaks a protocol of a gateway: one value at a time, the next one when the one before was answered."""

    channel: int
    acknowledged: list[int] = field(default_factory=list)

    async def run(self, port: int, stop: asyncio.Event) -> None:
        kept: int | None = None
        while not stop.is_set() or kept is not None:
            try:
                reader, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.write(b"ID caller x\n")
                async with asyncio.timeout(5):
                    await reader.readline()
                while not stop.is_set() or kept is not None:
                    kept = kept if kept is not None else time.time_ns() // 1_000_000
                    writer.write(f"V caller {kept} a=1\n".encode())
                    async with asyncio.timeout(5):
                        line = await reader.readline()
                    # A request to send again may come between.
                    if line.startswith(b"OK"):
                        self.acknowledged.append(int(line.split()[1]))
                        kept = None
                        await asyncio.sleep(0.02)
                    elif not line:
                        break
            except (OSError, TimeoutError):
                await asyncio.sleep(0.2)


class Fleet(threading.Thread):
    """Every sender in a thread of the test."""

    def __init__(self, running: Pipeline, senders: Sequence[Sender], caller: Caller, gateway_port: int) -> None:
        super().__init__(daemon=True)
        self._running, self._senders, self._caller, self._gateway_port = running, senders, caller, gateway_port
        self._loop, self._ended = asyncio.new_event_loop(), asyncio.Event()
        self.fault: BaseException | None = None

    def run(self) -> None:
        try:
            self._loop.run_until_complete(self._main())
        except BaseException as fault:
            self.fault = fault
            raise

    async def _main(self) -> None:
        tasks = [sender.run(self._running.mqtt_port, self._ended) for sender in self._senders]
        await asyncio.gather(*tasks, self._caller.run(self._gateway_port, self._ended))

    def end(self) -> None:
        """Send what is left, and stop."""
        self._loop.call_soon_threadsafe(self._ended.set)
        self.join(120)
        assert not self.is_alive() and self.fault is None, self.fault


@dataclass
class Outcome:
    """What came of it. Counts are of readings, but ``alarms_due`` and ``alarms_raised``."""

    acknowledged: int = 0
    stored: int = 0
    lost: int = 0
    counted: int = 0
    repeated: int = 0
    alarms_due: int = 0
    alarms_raised: int = 0
    alarms_doubled: int = 0
    late_alarms: int = 0
    late_alarms_marked: int = 0
    reconnections: int = 0
    down_s: dict[str, float] = field(default_factory=dict)


@contextmanager
def node(senders: Sequence[Sender], caller: Caller) -> Iterator[tuple[Pipeline, int]]:
    """A pipeline with every process of the stream and a gateway."""
    with pipeline(sync="100ms") as running:
        address = AddressEntry(toy.PROTOCOL, "caller", open=True)
        called = DeviceEntry("caller", True, (point("a", caller.channel),), addresses=(address,))
        running.admit([entry("c1", *(sender.entry() for sender in senders), called)])
        gateway_port = free_port()
        running.environment["TOY_PORT"] = str(gateway_port)
        running.start("intake", "detector", "telemetry")
        start_gateway(running)
        yield running, gateway_port


def start_gateway(running: Pipeline) -> None:
    with (running.home / "gateway.log").open("ab") as log:
        running.processes["gateway"] = subprocess.Popen(
            [sys.executable, str(Path(toy.__file__))], env=running.environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log
        )


def kill_in_turn(running: Pipeline, *, load_s: float, down_s: float, which: Sequence[str] = KILLED) -> dict[str, float]:
    """Kill each process under load, leave it dead for a while, start it again; returns how long each was away."""
    found = {}
    for name in which:
        time.sleep(load_s)
        begun = time.monotonic()
        running.kill(name)
        time.sleep(down_s)
        if name == "nats":
            running.start_nats()
        elif name == "gateway":
            start_gateway(running)
        else:
            running.start(name)
        found[name] = round(time.monotonic() - begun, 2)
    time.sleep(load_s)
    return found


def proved(running: Pipeline, senders: Sequence[Sender], caller: Caller, seconds: float = 120.0) -> Outcome:
    """Wait until everything that was acknowledged is stored, and say what is there: from the store, the stream and the record."""
    outcome = Outcome(reconnections=sum(sender.reconnected for sender in senders))
    outcome.acknowledged = sum(len(sender.acknowledged) * POINTS for sender in senders) + len(caller.acknowledged)
    wait_until(lambda: running.stored() >= outcome.acknowledged, f"{outcome.acknowledged} acknowledged readings are stored", seconds)
    outcome.stored = running.stored()
    wait_until(lambda: _counted(running)[0] >= outcome.stored, "the record counts what is stored", seconds)
    outcome.counted, outcome.repeated = _counted(running)
    due = {(sender.channels[0], time_ms) for sender in senders for time_ms in sender.crossings}
    late = {(sender.channels[0], time_ms) for sender in senders if sender.behind_s > 300 for time_ms in sender.crossings}
    wait_until(lambda: {key for key, _quality in _raised(running)} >= due, "every alarm that was due is raised", seconds)
    raised = _raised(running)
    outcome.alarms_due, outcome.alarms_raised = len(due), len({key for key, _quality in raised} & due)
    outcome.alarms_doubled = len(raised) - len({key for key, _quality in raised})
    marked = dict(raised)
    # A device that was cut off and sends its backlog catches up with the present: what is younger than five minutes is not late any more.
    outcome.late_alarms = sum(1 for key in late if key in marked and _is_late(key, senders))
    outcome.late_alarms_marked = sum(1 for key in late if _is_late(key, senders) and marked.get(key, 0) & LATE)
    running.stop("telemetry")
    outcome.lost = _lost(running, senders, caller)
    return outcome


def _is_late(key: tuple[int, int], senders: Sequence[Sender]) -> bool:
    sender = next(each for each in senders if each.channels[0] == key[0])
    return key[1] < sender.acknowledged[0] + (sender.behind_s - 330) * 1000


def _raised(running: Pipeline) -> list[tuple[tuple[int, int], int]]:
    return [((told.channel, told.raised_ms), told.quality) for told in running.transitions() if told.change == detections.RAISE]


def _counted(running: Pipeline) -> tuple[int, int]:
    """Readings received and repeated, over yesterday and today, as the record tells."""
    received = repeated = 0
    for day in (time.time() - 86_400, time.time()):
        told = httpx.get(f"{running.telemetry_url}/completeness", params={"day": round(day * 1000)}, timeout=60).json()
        rows = [dict(zip(told["columns"], row, strict=True)) for row in told["devices"]]
        received += sum(row["received"] for row in rows)
        repeated += sum(row["repeated"] for row in rows)
    return received, repeated


def _lost(running: Pipeline, senders: Sequence[Sender], caller: Caller) -> int:
    """Acknowledged readings that the store does not hold; raises when it holds one twice."""
    coverage = Coverage(running.home / "telemetry" / "engine")
    lost = 0
    wanted = [(list(sender.channels), sender.acknowledged) for sender in senders] + [([caller.channel], caller.acknowledged)]
    for channels, acknowledged in wanted:
        found, times = coverage.times(channels, 0, 4_000_000_000_000)
        for channel in channels:
            first, last = np.searchsorted(found, [channel, channel + 1])
            own = times[first:last]
            assert len(own) == len(np.unique(own)), "a reading is stored twice"
            lost += int((~np.isin(np.array(acknowledged, np.int64), own)).sum())
    coverage.close()
    return lost


def fleet(rate: int, *, cut_off: int = 1) -> list[Sender]:
    """Senders that make ``rate`` readings a second together; ``cut_off`` more come with a backlog of half an hour."""
    number = max(1, min(20, rate // (POINTS * 10)))
    per_s = rate / POINTS / number
    backlog = [Sender(number + at, 1.0, behind_s=1800.0) for at in range(cut_off)]
    return [*(Sender(at, per_s) for at in range(number)), *backlog]


__all__ = ["KILLED", "Caller", "Fleet", "Outcome", "Sender", "fleet", "kill_in_turn", "node", "proved"]
