"""The triangle of Coward: published noses, what a sample may become, and samples that cannot be."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anlan.consequence.catalogue import model
from anlan.consequence.mine_explosibility import AIR_OXYGEN, TooMuchGas, most_oxygen, triangle
from anlan.consequence.validity import Contradiction


def told(**asked: Any) -> dict[str, Any]:
    return {name: value.tolist() for name, value in model("mine_explosibility").answer(asked).values.items()}


@pytest.mark.parametrize(
    ("mixture", "limits", "oxygen"),
    [((1, 0, 0), (5.0, 14.0, 5.9), 12.2), ((0, 1, 0), (12.5, 74.2, 13.8), 6.1), ((0, 0, 1), (4.0, 74.2, 4.3), 5.1)],
    ids=["methane", "carbon monoxide", "hydrogen"],
)
def test_each_gas_alone_has_its_published_limits_and_least_oxygen(
    mixture: tuple[float, float, float], limits: tuple[float, float, float], oxygen: float
) -> None:
    found = triangle(*mixture)
    assert (found.lower[0], found.upper[0], found.nose[0]) == pytest.approx(limits)
    assert found.nose[1] == pytest.approx(oxygen, abs=0.06)


def test_a_mixture_by_le_chatelier_reckoned_by_hand() -> None:
    # 8 % methane, 5 % monoxide, 3 % hydrogen: 16 / (8/5 + 5/12.5 + 3/4) and so on.
    found = triangle(8, 5, 3)
    assert found.lower[0] == pytest.approx(5.818, abs=1e-3)
    assert found.upper[0] == pytest.approx(23.55, abs=0.02)
    assert found.nose == pytest.approx((6.62, 9.24), abs=0.02)


def test_what_a_sample_is_and_what_it_may_become() -> None:
    found = told(methane=[9.5, 2.0, 40.0, 3.0, 0.0], oxygen=[18.9, 20.5, 5.0, 8.0, 20.9])
    assert found["explosive"] == [True, False, False, False, False]
    assert found["with_air"] == [True, False, True, False, False], "an atmosphere rich in fuel is dangerous once air leaks in"
    assert found["with_fuel"] == [True, True, False, False, True]
    assert found["distance"][0] == 0


def test_a_sample_near_the_triangle_is_told() -> None:
    codes = [each.code for each in model("mine_explosibility").answer({"methane": 4.5, "oxygen": 19.9}).cautions]
    assert codes == ["other_gases", "one_moment", "near_the_triangle"]


def test_samples_that_cannot_be_and_lists_that_do_not_match_are_refused() -> None:
    with pytest.raises(TooMuchGas):
        told(methane=30.0, oxygen=18.0)
    with pytest.raises(TooMuchGas):
        told(methane=60.0, monoxide=50.0, oxygen=0.0)
    with pytest.raises(Contradiction):
        told(methane=[1.0, 2.0], oxygen=[20.0, 20.0, 20.0])


PERCENT = st.floats(0.0, 20.0)


@given(PERCENT, PERCENT, PERCENT, st.floats(0.0, 1.0))
def test_an_explosive_sample_may_become_what_it_is_and_lies_between_the_limits(a: float, b: float, c: float, share: float) -> None:
    fuel = a + b + c
    found = told(methane=a, monoxide=b, hydrogen=c, oxygen=share * min(most_oxygen(fuel), AIR_OXYGEN))
    if found["explosive"][0]:
        assert found["with_air"][0]
        assert found["with_fuel"][0]
        assert found["lower"][0] - 1e-6 <= fuel <= found["upper"][0] + 1e-6
        assert found["distance"][0] == 0


@given(st.floats(0.01, 50.0), st.floats(0.0, 50.0), st.floats(0.0, 50.0))
def test_more_inert_gas_never_makes_a_harmless_sample_explosive_on_the_same_fuel(a: float, b: float, c: float) -> None:
    found = triangle(a, b, c)
    assert found.nose[1] < most_oxygen(found.nose[0])
    assert found.lower[0] < found.nose[0] < found.upper[0] + 1e-9
