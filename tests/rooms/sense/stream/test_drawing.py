"""The curve: everything inside its frame, gaps left open, limits drawn, round figures on its axes."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from anlan.sense.stream.drawing import HEIGHT, WIDTH, Reading, Rule, draw

START = datetime(2026, 11, 22, tzinfo=UTC)
finite = st.floats(-1e6, 1e6, allow_nan=False)


def reading(minute, value, spread=0.0):
    return Reading(START + timedelta(minutes=minute), value - spread, value + spread, value)


@given(st.lists(st.tuples(st.integers(0, 1440), finite), max_size=60), st.lists(finite, max_size=4))
def test_whatever_is_drawn_lies_within_the_frame(values, limits):
    found = draw(
        [reading(*value) for value in sorted(values)], START, START + timedelta(days=1), rules=[Rule(x, "H", "red") for x in limits]
    )
    points = [tuple(map(float, pair.split(","))) for line in (*found.lines, *found.bands) for pair in line.split()] + list(found.dots)
    assert all(0 <= x <= WIDTH and 0 <= y <= HEIGHT for x, y in points)
    assert all(0 <= rule.y <= HEIGHT for rule in found.rules)
    assert 2 <= len(found.y_ticks) <= 12
    assert found.empty is (not values)


def test_a_gap_in_the_data_is_a_gap_in_the_line():
    minutes = [*range(30), *range(120, 150)]
    found = draw([reading(minute, 1.0, 0.1) for minute in minutes], START, START + timedelta(hours=3))
    assert len(found.lines) == len(found.bands) == 2


def test_a_single_reading_is_a_dot_and_a_far_limit_does_not_flatten_the_curve():
    found = draw([reading(5, 1.0)], START, START + timedelta(hours=1), rules=[Rule(1.01, "H", "red"), Rule(5000, "HH", "red")])
    assert len(found.dots) == 1 and [rule.label for rule in found.rules] == ["H"]


def test_times_on_the_axis_are_round_in_china():
    found = draw([reading(0, 1.0)], START, START + timedelta(days=1))
    hours = [(tick.moment + timedelta(hours=8)).hour for tick in found.x_ticks]
    assert all(hour % 3 == 0 or hour % 4 == 0 for hour in hours) and 5 <= len(hours) <= 9
