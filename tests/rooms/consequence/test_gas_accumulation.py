"""Gas that gathers in a working."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anlan.consequence.catalogue import model
from anlan.consequence.gas_accumulation import Overfull, concentration
from anlan.consequence.validity import OutOfRange

GAS, AIR, VOLUME = st.floats(1e-4, 0.1), st.floats(0.2, 100.0), st.floats(100.0, 2e4)


def gathered(**asked: Any) -> dict[str, Any]:
    given = {"gas_m3_s": 0.05, "air_m3_s": 5.0, "volume_m3": 2000.0, "elapsed_s": 600.0, "limit": 0.005} | asked
    return dict(model("gas_accumulation").answer(given).values)


@given(GAS, AIR, VOLUME, st.floats(0.0, 1e5), st.floats(0.001, 1e4))
def test_gas_only_rises_towards_where_it_settles(gas: float, air: float, volume: float, elapsed: float, later: float) -> None:
    values = gathered(gas_m3_s=gas, air_m3_s=air, volume_m3=volume, elapsed_s=[elapsed, elapsed + later])
    now, then = values["concentration"]
    assert 0.0 <= now <= then * (1 + 1e-12)
    assert then <= values["steady"] * (1 + 1e-12)


@given(GAS, AIR, VOLUME, st.floats(0.01, 20.0))
def test_what_is_in_the_space_is_what_came_less_what_left(gas: float, air: float, volume: float, changes: float) -> None:
    """The mass balance, integrated over fine steps by Simpson's rule."""
    elapsed = changes * volume / air
    times = np.linspace(0.0, elapsed, 2001)
    course = np.asarray(gathered(gas_m3_s=gas, air_m3_s=air, volume_m3=volume, elapsed_s=times)["concentration"])
    step = times[1] - times[0]
    left = air * step / 3.0 * (course[0] + course[-1] + 4.0 * course[1:-1:2].sum() + 2.0 * course[2:-1:2].sum())
    assert volume * course[-1] == pytest.approx(gas * elapsed - left, rel=1e-4, abs=1e-9)


@given(GAS, AIR, VOLUME, st.floats(0.01, 0.99))
def test_at_the_time_to_the_limit_the_limit_is_reached(gas: float, air: float, volume: float, share: float) -> None:
    limit = gas / air * share
    values = gathered(gas_m3_s=gas, air_m3_s=air, volume_m3=volume, limit=limit)
    assert values["reaches_limit"]
    when = values["time_to_limit_s"]
    zero = np.asarray(0.0)
    found = concentration(np.asarray(gas), np.asarray(air), np.asarray(volume), np.asarray(when), zero, zero)
    assert found == pytest.approx(limit, rel=1e-9)


def test_a_limit_above_where_it_settles_is_never_reached() -> None:
    values = gathered(limit=0.02)
    assert values["steady"] == pytest.approx(0.01)
    assert values["reaches_limit"] is False
    assert "time_to_limit_s" not in values


def test_when_the_air_stands_still_gas_rises_evenly() -> None:
    values = gathered(air_m3_s=0.0, elapsed_s=[0.0, 100.0, 200.0], limit=0.01)
    assert values["concentration"] == pytest.approx([0.0, 0.0025, 0.005])
    assert values["time_to_limit_s"] == pytest.approx(400.0)
    assert "steady" not in values


def test_still_air_is_the_limit_of_slow_air() -> None:
    assert gathered(air_m3_s=1e-9)["concentration"] == pytest.approx(float(gathered(air_m3_s=0.0)["concentration"]))


def test_fresh_air_clears_a_working_that_was_full_of_gas() -> None:
    values = gathered(gas_m3_s=0.0, initial=0.05, elapsed_s=[0.0, 400.0, 4000.0], limit=0.06)
    assert values["concentration"] == pytest.approx([0.05, 0.05 * np.exp(-1.0), 0.05 * np.exp(-10.0)])


def test_a_limit_that_holds_already_is_reached_at_once() -> None:
    assert gathered(initial=0.02)["time_to_limit_s"] == 0.0


def test_much_gas_in_the_air_is_told() -> None:
    def codes(gas: float) -> set[str]:
        asked = {"gas_m3_s": gas, "air_m3_s": 5.0, "volume_m3": 2000.0, "elapsed_s": 600.0, "limit": 0.01}
        return {each.code for each in model("gas_accumulation").answer(asked).cautions}

    assert codes(0.05) == {"well_mixed"}
    assert codes(0.5) == {"well_mixed", "gas_in_the_air_flow"}


def test_more_gas_than_space_is_refused() -> None:
    with pytest.raises(Overfull):
        gathered(gas_m3_s=50.0, air_m3_s=0.0)


@pytest.mark.parametrize(
    "asked", [{"volume_m3": 0.0}, {"gas_m3_s": -1.0}, {"air_m3_s": -1.0}, {"elapsed_s": -1.0}, {"limit": 0.0}, {"initial": 1.5}]
)
def test_what_no_working_is_like_is_refused(asked: dict[str, Any]) -> None:
    with pytest.raises(OutOfRange):
        gathered(**asked)
