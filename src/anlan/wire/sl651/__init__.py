"""SL 651-2014 水文监测数据通信规约: hydrology telemetry between stations and their centre.

``Framer`` cuts the stream, ``decode`` reads one frame into a :class:`Telegram`, ``read`` its body into a :class:`Report`; ``encode`` and the
writers of :mod:`anlan.wire.sl651.body` say them again. What was read of the standard and what only of copies stands in ``data/*.csv``
(``status``).
"""

from __future__ import annotations

from anlan.wire.sl651.body import read
from anlan.wire.sl651.framing import Framer
from anlan.wire.sl651.report import Report, Value
from anlan.wire.sl651.telegram import Function, Packet, Telegram, decode, encode

__all__ = ["Framer", "Function", "Packet", "Report", "Telegram", "Value", "decode", "encode", "read"]
