"""One frame of SL 651-2014 as fields: addresses, password, function code, body; and the bytes that say them (6.5, tables 11 and 12)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from anlan.wire.sl651.framing import ENDS, ETX, STX, SYN, crc16, judge, layouts
from anlan.wire.sl651.numbers import write_time
from anlan.wire.sl651.refusals import BrokenFrame, CannotSay

MOST_BODY_BYTES = 0x0FFF


class Function(IntEnum):
    """Function codes (appendix B, table B.1). Others than these travel as plain numbers."""

    KEEP_LINK = 0x2F
    TEST = 0x30
    UNIFORM = 0x31
    TIMED = 0x32
    ADDED = 0x33
    HOURLY = 0x34
    MANUAL = 0x35
    PICTURE = 0x36
    QUERY_NOW = 0x37
    QUERY_PERIOD = 0x38
    QUERY_MANUAL = 0x39
    QUERY_ELEMENTS = 0x3A
    QUERY_STATUS = 0x46


SELF_REPORTS = frozenset(range(Function.TEST, Function.PICTURE + 1))
"""What a station sends of itself and wants confirmed (mode M2, pictures M3); answers to questions (M4) are not confirmed."""


@dataclass(frozen=True, slots=True)
class Packet:
    """Number ``number`` of ``total`` (table 22), counted from 1."""

    total: int
    number: int


@dataclass(frozen=True, slots=True)
class Telegram:
    """One frame. ``station``: ten hexadecimal digits; ``centre``: 1–254; ``password``: four hexadecimal digits; ``upward``: from the station.

    ``body``: bytes between the packet number (if any) and the ending character ``end``; in ASCII frames its characters.
    """

    station: str
    centre: int
    password: str
    function: int
    body: bytes
    upward: bool = True
    end: int = ETX
    packet: Packet | None = None
    ascii: bool = False


def decode(frame: bytes) -> Telegram:
    """The fields of one whole frame. Raises :class:`BrokenFrame`, :class:`BadChecksum`."""
    if frame[:2] != b"\x7e\x7e" and frame[:1] != b"\x01":
        raise BrokenFrame(reason=frame[:2].hex().upper())
    try:
        possible = layouts(frame)
    except ValueError:
        raise BrokenFrame(reason=frame[:24].hex().upper()) from None
    if not possible:
        raise BrokenFrame(reason=f"{len(frame)}")
    is_ascii = possible[0].ascii
    if frame[23 if is_ascii else 13] not in (STX, SYN):
        raise BrokenFrame(reason=f"{frame[23 if is_ascii else 13]:02X}H")
    reason = None
    for layout in possible:
        reason = judge(frame, layout)
        if reason is None and layout.size == len(frame):
            break
    else:
        raise reason or BrokenFrame(reason=f"{len(frame)} > {possible[-1].size}")
    head = _digits(frame[1:23]) if is_ascii else frame[2:13]
    upward = not head[9] & 0x80
    number = None
    if layout.packed:
        both = int(_digits(frame[24:30]).hex() if is_ascii else frame[14:17].hex(), 16)
        number = Packet(both >> 12, both & 0x0FFF)
    return Telegram(
        station=(head[1:6] if upward else head[0:5]).hex().upper(),
        centre=head[0] if upward else head[5],
        password=head[6:8].hex().upper(),
        function=head[8],
        body=bytes(frame[layout.body : layout.end]),
        upward=upward,
        end=frame[layout.end],
        packet=number,
        ascii=is_ascii,
    )


def _digits(characters: bytes) -> bytes:
    try:
        return bytes.fromhex(characters.decode("ascii"))
    except ValueError:
        raise BrokenFrame(reason=characters.hex().upper()) from None


def encode(telegram: Telegram) -> bytes:
    """The frame that says ``telegram``; a packet number is counted in the length. Raises :class:`CannotSay`."""
    number = b"" if telegram.packet is None else _packet_number(telegram.packet)
    try:
        station, password = bytes.fromhex(telegram.station), bytes.fromhex(telegram.password)
    except ValueError:
        raise CannotSay(reason=f"{telegram.station} {telegram.password}") from None
    if len(station) != 5 or len(password) != 2 or not 0 <= telegram.centre <= 255 or not 0 <= telegram.function <= 255:
        raise CannotSay(reason=f"{telegram.station} {telegram.centre} {telegram.password} {telegram.function}")
    if telegram.end not in ENDS:
        raise CannotSay(reason=f"{telegram.end:02X}H")
    length = len(number) * (2 if telegram.ascii else 1) + len(telegram.body)
    if length > MOST_BODY_BYTES:
        raise CannotSay(reason=f"{length} > {MOST_BODY_BYTES}")
    addresses = bytes([telegram.centre]) + station if telegram.upward else station + bytes([telegram.centre])
    mark = length | (0 if telegram.upward else 0x8000)
    head = addresses + password + bytes([telegram.function]) + mark.to_bytes(2, "big")
    begin = bytes([STX if telegram.packet is None else SYN])
    end = bytes([telegram.end])
    if telegram.ascii:
        frame = b"\x01" + head.hex().upper().encode() + begin + number.hex().upper().encode() + telegram.body + end
        return frame + f"{crc16(frame):04X}".encode()
    frame = b"\x7e\x7e" + head + begin + number + telegram.body + end
    return frame + crc16(frame).to_bytes(2, "big")


def _packet_number(packet: Packet) -> bytes:
    if not (0 <= packet.total <= 0x0FFF and 0 <= packet.number <= 0x0FFF):
        raise CannotSay(reason=f"{packet.number}/{packet.total}")
    return (packet.total << 12 | packet.number).to_bytes(3, "big")


def opening(serial: int, sent_ms: int, *, ascii: bool = False) -> bytes:
    """What every body begins with: serial number (0–65535) and time of sending. Raises :class:`CannotSay`."""
    if not 0 <= serial <= 0xFFFF:
        raise CannotSay(reason=f"{serial}")
    said = serial.to_bytes(2, "big") + write_time(sent_ms, 6)
    return said.hex().upper().encode() if ascii else said
