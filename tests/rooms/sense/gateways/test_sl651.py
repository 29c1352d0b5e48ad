"""A hydrology station on one connection: who it is, what is delivered, how it is confirmed and asked, what it may hold."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from tests.rooms.sense.gateways.carrying import Carrier, apart, facts, happened, measured, sent, told

from anlan.sense.gateways.admitting import ASK_AFRESH_MS
from anlan.sense.gateways.remembering import OpenStates
from anlan.sense.gateways.session import Action, Asked, Deliver, Happened, Heard, Identify, Measured, Reply, SetApart
from anlan.sense.gateways.sl651 import ANSWER_WITHIN_MS, Session
from anlan.wire.framing import MOST_WAITING_BYTES, Frame
from anlan.wire.sl651 import Framer, Function, Packet, Telegram, body, decode, encode
from anlan.wire.sl651.framing import ACK, ENQ, EOT, ESC, ETB, ETX, NAK
from anlan.wire.sl651.numbers import read_time
from anlan.wire.sl651.packets import EXPIRES_MS

BEIJING = timezone(timedelta(hours=8))
NOW = int(datetime(2026, 9, 21, 8, 0, 9, tzinfo=BEIJING).timestamp()) * 1000
SENT = NOW - 2000
EIGHT = NOW - 9000
STATION, OTHER, PASSWORD, RIVER = "0011223344", "0011223345", "03E8", 0x48
LEVEL = body.observed(EIGHT, [body.number(0x39, 10.49), body.number(0x26, 4.0), body.number(0x38, 11.02)])


def said(parts: list[bytes], function: int = Function.TIMED, serial: int = 7, station: str = STATION, **other: object) -> bytes:
    told = Telegram(station, 5, PASSWORD, function, body.report(serial, SENT, station, RIVER, parts))
    return encode(replace(told, **other))


def status(word: int) -> bytes:
    return said([body.observed(EIGHT, [b"\x45\x20" + word.to_bytes(4, "big")])])


KEEP = encode(Telegram(STATION, 5, PASSWORD, Function.KEEP_LINK, body.opening(1, SENT)))
GAP = (NOW - 5 * 3_600_000, NOW)


def line(missing: tuple[int, int] | None = None, states: OpenStates | None = None) -> Carrier:
    return Carrier(Session(states or OpenStates()), {STATION: PASSWORD, OTHER: PASSWORD}, NOW, missing)


def answers(actions: list[Action]) -> list[Telegram]:
    pieces = Framer().feed(sent(actions))
    assert all(isinstance(piece, Frame) for piece in pieces)
    return [decode(piece.data) for piece in pieces]


def test_a_report_is_delivered_and_confirmed_when_durable() -> None:
    actions = line().send(said([LEVEL]))
    assert actions[0] == Heard(STATION)
    (delivered,) = [action for action in actions if isinstance(action, Deliver)]
    assert delivered.measured == (Measured(EIGHT, {"Z": 10.49, "PT": 4.0, "VT": 11.02}),)
    (confirmed,) = answers(actions)
    assert (confirmed.station, confirmed.centre, confirmed.password, confirmed.function) == (STATION, 5, PASSWORD, Function.TIMED)
    assert (confirmed.upward, confirmed.end, confirmed.body[:2], read_time(confirmed.body[2:8])) == (False, EOT, b"\0\x07", NOW)
    # Not before it is durable.
    assert not any(isinstance(action, Reply) for action in actions)


@pytest.mark.parametrize("function", [0x30, 0x31, 0x32, 0x33, 0x34, 0x35])
def test_every_report_of_its_own_is_confirmed_under_its_function(function: int) -> None:
    parts = [body.series(EIGHT, 5, 0x39, [1.0, 2.0])] if function == Function.UNIFORM else [LEVEL]
    (confirmed,) = answers(line().send(said(parts, function)))
    assert confirmed.function == function


def test_every_whole_sample_is_taken_by_a_session(shared: Path) -> None:
    samples = [json.loads(each) for each in (shared / "samples/sl651/frames.jsonl").read_text().splitlines()]
    for sample in samples:
        data = bytes.fromhex(sample["frame"])
        whole = sample["crc_ok"] and sample["len_ok"]
        first = decode(data) if whole else None
        carrier = Carrier(Session(OpenStates()), {first.station: first.password} if first else {}, NOW)
        # Something must follow a damaged length before it is known to be one.
        actions = carrier.send(data, b"\0" * 4200)
        if not whole:
            assert measured(actions) == []
            continue
        expected = int(sample["func"], 16) <= 0x3A
        assert (measured(actions) != []) == expected, sample["frame"]
        assert len(answers(actions)) == (0x30 <= int(sample["func"], 16) <= 0x36)


def test_a_station_that_keeps_its_line_is_asked_to_stay() -> None:
    carrier = line()
    assert carrier.send(KEEP) == [Heard(STATION), Heard(STATION)]
    (confirmed,) = answers(carrier.send(said([LEVEL])))
    assert confirmed.end == ESC


def test_a_station_is_asked_about_once_and_a_stranger_delivers_nothing() -> None:
    carrier = line()
    carrier.send(said([LEVEL]), said([LEVEL]))
    assert carrier.asked == [Identify(STATION, PASSWORD)]
    actions = carrier.send(said([LEVEL], password="FFFF"))
    assert (measured(actions), sent(actions)) == ([], b"")
    stranger = said([LEVEL], station="9999999999")
    actions = carrier.send(stranger, said([LEVEL], station=OTHER), stranger)
    assert [action.address for action in actions if isinstance(action, Deliver)] == [OTHER]
    assert apart(actions) == [("", "gateway_not_identified")]
    assert len(carrier.asked) == 4
    carrier.send(stranger, later_ms=ASK_AFRESH_MS)
    assert len(carrier.asked) == 5


def test_values_of_a_test_and_of_a_faulty_gauge_are_marked() -> None:
    (found,) = measured(line().send(said([LEVEL], Function.TEST)))
    assert set(found.marked.values()) == {"test"}
    assert found.marked.keys() == found.values.keys()
    parts = [body.observed(EIGHT, [body.number(0x39, 10.49), body.number(0x26, 4.0), b"\x45\x20\x00\x00\x00\xc0"])]
    (found,) = measured(line().send(said(parts)))
    assert found.marked == {"Z": "level_meter_fault"}


def test_states_are_told_when_they_begin_and_when_they_end_beyond_the_connection() -> None:
    states = OpenStates()
    actions = line(states=states).send(status(0b10000100))
    assert happened(actions)[0] == Happened(SENT, "sl651.level_over_limit", "", "水位超限")
    assert [kind for kind, active in told(actions) if active] == ["sl651.level_over_limit"]
    # It may have begun before the process did: what does not last has ended.
    assert ("sl651.mains_lost", False) in told(actions)
    assert not any("door" in kind or "pump" in kind for kind, _active in told(actions))
    assert told(line(states=states).send(status(0b10000100))) == []
    assert told(line(states=states).send(status(0b00000000))) == [("sl651.door_open", True), ("sl651.level_over_limit", False)]


def test_words_entered_by_hand_are_told() -> None:
    words = body.opening(4, SENT) + b"\xf2\xf2" + "水位异常，已电话核实".encode("gb18030")
    actions = line().send(encode(Telegram(STATION, 5, PASSWORD, Function.MANUAL, words)))
    assert happened(actions) == [Happened(SENT, "sl651.manual_text", "", "水位异常，已电话核实")]
    assert answers(actions)[0].end == EOT


def test_a_bad_element_is_set_apart_and_the_good_ones_beside_it_are_delivered() -> None:
    parts = [body.observed(EIGHT, [body.number(0x39, 10.49), b"\x26\x19\x0a\x00\x00", body.number(0x38, 11.02)])]
    actions = line().send(said(parts))
    assert apart(actions) == [(STATION, "sl651_bad_element")]
    assert measured(actions)[0].values == {"Z": 10.49, "VT": 11.02}
    assert len(answers(actions)) == 1


def test_damaged_frames_are_counted_against_the_only_station_and_not_confirmed() -> None:
    carrier = line()
    carrier.send(KEEP)
    bad = said([LEVEL])[:-1] + b"\0"
    actions = carrier.send(bad, said([LEVEL]) * 2)
    assert (STATION, "sl651_bad_checksum") in apart(actions)
    assert len(answers(actions)) == 2
    assert apart(carrier.send(encode(Telegram(STATION, 5, PASSWORD, 0x32, b"12345678", upward=False)))) == [(STATION, "sl651_broken_frame")]


def packets(total: int, function: int = Function.TIMED, *, repeat_head: bool = False) -> list[bytes]:
    """A report of ``total`` values of the level in as many packets."""
    parts = [body.observed(EIGHT + number * 60_000, [body.number(0x39, number / 100)]) for number in range(total)]
    bodies = [body.report(7, SENT, STATION, RIVER, parts[:1]), *parts[1:]]
    if repeat_head:
        bodies = [bodies[0], *(body.opening(7, SENT) + each for each in bodies[1:])]
    return [
        encode(Telegram(STATION, 5, PASSWORD, function, each, packet=Packet(total, number), end=ETX if number == total else ETB))
        for number, each in enumerate(bodies, 1)
    ]


@pytest.mark.parametrize("repeat_head", [False, True])
def test_packets_are_acknowledged_and_the_whole_is_confirmed(repeat_head: bool) -> None:
    carrier = line()
    *first, last = packets(4, repeat_head=repeat_head)
    for each in first:
        (acknowledged,) = answers(carrier.send(each))
        assert (acknowledged.end, acknowledged.body[:2]) == (ACK, b"\0\x07")
    assert carrier.session.waiting > 0
    actions = carrier.send(last)
    assert [each.values for each in measured(actions)] == [{"Z": number / 100} for number in range(4)]
    assert apart(actions) == []
    (confirmed,) = answers(actions)
    assert (confirmed.end, confirmed.body[:2], confirmed.packet) == (EOT, b"\0\x07", None)
    assert carrier.session.waiting == 0


def test_missing_packets_are_demanded_and_the_whole_is_in_order() -> None:
    carrier = line()
    all_of_them = packets(5)
    actions = carrier.send(all_of_them[0], all_of_them[2], all_of_them[4])
    assert measured(actions) == []
    assert [(each.end, each.packet) for each in answers(actions)] == [(ACK, None), (ACK, None), (NAK, Packet(5, 2)), (NAK, Packet(5, 4))]
    actions = carrier.send(all_of_them[3], all_of_them[1])
    assert [each.values["Z"] for each in measured(actions)] == [0.0, 0.01, 0.02, 0.03, 0.04]
    assert answers(actions)[-1].end == EOT


def test_packets_that_never_come_are_given_up_and_told() -> None:
    carrier = line()
    carrier.send(packets(3)[0])
    actions = carrier.send(b"\0", later_ms=EXPIRES_MS + 1)
    assert (STATION, "sl651_packets_given_up") in apart(actions)
    assert carrier.session.waiting == 0


def test_a_picture_is_confirmed_counted_and_not_kept() -> None:
    carrier = line()
    total = 300
    for number in range(1, total + 1):
        content = body.opening(9, SENT) + bytes(900) if number == 1 else bytes(1000)
        end = ETX if number == total else ETB
        frame = encode(Telegram(STATION, 5, PASSWORD, Function.PICTURE, content, packet=Packet(total, number), end=end))
        actions = carrier.send(frame)
        assert carrier.session.waiting < 500
    assert apart(actions) == [(STATION, "sl651_picture_not_kept")]
    assert (answers(actions)[-1].end, answers(actions)[-1].body[:2]) == (EOT, b"\0\x09")


def test_what_waits_for_packets_is_bounded() -> None:
    carrier = line()
    reasons: set[str] = set()
    for number in range(2, 400):
        telegram = Telegram(STATION, 5, PASSWORD, 0x34, bytes(1000), packet=Packet(4000, number), end=ETB)
        reasons |= {code for _address, code in apart(carrier.send(encode(telegram)))}
        assert carrier.session.waiting <= MOST_WAITING_BYTES
    assert reasons == {"sl651_packets_too_large"}
    telegram = Telegram(STATION, 5, PASSWORD, 0x34, b"", packet=Packet(3, 4), end=ETB)
    assert apart(carrier.send(encode(telegram))) == [(STATION, "sl651_bad_packet")]


def test_after_an_interruption_the_elements_that_were_reported_are_asked_for_hour_by_hour() -> None:
    carrier = line(GAP)
    confirmed, question = answers(carrier.send(said([LEVEL])))
    assert confirmed.end == ESC
    assert (question.function, question.end, question.upward, question.station) == (Function.QUERY_PERIOD, ENQ, False, STATION)
    assert question.body[8:] == bytes.fromhex("26092103 26092108 0418000100 3923")
    # Nothing more until the answer is here.
    assert [each.end for each in answers(carrier.send(said([LEVEL])))] == [ESC]
    answer = said([body.series(EIGHT - 3_600_000, 60, 0x39, [10.1, 10.2])], Function.QUERY_PERIOD)
    actions = carrier.send(answer)
    assert [(each.time_ms, each.values, each.resent) for each in measured(actions)] == [
        (EIGHT - 3_600_000, {"Z": 10.1}, True),
        (EIGHT, {"Z": 10.2}, True),
    ]
    (rain,) = answers(actions)
    assert rain.body[-2:] == b"\x26\x19"
    (voltage,) = answers(carrier.send(KEEP, later_ms=ANSWER_WITHIN_MS + 1))
    assert voltage.body[-2] == 0x38


def test_a_station_that_has_reported_can_be_asked_at_any_time() -> None:
    carrier = line()
    assert list(carrier.session.ask_again(Asked(STATION, *GAP), NOW)) == []
    carrier.send(said([LEVEL]))
    (question,) = answers(list(carrier.session.ask_again(Asked(STATION, *GAP), NOW)))
    assert (question.function, question.end, question.body[-2]) == (Function.QUERY_PERIOD, ENQ, 0x39)
    assert list(carrier.session.ask_again(Asked(STATION, *GAP), NOW)) == []


def test_a_state_that_could_not_be_stored_is_told_again_on_the_next_connection() -> None:
    states = OpenStates()
    carrier = line(states=states)
    carrier.send(KEEP)
    for action in carrier.session.receive(status(0b10000100), NOW):
        if isinstance(action, Deliver):
            break
    assert ("sl651.level_over_limit", True) in told(line(states=states).send(status(0b10000100)))


def test_answers_to_questions_and_settings_are_not_confirmed() -> None:
    for function in (Function.QUERY_NOW, Function.QUERY_ELEMENTS, Function.QUERY_STATUS):
        actions = line().send(said([LEVEL], function))
        assert (len(measured(actions)), sent(actions)) == (1, b"")
    assert line().send(said([], 0x45)) == [Heard(STATION), Heard(STATION)]
    assert apart(line().send(said([], 0xE1))) == [(STATION, "sl651_unknown_function")]


def test_a_station_that_speaks_letters_is_answered_in_letters() -> None:
    words = body.opening(3, SENT, ascii=True) + b"ST 0011223344 H TT 2609210800 Z -0.127 VT 11.15"
    actions = line(GAP).send(encode(Telegram(STATION, 5, PASSWORD, Function.TIMED, words, ascii=True)))
    assert measured(actions)[0].values == {"Z": -0.127, "VT": 11.15}
    (confirmed,) = answers(actions)
    assert (confirmed.ascii, confirmed.body[:4]) == (True, b"0003")


def _talk() -> bytes:
    return b"".join(
        [
            b"noise\x7e",
            KEEP,
            said([LEVEL]),
            status(0b10000101),
            said([LEVEL])[:-3],
            said([LEVEL], station="9999999999"),
            *packets(3),
            said([LEVEL], Function.PICTURE),
            status(0b10000000),
            said([body.observed(EIGHT, [body.number(0x39, 10.49), b"\x26\x19\x0a\x00\x00"])], station=OTHER),
        ]
    )


def test_a_conversation_has_the_same_end_however_it_is_split() -> None:
    stream = _talk()
    expected = facts(line(GAP).send(stream))
    assert len(expected) > 15
    for at in range(len(stream)):
        carrier = line(GAP)
        assert facts([*carrier.send(stream[:at]), *carrier.send(stream[at:])]) == expected, at
    carrier = line(GAP)
    assert facts([action for at in range(len(stream)) for action in carrier.send(stream[at : at + 1])]) == expected


def test_a_session_survives_whatever_it_is_sent_and_holds_little() -> None:
    chance = random.Random(651)
    talk = _talk()
    for _ in range(1000):
        carrier = line(GAP)
        data = bytearray(talk)
        for _flip in range(chance.randrange(12)):
            data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        if chance.random() < 0.3:
            del data[chance.randrange(len(data)) :]
        if chance.random() < 0.2:
            at = chance.randrange(len(data) + 1)
            data[at:at] = chance.choice([chance.randbytes(3000), b"\x7e" * 5000, said([LEVEL]) * 3])
        at = chance.randrange(len(data) + 1)
        for part in (bytes(data[:at]), bytes(data[at:])):
            for action in carrier.send(part, later_ms=chance.choice([0, 1000, ANSWER_WITHIN_MS + 1])):
                if isinstance(action, SetApart):
                    assert action.reason.code.startswith(("sl651_", "gateway_"))
                    assert len(action.data) <= 1024
            assert carrier.session.waiting <= 2 * MOST_WAITING_BYTES
