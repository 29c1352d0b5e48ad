"""The class of stability follows from sun, cloud and wind."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anlan.command.judgement import stability

NIGHT = datetime(2026, 11, 22, 18, 14, tzinfo=UTC)  # 02:14 in China
NOON = datetime(2026, 6, 21, 4, 12, tzinfo=UTC)  # solar noon at 117° east
JINAN = (117.05, 36.66)


def test_the_sun_stands_highest_at_solar_noon_of_midsummer() -> None:
    assert stability.sun_height(NOON, *JINAN) == pytest.approx(90 - 36.66 + 23.44, abs=0.5)
    assert stability.sun_height(NIGHT, *JINAN) < -30


@pytest.mark.parametrize(("wind", "found"), [(1.5, "F"), (2.4, "F"), (3.0, "E"), (4.9, "E"), (5.0, "D"), (9.0, "D")])
def test_a_clear_night_is_stable_until_the_wind_mixes_it(wind: float, found: str) -> None:
    assert stability.by_time(NIGHT, *JINAN, wind) == (found, stability.CLEAR_NIGHT)


def test_an_overcast_sky_is_neutral_day_and_night() -> None:
    assert stability.by_time(NIGHT, *JINAN, 2.0, 10)[0] == "D"
    assert stability.by_time(NOON, *JINAN, 2.0, 10)[0] == "D"


def test_without_a_cloud_the_day_is_neutral_and_says_so() -> None:
    assert stability.by_time(NOON, *JINAN, 2.0) == ("D", stability.OVERCAST)
    assert stability.by_time(NOON, *JINAN, 1.0, 0) == ("A", "")


@given(st.floats(0.1, 20), st.integers(-2, 3))
def test_more_sun_is_never_more_stable(wind: float, rank: int) -> None:
    if rank < 3:
        assert stability.stability(wind, rank + 1) <= stability.stability(wind, rank)
