"""HJ 212 污染物在线监控（监测）系统数据传输标准 (2005, 2017 and 2025): pollution sources report to the environment's centres.

``Framer`` cuts the stream, ``decode`` reads one frame into a :class:`Message`, ``read_area`` its data area into values by moment; ``encode``
and ``write_area`` say them again; ``Packets`` puts numbered packets together.
"""

from __future__ import annotations

from anlan.wire.hj212.data import Area, Block, read_area, write_area
from anlan.wire.hj212.framing import Framer
from anlan.wire.hj212.message import Command, Flag, Message, Revision, decode, encode
from anlan.wire.hj212.packets import Packets

__all__ = ["Area", "Block", "Command", "Flag", "Framer", "Message", "Packets", "Revision", "decode", "encode", "read_area", "write_area"]
