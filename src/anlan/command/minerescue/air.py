"""The air of a place underground as it was measured: can it explode, is it on the way there, how old is what we know.

Composition in % by volume except carbon monoxide, which crews and instruments tell in ppm. Whether a mixture can explode is judged by the triangle of
Coward (:mod:`anlan.consequence.mine_explosibility`); where it is going by a straight line through the readings of the last while (least squares): a
rough guide, for a fire or a fan that stops follows no straight line.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Final

from anlan.consequence.mine_explosibility import METHANE, SLACK, TRACE, Triangle, most_oxygen, triangle
from anlan.kernel.words import N_

GASES: Final = ("methane", "monoxide", "hydrogen", "oxygen")
"""What decides whether air can explode."""
QUANTITIES: dict[str, tuple[str, str, int]] = {
    "methane": ("CH₄", "%", 2),
    "monoxide": ("CO", "ppm", 0),
    "oxygen": ("O₂", "%", 1),
    "dioxide": ("CO₂", "%", 2),
    "hydrogen": ("H₂", "%", 2),
    "temperature": (N_("气温"), "℃", 0),
    "airflow": (N_("风速"), "m/s", 1),
}
"""What is measured: sign or name, unit, decimals."""
PPM: Final = 10_000.0
"""Parts per million in one per cent."""
SHORTEST_TREND = timedelta(minutes=3)
"""Readings closer together than this tell no trend (project default, unverified)."""

EXPLOSIVE, NEAR, WITH_AIR, BELOW, INERT, UNKNOWN = "explosive", "near", "with_air", "below", "inert", "unknown"
STATES: dict[str, tuple[str, str]] = {
    EXPLOSIVE: (N_("具有爆炸性"), "red"),
    NEAR: (N_("接近爆炸范围"), "red"),
    WITH_AIR: (N_("混入空气会爆炸"), "orange"),
    BELOW: (N_("低于爆炸下限"), "green"),
    INERT: (N_("已惰化"), "green"),
    UNKNOWN: (N_("未测甲烷"), "grey"),
}
"""What the air of a place is, with its label and tone."""
DANGEROUS: Final = (EXPLOSIVE, NEAR)


@dataclass(frozen=True)
class Air:
    """One sample: % by volume, carbon monoxide in ppm; ``None`` was not measured."""

    methane: float | None = None
    monoxide: float | None = None
    hydrogen: float | None = None
    oxygen: float | None = None

    @property
    def fuel(self) -> tuple[float, float, float]:
        """Methane, carbon monoxide and hydrogen in % by volume; what was not measured counts as none."""
        return self.methane or 0.0, (self.monoxide or 0.0) / PPM, self.hydrogen or 0.0

    @property
    def possible(self) -> bool:
        """Whether such a mixture can be: no more than 100 % of gas, and no more oxygen than the air left beside it holds."""
        burning = sum(self.fuel)
        return burning <= 100.0 and (self.oxygen is None or self.oxygen <= most_oxygen(burning) + SLACK)

    @property
    def point(self) -> tuple[float, float]:
        """Combustible gas and oxygen, %. Oxygen that was not measured is taken to be all that air can bring: the more dangerous case."""
        burning = min(sum(self.fuel), 100.0)
        most = most_oxygen(burning)
        return burning, most if self.oxygen is None else min(self.oxygen, most)


def state(air: Air, margin: float) -> str:
    """What ``air`` is (:data:`STATES`); ``margin``: percentage points from the triangle that still count as near."""
    if air.methane is None and sum(air.fuel) <= TRACE:
        return UNKNOWN
    found, point = _triangle(air), air.point
    if found.holds(point):
        return EXPLOSIVE
    if found.distance(point) < margin:
        return NEAR
    if found.meets(point, (0.0, most_oxygen(0.0))):
        return WITH_AIR
    return BELOW if point[0] < found.lower[0] and found.meets(point, (100.0, 0.0)) else INERT


def _triangle(air: Air) -> Triangle:
    # Without any gas methane's own triangle says how near the place is: methane is what a mine gives off.
    return triangle(*air.fuel) if sum(air.fuel) > TRACE else triangle(METHANE.lower, 0.0, 0.0)


@dataclass(frozen=True)
class Measured:
    """One value of one quantity: when, and who told it (the name of a sensor, or of whoever spoke)."""

    at: datetime
    value: float
    source: str


@dataclass(frozen=True)
class PlaceAir:
    """What is known of one place: the newest value of each quantity, since when that is too old, what it means and where it goes.

    ``minutes``: until the trend enters the triangle (with its margin), ``None``: not within the time asked for. ``stale``: quantities that are too old.
    """

    newest: Mapping[str, Measured]
    state: str
    stale: frozenset[str]
    minutes: float | None
    rising: Mapping[str, float]

    @property
    def old(self) -> bool:
        """Whether the judgement rests on something too old."""
        return any(name in self.stale for name in GASES)

    @property
    def measured(self) -> bool:
        """Whether there is a judgement, and a fresh one."""
        return self.state != UNKNOWN and not self.old


def place_air(
    readings: Mapping[str, Sequence[Measured]], now: datetime, *, stale: timedelta, trend: timedelta, margin: float, horizon: timedelta
) -> PlaceAir:
    """The air of a place from everything measured there, by quantity, in any order. Readings later than ``now`` are not known yet."""
    known = {name: past for name, rows in readings.items() if (past := sorted((r for r in rows if r.at <= now), key=lambda r: r.at))}
    newest = {name: rows[-1] for name, rows in known.items()}
    air = Air(**{name: newest[name].value for name in GASES if name in newest})
    slopes = {name: slope for name, rows in known.items() if (slope := per_minute(r for r in rows if r.at >= now - trend)) is not None}
    return PlaceAir(
        newest=newest,
        state=state(air, margin),
        stale=frozenset(name for name, row in newest.items() if row.at < now - stale),
        minutes=minutes_to_explosion(air, slopes, margin, horizon.total_seconds() / 60),
        rising=slopes,
    )


def per_minute(rows: Iterable[Measured]) -> float | None:
    """Change a minute by least squares; ``None`` where the readings are too few or too close together to tell."""
    points = [(row.at.timestamp() / 60, row.value) for row in rows]
    if len(points) < 2 or points[-1][0] - points[0][0] < SHORTEST_TREND.total_seconds() / 60:
        return None
    middle = sum(t for t, _v in points) / len(points)
    return sum((t - middle) * v for t, v in points) / sum((t - middle) ** 2 for t, _v in points)


def ahead(air: Air, slopes: Mapping[str, float], minutes: float) -> Air:
    """The sample in so many minutes if each gas goes on as it does; none falls below nothing or rises above all."""

    def later(name: str) -> float | None:
        value: float | None = getattr(air, name)
        most = 100.0 * (PPM if name == "monoxide" else 1.0)
        return None if value is None else min(max(value + slopes.get(name, 0.0) * minutes, 0.0), most)

    return Air(**{each.name: later(each.name) for each in fields(Air)})


def minutes_to_explosion(air: Air, slopes: Mapping[str, float], margin: float, horizon: float) -> float | None:
    """Minutes until the trend first brings ``air`` into the triangle or near it; 0 when it is there; ``None`` when not within ``horizon`` minutes."""
    if air.methane is None and sum(air.fuel) <= TRACE:
        return None
    for minute in range(int(horizon) + 1):
        if state(ahead(air, slopes, minute), margin) in DANGEROUS:
            return float(minute)
    return None


def way(start: str, end: str, airways: Iterable[tuple[str, str, float]]) -> tuple[str, ...]:
    """Places on the shortest way between two, ends and all, along airways walked in either direction (metres); only the end where none leads there."""
    beside: dict[str, list[tuple[str, float]]] = {}
    for one, other, length in airways:
        beside.setdefault(one, []).append((other, length))
        beside.setdefault(other, []).append((one, length))
    reached: dict[str, tuple[float, str]] = {start: (0.0, "")}
    open_, done = {start}, set()
    while open_:
        here = min(open_, key=lambda each: reached[each][0])
        open_.remove(here)
        done.add(here)
        for there, length in beside.get(here, ()):
            far = reached[here][0] + length
            if there not in done and (there not in reached or far < reached[there][0]):
                reached[there] = (far, here)
                open_.add(there)
    if end not in reached:
        return (end,)
    found = [end]
    while found[-1] != start:
        found.append(reached[found[-1]][1])
    return tuple(reversed(found))
