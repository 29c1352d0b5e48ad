"""Liquid through a hole."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anlan.consequence.catalogue import UnknownInput
from anlan.consequence.liquid_hole import LIQUID_HOLE, velocity
from anlan.consequence.validity import Contradiction, NoFigure, NotFinite, OutOfRange

TANK = {"discharge_coefficient": 0.61, "hole_m": 0.05, "density_kg_m3": 800.0, "pressure_pa": 101_325.0, "head_m": 5.0}


@given(st.floats(0.01, 100.0), st.floats(300.0, 3000.0))
def test_under_the_pressure_of_the_air_it_is_torricelli(head: float, density: float) -> None:
    assert velocity(101_325.0, 101_325.0, density, head) == pytest.approx(math.sqrt(2 * 9.80665 * head))


def test_yellow_book_acrylonitrile_after_500_s() -> None:
    """TNO Yellow Book 2.6.4.1 prints 58.44 kg/s for a level of 11.12 m."""
    given = {"discharge_coefficient": 0.62, "hole_m": 0.1, "density_kg_m3": 812.5, "pressure_pa": 101_325.0, "head_m": 11.12}
    assert LIQUID_HOLE.answer(given).values["mass_rate_kg_s"] == pytest.approx(58.44, rel=5e-4)


@given(st.floats(0.001, 1.0), st.floats(1.01, 3.0))
def test_the_rate_goes_with_the_area_of_the_hole(hole: float, wider: float) -> None:
    small = LIQUID_HOLE.answer({**TANK, "hole_m": hole}).values["mass_rate_kg_s"]
    large = LIQUID_HOLE.answer({**TANK, "hole_m": hole * wider}).values["mass_rate_kg_s"]
    assert large == pytest.approx(small * wider**2)


@given(st.floats(101_400.0, 1e7), st.floats(1.0, 1e6))
def test_more_pressure_drives_out_more(pressure: float, more: float) -> None:
    rates = LIQUID_HOLE.answer({**TANK, "pressure_pa": np.array([pressure, pressure + more])}).values["mass_rate_kg_s"]
    assert rates[1] > rates[0]


def test_many_heads_give_many_rates() -> None:
    assert LIQUID_HOLE.answer({**TANK, "head_m": [1.0, 4.0]}).values["mass_rate_kg_s"].shape == (2,)


@pytest.mark.parametrize(
    ("wrong", "refusal"),
    [
        ({"hole_m": 0.0}, OutOfRange),
        ({"hole_m": -0.1}, OutOfRange),
        ({"density_kg_m3": 0.0}, OutOfRange),
        ({"discharge_coefficient": 1.2}, OutOfRange),
        ({"head_m": -1.0}, OutOfRange),
        ({"pressure_pa": math.inf}, NotFinite),
        ({"pressure_pa": "high"}, NotFinite),
        ({"pressure_pa": None}, NoFigure),
        ({"pressure_pa": 50_000.0}, Contradiction),
        ({"head_m": 0.0}, Contradiction),
        ({"colour": 1.0}, UnknownInput),
    ],
)
def test_what_cannot_be_is_refused(wrong: dict[str, object], refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        LIQUID_HOLE.answer({**TANK, **wrong})
