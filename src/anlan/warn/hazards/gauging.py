"""Rain and river gauges: the newest reading of each against its dated thresholds. A gauge that falls silent is never taken for a calm one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction

from anlan.kernel.access import Actor, Classification, system_actor
from anlan.ledger.changes import change
from anlan.sense.devices import door as devices
from anlan.warn.hazards import keeping, queries, rules
from anlan.warn.hazards.models import LIFTED, LIVE, REPLACED, GaugeThreshold, HazardSignal
from anlan.wire.blocks import DOUBTFUL, EXERCISE, MAINTENANCE, OUT_OF_RANGE

_NOT_TRUSTED = OUT_OF_RANGE | MAINTENANCE | DOUBTFUL
GAUGES = system_actor("hazards")
Reading = tuple[datetime, float, int]


def level_of(value: float, thresholds: Iterable[GaugeThreshold]) -> int:
    """The level of a reading: that of the highest threshold it reaches, 0 below all."""
    return max((row.level for row in thresholds if value >= row.value), default=rules.NONE)


def in_force(on: date) -> dict[tuple[UUID, str], list[GaugeThreshold]]:
    """Thresholds that hold on a day, by measuring point and hazard."""
    found: dict[tuple[UUID, str], list[GaugeThreshold]] = defaultdict(list)
    for row in GaugeThreshold.objects.filter(holds_from__lte=on).select_related("sensor"):
        if row.holds_to is None or on <= row.holds_to:
            found[row.sensor_id, row.hazard].append(row)
    return found


@transaction.atomic
def set_threshold(
    sensor_id: UUID, *, hazard: str, level: int, value: float, holds_from: date, basis: str, status: str, actor: Actor, now: datetime
) -> GaugeThreshold:
    """Set a threshold from a day on; the one of the same level before it ends the day before. Raises ``NotFound``, ``NotPermitted``."""
    sensor = devices.sensor(sensor_id, actor)
    with change(actor, "hazards.configure", now=now, place_code=sensor.place_code) as made:
        earlier = GaugeThreshold.objects.filter(sensor_id=sensor.id, hazard=hazard, level=level, holds_to=None, holds_from__lt=holds_from)
        earlier.update(holds_to=holds_from - timedelta(days=1))
        GaugeThreshold.objects.filter(sensor_id=sensor.id, hazard=hazard, level=level, holds_from=holds_from).delete()
        row = GaugeThreshold(
            sensor_id=sensor.id,
            place_code=sensor.place_code,
            classification=int(Classification.INTERNAL),
            created_at=now,
            updated_at=now,
            hazard=hazard,
            level=level,
            value=value,
            holds_from=holds_from,
            basis=basis[:300],
            status=status,
            name=f"{sensor.device_name} {sensor.name}"[:200],
        )
        row.save(force_insert=True)
        made.subject = row
    return row


def judge(now: datetime) -> int:
    """Hold every gauge against its thresholds; how many signals began, changed or ended. Raises ``StoreSilent``: then everything stays as it was."""
    wanted = in_force(rules.law_day(now))
    if not wanted:
        return 0
    newest = devices.latest({sensor_id for sensor_id, _hazard in wanted})
    return sum(_judge_one(rows, hazard, newest.get(sensor_id), now) for (sensor_id, hazard), rows in sorted(wanted.items(), key=str))


@transaction.atomic
def _judge_one(rows: list[GaugeThreshold], hazard: str, reading: Reading | None, now: datetime) -> bool:
    sensor_id = rows[0].sensor_id
    live = HazardSignal.objects.select_for_update().filter(source=rules.GAUGE, sensor_id=sensor_id, hazard=hazard, state=LIVE).first()
    silent = timedelta(minutes=rules.parameter("gauge_stale_minutes", rules.law_day(now)))
    fresh = reading is not None and now - reading[0] <= silent and not reading[2] & _NOT_TRUSTED
    if not fresh or reading is None:
        if live is not None:
            # What it was above its threshold when it fell silent it is taken to be still.
            HazardSignal.objects.filter(pk=live.pk).update(ends_at=max(live.ends_at, now + 2 * silent), late=True, updated_at=now)
        return False
    at, value, quality = reading
    level = level_of(value, rows)
    if live is not None and live.level == level:
        HazardSignal.objects.filter(pk=live.pk).update(ends_at=max(live.ends_at, now + 2 * silent), late=False, updated_at=now)
        return False
    if live is None and level == rules.NONE:
        return False
    return _change(rows, hazard, level, live, at, value, bool(quality & EXERCISE), now, now + 2 * silent)


def _change(
    rows: list[GaugeThreshold],
    hazard: str,
    level: int,
    live: HazardSignal | None,
    at: datetime,
    value: float,
    exercise: bool,
    now: datetime,
    ends: datetime,
) -> bool:
    """End the signal of a gauge, begin its next, or both."""
    sensor = devices.sensor(rows[0].sensor_id)
    with change(GAUGES, "hazards.intake", now=now, place_code=sensor.place_code) as made:
        if live is not None:
            live.state, live.ended_at, live.updated_at = REPLACED if level else LIFTED, max(at, live.starts_at), now
            live.save(update_fields=["state", "ended_at", "updated_at"])
            made.subject = live
        if level:
            reached = next(row for row in sorted(rows, key=lambda row: -row.value) if row.level == level and value >= row.value)
            made.subject = row = HazardSignal.objects.create(
                place_code=sensor.place_code,
                classification=int(Classification.PUBLIC),
                created_at=now,
                updated_at=now,
                source=rules.GAUGE,
                identifier=f"{sensor.id}/{hazard}/{at.isoformat()}/{level}",
                sender=f"{sensor.device_name} {sensor.name}"[:200],
                hazard=hazard,
                title=f"{sensor.device_name} {sensor.name} {value:g} {sensor.unit} ≥ {reached.value:g} {sensor.unit}"[:300],
                description=reached.basis,
                level=level,
                sent_at=at,
                received_at=now,
                starts_at=at,
                ends_at=ends,
                end_assumed=True,
                area_codes=[sensor.place_code],
                late=rules.is_late(at, now),
                exercise=exercise,
                sensor_id=sensor.id,
            )
            made.announce(keeping.taken(row, now))
        elif live is not None:
            made.announce(keeping.taken(live, now, change="lift"))
    return True


def of_sensor(sensor_id: UUID, actor: Actor) -> list[GaugeThreshold]:
    """Thresholds of a measuring point in force or to come, highest first."""
    rows = queries.thresholds(actor).filter(sensor_id=sensor_id)
    return list(rows.filter(holds_to=None).order_by("hazard", "-value"))
