"""Verbs of keeping measuring points true: calibrations recorded, intervals set, and maintenance that ends before its time."""

from __future__ import annotations

from datetime import date, datetime

from django.utils import timezone

from anlan.kernel.access import Actor
from anlan.ledger.changes import change
from anlan.sense.devices import classes, rules
from anlan.sense.devices.announcing import announce
from anlan.sense.devices.models import Calibration, MaintenanceWindow, Sensor


def record_calibration(
    sensor: Sensor,
    *,
    calibrated_on: date,
    result: str,
    performed_by: str,
    certificate: str = "",
    note: str = "",
    actor: Actor,
    now: datetime,
) -> Calibration:
    """Enter that a point was calibrated. Only one that passed moves the day on which the next is due.

    Raises ``CalibrationDate`` for a day that has not come, ``NotPermitted``.
    """
    if calibrated_on > timezone.localdate(now):
        raise rules.CalibrationDate(value=calibrated_on)
    with change(actor, "devices.maintain", now=now, place_code=sensor.place_code, enterprise_id=sensor.enterprise_id) as gathered:
        made = Calibration.objects.create(
            enterprise_id=sensor.enterprise_id,
            sensor=sensor,
            place_code=sensor.place_code,
            classification=sensor.classification,
            calibrated_on=calibrated_on,
            result=result,
            performed_by=performed_by,
            certificate=certificate,
            note=note,
            recorded_by=actor.name,
            created_at=now,
            updated_at=now,
        )
        gathered.subject = made
        # What is entered late must not hide a newer one.
        if result == rules.PASSED and (sensor.calibrated_on is None or calibrated_on > sensor.calibrated_on):
            sensor.calibrated_on = calibrated_on
            _reckon(sensor, now)
            gathered.facts["due"] = str(sensor.calibration_due)
        announce(gathered, sensor.enterprise_id, sensor.place_code, now)
    return made


def set_calibration_interval(sensor: Sensor, days: int | None, *, actor: Actor, now: datetime) -> Sensor:
    """Give a point an interval of its own, or (``None``) that of its class again. Raises ``CalibrationInterval``, ``NotPermitted``."""
    if days is not None and not 1 <= days <= rules.LONGEST_CALIBRATION_DAYS:
        raise rules.CalibrationInterval(most=rules.LONGEST_CALIBRATION_DAYS)
    with change(actor, "devices.maintain", now=now, record=sensor) as gathered:
        sensor.calibration_days = days
        _reckon(sensor, now)
        announce(gathered, sensor.enterprise_id, sensor.place_code, now)
    return sensor


def end_maintenance(window: MaintenanceWindow, *, actor: Actor, now: datetime) -> MaintenanceWindow:
    """End work or an exercise on a device now, or call off what has not begun. Raises ``WindowOver``, ``NotPermitted``."""
    if window.until <= now:
        raise rules.WindowOver()
    with change(actor, "devices.maintain", now=now, record=window) as gathered:
        gathered.facts["planned_until"] = window.until.isoformat()
        # A window that had not begun covers no time at all.
        window.since = min(window.since, now)
        window.until = now
        window.ended_by = actor.name
        window.save()
        announce(gathered, window.enterprise_id, window.place_code, now)
    return window


def _reckon(sensor: Sensor, now: datetime) -> None:
    days = sensor.calibration_days or classes.calibration_days(sensor.sensor_class)
    sensor.calibration_due = rules.calibration_due(sensor.calibrated_on, days)
    sensor.updated_at = now
    sensor.save()
