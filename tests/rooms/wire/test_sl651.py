"""SL 651-2014: frames, bodies, and what is no frame."""

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
from anlan.wire.sl651 import Framer, Function, Packet, Report, Telegram, body, decode, encode, read
from anlan.wire.sl651.elements import by_symbol, conditions, elements
from anlan.wire.sl651.framing import ESC, ETB, SYN, crc16
from anlan.wire.sl651.numbers import read_bcd, read_time, write_bcd, write_time
from anlan.wire.sl651.refusals import BadBody, BadChecksum, BadElement, BadTime, BrokenFrame, CannotSay, Noise

BEIJING = timezone(timedelta(hours=8))
SENT = int(datetime(2026, 9, 21, 8, 0, 7, tzinfo=BEIJING).timestamp()) * 1000
NOON = int(datetime(2026, 9, 21, 12, 0, tzinfo=BEIJING).timestamp()) * 1000
RIVER = 0x48


def telegram(parts: list[bytes], function: int = Function.TIMED, serial: int = 7) -> Telegram:
    return Telegram("0011223344", 5, "03E8", function, body.report(serial, SENT, "0011223344", RIVER, parts))


TIMED = encode(telegram([body.observed(NOON, [body.number(0x39, 10.49), body.number(0x26, 4.0), body.number(0x38, 11.02)])]))


def frames(pieces: list[Piece]) -> list[bytes]:
    return [piece.data for piece in pieces if isinstance(piece, Frame)]


def told(pieces: list[Piece]) -> list[tuple]:
    """Pieces as facts: two refusals of the same reason are two objects."""
    return [(p.data, p.size, p.reason.code, p.reason.facts) if isinstance(p, Unreadable) else (p.data,) for p in pieces]


def labelled(shared: Path) -> list[dict]:
    return [json.loads(line) for line in (shared / "samples/sl651/frames.jsonl").read_text().splitlines()]


def found(report: Report) -> dict[str, float]:
    return {value.element: value.number for value in report.values}


def test_every_sample_is_judged_as_its_label(shared: Path) -> None:
    samples = labelled(shared)
    assert len(samples) >= 12
    for sample in samples:
        data, valid = bytes.fromhex(sample["frame"]), sample["crc_ok"] and sample["len_ok"]
        assert (frames(Framer().feed(data)) == [data]) == valid, sample["frame"]
        if valid:
            read_back = decode(data)
            assert (f"{read_back.function:02X}", read_back.upward) == (sample["func"], sample["direction"] == "up")
            assert encode(read_back) == data
            assert read(read_back).refused == ()
        else:
            with pytest.raises((BadChecksum, BrokenFrame)):
                decode(data)


def test_samples_say_what_the_standard_says_they_say(shared: Path) -> None:
    first, *_, last = (read(decode(bytes.fromhex(s["frame"]))) for s in labelled(shared) if s["crc_ok"] and s["len_ok"])
    assert found(first) == {"PJ": 0.5, "PT": 0.5, "Z": 0.127, "VT": 11.15}
    assert (first.station, first.kind, first.serial) == ("0012345678", RIVER, 3)
    assert found(last) == {"76H": -1.72, "77H": -0.21, "78H": 1.52}
    assert {value.time_ms for value in last.values} == {int(datetime(2024, 11, 11, 10, 29, tzinfo=BEIJING).timestamp()) * 1000}


def test_the_hourly_sample_gives_rain_and_level_each_five_minutes_without_the_void_ones(shared: Path) -> None:
    report = next(read(decode(bytes.fromhex(s["frame"]))) for s in labelled(shared) if s["func"] == "34")
    rain = {datetime.fromtimestamp(v.time_ms / 1000, BEIJING).strftime("%H:%M"): v.number for v in report.values if v.element == "DRP"}
    assert rain == {"10:05": 0.5, "10:10": 0.0, "10:15": 0.0, "10:20": 0.0, "10:25": 2.0, "10:55": 0.0, "11:00": 0.0}
    assert [v.number for v in report.values if v.element == "DRZ1"] == [0.12, 0.12, 0.28, 0.49, 0.49, 0.49, 0.49]


def test_the_check_sum_is_that_of_the_standard() -> None:
    assert crc16(b"123456789") == 0x4B37


def test_a_frame_is_the_same_wherever_the_stream_is_cut() -> None:
    stream = b"noise" + TIMED + b"\x7e" + TIMED[:20] + TIMED + TIMED[:-1] + b"\x00" + TIMED + b"\x01AB" + TIMED + b"rest"
    whole = Framer().feed(stream)
    assert frames(whole) == [TIMED] * 4
    for cut in range(len(stream) + 1):
        framer = Framer()
        assert told(framer.feed(stream[:cut]) + framer.feed(stream[cut:])) == told(whole)
    framer = Framer()
    assert told([piece for byte in stream for piece in framer.feed(bytes([byte]))]) == told(whole)


def test_a_damaged_length_costs_its_own_frame_only() -> None:
    longer = TIMED[:11] + b"\x01\xf0" + TIMED[13:]
    pieces = Framer().feed(longer + TIMED * 20)
    assert frames(pieces) == [TIMED] * 20
    assert sum(piece.size for piece in pieces if isinstance(piece, Unreadable)) == len(longer)


def test_noise_is_told_in_portions_and_never_held() -> None:
    framer = Framer()
    pieces = framer.feed(b"\x55" * 200_000)
    assert all(isinstance(piece, Unreadable) and isinstance(piece.reason, Noise) and piece.size == 1024 for piece in pieces)
    assert framer.waiting == 0
    rest, frame = framer.feed(TIMED)
    assert isinstance(rest, Unreadable)
    assert sum(piece.size for piece in [*pieces, rest] if isinstance(piece, Unreadable)) == 200_000
    assert frames([frame]) == [TIMED]


@pytest.mark.parametrize("counted", [True, False])
def test_a_packet_is_read_whether_its_number_is_counted_in_the_length_or_not(counted: bool) -> None:
    frame = encode(replace(telegram([body.observed(NOON, [body.number(0x39, 10.49)])]), packet=Packet(3, 1), end=ETB))
    if not counted:
        cut = frame[:11] + (int.from_bytes(frame[11:13], "big") - 3).to_bytes(2, "big") + frame[13:-2]
        frame = cut + crc16(cut).to_bytes(2, "big")
    assert frame[13] == SYN
    assert frames(Framer().feed(frame)) == [frame]
    assert (decode(frame).packet, decode(frame).end, found(read(decode(frame)))) == (Packet(3, 1), ETB, {"Z": 10.49})


@given(
    station=st.binary(min_size=5, max_size=5),
    centre=st.integers(0, 255),
    function=st.integers(0, 255),
    content=st.binary(max_size=300),
    upward=st.booleans(),
    packet=st.none() | st.builds(Packet, st.integers(0, 4095), st.integers(0, 4095)),
    is_ascii=st.booleans(),
)
def test_what_was_encoded_is_framed_and_decoded_the_same(
    station: bytes, centre: int, function: int, content: bytes, upward: bool, packet: Packet | None, is_ascii: bool
) -> None:
    said = Telegram(station.hex().upper(), centre, "A1B2", function, content, upward, ESC, packet, is_ascii)
    assert frames(Framer().feed(encode(said))) == [encode(said)]
    assert decode(encode(said)) == said


@given(
    st.integers(1, 6).flatmap(
        lambda size: st.tuples(st.just(size), st.integers(0, 7), st.integers(-(10 ** (2 * size - 2)) + 1, 10 ** (2 * size) - 1))
    )
)
def test_numbers_come_back_to_the_last_digit(said: tuple[int, int, int]) -> None:
    size, decimals, digits = said
    assert read_bcd(write_bcd(digits / 10**decimals, size, decimals), decimals) == float(f"{digits}e-{decimals}")


@given(st.datetimes(datetime(2000, 1, 2), datetime(2099, 12, 31)), st.sampled_from([4, 5, 6]))
def test_times_come_back_to_their_unit(moment: datetime, size: int) -> None:
    cut = moment.replace(microsecond=0, second=moment.second * (size > 5), minute=moment.minute * (size > 4), tzinfo=BEIJING)
    assert read_time(write_time(int(cut.timestamp()) * 1000, size)) == int(cut.timestamp()) * 1000


_guides = st.sampled_from([guide for guide, element in elements().items() if element.form == "bcd"])


@given(st.lists(st.tuples(_guides, st.integers(-9999, 99_999)), min_size=1, max_size=12), st.integers(0, 5000))
def test_values_come_back_with_their_times(said: list[tuple[int, int]], minutes: int) -> None:
    moment = NOON + minutes * 60_000
    content = telegram([body.observed(moment, [body.number(guide, value / 100, 0x22) for guide, value in said])])
    report = read(decode(encode(content)))
    assert report.refused == ()
    assert [(v.time_ms, v.element, v.number) for v in report.values] == [(moment, elements()[g].symbol, float(f"{n}e-2")) for g, n in said]


@pytest.mark.parametrize("function", [Function.UNIFORM, Function.QUERY_PERIOD])
def test_values_at_equal_distances_get_their_own_times(function: int) -> None:
    levels = [28.96 + number / 100 for number in range(12)]
    parts = [body.series(NOON, 5, 0x39, levels), body.observed(NOON, [body.number(0x38, 12.0)])]
    report = read(decode(encode(telegram(parts, function))))
    assert [(v.time_ms - NOON, v.number) for v in report.values if v.element == "Z"] == [
        (number * 300_000, round(level, 3)) for number, level in enumerate(levels)
    ]
    assert found(report)["VT"] == 12.0


def test_a_length_that_the_standard_fixes_is_not_taken_from_the_station() -> None:
    """Stations are seen to write 5CH (11 bytes) before the 24 bytes of F5H."""
    parts = [body.observed(NOON, [b"\xf5\x5c" + b"\x00\x0c" * 12]), body.observed(NOON, [body.number(0x38, 12.0)])]
    report = read(decode(encode(telegram(parts, Function.HOURLY))))
    assert [v.number for v in report.values if v.element == "DRZ1"] == [0.12] * 12
    assert found(report)["VT"] == 12.0


def test_the_values_beside_an_unreadable_one_are_kept() -> None:
    parts = [body.observed(NOON, [body.number(0x39, 10.49), b"\x26\x19\x0a\x00\x00", body.number(0x38, 11.02)])]
    report = read(decode(encode(telegram(parts))))
    assert found(report) == {"Z": 10.49, "VT": 11.02}
    assert [(type(refusal), refusal.facts["element"]) for refusal in report.refused] == [(BadElement, "PT")]


def test_the_values_of_an_impossible_time_do_not_take_the_time_before() -> None:
    parts = [body.observed(NOON, [body.number(0x39, 10.49)]), bytes.fromhex("F0F02613211200"), body.number(0x38, 11.02)]
    report = read(decode(encode(telegram([*parts, body.observed(NOON, [body.number(0x26, 4.0)])]))))
    assert found(report) == {"Z": 10.49, "PT": 4.0}
    assert [type(refusal) for refusal in report.refused] == [BadTime]


def test_reading_begins_anew_at_the_next_time_behind_an_element_without_end() -> None:
    parts = [body.observed(NOON, [b"\x26\xf9\x00"]), body.observed(NOON, [body.number(0x38, 11.02)])]
    report = read(decode(encode(telegram(parts))))
    assert found(report) == {"VT": 11.02}
    assert len(report.refused) == 1


def test_no_value_is_no_refusal() -> None:
    report = read(decode(encode(telegram([body.observed(NOON, [b"\x39\x23\xff\xff\xff\xff", body.number(0x38, 11.02)])]))))
    assert (found(report), report.refused) == ({"VT": 11.02}, ())


def test_the_status_word_and_words_by_hand_are_read() -> None:
    report = read(decode(encode(telegram([body.observed(NOON, [b"\x45\x20\x00\x00\x00\x83"])]))))
    assert report.status == 0x83
    text = Telegram("0011223344", 5, "03E8", Function.MANUAL, body.opening(4, SENT) + b"\xf2\xf2Q1.234 ")
    assert (read(text).text, read(text).values) == ("Q1.234", ())


def test_ascii_frames_are_read() -> None:
    words = body.opening(3, SENT, ascii=True) + b"ST 0012345678 H TT 2609211200 PJ 0.5 PT 0.5 Z -0.127 X? VT 11.15 "
    report = read(decode(encode(Telegram("0012345678", 1, "1234", Function.TIMED, words, ascii=True))))
    assert found(report) == {"PJ": 0.5, "PT": 0.5, "Z": -0.127, "VT": 11.15}
    assert (report.station, report.kind, report.serial, len(report.refused)) == ("0012345678", RIVER, 3, 1)
    assert {value.time_ms for value in report.values} == {NOON}


def test_ascii_values_at_equal_distances_get_their_own_times() -> None:
    words = body.opening(3, SENT, ascii=True) + b"ST 0012345678 H TT 2609211200 DRN05 Z Q 1.1 20 1.2 ? 1.3 22 TT 2609211200 VT 12.1"
    report = read(decode(encode(Telegram("0012345678", 1, "1234", Function.UNIFORM, words, ascii=True))))
    assert [(v.element, (v.time_ms - NOON) // 60_000, v.number) for v in report.values] == [
        ("Z", 0, 1.1),
        ("Q", 0, 20.0),
        ("Z", 5, 1.2),
        ("Z", 10, 1.3),
        ("Q", 10, 22.0),
        ("VT", 0, 12.1),
    ]
    assert len(report.refused) == 1


@pytest.mark.parametrize(
    "said",
    [
        Telegram("00112233", 5, "03E8", 0x32, b""),
        Telegram("001122334G", 5, "03E8", 0x32, b""),
        Telegram("0011223344", 256, "03E8", 0x32, b""),
        Telegram("0011223344", 5, "03E8", 0x32, b"", end=0x41),
        Telegram("0011223344", 5, "03E8", 0x32, bytes(4096)),
        Telegram("0011223344", 5, "03E8", 0x32, b"", packet=Packet(4096, 1)),
    ],
)
def test_what_does_not_fit_is_not_said(said: Telegram) -> None:
    with pytest.raises(CannotSay):
        encode(said)


@pytest.mark.parametrize(("value", "size", "decimals"), [(1000.0, 2, 1), (-100.0, 2, 0), (float("nan"), 4, 2), (float("inf"), 4, 2)])
def test_a_number_that_does_not_fit_is_not_said(value: float, size: int, decimals: int) -> None:
    with pytest.raises(CannotSay):
        write_bcd(value, size, decimals)


def test_the_tables_hold_one_row_for_each_guide_and_say_where_from() -> None:
    assert len(elements()) == len(by_symbol()) >= 101
    assert [condition.bit for condition in conditions()] == list(range(12))


def damaged(chance: random.Random, good: bytes) -> bytes:
    data = bytearray(good)
    match chance.randrange(5):
        case 0:
            return chance.randbytes(chance.randrange(2000))
        case 1:
            return bytes(data[: chance.randrange(len(data))])
        case 2:
            for _ in range(chance.randrange(1, 6)):
                data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
            return bytes(data)
        case 3:
            return bytes(data) + chance.randbytes(chance.randrange(6000))
        case _:
            at = chance.randrange(len(data))
            return bytes(data[:at] + chance.randbytes(chance.randrange(40)) + data[at:])


def test_a_thousand_damaged_inputs_raise_nothing_but_refusals_and_lose_no_good_frame() -> None:
    chance = random.Random(651)
    ascii_frame = encode(Telegram("0012345678", 1, "1234", 0x32, body.opening(3, SENT, ascii=True) + b"TT 2609211200 Z 1.5", ascii=True))
    packed = encode(replace(telegram([body.observed(NOON, [body.number(0x39, 10.49)])]), packet=Packet(2, 1), end=ETB))
    for _ in range(1000):
        good = chance.choice([TIMED, ascii_frame, packed])
        bad = damaged(chance, good)
        for data in (bad, bad[14:]):
            with suppress(Refusal):
                read(decode(data))
        framer = Framer()
        pieces = framer.feed(bad)
        assert framer.waiting <= MOST_WAITING_BYTES
        # Whatever the damage claims to be long, 4,200 bytes later it is over.
        pieces += framer.feed(TIMED * 80)
        assert frames(pieces)[-40:] == [TIMED] * 40
        for piece in pieces:
            if isinstance(piece, Frame):
                with suppress(Refusal):
                    read(decode(piece.data))


@settings(max_examples=1000)
@given(st.integers(0, 255), st.binary(max_size=400), st.booleans())
def test_any_body_is_a_report_or_a_refusal(function: int, content: bytes, is_ascii: bool) -> None:
    try:
        report = read(Telegram("0011223344", 5, "03E8", function, body.opening(1, SENT, ascii=is_ascii) + content, ascii=is_ascii))
    except BadBody:
        return
    assert len(report.values) <= 2 * len(content) + 24
    assert all(abs(value.number) < 1e63 for value in report.values)
