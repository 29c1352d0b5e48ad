"""A superheated liquid through a hole, a short and a long pipe."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anlan.consequence.liquid_hole import LIQUID_HOLE
from anlan.consequence.two_phase import TWO_PHASE
from anlan.consequence.validity import Contradiction, OutOfRange

PROPANE = {
    "discharge_coefficient": 0.61,
    "hole_m": 0.02,
    "density_kg_m3": 490.0,
    "pressure_pa": 9.5e5,
    "saturation_pa": 9.5e5,
    "temperature_k": 298.15,
    "heat_of_vaporisation_j_kg": 340_000.0,
    "expansion_m3_kg": 0.047,
    "liquid_heat_capacity_j_kg_k": 2700.0,
}


def rate(**changed: float) -> float:
    return float(TWO_PHASE.answer({**PROPANE, **changed}).values["mass_rate_kg_s"])


@given(st.floats(0.0, 3e6), st.floats(0.005, 0.5))
def test_through_a_bare_hole_it_is_bernoullis_liquid(subcooling: float, hole: float) -> None:
    """Second route: the model of a liquid, which knows nothing of vapour."""
    asked = {name: PROPANE[name] for name in ("discharge_coefficient", "density_kg_m3")}
    liquid = LIQUID_HOLE.answer({**asked, "hole_m": hole, "pressure_pa": 9.5e5 + subcooling}).values["mass_rate_kg_s"]
    assert rate(hole_m=hole, pressure_pa=9.5e5 + subcooling) == pytest.approx(float(liquid), rel=1e-9)


def test_beyond_ten_centimetres_a_saturated_liquid_flows_at_the_equilibrium_rate() -> None:
    flux = 340_000.0 / 0.047 / math.sqrt(298.15 * 2700.0)
    assert rate(pipe_m=0.1) == pytest.approx(flux * math.pi / 4 * 0.02**2)
    assert rate(pipe_m=5.0) == rate(pipe_m=0.1)


@given(st.floats(0.0, 0.099), st.floats(0.0, 0.099))
def test_a_longer_short_pipe_carries_less(one: float, other: float) -> None:
    shorter, longer = sorted((one, other))
    assert rate(pipe_m=longer) <= rate(pipe_m=shorter)


@given(st.floats(0.0, 0.5), st.floats(0.0, 2e6))
def test_subcooling_adds_the_liquid_in_quadrature(pipe: float, subcooling: float) -> None:
    saturated = rate(pipe_m=pipe)
    liquid = 0.61 * math.pi / 4 * 0.02**2 * math.sqrt(2 * 490.0 * subcooling)
    assert rate(pipe_m=pipe, pressure_pa=9.5e5 + subcooling) == pytest.approx(math.hypot(saturated, liquid))


@pytest.mark.parametrize(
    ("wrong", "refusal"),
    [
        ({"saturation_pa": 9e4}, Contradiction),
        ({"pressure_pa": 8e5}, Contradiction),
        ({"pipe_m": -0.1}, OutOfRange),
        ({"expansion_m3_kg": 0.0}, OutOfRange),
    ],
)
def test_what_cannot_be_is_refused(wrong: dict[str, float], refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        rate(**wrong)


def test_an_answer_says_that_its_source_is_secondary() -> None:
    assert [caution.code for caution in TWO_PHASE.answer(PROPANE).cautions] == ["two_phase_secondary"]
