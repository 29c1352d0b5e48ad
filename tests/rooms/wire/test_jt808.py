"""JT/T 808: frames, messages and positions of vehicle terminals."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anlan.kernel.errors import Refusal
from anlan.wire.framing import Frame, Piece, Unreadable
from anlan.wire.jt808 import bits, terminal
from anlan.wire.jt808.framing import MOST_ESCAPED_BYTES, Framer, escape, unescape
from anlan.wire.jt808.message import BodyTooLong, Message, Part, decode, encode, parted
from anlan.wire.jt808.parts import Parts
from anlan.wire.jt808.position import (
    Batch,
    Position,
    decode_batch,
    decode_position,
    decode_time,
    encode_batch,
    encode_position,
    encode_time,
)
from anlan.wire.jt808.terminal import Authentication, Registration

# A truck near Zhengzhou: 2022-07-20 10:39:57 of Beijing, bits 0 and 2 of the alarms, 364.6 km, 55.5 l.
PLACE = Position(
    alarms=0b101,
    state=0b11,
    latitude=34.82613,
    longitude=113.551741,
    altitude=119,
    speed=62.4,
    direction=271,
    time_ms=1_658_284_797_000,
    items=((1, (3646).to_bytes(4)), (2, (555).to_bytes(2))),
)


@pytest.fixture(scope="module")
def samples(shared: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (shared / "samples" / "jt808" / "frames.jsonl").read_text().splitlines()]


def test_every_collected_frame_is_judged_as_it_is_labelled(samples: list[dict[str, Any]]) -> None:
    for sample in samples:
        data = bytes.fromhex(sample["frame"])
        assert Framer().feed(data) == [Frame(data)]
        try:
            message = decode(data)
        except Refusal as refusal:
            assert not sample["valid"], f"{sample['frame'][:60]}: {refusal}"
            if not sample["xor_ok"]:
                assert refusal.code in {"jt808_check_byte", "jt808_too_short"}
            else:
                assert refusal.code == "jt808_length"
            continue
        assert sample["valid"], sample["frame"][:60]
        assert f"{message.identifier:04X}" == sample["msg_id"]
        assert (message.version is not None) == sample["v2019"]
        assert (message.part is not None) == sample["subpackage"]
        assert encode(message) == data
    assert len(samples) == 321


def _bodies(samples: list[dict[str, Any]], identifier: str) -> list[Message]:
    return [decode(bytes.fromhex(s["frame"])) for s in samples if s["valid"] and s["msg_id"] == identifier]


def test_every_valid_position_of_the_samples_is_read_and_written_back(samples: list[dict[str, Any]]) -> None:
    found = [(message, decode_position(message.body)) for message in _bodies(samples, "0200")]
    assert len(found) == 30
    for message, position in found:
        if position.refused:
            assert all(refusal.code in {"jt808_item", "jt808_value"} for refusal in position.refused)
        else:
            assert encode_position(position) == message.body


def test_a_message_is_laid_out_as_the_standard_says() -> None:
    heartbeat = Message(terminal.HEARTBEAT, "13812345678", 5)
    assert encode(heartbeat).hex() == "7e000200000138123456780005" + "36" + "7e"
    assert (
        encode(Message(terminal.HEARTBEAT, "13812345678", 5, version=1)).hex()
        == "7e0002400001" + "00000000013812345678" + "0005" + "77" + "7e"
    )
    body = encode_position(PLACE)
    assert body.hex() == "00000005000000030213679206c4a97d007702700" + "10f220720103957" + "010400000e3e" + "0202022b"


def test_a_position_is_read_in_the_units_of_the_standard() -> None:
    position = decode_position(encode_position(PLACE))
    assert position == PLACE
    assert (position.mileage, position.fuel, position.recorder_speed) == (364.6, 55.5, None)
    assert position.positioned and not position.encrypted
    south_west = decode_position(encode_position(Position(0, 0, -12.5, -70.25, 0, 0.0, 0, PLACE.time_ms)))
    assert (south_west.latitude, south_west.longitude) == (-12.5, -70.25)


def test_the_carriage_temperature_of_2019_has_a_sign_bit() -> None:
    def carried(raw: int) -> int | None:
        return decode_position(encode_position(PLACE)[:28] + b"\x06\x02" + raw.to_bytes(2)).carriage_temperature

    assert carried(5) == 5
    assert carried(0x8000 | 18) == -18
    assert PLACE.carriage_temperature is None


def test_a_bad_value_costs_itself_and_not_the_position() -> None:
    body = bytearray(encode_position(PLACE))
    body[8:12] = (116_307_629).to_bytes(4)
    body[20:22] = (361).to_bytes(2)
    position = decode_position(bytes(body) + b"\x03\x01\x05" + b"\x30\x01\x1f" + b"\x2a\x02\x00")
    assert (position.latitude, position.longitude, position.direction) == (None, None, None)
    assert (position.speed, position.mileage) == (62.4, 364.6)
    assert [refusal.code for refusal in position.refused] == ["jt808_value", "jt808_value", "jt808_item", "jt808_item"]
    assert [item for item, _content in position.items] == [1, 2, 0x30]


def test_good_positions_of_a_batch_are_kept_beside_bad_ones() -> None:
    good = encode_position(PLACE)
    bad = good[:22] + b"\x22\x13\x20\x10\x39\x57" + good[28:]
    body = (4).to_bytes(2) + b"\x01" + b"".join(len(one).to_bytes(2) + one for one in (good, bad, good[:20], good))
    batch = decode_batch(body)
    assert batch.resent
    assert batch.positions == (PLACE, PLACE)
    assert [(refusal.code, data) for refusal, data in batch.refused] == [("jt808_time", bad), ("jt808_position_too_short", good[:20])]
    cut = decode_batch(body[:-1])
    assert cut.positions == (PLACE,)
    assert [refusal.code for refusal, _data in cut.refused][-1] == "jt808_batch"


def test_alarm_bits_have_the_words_of_their_edition() -> None:
    def words(mask: int, edition: bits.Edition) -> list[str]:
        return [bit.word for bit in bits.alarm_bits(mask, edition)]

    assert words(0b1, 2013) == words(0b1, 2019) == ["emergency"]
    assert words(1 << 29 | 1 << 31, 2013) == ["collision_warning", "illegal_door_opening"]
    assert words(1 << 29 | 1 << 31, 2019) == ["collision_or_rollover", "reserved_bit_31"]
    assert words(1 << 16, 2013) == ["reserved_bit_16"]
    assert [bit.word for bit in bits.status_bits(0b11 | 1 << 22, 2019)] == ["ignition_on", "positioned", "moving"]
    for edition in (2013, 2019):
        every = words(0xFFFFFFFF, edition)
        assert len(every) == len(set(every)) == 32


def test_registrations_and_authentications_of_every_edition_are_read(samples: list[dict[str, Any]]) -> None:
    registered = [terminal.decode_registration(message) for message in _bodies(samples, "0100")]
    assert {one.plate for one in registered} == {"测A888888", "粤A12345"}
    assert {one.model for one in registered} == {"BSJ-GF-06", "www.jtt808.cn", "smallchi123", "tk12345"}
    assert {one.terminal for one in registered} == {"test123", "7654321", "09876543210987654321", "CHI123"}
    proved = [terminal.decode_authentication(message) for message in _bodies(samples, "0102")]
    assert Authentication("pmYGzGukO8K4Z5lpIOTg8dqb3eprYaHBbXSPLtdbyG8=", "123456789012345", "3.7.15") in proved
    assert Authentication("abc@123&456") in proved


def test_an_encrypted_message_is_refused_by_its_own_code() -> None:
    data = bytearray(unescape(encode(Message(terminal.POSITION, "13812345678", 1, b"secret"))[1:-1]))
    data[2] |= 0x04
    data[-1] ^= 0x04
    with pytest.raises(Refusal) as refused:
        decode(b"\x7e" + escape(bytes(data)) + b"\x7e")
    assert refused.value.code == "jt808_encrypted"


def test_a_body_that_needs_parts_is_not_squeezed_into_one_frame() -> None:
    with pytest.raises(BodyTooLong):
        encode(Message(terminal.POSITION, "13812345678", 1, bytes(1024)))


phones = st.integers(1, 10**12 - 1).map(str)
versions = st.none() | st.integers(0, 255)
messages = st.builds(
    Message,
    identifier=st.integers(0, 0xFFFF),
    phone=phones,
    serial=st.integers(0, 0xFFFF),
    body=st.binary(max_size=200) | st.lists(st.sampled_from([0x7D, 0x7E, 1, 2]), max_size=1023).map(bytes),
    version=versions,
    part=st.none() | st.integers(1, 0xFFFF).flatmap(lambda total: st.builds(Part, st.just(total), st.integers(1, total))),
)


@given(messages)
def test_every_message_survives_the_wire(message: Message) -> None:
    frame = encode(message)
    assert Framer().feed(frame) == [Frame(frame)]
    assert decode(frame) == message


@given(st.binary(max_size=300))
def test_escaping_is_undone_and_leaves_no_flag(data: bytes) -> None:
    assert unescape(escape(data)) == data
    assert 0x7E not in escape(data)


positions = st.builds(
    Position,
    alarms=st.integers(0, 2**32 - 1),
    state=st.integers(0, 2**32 - 1).map(lambda state: state & ~(bits.SOUTH | bits.WEST)),
    latitude=st.integers(0, 90_000_000).map(lambda n: n / 1_000_000),
    longitude=st.integers(0, 180_000_000).map(lambda n: n / 1_000_000),
    altitude=st.integers(0, 0xFFFF),
    speed=st.integers(0, 0xFFFF).map(lambda n: n / 10),
    direction=st.integers(0, 359),
    time_ms=st.integers(946_656_000, 4_102_415_999).map(lambda s: s * 1000),
    items=st.lists(st.tuples(st.sampled_from([0x14, 0x2A, 0x30, 0xE1]), st.binary(max_size=255)), max_size=5).map(tuple),
)


@given(st.lists(positions, max_size=5), st.booleans())
@settings(max_examples=60)
def test_every_batch_survives_the_wire(found: list[Position], resent: bool) -> None:
    batch = Batch(tuple(found), resent)
    assert decode_batch(encode_batch(batch)) == batch


@given(st.integers(946_656_000, 4_102_415_999))
def test_every_second_of_the_century_survives_the_wire(second: int) -> None:
    assert decode_time(encode_time(second * 1000)) == second * 1000


plain = st.text(st.characters(codec="ascii", min_codepoint=33), min_size=1)


@given(plain.map(lambda t: t[:7]), st.sampled_from(["测A888888", "豫AT3399"]), versions)
@settings(max_examples=50)
def test_every_registration_and_authentication_survives_the_wire(text: str, plate: str, version: int | None) -> None:
    registration = Registration(41, 100, text[:5], text, text, 2, plate)
    sent = Message(terminal.REGISTRATION, "1", 0, terminal.encode_registration(registration, version), version)
    assert terminal.decode_registration(sent) == registration
    proof = Authentication(text) if version is None else Authentication(text, text, text)
    sent = Message(terminal.AUTHENTICATION, "1", 0, terminal.encode_authentication(proof, version), version)
    assert terminal.decode_authentication(sent) == proof


def _fed(data: bytes, cuts: list[int]) -> list[Piece]:
    framer = Framer()
    pieces: list[Piece] = []
    for start, end in zip([0, *cuts], [*cuts, len(data)], strict=True):
        pieces += framer.feed(data[start:end])
        assert framer.waiting <= MOST_ESCAPED_BYTES
    return pieces


def test_a_stream_gives_the_same_pieces_however_it_is_split() -> None:
    frame = encode(Message(terminal.POSITION, "13812345678", 1, encode_position(PLACE) + b"\x7e\x7d"))
    dirt = b"HTTP/1.1 junk"
    stream = dirt + frame + frame + frame[1:] + dirt + frame + b"\x7e\x7e" + frame[:20] + frame + bytes(5000) + frame
    whole = _fed(stream, [])
    assert [piece.data for piece in whole if piece == Frame(frame)] == [frame] * 6
    assert isinstance(whole[0], Unreadable)
    assert any(isinstance(piece, Unreadable) and piece.reason.code == "jt808_frame_too_long" for piece in whole)
    keyed = [repr(piece) for piece in whole]
    for at in range(len(stream)):
        assert [repr(piece) for piece in _fed(stream, [at])] == keyed
    assert [repr(piece) for piece in _fed(stream, list(range(1, len(stream))))] == keyed


def test_bad_input_is_refused_and_never_anything_else() -> None:
    chance = random.Random(808)
    seeds = [encode(Message(terminal.POSITION, "13812345678", 1, encode_position(PLACE), version)) for version in (None, 1)] + [
        encode(Message(terminal.POSITIONS, "13812345678", 1, encode_batch(Batch((PLACE,) * 3, True)))),
        encode(
            Message(
                terminal.REGISTRATION, "13812345678", 1, terminal.encode_registration(Registration(41, 1, "m", "m", "t", 1, "豫A1"), 1), 1
            )
        ),
        encode(Message(terminal.AUTHENTICATION, "13812345678", 1, terminal.encode_authentication(Authentication("c", "i", "s"), 1), 1)),
    ]
    readers = (decode_position, decode_batch)
    by_message = (terminal.decode_registration, terminal.decode_authentication, terminal.multimedia_identifier)
    for _ in range(1000):
        data = bytearray(chance.choice(seeds) if chance.random() < 0.8 else chance.randbytes(chance.randrange(400)))
        for _flip in range(chance.randrange(4)):
            if data:
                data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        if chance.random() < 0.3:
            del data[chance.randrange(len(data) + 1) :]
        if chance.random() < 0.1:
            data += bytes(chance.randrange(70_000))
        framer = Framer()
        for piece in framer.feed(bytes(data)):
            assert framer.waiting <= MOST_ESCAPED_BYTES
            try:
                message = decode(piece) if isinstance(piece, Frame) else Message(0, "1", 0, piece.data)
            except Refusal as refusal:
                assert refusal.code.startswith("jt808_")
                message = Message(0, "1", 0, piece.data[1:-1], chance.choice([None, 1]))
            for read in readers:
                _refused_or_read(read, message.body)
                _refused_or_read(read, message.body[chance.randrange(len(message.body) + 1) :])
            for read in by_message:
                _refused_or_read(read, message)


def _refused_or_read(read: Any, given: Any) -> None:
    try:
        read(given)
    except Refusal as refusal:
        assert refusal.code.startswith("jt808_")


def test_parts_in_any_order_make_the_whole() -> None:
    long = Message(terminal.POSITIONS, "13812345678", 65534, bytes(range(256)) * 12)
    parts = list(parted(long, 700))
    assert [part.serial for part in parts] == [65534, 65535, 0, 1, 2]
    waiting = Parts(expires_ms=1000)
    for part in [parts[3], parts[0], parts[4], parts[1]]:
        assert waiting.add(part, 0).whole is None
    assert waiting.add(parts[1], 0).again
    whole = waiting.add(parts[2], 0).whole
    assert whole is not None
    assert whole.message.body == long.body
    assert whole.message.part is None
    assert whole.parts == tuple(parts)
    assert waiting.waiting == 0
    assert list(parted(long, 5000)) == [long]


def test_parts_that_wait_too_long_are_given_up() -> None:
    first, second, *_rest = parted(Message(terminal.POSITIONS, "13812345678", 7, bytes(3000)), 1000)
    waiting = Parts(expires_ms=1000)
    waiting.add(first, 0)
    waiting.add(second, 900)
    assert waiting.expire(1900) == ()
    ((reason, given_up),) = waiting.expire(1901)
    assert reason.code == "jt808_parts_expired"
    assert given_up == (first, second)
    assert waiting.waiting == 0


def test_what_waits_for_parts_is_bounded_in_bytes_and_in_number() -> None:
    waiting = Parts(expires_ms=1000, most_bytes=20_000, most_open=3)
    refused = 0
    for serial in range(0, 60_000, 100):
        for message in (
            Message(1, "1", serial, bytes(1000), part=Part(2, 1)),
            Message(2, "1", serial, b"", part=Part(0xFFFF, 1 + serial % 500)),
        ):
            refused += len(waiting.add(message, 0).refused)
            assert waiting.waiting <= 20_000
    for index in range(1, 2000):
        refused += len(waiting.add(Message(3, "1", index, b"", part=Part(0xFFFF, index)), 0).refused)
        assert waiting.waiting <= 20_000
    assert refused > 700
