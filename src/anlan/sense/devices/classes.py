"""Classes of measuring points, from ``data/sensor_classes.csv``: quantity, unit, plausible range, greatest plausible rate of change.

The plausible range says what an instrument of the class can mean at all: a value outside is marked, not thrown away. It is no alarm limit.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from anlan.ledger.sources import DatedRule, load_rules
from anlan.sense.devices.door import SensorClass

_TABLE = Path(__file__).parent / "data" / "sensor_classes.csv"
_INTERVALS = Path(__file__).parent / "data" / "calibration_intervals.csv"


@dataclass(frozen=True, kw_only=True)
class _Row(DatedRule):
    code: str
    quantity: str
    unit: str
    plausible_low: float | None
    plausible_high: float | None
    max_rate_per_s: float | None
    name_zh: str
    name_en: str


@cache
def table() -> tuple[SensorClass, ...]:
    """Every class in the order of the file."""
    return tuple(
        SensorClass(
            code=row.code,
            quantity=row.quantity,
            unit=row.unit,
            plausible_low=row.plausible_low,
            plausible_high=row.plausible_high,
            max_rate_per_s=row.max_rate_per_s,
            name_zh=row.name_zh,
            name_en=row.name_en,
            source=row.source,
            status=row.status,
        )
        for row in load_rules(_TABLE, _Row)
    )


@cache
def by_code() -> dict[str, SensorClass]:
    """The classes by code."""
    return {row.code: row for row in table()}


@dataclass(frozen=True, kw_only=True)
class CalibrationInterval(DatedRule):
    """How often points of a class are calibrated where nothing else was entered for the point itself."""

    sensor_class: str
    days: int


@cache
def calibration_intervals() -> dict[str, CalibrationInterval]:
    """Intervals by class; a class without one has no day on which it is due."""
    return {row.sensor_class: row for row in load_rules(_INTERVALS, CalibrationInterval)}


def calibration_days(code: str) -> int | None:
    """The interval of a class in days."""
    known = calibration_intervals().get(code)
    return known.days if known is not None else None


def plausible_range(code: str, low: float | None, high: float | None) -> tuple[float | None, float | None]:
    """An instrument's own range where it has one, else that of its class."""
    known = by_code().get(code)
    return (
        low if low is not None else (known.plausible_low if known else None),
        high if high is not None else (known.plausible_high if known else None),
    )
