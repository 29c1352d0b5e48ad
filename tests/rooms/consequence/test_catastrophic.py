"""The whole inventory at once."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anlan.consequence.catastrophic import CATASTROPHIC, airborne_share
from anlan.consequence.validity import OutOfRange


@given(st.floats(1e-3, 1e7), st.floats(0.0, 1.0))
def test_what_does_not_fly_falls(mass: float, flash: float) -> None:
    values = CATASTROPHIC.answer({"mass_kg": mass, "flash_fraction": flash}).values
    assert values["airborne_kg"] + values["ground_kg"] == pytest.approx(mass)
    assert values["vapour_kg"] <= values["airborne_kg"] * (1 + 1e-12) <= mass * (1 + 1e-9)


@given(st.floats(0.0, 1.0), st.floats(0.0, 1.0))
def test_more_flash_carries_more(one: float, other: float) -> None:
    less, more = sorted((one, other))
    assert airborne_share(less) <= airborne_share(more) + 1e-12


@pytest.mark.parametrize("corner", [0.1, 0.36])
def test_the_pieces_of_the_table_meet(corner: float) -> None:
    assert airborne_share(corner - 1e-9) == pytest.approx(float(airborne_share(corner)), abs=1e-7)


def test_an_answer_says_that_the_table_is_unverified() -> None:
    (caution,) = CATASTROPHIC.answer({"mass_kg": 1.0, "flash_fraction": 0.2}).cautions
    assert caution.code == "airborne_share_unverified"


@pytest.mark.parametrize("wrong", [{"mass_kg": 0.0, "flash_fraction": 0.1}, {"mass_kg": 1.0, "flash_fraction": 1.1}])
def test_what_cannot_be_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(OutOfRange):
        CATASTROPHIC.answer(wrong)
