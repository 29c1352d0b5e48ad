"""A cold liquid that boils on the ground."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anlan.consequence.pool_boiling import GROUNDS, POOL_BOILING, boiled, strength
from anlan.consequence.validity import Contradiction, OutOfRange

LNG = {"ground_temperature_k": 288.15, "liquid_temperature_k": 111.7, "heat_of_vaporisation_j_kg": 510_000.0}


def test_the_heat_of_the_ground_is_that_of_a_half_space_with_a_cold_surface() -> None:
    """Second route: the heat equation by Crank and Nicolson in a column of ground whose surface is cold from the first moment."""
    conductivity, diffusivity = GROUNDS["concrete"]
    step, depth, cells = 1.0, 0.3, 300
    x = depth / cells
    ground = np.full(cells + 1, 288.15)
    ground[0] = 111.7
    r = diffusivity * step / (2 * x * x)
    inner = cells - 1
    left = np.diag(np.full(inner, 1 + 2 * r)) - np.diag(np.full(inner - 1, r), 1) - np.diag(np.full(inner - 1, r), -1)
    solve = np.linalg.inv(left)
    for _ in range(120):
        known = r * ground[:-2] + (1 - 2 * r) * ground[1:-1] + r * ground[2:]
        known[0] += r * ground[0]
        known[-1] += r * ground[-1]
        ground[1:-1] = solve @ known
    flux = conductivity * (-1.5 * ground[0] + 2 * ground[1] - 0.5 * ground[2]) / x / 510_000.0
    asked = {**LNG, "time_s": 120.0, "conductivity_w_m_k": conductivity, "diffusivity_m2_s": diffusivity}
    assert flux == pytest.approx(float(POOL_BOILING.answer(asked).values["flux_kg_m2_s"]), rel=0.01)


@given(st.floats(0.1, 1e5), st.floats(1.01, 100.0))
def test_the_flux_falls_with_the_root_of_time(time: float, later: float) -> None:
    values = POOL_BOILING.answer({**LNG, "time_s": [time, time * later]}).values
    assert values["flux_kg_m2_s"][0] == pytest.approx(values["flux_kg_m2_s"][1] * later**0.5)
    assert values["mean_flux_kg_m2_s"] == pytest.approx(2 * values["flux_kg_m2_s"])


@given(st.floats(0.0, 1e4), st.floats(0.1, 1e4))
def test_what_boils_off_over_a_time_is_the_sum_of_its_parts(first: float, second: float) -> None:
    b = strength(8.64, 4.13e-6, 288.15, 111.7, 510_000.0)
    zero, middle, end = np.array([0.0]), np.array([first]), np.array([first + second])
    assert boiled(b, zero, end) == pytest.approx(boiled(b, zero, middle) + boiled(b, middle, end))


def test_ground_that_is_no_hotter_does_not_make_it_boil() -> None:
    with pytest.raises(Contradiction):
        POOL_BOILING.answer({**LNG, "time_s": 1.0, "ground_temperature_k": 111.7})
    with pytest.raises(OutOfRange):
        POOL_BOILING.answer({**LNG, "time_s": 0.0})
