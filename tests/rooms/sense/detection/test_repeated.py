"""Readings that repeat themselves."""

import random

from hypothesis import given
from hypothesis import strategies as st
from tests.rooms.sense.detection.watch import Watch, in_pieces, rule, series, whole

from anlan.sense.detection.repeated import RepeatedSequence
from anlan.wire.criteria import Repeated
from anlan.wire.detections import CLEAR, RAISE

REPEATED = Repeated(readings=60)


def noise(length, seed=3):
    drawn = random.Random(seed)
    return [round(0.3 + drawn.gauss(0, 0.05), 2) for _ in range(length)]


def test_a_recording_played_again_and_again_is_told_with_its_length():
    watch = Watch(RepeatedSequence(), rule(REPEATED, 1))
    recording = noise(20)
    said = watch.feed(series(1, [*noise(50, 4), *recording * 4, *noise(30, 5)]))
    assert [line[0] for line in said] == [RAISE, CLEAR]
    assert said[0][5] == (50 + 20 + 59) * 1000
    assert watch.told[0].facts == {"readings": 60.0, "lag": 20.0}


def test_real_noise_with_few_digits_is_no_repetition():
    assert whole(RepeatedSequence, [rule(REPEATED, 1)], series(1, noise(5000))) == []


def test_a_standing_value_is_frozen_not_repeated():
    assert whole(RepeatedSequence, [rule(REPEATED, 1)], series(1, [*noise(40), *[0.3] * 500])) == []


@given(st.lists(st.tuples(st.integers(1, 2), st.integers(0, 1).map(float)), max_size=120), st.lists(st.integers(0, 120), max_size=4))
def test_pieces_and_a_packed_memory_change_nothing(values, cuts):
    rows = [(channel, number, value) for number, (channel, value) in enumerate(values)]
    rules = [rule(Repeated(readings=8), 1, 2)]
    assert in_pieces(RepeatedSequence, rules, rows, cuts) == whole(RepeatedSequence, rules, rows)
