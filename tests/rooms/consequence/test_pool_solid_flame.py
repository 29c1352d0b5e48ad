"""A pool fire as a solid flame: the benzene fire of the Yellow Book step by step, and what must hold of any."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anlan.consequence.catalogue import model, plain
from anlan.consequence.emissive_power import greatest, mudan, sooted
from anlan.consequence.flame_tilt import froude, tilt_parameter
from anlan.consequence.pool_solid_flame import POOL_SOLID_FLAME, pool_flame
from anlan.consequence.validity import Contradiction, NoFigure, NotFinite, OutOfRange
from anlan.consequence.view_factor import factors

DIAMETER = np.sqrt(4 * 28.3 / (np.pi * 0.02))
BENZENE = float(model("fire.babrauskas").answer({"fuel": "benzene", "diameter_m": DIAMETER}).values["burning_flux_kg_m2_s"])
YELLOW_BOOK = {
    "diameter_m": float(DIAMETER),
    "burning_flux_kg_m2_s": BENZENE,
    "wind_m_s": 5.0,
    "air_density_kg_m3": 1.2243,
    "viscosity_m2_s": 7.5133e-6,
    "transmissivity": 0.71474,
    "distance_m": 100.0,
}


def test_the_benzene_fire_of_the_yellow_book() -> None:
    """TNO Yellow Book 6.6.3: 28.3 m³ of benzene 2 cm deep, 5 m/s; printed values (Froude number: a misprint, 0.0545)."""
    wind = model("fire.thomas_wind").answer(
        {key: YELLOW_BOOK[key] for key in ("diameter_m", "burning_flux_kg_m2_s", "air_density_kg_m3", "wind_m_s")}
    )
    assert wind.values["characteristic_wind_m_s"] == pytest.approx(3.06866, rel=1e-4)
    assert wind.values["flame_length_m"] == pytest.approx(46.7725, rel=1e-4)
    tilted = model("fire.flame_tilt").answer({"diameter_m": DIAMETER, "wind_m_s": 5.0, "viscosity_m2_s": 7.5133e-6})
    assert tilted.values["tilt_deg"] == pytest.approx(50.8286, rel=1e-5)
    assert tilt_parameter(float(DIAMETER), 5.0, 7.5133e-6) == pytest.approx(1.94315, rel=1e-5)
    assert froude(float(DIAMETER), 5.0) == pytest.approx(0.06006, rel=1e-3)
    assert model("fire.mudan_sep").answer({"diameter_m": DIAMETER}).values["emissive_power_w_m2"] == pytest.approx(21e3, rel=0.02)
    power = model("fire.sooted_sep").answer(
        {
            "radiative_fraction": 0.4,
            "burning_flux_kg_m2_s": BENZENE,
            "heat_of_combustion_j_kg": 4.015e7,
            "flame_length_m": 46.7725,
            "diameter_m": DIAMETER,
            "soot_fraction": 0.8,
        }
    )
    assert power.values["greatest_w_m2"] == pytest.approx(25.24e4, rel=1e-3)
    assert power.values["emissive_power_w_m2"] == pytest.approx(6.6e4, rel=0.01)
    fire = POOL_SOLID_FLAME.answer({**YELLOW_BOOK, "emissive_power_w_m2": power.values["emissive_power_w_m2"]})
    assert fire.values["radiation_w_m2"] == pytest.approx(4.581e3, rel=1e-3)
    assert fire.cautions == ()


def test_by_default_the_power_is_mudans_and_nothing_is_absorbed_and_both_are_told() -> None:
    asked = {key: value for key, value in YELLOW_BOOK.items() if key != "transmissivity"}
    answer = POOL_SOLID_FLAME.answer(asked)
    assert answer.values["emissive_power_w_m2"] == mudan(float(DIAMETER))
    assert {each.code for each in answer.cautions} == {"clear_air", "mudan_sooty_fuels"}


@given(st.floats(0.5, 100.0), st.floats(0.01, 0.15), st.floats(0.0, 15.0), st.floats(200.0, 15e3))
def test_the_reach_of_a_level_is_where_the_radiation_is_at_it(diameter: float, flux: float, wind: float, level: float) -> None:
    flame = pool_flame(diameter, flux, wind_m_s=wind)
    found = flame.reach(level)
    assert found >= flame.edge_m
    if found > flame.edge_m:
        assert float(flame.radiation(np.asarray(found))) == pytest.approx(level, rel=1e-6)
    assert (flame.radiation(found * np.geomspace(1.001, 10.0, 40)) < level).all()


def test_under_and_in_the_flame_every_level_is_reached() -> None:
    """A zone that is not drawn because the flame leans over the people in it would be a missed alarm."""
    flame = pool_flame(9.0, 0.125, wind_m_s=2.0)
    assert flame.edge_m > flame.radius_m
    assert flame.reach(13_953.0) == flame.edge_m
    assert flame.reach(1e6) == flame.edge_m


@pytest.mark.parametrize("diameter", [1.0, 10.0, 60.0])
@pytest.mark.parametrize("wind", [0.5, 3.0, 12.0])
@pytest.mark.parametrize("level", [1600.0, 5000.0, 12_500.0])
def test_nowhere_else_a_tilted_flame_reaches_farther_than_downwind(diameter: float, wind: float, level: float) -> None:
    """Upwind by the closed form, across the wind by integration: the circle of the downwind reach holds all of the zone."""
    flame = pool_flame(diameter, 0.055, wind_m_s=wind)
    beyond = flame.reach(level) * 1.001
    _, _, upwind = factors(flame.radius_m, flame.length_m, np.asarray(beyond), -flame.tilt_rad, model="test")
    assert float(upwind) * flame.emissive_power_w_m2 < level
    assert across(flame.length_m / flame.radius_m, beyond / flame.radius_m, flame.tilt_rad) * flame.emissive_power_w_m2 < level


def across(a: float, b: float, tilt: float, nodes: int = 200) -> float:
    """Greatest view factor of a target at (0, b, 0) of a cylinder of radius 1 tilted along x: the length of the vector of its view factors."""
    x, weight = np.polynomial.legendre.leggauss(nodes)
    height, slope = a * np.cos(tilt), np.tan(tilt)
    phi, z = np.meshgrid(np.pi * x, height / 2 * (x + 1), indexing="ij")
    area = np.outer(np.pi * weight, height / 2 * weight)
    away = np.stack([np.cos(phi) + z * slope, np.sin(phi) - b, z])
    facing = np.maximum(-(np.cos(phi) * away[0] + np.sin(phi) * away[1] - np.cos(phi) * slope * away[2]), 0.0)
    kernel = area * facing / (np.pi * np.sum(away**2, axis=0) ** 2)
    return float(np.linalg.norm(np.sum(kernel * away, axis=(1, 2))))


def test_what_is_reached_beyond_a_thousand_radii_is_not_told() -> None:
    with pytest.raises(OutOfRange):
        pool_flame(20.0, 0.055).reach(1e-9)


@given(st.floats(0.2, 200.0))
def test_mudans_power_lies_between_soot_and_clear_flame(diameter: float) -> None:
    assert 20e3 <= mudan(diameter) <= 140e3


@given(st.floats(0.05, 0.6), st.floats(0.01, 0.15), st.floats(1e7, 5e7), st.floats(0.5, 5.0))
def test_all_that_is_radiated_leaves_through_side_and_top(share: float, flux: float, heat: float, slender: float) -> None:
    diameter = 10.0
    surface = np.pi * diameter**2 / 4 + np.pi * diameter * slender * diameter
    radiated = share * flux * heat * np.pi * diameter**2 / 4
    assert greatest(share, flux, heat, slender) * surface == pytest.approx(radiated)
    assert sooted(100e3, 0.0) == 100e3
    assert sooted(100e3, 1.0) == 20e3


@pytest.mark.parametrize(
    ("wrong", "refusal"),
    [
        ({"diameter_m": 0.0}, OutOfRange),
        ({"burning_flux_kg_m2_s": 0.0}, OutOfRange),
        ({"wind_m_s": -1.0}, OutOfRange),
        ({"wind_m_s": float("nan")}, NotFinite),
        ({"distance_m": 30.0}, OutOfRange),
        ({"distance_m": -5.0}, OutOfRange),
        ({"transmissivity": 1.1}, OutOfRange),
        ({"transmissivity": 0.0}, OutOfRange),
        ({"diameter_m": None}, NoFigure),
        ({"diameter_m": 1e-4, "wind_m_s": 50.0}, Contradiction),
    ],
)
def test_what_cannot_be_is_refused(wrong: dict[str, Any], refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        POOL_SOLID_FLAME.answer({**YELLOW_BOOK, **wrong})


def test_radiation_at_many_places_is_plain_json() -> None:
    told = plain(POOL_SOLID_FLAME.answer({**YELLOW_BOOK, "distance_m": [80.0, 100.0, 200.0]}).values)
    assert told["radiation_w_m2"] == sorted(told["radiation_w_m2"], reverse=True)
