from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from anlan.kernel.geo import Box, Point

edges = st.tuples(st.floats(-180, 180), st.floats(-180, 180), st.floats(-90, 90), st.floats(-90, 90)).map(
    lambda edge: Box(min(edge[:2]), min(edge[2:]), max(edge[:2]), max(edge[2:]))
)


@given(edges)
def test_a_box_holds_its_corners_and_its_centre(box):
    for point in (Point(box.west, box.south), Point(box.east, box.north), box.centre):
        assert box.holds(point)


def test_a_box_does_not_hold_what_lies_outside():
    assert not Box(116.0, 36.0, 118.0, 37.0).holds(Point(118.1, 36.5))
