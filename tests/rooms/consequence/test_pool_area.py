"""How wide a pool spreads."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anlan.consequence.pool_area import POOL_GROWTH, POOL_SPILL, fed_area, spreading
from anlan.consequence.validity import Contradiction, OutOfRange


@given(st.floats(1e-3, 1e5), st.floats(1e-3, 0.5), st.floats(0.1, 1e5))
def test_a_spill_fills_its_bund_or_lies_at_its_least_depth(volume: float, layer: float, bund: float) -> None:
    values = POOL_SPILL.answer({"volume_m3": volume, "layer_m": layer, "bund_m2": bund}).values
    assert values["area_m2"] * values["depth_m"] == pytest.approx(volume)
    assert values["area_m2"] <= bund
    assert values["depth_m"] >= layer * (1 - 1e-9)
    assert math.pi / 4 * values["diameter_m"] ** 2 == pytest.approx(values["area_m2"])


def test_a_deep_bund_is_told_with_its_depth() -> None:
    (caution,) = POOL_SPILL.answer({"volume_m3": 100.0, "bund_m2": 50.0}).cautions
    assert caution.code == "pool_depth"
    assert "2.00" in caution.sentence.format(**caution.facts)
    assert POOL_SPILL.answer({"volume_m3": 100.0}).cautions == ()


def test_the_closed_form_of_growth_is_the_integral_of_its_law() -> None:
    """Second route: dA/dt = sqrt(8 π g V) in many small steps."""
    time = np.linspace(0.0, 60.0, 20_001)
    growth = spreading(0.02 * time)
    stepped = np.sum((growth[1:] + growth[:-1]) / 2) * (time[1] - time[0])
    assert stepped == pytest.approx(float(fed_area(0.02, 60.0)), rel=1e-5)


@given(st.floats(1e-5, 10.0), st.floats(1.0, 1e4), st.floats(1.01, 3.0))
def test_a_fed_pool_grows_until_its_bund_or_its_least_depth(feed: float, time: float, later: float) -> None:
    values = POOL_GROWTH.answer({"feed_m3_s": feed, "time_s": [time, time * later], "bund_m2": 500.0}).values
    assert values["area_m2"][0] <= values["area_m2"][1] <= 500.0
    assert (values["area_m2"] <= feed * np.array([time, time * later]) / 0.01 * (1 + 1e-12)).all()
    assert (values["area_m2"] <= values["free_area_m2"]).all()


def test_the_quoted_law_is_answered_with_a_caution() -> None:
    answer = POOL_GROWTH.answer({"feed_m3_s": 0.1, "time_s": 10.0, "law": "woodward"})
    assert answer.values["free_area_m2"] == pytest.approx(math.pi / 4 * math.sqrt(2048 / 81 * 0.1 * 1000.0))
    assert [caution.code for caution in answer.cautions] == ["pool_growth_unverified"]


def test_what_cannot_be_is_refused() -> None:
    for wrong in ({"volume_m3": 0.0}, {"volume_m3": 1.0, "layer_m": 0.0}, {"volume_m3": 1.0, "bund_m2": -1.0}):
        with pytest.raises(OutOfRange):
            POOL_SPILL.answer(wrong)
    with pytest.raises(Contradiction):
        POOL_GROWTH.answer({"feed_m3_s": 0.1, "time_s": 10.0, "law": "magic"})
