"""Rain and river gauges: the newest reading of each against its dated thresholds. A gauge that falls silent is never taken for a calm one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

import numpy as np
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Greatest

from anlan.kernel.access import Actor, Classification, system_actor
from anlan.ledger.changes import change
from anlan.ledger.sources import law_day
from anlan.sense.devices import door as devices
from anlan.sense.stream import door as stream
from anlan.warn.hazards import keeping, queries, rainfall, refusals, rules
from anlan.warn.hazards.models import LIFTED, LIVE, REPLACED, GaugeThreshold, HazardSignal
from anlan.wire.blocks import DOUBTFUL, EXERCISE, MAINTENANCE, OUT_OF_RANGE

_NOT_TRUSTED = OUT_OF_RANGE | MAINTENANCE | DOUBTFUL
GAUGES = system_actor("hazards")
RAIN = "rainfall"
MOST_ASKED = 500
"""Channels in one question to the telemetry store."""
Reading = tuple[datetime, float, int]


@dataclass(frozen=True)
class Measured:
    """What is held against one threshold, in the unit of the measuring point. ``gap_minutes`` of its hours nobody measured."""

    value: float
    gap_minutes: int = 0


@dataclass(frozen=True)
class Judged:
    """The level of a gauge, by which threshold (``None`` when calm) and figure. ``held``: nothing reaches it now, but nobody measured for so long
    that it may not fall."""

    level: int
    threshold: GaugeThreshold | None
    told: Measured
    held: bool = False


def judged(pairs: Iterable[tuple[GaugeThreshold, Measured]], live_level: int) -> Judged:
    """The level of the highest threshold reached. A sum with gaps may be too low: by it a level never falls below what it was (``live_level``)."""
    for row, told in sorted(pairs, key=lambda pair: (pair[0].level, pair[0].value), reverse=True):
        if told.value >= row.value:
            return Judged(row.level, row, told)
        if told.gap_minutes and row.level <= live_level:
            return Judged(row.level, row, told, held=True)
    return Judged(rules.NONE, None, Measured(0.0))


def in_force(on: date) -> dict[tuple[UUID, str], list[GaugeThreshold]]:
    """Thresholds that hold on a day, by measuring point and hazard."""
    found: dict[tuple[UUID, str], list[GaugeThreshold]] = defaultdict(list)
    for row in GaugeThreshold.objects.filter(holds_from__lte=on).select_related("sensor"):
        if row.holds_to is None or on <= row.holds_to:
            found[row.sensor_id, row.hazard].append(row)
    return found


@transaction.atomic
def set_threshold(
    sensor_id: UUID,
    *,
    hazard: str,
    level: int,
    value: float,
    holds_from: date,
    basis: str,
    status: str,
    hours: int = 0,
    counted: str = rainfall.AMOUNT,
    actor: Actor,
    now: datetime,
) -> GaugeThreshold:
    """Set a threshold from a day on; the one of the same level and hours before it ends the day before.

    Raises ``NotFound``, ``NotPermitted``, ``OnlyRainIsSummed``, ``CountedOtherwise``.
    """
    sensor = devices.sensor(sensor_id, actor)
    _check_window(sensor, hours, counted, holds_from)
    with change(actor, "hazards.configure", now=now, place_code=sensor.place_code) as made:
        alike = GaugeThreshold.objects.filter(sensor_id=sensor.id, hazard=hazard, level=level, hours=hours)
        alike.filter(holds_to=None, holds_from__lt=holds_from).update(holds_to=holds_from - timedelta(days=1))
        alike.filter(holds_from=holds_from).delete()
        row = GaugeThreshold(
            sensor_id=sensor.id,
            place_code=sensor.place_code,
            classification=int(Classification.INTERNAL),
            created_at=now,
            updated_at=now,
            hazard=hazard,
            level=level,
            value=value,
            hours=hours,
            counted=counted,
            holds_from=holds_from,
            basis=basis[:300],
            status=status,
            name=f"{sensor.device_name} {sensor.name}"[:200],
        )
        row.save(force_insert=True)
        made.subject = row
    return row


def _check_window(sensor: devices.SensorSummary, hours: int, counted: str, holds_from: date) -> None:
    if not hours:
        return
    if sensor.sensor_class != RAIN:
        raise refusals.OnlyRainIsSummed(sensor=sensor.name)
    others = GaugeThreshold.objects.filter(sensor_id=sensor.id, hours__gt=0).exclude(counted=counted)
    other = others.filter(Q(holds_to=None) | Q(holds_to__gte=holds_from)).first()
    if other is not None:
        raise refusals.CountedOtherwise(counted=other.get_counted_display())


@transaction.atomic
def set_rain_standard(sensor_id: UUID, *, counted: str, holds_from: date, actor: Actor, now: datetime) -> int:
    """Set the thresholds of the weather service's rainstorm signals on a rain gauge; how many. Raises as :func:`set_threshold` does."""
    rows = rules.rain_standard(holds_from)
    for row in rows:
        set_threshold(
            sensor_id, hazard=rules.RAINSTORM, level=row.level, value=row.value, hours=row.hours, counted=counted,
            holds_from=holds_from, basis=row.source, status=row.status, actor=actor, now=now,
        )  # fmt: skip
    return len(rows)


def judge(now: datetime) -> int:
    """Hold every gauge against its thresholds; how many signals began, changed or ended. Raises ``StoreSilent``: then everything stays as it was."""
    wanted = in_force(law_day(now))
    if not wanted:
        return 0
    newest = devices.latest({sensor_id for sensor_id, _hazard in wanted})
    every = [row for rows in wanted.values() for row in rows]
    sums = summed(every, {pk for pk, reading in newest.items() if reading[2] & EXERCISE}, now)
    return sum(_judge_one(rows, hazard, newest.get(sensor_id), sums, now) for (sensor_id, hazard), rows in sorted(wanted.items(), key=str))


def summed(thresholds: Iterable[GaugeThreshold], exercising: Collection[UUID], now: datetime) -> dict[UUID, Measured]:
    """Rain over the hours of each threshold that names some, by threshold. Readings of an exercise count for gauges that are in one only.

    One question to the store for each way of counting and 500 gauges. Raises ``StoreSilent``.
    """
    asked: dict[tuple[str, bool], list[GaugeThreshold]] = defaultdict(list)
    for row in thresholds:
        if row.hours:
            asked[row.counted, row.sensor_id in exercising].append(row)
    silent = rules.parameter("gauge_stale_minutes", law_day(now))
    found: dict[UUID, Measured] = {}
    for (counted, exercise), rows in asked.items():
        points = devices.sensors({row.sensor_id for row in rows})
        without = _NOT_TRUSTED if exercise else _NOT_TRUSTED | EXERCISE
        read = _read([point.channel for point in points.values()], max(row.hours for row in rows), counted, without, now)
        for row in rows:
            times, values = read.get(points[row.sensor_id].channel, (np.empty(0, np.int64), np.empty(0)))
            told = rainfall.summed(
                times, values, until_ms=int(now.timestamp() * 1000), hours=row.hours, counted=counted, silent_minutes=silent
            )
            found[row.pk] = Measured(told.value, told.gap_minutes)
    return found


def _read(
    channels: Sequence[int], hours: int, counted: str, without: int, now: datetime
) -> dict[int, tuple[rainfall.Times, rainfall.Values]]:
    """Cells of each channel, ascending in time."""
    since = now - timedelta(hours=hours + rainfall.LEAD_HOURS)
    found = {}
    for first in range(0, len(channels), MOST_ASKED):
        piece = channels[first : first + MOST_ASKED]
        block = stream.samples(piece, since, now, rainfall.CELL_S, total=counted == rainfall.AMOUNT, without=without)
        order = np.argsort(block.channel, kind="stable")
        numbers, starts = np.unique(block.channel[order], return_index=True)
        for number, rows in zip(numbers.tolist(), np.split(order, starts[1:]), strict=True):
            found[number] = (block.time[rows], block.value[rows])
    return found


@transaction.atomic
def _judge_one(rows: list[GaugeThreshold], hazard: str, reading: Reading | None, sums: dict[UUID, Measured], now: datetime) -> bool:
    sensor_id = rows[0].sensor_id
    exercise = bool(reading is not None and reading[2] & EXERCISE)
    every = HazardSignal.objects.select_for_update().filter(source=rules.GAUGE, sensor_id=sensor_id, hazard=hazard, state=LIVE)
    live = every.filter(exercise=exercise).first()
    silent = timedelta(minutes=rules.parameter("gauge_stale_minutes", law_day(now)))
    fresh = reading is not None and now - reading[0] <= silent and not reading[2] & _NOT_TRUSTED
    if not fresh or reading is None:
        # What it was above its threshold when it fell silent it is taken to be still.
        every.update(ends_at=Greatest("ends_at", now + 2 * silent), late=True, updated_at=now)
        return False
    at, value, _quality = reading
    pairs = [(row, sums[row.pk] if row.hours else Measured(value)) for row in rows]
    found = judged(pairs, live.level if live is not None else rules.NONE)
    if live is not None and live.level == found.level:
        every.filter(pk=live.pk).update(
            ends_at=max(live.ends_at, now + 2 * silent), late=found.held, gap_minutes=found.told.gap_minutes, updated_at=now
        )
        return False
    if live is None and found.level == rules.NONE:
        return False
    # A sum changes with the hour that it looks back from, a reading when it was taken.
    since = now if any(row.hours for row in rows) else at
    _change(devices.sensor(sensor_id), hazard, found, live, exercise=exercise, since=since, now=now, ends=now + 2 * silent)
    return True


def _change(
    sensor: devices.SensorSummary,
    hazard: str,
    found: Judged,
    live: HazardSignal | None,
    *,
    exercise: bool,
    since: datetime,
    now: datetime,
    ends: datetime,
) -> None:
    """End the signal of a gauge, begin its next, or both."""
    with change(GAUGES, "hazards.intake", now=now, place_code=sensor.place_code) as made:
        if live is not None:
            live.state, live.ended_at, live.updated_at = REPLACED if found.level else LIFTED, max(since, live.starts_at), now
            live.save(update_fields=["state", "ended_at", "updated_at"])
            made.subject = live
        if found.threshold is not None:
            made.subject = row = HazardSignal.objects.create(
                place_code=sensor.place_code,
                classification=int(Classification.PUBLIC),
                created_at=now,
                updated_at=now,
                source=rules.GAUGE,
                identifier=f"{sensor.id}/{hazard}/{now.isoformat()}/{found.level}",
                sender=f"{sensor.device_name} {sensor.name}"[:200],
                hazard=hazard,
                title=_title(sensor, found),
                description=found.threshold.basis,
                level=found.level,
                sent_at=since,
                received_at=now,
                starts_at=since,
                ends_at=ends,
                end_assumed=True,
                area_codes=[sensor.place_code],
                late=found.held or rules.is_late(since, now),
                exercise=exercise,
                sensor_id=sensor.id,
                gap_minutes=found.told.gap_minutes,
            )
            made.announce(keeping.taken(row, now))
        elif live is not None:
            made.announce(keeping.taken(live, now, change="lift"))


def _title(sensor: devices.SensorSummary, found: Judged) -> str:
    """“雨量站 雨量 62.5 mm/6h ≥ 50 mm/6h”; of a level that is held only what was measured at least."""
    row = found.threshold
    unit = sensor.unit if row is None or not row.hours else f"{sensor.unit}/{row.hours}h"
    told = f"{found.told.value:g} {unit}"
    said = f"≥ {told}" if found.held or row is None else f"{told} ≥ {row.value:g} {unit}"
    return f"{sensor.device_name} {sensor.name} {said}"[:300]


def of_sensor(sensor_id: UUID, actor: Actor) -> list[GaugeThreshold]:
    """Thresholds of a measuring point in force or to come, by hazard, highest first."""
    rows = queries.thresholds(actor).filter(sensor_id=sensor_id)
    return list(rows.filter(holds_to=None).order_by("hazard", "-level", "hours"))


def present(rows: Iterable[GaugeThreshold], now: datetime) -> dict[UUID, Measured]:
    """Rain of now over the hours of each threshold, for the page; empty when the store does not answer."""
    try:
        return summed(rows, (), now)
    except stream.StoreSilent:
        return {}
