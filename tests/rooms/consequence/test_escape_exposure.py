"""The time in the heat of somebody who runs from it."""

import numpy as np
import pytest

from anlan.consequence.catalogue import model
from anlan.consequence.validity import OutOfRange


def test_who_need_not_run_is_in_the_heat_until_the_fire_is_noticed_and_who_must_for_longer() -> None:
    told = model("harm.escape_exposure").answer({"distance_m": [0.0, 50.0, 100.0]})
    assert told.values["exposure_s"] == pytest.approx([5.0, 15.0, 25.0])
    assert [each.code for each in told.cautions] == ["escape_able_people"]


def test_the_slower_the_longer() -> None:
    told = [
        model("harm.escape_exposure").answer({"distance_m": 60.0, "running_m_s": each}).values["exposure_s"] for each in (1.0, 2.0, 5.0)
    ]
    assert (np.diff(told) < 0).all()


@pytest.mark.parametrize("wrong", [{"running_m_s": 0.0}, {"running_m_s": 12.0}, {"distance_m": -1.0}, {"noticed_s": -1.0}])
def test_nobody_stands_still_or_flies(wrong: dict[str, float]) -> None:
    with pytest.raises(OutOfRange):
        model("harm.escape_exposure").answer({"distance_m": 60.0, **wrong})
