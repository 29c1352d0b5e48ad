"""History as rows: the newest reading of every point at each moment, none too old; what is left out, and why."""

import itertools

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from anlan.sense.stream import sampled
from anlan.sense.stream.sampled import Sampling
from anlan.sense.units import history, rules
from anlan.wire.blocks import DOUBTFUL, EXERCISE, MAINTENANCE, Block

STEP, AGE = 60_000, 180_000
T = 1_790_000_040_000


def block(*readings):
    """(channel, minute, value, quality) in order of time."""
    ordered = sorted(readings, key=lambda each: each[1])
    channel, minute, value, quality = zip(*ordered, strict=True) if ordered else ((), (), (), ())
    times = T + np.round(np.array(minute, float) * STEP).astype(np.int64)
    return Block(np.array(channel, np.int32), times, np.array(value, float), np.array(quality, np.uint8))


def rows(found, minutes, **more):
    return history.rows(found, (1, 2), (T, T + minutes * STEP), STEP, AGE, **more)


def test_a_slow_point_keeps_its_last_reading_as_long_as_it_holds_and_no_longer():
    steady = [(1, minute, float(minute), 0) for minute in range(10)]
    found = rows(block(*steady, (2, 0, 7.0, 0), (2, 6, 8.0, 0)), 10)
    assert ((found.time - T) / STEP).tolist() == [1, 2, 3, 7, 8, 9]
    assert found.values.tolist() == [[0, 7], [1, 7], [2, 7], [6, 8], [7, 8], [8, 8]]
    assert found.stretch.tolist() == [0, 0, 0, 1, 1, 1]
    assert (found.left_out[rules.GAP], found.missing, found.heard) == (4, {2: 4}, {1, 2})


def test_doubtful_readings_exercises_work_and_what_was_left_out_by_hand_are_counted_once_each():
    marks = {2: DOUBTFUL, 4: MAINTENANCE, 5: EXERCISE}
    steady = [(channel, minute, 1.0, marks.get(minute, 0) if channel == 1 else 0) for minute in range(12) for channel in (1, 2)]
    hours = {2: [(T + 8 * STEP, T + 10 * STEP)]}
    found = rows(block(*steady), 12, work=hours, excluded=[(T, T + STEP), (T + 9 * STEP, T + 10 * STEP)])
    assert ((found.time - T) / STEP).tolist() == [2, 4, 7, 8, 11, 12]
    assert found.left_out == {rules.EXCLUDED: 2, rules.WORK: 1, rules.GAP: 0, rules.MARKED: 3}
    assert found.stretch.tolist() == [0, 1, 2, 2, 3, 3]


def test_a_point_that_never_spoke_is_named():
    found = rows(block((1, 0, 1.0, 0)), 5)
    assert (len(found), found.heard, found.missing) == (0, {1}, {1: 2, 2: 5})


def test_periods_one_after_the_other_never_share_a_stretch():
    one = rows(block(*[(channel, minute, 1.0, 0) for minute in range(4) for channel in (1, 2)]), 4)
    whole = history.joined([one, one, rows(block(), 4), one])
    assert whole.stretch.tolist() == [0] * 4 + [1] * 4 + [2] * 4 and whole.left_out[rules.GAP] == 4


readings = st.lists(
    st.tuples(st.sampled_from([1, 2]), st.integers(0, 600), st.integers(-5, 5)), max_size=60, unique_by=lambda each: each[:2]
)


@given(readings)
def test_rows_are_what_looking_at_every_single_reading_would_give(given_readings):
    found = rows(block(*[(channel, tenth / 10, float(value), 0) for channel, tenth, value in given_readings]), 20)
    expected = []
    for minute in range(1, 21):
        newest = []
        for channel in (1, 2):
            before = [
                (tenth, value) for number, tenth, value in given_readings if number == channel and minute * 10 - 30 <= tenth < minute * 10
            ]
            newest.append(max(before)[1] if before else None)
        if None not in newest:
            expected.append((minute, *newest))
    assert [(round((at - T) / STEP), *values) for at, values in zip(found.time.tolist(), found.values.tolist(), strict=True)] == expected


@given(st.integers(1, 500), st.integers(1, 10**9), st.integers(1, 10**6))
def test_a_long_question_is_asked_in_pieces_of_whole_intervals_that_are_each_answered(channels, length, width):
    if length // width > 3000:
        length = 3000 * width
    asked = Sampling(list(range(channels)), 17, 17 + length, width)
    pieces = list(sampled.pieces(asked))
    assert (pieces[0].since, pieces[-1].until) == (asked.since, asked.until)
    assert all(before.until == after.since for before, after in itertools.pairwise(pieces))
    assert all((piece.since - asked.since) % width == 0 and sampled.checked(piece) for piece in pieces)
