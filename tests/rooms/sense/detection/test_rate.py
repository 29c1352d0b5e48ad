"""Rate of change per minute."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.rooms.sense.detection.watch import Watch, in_pieces, rule, series, whole

from anlan.sense.detection.rate import PARTS, RateOfChange
from anlan.wire.criteria import Rate
from anlan.wire.detections import CLEAR, RAISE


def test_a_ramp_is_told_with_its_rate_per_minute():
    watch = Watch(RateOfChange(), rule(Rate(per_minute=5.5, window_s=80), 1))
    flat, ramp = [20.0] * 100, [20.0 + 0.1 * s for s in range(1, 101)]
    said = watch.feed(series(1, [*flat, *ramp, *[30.0] * 100]))
    assert [line[0] for line in said] == [RAISE, CLEAR]
    raised, cleared = watch.told
    assert raised.facts["per_minute"] == pytest.approx(6.0, abs=0.6)
    assert raised.limit == 5.5
    assert 170_000 <= raised.time_ms <= 190_000
    assert 200_000 <= cleared.time_ms <= 215_000
    assert cleared.peak == pytest.approx(6.0, abs=0.6)


def test_a_fall_is_not_a_rise():
    fall = series(1, [-float(s) for s in range(200)])
    assert whole(RateOfChange, [rule(Rate(per_minute=30, window_s=40, direction="up"), 1)], fall) == []
    assert [line[0] for line in whole(RateOfChange, [rule(Rate(per_minute=30, window_s=40, direction="down"), 1)], fall)] == [RAISE]
    assert [line[0] for line in whole(RateOfChange, [rule(Rate(per_minute=30, window_s=40), 1)], fall)] == [RAISE]


def test_without_a_reading_old_enough_there_is_no_rate():
    assert whole(RateOfChange, [rule(Rate(per_minute=1, window_s=60), 1)], series(1, [0, 100, 200], every_s=10)) == []
    # Away for longer than twice the window: what was before says nothing.
    assert whole(RateOfChange, [rule(Rate(per_minute=1, window_s=60), 1)], [(1, 0, 0.0), (1, 600_000, 100.0)]) == []


def test_a_step_is_measured_from_one_reading_to_the_next():
    step = rule(Rate(per_minute=590, window_s=0), 1)
    assert whole(RateOfChange, [step], series(1, [0, 9.5, 19.5, 19.5])) == [
        (RAISE, 1, "RATE", "r", 2000, 2000),
        (CLEAR, 1, "RATE", "r", 2000, 3000),
    ]


rates = st.builds(Rate, per_minute=st.sampled_from([10.0, 1000.0]), window_s=st.sampled_from([0.0, 0.016, 0.08]))
readings = st.lists(st.tuples(st.integers(1, 2), st.integers(0, 300), st.integers(-3, 3).map(float)), max_size=60)


@given(st.lists(rates, min_size=1, max_size=2), readings, st.lists(st.integers(0, 60), max_size=4))
def test_pieces_and_a_packed_memory_change_nothing(several, rows, cuts):
    rows = list({(c, t): (c, t, v) for c, t, v in rows}.values())
    rules = [rule(each, 1, 2, code=f"r{number}") for number, each in enumerate(several)]
    assert in_pieces(RateOfChange, rules, rows, cuts) == whole(RateOfChange, rules, rows)


@given(st.lists(st.tuples(st.integers(1, 30), st.integers(-3, 3).map(float)), max_size=60))
def test_the_slow_definition_says_the_same(steps):
    limit = Rate(per_minute=4000.0, window_s=0.08)
    part, time, rows, first_of, active, expected = 80 // PARTS, 0, [], {}, None, []
    for gap, value in steps:
        time += gap
        rows.append((1, time, value))
        cell = time // part
        earlier = next((first_of[cell - back] for back in range(PARTS, 2 * PARTS) if cell - back in first_of), None)
        first_of.setdefault(cell, (time, value))
        reached = earlier is not None and abs((value - earlier[1]) / (time - earlier[0]) * 60_000) >= limit.per_minute
        if reached and active is None:
            active = time
            expected.append((RAISE, 1, "RATE", "r", time, time))
        elif not reached and active is not None:
            expected.append((CLEAR, 1, "RATE", "r", active, time))
            active = None
    assert whole(RateOfChange, [rule(limit, 1)], rows) == expected
