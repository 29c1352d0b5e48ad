"""``anlan bench stream``: readings through MQTT, intake, detector and store on this machine, the load generator beside them.

Each connection sends messages of 60 readings with QoS 1 and a few on the way; a message counts when it was acknowledged. One more
connection crosses its limit ten times a second: the time from its reading to the stored detection is the latency. A first figure, short;
written through to the disk as in service unless ``--sync`` says otherwise.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json as encoder
import multiprocessing
import random
import struct
import time

import psutil
from tests.rooms.sense.pipeline import Pipeline, device, entry, limit, pipeline, point, wait_until

from anlan.ledger import broker
from anlan.wire import readings

SENSORS = 60
PROBE_EVERY_S = 0.1


def _length(value: int) -> bytes:
    found = bytearray()
    while True:
        value, digit = divmod(value, 128)
        found.append(digit | (128 if value else 0))
        if not value:
            return bytes(found)


def _text(value: str) -> bytes:
    data = value.encode()
    return struct.pack("!H", len(data)) + data


def _connect(client: str, user: str, password: str) -> bytes:
    body = _text("MQTT") + bytes([4, 0b11000010]) + struct.pack("!H", 0) + _text(client) + _text(user) + _text(password)
    return b"\x10" + _length(len(body)) + body


def _publish(topic: bytes, packet: int, payload: bytes) -> bytes:
    size = 2 + len(topic) + 2 + len(payload)
    return b"\x32" + _length(size) + struct.pack("!H", len(topic)) + topic + struct.pack("!H", packet) + payload


class Device(asyncio.Protocol):
    """A device that keeps ``window`` messages on the way, as fast as they are acknowledged or every ``pause`` seconds."""

    def __init__(self, user: str, code: str, window: int, pause: float, until: float, make: object) -> None:
        self.user, self.code, self.window, self.pause, self.until, self.make = user, code, window, pause, until, make
        self.topic = readings.topic(user, code).encode()
        self.sent = self.acknowledged = 0
        self.ended = asyncio.get_running_loop().create_future()
        self.buffer = b""
        self.admitted = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        transport.write(_connect(f"bench-{self.user}-{self.code}", self.user, "good"))

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        while len(self.buffer) >= 4:
            kind = self.buffer[0] >> 4
            self.buffer = self.buffer[4:]
            if kind == 2:
                self.admitted = True
                for _ in range(self.window):
                    self._send()
            elif kind == 4:
                self.acknowledged += 1
                if self.pause:
                    asyncio.get_running_loop().call_later(self.pause, self._send)
                else:
                    self._send()

    def _send(self) -> None:
        if time.time() < self.until:
            self.sent += 1
            self.transport.write(_publish(self.topic, self.sent % 65535 + 1, self.make()))
        elif self.acknowledged == self.sent and not self.ended.done():
            self.ended.set_result(None)
            self.transport.close()

    def connection_lost(self, _reason: Exception | None) -> None:
        if not self.ended.done():
            self.ended.set_result(None)


def _ordinary() -> object:
    names = [f"s{number}" for number in range(SENSORS)]
    values = [round(random.random() * 40, 2) for _ in names]

    moment = 0

    def make() -> bytes:
        nonlocal moment
        # No two readings of one point at one millisecond: they would be one reading.
        moment = max(moment + 1, time.time_ns() // 1_000_000)
        values[random.randrange(SENSORS)] = round(random.random() * 40, 2)
        return readings.encode([readings.Sample(moment, dict(zip(names, values, strict=True)))])

    return make


def _probing() -> object:
    high = False

    def make() -> bytes:
        nonlocal high
        high = not high
        return readings.encode([readings.Sample(time.time_ns() // 1_000_000, {"p": 90.0 if high else 10.0})])

    return make


async def _load(port: int, users: int, seconds: float, window: int, pause: float) -> tuple[int, int]:
    loop, until = asyncio.get_running_loop(), time.time() + seconds
    found = []
    for number in range(users):
        make = _ordinary()
        code, user = "d", f"c{number}"
        _transport, one = await loop.create_connection(
            lambda c=code, u=user, m=make: Device(u, c, window, pause, until, m), "127.0.0.1", port
        )
        found.append(one)
    _transport, probe = await loop.create_connection(lambda: Device("probe", "d", 1, PROBE_EVERY_S, until, _probing()), "127.0.0.1", port)
    await asyncio.wait([one.ended for one in (*found, probe)], timeout=seconds + 30)
    return sum(one.acknowledged for one in found), probe.acknowledged


def _generator(port: int, users: int, seconds: float, window: int, pause: float, answer: multiprocessing.Queue[tuple[int, int]]) -> None:
    answer.put(asyncio.run(_load(port, users, seconds, window, pause)))


def _run(running: Pipeline, users: int, seconds: float, window: int, pause: float) -> dict[str, object]:
    entries = [
        entry(
            f"c{user}", device("d", *(point(f"s{n}", 1 + user * SENSORS + n, limit("H", 95, 1), low=0, high=100) for n in range(SENSORS)))
        )
        for user in range(users)
    ]
    probe = 1 + users * SENSORS
    running.admit([*entries, entry("probe", device("d", point("p", probe, limit("H", 50, 5))))])
    running.start("telemetry", "intake", "detector")
    wait_until(lambda: "watching readings" in running.log("detector") and "reading what" in running.log("intake"), "everything is up", 60)
    answer: multiprocessing.Queue[tuple[int, int]] = multiprocessing.get_context("fork").Queue()
    generator = multiprocessing.get_context("fork").Process(
        target=_generator, args=(running.mqtt_port, users, seconds, window, pause, answer)
    )
    began = time.monotonic()
    generator.start()
    acknowledged, probed = answer.get(timeout=seconds + 120)
    sending = time.monotonic() - began
    generator.join()
    expected = acknowledged * SENSORS + probed
    wait_until(lambda: running.counts()["lag"].get("intake") == 0 and running.stored() >= expected, f"{expected} readings are stored", 120)
    drained = time.monotonic() - began
    stored = running.stored()
    counts = running.counts()
    late = asyncio.run(_latencies(running, probe))
    memory = {}
    for name, process in running.processes.items():
        with contextlib.suppress(psutil.NoSuchProcess):
            memory[name] = round(psutil.Process(process.pid).memory_info().rss / 2**20)
    return {
        "sustained_per_s": round(acknowledged * SENSORS / sending),
        "through_store_per_s": round(expected / drained),
        "messages_per_s": round(acknowledged / sending),
        "connections": users,
        "acknowledged": expected,
        "stored": stored,
        "lost": max(0, expected - stored),
        "duplicated": max(0, stored - expected),
        "p50_detection_ms": late[len(late) // 2] if late else None,
        "p99_detection_ms": late[int(len(late) * 0.99)] if late else None,
        "bytes_per_reading": round(counts["bytes"] / max(1, counts["rows"]), 2),
        "memory_mb": memory,
    }


async def _latencies(running: Pipeline, probe: int) -> list[float]:
    """Milliseconds from the probe's reading to its stored detection, ascending."""
    import nats

    from anlan.wire import detections

    nc = await nats.connect(running.nats_url)
    js, found = nc.jetstream(), []
    for sequence in range(1, (await js.stream_info(broker.ALARMS)).state.last_seq + 1):
        message = await js.get_msg(broker.ALARMS, sequence)
        told = detections.decode(message.data)
        if told.channel == probe and message.time is not None:
            found.append(message.time.timestamp() * 1000 - told.time_ms)
    await nc.close()
    return sorted(round(value, 1) for value in found)


def main(json: bool = False, arguments: list[str] | None = None) -> dict[str, object]:
    """Measure; ``--seconds`` and ``--connections`` say how long and with how many devices."""
    parser = argparse.ArgumentParser(prog="anlan bench stream")
    parser.add_argument("--seconds", type=float, default=15)
    parser.add_argument("--connections", type=int, default=200)
    parser.add_argument("--window", type=int, default=4, help="messages on the way per connection")
    parser.add_argument("--pause", type=float, default=0.0, help="seconds between messages of one connection; 0: as fast as acknowledged")
    parser.add_argument("--sync", default="100ms", help="after how long the stream writes through to the disk, as ANLAN_STREAM_SYNC")
    asked = parser.parse_args(arguments or [])
    with pipeline(sync=asked.sync) as running:
        return _run(running, asked.connections, asked.seconds, asked.window, asked.pause)


if __name__ == "__main__":
    import sys

    sys.stdout.write(encoder.dumps(main(arguments=sys.argv[1:])) + "\n")
