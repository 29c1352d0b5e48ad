"""Rules of every kind while exercises are sent beside what is really measured."""

import itertools

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.rooms.sense.detection.plan import criterion, device, points, topology
from tests.rooms.sense.detection.test_units import CHANNELS, DIGEST, MODEL, UNIT, broken

from anlan.sense.detection.engine import Engine
from anlan.wire.blocks import EXERCISE, Block
from anlan.wire.criteria import (
    Blocked,
    Colours,
    Combined,
    Condition,
    Drift,
    Frozen,
    Indicator,
    Limit,
    Range,
    Rate,
    Repeated,
    Virtual,
)
from anlan.wire.detections import CLEAR, RAISE, encode

MINE = ("m", device("d", points(1, 2, 3, low=-5.0, high=5.0)), device("v", points(9)))
HIGH = Limit("H", 1.0)
POND = Colours(tuple(Indicator(channel, "level", 1.0, 2.0, 3.0, 4.0) for channel in (1, 2)), hold_s=5.0)
BOTH = Combined((Condition(1, ">=", 1.0), Condition(2, ">=", 1.0)))
EVERY = (
    criterion(Limit("H", 1.0, restore=0.5, dwell_s=3.0, hold_s=2.0), 1, 2, 3, code="limit"),
    criterion(Limit("L", 0.5), 1, 9, code="low"),
    criterion(Range(high=4.0), 1, 2, code="range"),
    criterion(Rate(10.0, window_s=8.0), 1, 2, code="rate"),
    criterion(Rate(60.0, window_s=0.0), 3, code="step"),
    criterion(Frozen(6.0), 1, 2, code="frozen"),
    criterion(Blocked(6.0, (2, 3), 1.0), 1, code="blocked"),
    criterion(Drift(2, 1.0, window_s=8.0), 1, code="drift"),
    criterion(Repeated(8), 3, code="repeated"),
    criterion(BOTH, code="both"),
    criterion(POND, code="pond"),
    criterion(Virtual(9, "a + b", {"a": 1, "b": 2}), code="sum"),
)


class Node:
    """An engine with the memory of freshness that the detector keeps; what is reckoned comes back as readings."""

    def __init__(self, *criteria, registry=MINE):
        self.engine, self.said, self.reckoned = Engine(topology(registry)), [], []
        self.last = np.full(1000, -1, np.int64)
        for each in criteria:
            self.engine.apply(each)
        self.engine.settle()

    def take(self, rows):
        """``rows``: (channel, time in s, value, of an exercise). What it says of them."""
        said = self._judge(_block(rows))
        self.said += said
        return said

    def _judge(self, block, again=True):
        found, reckoned = self.engine.judge(block, self.last, int(block.time.max(initial=0)))
        real = (block.quality & EXERCISE) == 0
        np.maximum.at(self.last, block.channel[real], block.time[real])
        said = self.engine.tell(found)
        if again and len(reckoned):
            self.reckoned.append(reckoned)
            said += self._judge(reckoned, again=False)
        return said

    def restarted(self):
        """A detector started anew with this one's memory."""
        fresh = Node()
        fresh.engine.unpack(self.engine.pack())
        for each, _since in self.engine._criteria.values():
            fresh.engine.apply(each)
        assert fresh.engine.settle() == []
        fresh.last = self.last.copy()
        return fresh


def _block(rows):
    return Block(
        np.array([row[0] for row in rows], np.int32),
        np.array([round(row[1] * 1000) for row in rows], np.int64),
        np.array([row[2] for row in rows], np.float64),
        np.array([EXERCISE if row[3] else 0 for row in rows], np.uint8),
    )


def told(said):
    return [(each.change, each.channel, each.kind, each.exercise, each.raised_ms / 1000, each.time_ms / 1000) for each in said]


rows_of = st.lists(
    st.tuples(st.sampled_from([1, 2, 3]), st.integers(0, 40), st.sampled_from([-6.0, 0.0, 0.4, 0.7, 1.0, 1.5, 3.5]), st.booleans()),
    max_size=80,
)
cuts_of = st.lists(st.integers(0, 80), max_size=8)


@settings(max_examples=150, deadline=None)
@given(rows_of, cuts_of, st.booleans(), st.booleans())
def test_what_exercises_send_changes_nothing_of_what_any_rule_really_says(rows, cuts, in_order, restarts):
    rows = sorted(rows, key=lambda row: row[1]) if in_order else rows
    edges = sorted({0, len(rows), *(at for at in cuts if at < len(rows))})
    mixed, alone = Node(*EVERY), Node(*EVERY)
    for first, last in itertools.pairwise(edges):
        said = mixed.take(rows[first:last])
        really = alone.take([row for row in rows[first:last] if not row[3]])
        assert [encode(each) for each in said if not each.exercise] == [encode(each) for each in really]
        if restarts:
            mixed = mixed.restarted()
    assert np.array_equal(mixed.last, alone.last)


@settings(max_examples=150, deadline=None)
@given(rows_of, cuts_of)
def test_every_episode_of_an_exercise_is_raised_once_and_over_when_all_points_are_back_in_reality(rows, cuts):
    # Twice: what was reckoned of the moment at which the last point came back may have been told as of the exercise.
    back = ((channel, time, 0.0, False) for time in (50, 51) for channel in (1, 2, 3))
    rows = [*sorted(rows, key=lambda row: row[1]), *back]
    edges = sorted({0, len(rows), *(at for at in cuts if at < len(rows))})
    node = Node(*EVERY)
    for first, last in itertools.pairwise(edges):
        node.take(rows[first:last])
    standing = set()
    for each in (each for each in node.said if each.exercise):
        if each.change == RAISE:
            assert each.episode not in standing
            standing.add(each.episode)
        else:
            standing.remove(each.episode)
    assert not standing and not node.engine.exercises.stand


def test_a_point_back_in_reality_ends_the_exercise_before_its_real_alarm_rises():
    node = Node(criterion(HIGH, 1))
    assert told(node.take([(1, 1, 5.0, True)])) == [(RAISE, 1, "H", True, 1, 1)]
    assert told(node.take([(1, 2, 4.0, False), (1, 3, 0.0, True), (1, 4, 3.0, True)])) == [
        (CLEAR, 1, "H", True, 1, 2),
        (RAISE, 1, "H", False, 2, 2),
        (RAISE, 1, "H", True, 4, 4),
    ]
    assert told(node.take([(1, 5, 0.0, False)])) == [(CLEAR, 1, "H", True, 4, 5), (CLEAR, 1, "H", False, 2, 5)]


def test_conditions_of_which_one_is_of_an_exercise_hold_as_an_exercise_and_really_only_by_what_is_real():
    node = Node(criterion(BOTH))
    node.take([(2, 1, 3.0, False)])
    # The other point's real reading of before is known to the exercise.
    assert told(node.take([(1, 2, 3.0, True)])) == [(RAISE, 1, "COMBINED", True, 2, 2)]
    assert node.take([(2, 3, 4.0, False)]) == []
    assert told(node.take([(1, 4, 2.0, False)])) == [(CLEAR, 1, "COMBINED", True, 2, 4), (RAISE, 1, "COMBINED", False, 4, 4)]
    assert node.take([(2, 5, 0.0, True)]) == [] and told(node.take([(2, 6, 0.0, False)])) == [(CLEAR, 1, "COMBINED", False, 4, 6)]


def test_a_rise_within_an_exercise_makes_no_real_rate_and_a_real_one_is_not_marked():
    node = Node(criterion(Rate(60.0, window_s=0.0), 1))
    node.take([(1, 0, 0.0, False), (1, 1, 100.0, True)])
    assert [each for each in node.take([(1, 2, 0.5, False)]) if not each.exercise] == []
    assert told(node.take([(1, 3, 50.0, False)]))[-1] == (RAISE, 1, "RATE", False, 3, 3)


def test_a_pond_has_its_colour_from_the_exercise_beside_its_real_one():
    node = Node(criterion(POND))
    assert told(node.take([(1, 0, 1.5, False), (2, 0, 0.0, False)])) == [(RAISE, 1, "COLOURS", False, 0, 0)]
    (drill,) = node.take([(2, 60, 3.5, True)])
    assert (drill.change, drill.exercise, drill.facts["colour"]) == (RAISE, True, "orange")
    (over,) = node.take([(2, 120, 0.0, False)])
    assert (over.change, over.episode, over.level) == (CLEAR, drill.episode, drill.level)


def test_a_virtual_point_is_reckoned_for_the_exercise_while_an_input_is_held_by_it_and_really_from_what_is_real():
    node = Node(criterion(Virtual(9, "a + b", {"a": 1, "b": 2}), code="sum"), criterion(Limit("H", 10.0), 9, code="high"))
    node.take([(1, 1, 1.0, False), (2, 1, 1.0, False)])
    assert told(node.take([(1, 2, 20.0, True)])) == [(RAISE, 9, "H", True, 2, 2)]
    assert node.take([(2, 3, 2.0, False)]) == []
    drilled, really = [], []
    for each in node.reckoned:
        for channel, time, value, quality in zip(each.channel, each.time, each.value, each.quality, strict=True):
            assert channel == 9
            (drilled if quality & EXERCISE else really).append((int(time) // 1000, float(value)))
    assert drilled == [(2, 21.0), (3, 22.0)] and really == [(1, 2.0), (3, 3.0)]
    assert told(node.take([(1, 4, 1.0, False)])) == [(CLEAR, 9, "H", True, 2, 4)]


def test_a_real_alarm_of_a_process_unit_is_not_cleared_by_rows_of_an_exercise():
    registry = ("m", device("d", points(*CHANNELS)))
    node = Node(criterion(UNIT), registry=registry)
    node.engine.units.learn(DIGEST, MODEL)
    rows = broken(60, 20)
    rows[30:, 4] -= 25
    said = []
    for at, row in enumerate(rows):
        drilled = 30 <= at < 45
        said += node.take([(channel, at * 60, float(value), drilled) for channel, value in zip(CHANNELS, row, strict=True)])
    assert [(change, time) for change, _channel, _kind, exercise, _raised, time in told(said) if not exercise] == [
        (RAISE, 22 * 60),
        (CLEAR, next(each.time_ms / 1000 for each in said if each.change == CLEAR and not each.exercise)),
    ]
    assert next(each.time_ms / 1000 for each in said if each.change == CLEAR and not each.exercise) >= 45 * 60


def test_an_exercise_goes_on_over_a_restart_and_ends_marked_when_its_rule_is_withdrawn():
    node = Node(criterion(HIGH, 1), criterion(BOTH, code="both"))
    node.take([(2, 1, 3.0, False)])
    node.take([(1, 2, 3.0, True)])
    again = node.restarted()
    again.engine.apply(criterion(BOTH, code="both"))
    again.engine.drop_all_but(["both"])
    (gone,) = again.engine.settle()
    assert (gone.change, gone.rule, gone.exercise, gone.withdrawn) == (CLEAR, "r", True, True)
    assert [each for each in told(again.take([(1, 3, 0.0, False)])) if each[3]] == [(CLEAR, 1, "COMBINED", True, 2, 3)]


def test_alarms_of_exercises_explain_no_real_alarm_nor_the_other_way_round():
    node = Node(criterion(HIGH, 1, 2, 3))
    drill, second = node.take([(1, 1, 5.0, True)]) + node.take([(2, 2, 5.0, True)])
    real, other = node.take([(3, 3, 5.0, False)]) + node.take([(2, 4, 5.0, False)])[1:]
    assert (drill.cause, second.cause) == ("", drill.episode)
    assert (real.cause, other.cause) == ("", real.episode)


def test_without_exercises_nothing_is_kept_of_them():
    node = Node(*EVERY)
    node.take([(1, 1, 5.0, False)])
    assert not any(name.startswith("EXERCISE") for name in node.engine.pack())
    node.take([(1, 2, 5.0, True)])
    assert any(name.startswith("EXERCISE") for name in node.engine.pack())
    node.take([(1, 3, 5.0, False), (9, 3, 5.0, False)])
    assert not node.engine.exercises.stand
