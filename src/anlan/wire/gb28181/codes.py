"""The 20-digit codes of devices, users and groups (GB/T 28181-2016, annex D) taken apart, and the standard's code lists as data."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from anlan.wire.gb28181.refusals import BadDeviceCode

_CODE = re.compile(r"[0-9]{20}")
_TABLE = Path(__file__).parent / "data" / "gb28181_codes.csv"

CAMERA_TYPES = ("131", "132")
"""Camera and network camera."""
GROUP_TYPES = ("215", "216")
"""Business group and virtual organisation: nodes of a catalogue that are no equipment."""


@dataclass(frozen=True, slots=True)
class DeviceCode:
    """``34020000 00 132 0 000264``: centre (place of 6 digits and unit of 2), industry, type, network, serial.

    ``place``: the first six digits; trailing zeros mean that the centre is not of a county.
    """

    text: str
    place: str
    unit: str
    industry: str
    type: str
    network: str
    serial: str

    @property
    def is_camera(self) -> bool:
        """Whether the code names a camera."""
        return self.type in CAMERA_TYPES

    @property
    def is_group(self) -> bool:
        """Whether the code names a group of the catalogue, not equipment."""
        return self.type in GROUP_TYPES

    @property
    def industry_name(self) -> str:
        """The industry in Chinese, empty where the table has none."""
        return name_of("industry", self.industry)

    @property
    def type_name(self) -> str:
        """The type in Chinese, empty where the table has none."""
        return name_of("type", self.type)

    @property
    def network_name(self) -> str:
        """The network in Chinese, empty where the table has none."""
        return name_of("network", self.network)


@dataclass(frozen=True, slots=True)
class CodeRow:
    """One row of the code lists. ``table``: industry, type, network, alarm_method, alarm_type, ptz_type or position_type."""

    table: str
    code: str
    name_zh: str
    name_en: str
    source: str
    status: str


@lru_cache(maxsize=1)
def rows() -> tuple[CodeRow, ...]:
    """Every row of every list."""
    with _TABLE.open(encoding="utf-8", newline="") as lines:
        return tuple(CodeRow(**row) for row in csv.DictReader(lines))


@lru_cache(maxsize=1)
def _names() -> dict[tuple[str, str], str]:
    return {(row.table, row.code): row.name_zh for row in rows()}


def name_of(table: str, code: str) -> str:
    """The Chinese name of ``code`` in ``table``; empty where there is none."""
    return _names().get((table, code), "")


def is_code(value: str) -> bool:
    """Whether ``value`` is 20 digits."""
    return _CODE.fullmatch(value) is not None


def decode_code(value: str) -> DeviceCode:
    """The parts of a code. Raises :class:`BadDeviceCode`."""
    if not is_code(value):
        raise BadDeviceCode(value=value[:40])
    return DeviceCode(value, value[:6], value[6:8], value[8:10], value[10:13], value[13], value[14:])


METHODS = ("unknown", "telephone", "device", "message", "position", "video", "fault", "other")
"""Words of the alarm methods 1 to 7, by their number."""


def alarm_kind(method: int | None, kind: int | None) -> tuple[str, str]:
    """Word for a happening and Chinese name of an alarm by method and type (9.4, annex A.2.5): ``("video_6", "入侵检测报警")``."""
    word = METHODS[method] if method is not None and 0 < method < len(METHODS) else METHODS[0]
    name = name_of("alarm_type", f"{method}.{kind}") if kind is not None else ""
    return (f"{word}_{kind}" if kind is not None else word), name or name_of("alarm_method", str(method or ""))
