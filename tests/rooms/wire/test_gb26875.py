"""GB/T 26875.3: packets, application data units, and what is none of them."""

from __future__ import annotations

import json
import random
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anlan.kernel.errors import Refusal
from anlan.wire.framing import MOST_WAITING_BYTES, Frame, Piece, Unreadable
from anlan.wire.gb26875 import (
    Analog,
    Clock,
    Command,
    Configuration,
    Framer,
    Operation,
    Packet,
    Part,
    State,
    Version,
    answer,
    decode,
    decode_unit,
    encode,
    encode_unit,
    units,
)
from anlan.wire.gb26875.codes import bits, name_of_part, names, quantities
from anlan.wire.gb26875.packet import MOST_UNIT_BYTES, checksum, control_unit, read_time, write_time
from anlan.wire.gb26875.refusals import BadChecksum, BadTime, BadUnit, BrokenPacket, CannotSay, Noise, TooLong, UnknownAnalog, UnknownUnit

BEIJING = timezone(timedelta(hours=8))
SENT = int(datetime(2026, 9, 21, 9, 58, 2, tzinfo=BEIJING).timestamp()) * 1000
SMOKE = Part(1, 3, 40, 10, 2)
UNIT = encode_unit(units.PART_STATE, [State("part_state", SMOKE, 0b11, "一层大厅", SENT)])
PACKET = Packet(7, Command.SEND, 889, 23352, UNIT, SENT)


def frames(pieces: list[Piece]) -> list[bytes]:
    return [piece.data for piece in pieces if isinstance(piece, Frame)]


def told(pieces: list[Piece]) -> list[tuple]:
    """Pieces as facts: two refusals of the same reason are two objects."""
    return [(p.data, p.size, p.reason.code, p.reason.facts) if isinstance(p, Unreadable) else (p.data,) for p in pieces]


def labelled(shared: Path) -> list[dict]:
    return [json.loads(line) for line in (shared / "samples/gb26875/frames.jsonl").read_text().splitlines()]


def test_every_sample_is_judged_as_its_label(shared: Path) -> None:
    samples = labelled(shared)
    assert {sample["valid"] for sample in samples} == {True, False}
    for sample in samples:
        data = bytes.fromhex(sample["frame"])
        assert (frames(Framer().feed(data)) == [data]) == sample["valid"]
        if sample["valid"]:
            assert encode(decode(data)) == data
        else:
            with pytest.raises(BadChecksum):
                decode(data)


def test_the_sample_says_what_its_source_says_it_says(shared: Path) -> None:
    packet = decode(bytes.fromhex(labelled(shared)[0]["frame"]))
    assert (packet.command, packet.serial, packet.source, packet.target) == (Command.SEND, 0, 0, 0x010203040506)
    (state,) = decode_unit(packet.unit).objects
    assert isinstance(state, State)
    assert (state.part, state.word, state.text) == (Part(1, 3, 0, 217, 6), 0b10, "Ａ区１层呷哺走廊")
    assert state.time_ms == int(datetime(2020, 8, 1, 19, 18, 48, tzinfo=BEIJING).timestamp()) * 1000


def test_zone_comes_before_position_and_every_number_low_byte_first() -> None:
    assert UNIT[2:11] == bytes([1, 3, 40, 10, 0, 2, 0, 0b11, 0])
    assert encode(PACKET)[2:4] == b"\x07\x00"
    assert encode(PACKET)[12:18] == bytes([0x79, 3, 0, 0, 0, 0])
    assert write_time(SENT) == bytes([2, 58, 9, 21, 9, 26])
    assert checksum(b"\xff\x02") == 1


def test_packets_come_out_the_same_wherever_the_stream_is_cut() -> None:
    data = encode(PACKET)
    inside = encode(replace(PACKET, unit=b"@@##@" + bytes(9)))
    stream = b"noise@" + data + inside + data[:30] + data + data[:-3] + b"\0##" + data + b"@"
    whole = Framer().feed(stream)
    assert frames(whole) == [data, inside, data, data]
    for cut in range(len(stream) + 1):
        framer = Framer()
        assert told(framer.feed(stream[:cut]) + framer.feed(stream[cut:])) == told(whole)
    framer = Framer()
    assert told([piece for at in range(len(stream)) for piece in framer.feed(stream[at : at + 1])]) == told(whole)


def test_a_length_beyond_the_standard_is_not_waited_for() -> None:
    data = encode(PACKET)
    framer = Framer()
    pieces = framer.feed(data[:24] + (MOST_UNIT_BYTES + 1).to_bytes(2, "little") + data[26:] + data)
    assert isinstance(pieces[0], Unreadable)
    assert isinstance(pieces[0].reason, TooLong)
    assert frames(pieces) == [data]
    assert framer.waiting == 0


def test_noise_is_told_in_portions_and_never_held() -> None:
    framer = Framer()
    pieces = framer.feed(b"\x55" * 100_000)
    assert all(isinstance(piece, Unreadable) and isinstance(piece.reason, Noise) for piece in pieces)
    assert framer.waiting == 0


_address = st.integers(0, 2**48 - 1)


@given(
    st.builds(
        Packet,
        st.integers(0, 0xFFFF),
        st.integers(0, 255),
        _address,
        _address,
        st.binary(max_size=MOST_UNIT_BYTES),
        st.none() | st.integers(946_656_000, 4_102_415_999).map(lambda seconds: seconds * 1000),
        st.tuples(st.integers(0, 255), st.integers(0, 255)),
    )
)
def test_what_was_encoded_is_framed_and_decoded_the_same(packet: Packet) -> None:
    assert frames(Framer().feed(encode(packet))) == [encode(packet)]
    assert decode(encode(packet)) == packet


def test_an_answer_has_the_serial_number_and_the_addresses_exchanged() -> None:
    confirmed = answer(PACKET, Command.CONFIRM, SENT)
    assert (confirmed.serial, confirmed.source, confirmed.target, confirmed.unit) == (7, 23352, 889, b"")
    assert control_unit(encode(PACKET)[:-3] + b"\0##").source == 889


@pytest.mark.parametrize(
    "wrong",
    [
        {"serial": -1},
        {"serial": 65536},
        {"source": 2**48},
        {"unit": bytes(1025)},
        {"command": 256},
        {"version": (1, 2, 3)},
        {"sent_ms": 0},
    ],
)
def test_what_does_not_fit_is_not_said(wrong: dict) -> None:
    with pytest.raises(CannotSay):
        encode(replace(PACKET, **wrong))


@pytest.mark.parametrize("data", ["000000000000", "023a191a090c", "023c091a090c", "023a091f090c", "023a091a0964", "023a091a09"])
def test_an_impossible_time_is_refused(data: str) -> None:
    with pytest.raises(BadTime):
        read_time(bytes.fromhex(data))


_second = st.integers(946_656_000, 4_102_415_999).map(lambda seconds: seconds * 1000)
_byte = st.integers(0, 255)
_facility = st.builds(Part, _byte, _byte)
_part = st.builds(Part, _byte, _byte, _byte, st.integers(0, 65535), st.integers(0, 65535))
_text = st.text("一层大厅走廊AB12 ", max_size=15).map(str.strip)
_analog = st.sampled_from(sorted(quantities())).flatmap(
    lambda kind: st.builds(
        lambda part, raw, time_ms: Analog(
            part,
            kind,
            float(f"{raw}e-{quantities()[kind].digits}"),
            quantities()[kind].least <= float(f"{raw}e-{quantities()[kind].digits}") <= quantities()[kind].most,
            time_ms,
        ),
        _part,
        st.integers(-32768, 32767),
        st.none() | _second,
    )
)
_OBJECTS = {
    1: st.builds(State, st.just("system_state"), _facility, st.integers(0, 65535), st.just(""), st.none() | _second),
    2: st.builds(State, st.just("part_state"), _part, st.integers(0, 65535), _text, st.none() | _second),
    3: _analog,
    4: st.builds(Operation, st.just("facility_operation"), _facility, _byte, _byte, st.none() | _second),
    5: st.builds(Version, _facility, _byte, _byte),
    6: st.builds(Configuration, _facility, _text),
    7: st.builds(Configuration, _part, _text),
    8: st.builds(Clock, _facility, _second),
    21: st.builds(State, st.just("device_state"), st.just(Part()), _byte, st.just(""), st.none() | _second),
    24: st.builds(Operation, st.just("device_operation"), st.just(Part()), _byte, _byte, st.none() | _second),
    25: st.builds(Version, st.just(Part()), _byte, _byte),
    26: st.builds(Configuration, st.just(Part()), _text),
    28: st.builds(Clock, st.just(Part()), _second),
}


@given(st.sampled_from(sorted(_OBJECTS)).flatmap(lambda kind: st.tuples(st.just(kind), st.lists(_OBJECTS[kind], min_size=1, max_size=20))))
def test_every_kind_of_unit_comes_back_as_it_was_said(said: tuple[int, list]) -> None:
    kind, objects = said
    unit = decode_unit(encode_unit(kind, objects))
    assert (unit.kind, unit.objects, unit.refused) == (kind, tuple(objects), ())


def test_every_upward_type_of_the_standard_is_read_and_no_other() -> None:
    upward = {number for number in names("unit") if number <= 60}
    assert upward == set(_OBJECTS)
    for kind in set(range(256)) - upward:
        with pytest.raises(UnknownUnit):
            decode_unit(bytes([kind, 1]) + bytes(60))


def test_a_fire_alarm_with_an_impossible_time_is_still_one() -> None:
    unit = decode_unit(UNIT[:-6] + b"\xff" * 6)
    (state,) = unit.objects
    assert isinstance(state, State)
    assert (state.word, state.time_ms) == (0b11, None)
    assert [type(refusal) for refusal in unit.refused] == [BadTime]


def test_objects_without_times_are_read_without_them() -> None:
    (state,) = decode_unit(UNIT[:-6]).objects
    assert isinstance(state, State)
    assert (state.text, state.time_ms) == ("一层大厅", None)
    (version,) = decode_unit(bytes([units.DEVICE_VERSION, 1, 1, 2]) + write_time(SENT)).objects
    assert version == Version(Part(), 1, 2)


def test_a_unit_that_is_cut_off_keeps_its_whole_objects() -> None:
    two = encode_unit(units.PART_STATE, [State("part_state", SMOKE, 0b11, "", SENT)] * 2)
    unit = decode_unit(two[:-10])
    assert len(unit.objects) == 1
    assert [type(refusal) for refusal in unit.refused] == [BadUnit]
    said = encode_unit(units.SYSTEM_CONFIGURATION, [Configuration(Part(1, 3), "甲"), Configuration(Part(1, 4), "乙")])
    unit = decode_unit(said[:-1])
    assert unit.objects == (Configuration(Part(1, 3), "甲"),)
    assert [type(refusal) for refusal in unit.refused] == [BadUnit]


def test_a_quantity_of_the_makers_own_costs_only_itself() -> None:
    good = Analog(SMOKE, 3, 24.6, True, SENT)
    data = bytearray(encode_unit(units.ANALOG, [good, good]))
    data[2 + 7] = 200
    unit = decode_unit(bytes(data))
    assert unit.objects == (good,)
    assert [refusal.facts for refusal in unit.refused if isinstance(refusal, UnknownAnalog)] == [{"part": "1-3-40-10-2", "kind": 200}]


def test_a_value_outside_of_the_standards_range_is_not_valid() -> None:
    (value,) = decode_unit(encode_unit(units.ANALOG, [Analog(SMOKE, 6, 120.0, False, SENT)])).objects
    assert isinstance(value, Analog)
    assert not value.valid


def test_a_description_is_cut_between_characters() -> None:
    (state,) = decode_unit(encode_unit(units.PART_STATE, [State("part_state", SMOKE, 1, "走廊" * 20, SENT)])).objects
    assert isinstance(state, State)
    assert state.text == "走廊" * 7 + "走"


@pytest.mark.parametrize("data", [b"", b"\x02", b"\x02\x00"])
def test_what_is_no_unit_is_refused(data: bytes) -> None:
    with pytest.raises(BadUnit):
        decode_unit(data)


@pytest.mark.parametrize(
    ("kind", "objects"),
    [
        (2, []),
        (2, [State("part_state", SMOKE, 70_000)]),
        (2, [State("system_state", Part(1, 1), 1)]),
        (2, [State("part_state", SMOKE, 1)] * 30),
        (3, [Analog(SMOKE, 3, 1e6, False)]),
        (3, [Analog(SMOKE, 200, 1.0, False)]),
        (99, [Version(Part(), 1, 1)]),
        (26, [Configuration(Part(), "长" * 200)]),
    ],
)
def test_a_unit_that_does_not_fit_is_not_said(kind: int, objects: list) -> None:
    with pytest.raises(CannotSay):
        encode_unit(kind, objects)


def test_questions_are_written_as_the_standard_says() -> None:
    assert units.read_device_state() == bytes([81, 1, 0])
    assert units.read_system_state([SMOKE, Part(2, 9)]) == bytes([61, 2, 1, 3, 2, 9])
    assert units.read_operations(SENT) == bytes([84, 1, 102]) + write_time(SENT)
    assert units.set_clock(SENT) == bytes([90, 1]) + write_time(SENT)


def test_the_lists_name_what_the_standard_names() -> None:
    assert [bit.word for bit in bits("part_state")][1:3] == ["fire", "fault"]
    assert len(bits("system_state")) == 14
    assert (name_of_part(1, 40), name_of_part(11, 0), name_of_part(200, 250)) == ("感烟火灾探测器", "消火栓系统", "200/250")
    assert units.type_name(2) == "上传建筑消防设施部件运行状态"
    assert units.type_name(130) == "130"


@settings(max_examples=1000)
@given(st.binary(max_size=300))
def test_any_bytes_are_a_packet_or_a_refusal(data: bytes) -> None:
    for each in (data, b"@@" + data, b"@@" + data + b"\0##"):
        with suppress(BrokenPacket, TooLong, BadChecksum):
            decode(each)
        with suppress(BrokenPacket):
            control_unit(each)


@settings(max_examples=1000)
@given(st.sampled_from(sorted(_OBJECTS)), _byte, st.binary(max_size=400))
def test_any_unit_is_objects_and_refusals(kind: int, count: int, data: bytes) -> None:
    with suppress(BadUnit):
        unit = decode_unit(bytes([kind, count]) + data)
        assert len(unit.objects) <= count


def test_a_thousand_damaged_inputs_raise_nothing_but_refusals_and_lose_no_good_packet() -> None:
    chance = random.Random(26875)
    good = encode(PACKET)
    for _ in range(1000):
        bad = bytearray(good)
        for _flip in range(chance.randrange(1, 6)):
            bad[chance.randrange(len(bad))] ^= 1 << chance.randrange(8)
        if chance.random() < 0.3:
            del bad[chance.randrange(len(bad)) :]
        if chance.random() < 0.3:
            at = chance.randrange(len(bad) + 1)
            bad[at:at] = chance.choice([b"@" * 50, b"#" * 50, chance.randbytes(3000)])
        with suppress(Refusal):
            decode_unit(decode(bytes(bad)).unit)
        framer = Framer()
        pieces = framer.feed(bytes(bad))
        assert framer.waiting <= MOST_WAITING_BYTES
        # Whatever the damage claims to be long, 1,100 bytes later it is over.
        pieces += framer.feed(good * 40)
        assert frames(pieces)[-20:] == [good] * 20
