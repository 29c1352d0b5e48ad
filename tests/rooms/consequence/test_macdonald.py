"""Breaches of embankment dams by MacDonald & Langridge-Monopolis."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anlan.consequence.catalogue import model
from anlan.consequence.macdonald import breach_time
from anlan.consequence.validity import OutOfRange


def breached(volume: float, head: float) -> dict[str, float]:
    return {
        name: float(value) for name, value in model("macdonald_1984_breach").answer({"volume_m3": volume, "head_m": head}).values.items()
    }


@given(st.floats(1e3, 1e9), st.floats(1.0, 100.0), st.floats(1.01, 3.0))
def test_only_volume_times_head_counts(volume: float, head: float, times: float) -> None:
    assert breached(volume * times, head) == pytest.approx(breached(volume, head * times))
    assert breached(volume * times, head)["peak_m3_s"] > breached(volume, head)["peak_m3_s"]


@given(st.floats(1e3, 1e9), st.floats(1.0, 100.0))
def test_every_band_encloses_its_value(volume: float, head: float) -> None:
    values = breached(volume, head)
    for name in ("peak_m3_s", "eroded_m3", "time_s"):
        assert values[f"{name}_low"] < values[name] < values[f"{name}_high"]


def test_jamestown_dam_erodes_and_breaches_as_wahl_reckons_it() -> None:
    """Wahl 2001, tables 2 and 3: 191 000 yd³ washed away take 1.36 h, 408 000 yd³ take 1.79 h."""
    for cubic_yards, hours in ((191_000, 1.36), (408_000, 1.79)):
        assert float(breach_time(np.asarray(cubic_yards * 0.764555))) / 3600.0 == pytest.approx(hours, rel=0.01)


def test_it_tells_of_the_two_coefficients_in_print() -> None:
    answer = model("macdonald_1984_breach").answer({"volume_m3": 1e6, "head_m": 20.0})
    assert {"two_copies_of_coefficient", "at_the_dam", "earthfill_coefficients"} <= {each.code for each in answer.cautions}


@pytest.mark.parametrize(("volume", "head"), [(0.0, 20.0), (1e6, 0.0), (1e6, -5.0), (1e12, 20.0)])
def test_what_no_reservoir_is_like_is_refused(volume: float, head: float) -> None:
    with pytest.raises(OutOfRange):
        breached(volume, head)
