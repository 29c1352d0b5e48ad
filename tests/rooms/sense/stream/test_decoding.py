"""From raw messages to one block, without engines: maintenance, re-sent messages, made-up names, devices withdrawn."""

import json

import numpy as np

from anlan.ledger.broker import Message
from anlan.sense.stream import rules
from anlan.sense.stream.decoding import MOST_UNKNOWN_DEVICES, NOTICE_MS, Decoder
from anlan.sense.stream.points import SUBJECT_PREFIX, Points
from anlan.wire.blocks import DOUBTFUL, EXERCISE, MAINTENANCE
from anlan.wire.readings import GATEWAY
from anlan.wire.registry import DeviceEntry, Entry, LimitEntry, SensorEntry

NOW = 1_795_000_000_000


def message(number, device, payload, credential="c"):
    data = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    return Message(number, f"{SUBJECT_PREFIX}{credential}.{device}", data, None)


def known(*devices, active=True):
    points = Points()
    points.apply(Entry("c", active, devices))
    return points


def sensor(code, channel, *limits):
    return SensorEntry(code, channel, None, None, limits)


def rows(block):
    return list(zip(block.channel.tolist(), (block.time - NOW).tolist(), block.value.tolist(), block.quality.tolist(), strict=True))


def test_readings_while_a_device_is_worked_on_are_marked():
    points = known(DeviceEntry("d", True, (sensor("a", 7),), ((NOW + 10, NOW + 20),)))
    sent = [{"t": NOW + offset, "v": {"a": offset}} for offset in (9, 10, 19, 20)]
    outcome = Decoder(points).decode([message(1, "d", sent)], NOW)
    assert rows(outcome.block) == [(7, 9, 9.0, 0), (7, 10, 10.0, MAINTENANCE), (7, 19, 19.0, MAINTENANCE), (7, 20, 20.0, 0)]


def test_only_while_an_exercise_is_announced_does_a_device_s_own_mark_count():
    announced = DeviceEntry("d", True, (sensor("a", 7),), exercises=((NOW + 10, NOW + 20), (NOW + 30, NOW + 40)))
    sent = [{"t": NOW + offset, "v": {"a": offset}, "exercise": offset != 15} for offset in (9, 10, 15, 19, 20, 35)]
    outcome = Decoder(known(announced)).decode([message(1, "d", sent)], NOW)
    assert rows(outcome.block) == [
        (7, 9, 9.0, 0),
        (7, 10, 10.0, EXERCISE),
        (7, 15, 15.0, 0),
        (7, 19, 19.0, EXERCISE),
        (7, 20, 20.0, 0),
        (7, 35, 35.0, EXERCISE),
    ]
    ((key, noted),) = outcome.apart.items()
    assert key == ("c", "d", "reading_exercise_not_announced") and noted.through == 1
    assert rules.EXERCISE_NOT_ANNOUNCED in rules.REASONS and rules.EXERCISE_NOT_ANNOUNCED in rules.NOTICES


def test_an_exercise_that_silences_nothing_marks_no_reading_that_says_nothing_of_it():
    announced = DeviceEntry("d", True, (sensor("a", 7),), exercises=((NOW, NOW + 10),))
    outcome = Decoder(known(announced)).decode([message(1, "d", {"t": NOW, "v": {"a": 1}})], NOW)
    assert rows(outcome.block) == [(7, 0, 1.0, 0)] and outcome.apart == {}


def test_a_device_that_goes_on_marking_what_nobody_announced_is_told_of_once_a_minute_with_all_it_sent():
    decoder, told = Decoder(known(DeviceEntry("d", True, (sensor("a", 1), sensor("b", 2))))), []
    for step in range(130):
        now = NOW + step * 1000
        outcome = decoder.decode([message(step, "d", {"t": now, "v": {"a": step, "b": 0}, "exercise": True})], now)
        assert len(outcome.block) == 2 and not outcome.block.quality.any()
        told += [(step, apart.count) for apart in outcome.apart.values()]
    minute = NOTICE_MS // 1000
    assert told == [(0, 2), (minute, 2 * minute), (2 * minute, 2 * minute)]


def test_a_message_sent_again_for_want_of_an_acknowledgement_counts_once():
    points = known(DeviceEntry("d", True, (sensor("a", 7),)))
    sent = {"t": NOW, "v": {"a": 1}}
    outcome = Decoder(points).decode([message(1, "d", sent), message(2, "d", sent)], NOW)
    assert (len(outcome.block), outcome.repeated) == (1, 1)


def test_codes_in_another_order_or_partly_unknown_still_find_their_channels():
    points = known(DeviceEntry("d", True, (sensor("a", 1), sensor("b", 2), sensor("c", 3))))
    sent = [{"t": NOW, "v": {"c": 3, "x": 9, "a": 1}}, {"t": NOW + 1, "v": {"b": 2}}]
    outcome = Decoder(points).decode([message(5, "d", sent)], NOW)
    assert rows(outcome.block) == [(3, 0, 3.0, 0), (1, 0, 1.0, 0), (2, 1, 2.0, 0)]
    assert {key: (apart.count, apart.through) for key, apart in outcome.apart.items()} == {("c", "d", "reading_unknown_sensor"): (1, 5)}


def test_made_up_device_codes_do_not_fill_the_store():
    messages = [message(number, f"ghost{number}", {"t": NOW, "v": {"a": 1}}) for number in range(200)]
    outcome = Decoder(known()).decode(messages, NOW)
    assert len(outcome.apart) == MOST_UNKNOWN_DEVICES + 1
    assert sum(apart.count for apart in outcome.apart.values()) == 200
    assert len(outcome.block) == 0


def test_what_a_revoked_credential_still_sends_is_set_apart():
    points = known(DeviceEntry("d", True, (sensor("a", 7),)), active=False)
    outcome = Decoder(points).decode([message(1, "d", {"t": NOW, "v": {"a": 1}})], NOW)
    assert list(outcome.apart) == [("c", "d", "device_revoked_credential")] and len(outcome.block) == 0


def test_a_registry_message_replaces_all_that_was_known_of_its_credential():
    points = known(DeviceEntry("d", True, (sensor("a", 7, LimitEntry("H", 5.0, 0.0, 2.0, 1)), sensor("b", 5000))))
    assert points.limit[1, 7] == 5.0 and points.dwell_ms[1, 7] == 2000.0 and points.size > 5000
    points.apply(Entry("c", True, (DeviceEntry("e", True, (sensor("b", 5000),)),)))
    assert np.isnan(points.limit[:, 7]).all()
    assert set(points.sources) == {f"{SUBJECT_PREFIX}c.e"}


def test_only_a_gateway_of_the_node_may_pass_on_that_the_sender_doubts_its_own_value():
    points = known(DeviceEntry("d", True, (sensor("a", 1), sensor("b", 2))))
    early, late = (
        [{"t": NOW + at, "v": {"x": 9, "a": 1, "b": 2}, "doubtful": ["b", "x"]}, {"t": NOW + at, "v": {"a": 3}}] for at in (0, 1)
    )
    alone = message(1, "d", early)
    passed = Message(2, alone.subject, json.dumps(late).encode(), {GATEWAY: "hj212"})
    outcome = Decoder(points).decode([alone, passed], NOW)
    assert rows(outcome.block) == [(1, 0, 1.0, 0), (2, 0, 2.0, 0), (1, 0, 3.0, 0), (1, 1, 1.0, 0), (2, 1, 2.0, DOUBTFUL), (1, 1, 3.0, 0)]


def at(number, subject, payload, moment):
    return Message(number, subject, payload if isinstance(payload, bytes) else json.dumps(payload).encode(), None, moment)


def test_senml_is_read_in_the_units_of_the_points_and_counts_from_when_the_stream_got_it():
    points = known(DeviceEntry("d", True, (SensorEntry("PT-1", 4, None, None, unit="MPa"), sensor("TT-1", 5))))
    pack = [{"bn": "urn:dev:x:", "bu": "kPa", "n": "PT-1", "v": 850, "t": -2}, {"n": "TT-1", "u": "Cel", "v": 20}]
    outcome = Decoder(points).decode([at(1, f"{SUBJECT_PREFIX}c.d", pack, NOW - 500)], NOW)
    assert rows(outcome.block) == [(4, -2500, 0.85, 0), (5, -500, 20.0, 0)]


def test_telemetry_without_a_time_is_no_repetition_however_often_it_says_the_same():
    points = known(DeviceEntry("d", True, (sensor("a", 7),)))
    outcome = Decoder(points).decode([at(n, f"{SUBJECT_PREFIX}c.d", {"a": 1}, NOW + n) for n in (1, 2)], NOW)
    assert (rows(outcome.block), outcome.repeated) == ([(7, 1, 1.0, 0), (7, 2, 1.0, 0)], 0)


def test_an_observation_finds_its_point_by_the_channel_in_its_topic():
    drilled = ((NOW, NOW + 10),)
    points = known(DeviceEntry("d", True, (sensor("a", 7),), exercises=drilled), DeviceEntry("off", False, (sensor("b", 9),)))
    subject = "$MQTT.msgs.v1//1.Datastreams({}).Observations".format
    told = [
        at(1, subject(7), {"result": 2.5}, NOW - 3),
        at(2, subject(7), {"result": "x"}, NOW),
        at(3, subject(7), {"phenomenonTime": "2026-11-18T11:06:30Z/2026-11-18T11:06:40.002Z", "result": 3}, NOW),
        at(4, subject(9), {"result": 1}, NOW),
        at(6, subject(7), {"result": 4, "parameters": {"exercise": True}}, NOW + 5),
        at(5, subject(99_999_999), {"result": 1}, NOW),
    ]
    outcome = Decoder(points).decode(told, NOW)
    assert rows(outcome.block)[0] == (7, -3, 2.5, 0)
    assert rows(outcome.block)[1:] == [(7, 2, 3.0, 0), (7, 5, 4.0, EXERCISE)]
    assert set(outcome.apart) == {
        ("c", "d", "reading_not_a_number"),
        ("c", "off", "reading_device_not_in_use"),
        ("_unknown", "_unknown", "reading_unknown_sensor"),
    }


def test_a_device_that_moves_to_another_credential_keeps_its_channel_and_its_limits():
    points = known(DeviceEntry("d", True, (sensor("a", 7, LimitEntry("H", 5.0, 0.0, 0.0, 2)),)))
    points.apply(Entry("other", True, (DeviceEntry("d", True, (sensor("a", 7, LimitEntry("H", 6.0, 0.0, 0.0, 2)),)),)))
    points.apply(Entry("c", True, ()))
    assert points.limit[1, 7] == 6.0
    assert points.owners[7].credential == "other"
    points.apply(Entry("other", True, ()))
    assert np.isnan(points.limit[1, 7]) and points.owners[7] is None
