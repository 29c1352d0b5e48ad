"""Chemicals of the table through the models: from a tank to zones with their limits, or a refusal that names what is missing."""

from __future__ import annotations

import numpy as np
import pytest

from anlan.consequence.chain import Scenario, Weather
from anlan.consequence.running import Threshold, carry
from anlan.consequence.sources import source_terms
from anlan.consequence.substance import FIGURES
from anlan.consequence.validity import NoFigure
from anlan.ground.chemicals import door

WEATHER = Weather(wind_m_s=3.0, stability="D", temperature_k=293.15)


def released(code: str, temperature_k: float = 293.15, **more: float) -> tuple[tuple[object, ...], object]:
    """Zones by the toxic limits of a chemical, five tonnes of it under its own pressure, out of a hole of 20 mm."""
    figures = door.substance(code, temperature_k)
    pressure, _exact = figures.vapour_pressure(temperature_k, "test")
    scenario = Scenario(code, 5000.0, max(pressure, 1.05e5), temperature_k, WEATHER, hole_m=0.02, head_m=1.0, **more)
    found = source_terms(scenario, figures)
    thresholds = [Threshold(each.code, each.label, each.value, each.unit) for each in door.endpoints(code) if each.kind == "toxic"]
    return carry(found.terms, WEATHER, thresholds=thresholds, molar_kg=figures.molar_mass_kg_mol).zones, found


@pytest.mark.parametrize(
    ("code", "path"),
    [
        ("chlorine", "liquefied_gas"),
        ("ammonia", "liquefied_gas"),
        ("hydrogen_sulfide", "liquefied_gas"),
        ("sulfur_dioxide", "liquefied_gas"),
        ("phosgene", "liquefied_gas"),
        ("propane", "liquefied_gas"),
        ("vinyl_chloride", "liquefied_gas"),
        ("ethylene_oxide", "liquefied_gas"),
        ("methylamine", "liquefied_gas"),
        ("butadiene", "liquefied_gas"),
        ("hydrogen_fluoride", "liquid"),
        ("benzene", "liquid"),
        ("toluene", "liquid"),
        ("acrolein", "liquid"),
        ("carbon_disulfide", "liquid"),
        ("methanol", "liquid"),
        ("hydrogen_cyanide", "liquid"),
        ("bromine", "liquid"),
        ("acetone", "liquid"),
    ],
)
def test_a_leak_reaches_its_limits(code: str, path: str) -> None:
    zones, found = released(code)
    assert found.path == path  # type: ignore[attr-defined]
    assert np.isclose(5000.0, found.airborne_kg + found.vessel_kg + found.ground_kg, rtol=1e-3)  # type: ignore[attr-defined]
    assert zones
    reach: dict[str, float] = {}
    for zone in zones:
        reach[zone.code] = max(reach.get(zone.code, 0.0), zone.reach_m)  # type: ignore[attr-defined]
    levels = [code for code in ("AEGL-3", "AEGL-2", "AEGL-1") if code in reach]
    assert [reach[level] for level in levels] == sorted(reach[level] for level in levels)
    assert levels


def test_a_mixture_has_no_figures_and_the_model_says_which() -> None:
    figures = door.substance("liquefied_petroleum_gas")
    assert all(getattr(figures, name) is None for name in FIGURES)
    scenario = Scenario("liquefied_petroleum_gas", 1000.0, 8e5, 293.15, WEATHER, hole_m=0.02)
    with pytest.raises(NoFigure) as refused:
        source_terms(scenario, figures)
    assert refused.value.facts["what"] == FIGURES["boiling_point_k"][0]
    assert door.chemical("liquefied_petroleum_gas").stands_in == "propane"


def test_a_figure_that_is_missing_is_refused_by_its_name() -> None:
    scenario = Scenario("epichlorohydrin", 1000.0, 1.2e5, 293.15, WEATHER, hole_m=0.02)
    with pytest.raises(NoFigure) as refused:
        source_terms(scenario, door.substance("epichlorohydrin"))
    assert refused.value.facts["what"] == FIGURES["liquid_density_kg_m3"][0]


def test_density_is_that_of_the_temperature_of_storage() -> None:
    cold, warm = door.substance("ammonia", 239.8), door.substance("ammonia", 298.0)
    assert cold.liquid_density_kg_m3 == pytest.approx(682, abs=2)
    assert warm.liquid_density_kg_m3 == pytest.approx(602, abs=2)
    assert door.substance("ammonia").liquid_density_kg_m3 == warm.liquid_density_kg_m3
