"""The terms of fires: burning flux, flame length, tilt, transmissivity, point sources, the Chinese pool fire and jets."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anlan.consequence import jet_fire, point_source, pool_fire_cn
from anlan.consequence.babrauskas import FUELS
from anlan.consequence.catalogue import model
from anlan.consequence.flame_tilt import tilt, tilt_parameter
from anlan.consequence.thomas import length_in_wind, length_still
from anlan.consequence.transmissivity import saturation_pressure
from anlan.consequence.validity import Contradiction, OutOfRange

HEXANE = {"heat_of_combustion_j_kg": 4.47e7, "heat_capacity_j_kg_k": 2260.0, "boiling_k": 341.9, "heat_of_vaporisation_j_kg": 3.35e5}
POOL = {"radius_m": 29.2, "burning_flux_kg_m2_s": 0.068, "heat_of_combustion_j_kg": 4.307e7, "distance_m": 100.0}
JET = {"rate_kg_s": 10.0, "heat_of_combustion_j_kg": 5e7, "radiative_fraction": 0.2, "distance_m": 100.0}


def test_a_liquid_burns_faster_the_less_it_must_be_heated() -> None:
    cold, warm = (model("fire.burgess").answer({**HEXANE, "ambient_k": each}).values["burning_flux_kg_m2_s"] for each in (273.15, 313.15))
    assert warm > cold
    assert model("fire.burgess").answer({**HEXANE, "ambient_k": 341.9}).values["burning_flux_kg_m2_s"] == pytest.approx(44.7e3 / 3.35e5)


def test_a_liquefied_gas_is_refused_by_burgess_and_pointed_to_another_model() -> None:
    with pytest.raises(Contradiction, match="Babrauskas"):
        model("fire.burgess").answer({**HEXANE, "boiling_k": 112.0})


@pytest.mark.parametrize("fuel", FUELS)
def test_a_wide_pool_burns_at_its_limit_and_a_narrow_one_slower(fuel: str) -> None:
    flux = model("fire.babrauskas").answer({"fuel": fuel, "diameter_m": [0.2, 1.0, 5.0, 100.0]}).values["burning_flux_kg_m2_s"]
    limit, extinction = FUELS[fuel]
    assert flux[-1] == pytest.approx(limit)
    assert (np.diff(flux) >= 0).all()
    assert (flux[0] < limit) == (extinction is not None)


@given(st.floats(0.2, 200.0), st.floats(0.005, 0.2), st.floats(0.9, 1.4))
def test_the_handbooks_flame_is_thomass_with_the_diameter(diameter: float, flux: float, air: float) -> None:
    radius = diameter / 2
    handbook = 84 * radius * (flux / (air * np.sqrt(2 * 9.80665 * radius))) ** 0.61
    assert model("fire.thomas_still").answer({"diameter_m": diameter, "burning_flux_kg_m2_s": flux, "air_density_kg_m3": air}).values[
        "flame_length_m"
    ] == pytest.approx(handbook)


@given(st.floats(0.5, 100.0), st.floats(0.005, 0.2), st.floats(0.0, 20.0), st.floats(0.0, 5.0))
def test_more_wind_never_lengthens_a_flame_and_always_tilts_it_more(diameter: float, flux: float, wind: float, more: float) -> None:
    assert length_in_wind(diameter, flux, 1.2, wind + more) <= length_in_wind(diameter, flux, 1.2, wind)
    assert 0 <= tilt(diameter, wind) <= tilt(diameter, wind + more) < np.pi / 2


@given(st.floats(0.5, 100.0), st.floats(0.01, 30.0))
def test_the_tilt_solves_its_equation(diameter: float, wind: float) -> None:
    angle = tilt(diameter, wind)
    assert np.tan(angle) / np.cos(angle) == pytest.approx(tilt_parameter(diameter, wind, 1.5e-5), rel=1e-6)


def test_water_vapour_at_20_degrees() -> None:
    """2339 Pa in steam tables."""
    assert saturation_pressure(293.15) == pytest.approx(2339, rel=3e-3)


def test_transmissivity_holds_between_1e4_and_1e5_and_nowhere_else() -> None:
    asked = {"temperature_k": 293.15, "humidity": 0.5}
    found = model("fire.transmissivity").answer({**asked, "distance_m": [10.0, 50.0, 80.0]}).values["transmissivity"]
    assert (np.diff(found) < 0).all()
    assert ((found > 0.5) & (found < 1)).all()
    assert found[1] == pytest.approx(2.02 * (0.5 * saturation_pressure(293.15) * 50) ** -0.09)
    for refused in (5.0, 100.0):
        with pytest.raises(OutOfRange):
            model("fire.transmissivity").answer({**asked, "distance_m": refused})


@given(st.floats(1e3, 1e12), st.floats(100.0, 5e4), st.floats(0.1, 1.0))
def test_a_point_source_turns_round(radiated: float, level: float, transmissivity: float) -> None:
    reach = point_source.reach(radiated, level, transmissivity)
    assert float(point_source.radiation(radiated, np.asarray(reach), transmissivity)) == pytest.approx(level)


def test_all_that_a_point_radiates_passes_through_a_sphere() -> None:
    found = model("fire.point_source").answer({"heat_release_w": 1e8, "radiative_fraction": 0.3, "distance_m": 25.0}).values
    assert found["radiation_w_m2"] * 4 * np.pi * 25.0**2 == pytest.approx(3e7)


@given(st.floats(1.0, 50.0), st.floats(1e4, 1e9), st.floats(500.0, 4e4))
def test_a_chinese_pool_fire_reaches_at_least_as_far_as_its_pool(radius: float, radiated: float, level: float) -> None:
    reach = pool_fire_cn.reach(radiated, radius, level)
    assert reach >= radius
    if reach > radius:
        assert float(point_source.radiation(radiated, np.asarray(reach))) == pytest.approx(level)


def test_the_chinese_pool_fire_warns_of_efficiencies_its_handbooks_do_not_have() -> None:
    assert "pool_fire_efficiency" not in {each.code for each in model("fire.pool_cn").answer(POOL).cautions}
    (caution,) = [
        each for each in model("fire.pool_cn").answer({**POOL, "efficiency": 0.5}).cautions if each.code == "pool_fire_efficiency"
    ]
    assert "0.5" in caution.sentence.format(**caution.facts)


@pytest.mark.parametrize(
    ("code", "asked", "wrong"),
    [
        ("fire.pool_cn", POOL, {"distance_m": 29.0}),
        ("fire.pool_cn", POOL, {"radius_m": 0.0}),
        ("fire.pool_cn", POOL, {"efficiency": 1.2}),
        ("fire.jet", JET, {"rate_kg_s": 0.05}),
        ("fire.jet", JET, {"rate_kg_s": 150.0}),
        ("fire.jet", JET, {"distance_m": 47.0}),
        ("fire.jet", JET, {"radiative_fraction": 0.0}),
    ],
)
def test_a_fire_outside_of_its_source_or_a_place_in_the_flame_is_refused(code: str, asked: dict[str, Any], wrong: dict[str, float]) -> None:
    assert model(code).answer(asked).values["radiation_w_m2"] > 0
    with pytest.raises(OutOfRange):
        model(code).answer({**asked, **wrong})


def test_a_jet_says_that_its_length_is_rough() -> None:
    assert {"jet_length_rough", "point_source_fire", "clear_air"} == {each.code for each in model("fire.jet").answer(JET).cautions}


@given(st.floats(0.1, 100.0), st.floats(500.0, 4e4))
def test_a_jet_reaches_at_least_as_far_as_its_flame(rate: float, level: float) -> None:
    flame = jet_fire.length(rate)
    radiated = 0.2 * rate * 5e7
    reach = jet_fire.reach(radiated, flame, level)
    assert reach >= flame
    if reach > flame:
        assert float(jet_fire.radiation(radiated, flame, np.asarray(reach))) == pytest.approx(level)


def test_hydrogen_radiates_a_small_share_of_its_heat() -> None:
    small, large = (
        model("fire.radiant_fraction_hydrogen").answer({"flame_length_m": length, "rate_kg_s": rate}).values["radiative_fraction"]
        for length, rate in ((5.0, 0.05), (48.5, 7.4))
    )
    assert 0.02 < small < large < 0.3


@given(st.floats(0.5, 100.0), st.floats(0.01, 0.2))
def test_flames_are_longer_over_wider_pools(diameter: float, flux: float) -> None:
    assert length_still(2 * diameter, flux, 1.2) > length_still(diameter, flux, 1.2)
