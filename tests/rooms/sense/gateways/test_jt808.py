"""A terminal's session without its network: what it proves, what is delivered, what it is answered, what it may hold."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import replace

import pytest

from anlan.sense.gateways.jt808 import Session
from anlan.sense.gateways.remembering import OpenStates
from anlan.sense.gateways.session import Action, Asked, Close, Deliver, Happened, Heard, Identify, Measured, Reply, SetApart
from anlan.wire.framing import MOST_WAITING_BYTES, Frame
from anlan.wire.jt808 import terminal
from anlan.wire.jt808.framing import Framer
from anlan.wire.jt808.message import Message, decode, encode, parted
from anlan.wire.jt808.position import Batch, Position, encode_batch, encode_position
from anlan.wire.jt808.terminal import Authentication, Registration

PHONE = "13812345678"
NOW = 1_658_284_800_000
PLACE = Position(
    alarms=0,
    state=0b11,
    latitude=34.82613,
    longitude=113.551741,
    altitude=119,
    speed=62.4,
    direction=271,
    time_ms=1_658_284_797_000,
    items=((1, (3646).to_bytes(4)), (2, (555).to_bytes(2))),
)


class Truck:
    """The terminal's side: counts its serials and remembers what the platform did. ``code``: what the gateway lets in."""

    def __init__(self, version: int | None = None, code: str = "T123456", states: OpenStates | None = None) -> None:
        if states is None:
            # The truck was heard before, without an alarm.
            states = OpenStates()
            states.keep(f"jt808/{PHONE}", "", (0, 0))
        self.session = Session(states)
        self.version, self.code, self.serial = version, code, 0
        self.asked: list[Identify] = []

    def message(self, identifier: int, body: bytes = b"") -> Message:
        self.serial += 1
        return Message(identifier, PHONE, self.serial, body, self.version)

    def send(self, *messages: Message, now_ms: int = NOW) -> list[Action]:
        return self.carry_out(self.session.receive(b"".join(map(encode, messages)), now_ms), now_ms)

    def carry_out(self, actions: Iterable[Action], now_ms: int = NOW) -> list[Action]:
        """Answers each identification before what comes after it, as the gateway does."""
        done: list[Action] = []
        for action in actions:
            if isinstance(action, Identify):
                self.asked.append(action)
                done += self.carry_out(self.session.identified(action.address, action.secret == self.code, now_ms), now_ms)
            else:
                done.append(action)
        return done

    def registration(self, name: str = "T123456") -> Message:
        body = terminal.encode_registration(Registration(41, 100, "maker", "model", name, 2, "豫AT3399"), self.version)
        return self.message(terminal.REGISTRATION, body)

    def authentication(self, code: str = "T123456") -> Message:
        body = terminal.encode_authentication(Authentication(code, "123456789012345", "1.0"), self.version)
        return self.message(terminal.AUTHENTICATION, body)

    def at(self, position: Position) -> Message:
        return self.message(terminal.POSITION, encode_position(position))


def _replies(actions: Iterable[Action]) -> list[tuple[int, bytes]]:
    """Identifier and body of everything that is sent to the terminal, in order."""
    data = b"".join(a.data if isinstance(a, Reply) else a.answer for a in actions if isinstance(a, Reply | Deliver))
    pieces = Framer().feed(data)
    assert all(isinstance(piece, Frame) for piece in pieces)
    return [(message.identifier, message.body) for message in (decode(piece.data) for piece in pieces)]


def _answer(to: Message, result: int = 0) -> tuple[int, bytes]:
    return 0x8001, to.serial.to_bytes(2) + to.identifier.to_bytes(2) + bytes((result,))


@pytest.fixture(params=[None, 1], ids=["2013", "2019"])
def truck(request: pytest.FixtureRequest) -> Truck:
    """A terminal that has proved itself."""
    found = Truck(request.param)
    assert _replies(found.send(found.authentication()))[0][1][-1] == 0
    return found


@pytest.mark.parametrize("version", [None, 1])
def test_a_terminal_that_registers_with_its_identifier_gets_the_code_it_then_authenticates_with(version):
    truck = Truck(version)
    registration = truck.registration()
    ((identifier, body),) = _replies(truck.send(registration))
    assert (identifier, body) == (0x8100, registration.serial.to_bytes(2) + b"\x00" + b"T123456")
    authentication = truck.authentication(body[3:].decode())
    assert _replies(truck.send(authentication)) == [_answer(authentication)]
    assert truck.asked == [Identify(PHONE, "T123456")] * 2
    position = truck.at(PLACE)
    assert _replies(truck.send(position)) == [_answer(position)]


def test_a_terminal_that_is_not_known_gets_no_code():
    truck = Truck()
    registration = truck.registration("STRANGE")
    assert _replies(truck.send(registration)) == [(0x8100, registration.serial.to_bytes(2) + b"\x04")]
    authentication = truck.authentication("guess")
    assert _replies(truck.send(authentication)) == [_answer(authentication, 1)]
    position = truck.at(PLACE)
    apart, answered = truck.send(position)
    assert isinstance(apart, SetApart)
    assert (apart.address, apart.reason.code) == ("", "jt808_not_authenticated")
    assert _replies([answered]) == [_answer(position, 1)]


def test_what_comes_glued_behind_an_authentication_waits_for_the_gateway():
    truck = Truck()
    authentication, position = truck.authentication(), truck.at(PLACE)
    actions = iter(truck.session.receive(encode(authentication) + encode(position), NOW))
    assert next(actions) == Identify(PHONE, "T123456")
    answered = list(truck.session.identified(PHONE, True, NOW))
    assert [type(action) for action in answered] == [Heard, Reply]
    behind = list(actions)
    assert [type(action) for action in behind] == [Deliver]
    assert _replies([*answered, *behind]) == [_answer(authentication), _answer(position)]
    assert truck.session.waiting == 0


def test_a_position_becomes_values_and_is_answered_only_with_the_delivery(truck):
    position = truck.at(PLACE)
    (delivered,) = truck.send(position)
    assert delivered.address == PHONE
    assert delivered.measured == (
        Measured(
            PLACE.time_ms,
            {
                "longitude": 113.551741,
                "latitude": 34.82613,
                "altitude": 119.0,
                "speed": 62.4,
                "direction": 271.0,
                "mileage": 364.6,
                "fuel": 55.5,
            },
        ),
    )
    assert delivered.happened == ()
    assert _replies([delivered]) == [_answer(position)]


def test_only_what_was_sent_is_a_point_and_a_place_without_a_fix_is_marked(truck):
    (delivered,) = truck.send(truck.at(replace(PLACE, state=0, items=())))
    (measured,) = delivered.measured
    assert set(measured.values) == {"longitude", "latitude", "altitude", "speed", "direction"}
    assert set(measured.marked.values()) == {"not_positioned"}
    assert set(measured.marked) == set(measured.values)
    (delivered,) = truck.send(truck.at(replace(PLACE, state=0b100011)))
    assert delivered.measured[0].marked["latitude"] == "coordinates_encrypted"
    assert "mileage" not in delivered.measured[0].marked


def _told(actions: Iterable[Action]) -> list[tuple[str, bool, int]]:
    return [(h.kind, h.active, h.time_ms) for a in actions if isinstance(a, Deliver) for h in a.happened]


def test_alarm_bits_are_told_when_they_begin_and_when_they_end(truck):
    t = PLACE.time_ms
    assert _told(truck.send(truck.at(replace(PLACE, alarms=0b1)))) == [("jt808.emergency", True, t)]
    assert _told(truck.send(truck.at(replace(PLACE, alarms=0b1, time_ms=t + 1000)))) == []
    actions = truck.send(truck.at(replace(PLACE, alarms=0b10, time_ms=t + 2000)))
    assert _told(actions) == [("jt808.overspeed", True, t + 2000), ("jt808.emergency", False, t + 2000)]
    happened = actions[0].happened[0]
    assert happened == Happened(
        t + 2000, "jt808.overspeed", "", "超速报警", True, {"longitude": 113.551741, "latitude": 34.82613, "speed": 62.4}
    )
    assert _told(truck.send(truck.at(replace(PLACE, alarms=0, time_ms=t + 3000)))) == [("jt808.overspeed", False, t + 3000)]


def test_an_alarm_ends_although_the_truck_comes_back_with_a_new_connection():
    states, t = OpenStates(), PLACE.time_ms
    first = Truck(states=states)
    first.send(first.authentication())
    told = _told(first.send(first.at(replace(PLACE, alarms=0b1))))
    assert told[0] == ("jt808.emergency", True, t)
    # It may have begun before the process did.
    assert ("jt808.overspeed", False, t) in told
    first.send(first.message(terminal.HEARTBEAT))
    again = Truck(states=states)
    again.send(again.authentication())
    assert _told(again.send(again.at(replace(PLACE, time_ms=t + 60_000)))) == [("jt808.emergency", False, t + 60_000)]


def test_an_alarm_that_could_not_be_stored_is_told_again_on_the_next_connection():
    states, t = OpenStates(), PLACE.time_ms
    states.keep(f"jt808/{PHONE}", "", (0, 0))
    first = Truck(states=states)
    first.send(first.authentication())
    for action in first.session.receive(encode(first.at(replace(PLACE, alarms=0b1))), NOW):
        if isinstance(action, Deliver):
            # The store is away: the gateway ends the connection and draws no further action.
            break
    again = Truck(states=states)
    again.send(again.authentication())
    assert _told(again.send(again.at(replace(PLACE, alarms=0b1)))) == [("jt808.emergency", True, t)]


def test_the_memory_of_a_blind_stretch_ends_what_was_open_before_it(truck):
    t = PLACE.time_ms
    truck.send(truck.at(replace(PLACE, alarms=0b1)))
    stretch = [replace(PLACE, alarms=alarms, time_ms=t + n * 1000) for n, alarms in enumerate((0b1, 0b11, 0b10, 0), 1)]
    (delivered,) = truck.send(truck.message(terminal.POSITIONS, encode_batch(Batch(tuple(reversed(stretch)), True))), now_ms=NOW + 10_000)
    assert _told([delivered]) == [
        ("jt808.overspeed", True, t + 2000),
        ("jt808.emergency", False, t + 3000),
        ("jt808.overspeed", False, t + 4000),
    ]


def test_positions_from_memory_are_marked_resent_and_leave_the_present_alone(truck):
    t = PLACE.time_ms
    truck.send(truck.at(replace(PLACE, alarms=0b1)))
    past = [replace(PLACE, alarms=alarms, time_ms=t - 60_000 + n * 1000) for n, alarms in enumerate((0, 0b11, 0b101, 0b100))]
    batch = truck.message(terminal.POSITIONS, encode_batch(Batch(tuple(past), True)))
    (delivered,) = truck.send(batch)
    assert [measured.resent for measured in delivered.measured] == [True] * 4
    assert _told([delivered]) == [
        ("jt808.overspeed", True, t - 59_000),
        ("jt808.fatigue", True, t - 58_000),
        ("jt808.overspeed", False, t - 58_000),
    ]
    assert _replies([delivered]) == [_answer(batch)]
    # What the memory left open ends with the next position of now.
    assert _told(truck.send(truck.at(replace(PLACE, alarms=0b1, time_ms=t + 1000)))) == [("jt808.fatigue", False, t + 1000)]
    live = truck.message(terminal.POSITIONS, encode_batch(Batch((PLACE,), False)))
    assert truck.send(live)[0].measured[0].resent is False


def test_a_bad_position_in_a_batch_is_set_apart_and_the_good_ones_are_delivered(truck):
    good = encode_position(PLACE)
    body = (2).to_bytes(2) + b"\x00" + len(good).to_bytes(2) + good + (20).to_bytes(2) + good[:20]
    batch = truck.message(terminal.POSITIONS, body)
    apart, delivered = truck.send(batch)
    assert (apart.address, apart.reason.code, apart.data) == (PHONE, "jt808_position_too_short", good[:20])
    assert len(delivered.measured) == 1
    broken = truck.message(terminal.POSITION, good[:27])
    apart, answered = truck.send(broken)
    assert apart.reason.code == "jt808_position_too_short"
    assert _replies([answered]) == [_answer(broken, 2)]


def test_a_long_batch_in_parts_is_delivered_once_and_every_part_is_answered(truck):
    whole = truck.message(terminal.POSITIONS, encode_batch(Batch((PLACE,) * 100, True)))
    parts = list(parted(whole, 900))
    assert len(parts) == 5
    truck.serial += len(parts)
    for part in parts[:-1]:
        assert truck.send(part) == [Heard(PHONE)]
    # A terminal that waits for an answer sends its part again.
    assert _replies(truck.send(parts[1])) == [_answer(parts[1])]
    actions = truck.send(parts[-1])
    (delivered,) = [action for action in actions if isinstance(action, Deliver)]
    assert len(delivered.measured) == 100
    assert _replies(actions) == [_answer(part) for part in parts]
    assert truck.session.waiting == 0


def test_parts_that_never_end_are_given_up_after_their_time(truck):
    first, *_rest = parted(truck.message(terminal.POSITIONS, bytes(3000)), 900)
    truck.send(first)
    assert truck.session.waiting > 900
    (apart, *_answers) = truck.send(truck.message(terminal.HEARTBEAT), now_ms=NOW + 60_001)
    assert apart.reason.code == "jt808_parts_expired"
    assert truck.session.waiting == 0


def test_signs_of_life_and_farewells_are_answered(truck):
    heartbeat = truck.message(terminal.HEARTBEAT)
    actions = truck.send(heartbeat)
    assert actions[0] == Heard(PHONE)
    assert _replies(actions) == [_answer(heartbeat)]
    assert truck.send(truck.message(terminal.TERMINAL_ANSWER, bytes(5))) == [Heard(PHONE)]
    unknown = truck.message(0x0900, b"\xf0ICcard")
    assert _replies(truck.send(unknown)) == [_answer(unknown, 3)]
    farewell = truck.message(terminal.LOG_OUT)
    actions = truck.send(farewell, truck.at(PLACE))
    assert _replies(actions) == [_answer(farewell)]
    assert isinstance(actions[-1], Close)


def test_pictures_are_acknowledged_part_by_part_and_not_kept(truck):
    event = truck.message(terminal.MULTIMEDIA_EVENT, (77).to_bytes(4) + bytes((0, 0, 1, 1)))
    assert _replies(truck.send(event)) == [_answer(event)]
    picture = truck.message(terminal.MULTIMEDIA_DATA, (77).to_bytes(4) + bytes(40_000))
    parts = list(parted(picture, 1000))
    sent: list[tuple[int, bytes]] = []
    for part in parts:
        sent += _replies(truck.send(part))
        assert truck.session.waiting == 0
    assert sent == [*(_answer(part) for part in parts), (0x8800, (77).to_bytes(4))]


def test_a_terminal_speaks_for_itself_alone(truck):
    other = replace(truck.at(PLACE), phone="13900000000")
    apart, answered = truck.send(other)
    assert (apart.address, apart.reason.code) == (PHONE, "jt808_not_authenticated")
    assert _replies([answered]) == [_answer(other, 1)]
    assert isinstance(truck.send(truck.at(PLACE))[0], Deliver)


def test_nothing_is_asked_again_because_terminals_resend_by_themselves(truck):
    assert list(truck.session.ask_again(Asked(PHONE, 0, NOW), NOW)) == []


def test_dirt_between_frames_costs_nothing_but_itself(truck):
    position = encode(truck.at(PLACE))
    stream = b"\x00\x01" + position + b"noise" + position[:30] + position
    actions = truck.carry_out(truck.session.receive(stream, NOW))
    assert len([action for action in actions if isinstance(action, Deliver)]) == 2
    assert {action.reason.code for action in actions if isinstance(action, SetApart)} == {"jt808_too_short", "jt808_check_byte"}


def _talk(truck: Truck) -> bytes:
    long = truck.message(terminal.POSITIONS, encode_batch(Batch((replace(PLACE, alarms=2),) * 40, True)))
    said = [truck.registration(), truck.authentication(), truck.at(replace(PLACE, alarms=1)), *parted(long, 700)]
    truck.serial += 3
    said += [truck.at(PLACE), truck.message(terminal.HEARTBEAT), truck.authentication("wrong"), truck.at(PLACE)]
    return b"~!" + b"".join(map(encode, said))


@pytest.mark.parametrize("version", [None, 1])
def test_a_conversation_has_the_same_end_however_it_is_split(version):
    stream = _talk(Truck(version))
    whole = Truck(version)
    expected = [repr(action) for action in whole.carry_out(whole.session.receive(stream, NOW))]
    assert any("Deliver" in action for action in expected)
    for at in range(len(stream)):
        truck = Truck(version)
        found = truck.carry_out(truck.session.receive(stream[:at], NOW))
        found += truck.carry_out(truck.session.receive(stream[at:], NOW))
        assert [repr(action) for action in found] == expected
    truck = Truck(version)
    found = [action for at in range(len(stream)) for action in truck.carry_out(truck.session.receive(stream[at : at + 1], NOW))]
    assert [repr(action) for action in found] == expected


def test_a_session_survives_whatever_it_is_sent_and_holds_little():
    chance = random.Random(2019)
    streams = [_talk(Truck(None)), _talk(Truck(1))]
    for _ in range(1000):
        truck = Truck(chance.choice([None, 1]), code=chance.choice(["T123456", "other"]))
        data = bytearray(chance.choice(streams))
        for _flip in range(chance.randrange(12)):
            data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        if chance.random() < 0.3:
            del data[chance.randrange(len(data)) :]
        if chance.random() < 0.2:
            at = chance.randrange(len(data) + 1)
            data[at:at] = chance.randbytes(chance.randrange(3000))
        at = chance.randrange(len(data) + 1)
        for part in (bytes(data[:at]), bytes(data[at:])):
            for action in truck.carry_out(truck.session.receive(part, NOW)):
                if isinstance(action, SetApart):
                    assert action.reason.code.startswith("jt808_")
            assert truck.session.waiting <= 3 * MOST_WAITING_BYTES
