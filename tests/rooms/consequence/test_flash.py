"""How much of a superheated liquid flashes."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anlan.consequence.flash import FLASH
from anlan.consequence.validity import Contradiction, OutOfRange

BUTANE = {"boiling_point_k": 272.55, "liquid_heat_capacity_j_kg_k": 2400.0, "heat_of_vaporisation_j_kg": 360_000.0}


def flash(temperature: float, form: str = "linear") -> float:
    return float(FLASH.answer({**BUTANE, "temperature_k": temperature, "form": form}).values["flash_fraction"])


@given(st.floats(150.0, 420.0))
def test_a_fraction_lies_between_nothing_and_all(temperature: float) -> None:
    assert 0.0 <= flash(temperature) <= 1.0
    assert 0.0 <= flash(temperature, "exponential") < 1.0


@given(st.floats(272.6, 420.0))
def test_vapour_that_leaves_as_it_forms_takes_more_heat_with_it(temperature: float) -> None:
    linear = flash(temperature)
    assert flash(temperature, "exponential") == pytest.approx(1.0 - math.exp(-linear))
    assert flash(temperature, "exponential") < linear


def test_below_its_boiling_point_nothing_flashes() -> None:
    assert flash(272.55) == 0.0
    assert flash(200.0) == 0.0


def test_more_heat_than_vaporisation_takes_is_no_flash_any_more() -> None:
    with pytest.raises(Contradiction):
        flash(272.55 + 151.0)
    assert flash(272.55 + 151.0, "exponential") == pytest.approx(1 - math.exp(-151 * 2400 / 360_000))


@pytest.mark.parametrize("wrong", [{"temperature_k": 0.0}, {"temperature_k": 300.0, "heat_of_vaporisation_j_kg": 0.0}])
def test_what_cannot_be_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(OutOfRange):
        FLASH.answer({**BUTANE, **wrong})
    with pytest.raises(Contradiction):
        FLASH.answer({**BUTANE, "temperature_k": 300.0, "form": "cubic"})
