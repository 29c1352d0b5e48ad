"""Quotas over MQTT: counted, told, never a reason to drop what was acknowledged; and nothing at all where there is no quota."""

import json

from hypothesis import given
from hypothesis import strategies as st

from anlan.ledger.broker import Message
from anlan.sense.stream import rules
from anlan.sense.stream.decoding import Decoder
from anlan.sense.stream.metering import MINUTE_MS, TELL_EVERY_MS, Meter
from anlan.sense.stream.points import SUBJECT_PREFIX, Points
from anlan.wire.readings import GATEWAY
from anlan.wire.registry import DeviceEntry, Entry, SensorEntry

NOW = 1_795_000_020_000
SENSORS = (SensorEntry("a", 1, None, None), SensorEntry("b", 2, None, None))


def entry(messages=0, readings=0, active=True):
    return Entry("c", active, (DeviceEntry("d", True, SENSORS),), messages, readings)


def known(*entries):
    points = Points()
    for each in entries:
        points.apply(each)
    return points


def sent(count, at_ms=NOW, first=1, headers=None):
    """``count`` messages of two readings each."""
    return [
        Message(first + at, f"{SUBJECT_PREFIX}c.d", json.dumps({"t": at_ms + at, "v": {"a": 1.0, "b": 2.0}}).encode(), headers, at_ms)
        for at in range(count)
    ]


def told(outcome):
    return {key: apart.count for key, apart in outcome.apart.items()}


def test_what_lies_beyond_the_quota_is_used_and_told():
    outcome = Decoder(known(entry(messages=3))).decode(sent(10), NOW)
    assert len(outcome.block) == 20, "acknowledged is kept"
    assert told(outcome) == {("c", "d", rules.OVER_QUOTA): 7}
    (apart,) = outcome.apart.values()
    assert apart.through == 10 and apart.samples[0].detail == "10/3 · 20/-"
    assert rules.OVER_QUOTA in rules.NOTICES, "and not counted as refused"


def test_readings_are_counted_as_messages_are_and_a_new_minute_begins_anew():
    decoder = Decoder(known(entry(readings=4)))
    assert told(decoder.decode(sent(2), NOW)) == {}
    assert told(decoder.decode(sent(1, first=3, at_ms=NOW + 100), NOW)) == {("c", "d", rules.OVER_QUOTA): 1}
    assert told(decoder.decode(sent(2, first=4, at_ms=NOW + MINUTE_MS), NOW + MINUTE_MS)) == {}


def test_a_flood_is_told_once_a_minute_and_nothing_of_it_is_lost():
    decoder = Decoder(known(entry(messages=1)))
    counts = [told(decoder.decode(sent(5, NOW + at, 1 + 5 * at), NOW + at)).get(("c", "d", rules.OVER_QUOTA)) for at in range(4)]
    assert counts == [4, None, None, None]
    later = NOW + TELL_EVERY_MS
    assert told(decoder.decode([], later)) == {("c", "d", rules.OVER_QUOTA): 15}


def test_another_change_of_a_credential_does_not_begin_the_minute_anew_and_a_quota_taken_away_counts_no_more():
    points = known(entry(messages=3))
    decoder = Decoder(points)
    decoder.decode(sent(3), NOW)
    points.apply(entry(messages=3))
    assert told(decoder.decode(sent(1, first=4, at_ms=NOW + 5), NOW)) == {("c", "d", rules.OVER_QUOTA): 1}
    points.apply(entry())
    assert points.meters == {} and told(decoder.decode(sent(100, first=5, at_ms=NOW + 9), NOW)) == {}
    assert all(source.meter is None for source in points.sources.values())


def test_what_a_gateway_passed_on_was_counted_by_the_gateway():
    outcome = Decoder(known(entry(messages=1))).decode(sent(5, headers={GATEWAY: "hj212"}), NOW)
    assert told(outcome) == {}


def test_messages_that_cannot_be_used_count_as_messages():
    bad = [Message(at, f"{SUBJECT_PREFIX}c.d", b"not json %d" % at, None, NOW) for at in range(1, 6)]
    outcome = Decoder(known(entry(messages=2))).decode(bad, NOW)
    assert told(outcome) == {("c", "d", "reading_bad_json"): 5, ("c", "d", rules.OVER_QUOTA): 3}


@given(st.integers(0, 20), st.integers(0, 50), st.lists(st.tuples(st.integers(0, 300_000), st.integers(0, 9)), max_size=200))
def test_every_message_beyond_is_told_exactly_once(messages, readings, stream):
    meter, beyond, used = Meter(messages, readings), 0, {}
    counted = 0
    for number, (at_ms, count) in enumerate(sorted(stream)):
        within = meter.take("d", count, Message(number, "", b"", None, at_ms))
        sent_now, measured = used.get(at_ms // MINUTE_MS, (0, 0))
        used[at_ms // MINUTE_MS] = sent_now, measured = sent_now + 1, measured + count
        assert within == (not (messages and sent_now > messages) and not (readings and measured > readings))
        beyond += not within
        counted += sum(row[1] for row in meter.due(at_ms))
    assert counted + sum(row[1] for row in meter.due(10**9)) == beyond
