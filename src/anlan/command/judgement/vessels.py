"""Inventory, pressure and temperature of a vessel: of a fresh reading where there is one, otherwise of the register."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from anlan.command.judgement import tanks
from anlan.command.judgement.inputs import Filled
from anlan.command.judgement.parameters import parameter
from anlan.command.judgement.readings import Reading, fresh
from anlan.command.judgement.weather import of_reading
from anlan.consequence.substance import ATMOSPHERE_PA, Substance
from anlan.consequence.validity import NoFigure, OutOfRange
from anlan.ground.risksources.door import RiskSourceSummary
from anlan.kernel.access import Actor
from anlan.sense.stream.door import StoreSilent

PRESSURES = {"pressure": 1.0, "pressure_kpa": 1e-3}
"""Classes of gauge pressure and how many MPa one of their unit is."""
LEVELS = ("level", "level_percent")
CLASSES = (*PRESSURES, "temperature", *LEVELS)
KELVIN = 273.15
RECORDED_PRESSURES = ("operating_pressure", "design_pressure")


def vessel(
    source: RiskSourceSummary, substance: Substance | None, actor: Actor, *, now: datetime, air_c: Filled, exercise: bool = False
) -> dict[str, Filled]:
    """The vessel's figures by the names of the form; what neither a reading nor the register tells is not in it."""
    age = timedelta(minutes=parameter("reading_age_min", now.date()).value)
    try:
        told = fresh(
            CLASSES, None, actor, now=now, age=age, enterprise_id=source.enterprise_id, risk_source_id=source.id, exercise=exercise
        )
    except StoreSilent:
        told = ()
    return filled(source, substance, told, air_c)


def filled(source: RiskSourceSummary, substance: Substance | None, told: Sequence[Reading], air_c: Filled) -> dict[str, Filled]:
    """The same of readings at hand. Precedence: reading, register, what follows from physics. Of several pressures the highest counts."""
    found: dict[str, Filled] = {}
    temperature = _highest(told, ("temperature",))
    if temperature is not None:
        found["vessel_temperature_c"] = of_reading(temperature)
    elif _number(source.attributes, "operating_temperature") is not None:
        found["vessel_temperature_c"] = _recorded(source, _number(source.attributes, "operating_temperature"), "operating_temperature")
    else:
        found["vessel_temperature_c"] = Filled(air_c.value, "reckoned", air_c.at, {"as": "air"})
    pressure = _highest(told, tuple(PRESSURES), PRESSURES)
    if pressure is not None:
        found["pressure_mpa"] = of_reading(pressure, pressure.value * PRESSURES[pressure.sensor_class])
    else:
        recorded = _pressure(source, substance, float(found["vessel_temperature_c"].value or 0.0))
        if recorded is not None:
            found["pressure_mpa"] = recorded
    inventory = _inventory(source, substance, told)
    if inventory is not None:
        found["inventory_t"] = inventory
    return found


def _highest(told: Sequence[Reading], classes: tuple[str, ...], factors: Mapping[str, float] | None = None) -> Reading | None:
    of_class = [each for each in told if each.sensor_class in classes]
    return max(of_class, key=lambda each: each.value * (factors or {}).get(each.sensor_class, 1.0), default=None)


def _number(attributes: Mapping[str, Any], name: str) -> float | None:
    value = attributes.get(name)
    try:
        return None if value in (None, "") else float(str(value))
    except ValueError:
        return None


def _recorded(source: RiskSourceSummary, value: float | None, name: str) -> Filled:
    return Filled(value, "record", None, {"name": source.name, "attribute": name})


def _pressure(source: RiskSourceSummary, substance: Substance | None, temperature_c: float) -> Filled | None:
    """A liquefied gas stands at its saturation pressure; else the registered pressure, of operation before that of design."""
    saturated = _saturation(substance, temperature_c)
    if source.attributes.get("state_of_matter") == "liquefied_gas" and saturated is not None and saturated > 0:
        return Filled(saturated, "reckoned", None, {"as": "saturation", "temperature": f"{temperature_c:.1f}"})
    for name in RECORDED_PRESSURES:
        recorded = _number(source.attributes, name)
        if recorded is not None:
            return _recorded(source, recorded, name)
    if saturated is not None:
        return Filled(max(saturated, 0.0), "reckoned", None, {"as": "saturation", "temperature": f"{temperature_c:.1f}"})
    return None


def _saturation(substance: Substance | None, temperature_c: float) -> float | None:
    if substance is None:
        return None
    critical = substance.critical_temperature_k
    if critical is not None and temperature_c + KELVIN >= critical:
        return None
    try:
        pressure, _exact = substance.vapour_pressure(temperature_c + KELVIN, "judgement")
    except (NoFigure, OutOfRange):
        return None
    return (pressure - ATMOSPHERE_PA) / 1e6


def _inventory(source: RiskSourceSummary, substance: Substance | None, told: Sequence[Reading]) -> Filled | None:
    shape = tanks.SHAPES.get(str(source.attributes.get("shape")))
    volume = _number(source.attributes, "volume")
    density = substance.liquid_density_kg_m3 if substance is not None else None
    level = _highest(told, LEVELS)
    if shape and volume and density and level is not None:
        by_share = level.sensor_class == "level_percent"
        mass = tanks.mass_kg(
            shape,
            volume,
            density,
            level_m=None if by_share else level.value,
            level_share=level.value / 100.0 if by_share else None,
            diameter_m=_number(source.attributes, "diameter"),
            height_m=_number(source.attributes, "height"),
        )
        if mass is not None and mass > 0:
            return of_reading(level, mass / 1000.0)
    for quantity in (source.quantity_t, source.design_max_t):
        if quantity is not None and quantity > 0:
            return Filled(float(quantity), "record", None, {"name": source.name, "attribute": "quantity"})
    charge = _number(source.attributes, "charge")
    return _recorded(source, charge, "charge") if charge else None
