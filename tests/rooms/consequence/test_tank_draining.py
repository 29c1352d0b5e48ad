"""A tank of liquid that drains through a hole."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anlan.consequence.liquid_hole import LIQUID_HOLE
from anlan.consequence.tank_draining import TANK_DRAINING
from anlan.consequence.validity import Contradiction, NotFinite, OutOfRange

TANK = {
    "discharge_coefficient": 0.61,
    "hole_m": 0.05,
    "density_kg_m3": 800.0,
    "pressure_pa": 101_325.0,
    "head_m": 6.0,
    "mass_kg": 50_000.0,
}


def course(**changed: float) -> dict[str, np.ndarray]:
    return dict(TANK_DRAINING.answer({**TANK, **changed}).values)


def test_an_open_tank_takes_torricellis_time() -> None:
    """Twice the time that the first rate would need: the textbook result for an upright tank."""
    found = course()
    assert found["empty_s"] == pytest.approx(2 * 50_000.0 / found["mass_rate_kg_s"][0])
    assert found["mass_rate_kg_s"][-1] == pytest.approx(0.0, abs=1e-9)
    assert found["left_kg"][-1] == pytest.approx(0.0, abs=1e-6)


@settings(max_examples=60)
@given(st.floats(101_325.0, 2e6), st.floats(0.1, 30.0), st.floats(0.001, 1.0), st.floats(1.0, 1e7))
def test_mass_is_conserved_and_the_rate_never_rises(pressure: float, head: float, hole: float, mass: float) -> None:
    found = course(pressure_pa=pressure, head_m=head, hole_m=hole, mass_kg=mass)
    assert (np.diff(found["mass_rate_kg_s"]) <= 1e-12 * found["mass_rate_kg_s"][0]).all()
    assert (found["left_kg"] >= 0).all()
    released = np.trapezoid(found["mass_rate_kg_s"], found["time_s"])
    assert released == pytest.approx(mass, rel=1e-9)


def test_each_moment_has_the_rate_of_its_head() -> None:
    """Second route: the head follows from the mass left, and Bernoulli gives the rate."""
    found = course(pressure_pa=1.5e5)
    for at in (0, 20, 45):
        asked = {name: TANK[name] for name in ("discharge_coefficient", "hole_m", "density_kg_m3")}
        head = 6.0 * found["left_kg"][at] / 50_000.0
        there = LIQUID_HOLE.answer({**asked, "pressure_pa": 1.5e5, "head_m": head}).values["mass_rate_kg_s"]
        assert found["mass_rate_kg_s"][at] == pytest.approx(float(there), rel=1e-6)


def test_without_a_head_it_empties_at_a_constant_rate() -> None:
    found = course(pressure_pa=3e5, head_m=0.0)
    assert found["mass_rate_kg_s"] == pytest.approx(np.full(61, found["mass_rate_kg_s"][0]))
    assert found["left_kg"][-1] == pytest.approx(0.0, abs=1e-6)


def test_under_a_vacuum_what_the_air_holds_up_stays_inside() -> None:
    found = course(pressure_pa=91_325.0)
    held = 10_000.0 / (800.0 * 9.80665)
    assert found["left_kg"][-1] == pytest.approx(50_000.0 * held / 6.0)
    assert found["mass_rate_kg_s"][-1] == pytest.approx(0.0, abs=1e-9)


@pytest.mark.parametrize(
    ("wrong", "refusal"),
    [({"head_m": 0.0}, Contradiction), ({"head_m": -1.0}, OutOfRange), ({"mass_kg": math.inf}, NotFinite), ({"hole_m": 0.0}, OutOfRange)],
)
def test_what_cannot_be_is_refused(wrong: dict[str, float], refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        course(**wrong)
