"""A station of a pollution source on one connection: who it is, what is delivered, what it is answered and asked, what it may hold."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest
from tests.rooms.sense.gateways.carrying import Carrier, apart, facts, measured, sent

from anlan.sense.gateways.admitting import ASK_AFRESH_MS
from anlan.sense.gateways.hj212 import ANSWER_WITHIN_MS, Session
from anlan.sense.gateways.session import Action, Asked, Deliver, Heard, Identify, Measured, SetApart
from anlan.wire.framing import MOST_WAITING_BYTES, Frame
from anlan.wire.hj212 import Flag, Framer, Message, Revision, decode, encode
from anlan.wire.hj212.crc import modbus_crc16
from anlan.wire.hj212.packets import EXPIRES_MS
from anlan.wire.hj212.refusals import BadSeal

BEIJING = timezone(timedelta(hours=8))
NOON = int(datetime(2026, 9, 21, 12, 0, tzinfo=BEIJING).timestamp()) * 1000
STATION, OTHER, SECRET = "010000A8900016F000169DC0", "010000A8900016F000169DC1", "123456"
AREA = "DataTime=20260921115900;w01018-Rtd=17.5,w01018-Flag=N;w01001-Rtd=7.02,w01001-Flag=D"
KEY = bytes(range(16))


def message(command: str = "2011", area: str = AREA, flag: int | None = 5, **other: object) -> Message:
    said = Message("20260921115901234", "32", command, SECRET, STATION, None if flag is None else Flag.of(flag), area)
    return replace(said, **other)


def line(missing: tuple[int, int] | None = None, session: Session | None = None) -> Carrier:
    return Carrier(session or Session(), {STATION: SECRET, OTHER: SECRET}, NOON, missing)


def answers(actions: list[Action]) -> list[Message]:
    pieces = Framer().feed(sent(actions))
    assert all(isinstance(piece, Frame) for piece in pieces)
    return [decode(piece.data) for piece in pieces]


def test_the_values_of_the_moment_are_delivered_with_their_marks_and_answered_when_durable() -> None:
    actions = line().send(encode(message()))
    delivered = Deliver(
        STATION,
        (Measured(NOON - 60_000, {"w01018": 17.5, "w01001": 7.02}, {"w01001": "D"}),),
        (),
        encode(Message("20260921115901234", "91", "9014", SECRET, STATION, Flag(Revision.OF_2017))),
    )
    assert actions == [Heard(STATION), delivered]


@pytest.mark.parametrize(("flag", "revision"), [(1, 0), (5, 1), (9, 2), (7, 1)])
def test_an_answer_speaks_the_revision_of_the_question(flag: int, revision: int) -> None:
    (answer,) = answers(line().send(encode(message(flag=flag))))
    assert (answer.command, answer.flag, answer.time, answer.secret) == ("9014", Flag(revision), "20260921115901234", SECRET)


@pytest.mark.parametrize("flag", [None, 0, 4, 8, 6])
def test_who_wants_no_answer_gets_none(flag: int | None) -> None:
    actions = line().send(encode(message(flag=flag)))
    assert len(measured(actions)) == 1
    assert sent(actions) == b""


def test_a_station_is_asked_about_once_and_again_when_its_password_changes() -> None:
    carrier = line()
    carrier.send(encode(message()), encode(message()))
    assert carrier.asked == [Identify(STATION, SECRET)]
    actions = carrier.send(encode(message(secret="guess")))
    assert measured(actions) == []
    assert [(answer.command, answer.area) for answer in answers(actions)] == [("9011", "QnRtn=2")]
    # The right password counts all the same.
    assert len(measured(carrier.send(encode(message())))) == 1
    assert carrier.asked == [Identify(STATION, SECRET), Identify(STATION, "guess")]


def test_who_is_not_let_in_delivers_nothing_and_is_not_asked_about_with_every_message() -> None:
    carrier = line()
    stranger = encode(message(address="STRANGER"))
    first = carrier.send(stranger)
    assert (apart(first), [answer.area for answer in answers(first)]) == ([], ["QnRtn=2"])
    again = carrier.send(stranger, stranger)
    assert apart(again) == [("", "gateway_not_identified")] * 2
    assert len(carrier.asked) == 1
    carrier.send(stranger, later_ms=ASK_AFRESH_MS)
    assert len(carrier.asked) == 2


def test_stations_share_a_connection_and_a_bad_one_costs_the_others_nothing() -> None:
    carrier = line()
    actions = carrier.send(encode(message()), encode(message(address="STRANGER")), encode(message(address=OTHER)))
    assert [action.address for action in actions if isinstance(action, Deliver)] == [STATION, OTHER]


@pytest.mark.parametrize(("command", "period"), [("2051", "minute"), ("2061", "hour"), ("2031", "day"), ("2041", "day"), ("2111", "2111")])
def test_statistics_never_share_a_series_with_the_values_of_the_moment(command: str, period: str) -> None:
    area = "DataTime=20260921110000;w01018-Min=1,w01018-Avg=2,w01018-Max=3,w01018-Flag=C;w01001-Rtd=7"
    (found,) = measured(line().send(encode(message(command, area))))
    assert found.values == {
        f"w01018-Min-{period}": 1.0,
        f"w01018-Avg-{period}": 2.0,
        f"w01018-Max-{period}": 3.0,
        f"w01001-Rtd-{period}": 7.0,
    }
    assert set(found.marked.values()) == {"C"}
    assert len(found.marked) == 3


def test_run_states_are_values_of_the_moment() -> None:
    (found,) = measured(line().send(encode(message("2021", "DataTime=20260921115900;SB1-RS=1;SB2-RS=0"))))
    assert found.values == {"SB1-RS": 1.0, "SB2-RS": 0.0}


def test_a_bad_value_is_set_apart_against_the_station_and_the_good_ones_are_delivered() -> None:
    actions = line().send(encode(message(area=AREA + ";w01003-Rtd=NaN")))
    assert apart(actions) == [(STATION, "hj212_bad_value")]
    assert len(measured(actions)[0].values) == 2
    nothing = line().send(encode(message(area="w01018-Rtd=1")))
    assert apart(nothing) == [(STATION, "hj212_no_time")]
    # Sent once more it would be no better: it is answered.
    assert [answer.command for answer in answers(nothing)] == ["9014"]


def test_the_check_sum_of_modbus_is_counted_apart_against_the_station_and_not_answered() -> None:
    carrier = line()
    carrier.send(encode(message()))
    good = encode(message())
    actions = carrier.send(good[:-6] + b"%04X\r\n" % modbus_crc16(good[6:-6]), good[:-6] + b"0000\r\n")
    assert apart(actions) == [(STATION, "hj212_crc_modbus"), (STATION, "hj212_bad_crc")]
    assert sent(actions) == b""


def test_each_packet_of_a_long_message_is_answered_and_all_are_read() -> None:
    carrier = line()
    first = message(flag=7, packets=2, packet=1)
    second = message(flag=7, packets=2, packet=2, area="w01003-Rtd=1")
    actions = carrier.send(encode(first))
    assert (len(answers(actions)), measured(actions)[0].values.keys()) == (1, {"w01018", "w01001"})
    actions = carrier.send(encode(second))
    assert (len(answers(actions)), measured(actions)) == (1, [Measured(NOON - 60_000, {"w01003": 1.0})])


def test_packets_that_never_come_are_given_up_and_told() -> None:
    carrier = line()
    carrier.send(encode(message(flag=7, packets=3, packet=2)))
    assert carrier.session.waiting > 0
    actions = carrier.send(b"\r\n", later_ms=EXPIRES_MS + 1)
    assert apart(actions) == [(STATION, "hj212_packets_given_up")]
    assert carrier.session.waiting == 0


def test_signs_of_life_and_notices_are_answered_as_notices() -> None:
    carrier = line()
    actions = carrier.send(encode(message("9015", "", flag=9)))
    assert [(answer.command, answer.flag) for answer in answers(actions)] == [("9013", Flag(Revision.OF_2025))]
    assert Heard(STATION) in actions
    assert sent(carrier.send(encode(message("9015", "", flag=8)))) == b""


def test_a_station_that_asks_for_the_time_gets_it() -> None:
    notice, setting = answers(line().send(encode(message("1013", "PolId=w01018"))))
    assert notice.command == "9013"
    assert (setting.command, setting.area, setting.secret, setting.system) == (
        "1012",
        "PolId=w01018;SystemTime=20260921120000",
        SECRET,
        "32",
    )
    assert setting.flag == Flag(Revision.OF_2017, answer=True)
    assert [answer.area for answer in answers(line().send(encode(message("1013", "PolId=&;x", flag=4))))] == ["SystemTime=20260921120000"]


def test_information_is_answered_and_unknown_commands_are_told() -> None:
    actions = line().send(encode(message("3020", "DataTime=20260921115900;PolId=w01018;i12001-Info=1")))
    assert (measured(actions), [answer.command for answer in answers(actions)]) == ([], ["9014"])
    actions = line().send(encode(message("3098", "x=1")))
    assert apart(actions) == [(STATION, "hj212_unknown_command")]
    assert [(answer.command, answer.area) for answer in answers(actions)] == [("9011", "QnRtn=8")]


GAP = (NOON - 3 * 86_400_000 - 1_800_000, NOON)


def test_after_an_interruption_minutes_hours_and_days_are_asked_for_one_after_the_other() -> None:
    carrier = line(GAP)
    (_answer, minutes) = answers(carrier.send(encode(message())))
    assert (minutes.command, minutes.area) == ("2051", "BeginTime=20260920120000;EndTime=20260921120000")
    assert (minutes.system, minutes.flag) == ("32", Flag(Revision.OF_2017, answer=True))
    ready = message("9011", "QnRtn=1", 4, time=minutes.time, system="91")
    assert sent(carrier.send(encode(ready))) == b""
    data = message("2051", "DataTime=20260921110000;w01018-Avg=2", time=minutes.time)
    actions = carrier.send(encode(data))
    assert (measured(actions)[0].resent, [answer.command for answer in answers(actions)]) == (True, ["9014"])
    done = message("9012", "ExeRtn=1", 4, time=minutes.time, system="91")
    (hours,) = answers(carrier.send(encode(done), later_ms=1000))
    assert (hours.command, hours.area) == ("2061", "BeginTime=20260918110000;EndTime=20260921120000")
    (days,) = answers(carrier.send(encode(replace(done, time=hours.time, area="ExeRtn=100"))))
    assert (days.command, days.area) == ("2031", "BeginTime=20260918000000;EndTime=20260921120000")
    assert len({minutes.time, hours.time, days.time}) == 3
    assert sent(carrier.send(encode(replace(done, time=days.time)))) == b""
    # What comes by itself afterwards is not sent again.
    assert [each.resent for each in measured(carrier.send(encode(message("2061", "DataTime=20260921120000;w01018-Avg=2"))))] == [False]


def test_a_station_that_was_heard_can_be_asked_at_any_time() -> None:
    carrier = line()
    assert list(carrier.session.ask_again(Asked(STATION, *GAP), NOON)) == []
    carrier.send(encode(message()))
    for _ in range(20):
        asked = list(carrier.session.ask_again(Asked(STATION, *GAP), NOON))
        assert len(asked) <= 1
    (hours,) = answers(carrier.send(encode(message("9012", "ExeRtn=1", 4, time="20260921120000000"))))
    assert hours.command == "2061"


def test_a_short_interruption_asks_for_minutes_alone() -> None:
    carrier = line((NOON - 600_000 * 2, NOON - 1))
    (_answer, minutes) = answers(carrier.send(encode(message())))
    assert (minutes.command, minutes.area) == ("2051", "BeginTime=20260921114000;EndTime=20260921115959")
    assert sent(carrier.send(encode(message("9012", "ExeRtn=1", 4, time=minutes.time)))) == b""


def test_a_request_that_is_turned_down_is_told_and_one_without_an_answer_is_not_waited_for() -> None:
    carrier = line(GAP)
    minutes = answers(carrier.send(encode(message())))[-1]
    actions = carrier.send(encode(message("9011", "QnRtn=2", 4, time=minutes.time)))
    assert apart(actions) == [(STATION, "hj212_request_not_carried_out")]
    (hours,) = answers(actions)
    assert hours.command == "2061"
    assert len(answers(carrier.send(encode(message(flag=4)), later_ms=ANSWER_WITHIN_MS))) == 0
    (days,) = answers(carrier.send(encode(message(flag=4)), later_ms=1))
    assert days.command == "2031"


def test_what_a_station_says_of_itself_to_be_sent_again_is_marked() -> None:
    (found,) = measured(line().send(encode(message(flag=9, resent=True))))
    assert found.resent


def keyed(*keys: bytes) -> Callable[[str], tuple[bytes, ...]]:
    return lambda address: (keys or (KEY,)) if address == STATION else ()


def test_while_a_key_is_changed_both_open_and_a_station_is_asked_under_the_one_it_uses() -> None:
    newest = bytes(range(1, 17))
    carrier = line(GAP, Session(keyed(newest, KEY)))
    assert measured(carrier.send(encode(message(flag=9), KEY)))
    asked = sent(carrier.send(encode(message("9012", "ExeRtn=1", 8), KEY), later_ms=ANSWER_WITHIN_MS + 1))
    request = decode(asked, KEY)
    with pytest.raises(BadSeal):
        decode(asked, newest)
    assert "BeginTime" in request.area
    assert measured(carrier.send(encode(message(flag=9), newest)))


def test_what_no_key_of_the_station_opens_is_set_apart_and_not_answered() -> None:
    carrier = line(GAP, Session(keyed(bytes(range(2, 18)), bytes(range(3, 19)))))
    carrier.send(encode(message("9015", "")))
    actions = carrier.send(encode(message(flag=9), KEY))
    assert apart(actions) == [(STATION, "hj212_bad_seal")] and sent(actions) == b""


def test_enciphered_data_are_read_with_the_stations_key_and_told_without() -> None:
    carrier = line(GAP, Session(keyed()))
    actions = carrier.send(encode(message(flag=9), KEY))
    assert measured(actions)[0].values == {"w01018": 17.5, "w01001": 7.02}
    (again,) = carrier.send(encode(message("9015", "", flag=8)))
    assert again == Heard(STATION)
    # What the station is asked is enciphered too.
    assert b"BeginTime" not in sent(carrier.send(encode(message("9012", "ExeRtn=1", 8), KEY), later_ms=ANSWER_WITHIN_MS + 1))
    carrier = line()
    carrier.send(encode(message("9015", "")))
    actions = carrier.send(encode(message(flag=9), KEY))
    assert apart(actions) == [(STATION, "hj212_sealed")]
    assert sent(actions) == b""


def _talk() -> bytes:
    said = [
        message(),
        message(flag=None, time=""),
        message("2061", "DataTime=20260921110000;w01018-Avg=2,w01018-Cou=3"),
        message(address="STRANGER"),
        message(flag=7, packets=2, packet=1, time="20260921115902000", area=AREA + ";w0"),
        message(flag=7, packets=2, packet=2, time="20260921115902000", area="1003-Rtd=1"),
        message("9015", "", flag=9),
        message(address=OTHER, area=AREA + ";x"),
    ]
    good = [encode(each) for each in said]
    return b"dirt\r\n" + b"".join(good[:3]) + b"##0010x" + good[0][:-6] + b"0000\r\n" + b"".join(good[3:])


def test_a_conversation_has_the_same_end_however_it_is_split() -> None:
    stream = _talk()
    expected = facts(line().send(stream))
    assert len(expected) == 15
    for at in range(len(stream)):
        carrier = line()
        assert facts([*carrier.send(stream[:at]), *carrier.send(stream[at:])]) == expected, at
    carrier = line()
    assert facts([action for at in range(len(stream)) for action in carrier.send(stream[at : at + 1])]) == expected


def test_a_session_survives_whatever_it_is_sent_and_holds_little() -> None:
    chance = random.Random(212)
    talk = _talk()
    for _ in range(1000):
        carrier = line(GAP, Session(keyed()))
        data = bytearray(talk)
        for _flip in range(chance.randrange(12)):
            data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        if chance.random() < 0.3:
            del data[chance.randrange(len(data)) :]
        if chance.random() < 0.2:
            at = chance.randrange(len(data) + 1)
            data[at:at] = chance.choice([chance.randbytes(3000), b"##9999" + b"x" * 12_000, encode(message(), KEY) * 3])
        at = chance.randrange(len(data) + 1)
        for part in (bytes(data[:at]), bytes(data[at:])):
            for action in carrier.send(part, later_ms=chance.choice([0, 1000, ANSWER_WITHIN_MS + 1])):
                if isinstance(action, SetApart):
                    assert action.reason.code.startswith(("hj212_", "gateway_"))
                    assert len(action.data) <= 1024
            assert carrier.session.waiting <= 2 * MOST_WAITING_BYTES


def test_packets_without_end_never_make_a_session_grow() -> None:
    carrier = line()
    for number in range(600):
        area = f"DataTime=20260921115900;w{number:05d}-Rtd=1;" + "w01018-Rtd=1;" * 60
        carrier.send(encode(message(flag=7, packets=9999, packet=number + 2, area=area)))
        assert carrier.session.waiting <= 2 * MOST_WAITING_BYTES
