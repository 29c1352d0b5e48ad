"""From the form to what goes into the air: the weather and the source terms of a toxic release. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from anlan.command.judgement import rules
from anlan.command.judgement.inputs import Inputs
from anlan.consequence.assumptions import Assumptions
from anlan.consequence.catalogue import Caution
from anlan.consequence.chain import Scenario, SourceTerm, Weather
from anlan.consequence.sources import source_terms
from anlan.consequence.substance import ATMOSPHERE_PA, Substance
from anlan.kernel.words import N_

KELVIN = 273.15
RATE_LASTS_S = 3600.0
"""A rate that nobody said will end is followed for an hour, as a pool is. Project default."""
CODE = "judgement.rate"

LONGEST_S = 86_400.0
"""What the models of dispersion follow at most."""

DAY_ONLY = N_("没有填写持续时间，漏空需要更久，按持续 24 h 计算。")
RATE_GIVEN = N_("源强取填写的速率 {rate} kg/s，未按孔口推算。")
RATE_HOUR = N_("没有填写持续时间，按持续 60 min 计算；若持续更久，远处的剂量会更高。")
COLD_CLOUD = N_("气云温度取沸点 {kelvin} K（液化气体喷出后的温度），为最重的估计。")


@dataclass(frozen=True)
class Release:
    """Source terms that act together, and the account of the mass, kg; ``path``: how it gets out."""

    path: str
    terms: tuple[SourceTerm, ...]
    airborne_kg: float
    vessel_kg: float | None
    ground_kg: float | None

    def told(self) -> dict[str, Any]:
        """In plain values: rates in kg/s, masses in kg, times in s."""
        first = self.terms[0]
        lasting = [each for each in self.terms if each.duration_s > 0]
        return {
            "path": self.path,
            "airborne_kg": self.airborne_kg,
            "vessel_kg": self.vessel_kg,
            "ground_kg": self.ground_kg,
            "at_once_kg": sum(each.mass_kg for each in self.terms if each.duration_s == 0),
            "rate_kg_s": sum(float(each.rate_kg_s[0]) for each in lasting) if lasting else 0.0,
            "highest_rate_kg_s": max((float(np.max(each.rate_kg_s)) for each in lasting), default=0.0),
            "duration_s": max((each.duration_s for each in self.terms), default=0.0),
            "density_kg_m3": first.density_kg_m3,
            "temperature_k": first.temperature_k,
        }


def _number(inputs: Inputs, name: str) -> float:
    return float(inputs[name].value)  # type: ignore[arg-type]


def _or_none(inputs: Inputs, name: str) -> float | None:
    filled = inputs.get(name)
    return None if filled is None or filled.value is None else float(filled.value)


def scenario_weather(inputs: Inputs) -> Weather:
    """The weather of the form; pressure of the air at sea level."""
    return Weather(
        wind_m_s=_number(inputs, "wind_m_s"),
        stability=str(inputs["stability"].value),
        temperature_k=_number(inputs, "air_temperature_c") + KELVIN,
        humidity=_number(inputs, "humidity_pct") / 100.0,
        ground=str(inputs["ground"].value),
    )


def scenario_of(inputs: Inputs, substance: Substance, weather: Weather) -> tuple[Scenario, Assumptions]:
    """What the form says happened at a vessel, in SI units; pressure absolute."""
    minutes = _or_none(inputs, "duration_min")
    hole = _number(inputs, "hole_mm") / 1000.0 if inputs["release"].value == rules.HOLE else None
    scenario = Scenario(
        substance=substance.code,
        inventory_kg=_number(inputs, "inventory_t") * 1000.0,
        pressure_pa=_number(inputs, "pressure_mpa") * 1e6 + ATMOSPHERE_PA,
        temperature_k=_number(inputs, "vessel_temperature_c") + KELVIN,
        weather=weather,
        hole_m=hole,
        height_m=_number(inputs, "height_m"),
        head_m=_or_none(inputs, "head_m") or 0.0,
        bund_m2=_or_none(inputs, "bund_m2"),
        duration_s=None if minutes is None else minutes * 60.0,
    )
    assumed = Assumptions(opening=str(inputs["opening"].value)) if hole is not None else Assumptions()
    return scenario, assumed


def release_of(inputs: Inputs, substance: Substance, weather: Weather) -> Release:
    """What goes into the air. Raises the refusals of ``anlan.consequence.sources``, ``NoFigure`` for a figure the substance lacks."""
    if inputs["release"].value == rules.RATE:
        return _given(inputs, substance, weather)
    scenario, assumed = scenario_of(inputs, substance, weather)
    found = source_terms(scenario, substance, assumed)
    if scenario.duration_s is None and any(each.duration_s > LONGEST_S for each in found.terms):
        found = source_terms(replace(scenario, duration_s=LONGEST_S), substance, assumed)
        cut = tuple(replace(each, cautions=(*each.cautions, Caution("followed_for_a_day", DAY_ONLY))) for each in found.terms)
        return Release(found.path, cut, found.airborne_kg, found.vessel_kg, found.ground_kg)
    return Release(found.path, tuple(found.terms), found.airborne_kg, found.vessel_kg, found.ground_kg)


def _given(inputs: Inputs, substance: Substance, weather: Weather) -> Release:
    rate, minutes = _number(inputs, "rate_kg_s"), _or_none(inputs, "duration_min")
    told = [Caution("rate_given", RATE_GIVEN, {"rate": f"{rate:g}"})]
    if minutes is None:
        told.append(Caution("rate_for_an_hour", RATE_HOUR))
    lasts = RATE_LASTS_S if minutes is None else minutes * 60.0
    temperature = weather.temperature_k
    if substance.boiling_point_k is not None and substance.boiling_point_k < temperature:
        temperature = substance.boiling_point_k
        told.append(Caution("cloud_at_boiling_point", COLD_CLOUD, {"kelvin": f"{temperature:.0f}"}))
    term = SourceTerm(
        time_s=np.array([0.0]),
        rate_kg_s=np.array([rate]),
        duration_s=lasts,
        mass_kg=rate * lasts,
        temperature_k=temperature,
        density_kg_m3=substance.gas_density(temperature, weather.pressure_pa, CODE),
        height_m=_number(inputs, "height_m"),
        by=(),
        cautions=tuple(told),
    )
    return Release("given_rate", (term,), rate * lasts, None, None)


def curtained(release: Release, share: float) -> Release:
    """The same release with ``share`` of it (0 to 1) taken out of the air by a water curtain."""
    left = 1.0 - share
    terms = tuple(replace(each, rate_kg_s=each.rate_kg_s * left, mass_kg=each.mass_kg * left) for each in release.terms)
    return replace(release, terms=terms, airborne_kg=release.airborne_kg * left)
