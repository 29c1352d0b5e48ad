"""Drift against a twin."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.rooms.sense.detection.watch import Watch, in_pieces, rule, series, whole

from anlan.sense.detection.drift import PARTS, DriftAgainstTwin
from anlan.wire.criteria import Drift
from anlan.wire.detections import CLEAR, RAISE

DRIFT = Drift(twin=2, difference=0.5, window_s=80)


def test_twins_that_come_apart_are_told_with_the_difference_of_their_means():
    watch = Watch(DriftAgainstTwin(), rule(DRIFT, 1))
    own = series(1, [1.0] * 100 + [2.0] * 100 + [1.0] * 100)
    said = watch.feed(own + series(2, [1.0] * 300))
    assert [line[:4] for line in said] == [(RAISE, 1, "DRIFT", "r"), (CLEAR, 1, "DRIFT", "r")]
    assert said[0][5] == 140_000
    assert watch.told[0].facts["difference"] == pytest.approx(0.5)
    assert watch.told[1].peak == pytest.approx(1.0)


def test_without_the_twin_nothing_is_judged():
    assert whole(DriftAgainstTwin, [rule(DRIFT, 1)], series(1, range(300))) == []


def test_a_single_outlier_is_no_drift():
    own = [1.0] * 300
    own[150] = 20.0
    assert whole(DriftAgainstTwin, [rule(DRIFT, 1)], series(1, own) + series(2, [1.0] * 300)) == []


readings = st.lists(st.tuples(st.integers(1, 3), st.integers(0, 200), st.integers(-3, 3).map(float)), max_size=80)


@given(readings, st.lists(st.integers(0, 80), max_size=4))
def test_pieces_and_a_packed_memory_change_nothing(rows, cuts):
    rows = list({(c, t): (c, t, v) for c, t, v in rows}.values())
    rules = [rule(Drift(twin=2, difference=1.0, window_s=0.08), 1, 2, 3), rule(Drift(twin=1, difference=2.0, window_s=0.016), 3, code="s")]
    assert in_pieces(DriftAgainstTwin, rules, rows, cuts) == whole(DriftAgainstTwin, rules, rows)


@given(readings)
def test_the_slow_definition_says_the_same(rows):
    rows = sorted({(c, t): (c, t, v) for c, t, v in rows if c in (1, 2)}.values(), key=lambda row: (row[1], row[0]))
    width, seen, active, expected, current = 80 // PARTS, [], None, [], None
    for channel, time, value in rows:
        part = time // width
        if current is not None and part > current:
            window = [row for row in seen if part - PARTS <= row[1] // width < part]
            means = [[row[2] for row in window if row[0] == each] for each in (1, 2)]
            if means[0] and means[1]:
                reached = abs(sum(means[0]) / len(means[0]) - sum(means[1]) / len(means[1])) >= 1.0 - 1e-12
                if reached and active is None:
                    active = time
                    expected.append((RAISE, 1, "DRIFT", "r", time, time))
                elif not reached and active is not None:
                    expected.append((CLEAR, 1, "DRIFT", "r", active, time))
                    active = None
        current = part
        seen.append((channel, time, value))
    assert whole(DriftAgainstTwin, [rule(Drift(twin=2, difference=1.0 - 1e-12, window_s=0.08), 1)], rows) == expected
