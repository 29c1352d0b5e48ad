"""A stream of one's own for tests and measurements: NATS with MQTT on free ports, the processes of the stream, and a porter instead of the
gatekeeper where a test needs no database."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import httpx
import nats
from nats.js import api

from anlan.ledger import broker
from anlan.sense.devices import natsauth
from anlan.wire import blocks, detections, quarantine, registry

MODULES = {
    "gatekeeper": "anlan.sense.devices.gatekeeper",
    "intake": "anlan.sense.stream.intake",
    "detector": "anlan.sense.stream.detector",
    "telemetry": "anlan.sense.stream.telemetry",
    "alarms": "anlan.sense.alarms.intake",
    "feed": "anlan.sense.things.feed",
    "gateway": "anlan.sense.gateways.gateway",
    "fetcher": "anlan.sense.gateways.fetcher",
}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until(true: Callable[[], object], what: str, seconds: float = 30.0) -> None:
    """Wait for a fact that another process brings about; the limit only bounds a failure."""
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end:
            raise AssertionError(f"waited {seconds} s in vain: {what}")
        time.sleep(0.05)


class Pipeline:
    """Engines and processes in one temporary folder. ``sync``: after how long the stream writes through to the disk (empty: as the server likes)."""

    def __init__(self, home: Path, *, sync: str = "", database_url: str = "") -> None:
        self.home = home
        self.nats_port, self.mqtt_port, self.http_port = free_port(), free_port(), free_port()
        self.seed = natsauth.new_seed()
        self.nats_url = f"nats://anlan:pipeline@127.0.0.1:{self.nats_port}"
        self.telemetry_url = f"http://127.0.0.1:{self.http_port}"
        self.environment = {
            **os.environ,
            "ANLAN_HOME": str(home),
            "ANLAN_NATS_URL": self.nats_url,
            "ANLAN_MQTT_URL": f"mqtt://127.0.0.1:{self.mqtt_port}",
            "ANLAN_TELEMETRY_URL": self.telemetry_url,
            "ANLAN_NATS_ISSUER_SEED": self.seed,
            "PYTHONUNBUFFERED": "1",
            **({"ANLAN_DATABASE_URL": database_url} if database_url else {}),
        }
        self._sync = f"sync_interval: {sync}" if sync else ""
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self.porter: Porter | None = None

    def start_nats(self) -> None:
        config = self.home / "nats.conf"
        config.write_text(
            f"""
server_name: "pipeline"
listen: "127.0.0.1:{self.nats_port}"
max_payload: 8388608
jetstream {{ store_dir: "{self.home / "nats"}"
  {self._sync} }}
mqtt {{ listen: "127.0.0.1:{self.mqtt_port}"
  max_ack_pending: 65535 }}
accounts {{ NODE {{ jetstream: enabled
    users: [ {{ user: anlan, password: pipeline }} ]
    imports: [ {{ stream: {{ account: SYS, subject: "$SYS.ACCOUNT.NODE.CONNECT" }}, to: "lines.mqtt.connect" }}
               {{ stream: {{ account: SYS, subject: "$SYS.ACCOUNT.NODE.DISCONNECT" }}, to: "lines.mqtt.disconnect" }} ] }}
  SYS {{ exports: [ {{ stream: "$SYS.ACCOUNT.NODE.*", accounts: [NODE] }} ] }} }}
system_account: SYS
{natsauth.configuration(natsauth.public_key(self.seed), ("anlan",))}"""
        )
        self._spawn("nats", [str(Path(sys.executable).parent / "nats-server"), "-c", str(config)])
        wait_until(lambda: _answers(self.nats_port) and _answers(self.mqtt_port), "NATS answers")

    def start(self, *names: str) -> None:
        for name in names:
            self._spawn(name, [sys.executable, "-m", MODULES[name]])
        if "telemetry" in names:
            wait_until(lambda: _answers(self.http_port), "telemetry answers")

    def admit(self, entries: list[registry.Entry], secret: str = "good") -> None:
        """Publish a registry and let every credential in it sign in with ``secret``; no database, no gatekeeper."""
        self.porter = Porter(self, entries, secret)
        self.porter.start()

    def kill(self, name: str) -> None:
        """End a process as a power cut would: at once, without a word."""
        process = self.processes.pop(name)
        process.send_signal(signal.SIGKILL)
        process.wait()

    def stop(self, name: str) -> int:
        process = self.processes.pop(name)
        process.send_signal(signal.SIGTERM)
        return process.wait(30)

    def close(self) -> None:
        if self.porter is not None:
            self.porter.stop()
        for name in [name for name in self.processes if name != "nats"]:
            self.stop(name)
        if "nats" in self.processes:
            self.stop("nats")

    def log(self, name: str) -> str:
        return (self.home / f"{name}.log").read_text(errors="replace")

    def counts(self) -> dict[str, object]:
        return httpx.get(f"{self.telemetry_url}/counts", params={"exact": 1}, timeout=30).json()

    def stored(self) -> int:
        try:
            return int(self.counts()["readings"])
        except httpx.HTTPError:
            return -1

    def quarantined(self) -> dict[tuple[str, str, str], int]:
        found = httpx.get(f"{self.telemetry_url}/quarantine", timeout=30).json()
        return {(r["credential"], r["device"], r["reason"]): r["count"] for r in found}

    def quarantine_records(self) -> list[quarantine.QuarantineRecord]:
        return [quarantine.decode(m.data) for m in self.messages(broker.QUARANTINE)]

    def transitions(self) -> list[detections.Transition]:
        return [detections.decode(m.data) for m in self.messages(broker.ALARMS)]

    def blocks(self) -> list[blocks.Block]:
        return [blocks.decode(m.data) for m in self.messages(broker.READINGS)]

    def messages(self, stream: str) -> list[nats.aio.msg.Msg]:
        """Everything a stream holds, in order."""
        return asyncio.run(_read_all(self.nats_url, stream))

    def _spawn(self, name: str, command: list[str]) -> None:
        with (self.home / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                command, env=self.environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )


class Porter(threading.Thread):
    """Answers the server's questions as the gatekeeper would, in a thread of the test."""

    def __init__(self, pipeline: Pipeline, entries: list[registry.Entry], secret: str) -> None:
        super().__init__(daemon=True)
        self._pipeline, self._entries, self._secret = pipeline, entries, secret
        self._ready, self._loop, self._ended = threading.Event(), asyncio.new_event_loop(), asyncio.Event()

    def start(self) -> None:
        super().start()
        assert self._ready.wait(30), "the porter did not come up"

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._ended.set)
        self.join(10)

    def tell(self, entry: registry.Entry) -> None:
        """Publish one more registry message."""
        asyncio.run_coroutine_threadsafe(self._publish(entry), self._loop).result(10)

    def run(self) -> None:
        self._loop.run_until_complete(self._main())

    async def _publish(self, entry: registry.Entry) -> None:
        await self._js.publish(f"registry.{entry.credential}", registry.encode(entry))

    async def _main(self) -> None:
        nc = await nats.connect(self._pipeline.nats_url)
        self._js = nc.jetstream()
        await broker.ensure_streams(self._js, self._ended)
        for entry in [*self._entries, registry.Entry("_complete", True)]:
            await self._publish(entry)
        known = {entry.credential for entry in self._entries}

        async def answer(message: nats.aio.msg.Msg) -> None:
            asked = natsauth.read_request(message.data)
            now = datetime.now(UTC)
            if asked.username in known and asked.password == self._secret:
                token = natsauth.grant(asked, self._pipeline.seed, publish=(f"anlan.in.{asked.username}.>",), now=now)
            else:
                token = natsauth.refuse(asked, self._pipeline.seed, "no", now=now)
            await message.respond(token)

        await nc.subscribe(natsauth.REQUEST_SUBJECT, cb=answer)
        await nc.flush()
        self._ready.set()
        await self._ended.wait()
        await nc.close()


async def _read_all(url: str, stream: str) -> list[nats.aio.msg.Msg]:
    nc = await nats.connect(url)
    js = nc.jetstream()
    held = (await js.stream_info(stream)).state.messages
    found: list[nats.aio.msg.Msg] = []
    if held:
        config = api.ConsumerConfig(ack_policy=api.AckPolicy.NONE, deliver_policy=api.DeliverPolicy.ALL)
        subscription = await js.pull_subscribe(">" if stream != broker.RAW else "", stream=stream, config=config)
        while len(found) < held:
            found += await subscription.fetch(min(1000, held - len(found)), timeout=10)
    await nc.close()
    return found


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def pipeline(*, sync: str = "", database_url: str = "") -> Iterator[Pipeline]:
    """A pipeline with NATS running and nothing else yet; everything is stopped and removed at the end."""
    home = Path(tempfile.mkdtemp(prefix="anlan-stream-"))
    running = Pipeline(home, sync=sync, database_url=database_url)
    try:
        running.start_nats()
        yield running
    finally:
        running.close()
        shutil.rmtree(home, ignore_errors=True)


def entry(credential: str, *devices: registry.DeviceEntry) -> registry.Entry:
    return registry.Entry(credential, True, devices)


def device(
    code: str, *sensors: registry.SensorEntry, in_use: bool = True, exercises: tuple[tuple[int, int], ...] = ()
) -> registry.DeviceEntry:
    return registry.DeviceEntry(code, in_use, sensors, exercises=exercises)


def point(
    code: str, channel: int, *limits: registry.LimitEntry, low: float | None = None, high: float | None = None
) -> registry.SensorEntry:
    return registry.SensorEntry(code, channel, low, high, limits)


def limit(kind: str, value: float, hysteresis: float = 0.0, dwell_s: float = 0.0, level: int = 1) -> registry.LimitEntry:
    return registry.LimitEntry(kind, value, hysteresis, dwell_s, level)
