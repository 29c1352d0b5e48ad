"""Evaporation of a pool below its boiling point."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anlan.consequence.pool_evaporation import POOL_EVAPORATION, schmidt
from anlan.consequence.validity import Contradiction, OutOfRange

POOL = {
    "area_m2": 80.0,
    "wind_m_s": 3.0,
    "vapour_pressure_pa": 13_000.0,
    "molar_mass_kg_mol": 0.03204,
    "temperature_k": 293.15,
    "schmidt_number": 0.9,
}


def rate(**changed: float) -> float:
    return float(POOL_EVAPORATION.answer({**POOL, **changed}).values["mass_rate_kg_s"])


@given(st.floats(1.0, 30.0), st.floats(1.01, 3.0))
def test_wind_and_area_and_vapour_pressure_carry_more(value: float, more: float) -> None:
    assert rate(wind_m_s=value * more) > rate(wind_m_s=value)
    assert rate(area_m2=value * more) > rate(area_m2=value)
    assert rate(vapour_pressure_pa=1000.0 * value * more) == pytest.approx(more * rate(vapour_pressure_pa=1000.0 * value))


@given(st.floats(1.0, 1000.0), st.floats(1.01, 10.0))
def test_a_wider_pool_gives_less_from_each_square_metre(area: float, more: float) -> None:
    values = POOL_EVAPORATION.answer({**POOL, "area_m2": [area, area * more]}).values
    assert values["flux_kg_m2_s"][1] < values["flux_kg_m2_s"][0]


def test_the_schmidt_number_is_the_given_diffusivitys_or_by_grahams_law() -> None:
    assert schmidt(0.03204, 1.5e-5) == 1.0
    assert schmidt(0.018015) == pytest.approx(1.5 / 2.39)
    assert schmidt(4 * 0.018015) == pytest.approx(2 * 1.5 / 2.39)


@pytest.mark.parametrize(
    ("wrong", "refusal"),
    [
        ({"vapour_pressure_pa": 101_325.0}, Contradiction),
        ({"wind_m_s": 0.1}, OutOfRange),
        ({"area_m2": 0.0}, OutOfRange),
        ({"molar_mass_kg_mol": 0.0}, OutOfRange),
        ({"schmidt_number": -1.0}, OutOfRange),
    ],
)
def test_what_cannot_be_is_refused(wrong: dict[str, float], refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        rate(**wrong)


def test_no_answer_is_anything_but_finite() -> None:
    values = POOL_EVAPORATION.answer({**POOL, "area_m2": np.geomspace(1e-6, 1e6, 50)}).values
    assert all(np.isfinite(each).all() for each in values.values())
