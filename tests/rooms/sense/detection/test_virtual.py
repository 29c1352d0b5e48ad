"""Points reckoned from others, one from another, none twice and none in a circle."""

from hypothesis import given
from hypothesis import strategies as st
from tests.rooms.sense.detection.watch import block

from anlan.sense.detection.ordering import fresh_rows
from anlan.sense.detection.virtual import VirtualPoints, circle
from anlan.sense.detection.watching import Bound
from anlan.wire.blocks import LATE
from anlan.wire.criteria import Criterion, Virtual


def bound(code, channel, formula, age_s=3600.0, **inputs):
    return Bound(Criterion(code, 4, Virtual(channel, formula, inputs, age_s)), None)


class Reckoner:
    def __init__(self, *rules):
        import numpy as np

        self.points, self.last = VirtualPoints(), np.full(100, -1, np.int64)
        self.points.bind(rules)

    def read(self, *rows, quality=0):
        import numpy as np

        found = fresh_rows(block(rows, quality), self.last)
        np.maximum.at(self.last, found.channel, found.time)
        derived = self.points.derive(found)
        columns = (derived.channel, derived.time, derived.value)
        return sorted(zip(*(column.tolist() for column in columns), strict=True))


def test_each_new_reading_of_an_input_gives_a_result_of_its_moment():
    reckoner = Reckoner(bound("v", 50, "a - b", a=1, b=2))
    assert reckoner.read((1, 1000, 5.0)) == []
    assert reckoner.read((2, 2000, 3.0), (1, 3000, 6.0)) == [(50, 2000, 2.0), (50, 3000, 3.0)]
    assert reckoner.read((1, 2500, 99.0), (7, 9000, 1.0)) == []


def test_an_input_too_old_or_a_division_by_zero_gives_nothing():
    reckoner = Reckoner(bound("v", 50, "a / b", age_s=5, a=1, b=2))
    assert reckoner.read((1, 0, 1.0), (2, 1000, 0.0)) == []
    assert reckoner.read((2, 5000, 4.0)) == [(50, 5000, 0.25)]
    assert reckoner.read((2, 5001, 4.0)) == []


def test_a_point_may_stand_on_another_and_a_circle_is_never_reckoned():
    reckoner = Reckoner(bound("top", 52, "x * 2", x=51), bound("base", 51, "a + 1", a=1))
    assert reckoner.read((1, 1000, 1.0)) == [(51, 1000, 2.0), (52, 1000, 4.0)]
    assert circle({51: [1], 52: [53], 53: [52], 54: [52]}) == {52, 53, 54}
    assert Reckoner(bound("one", 52, "x", x=53), bound("two", 53, "x", x=52)).read((1, 1, 1.0)) == []


def test_marks_of_the_inputs_reading_go_along_and_a_refused_formula_is_passed_over():
    reckoner = Reckoner(bound("v", 50, "a + 0", a=1), bound("bad", 51, "__import__('os')", a=1), bound("short", 52, "a + b", a=1))
    found = reckoner.points.derive(fresh_rows(block([(1, 1, 2.0)], LATE), reckoner.last))
    assert (found.channel.tolist(), found.quality.tolist()) == ([50], [LATE])


rows = st.lists(st.tuples(st.integers(1, 2), st.integers(0, 60), st.integers(0, 3).map(float)), max_size=30)


@given(rows, st.integers(0, 30))
def test_a_packed_memory_changes_nothing(several, cut):
    rules = (bound("v", 50, "a - b", age_s=0.02, a=1, b=2), bound("w", 51, "v + a", v=50, a=1))
    several = sorted(several, key=lambda row: row[1])
    while 0 < cut < len(several) and several[cut][1] == several[cut - 1][1]:
        cut += 1
    first, second = Reckoner(*rules), Reckoner(*rules)
    said = first.read(*several[:cut])
    second.points.unpack(first.points.pack())
    second.last = first.last
    assert sorted(said + second.read(*several[cut:])) == Reckoner(*rules).read(*several)
