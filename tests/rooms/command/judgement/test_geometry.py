"""Where the cloud goes: wind comes from where it is named, metres and degrees agree, no figure that is no number reaches a map."""

from __future__ import annotations

from math import nan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anlan.command.judgement import geometry
from anlan.kernel.geo import Point, haversine_m

HERE = (117.05, 36.66)


@pytest.mark.parametrize(("wind_from", "east", "north"), [(0, 0, -1), (90, -1, 0), (180, 0, 1), (270, 1, 0), (45, -1, -1), (225, 1, 1)])
def test_a_cloud_goes_away_from_where_the_wind_comes_from(wind_from: float, east: int, north: int) -> None:
    longitude, latitude = geometry.to_degrees(HERE, wind_from, 1000.0, 0.0)
    assert np.sign(np.round(float(longitude) - HERE[0], 4)) == east
    assert np.sign(np.round(float(latitude) - HERE[1], 4)) == north


def test_left_of_a_north_wind_is_the_east() -> None:
    longitude, _latitude = geometry.to_degrees(HERE, 0.0, 0.0, 500.0)
    assert float(longitude) > HERE[0]


@given(st.floats(0, 360), st.floats(-20_000, 20_000), st.floats(-20_000, 20_000))
def test_metres_and_degrees_are_inverse_and_keep_distances(wind_from: float, x: float, y: float) -> None:
    longitude, latitude = geometry.to_degrees(HERE, wind_from, x, y)
    back = geometry.to_metres(HERE, wind_from, longitude, latitude)
    assert np.allclose([float(back[0]), float(back[1])], [x, y], atol=0.05)
    away = haversine_m(Point(*HERE), Point(float(longitude), float(latitude)))
    assert away == pytest.approx(np.hypot(x, y), rel=0.006, abs=0.5)


def test_an_area_keeps_its_size_and_its_box_holds_it() -> None:
    ring = np.array([(0, -50), (1000, -50), (1000, 50), (0, 50), (0, -50)], float)
    area = geometry.area_in_degrees(HERE, 270.0, geometry.joined([[ring]]))
    west, south, east, north = geometry.box_of(area) or (0, 0, 0, 0)
    assert haversine_m(Point(west, south), Point(east, south)) == pytest.approx(1000, rel=0.01)
    assert haversine_m(Point(west, south), Point(west, north)) == pytest.approx(100, rel=0.01)
    assert west == pytest.approx(HERE[0], abs=1e-4)


def test_a_figure_that_is_no_number_never_reaches_a_map() -> None:
    with pytest.raises(ValueError, match="no number"):
        geometry.joined([[np.array([(0, 0), (1, nan), (1, 1), (0, 0)])]])
