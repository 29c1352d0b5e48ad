"""Limits of a point while exercises are sent beside what is really measured: against the contract, and against a slow oracle."""

import itertools

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.rooms.sense.stream.test_detection import detection, limits, registry, told

from anlan.sense.stream.detection import Detection
from anlan.sense.stream.points import Points
from anlan.sense.stream.snapshot import load, pack, write
from anlan.wire.blocks import EXERCISE, LATE, Block
from anlan.wire.detections import CLEAR, RAISE
from anlan.wire.registry import DeviceEntry, Entry, decode, encode

HIGH = {1: [("H", 1.0, 0.2, 0.0)]}
values = st.sampled_from([-3.0, -1.0, 0.0, 0.5, 0.9, 1.0, 2.0, 3.0])
rows_of = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 60), values, st.booleans()), max_size=60)
cuts_of = st.lists(st.integers(0, 60), max_size=6)
channels_of = st.dictionaries(st.integers(0, 3), limits, max_size=4)


def block(rows):
    """``rows``: (channel, time in s, value, of an exercise)."""
    return Block(
        np.array([row[0] for row in rows], np.int32),
        np.array([row[1] * 1000 for row in rows], np.int64),
        np.array([row[2] for row in rows], np.float64),
        np.array([EXERCISE if row[3] else 0 for row in rows], np.uint8),
    )


def played(channels, rows, cuts):
    """What detection says of ``rows`` in blocks that end at ``cuts``."""
    running = detection(channels)
    edges = sorted({0, len(rows), *(at for at in cuts if at < len(rows))})
    return [said for first, last in itertools.pairwise(edges) for said in running.feed(block(rows[first:last]))]


@settings(max_examples=300)
@given(channels_of, rows_of, cuts_of)
def test_what_exercises_send_changes_nothing_of_what_is_real(channels, rows, cuts):
    """Also where readings come in disorder: the blocks are those of the mixed series with the readings of exercises taken out."""
    edges = sorted({0, len(rows), *(at for at in cuts if at < len(rows))})
    mixed, alone = detection(channels), detection(channels)
    for first, last in itertools.pairwise(edges):
        said = [each for each in mixed.feed(block(rows[first:last])) if not each.exercise]
        assert told(said) == told(alone.feed(block([row for row in rows[first:last] if not row[3]])))
    assert np.array_equal(mixed.state.state, alone.state.state) and np.array_equal(mixed.state.last_time, alone.state.last_time)


def oracle(channels, rows):
    """Of readings in order, one at a time: what exercises say, by the definition."""
    said, state, newest = [], {}, {}
    for channel, time, value, exercise in rows:
        if time <= newest.get(channel, -1):
            continue
        newest[channel] = time
        for kind, limit, hysteresis, dwell in channels.get(channel, ()):
            sign = 1 if kind in ("HH", "H") else -1
            at, since = state.get((channel, kind), ("normal", 0))
            reached, left = sign * value >= sign * limit, sign * value < sign * limit - hysteresis
            if at == "active" and (left or not exercise):
                said.append((CLEAR, channel, kind, since * 1000, time * 1000))
                state[channel, kind] = ("normal", 0)
            elif at != "active" and not (reached and exercise):
                state[channel, kind] = ("normal", 0)
            elif at != "active":
                since = time if at == "normal" else since
                rises = time - since >= dwell
                state[channel, kind] = ("active", time) if rises else ("waiting", since)
                if rises:
                    said.append((RAISE, channel, kind, time * 1000, time * 1000))
    return sorted(said, key=lambda each: (each[1], each[2], each[4], each[0] == RAISE))


@settings(max_examples=300)
@given(channels_of, rows_of, cuts_of)
def test_an_exercise_says_what_its_own_readings_say_and_ends_with_the_next_real_one(channels, rows, cuts):
    rows = sorted(rows, key=lambda row: row[1])
    said = [each for each in played(channels, rows, cuts) if each.exercise]
    found = [(each.change, each.channel, each.kind, each.raised_ms, each.time_ms) for each in said]
    in_order = sorted(found, key=lambda each: (each[1], each[2], each[4], each[0] == RAISE))
    # Readings of one moment of a channel count once; which of them is taken depends on their kind, so those are left to the contract above.
    if len({(row[0], row[1]) for row in rows}) == len(rows):
        assert in_order == oracle(channels, rows)
    episodes = [each.episode for each in said if each.change == RAISE]
    assert len(set(episodes)) == len(episodes)
    assert {each.episode for each in said if each.change == CLEAR} <= set(episodes)


def test_the_real_alarm_that_follows_an_exercise_rises_at_once_after_that_one_is_cleared():
    running = detection(HIGH)
    (drill,) = running.feed(block([(1, 1, 5.0, True)]))
    cleared, raised = running.feed(block([(1, 2, 4.0, False), (1, 3, 9.0, True)]))[:2]
    assert (drill.change, drill.exercise, drill.episode) == (RAISE, True, "1-H-1000-exercise")
    assert (cleared.change, cleared.episode, cleared.time_ms, cleared.peak, cleared.value) == (CLEAR, drill.episode, 2000, 5.0, 4.0)
    assert raised.change == RAISE
    running = detection(HIGH)
    running.feed(block([(1, 1, 5.0, True)]))
    said = running.feed(block([(1, 2, 4.0, False)]))
    assert [(each.change, each.exercise, each.raised_ms) for each in said] == [(CLEAR, True, 1000), (RAISE, False, 2000)]


def test_an_exercise_neither_clears_nor_interrupts_nor_raises_the_peak_of_what_is_real():
    running = detection({1: [("H", 1.0, 0.0, 10.0)]})
    running.feed(block([(1, 0, 2.0, False)]))
    assert running.feed(block([(1, 5, 0.0, True), (1, 6, 50.0, True), (1, 8, 0.0, True)])) == []
    (raised,) = [each for each in running.feed(block([(1, 10, 1.5, False)])) if not each.exercise]
    assert (raised.change, raised.time_ms, raised.peak, raised.quality) == (RAISE, 10_000, 2.0, 0)
    assert [each for each in running.feed(block([(1, 12, 0.0, True)])) if not each.exercise] == []
    (cleared,) = running.feed(block([(1, 13, 0.0, False)]))
    assert (cleared.change, cleared.peak, cleared.exercise) == (CLEAR, 2.0, False)


def test_an_exercise_with_a_clock_ahead_makes_no_real_reading_stale():
    running = detection(HIGH)
    running.feed(block([(1, 500, 5.0, True)]))
    said = running.feed(block([(1, 2, 5.0, False)]))
    assert [(each.change, each.exercise, each.raised_ms) for each in said] == [(RAISE, False, 2000)]


def test_the_end_of_an_exercise_keeps_its_mark_over_a_restart_and_when_its_limit_is_withdrawn(tmp_path):
    running = detection(HIGH)
    running.feed(block([(1, 1, 5.0, True)]))
    write(tmp_path / "state.npz", pack(running.state, "made"))
    kept = load(tmp_path / "state.npz").state
    points = Points()
    points.apply(registry(HIGH))
    again = Detection(points, kept)
    points.apply(registry({1: []}))
    (gone,) = again.withdraw()
    assert (gone.withdrawn, gone.exercise, gone.episode) == (True, True, "1-H-1000-exercise")
    (ended,) = running.feed(block([(1, 2, 0.0, False)]))
    assert (ended.change, ended.quality, ended.withdrawn) == (CLEAR, EXERCISE, False)


def test_a_memory_from_before_exercises_were_judged_apart_is_taken_over_as_real(tmp_path):
    running = detection(HIGH)
    running.feed(block([(1, 1, 5.0, False)]))
    packed = pack(running.state, "made")
    assert not any(name.startswith("exercise:") for name in packed)
    write(tmp_path / "state.npz", packed)
    kept = load(tmp_path / "state.npz").state
    assert kept.exercise is None
    (cleared,) = detection(HIGH, kept).feed(block([(1, 2, 0.0, False)]))
    assert (cleared.change, cleared.episode) == (CLEAR, "1-H-1000")


def test_other_marks_of_a_reading_go_along_with_that_of_the_exercise():
    running = detection(HIGH)
    (raised,) = running.feed(
        Block(np.array([1], np.int32), np.array([1], np.int64), np.array([5.0]), np.array([EXERCISE | LATE], np.uint8))
    )
    assert raised.quality == EXERCISE | LATE


def test_a_registry_entry_of_before_has_no_exercises_and_one_of_now_keeps_them():
    old = b'{"credential":"c","active":true,"devices":[["d",true,[],[[1,2]],[],"camera",""]]}'
    assert decode(old).devices[0].exercises == ()
    now = Entry("c", True, (DeviceEntry("d", True, exercises=((3, 4),)),))
    assert decode(encode(now)) == now
