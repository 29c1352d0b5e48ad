"""The picture of gas and airflow: what the mine's own sensors measure and what crews tell, place by place.

Whoever may see the operation may see what the mine's sensors measure there: a squad reads it before it goes in.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from anlan.command.minerescue import air, queries, rules
from anlan.command.minerescue.air import Measured, PlaceAir
from anlan.command.minerescue.models import MinePlace, Operation
from anlan.ledger.sources import law_day
from anlan.sense.devices import door as devices
from anlan.sense.stream import door as stream
from anlan.wire.blocks import DOUBTFUL, EXERCISE, MAINTENANCE, OUT_OF_RANGE

CLASSES = {
    "methane": "methane",
    "carbon_monoxide_mine": "monoxide",
    "gas_oxygen": "oxygen",
    "temperature": "temperature",
    "wind_speed": "airflow",
}
"""Classes of sensors and the quantity that each measures, in the unit of :data:`air.QUANTITIES`."""
MOST_TRENDS, AT_ONCE, BUCKETS = 48, 16, 60

Readings = dict[str, list[Measured]]


@dataclass(frozen=True)
class Shown:
    """A place, or a sensor that stands nowhere yet (``place`` is ``None``), with its air."""

    name: str
    place: MinePlace | None
    air: PlaceAir


@dataclass(frozen=True)
class Picture:
    """All places and all sensors without one. ``silent``: the store of readings did not answer, so that only what crews told is there."""

    shown: tuple[Shown, ...]
    silent: bool

    def of(self, names: Collection[str]) -> dict[str, PlaceAir]:
        """The air of places by name."""
        return {each.name: each.air for each in self.shown if each.place is not None and each.name in names}


def picture(row: Operation, now: datetime, horizon: timedelta = timedelta(hours=2)) -> Picture:
    """What is known underground now; trends are followed for ``horizon``."""
    day = law_day(now)
    sensors = {each.id: each for each in devices.sensors_of(row.enterprise_id) if each.sensor_class in CLASSES}
    measured, silent = _measured(sensors.values(), now - rules.minutes("trend_minutes", day), now, exercise=row.exercise)
    told = _told(row)

    def judged(found: Readings) -> PlaceAir:
        spans = {"stale": rules.minutes("stale_minutes", day), "trend": rules.minutes("trend_minutes", day), "horizon": horizon}
        return air.place_air(found, now, margin=rules.tenth("margin", day), **spans)

    shown, standing = [], set()
    for place in row.places.all():
        here = [sensors[key] for each in place.sensor_ids if (key := UUID(each)) in sensors]
        standing |= {each.id for each in here}
        shown.append(Shown(place.name, place, judged(_together([told.get(place.pk, {}), *(measured.get(each.id, {}) for each in here)]))))
    shown += [Shown(each.name, None, judged(measured.get(each.id, {}))) for each in sensors.values() if each.id not in standing]
    return Picture(tuple(shown), silent)


def _together(parts: Iterable[Readings]) -> Readings:
    found: Readings = {}
    for part in parts:
        for name, rows in part.items():
            found.setdefault(name, []).extend(rows)
    return found


def _told(row: Operation) -> dict[UUID, Readings]:
    found: dict[UUID, Readings] = {}
    for report in queries.reports(row).exclude(place=None):
        who = report.entry.squad.name if report.entry is not None else report.author_name
        for name in air.QUANTITIES:
            value = getattr(report, name)
            if value is not None:
                found.setdefault(report.place_id, {}).setdefault(name, []).append(Measured(report.at, value, who))  # type: ignore[arg-type]
    return found


def _measured(
    sensors: Iterable[devices.SensorSummary], since: datetime, now: datetime, *, exercise: bool
) -> tuple[dict[UUID, Readings], bool]:
    sensors = list(sensors)
    if not sensors:
        return {}, False
    unusable = OUT_OF_RANGE | MAINTENANCE | DOUBTFUL | (0 if exercise else EXERCISE)
    try:
        newest = devices.latest([each.id for each in sensors])
        courses = _courses(sensors, since, now)
    except stream.StoreSilent:
        return {}, True
    found: dict[UUID, Readings] = {}
    for each in sensors:
        if each.id not in newest or newest[each.id][2] & unusable:
            continue
        at, value, _quality = newest[each.id]
        past = [Measured(when, mean, each.name) for when, mean in courses.get(each.channel, ()) if when < at]
        found[each.id] = {CLASSES[each.sensor_class]: [*past, Measured(at, value, each.name)]}
    return found, False


def _courses(sensors: Iterable[devices.SensorSummary], since: datetime, now: datetime) -> dict[int, list[tuple[datetime, float]]]:
    channels = [each.channel for each in sensors if CLASSES[each.sensor_class] in air.GASES][:MOST_TRENDS]
    found: dict[int, list[tuple[datetime, float]]] = {}
    for first in range(0, len(channels), AT_ONCE):
        for channel, curve in stream.curves(channels[first : first + AT_ONCE], since, now, BUCKETS).items():
            found[channel] = [(datetime.fromtimestamp(ms / 1000, UTC), mean) for ms, mean in zip(curve.time, curve.mean, strict=True)]
    return found
