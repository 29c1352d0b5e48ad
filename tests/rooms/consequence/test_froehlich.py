"""Breaches of embankment dams by Froehlich."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anlan.consequence.catalogue import model
from anlan.consequence.validity import Contradiction, OutOfRange

VOLUME, HEAD = st.floats(1e3, 1e9), st.floats(1.0, 150.0)


def breached(code: str = "froehlich_1995_breach", **asked: Any) -> dict[str, Any]:
    given = {"volume_m3": 1e7, "head_m": 20.0, "breach_m": 20.0} | asked
    if code == "froehlich_2008_breach":
        del given["head_m"]
    return dict(model(code).answer(given).values)


@given(VOLUME, HEAD)
def test_every_band_encloses_its_value_as_wide_as_wahl_found(volume: float, head: float) -> None:
    values = breached(volume_m3=volume, head_m=head, breach_m=head)
    for name, (low, high) in {"peak_m3_s": (0.53, 2.3), "width_m": (0.40, 2.4), "time_s": (0.38, 7.3)}.items():
        assert values[f"{name}_low"] == pytest.approx(values[name] * low)
        assert values[f"{name}_high"] == pytest.approx(values[name] * high)


@given(VOLUME, HEAD, st.floats(1.001, 10.0))
def test_more_water_is_a_greater_flood_and_a_slower_breach(volume: float, head: float, times: float) -> None:
    less, more = (breached(volume_m3=each, head_m=head, breach_m=head) for each in (volume, volume * times))
    assert less["peak_m3_s"] < more["peak_m3_s"]
    assert less["time_s"] < more["time_s"]


@given(VOLUME, st.floats(1.0, 150.0))
def test_a_dam_that_is_overtopped_breaches_wider_than_one_that_leaks(volume: float, height: float) -> None:
    for code, ratio in (("froehlich_1995_breach", 1.4), ("froehlich_2008_breach", 1.3)):
        over, leak = (
            breached(code, volume_m3=volume, head_m=height, breach_m=height, cause=cause)["width_m"] for cause in ("overtopping", "piping")
        )
        assert over == pytest.approx(ratio * leak)


@pytest.mark.parametrize(
    ("acre_feet", "width_ft", "hours"), [(37_000, 307, 1.63), (85_000, 401, 2.53), (221_000, 544, 4.19), (380_000, 648, 5.59)]
)
def test_jamestown_dam_breaches_as_wahl_reckons_it(acre_feet: float, width_ft: float, hours: float) -> None:
    """Wahl 2001, tables 2 and 3, Froehlich 1995b: a dam 81 ft above its stream, piping, four levels of the reservoir."""
    values = breached(volume_m3=acre_feet * 1233.48, breach_m=81 * 0.3048, cause="piping")
    assert values["width_m"] / 0.3048 == pytest.approx(width_ft, rel=0.003)
    assert values["time_s"] / 3600.0 == pytest.approx(hours, rel=0.005)


def test_every_answer_says_it_is_at_the_dam_and_for_embankments() -> None:
    for code in ("froehlich_1995_breach", "froehlich_2008_breach"):
        given = {"volume_m3": 1e7, "breach_m": 20.0} | ({"head_m": 20.0} if code.startswith("froehlich_1995") else {})
        codes = {each.code for each in model(code).answer(given).cautions}
        assert {"at_the_dam", "embankment_only", "own_range_of_reservoirs"} <= codes
        assert ("no_regression_band" in codes) == (code == "froehlich_2008_breach")


@pytest.mark.parametrize(
    ("asked", "refusal"),
    [
        ({"volume_m3": 0.0}, OutOfRange),
        ({"volume_m3": -1e6}, OutOfRange),
        ({"head_m": 0.0}, OutOfRange),
        ({"breach_m": 1000.0}, OutOfRange),
        ({"head_m": 90.0, "breach_m": 20.0}, Contradiction),
        ({"cause": "meteor"}, Contradiction),
    ],
)
def test_what_no_reservoir_is_like_is_refused(asked: dict[str, Any], refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        breached(**asked)
