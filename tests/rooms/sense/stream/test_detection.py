"""Threshold detection against a slow oracle that reads one value at a time, straight from the definition."""

import itertools
from dataclasses import dataclass, field

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from anlan.sense.stream.detection import Detection
from anlan.sense.stream.points import Points
from anlan.sense.stream.snapshot import load, pack, write
from anlan.wire.blocks import MAINTENANCE, Block, concatenate
from anlan.wire.detections import CLEAR, RAISE
from anlan.wire.registry import DeviceEntry, Entry, LimitEntry, SensorEntry

KINDS = ("HH", "H", "L", "LL")


@dataclass
class Oracle:
    """One limit of one channel, reading by reading."""

    kind: str
    limit: float
    hysteresis: float
    dwell_ms: int
    state: str = "normal"
    since: int = 0
    peak: float = 0.0
    said: list = field(default_factory=list)

    def read(self, channel, time, value):
        sign = 1 if self.kind in ("HH", "H") else -1
        reached = sign * value >= sign * self.limit
        left = sign * value < sign * self.limit - self.hysteresis
        if self.state == "active":
            self.peak = sign * max(sign * self.peak, sign * value)
            if left:
                self.state = "normal"
                self.said.append((CLEAR, channel, self.kind, self.since, time, value, self.peak))
            return
        if not reached:
            self.state = "normal"
            return
        if self.state == "normal":
            self.state, self.since, self.peak = "waiting", time, value
        else:
            self.peak = sign * max(sign * self.peak, sign * value)
        if time - self.since >= self.dwell_ms:
            self.state, self.since = "active", time
            self.said.append((RAISE, channel, self.kind, time, time, value, self.peak))


def registry(channels):
    """``channels``: channel → list of (kind, limit, hysteresis, dwell_s)."""
    sensors = tuple(
        SensorEntry(f"s{number}", number, None, None, tuple(LimitEntry(*limit, 1) for limit in limits))
        for number, limits in channels.items()
    )
    return Entry("c", True, (DeviceEntry("d", True, sensors),))


def block(rows, quality=0):
    channel, time, value = zip(*rows, strict=True) if rows else ((), (), ())
    return Block(np.array(channel, np.int32), np.array(time, np.int64), np.array(value, np.float64), np.full(len(rows), quality, np.uint8))


def detection(channels, state=None):
    points = Points()
    points.apply(registry(channels))
    return Detection(points, state)


def told(transitions):
    return sorted((t.change, t.channel, t.kind, t.raised_ms, t.time_ms, t.value, t.peak) for t in transitions)


limits = st.lists(
    st.tuples(
        st.sampled_from(KINDS),
        st.integers(-3, 3).map(float),
        st.sampled_from([0.0, 0.5, 1.0, 2.0]),
        st.sampled_from([0.0, 0.001, 0.003, 0.01]),
    ),
    max_size=4,
    unique_by=lambda limit: limit[0],
)
streams = st.lists(st.tuples(st.integers(1, 3), st.integers(0, 60), st.integers(-5, 5).map(float)), max_size=60)


@settings(max_examples=300, deadline=None)
@given(st.fixed_dictionaries({1: limits, 2: limits, 3: limits}), streams, st.lists(st.integers(0, 60), max_size=5))
def test_blocks_of_any_size_say_what_the_slow_oracle_says(channels, rows, cuts):
    oracles = {number: [Oracle(kind, limit, h, round(d * 1000)) for kind, limit, h, d in channels[number]] for number in channels}
    edges = sorted({0, len(rows), *(cut for cut in cuts if cut < len(rows))})
    fast, newest, said = detection(channels), {}, []
    for first, last in itertools.pairwise(edges):
        part = rows[first:last]
        said += fast.feed(block(part))
        # Within a block the detector sorts by time; of several readings of one moment the first counts.
        for channel, time, value in sorted(part, key=lambda row: row[1]):
            if time > newest.get(channel, -1):
                newest[channel] = time
                for oracle in oracles[channel]:
                    oracle.read(channel, time, value)
    expected = [line for several in oracles.values() for oracle in several for line in oracle.said]
    assert told(said) == sorted(expected)


@settings(max_examples=60, deadline=None)
@given(st.fixed_dictionaries({1: limits, 2: limits, 3: limits}), streams, st.integers(0, 60))
def test_a_detector_started_again_from_its_snapshot_goes_on_as_if_nothing_had_happened(tmp_path_factory, channels, rows, cut):
    rows = sorted(rows, key=lambda row: row[1])
    whole = detection(channels)
    expected = whole.feed(block(rows[:cut])) + whole.feed(block(rows[cut:]))
    first = detection(channels)
    said = first.feed(block(rows[:cut]))
    path = tmp_path_factory.mktemp("snapshot") / "state.npz"
    write(path, pack(first.state, "2026-01-01"))
    kept = load(path)
    assert kept.made == "2026-01-01"
    second = detection(channels, kept.state)
    assert told(said + second.feed(block(rows[cut:]))) == told(expected)


def test_reading_the_same_block_twice_says_nothing_twice():
    fast = detection({1: [("H", 1.0, 0.0, 0.0)]})
    rows = block([(1, 1, 0.0), (1, 2, 5.0), (1, 3, 0.0), (1, 4, 5.0)])
    assert [t.change for t in fast.feed(rows)] == [RAISE, CLEAR, RAISE]
    assert fast.feed(rows) == []


def test_an_alarm_waits_for_its_dwell_and_stays_within_its_hysteresis():
    fast = detection({1: [("HH", 10.0, 2.0, 5.0)]})
    assert fast.feed(block([(1, 0, 11.0), (1, 4000, 12.0)])) == []
    raised = fast.feed(block([(1, 5000, 10.0)]))
    assert [(t.change, t.raised_ms, t.peak) for t in raised] == [(RAISE, 5000, 12.0)]
    assert fast.feed(block([(1, 6000, 8.0)])) == []
    cleared = fast.feed(block([(1, 7000, 7.9)]))
    assert [(t.change, t.raised_ms, t.time_ms) for t in cleared] == [(CLEAR, 5000, 7000)]


def test_readings_under_maintenance_raise_nothing():
    fast = detection({1: [("H", 1.0, 0.0, 0.0)]})
    assert fast.feed(block([(1, 1, 5.0)], quality=MAINTENANCE)) == []


def test_an_alarm_whose_limit_is_taken_back_is_cleared_as_withdrawn():
    points = Points()
    points.apply(registry({1: [("H", 1.0, 0.0, 0.0)]}))
    fast = Detection(points)
    fast.feed(block([(1, 1, 5.0)]))
    points.apply(registry({1: []}))
    assert [(t.change, t.withdrawn, t.episode) for t in fast.withdraw()] == [(CLEAR, True, "1-H-1")]
    assert fast.withdraw() == []


def test_channels_that_nobody_registered_are_passed_over():
    fast = detection({1: [("H", 1.0, 0.0, 0.0)]})
    found = fast.feed(concatenate([block([(900_000, 1, 99.0)]), block([(1, 1, 5.0)])]))
    assert [t.channel for t in found] == [1]


def test_a_damaged_snapshot_is_left_aside(tmp_path):
    path = tmp_path / "state.npz"
    path.write_bytes(b"half a snapsh")
    assert load(path) is None
