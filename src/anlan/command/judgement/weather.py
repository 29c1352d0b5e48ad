"""The weather of the form: nearest wind, air, humidity; stability by time of day and wind. Each with where it comes from."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from anlan.command.judgement import stability
from anlan.command.judgement.inputs import Filled
from anlan.command.judgement.parameters import parameter
from anlan.command.judgement.readings import Reading, fresh
from anlan.consequence.chain import RURAL
from anlan.kernel.access import Actor
from anlan.kernel.geo import Point
from anlan.sense.stream.door import StoreSilent

SPEED, DIRECTION, AIR, HUMIDITY = "wind_speed", "wind_direction", "temperature", "humidity"


def observed(place: Point, actor: Actor, *, now: datetime, exercise: bool = False) -> dict[str, Filled]:
    """Wind, air and humidity observed nearest to a place, by the names of the form; what nobody observed is not in it.

    A silent telemetry store is no observation.
    """
    day = now.date()
    age = timedelta(minutes=parameter("wind_age_min", day).value)
    within_m = parameter("wind_distance_km", day).value * 1000.0
    try:
        told = fresh((SPEED, DIRECTION), place, actor, now=now, age=age, within_m=within_m, exercise=exercise)
        station = nearest_station(told)
        found = {name: of_reading(reading) for name, reading in station.items()}
        devices = {reading.device_id for reading in station.values()}
        for owner in {reading.enterprise_id for reading in station.values()}:
            # Only what stands beside the wind measures the air; any other temperature may be that of a tank.
            others = fresh((AIR, HUMIDITY), place, actor, now=now, age=age, within_m=within_m, enterprise_id=owner, exercise=exercise)
            for reading in others:
                name = "air_temperature_c" if reading.sensor_class == AIR else "humidity_pct"
                if reading.device_id in devices and name not in found:
                    found[name] = of_reading(reading)
        return found
    except StoreSilent:
        return {}


def nearest_station(told: Sequence[Reading]) -> dict[str, Reading]:
    """Speed and direction by the names of the form: of the nearest device that tells both, else of the nearest that tells each."""
    by_device: dict[Any, dict[str, Reading]] = {}
    for reading in told:
        name = "wind_m_s" if reading.sensor_class == SPEED else "wind_from_deg"
        by_device.setdefault(reading.device_id, {}).setdefault(name, reading)
    both = [each for each in by_device.values() if len(each) == 2]
    if both:
        return min(both, key=lambda each: each["wind_m_s"].distance_m)
    found: dict[str, Reading] = {}
    for reading in sorted(told, key=lambda each: each.distance_m):
        found.setdefault("wind_m_s" if reading.sensor_class == SPEED else "wind_from_deg", reading)
    return found


def of_reading(reading: Reading, value: float | None = None) -> Filled:
    """A value of the form from a reading, as it is or converted."""
    facts = {
        "name": reading.full_name,
        "sensor": str(reading.sensor_id),
        "reading": f"{reading.value:.4g} {reading.unit}".strip(),
        "distance_m": round(reading.distance_m),
    }
    return Filled(reading.value if value is None else value, "sensor", reading.at, facts)


def default(name: str, now: datetime) -> Filled:
    """A figure of the project's own, marked as such."""
    row = parameter(name, now.date())
    return Filled(row.value, "default", None, {"source": row.source, "status": row.status})


def weather(place: Point, actor: Actor, *, now: datetime, exercise: bool = False, cloud: int | None = None) -> dict[str, Filled]:
    """Everything the form wants to know of the weather. Without a wind direction that field stays empty: nobody may guess where it blows."""
    found = observed(place, actor, now=now, exercise=exercise)
    for name in ("wind_m_s", "air_temperature_c", "humidity_pct"):
        found.setdefault(name, default(name, now))
    found["stability"] = stability_of(place, now, float(found["wind_m_s"].value or 0.0), cloud)
    found["ground"] = Filled(RURAL, "default", None, {"source": "ALOHA", "status": "unverified"})
    return found


def stability_of(place: Point, moment: datetime, wind_m_s: float, cloud: int | None = None) -> Filled:
    """The class of stability with what it follows from."""
    found, sky = stability.by_time(moment, place.longitude, place.latitude, wind_m_s, cloud)
    facts = {
        "source": stability.SOURCE,
        "status": stability.STATUS,
        "sky": sky,
        "cloud": cloud,
        "wind": f"{wind_m_s:.1f}",
        "night": stability.sun_height(moment, place.longitude, place.latitude) <= 0,
    }
    return Filled(found, "reckoned", moment, facts)
