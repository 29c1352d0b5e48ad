"""HJ 212: what frames say. Heads, data areas, numbered packets, enciphered data areas."""

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
from anlan.wire.framing import MOST_WAITING_BYTES, Frame
from anlan.wire.hj212 import Block, Flag, Framer, Message, Packets, Revision, decode, encode, read_area, write_area
from anlan.wire.hj212.data import read_number, read_time, write_request_time, write_time
from anlan.wire.hj212.framing import write_frame
from anlan.wire.hj212.message import address_of
from anlan.wire.hj212.packets import EXPIRES_MS, MOST_OPEN
from anlan.wire.hj212.refusals import (
    BadHead,
    BadItem,
    BadLength,
    BadPacket,
    BadSeal,
    BadTime,
    BadValue,
    BrokenFrame,
    FrameTooLong,
    ModbusChecksum,
    NoTime,
    PacketsGivenUp,
    Sealed,
)
from anlan.wire.hj212.sealed import seal, unseal

BEIJING = timezone(timedelta(hours=8))
NOON = int(datetime(2026, 9, 21, 12, 0, tzinfo=BEIJING).timestamp()) * 1000
KEY = bytes(range(16))
REPORT = Message(
    "20260921120001234",
    "32",
    "2011",
    "123456",
    "010000A8900016F000169DC0",
    Flag(Revision.OF_2017, answer=True),
    "DataTime=20260921120000;w01018-Rtd=17.5,w01018-Flag=N;w01001-Rtd=7.02,w01001-Flag=D",
)


def labelled(shared: Path) -> list[dict]:
    return [json.loads(line) for line in (shared / "samples/hj212/frames.jsonl").read_text().splitlines()]


def test_every_whole_sample_is_read_and_every_other_is_refused_for_what_it_is(shared: Path) -> None:
    for sample in labelled(shared):
        frame = sample["frame"].encode()
        if sample["length_ok"] and sample["crc_ok"]:
            message = decode(frame)
            assert message.address
            assert all(not isinstance(refusal, BadTime) for refusal in read_area(message.area).refused), sample["frame"]
        elif not sample["length_ok"]:
            with pytest.raises(BadLength):
                decode(frame)
        elif sample["crc_is_plain_modbus"]:
            with pytest.raises(ModbusChecksum):
                decode(frame)
        else:
            with pytest.raises(Refusal, match="hj212_bad_crc"):
                decode(frame)


def test_a_sample_says_what_stands_in_it(shared: Path) -> None:
    message = decode(labelled(shared)[3]["frame"].encode())
    assert (message.address, message.secret, message.system, message.command) == ("Y80110010000010", "123456", "22", "2011")
    assert (message.flag, message.wants_answer) == (Flag(Revision.OF_2017), False)
    (block,) = read_area(message.area).blocks
    assert block.values == {"a214": 0.0, "a215": 0.0, "a216": 0.036, "a217": 0.033, "a211": 25.4, "a212": 49.2, "a213": 101.94}
    assert block.time_ms == int(datetime(2019, 10, 12, 13, 37, 10, tzinfo=BEIJING).timestamp()) * 1000


def test_the_sample_of_2005_without_flag_is_read_with_its_marks(shared: Path) -> None:
    message = decode(labelled(shared)[7]["frame"].encode())
    assert (message.flag, message.time, message.wants_answer) == (None, "", False)
    (block,) = read_area(message.area).blocks
    assert (block.values["01-ZsRtd"], block.values["01"]) == (0.0, 0.0)
    assert block.marked["S01"] == "D"
    # The corrected value stands on the same measurement as the raw one.
    assert block.marked["01-ZsRtd"] == "D"


def test_every_payload_of_annex_c_comes_back_as_it_was(shared: Path) -> None:
    lines = (shared / "samples/hj212/annexC_payloads.jsonl").read_text().splitlines()
    assert len(lines) > 30
    for sample in map(json.loads, lines):
        assert encode(decode(sample["framed"].encode())) == sample["framed"].encode() + b"\r\n"


@pytest.mark.parametrize(
    ("number", "flag"),
    [
        (0, Flag(Revision.OF_2005)),
        (4, Flag(Revision.OF_2017)),
        (5, Flag(Revision.OF_2017, answer=True)),
        (7, Flag(Revision.OF_2017, True, True)),
        (9, Flag(Revision.OF_2025, answer=True)),
        (255, Flag(63, True, True)),
    ],
)
def test_a_flag_says_revision_numbering_and_answer(number: int, flag: Flag) -> None:
    assert Flag.of(number) == flag
    assert flag.number == number


_word = st.text("ABCDEFabcdef0123456789_-.", min_size=1, max_size=24)


@given(
    st.builds(
        Message,
        time=st.just("") | st.just("20260921120001234"),
        system=st.sampled_from(["21", "22", "31", "32", "91"]),
        command=st.sampled_from(["2011", "2051", "2061", "9015"]),
        secret=st.just("") | _word,
        address=_word,
        flag=st.none() | st.integers(0, 255).map(Flag.of),
        area=st.text(st.characters(exclude_characters="\n\r&", codec="utf-8"), max_size=80),
        packets=st.just(0),
        packet=st.just(0),
        resent=st.booleans(),
    )
)
def test_what_was_encoded_is_framed_and_decoded_the_same(message: Message) -> None:
    frame = encode(message)
    assert Framer().feed(frame)[0] == Frame(frame.rstrip(b"\r\n"))
    assert decode(frame) == message
    if "\0" not in message.area:
        assert address_of(frame) == message.address


def test_text_in_either_chinese_encoding_is_read() -> None:
    head = b"QN=;ST=32;CN=3020;PW=123456;MN=A1;Flag=5;CP=&&"
    for encoding in ("utf-8", "gb18030"):
        area = "DataTime=20260921120000;PolId=w01018;i11001-Info=“管路堵塞”".encode(encoding)
        assert "管路堵塞" in decode(write_frame(head + area + b"&&")).area


@pytest.mark.parametrize(
    "head", [b"ST=32;CN=20A;MN=A", b"ST=32;CN=20111;MN=A", b"CN=2011;PW=1", b"CN=2011;MN=A;Flag=300", b"CN=2011;MN=A B"]
)
def test_a_head_that_cannot_be_answered_is_refused(head: bytes) -> None:
    with pytest.raises(BadHead):
        decode(write_frame(head + b";CP=&&&&"))


@pytest.mark.parametrize("wrong", [{"address": "A;B"}, {"secret": "a=b"}, {"area": "a\nb"}, {"system": "水"}])
def test_what_does_not_fit_in_a_head_is_not_said(wrong: dict[str, str]) -> None:
    with pytest.raises(BadHead):
        encode(replace(REPORT, **wrong))


def test_a_message_longer_than_its_length_can_say_is_not_said() -> None:
    with pytest.raises(FrameTooLong):
        encode(replace(REPORT, area="x" * 10_000))


def test_a_bad_value_costs_only_itself() -> None:
    area = read_area("DataTime=20260921120000;a-Rtd=NaN,a-Flag=N;b-Rtd=1e400;c-Rtd=7.5;nonsense;d-Rtd=0x10;e-Rtd=+1.5e2")
    assert area.blocks == (Block(NOON, {"c": 7.5, "e": 150.0}, {"a": "N"}),)
    assert [type(refusal) for refusal in area.refused] == [BadValue, BadValue, BadItem, BadValue]


def test_values_without_a_time_or_with_an_impossible_one_are_refused_and_the_others_kept() -> None:
    area = read_area("a-Rtd=1;DataTime=20261321120000;b-Rtd=2;DataTime=20260921120000;c-Rtd=3")
    assert area.blocks == (Block(NOON, {"c": 3.0}),)
    assert [type(refusal) for refusal in area.refused] == [NoTime, BadTime]


def test_a_missing_separator_costs_the_value_before_it_and_not_the_one_behind() -> None:
    area = read_area("DataTime=20260921120000;LMx-NightData=LMn-NightData=42.0;Leq-Data=50")
    assert area.blocks == (Block(NOON, {"LMn-NightData": 42.0, "Leq-Data": 50.0}),)
    assert [refusal.facts["factor"] for refusal in area.refused] == ["LMx-NightData"]


@given(
    st.lists(
        st.builds(
            Block,
            st.integers(0, 4_000_000_000).map(lambda seconds: seconds * 1000),
            st.dictionaries(st.sampled_from(["w01018", "w01018-Avg", "a1-ZsRtd", "B01-Cou"]), st.floats(-1e9, 1e9), min_size=1),
        ),
        max_size=4,
    )
)
def test_values_come_back_with_their_times(blocks: list[Block]) -> None:
    area = read_area(write_area(blocks))
    assert (area.blocks, area.refused) == (tuple(blocks), ())


@given(st.integers(0, 4_000_000_000_000))
def test_times_come_back_to_the_second_and_requests_to_the_millisecond(time_ms: int) -> None:
    assert read_time(write_time(time_ms)) == time_ms // 1000 * 1000
    assert read_time(write_request_time(time_ms)) == time_ms


@pytest.mark.parametrize("text", ["", "inf", "1_000", "٣", "1e5000", "--1", "1,5", "0x1F", "1.2.3"])
def test_what_is_no_decimal_number_is_none(text: str) -> None:
    assert read_number(text) is None


# --- packets ---------------------------------------------------------------------------------------------------------------------------


def packet(number: int, total: int, area: str, **other: str) -> Message:
    return replace(REPORT, flag=Flag(Revision.OF_2017, True, True), packets=total, packet=number, area=area, **other)


def values(packets: Packets, *messages: Message, now_ms: int = NOON) -> list[tuple[int, dict[str, float]]]:
    found = []
    for message in messages:
        added = packets.add(message, now_ms)
        assert added.refused == ()
        if added.ready is not None:
            found += [(block.time_ms, block.values) for block in read_area(added.ready.message.area).blocks]
    return found


def test_packets_that_each_begin_with_their_time_are_read_as_they_come() -> None:
    packets = Packets()
    first = packet(1, 2, "DataTime=20260921120000;a-Rtd=1")
    second = packet(2, 2, "DataTime=20260921120000;b-Rtd=2")
    assert values(packets, first) == [(NOON, {"a": 1.0})]
    assert values(packets, second) == [(NOON, {"b": 2.0})]
    assert packets.waiting == 0


def test_a_packet_without_a_time_takes_that_of_the_packet_before() -> None:
    assert values(Packets(), packet(1, 2, "DataTime=20260921120000;a-Rtd=1;"), packet(2, 2, "b-Rtd=2;c-Rtd=3")) == [
        (NOON, {"a": 1.0}),
        (NOON, {"b": 2.0, "c": 3.0}),
    ]


def test_a_group_that_was_cut_in_the_middle_of_a_word_is_whole_again() -> None:
    packets = Packets()
    assert values(packets, packet(1, 2, "DataTime=20260921120000;a-Rtd=1;b-R")) == [(NOON, {"a": 1.0})]
    assert values(packets, packet(2, 2, "td=2,b-Flag=N;c-Rtd=3")) == [(NOON, {"b": 2.0, "c": 3.0})]


def test_packets_out_of_order_wait_for_those_before_them() -> None:
    packets = Packets()
    assert values(packets, packet(2, 3, "b-Rtd=2;"), packet(3, 3, "c-Rtd=3")) == []
    assert packets.waiting > 0
    ((when, found),) = values(packets, packet(1, 3, "DataTime=20260921120000;a-Rtd=1;"))
    assert (when, found) == (NOON, {"a": 1.0, "b": 2.0, "c": 3.0})
    assert packets.waiting == 0


def test_a_packet_that_comes_again_is_answered_and_not_read_twice() -> None:
    packets, first = Packets(), packet(1, 2, "DataTime=20260921120000;a-Rtd=1;")
    values(packets, first)
    again = packets.add(first, NOON)
    assert again.ready is not None
    assert (again.ready.message.area, again.ready.packets) == ("", (first,))


def test_a_cut_packet_is_answered_when_its_sender_sends_it_again_instead_of_the_next() -> None:
    packets, first = Packets(), packet(1, 2, "DataTime=20260921120000;b-R")
    half = packets.add(first, NOON).ready
    assert half is not None
    assert (read_area(half.message.area).blocks, half.packets) == ((), ())
    again = packets.add(first, NOON)
    assert again.ready is not None
    assert again.ready.packets == (first,)
    second = packet(2, 2, "td=2")
    added = packets.add(second, NOON)
    assert added.ready is not None
    assert (added.ready.message.area, added.ready.packets) == ("DataTime=20260921120000;b-Rtd=2", (second,))


def test_packets_that_never_end_are_given_up() -> None:
    packets = Packets()
    packets.add(packet(2, 3, "b-Rtd=2"), NOON)
    assert packets.expire(NOON + EXPIRES_MS) == ()
    ((refusal, lost),) = packets.expire(NOON + EXPIRES_MS + 1)
    assert isinstance(refusal, PacketsGivenUp)
    assert (refusal.facts, lost.address) == ({"total": 3, "found": 1}, REPORT.address)
    assert packets.waiting == 0


def test_what_waits_for_packets_is_bounded_in_number_and_in_bytes() -> None:
    packets = Packets()
    for number in range(50):
        packets.add(packet(2, 3, "b-Rtd=2", time=f"{number:017d}"), NOON)
        assert len(packets.expire(NOON)) == 0
        assert packets.waiting <= MOST_OPEN * 400
    for number in range(2, 200):
        packets.add(packet(number, 999, "b-Rtd=2;" * 200, time="x"), NOON)
        assert packets.waiting <= MOST_WAITING_BYTES


def test_a_number_outside_of_the_count_is_refused() -> None:
    ((refusal, _message),) = Packets().add(packet(4, 3, ""), NOON).refused
    assert isinstance(refusal, BadPacket)


@settings(max_examples=200)
@given(st.data())
def test_packets_cut_anywhere_say_what_the_whole_area_says(data: st.DataObject) -> None:
    area = "DataTime=20260921120000;a-Rtd=1.5,a-Flag=N;b-Rtd=22,b-Flag=D;c-Avg=3;DataTime=20260921120000;d-Rtd=4"
    # A cut inside of a number, or of the time, cannot be told from its end.
    places = [
        at for at in range(1, len(area)) if not (area[at].isalnum() and area[at - 1].isdigit()) and area[at] != "." and area[at - 1] != "."
    ]
    cuts = sorted(data.draw(st.sets(st.sampled_from([at for at in places if at > 23]), max_size=4)))
    pieces = [area[start:stop] for start, stop in zip([0, *cuts], [*cuts, len(area)], strict=True)]
    packets, found = Packets(), {}
    for number, piece in enumerate(pieces, 1):
        added = packets.add(packet(number, len(pieces), piece), NOON)
        for block in read_area(added.ready.message.area).blocks if added.ready else ():
            assert block.time_ms == NOON
            found |= block.values
    assert found == {"a": 1.5, "b": 22.0, "c-Avg": 3.0, "d": 4.0}


# --- enciphered ------------------------------------------------------------------------------------------------------------------------


def test_an_enciphered_message_is_read_with_its_key_and_refused_without_or_with_another() -> None:
    frame = encode(REPORT, KEY)
    assert b"w01018" not in frame
    assert Framer().feed(b"x\r\n" + frame + encode(REPORT))[1:] == [Frame(frame.rstrip()), Frame(encode(REPORT).rstrip())]
    assert decode(frame, KEY) == REPORT
    with pytest.raises(Sealed) as refusal:
        decode(frame)
    assert refusal.value.facts == {"address": REPORT.address}
    with pytest.raises(BadSeal):
        decode(frame, bytes(16))


def test_the_block_cipher_is_the_one_of_the_national_standard() -> None:
    """The example of GB/T 32907-2016 annex A: one block, key and plain text alike."""
    block = bytes.fromhex("0123456789abcdeffedcba9876543210")
    sealed = seal(block, block)
    assert sealed == b"{" + b",".join(b"0x%02X" % byte for byte in bytes.fromhex("681edf34d206965e86b3e94f536e4246")) + b"}"
    assert unseal(sealed, block) == block


@given(st.binary(max_size=100).filter(lambda area: len(area) > 15 or not area.startswith(b"{")))
def test_what_was_enciphered_opens_again(area: bytes) -> None:
    sealed = seal(area, KEY)
    assert sealed == area if len(area) < 16 else unseal(sealed, KEY) == area


@pytest.mark.parametrize("area", [b"", b"{0x12}", b"{0x12,0x}", b"0x12", b"{" + b",".join([b"0xZZ"] * 16) + b"}"])
def test_what_is_no_enciphered_area_is_refused(area: bytes) -> None:
    with pytest.raises(BadSeal):
        unseal(area, KEY)


# --- anything --------------------------------------------------------------------------------------------------------------------------


@settings(max_examples=1000)
@given(st.binary(max_size=200) | st.builds(lambda a, b: b"##0010CP=&&" + a + b"&&" + b, st.binary(max_size=60), st.binary(max_size=10)))
def test_any_bytes_are_a_message_or_a_refusal(data: bytes) -> None:
    with suppress(Refusal):
        decode(data)
    with suppress(Refusal):
        decode(write_frame(data))
    with suppress(Refusal):
        decode(write_frame(b"ST=32;CN=2011;MN=A;CP=&&" + data + b"&&"), KEY)


@settings(max_examples=1000)
@given(st.text(max_size=200) | st.text("-=;,DataTimeRtdFlg0123456789.", max_size=200))
def test_any_area_is_values_and_refusals(text: str) -> None:
    area = read_area(text)
    assert len(area.blocks) <= len(text)
    for block in area.blocks:
        assert all(abs(value) < float("inf") for value in block.values.values())


def test_a_thousand_damaged_messages_raise_nothing_but_refusals() -> None:
    chance = random.Random(212)
    good = encode(REPORT)
    for _ in range(1000):
        data = bytearray(good)
        for _flip in range(chance.randrange(1, 6)):
            data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        del data[chance.randrange(len(data) // 2, len(data)) :]
        with suppress(Refusal):
            read_area(decode(bytes(data)).area)
        with suppress(BrokenFrame, BadHead):
            read_area(decode(write_frame(bytes(data[6:-4]))).area)
