"""A transmitter of fire facilities on one connection: what is told, what it is confirmed and asked, what it may hold."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from tests.rooms.sense.gateways.carrying import Carrier, apart, facts, happened, measured, sent, told

from anlan.sense.gateways.gb26875 import ANSWER_WITHIN_MS, SET_CLOCK_EACH_MS, Session
from anlan.sense.gateways.remembering import OpenStates
from anlan.sense.gateways.session import Action, Asked, Deliver, Happened, Heard, Identify, Measured, Reply, SetApart
from anlan.wire.framing import MOST_WAITING_BYTES, Frame
from anlan.wire.gb26875 import Analog, Command, Framer, Operation, Packet, Part, State, Version, decode, encode, encode_unit, units
from anlan.wire.gb26875.packet import write_time

BEIJING = timezone(timedelta(hours=8))
NOW = int(datetime(2026, 9, 21, 9, 58, 2, tzinfo=BEIJING).timestamp()) * 1000
DEVICE, OTHER, CENTRE = 889, 890, 23352
ADDRESS = str(DEVICE)
SMOKE = Part(1, 3, 40, 10, 2)
GAP = (NOW - 3_600_000, NOW)


def packet(kind: int | None = None, *objects: object, serial: int = 7, command: int = Command.SEND, **other: object) -> Packet:
    unit = b"" if kind is None else encode_unit(kind, objects)
    return replace(Packet(serial, command, DEVICE, CENTRE, unit, NOW), **other)


def smoke(word: int, time_ms: int = NOW, text: str = "一层大厅") -> Packet:
    return packet(units.PART_STATE, State("part_state", SMOKE, word, text, time_ms))


def line(missing: tuple[int, int] | None = None, states: OpenStates | None = None) -> Carrier:
    return Carrier(Session(states or OpenStates()), {ADDRESS: "", str(OTHER): ""}, NOW, missing)


def answers(actions: list[Action]) -> list[Packet]:
    pieces = Framer().feed(sent(actions))
    assert all(isinstance(piece, Frame) for piece in pieces)
    return [decode(piece.data) for piece in pieces]


def test_a_fire_alarm_is_told_with_its_place_and_confirmed_when_durable() -> None:
    actions = line().send(encode(smoke(0b11)))
    assert happened(actions)[0] == Happened(NOW, "gb26875.fire", "1-3-40-10-2", "火警：感烟火灾探测器，一层大厅")
    assert [kind for kind, active in told(actions) if active] == ["gb26875.fire"]
    assert not any(isinstance(action, Reply) for action in actions)
    (confirmed,) = answers(actions)
    assert confirmed == Packet(7, Command.CONFIRM, CENTRE, DEVICE, b"", NOW)


def test_states_are_told_when_they_begin_and_when_they_end_beyond_the_connection() -> None:
    states = OpenStates()
    first = line(states=states).send(encode(smoke(0b11)))
    # Fault and the others may have begun before the process did; whether the part is under test is not known to be unusual.
    assert ("gb26875.fault", False) in told(first)
    assert not any(kind == "gb26875.test" for kind, _active in told(first))
    assert told(line(states=states).send(encode(smoke(0b11)))) == []
    assert told(line(states=states).send(encode(smoke(0b101, NOW + 1000)))) == [("gb26875.fault", True), ("gb26875.fire", False)]
    assert told(line(states=states).send(encode(smoke(0b100, NOW + 2000)))) == [("gb26875.test", True)]


def test_what_comes_late_may_raise_an_alarm_and_ends_none() -> None:
    carrier = line()
    carrier.send(encode(smoke(0b11)))
    assert told(carrier.send(encode(smoke(0b1, NOW - 60_000)))) == []
    assert told(carrier.send(encode(smoke(0b101, NOW - 60_000)))) == [("gb26875.fault", True)]


def test_a_fire_alarm_that_could_not_be_stored_is_told_again_on_the_next_connection() -> None:
    states = OpenStates()
    carrier = line(states=states)
    carrier.send(encode(packet()))
    for action in carrier.session.receive(encode(smoke(0b11)), NOW):
        if isinstance(action, Deliver):
            # The store is away: the gateway ends the connection and draws no further action.
            break
    assert ("gb26875.fire", True) in told(line(states=states).send(encode(smoke(0b11))))


def test_a_transmitter_that_keeps_its_line_can_be_asked_at_any_time() -> None:
    carrier = line()
    carrier.send(encode(packet()))
    actions = carrier.session.ask_again(Asked(ADDRESS, *GAP), NOW)
    assert [each.unit for each in answers(list(actions))] == [units.read_device_state()]
    assert list(carrier.session.ask_again(Asked(ADDRESS, *GAP), NOW)) == []
    assert list(carrier.session.ask_again(Asked("1", *GAP), NOW)) == []


def test_states_of_facilities_and_of_the_transmitter_itself_are_told() -> None:
    states = [State("system_state", Part(11, 1), 0b100001, "", NOW), State("system_state", Part(12, 1), 0b100000001, "", NOW)]
    actions = line().send(encode(packet(units.SYSTEM_STATE, *states)))
    assert [(h.kind, h.part, h.text) for h in happened(actions) if h.active] == [
        ("gb26875.started", "11-1", "启动：消火栓系统"),
        ("gb26875.main_power_fault", "12-1", "主电故障：自动喷水灭火系统"),
    ]
    actions = line().send(encode(packet(units.DEVICE_STATE, State("device_state", Part(), 0b1001, "", NOW))))
    assert [(h.kind, h.part, h.text) for h in happened(actions) if h.active] == [
        ("gb26875.main_power_fault", "", "主电故障：用户信息传输装置")
    ]


def test_measured_values_are_points_of_their_part() -> None:
    warm = Analog(SMOKE, 3, 24.6, True, NOW - 1000)
    gas = Analog(replace(SMOKE, position=3), 6, 120.0, False, NOW - 1000)
    actions = line().send(encode(packet(units.ANALOG, warm, gas, replace(warm, number=25.0, time_ms=None))))
    assert measured(actions) == [
        Measured(
            NOW - 1000,
            {"1-3-40-10-2-temperature": 24.6, "1-3-40-10-3-gas": 120.0},
            {"1-3-40-10-3-gas": "out_of_range"},
        ),
        Measured(NOW, {"1-3-40-10-2-temperature": 25.0}),
    ]
    assert len(answers(actions)) == 1


def test_what_was_done_is_told_once_and_clearing_ends_the_alarm_given_by_hand() -> None:
    carrier = line()
    given = Operation("device_operation", Part(), 0b100, 5, NOW)
    actions = carrier.send(encode(packet(units.DEVICE_OPERATION, given)))
    assert happened(actions) == [Happened(NOW, "gb26875.manual_alarm", "", "手动报警：用户信息传输装置", True, {"operator": 5.0})]
    cleared = replace(given, word=0b1000)
    assert told(carrier.send(encode(packet(units.DEVICE_OPERATION, cleared)))) == [
        ("gb26875.alarm_cleared", True),
        ("gb26875.manual_alarm", False),
    ]
    post = Operation("device_operation", Part(), 0b100000, 5, NOW)
    assert told(carrier.send(encode(packet(units.DEVICE_OPERATION, post)))) == [("gb26875.post_answered", True)]
    at_panel = Operation("facility_operation", Part(1, 3), 0b10, 2, NOW)
    assert told(carrier.send(encode(packet(units.FACILITY_OPERATION, at_panel)))) == [("gb26875.silence", True)]


def test_a_sign_of_life_and_information_are_confirmed() -> None:
    carrier = line()
    actions = carrier.send(encode(packet()))
    assert carrier.asked == [Identify(ADDRESS, "")]
    assert Heard(ADDRESS) in actions
    assert [each.command for each in answers(actions)] == [Command.CONFIRM]
    assert [each.command for each in answers(carrier.send(encode(packet(units.DEVICE_VERSION, Version(Part(), 1, 2)))))] == [
        Command.CONFIRM
    ]


def test_every_sample_is_taken_or_set_apart_as_its_label_says(shared: Path) -> None:
    for text in (shared / "samples/gb26875/frames.jsonl").read_text().splitlines():
        sample = json.loads(text)
        carrier = Carrier(Session(OpenStates()), {"0": ""}, NOW)
        carrier.send(encode(packet(source=0)))
        actions = carrier.send(bytes.fromhex(sample["frame"]))
        assert (("gb26875.fire", True) in told(actions)) == sample["valid"]
        assert (apart(actions) == [("0", "gb26875_bad_checksum")]) != sample["valid"]
        (first, *_clock) = answers(actions)
        assert first.command == (Command.CONFIRM if sample["valid"] else Command.DENY)


def test_what_fails_the_checks_is_denied_and_what_is_not_understood_is_confirmed() -> None:
    carrier = line()
    carrier.send(encode(packet()))
    bad = encode(smoke(0b11))
    bad = bad[:-3] + bytes([bad[-3] ^ 1]) + b"##"
    actions = carrier.send(bad)
    assert (told(actions), apart(actions)) == ([], [(ADDRESS, "gb26875_bad_checksum")])
    assert [(each.command, each.serial) for each in answers(actions)] == [(Command.DENY, 7)]
    actions = carrier.send(encode(packet(command=99)))
    assert (apart(actions), [each.command for each in answers(actions)]) == ([(ADDRESS, "gb26875_unknown_command")], [Command.DENY])
    # The alarm that stands behind it must not wait for ever.
    own = packet(unit=b"\x82\x01maker")
    actions = carrier.send(encode(own), encode(smoke(0b11)))
    assert apart(actions) == [(ADDRESS, "gb26875_unknown_unit")]
    assert [each.command for each in answers(actions)] == [Command.CONFIRM, Command.CONFIRM]
    assert ("gb26875.fire", True) in told(actions)


def test_a_stranger_is_not_answered_and_costs_the_others_nothing() -> None:
    carrier = line()
    stranger = encode(replace(smoke(0b11), source=1))
    actions = carrier.send(stranger, encode(replace(smoke(0b11), source=OTHER)), stranger, stranger[:-3] + b"\0##")
    assert [action.address for action in actions if isinstance(action, Deliver)] == [str(OTHER)]
    assert apart(actions) == [("", "gateway_not_identified"), ("", "gb26875_bad_checksum")]
    assert [each.target for each in answers(actions)] == [OTHER]


def test_a_fire_alarm_with_an_impossible_time_takes_that_of_its_packet() -> None:
    unit = encode_unit(units.PART_STATE, [State("part_state", SMOKE, 0b11, "", NOW)])[:-6] + b"\xff" * 6
    actions = line().send(encode(packet(unit=unit)))
    assert apart(actions) == [(ADDRESS, "gb26875_bad_time")]
    assert happened(actions)[0].time_ms == NOW
    actions = line().send(encode(packet(unit=unit, sent_ms=None)))
    assert happened(actions)[0].time_ms == NOW


def test_a_clock_that_is_off_is_set_but_not_all_the_time() -> None:
    carrier = line()
    off = encode(packet(sent_ms=NOW - 61_000))
    confirmed, setting = answers(carrier.send(off))
    assert confirmed.command == Command.CONFIRM
    assert (setting.command, setting.unit, setting.source, setting.target) == (
        Command.CONTROL,
        b"\x5a\x01" + write_time(NOW),
        CENTRE,
        DEVICE,
    )
    assert len(answers(carrier.send(off, later_ms=SET_CLOCK_EACH_MS - 1))) == 1
    assert len(answers(carrier.send(off, later_ms=1))) == 2
    assert answers(carrier.send(encode(packet(command=Command.CONFIRM)))) == []


def test_after_an_interruption_state_operations_and_known_facilities_are_asked_for_one_by_one() -> None:
    states = OpenStates()
    line(states=states).send(encode(smoke(0b1)))
    carrier = line(GAP, states)
    confirmed, state = answers(carrier.send(encode(packet())))
    assert confirmed.command == Command.CONFIRM
    assert (state.command, state.unit, state.source, state.target) == (Command.REQUEST, units.read_device_state(), CENTRE, DEVICE)
    assert len(answers(carrier.send(encode(packet())))) == 1
    replied = packet(units.DEVICE_STATE, State("device_state", Part(), 0b1001, "", NOW), serial=state.serial, command=Command.REPLY)
    actions = carrier.send(encode(replied))
    assert ("gb26875.main_power_fault", True) in told(actions)
    (operations,) = answers(actions)
    assert operations.unit == units.read_operations(GAP[0])
    actions = carrier.send(encode(packet(serial=operations.serial, command=Command.DENY)))
    assert apart(actions) == [(ADDRESS, "gb26875_request_denied")]
    (facilities,) = answers(actions)
    assert facilities.unit == units.read_system_state([Part(1, 3)])
    assert len({state.serial, operations.serial, facilities.serial}) == 3
    assert len(answers(carrier.send(encode(packet(sent_ms=None)), later_ms=ANSWER_WITHIN_MS + 1))) == 1


def test_a_question_without_an_answer_is_not_waited_for() -> None:
    carrier = line(GAP)
    carrier.send(encode(packet()))
    assert len(answers(carrier.send(encode(packet(sent_ms=None)), later_ms=ANSWER_WITHIN_MS))) == 1
    assert len(answers(carrier.send(encode(packet(sent_ms=None)), later_ms=1))) == 2


def _talk() -> bytes:
    good = encode(smoke(0b11))
    said = [
        encode(packet()),
        good,
        good[:-3] + b"\0##",
        encode(packet(units.ANALOG, Analog(SMOKE, 3, 24.6, True, NOW))),
        encode(replace(smoke(0b11), source=1)),
        encode(smoke(0b1, NOW + 1000)),
        encode(packet(command=99)),
        encode(packet(units.DEVICE_OPERATION, Operation("device_operation", Part(), 0b100, 5, NOW))),
        encode(replace(smoke(0b11), source=OTHER)),
    ]
    return b"noise@" + b"".join(said)


def test_a_conversation_has_the_same_end_however_it_is_split() -> None:
    stream = _talk()
    expected = facts(line(GAP).send(stream))
    assert len(expected) > 15
    for at in range(len(stream)):
        carrier = line(GAP)
        assert facts([*carrier.send(stream[:at]), *carrier.send(stream[at:])]) == expected, at
    carrier = line(GAP)
    assert facts([action for at in range(len(stream)) for action in carrier.send(stream[at : at + 1])]) == expected


@pytest.mark.parametrize("part", range(2))
def test_a_session_survives_whatever_it_is_sent_and_holds_little(part: int) -> None:
    chance = random.Random(26875 + part)
    talk = _talk()
    for _ in range(500):
        carrier = line(GAP)
        data = bytearray(talk)
        for _flip in range(chance.randrange(12)):
            data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        if chance.random() < 0.3:
            del data[chance.randrange(len(data)) :]
        if chance.random() < 0.2:
            at = chance.randrange(len(data) + 1)
            data[at:at] = chance.choice([chance.randbytes(3000), b"@" * 5000, encode(smoke(0b11)) * 3])
        at = chance.randrange(len(data) + 1)
        for piece in (bytes(data[:at]), bytes(data[at:])):
            for action in carrier.send(piece, later_ms=chance.choice([0, 1000, ANSWER_WITHIN_MS + 1])):
                if isinstance(action, SetApart):
                    assert action.reason.code.startswith(("gb26875_", "gateway_"))
                    assert len(action.data) <= 1024
            assert carrier.session.waiting <= MOST_WAITING_BYTES
