"""China's early-warning message as the release platforms of 12379 exchange it: a relative of CAP without a namespace, with its own
identifiers, times, colours and event codes. Read and written as it is, and mapped to and from CAP 1.2.

The elements follow GB/T 35965.1-2018 as far as public programs and messages show them; ``docs/warning-formats.md`` says what is verified.
"""

from anlan.wire.cap_cn.decode import decode
from anlan.wire.cap_cn.encode import encode
from anlan.wire.cap_cn.mapping import CannotMap, from_cap, to_cap
from anlan.wire.cap_cn.message import Area, EarlyWarning, EarlyWarningRefused, EventType, Info, Level, Method, event_type, event_types
from anlan.wire.cap_cn.rules import check, doubts

__all__ = [
    "Area",
    "CannotMap",
    "EarlyWarning",
    "EarlyWarningRefused",
    "EventType",
    "Info",
    "Level",
    "Method",
    "check",
    "decode",
    "doubts",
    "encode",
    "event_type",
    "event_types",
    "from_cap",
    "to_cap",
]
