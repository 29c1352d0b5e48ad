"""The rate of the source estimated backwards from gas detectors around it, beside the one reckoned forwards."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from anlan.command.judgement import geometry, rules
from anlan.command.judgement.parameters import figure
from anlan.command.judgement.readings import Reading, fresh
from anlan.command.judgement.reckoning import Question, cautions, models, plain
from anlan.command.judgement.release import scenario_weather
from anlan.consequence import bands, inverse
from anlan.consequence.cancelling import ShouldStop, never
from anlan.consequence.catalogue import Caution
from anlan.consequence.chain import Weather
from anlan.consequence.concentration import in_kg_m3
from anlan.kernel.access import Actor, system_actor
from anlan.kernel.geo import Point
from anlan.kernel.words import N_
from anlan.sense.stream.door import StoreSilent

CLASSES = ("gas_toxic_ppm", "gas_toxic")
UNITS = {"gas_toxic_ppm": "ppm", "gas_toxic": "mg/m³"}
SAME_GAS = N_("有毒气体测点的读数按{chemical}计；若测点监测的是其他气体，反算结果无效。")


def gas_readings(place: Point, actor: Actor, enterprise_id: UUID | None, *, now: datetime, exercise: bool) -> tuple[Reading, ...]:
    """Fresh readings of toxic gas around a place; of the enterprise alone where the event is at one. Raises ``StoreSilent``."""
    day = now.date()
    return fresh(
        CLASSES,
        place,
        actor,
        now=now,
        age=timedelta(minutes=figure("gas_age_min", day)),
        within_m=1000.0 * figure("gas_radius_km", day),
        enterprise_id=enterprise_id,
        exercise=exercise,
    )


def estimated(
    question: Question, enterprise_id: UUID | None, *, now: datetime, exercise: bool, should_stop: ShouldStop = never
) -> dict[str, Any]:
    """The estimate in plain values: rate and interval in kg/s, the readings it rests on. Raises ``NothingDetects``, ``CannotSee``, ``NoFigure``."""
    day = now.date()
    try:
        told = gas_readings(Point(*question.source), system_actor("judgement"), enterprise_id, now=now, exercise=exercise)
    except StoreSilent:
        told = ()
    if not told:
        raise rules.NothingDetects(distance_km=f"{figure('gas_radius_km', day):g}", minutes=f"{figure('gas_age_min', day):g}")
    return of_readings(question, told, day_figures(day), should_stop)


def day_figures(day: Any) -> dict[str, float]:
    """What is taken of the detectors, by name."""
    return {name: figure(name, day) for name in ("gas_spread_share", "gas_detection_ppm", "gas_height_m")}


def of_readings(question: Question, told: Sequence[Reading], figures: dict[str, float], should_stop: ShouldStop = never) -> dict[str, Any]:
    """The same of readings at hand."""
    weather = scenario_weather(question.inputs)
    sensors = [_sensor(question, each, weather, figures) for each in told if each.longitude is not None and each.latitude is not None]
    height = float(question.inputs["height_m"].value or 0.0)
    found = inverse.strength(sensors, bands.weather_band(weather), height_m=height, should_stop=should_stop)
    answer = {
        "rate_kg_s": found.rate_kg_s,
        "low_kg_s": found.low_kg_s,
        "high_kg_s": found.high_kg_s,
        "readings": [
            {
                "sensor": str(each.sensor_id),
                "name": each.full_name,
                "value": each.value,
                "unit": UNITS[each.sensor_class],
                "at": each.at.isoformat(),
                "distance_m": each.distance_m,
            }
            for each in told
        ],
        "cautions": cautions((*found.cautions, Caution("gas_taken_for_granted", SAME_GAS, {"chemical": question.chemical}))),
        "models": models(found.by),
    }
    checked: dict[str, Any] = plain(answer)
    return checked


def _sensor(question: Question, reading: Reading, weather: Weather, figures: dict[str, float]) -> inverse.Sensor:
    x, y = geometry.to_metres(
        question.source, question.number("wind_from_deg"), float(reading.longitude or 0), float(reading.latitude or 0)
    )
    molar = question.substance.molar_mass_kg_mol if question.substance is not None else None

    def held(value: float, unit: str) -> float:
        return in_kg_m3(value, unit, molar_kg=molar, temperature_k=weather.temperature_k, pressure_pa=weather.pressure_pa)

    value = held(max(reading.value, 0.0), UNITS[reading.sensor_class])
    detection = held(figures["gas_detection_ppm"], "ppm")
    spread = max(value * figures["gas_spread_share"], detection)
    return inverse.Sensor(float(x), float(y), figures["gas_height_m"], value, spread, detection)
