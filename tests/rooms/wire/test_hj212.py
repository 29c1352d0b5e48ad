"""HJ 212: frames, messages, data areas, and what is none of them."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anlan.wire.framing import MOST_WAITING_BYTES, Frame, Piece, Unreadable
from anlan.wire.hj212.crc import crc16, modbus_crc16
from anlan.wire.hj212.framing import Framer, write_frame

OFFICIAL = b"##0101QN=20160801085857223;ST=32;CN=1062;PW=100000;MN=010000A8900016F000169DC0;Flag=5;CP=&&RtdInterval=30&&1C80\r\n"
OFFICIAL_2025 = b"##0087QN=20240601085857223;ST=32;CN=1011;PW=123456;MN=010000A8900016F000169DC0;Flag=9;CP=&&&&2200\r\n"


def frames(pieces: list[Piece]) -> list[bytes]:
    return [piece.data for piece in pieces if isinstance(piece, Frame)]


def told(pieces: list[Piece]) -> list[tuple]:
    """Pieces as facts: two refusals of the same reason are two objects."""
    return [(p.data, p.size, p.reason.code, p.reason.facts) if isinstance(p, Unreadable) else (p.data,) for p in pieces]


def codes(pieces: list[Piece]) -> list[str]:
    return ["frame" if isinstance(piece, Frame) else piece.reason.code for piece in pieces]


def labelled(shared: Path) -> list[dict]:
    return [json.loads(line) for line in (shared / "samples/hj212/frames.jsonl").read_text().splitlines()]


def annex_c(shared: Path) -> list[dict]:
    return [json.loads(line) for line in (shared / "samples/hj212/annexC_payloads.jsonl").read_text().splitlines()]


def test_every_sample_is_judged_as_its_label(shared: Path) -> None:
    samples = labelled(shared)
    assert len(samples) >= 20
    for sample in samples:
        expected = (
            "hj212_bad_length"
            if not sample["length_ok"]
            else "frame"
            if sample["crc_ok"]
            else "hj212_crc_modbus"
            if sample["crc_is_plain_modbus"]
            else "hj212_bad_crc"
        )
        assert codes(Framer().feed(sample["frame"].encode() + b"\r\n")) == [expected], sample["frame"]


def test_every_payload_of_annex_c_makes_the_frame_it_should(shared: Path) -> None:
    for sample in annex_c(shared):
        frame = sample["framed"].encode()
        assert write_frame(sample["payload"].encode()) == frame + b"\r\n"
        assert frames(Framer().feed(frame + b"\r\n")) == [frame]


def test_the_check_sum_is_the_standards_and_not_the_one_of_modbus() -> None:
    assert crc16(OFFICIAL[6:-6]) == 0x1C80
    assert crc16(OFFICIAL_2025[6:-6]) == 0x2200
    assert crc16(b"\0") == 0x4040
    assert modbus_crc16(b"123456789") == 0x4B37


def test_frames_come_out_the_same_wherever_the_stream_is_cut() -> None:
    bad = OFFICIAL.replace(b"1C80", b"1C81")
    short = OFFICIAL.replace(b"##0101", b"##0099")
    stream = (
        b"dirt\r\n\r\n" + OFFICIAL + bad + b"x##12" + short + OFFICIAL[:40] + OFFICIAL_2025 + b"\0\0" + OFFICIAL.rstrip() + OFFICIAL_2025
    )
    whole = told(Framer().feed(stream))
    assert len([piece for piece in whole if len(piece) == 1]) == 4
    for cut in range(len(stream)):
        framer = Framer()
        assert told(framer.feed(stream[:cut]) + framer.feed(stream[cut:])) == whole, cut
    framer = Framer()
    assert told([piece for at in range(len(stream)) for piece in framer.feed(stream[at : at + 1])]) == whole


def test_a_length_that_reaches_over_the_next_frame_does_not_swallow_it() -> None:
    pieces = Framer().feed(OFFICIAL.replace(b"##0101", b"##9101") + OFFICIAL_2025)
    assert codes(pieces) == ["hj212_bad_length", "frame"]
    cut_off = Framer().feed(OFFICIAL[:50] + OFFICIAL_2025)
    assert codes(cut_off) == ["hj212_broken_frame", "frame"]


def test_a_frame_is_read_before_its_line_end_comes() -> None:
    framer = Framer()
    assert codes(framer.feed(OFFICIAL.rstrip())) == ["frame"]
    assert framer.feed(b"\r\n") == []
    assert framer.waiting == 0


def test_bytes_without_an_end_are_given_up_at_the_limit() -> None:
    framer = Framer()
    pieces = framer.feed(b"##0020" + b"x" * (MOST_WAITING_BYTES + 100) + b"\n" + OFFICIAL)
    assert codes(pieces) == ["hj212_frame_too_long", "hj212_noise", "frame"]


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=300), st.binary(max_size=60), st.lists(st.integers(0, 700), max_size=6))
def test_a_frame_between_any_bytes_is_found_again(before: bytes, after: bytes, cuts: list[int]) -> None:
    stream = before.replace(b"#", b"") + b"\n" + OFFICIAL + after.replace(b"#", b"") + b"\n" + OFFICIAL_2025
    assert frames(Framer().feed(stream)) == [OFFICIAL.rstrip(), OFFICIAL_2025.rstrip()]
    framer, pieces = Framer(), []
    for start, stop in zip([0, *sorted(cuts)], [*sorted(cuts), len(stream)], strict=True):
        pieces += framer.feed(stream[start:stop])
    assert told(pieces) == told(Framer().feed(stream))


def damaged(seed: int) -> bytes:
    """A stream of frames that was bitten, cut, repeated or made too long, the same for the same seed."""
    dice = random.Random(seed)
    data = bytearray(b"".join(dice.choice((OFFICIAL, OFFICIAL_2025, OFFICIAL.rstrip())) for _ in range(dice.randint(1, 4))))
    match dice.randint(0, 4):
        case 0:
            data = bytearray(dice.randbytes(dice.randint(0, 400)))
        case 1:
            del data[dice.randrange(len(data)) :]
        case 2:
            for _ in range(dice.randint(1, 6)):
                data[dice.randrange(len(data))] ^= 1 << dice.randrange(8)
        case 3:
            at = dice.randrange(len(data))
            data[at:at] = dice.choice((b"#", b"&", b"9", b"##0001", b"##9999", b"\n")) * dice.randint(1, 3000)
        case _:
            data[2:6] = b"%04d" % dice.randint(0, 9999)
    return bytes(data)


@pytest.mark.parametrize("part", range(4))
def test_damaged_streams_give_pieces_and_never_grow(part: int) -> None:
    for seed in range(part * 250, part * 250 + 250):
        framer, data = Framer(), damaged(seed)
        pieces: list[Piece] = []
        for at in range(0, len(data), 37):
            pieces += framer.feed(data[at : at + 37])
            assert framer.waiting <= MOST_WAITING_BYTES
        assert told(pieces) == told(Framer().feed(data)), seed
        assert sum(piece.size for piece in pieces if isinstance(piece, Unreadable)) <= len(data)
