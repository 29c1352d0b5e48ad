"""Limits with a value for restoring, and the range of an instrument."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from tests.rooms.sense.detection.watch import Watch, in_pieces, rule, series, whole

from anlan.sense.detection.limits import Limits
from anlan.sense.detection.outofrange import OutOfRange
from anlan.wire.criteria import Limit, Range
from anlan.wire.detections import CLEAR, RAISE

CUT_OFF = Limit("HH", 1.5, restore=1.0)


def test_methane_is_cut_off_at_or_above_and_restored_only_below():
    watch = Watch(Limits(), rule(CUT_OFF, 7, code="T1"))
    assert watch.feed(series(7, [1.49, 1.5, 1.2, 1.0, 0.99, 1.49])) == [
        (RAISE, 7, "HH", "T1", 1000, 1000),
        (CLEAR, 7, "HH", "T1", 1000, 4000),
    ]


def test_three_per_cent_must_last_more_than_ten_minutes():
    overrun = rule(Limit("HH", 3.0, dwell_s=600.001), 1)
    minutes = [3.0] * 11
    assert whole(Limits, [overrun], series(1, minutes, every_s=60)) == []
    assert whole(Limits, [overrun], series(1, [*minutes, 3.1], every_s=60)) == [(RAISE, 1, "HH", "r", 660_000, 660_000)]
    broken = [3.0] * 6 + [2.9] + [3.0] * 10
    assert whole(Limits, [overrun], series(1, broken, every_s=60)) == []


def test_a_lower_level_comes_only_after_a_time_below():
    rules = [rule(Limit("HH", 50.0, hold_s=60), 3, code="two"), rule(Limit("H", 25.0, hold_s=60), 3, code="one")]
    rows = series(3, [0, 55, 40, 55, *[40] * 4, *[10] * 4], every_s=20)
    assert whole(Limits, rules, rows) == [
        (RAISE, 3, "H", "one", 20_000, 20_000),
        (RAISE, 3, "HH", "two", 20_000, 20_000),
        (CLEAR, 3, "HH", "two", 20_000, 140_000),
        (CLEAR, 3, "H", "one", 20_000, 220_000),
    ]


def test_a_rule_taken_back_clears_what_it_raised():
    watch = Watch(Limits(), rule(CUT_OFF, 1, 2, code="T1"))
    watch.feed([(1, 1000, 2.0), (2, 1000, 2.0)])
    withdrawn = watch.kind.bind([rule(CUT_OFF, 2, code="T1")])
    assert [(t.change, t.channel, t.withdrawn, t.raised_ms) for t in withdrawn] == [(CLEAR, 1, True, 1000)]
    assert watch.feed([(1, 2000, 0.0), (2, 2000, 0.0)]) == [(CLEAR, 2, "HH", "T1", 1000, 2000)]


def test_a_changed_limit_begins_anew():
    watch = Watch(Limits(), rule(CUT_OFF, 1))
    watch.feed([(1, 1000, 2.0)])
    assert len(watch.kind.bind([rule(Limit("HH", 1.8, restore=1.0), 1)])) == 1
    assert watch.feed([(1, 2000, 2.0)]) == [(RAISE, 1, "HH", "r", 2000, 2000)]


def test_outside_the_instrument_s_range_is_told_and_open_ends_never_are():
    ranges = {1: (0.0, 100.0), 2: (np.nan, np.nan)}
    watch = Watch(OutOfRange(lambda channels: tuple(np.array([ranges[c] for c in channels]).reshape(-1, 2).T)), rule(Range(), 1, 2))
    assert watch.feed([*series(1, [0, 100, 100.1, -0.1, 50]), *series(2, [1e9, -1e9])]) == [
        (RAISE, 1, "RANGE", "r", 2000, 2000),
        (CLEAR, 1, "RANGE", "r", 2000, 4000),
    ]
    assert watch.told[0].facts == {"low": 0.0, "high": 100.0}


limits = st.builds(
    Limit,
    word=st.sampled_from(["HH", "L"]),
    limit=st.integers(-2, 2).map(float),
    dwell_s=st.sampled_from([0.0, 0.002, 0.005]),
    hold_s=st.sampled_from([0.0, 0.003]),
)
readings = st.lists(st.tuples(st.integers(1, 3), st.integers(0, 50), st.integers(-3, 3).map(float)), max_size=50)


@given(st.lists(limits, min_size=1, max_size=3), readings, st.lists(st.integers(0, 50), max_size=4))
def test_pieces_and_a_packed_memory_change_nothing(several, rows, cuts):
    rows = list({(c, t): (c, t, v) for c, t, v in rows}.values())
    rules = [rule(each, *range(1, 3 + number % 2), code=f"r{number}") for number, each in enumerate(several)]
    assert in_pieces(Limits, rules, rows, cuts) == whole(Limits, rules, rows)


@given(limits, st.lists(st.tuples(st.integers(1, 5), st.integers(-3, 3).map(float)), max_size=40))
def test_the_slow_definition_says_the_same(limit, steps):
    sign = 1 if limit.word == "HH" else -1
    time, rows, expected = 0, [], []
    waiting_since = left_since = raised = None
    for gap, value in steps:
        time += gap
        rows.append((1, time, value))
        reached = sign * value >= sign * limit.limit
        if raised is None:
            waiting_since = (time if waiting_since is None else waiting_since) if reached else None
            if reached and time - waiting_since >= limit.dwell_s * 1000:
                raised, left_since = time, None
                expected.append((RAISE, 1, limit.word, "r", time, time))
        else:
            left_since = None if reached else (time if left_since is None else left_since)
            if not reached and time - left_since >= limit.hold_s * 1000:
                expected.append((CLEAR, 1, limit.word, "r", raised, time))
                raised = waiting_since = None
    assert whole(Limits, [rule(limit, 1)], rows) == expected
