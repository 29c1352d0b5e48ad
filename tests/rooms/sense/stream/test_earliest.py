"""How old a reading may be: as old as its device, as long as it is kept, and a month whatever is entered."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anlan.ledger.broker import Message
from anlan.sense.stream import retention, rules
from anlan.sense.stream.decoding import Decoder
from anlan.sense.stream.earliest import BEHIND, NOT_KEPT, too_old
from anlan.sense.stream.points import SUBJECT_PREFIX, Points
from anlan.wire.blocks import LATE
from anlan.wire.registry import DeviceEntry, Entry, SensorEntry, decode, encode

NOW = round(datetime(2026, 11, 25, 12, tzinfo=UTC).timestamp() * 1000)
DAY = 86_400_000
YEARS = 730 * DAY


SENSORS = (SensorEntry("a", 1, None, None, (), "pressure"), SensorEntry("n", 2, None, None, (), "number"))


def decoded(sent, since_ms):
    points = Points()
    points.apply(Entry("c", True, (DeviceEntry("d", True, SENSORS, since_ms=since_ms),)))
    outcome = Decoder(points).decode([Message(1, f"{SUBJECT_PREFIX}c.d", json.dumps(sent).encode(), None)], NOW)
    rows = zip(outcome.block.channel.tolist(), outcome.block.time.tolist(), outcome.block.quality.tolist(), strict=True)
    return list(rows), {key[2]: apart.count for key, apart in outcome.apart.items()}


@pytest.mark.parametrize(
    ("age", "since_age", "sensor_class", "reason"),
    [
        (30 * DAY, None, "pressure", ""),
        (32 * DAY, None, "pressure", BEHIND),
        (32 * DAY, 31 * DAY, "pressure", BEHIND),
        (20 * DAY, 0, "pressure", ""),
        (20 * DAY, -90 * DAY, "pressure", ""),
        (YEARS, 3 * YEARS, "pressure", ""),
        (YEARS, YEARS, "pressure", ""),
        (YEARS + 1, YEARS, "pressure", BEHIND),
        (1830 * DAY, 5000 * DAY, "pressure", ""),
        (1830 * DAY + 1, 5000 * DAY, "pressure", NOT_KEPT),
        (400 * DAY, 5000 * DAY, "number", ""),
        (YEARS, 5000 * DAY, "number", NOT_KEPT),
        (NOW, 5000 * DAY, "pressure", BEHIND),
    ],
)
def test_a_reading_is_as_old_as_its_device_and_its_keeping_allow(age, since_age, sensor_class, reason):
    assert too_old(NOW - age, 0 if since_age is None else NOW - since_age, sensor_class, NOW) == reason


@given(st.integers(-(10**12), NOW), st.integers(-(10**12), 2 * NOW), st.sampled_from(["pressure", "number", "", "made up"]))
def test_what_is_taken_outlives_the_next_removal_and_the_last_month_is_always_taken(at_ms, since_ms, sensor_class):
    reason = too_old(at_ms, since_ms, sensor_class, NOW)
    assert reason == "" or at_ms < NOW - rules.BEHIND_LIMIT_S * 1000
    if not reason:
        moment = datetime.fromtimestamp(at_ms / 1000, UTC)
        steps = retention.plan({"raw": [f"{moment:%Y%m}"]}, [sensor_class], datetime.fromtimestamp(NOW / 1000, UTC).date())
        assert all(step.timely for step in steps), steps


def test_history_is_marked_late_and_what_the_device_cannot_have_measured_is_set_apart():
    sent = [{"t": NOW - YEARS, "v": {"a": 1.0, "n": 2.0}}, {"t": 86_400_000, "v": {"a": 3.0}}, {"t": NOW, "v": {"a": 4.0}}]
    rows, apart = decoded(sent, since_ms=NOW - YEARS - DAY)
    assert rows == [(1, NOW - YEARS, LATE), (1, NOW, 0)]
    assert apart == {NOT_KEPT: 1, BEHIND: 1}, "each value by its own class; the clock of 1970 is shown"


def test_a_device_without_a_beginning_is_taken_as_ever():
    rows, apart = decoded([{"t": NOW - 40 * DAY, "v": {"a": 1.0}}, {"t": NOW - 20 * DAY, "v": {"a": 1.0}}], since_ms=0)
    assert rows == [(1, NOW - 20 * DAY, LATE)] and apart == {BEHIND: 1}


def test_an_entry_of_before_is_read_and_a_beginning_travels():
    told = Entry("c", True, (DeviceEntry("d", True, since_ms=NOW),))
    assert decode(encode(told)) == told
    assert decode(b'{"credential":"c","active":true,"devices":[["d",true,[],[],[],"","r"]]}').devices[0].since_ms == 0
