"""Figures of a substance: given, derived, or refused by name."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anlan.consequence.substance import ATMOSPHERE_PA, GAS_CONSTANT, Antoine, Substance, ideal_gas_density
from anlan.consequence.validity import NoFigure, NotFinite, OutOfRange

WATER = Substance(
    "7732-18-5",
    molar_mass_kg_mol=0.018015,
    boiling_point_k=373.15,
    heat_of_vaporisation_j_kg=2.257e6,
    antoine=Antoine(10.196, 1730.63, -39.724, 274.0, 373.0),
)


def test_a_figure_that_nobody_gave_is_refused_with_its_name_and_unit_and_the_model_that_asks() -> None:
    with pytest.raises(NoFigure) as refused:
        Substance("x").need("liquid_density_kg_m3", "release.liquid_hole")
    assert refused.value.facts == {"model": "release.liquid_hole", "what": "液体密度", "unit": "kg/m³"}


@pytest.mark.parametrize(
    ("figures", "refusal"),
    [
        ({"molar_mass_kg_mol": 0.0}, OutOfRange),
        ({"boiling_point_k": -3.0}, OutOfRange),
        ({"isentropic_exponent": 1.0}, OutOfRange),
        ({"liquid_density_kg_m3": math.nan}, NotFinite),
    ],
)
def test_a_figure_that_cannot_be_one_is_refused_at_once(figures: dict[str, float], refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        Substance("x", **figures)


def test_the_boiling_point_at_sea_level_is_the_normal_one_and_needs_nothing_else() -> None:
    assert Substance("x", boiling_point_k=300.0).boiling_at(ATMOSPHERE_PA, "m") == 300.0


def test_water_boils_at_some_88_degrees_in_lhasa() -> None:
    assert WATER.boiling_at(65_200.0, "m") == pytest.approx(361.0, abs=0.5)


def test_elsewhere_the_boiling_point_needs_the_heat_of_vaporisation() -> None:
    with pytest.raises(NoFigure):
        Substance("x", boiling_point_k=300.0, molar_mass_kg_mol=0.05).boiling_at(90_000.0, "m")


@given(st.floats(30_000.0, 300_000.0))
def test_the_vapour_pressure_at_the_boiling_point_is_that_of_the_air(pressure: float) -> None:
    boiling = WATER.boiling_at(pressure, "m")
    assert WATER.pressure_near_boiling(boiling, pressure, "m") == pytest.approx(pressure)


def test_an_antoine_fit_is_used_where_it_holds_and_clausius_clapeyron_elsewhere() -> None:
    inside, exact = WATER.vapour_pressure(298.15, "m")
    assert exact
    assert inside == pytest.approx(3169.0, rel=0.01)
    beyond, exact = WATER.vapour_pressure(393.15, "m")
    assert not exact
    assert beyond == pytest.approx(198_500.0, rel=0.05)


def test_an_antoine_fit_refuses_a_temperature_beyond_it() -> None:
    assert WATER.antoine is not None
    with pytest.raises(OutOfRange):
        WATER.antoine.pressure(400.0)


def test_one_measured_vapour_pressure_is_taken_at_its_temperature_and_carried_to_others() -> None:
    hexane = Substance(
        "x", molar_mass_kg_mol=0.08618, heat_of_vaporisation_j_kg=335_000.0, vapour_pressure_pa=20_200.0, vapour_pressure_at_k=298.15
    )
    assert hexane.vapour_pressure(298.15, "m") == (20_200.0, True)
    warmer, exact = hexane.vapour_pressure(308.15, "m")
    assert not exact
    assert 20_200.0 < warmer < 40_000.0


@given(st.floats(280.0, 372.0), st.floats(0.5, 20.0))
def test_the_vapour_pressure_rises_with_temperature(temperature: float, more: float) -> None:
    bare = Substance("x", molar_mass_kg_mol=0.018015, boiling_point_k=373.15, heat_of_vaporisation_j_kg=2.257e6)
    assert bare.vapour_pressure(temperature + more, "m")[0] > bare.vapour_pressure(temperature, "m")[0]


def test_the_isentropic_exponent_follows_from_the_heat_capacity_of_an_ideal_gas() -> None:
    molar = 0.028013
    nitrogen = Substance("x", molar_mass_kg_mol=molar, gas_heat_capacity_j_kg_k=3.5 * GAS_CONSTANT / molar)
    assert nitrogen.gas_exponent("m") == pytest.approx(1.4)
    with pytest.raises(NoFigure):
        Substance("x", molar_mass_kg_mol=molar).gas_exponent("m")


def test_air_weighs_what_the_gas_law_says() -> None:
    assert ideal_gas_density(101_325.0, 288.15, 0.028965) == pytest.approx(1.225, rel=1e-3)
