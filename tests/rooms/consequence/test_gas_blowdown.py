"""A vessel of gas that empties through a hole."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anlan.consequence.gas_blowdown import GAS_BLOWDOWN
from anlan.consequence.gas_hole import GAS_HOLE, critical_ratio
from anlan.consequence.validity import Contradiction, OutOfRange

AMBIENT = 101_325.0
VESSEL = {
    "discharge_coefficient": 0.62,
    "hole_m": 0.02,
    "mass_kg": 500.0,
    "pressure_pa": 50e5,
    "temperature_k": 288.15,
    "molar_mass_kg_mol": 0.016043,
    "isentropic_exponent": 1.31,
}


def course(**changed: float) -> dict[str, np.ndarray]:
    return dict(GAS_BLOWDOWN.answer({**VESSEL, **changed}).values)


@settings(max_examples=60)
@given(
    pressure=st.floats(1.001 * AMBIENT, 3e7),
    k=st.floats(1.05, 1.67),
    hole=st.floats(0.001, 0.5),
    mass=st.floats(0.1, 1e6),
)
def test_it_falls_all_the_way_to_the_pressure_of_the_air_and_never_below(pressure: float, k: float, hole: float, mass: float) -> None:
    found = course(pressure_pa=pressure, isentropic_exponent=k, hole_m=hole, mass_kg=mass)
    assert np.isfinite(found["time_s"]).all()
    assert (np.diff(found["time_s"]) > 0).all()
    assert (np.diff(found["left_kg"]) < 0).all()
    assert (np.diff(found["mass_rate_kg_s"]) < 0).all()
    assert (found["left_kg"] > 0).all()
    assert found["pressure_pa"][-1] == pytest.approx(AMBIENT)
    assert found["left_kg"][-1] == pytest.approx(mass * (AMBIENT / pressure) ** (1 / k))


def test_while_choked_it_follows_the_closed_form() -> None:
    k = VESSEL["isentropic_exponent"]
    found = course(steps=200)
    choked = found["pressure_pa"] / AMBIENT >= critical_ratio(k)
    assert 100 < choked.sum() < 201
    first = found["mass_rate_kg_s"][0]
    closed = 500.0 * (1 + (k - 1) / 2 * first * found["time_s"] / 500.0) ** (-2 / (k - 1))
    assert found["left_kg"][choked] == pytest.approx(closed[choked], rel=1e-9)


def test_the_mass_that_left_is_the_integral_of_the_rate() -> None:
    """Second route: the rate is integrated by trapezia over a fine course, and gives back the mass."""
    found = course(steps=2000)
    left = np.trapezoid(found["mass_rate_kg_s"], found["time_s"])
    assert left == pytest.approx(500.0 - found["left_kg"][-1], rel=1e-5)


def test_steps_of_time_give_the_same_course() -> None:
    """Third route: dm/dt = -Q by Runge and Kutta in time, which the model never does."""
    found = course()
    k, mass = VESSEL["isentropic_exponent"], 500.0
    density = 50e5 * 0.016043 / (8.314462618 * 288.15)

    def rate(m: float) -> float:
        x = m / 500.0
        asked = {"discharge_coefficient": 0.62, "hole_m": 0.02, "density_kg_m3": density * x, "pressure_pa": 50e5 * x**k}
        return float(GAS_HOLE.answer({**asked, "temperature_k": 288.15, "isentropic_exponent": k}).values["mass_rate_kg_s"])

    step = 2.0
    for _ in range(200):
        a = rate(mass)
        b = rate(mass - step / 2 * a)
        c = rate(mass - step / 2 * b)
        d = rate(mass - step * c)
        mass -= step * (a + 2 * b + 2 * c + d) / 6
    assert np.interp(400.0, found["time_s"], found["left_kg"]) == pytest.approx(mass, rel=2e-3)


def test_it_begins_with_the_rate_of_the_hole() -> None:
    assert course()["mass_rate_kg_s"][0] == pytest.approx(
        float(
            GAS_HOLE.answer(
                {
                    "discharge_coefficient": 0.62,
                    "hole_m": 0.02,
                    "density_kg_m3": 50e5 * 0.016043 / (8.314462618 * 288.15),
                    "pressure_pa": 50e5,
                    "temperature_k": 288.15,
                    "isentropic_exponent": 1.31,
                }
            ).values["mass_rate_kg_s"]
        )
    )


@pytest.mark.parametrize(
    ("wrong", "refusal"),
    [
        ({"pressure_pa": AMBIENT}, Contradiction),
        ({"mass_kg": 0.0}, OutOfRange),
        ({"hole_m": 0.0}, OutOfRange),
        ({"steps": 1.0}, OutOfRange),
    ],
)
def test_what_cannot_be_is_refused(wrong: dict[str, float], refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        course(**wrong)
