"""Three terminals in the field about the demonstration's plant: a fire engine that drove up, a team on foot, a drone. Invented, and marked as an exercise."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from anlan.command.field import door as field
from anlan.ground.enterprises import door as enterprises
from anlan.kernel.access import Actor
from anlan.kernel.ids import new_id
from anlan.site.demo.cast import PLANT_COUNTY
from anlan.wire import cot
from anlan.wire.cot import shapes, talk

EVERY: Final = timedelta(seconds=30)
HOLDS: Final = timedelta(hours=6)
"""Nobody carries these terminals on: their last position stands for a visit to the demonstration."""


@dataclass(frozen=True, slots=True)
class Terminal:
    """One unit and its way: corners as metres east and north of the plant, driven or walked at ``speed`` (m/s); ``battery`` in per cent."""

    uid: str
    callsign: str
    team: str
    role: str
    kind: str
    device: str
    speed: float
    battery: int
    way: tuple[tuple[float, float], ...]


TERMINALS: Final = (
    Terminal(
        "DEMO-FIRE-1", "示范消防一车（演示）", "攻坚组", "Team Lead", "a-f-G-E-V", "车载平板", 11.0, 92,
        ((-6400, 2300), (-5200, 2500), (-3900, 1900), (-2600, 1750), (-1500, 1200), (-900, 820)),
    ),
    Terminal(
        "DEMO-HAZ-1", "示范处置一组（演示）", "侦检组", "Team Member", "a-f-G-U-C", "防爆手机", 1.2, 67,
        ((-880, 800), (-760, 640), (-640, 420), (-520, 330), (-430, 240)),
    ),
    Terminal(
        "DEMO-UAV-1", "示范无人机一号（演示）", "空中侦察", "RTO", "a-f-A-M-F-Q", "无人机图传", 9.0, 54,
        ((-900, 900), (-200, 700), (300, 350), (350, -250), (-150, -400), (-500, 50), (-250, 500), (250, 450), (400, 0)),
    ),
)  # fmt: skip


def place_terminals(plant: UUID, organisation_id: UUID, *, actor: Actor, now: datetime) -> None:
    """Enrol the three and let them tell where they have been, what they see and where the cordon is."""
    works = enterprises.enterprise(plant)
    here = (works.longitude or 0.0, works.latitude or 0.0)
    for terminal in TERMINALS:
        values = {"callsign": terminal.callsign, "team": terminal.team, "place_code": PLANT_COUNTY, "exercise": True}
        unit = field.enrol({"uid": terminal.uid, "organisation_id": organisation_id, **values}, actor=actor, now=now)
        events = [*_track(terminal, here, now), *(_words(terminal, here, now) if terminal.uid == "DEMO-HAZ-1" else ())]
        field.hear(unit, events, now=now)


def _track(terminal: Terminal, here: tuple[float, float], now: datetime) -> Iterator[cot.Event]:
    """Positions every :data:`EVERY` along the way; the last one is told now."""
    metres = [math.dist(start, end) for start, end in zip(terminal.way, terminal.way[1:], strict=False)]
    steps = max(1, int(sum(metres) / (terminal.speed * EVERY.total_seconds())))
    for step in range(steps + 1):
        (east, north), course = _along(terminal.way, metres, sum(metres) * step / steps)
        at = now - EVERY * (steps - step)
        detail = cot.Detail(
            cot.Contact(terminal.callsign),
            cot.Software(terminal.device, "演示", "", "1"),
            group=cot.Group("Cyan", terminal.role),
            battery=terminal.battery,
            track=cot.Track(course, terminal.speed if step < steps else 0.0),
        )
        point = _point(here, east, north)
        yield cot.Event(terminal.uid, terminal.kind, at, at, at + HOLDS, shapes.MACHINE, point, detail)


def _along(way: tuple[tuple[float, float], ...], metres: list[float], far: float) -> tuple[tuple[float, float], float]:
    """Where one is after ``far`` metres, and the course in degrees from north."""
    last = len(metres) - 1
    for number, length in enumerate(metres):
        start, end = way[number], way[number + 1]
        if far <= length or number == last:
            share = min(1.0, far / length)
            course = math.degrees(math.atan2(end[0] - start[0], end[1] - start[1])) % 360
            return (start[0] + (end[0] - start[0]) * share, start[1] + (end[1] - start[1]) * share), round(course, 1)
        far -= length
    raise ValueError("a way needs two corners")


def _point(here: tuple[float, float], east: float, north: float) -> cot.Point:
    latitude = here[1] + north / 111_195
    longitude = here[0] + east / (111_195 * math.cos(math.radians(here[1])))
    return cot.Point(round(latitude, 6), round(longitude, 6), None, 6.0, None)


def _words(terminal: Terminal, here: tuple[float, float], now: datetime) -> Iterator[cot.Event]:
    """What the team on foot says and marks."""
    me, everybody = talk.Party(terminal.uid, terminal.callsign), talk.Party(talk.EVERYBODY, talk.EVERYBODY)
    gate, water = _point(here, -520, 330), _point(here, -700, -150)
    yield talk.message(str(new_id()), me, everybody, "已到北门，上风向集结，开始侦检。", at=now - timedelta(minutes=6), lasts=HOLDS)
    yield talk.message(
        str(new_id()), me, everybody, "北门外 300 米未检出氯气，警戒线可设在路口。", at=now - timedelta(minutes=1), lasts=HOLDS
    )
    kept = {"at": now - timedelta(minutes=2), "lasts": HOLDS}
    path = [(gate.longitude + east / 90_000, gate.latitude + north / 111_195) for east, north in ((-120, -90), (0, 0), (160, 60))]
    yield shapes.spot(f"{terminal.uid}-water", (water.longitude, water.latitude), name="消防水源", colour=-16776961, **kept)
    yield shapes.line(f"{terminal.uid}-cordon", path, name="警戒线", stroke=-65536, **kept)
