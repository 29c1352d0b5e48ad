"""GB/T 26875.3-2011 城市消防远程监控系统 第3部分：报警传输网络通信协议: transmitters of fire facilities and the centre that watches them.

``Framer`` cuts the stream, ``decode`` reads one packet into a :class:`Packet`, ``decode_unit`` its application data unit; ``encode`` and
``encode_unit`` say them again. The lists of the standard are data (``data/gb26875_codes.csv``, with source and status).
"""

from __future__ import annotations

from anlan.wire.gb26875.packet import Command, Framer, Packet, answer, decode, encode
from anlan.wire.gb26875.units import Analog, Clock, Configuration, Operation, Part, State, Unit, Version, decode_unit, encode_unit

__all__ = [
    "Analog",
    "Clock",
    "Command",
    "Configuration",
    "Framer",
    "Operation",
    "Packet",
    "Part",
    "State",
    "Unit",
    "Version",
    "answer",
    "decode",
    "decode_unit",
    "encode",
    "encode_unit",
]
