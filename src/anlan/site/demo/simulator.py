"""The demonstration's devices, in a process of their own, speaking MQTT like real ones.

One connection per enterprise, QoS 1. What was not acknowledged while the node was away is sent again when it is back, oldest first,
as field equipment with store-and-forward does; the buffer is bounded.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import time
from collections import deque
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import aiomqtt
import structlog

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "anlan.site.settings")

import django

django.setup()

from django.db import connection

from anlan.kernel import clock
from anlan.site.demo import cameras, recorder, signals, world
from anlan.site.demo import drill as drills
from anlan.site.demo.cast import DEMONSTRATION
from anlan.site.demo.models import DemoWorld, Drill

log = structlog.get_logger()

PERIOD_S = 10.0
"""How often an ordinary plant reports; the drilled plant reports every second while the drill runs."""
ANNOUNCING_S = 3.0
"""So long after a drill begins its plant reports as before: the stream must have heard of the exercise before a reading is marked as one."""
BUFFERED = 600
"""Messages an enterprise keeps while the node does not answer."""


@dataclass
class Plant:
    """One enterprise's equipment."""

    enterprise_id: str
    username: str
    secret: str
    points: list[dict[str, object]]
    signals: signals.Signals
    waiting: deque[tuple[str, bytes]]
    offset_s: float


@dataclass
class State:
    """What the drill is doing, refreshed from the database."""

    drill: Drill | None = None
    plant_id: str = ""


def load_plants(path: Path) -> list[Plant]:
    """Read the credentials and point descriptions that the world's builder left."""
    plants = []
    for number, link in enumerate(json.loads(path.read_text(encoding="utf-8"))):
        waves = [
            signals.Wave(
                float(p["base"]),
                float(p["noise"]),
                float(p["daily"]),
                float(p["drift"]),
                float(p["low"]),
                float(p["high"]),
                1000 * number + i,
            )
            for i, p in enumerate(link["points"])
        ]
        plants.append(
            Plant(
                link["enterprise_id"],
                link["username"],
                link["secret"],
                link["points"],
                signals.Signals(waves),
                deque(maxlen=BUFFERED),
                number * PERIOD_S / 311 % PERIOD_S,
            )
        )
    return plants


def candidates(plants: list[Plant]) -> list[tuple[Plant, int, float]]:
    """Points on which scripted faults may happen: those with a high limit, not at the drilled plant (the first)."""
    return [
        (plant, index, float(str(point["warn"])) * 1.12)
        for plant in plants[1:]
        for index, point in enumerate(plant.points)
        if point.get("warn") and point["class"] in {"gas_combustible", "temperature", "gas_toxic_ppm"}
    ]


def messages(plant: Plant, t: float, faults: list[signals.Fault], state: State) -> list[tuple[str, bytes]]:
    """One message a device with the values of its points at ``t``, in the form of :mod:`anlan.wire.readings`."""
    values = plant.signals.read(t, faults)
    by_device: dict[str, dict[str, float]] = {}
    for point, value in zip(plant.points, values, strict=True):
        reading = float(value)
        drill = state.drill
        if drill is not None and plant.enterprise_id == state.plant_id and (since := t - drill.started_at.timestamp() - ANNOUNCING_S) >= 0:
            capped = drill.capped_at.timestamp() if drill.capped_at else None
            scripted = signals.released(str(point["sensor"]), since, t - capped if capped else None)
            if scripted is not None:
                reading = max(0.0, scripted + reading - float(str(point["base"])))
        by_device.setdefault(str(point["device"]), {})[str(point["sensor"])] = round(reading, int(str(point["decimals"])) + 1)
    drilled = state.drill is not None and plant.enterprise_id == state.plant_id and t - state.drill.started_at.timestamp() >= ANNOUNCING_S
    head: dict[str, object] = {"t": int(t * 1000), **({"exercise": True} if drilled else {})}
    return [(f"anlan/in/{plant.username}/{device}", json.dumps({**head, "v": readings}).encode()) for device, readings in by_device.items()]


async def speak(plant: Plant, state: State, faulty: list[tuple[Plant, int, float]], address: tuple[str, int]) -> None:
    """Report for one enterprise for ever; reconnect with growing patience."""
    patience = 1.0
    await asyncio.sleep(plant.offset_s)
    while True:
        try:
            async with aiomqtt.Client(
                address[0], address[1], username=plant.username, password=plant.secret, identifier=f"demo-{plant.username}"
            ) as client:
                patience = 1.0
                while True:
                    t = time.time()
                    picked = signals.scheduled([(n, target) for n, (_p, _i, target) in enumerate(faulty)], t)
                    own = [
                        signals.Fault(faulty[f.index][1], f.start_s, f.rise_s, f.hold_s, f.target)
                        for f in picked
                        if faulty[f.index][0] is plant
                    ]
                    plant.waiting.extend(messages(plant, t, own, state))
                    while plant.waiting:
                        topic, payload = plant.waiting[0]
                        await client.publish(topic, payload, qos=1)
                        plant.waiting.popleft()
                    drilled = state.drill is not None and plant.enterprise_id == state.plant_id
                    await asyncio.sleep(1.0 if drilled else PERIOD_S)
        except (aiomqtt.MqttError, OSError, TimeoutError) as lost:
            log.info("link_lost", plant=plant.username, why=str(lost), again_in_s=patience)
            await asyncio.sleep(patience)
            patience = min(30.0, patience * 2)


def _look(state: State) -> None:
    built = DemoWorld.objects.filter(complete=True).first()
    state.plant_id = str(built.plant_id) if built else ""
    state.drill = Drill.objects.filter(ended_at__isnull=True).first()
    if state.drill is not None and clock.now() - state.drill.started_at > drills.LONGEST:
        drills.end(actor=DEMONSTRATION, now=clock.now())
        state.drill = None
    connection.close_if_unusable_or_obsolete()


async def watch(state: State) -> None:
    """Refresh what the drill is doing every second; a database that is away is asked again."""
    while True:
        try:
            await asyncio.to_thread(_look, state)
        except django.db.Error as away:
            log.warning("database_away", why=str(away))
        await asyncio.sleep(1.0)


def mqtt_address() -> tuple[str, int]:
    """Host and port of the node's MQTT listener, from ``ANLAN_MQTT_URL``."""
    parts = urlsplit(os.environ.get("ANLAN_MQTT_URL", "mqtt://127.0.0.1:1883"))
    return parts.hostname or "127.0.0.1", parts.port or 1883


def _recorders() -> tuple[cameras.DemoPlatform, ...]:
    return cameras.prepare(world.links_file(), actor=DEMONSTRATION, now=clock.now())


async def main() -> None:
    """Run until told to stop."""
    plants = load_plants(world.links_file())
    state = State()
    faulty = candidates(plants)
    log.info("simulator_started", enterprises=len(plants), points=sum(len(p.points) for p in plants))
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    recorders = await asyncio.to_thread(_recorders)
    pages = f"http://127.0.0.1:{os.environ.get('ANLAN_PORT', '8120')}"
    tasks = [
        asyncio.create_task(watch(state)),
        *(asyncio.create_task(speak(p, state, faulty, mqtt_address())) for p in plants),
        *(asyncio.create_task(recorder.stay_registered(each)) for each in recorders),
        asyncio.create_task(recorder.send_pictures(recorders, pages)),
    ]
    waiter = asyncio.create_task(stop.wait())
    done, _ = await asyncio.wait([waiter, *tasks], return_when=asyncio.FIRST_COMPLETED)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    for task in done - {waiter}:
        task.result()


if __name__ == "__main__":
    asyncio.run(main())
