"""A value that does not move, and one that does not move while its neighbours do."""

from hypothesis import given
from hypothesis import strategies as st
from tests.rooms.sense.detection.watch import Watch, in_pieces, rule, series, whole

from anlan.sense.detection.frozen import BlockedSensor, FrozenValue
from anlan.wire.criteria import Blocked, Frozen
from anlan.wire.detections import CLEAR, RAISE

FROZEN = Frozen(for_s=60, tolerance=0.05, gap_s=30)


def test_unchanged_for_the_time_is_frozen_and_the_first_movement_ends_it():
    rows = series(1, [1.0, *[2.0] * 7, 2.04, 2.2], every_s=10)
    assert whole(FrozenValue, [rule(FROZEN, 1)], rows) == [
        (RAISE, 1, "FROZEN", "r", 70_000, 70_000),
        (CLEAR, 1, "FROZEN", "r", 70_000, 90_000),
    ]


def test_creeping_within_the_tolerance_of_the_one_before_is_movement():
    creeping = [2.0 + 0.03 * number for number in range(40)]
    assert whole(FrozenValue, [rule(FROZEN, 1)], series(1, creeping, every_s=10)) == []


def test_a_pause_is_silence_and_begins_anew():
    before, after = series(1, [2.0] * 6, every_s=10), series(1, [2.0] * 6, every_s=10, start_s=200)
    assert whole(FrozenValue, [rule(FROZEN, 1)], before + after) == []


BLOCKED = Blocked(for_s=60, neighbours=(2, 3), moved=0.2, tolerance=0.0)


def test_blocked_is_flat_while_a_neighbour_moves():
    flat = series(1, [0.4] * 12, every_s=10)
    still = series(2, [0.3] * 12, every_s=10)
    moving = series(3, [0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6, 0.55, 0.5, 0.5, 0.5, 0.5], every_s=10)
    assert whole(BlockedSensor, [rule(BLOCKED, 1)], flat + still) == []
    assert whole(BlockedSensor, [rule(BLOCKED, 1)], flat + still + moving) == [(RAISE, 1, "BLOCKED", "r", 60_000, 60_000)]


def test_what_neighbours_did_before_the_value_stood_does_not_count():
    restless = series(1, [0.1, 0.2, 0.3], every_s=10) + series(1, [0.4] * 12, every_s=10, start_s=30)
    moved_before = series(3, [0.0, 0.9, 0.5], every_s=10) + series(3, [0.5] * 12, every_s=10, start_s=30)
    assert whole(BlockedSensor, [rule(BLOCKED, 1)], restless + moved_before) == []


def test_blocked_is_over_when_the_value_moves_again():
    watch = Watch(BlockedSensor(), rule(BLOCKED, 1))
    watch.feed(series(3, [0.0, 0.5], every_s=10, start_s=1) + series(1, [0.4] * 8, every_s=10))
    assert watch.feed([(1, 90_000, 0.6)]) == [(CLEAR, 1, "BLOCKED", "r", 60_000, 90_000)]


readings = st.lists(st.tuples(st.integers(1, 3), st.integers(0, 80), st.integers(0, 2).map(float)), max_size=70)
cuts = st.lists(st.integers(0, 70), max_size=4)


@given(st.sampled_from([0.0, 1.0]), readings, cuts)
def test_pieces_and_a_packed_memory_change_nothing(tolerance, rows, at):
    rows = list({(c, t): (c, t, v) for c, t, v in rows}.values())
    rules = [rule(Frozen(for_s=0.01, tolerance=tolerance, gap_s=0.02), 1, 2, 3), rule(Frozen(for_s=0.03), 1, code="s")]
    assert in_pieces(FrozenValue, rules, rows, at) == whole(FrozenValue, rules, rows)


@given(readings, cuts)
def test_blocked_in_pieces_says_the_same(rows, at):
    rows = list({(c, t): (c, t, v) for c, t, v in rows}.values())
    rules = [rule(Blocked(for_s=0.01, neighbours=(2, 3), moved=0.5, gap_s=0.05), 1, 2)]
    assert in_pieces(BlockedSensor, rules, rows, at) == whole(BlockedSensor, rules, rows)


@given(st.lists(st.tuples(st.integers(1, 12), st.integers(0, 3).map(float)), max_size=50))
def test_the_slow_definition_says_the_same(steps):
    time, rows, first, last, active, expected = 0, [], None, 0, None, []
    for gap, value in steps:
        time += gap
        rows.append((1, time, value))
        if first is None or abs(value - first[1]) > 1.0 or time - last > 10:
            first = (time, value)
        last = time
        reached = time - first[0] >= 20
        if reached and active is None:
            active = time
            expected.append((RAISE, 1, "FROZEN", "r", time, time))
        elif not reached and active is not None:
            expected.append((CLEAR, 1, "FROZEN", "r", active, time))
            active = None
    assert whole(FrozenValue, [rule(Frozen(for_s=0.02, tolerance=1.0, gap_s=0.01), 1)], rows) == expected
