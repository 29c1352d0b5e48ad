"""Frames of SL 651-2014 (6.3 and 6.5, tables 11, 12, 16, 20 and 22): where one begins and ends in a stream of bytes.

HEX/BCD frames begin with 7EH 7EH; ASCII frames with SOH (01H) and write every field in hexadecimal digits. Both carry the length of their
body in twelve bits and end with a control character and CRC-16 (Modbus polynomial), high byte first, over everything before it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from anlan.kernel.errors import Refusal
from anlan.wire.searching import SearchingFramer
from anlan.wire.sl651.refusals import BadChecksum, BrokenFrame, Noise

STX, SYN = 0x02, 0x16
"""Beginning of a body; of a body that is one packet of several."""
ETX, ETB = 0x03, 0x17
"""End going up: nothing follows; more follows."""
EOT, ENQ, ACK, NAK, ESC = 0x04, 0x05, 0x06, 0x15, 0x1B
"""End going down: over, leave; question; right, go on; wrong, again; over, stay on line."""
ENDS = frozenset((ETX, ETB, EOT, ENQ, ACK, NAK, ESC))


def _crc_table() -> tuple[int, ...]:
    table = []
    for byte in range(256):
        register = byte
        for _ in range(8):
            register = (register >> 1) ^ 0xA001 if register & 1 else register >> 1
        table.append(register)
    return tuple(table)


_CRC = _crc_table()


def crc16(data: bytes) -> int:
    """CRC-16 with polynomial X¹⁶+X¹⁵+X²+1, register FFFFH at first (6.5.2 table 20): ``crc16(b"123456789") == 0x4B37``."""
    register = 0xFFFF
    for byte in data:
        register = (register >> 8) ^ _CRC[(register ^ byte) & 0xFF]
    return register


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the parts of one frame lie. ``body`` and ``end`` are offsets; ``packed``: a packet number stands before the body."""

    ascii: bool
    packed: bool
    body: int
    end: int
    size: int


def layouts(data: bytes) -> tuple[Layout, ...]:
    """How a frame with this beginning may lie, shortest first; empty while the beginning is not whole.

    The standard's table 16 counts the body; makers disagree whether the three bytes of a packet number (table 22) are part of it. Both
    readings are offered and the check sum decides.
    """
    if data[:1] == b"\x01":
        if len(data) < 24:
            return ()
        body, number, tail, length = 24, 6, 5, int(data[20:23], 16)
    else:
        if len(data) < 14:
            return ()
        body, number, tail, length = 14, 3, 3, int.from_bytes(data[11:13], "big") & 0x0FFF
    is_ascii = body == 24
    if data[body - 1] == STX:
        return (Layout(is_ascii, False, body, body + length, body + length + tail),)
    inside = Layout(is_ascii, True, body + number, body + length, body + length + tail)
    outside = Layout(is_ascii, True, body + number, body + number + length, body + number + length + tail)
    return (inside, outside) if length >= number else (outside,)


def judge(data: bytes, layout: Layout) -> Refusal | None:
    """Why ``data`` is no whole frame of this layout, or ``None``."""
    if len(data) < layout.size:
        return BrokenFrame(reason=f"{len(data)} < {layout.size}")
    if data[layout.end] not in ENDS:
        return BrokenFrame(reason=f"{data[layout.end]:02X}H")
    sent = data[layout.end + 1 : layout.size]
    right = crc16(data[: layout.end + 1])
    wanted = f"{right:04X}"
    given = sent.decode("ascii", "replace").upper() if layout.ascii else sent.hex().upper()
    return None if given == wanted else BadChecksum(sent=given, right=wanted)


class Framer(SearchingFramer):
    """Cuts the stream of one connection into frames. See :class:`anlan.wire.framing.Framer`."""

    # One byte short of a whole beginning at the end of the data is a beginning that may still come.
    beginning = re.compile(
        rb"\x7e\x7e(?:.{11}[\x02\x16]|.{0,11}\Z)|\x7e\Z|\x01(?:[0-9A-Fa-f]{22}[\x02\x16]|[0-9A-Fa-f]{0,22}\Z)",
        re.DOTALL,
    )
    head_bytes = 24

    def sizes(self, head: bytes) -> tuple[int, ...]:
        """At most two: see :func:`layouts`."""
        return tuple(layout.size for layout in layouts(head))

    def judge(self, data: bytes) -> Refusal | None:
        """Ending character and check sum."""
        return next(judge(data, layout) for layout in layouts(data) if layout.size == len(data))

    def noise(self, size: int) -> Refusal:
        """Bytes between frames."""
        return Noise(size=size)
