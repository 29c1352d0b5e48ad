"""The Tennessee Eastman process as a plant of this node: labelled fault runs played through MQTT, limits taken from its normal run.

Data: Russell, Chiang, Braatz (University of Illinois), 52 variables every 180 s; in the testing runs ``dNN_te`` the fault begins after 8 hours,
that is at row 160 counted from 0. Fault 4 is a step in the inlet temperature of the reactor's cooling water; the controller answers with more
cooling water (XMV(10)) at once.
"""

from __future__ import annotations

import asyncio
import tarfile
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import numpy as np

from anlan.kernel.access import Actor
from anlan.sense.devices import door as devices
from anlan.sense.stream import replay

INTERVAL_S = 180.0
ONSET_ROW = 160
COOLING_WATER = "XMV(10)"
REACTOR_TEMPERATURE = "XMEAS(9)"
VARIABLES = (*(f"XMEAS({number})" for number in range(1, 42)), *(f"XMV({number})" for number in range(1, 12)))
_CLASSES = {7: "pressure_kpa", 8: "level_percent", 9: "temperature", 11: "temperature", 12: "level_percent", 13: "pressure_kpa"}
_CLASSES |= {15: "level_percent", 16: "pressure_kpa", 18: "temperature", 20: "power", 21: "temperature", 22: "temperature"}
_NAMES = {COOLING_WATER: "反应器冷却水流量", REACTOR_TEMPERATURE: "反应器温度", "XMEAS(7)": "反应器压力", "XMEAS(8)": "反应器液位"}


def unpack(shared: Path, folder: Path) -> Path:
    """Unpack the runs into ``folder`` and return it."""
    with tarfile.open(shared / "data" / "tep" / "tep_all.tar.xz") as archive:
        for member in archive.getmembers():
            run = archive.extractfile(member) if member.name.endswith(".dat") else None
            if run is not None:  # file by file: Debian's Python 3.11.2 has no extraction filters yet
                (folder / Path(member.name).name).write_bytes(run.read())
    return folder


def table(folder: Path, run: str) -> np.ndarray:
    """A run as rows of 52 variables; ``d00`` is stored with rows and columns exchanged."""
    found = np.loadtxt(folder / f"{run}.dat")
    return found.T if found.shape[0] == len(VARIABLES) else found


def series(folder: Path, run: str) -> replay.Series:
    """A run ready to be replayed, its columns named after the variables."""
    rows = table(folder, run)
    return replay.Series({name: rows[:, at] for at, name in enumerate(VARIABLES)}, np.arange(len(rows)) * INTERVAL_S)


def limits(folder: Path, variable: str, h_sigma: float = 4.0, hh_sigma: float = 8.0) -> tuple[devices.Limit, ...]:
    """H and HH so many standard deviations above the mean of the normal run, hysteresis two of them."""
    normal = table(folder, "d00")[:, VARIABLES.index(variable)]
    mean, sigma = float(normal.mean()), float(normal.std())
    return (
        devices.Limit(kind="HH", limit=round(mean + hh_sigma * sigma, 4), hysteresis=round(2 * sigma, 4), dwell_s=0.0, level=1),
        devices.Limit(kind="H", limit=round(mean + h_sigma * sigma, 4), hysteresis=round(2 * sigma, 4), dwell_s=0.0, level=2),
    )


@dataclass(frozen=True)
class Plant:
    """The registered plant: what signs in, as which device, with which points by variable."""

    issued: devices.IssuedSecret
    device: devices.DeviceSummary
    points: dict[str, devices.SensorSummary]


def register(folder: Path, enterprise_id: UUID, *, actor: Actor, now: datetime, code: str = "TEP-1") -> Plant:
    """Register credential, device, 52 points and the limits of the reactor's cooling water for an enterprise."""
    issued = devices.issue_credential(enterprise_id, label="TEP", actor=actor, now=now)
    values = {"code": code, "name": "反应单元控制系统", "device_class": "control_system", "credential_id": issued.credential.id}
    device = devices.register_device(enterprise_id, values, actor=actor, now=now)
    points = {}
    for name in VARIABLES:
        number = int(name.split("(")[1][:-1])
        kind = _CLASSES.get(number, "number") if name.startswith("XMEAS") else "number"
        points[name] = devices.add_sensor(
            device.id, {"code": name, "name": _NAMES.get(name, name), "sensor_class": kind, "unit": ""}, actor=actor, now=now
        )
    source = "TEP 正常工况 d00 均值 + 4σ / + 8σ"
    devices.set_thresholds(points[COOLING_WATER].id, limits(folder, COOLING_WATER), basis="design", source=source, actor=actor, now=now)
    return Plant(issued, device, points)


def start_of(run: replay.Series, end: datetime) -> datetime:
    """Start time with which the last row of ``run`` falls on ``end``."""
    return end - timedelta(seconds=float(run.seconds[-1]))


def play(
    run: replay.Series, *, credential: str, secret: str, device: str, start: datetime, port: int, speed: float | None = None
) -> replay.Result:
    """Play ``run`` through the MQTT port; every message is acknowledged when this returns."""
    plan = replay.Plan(device, credential, secret, {name: name for name in VARIABLES}, start, speed, port=port)
    return asyncio.run(replay.play(run, plan))
