"""Administrative levels and place codes (GB/T 2260 to the county, GB/T 10114 to the township).

A place code is a string of 6 digits (nation to county) or 9 digits (township). Its *prefix*, the significant digits, names its
subtree: ``37`` is Shandong, ``3701`` Jinan, ``370102`` Lixia, and the nation's prefix is empty. A code lies in a subtree exactly
when it starts with the subtree's prefix, so jurisdiction is a prefix test, in Python and in an index alike.
"""

from __future__ import annotations

from enum import IntEnum
from typing import ClassVar

from anlan.kernel.errors import Refusal
from anlan.kernel.words import N_

NATION = "000000"


class Level(IntEnum):
    """Level of a place or a node; smaller is higher."""

    NATION = 0
    PROVINCE = 1
    CITY = 2
    COUNTY = 3
    TOWNSHIP = 4

    @property
    def label(self) -> str:
        """Chinese source text of the level."""
        return _LABELS[self]


_LABELS = {
    Level.NATION: N_("国家"),
    Level.PROVINCE: N_("省级"),
    Level.CITY: N_("市级"),
    Level.COUNTY: N_("县级"),
    Level.TOWNSHIP: N_("乡镇级"),
}


class MalformedPlaceCode(Refusal):
    code: ClassVar[str] = "malformed_place_code"
    sentence: ClassVar[str] = N_("“{value}”不是有效的行政区划代码：应为 6 位（县级及以上）或 9 位（乡镇）数字。")
    status: ClassVar[int] = 422


def _checked(code: str) -> str:
    if not (code.isascii() and code.isdigit() and len(code) in (6, 9)):
        raise MalformedPlaceCode(value=code)
    return code


def level_of(code: str) -> Level:
    """Level that a place code stands for. Raises :class:`MalformedPlaceCode`."""
    code = _checked(code)
    if len(code) == 9 and code[6:] != "000":
        return Level.TOWNSHIP
    if code[:6] == NATION:
        return Level.NATION
    if code[2:6] == "0000":
        return Level.PROVINCE
    if code[4:6] == "00":
        return Level.CITY
    return Level.COUNTY


_SIGNIFICANT = {Level.NATION: 0, Level.PROVINCE: 2, Level.CITY: 4, Level.COUNTY: 6, Level.TOWNSHIP: 9}


def prefix_of(code: str) -> str:
    """Significant digits of ``code``: ``370000`` → ``37``; the nation → empty. Raises :class:`MalformedPlaceCode`."""
    return _checked(code)[: _SIGNIFICANT[level_of(code)]]


def code_of(prefix: str) -> str:
    """The place code whose prefix is ``prefix`` (length 0, 2, 4, 6 or 9). Raises :class:`MalformedPlaceCode`."""
    if len(prefix) not in _SIGNIFICANT.values() or (prefix and not prefix.isdigit()):
        raise MalformedPlaceCode(value=prefix)
    return prefix if len(prefix) == 9 else prefix.ljust(6, "0")


def code_at(level: Level, code: str) -> str:
    """Code of the place of ``level`` that holds ``code``: the city of ``370102`` is ``370100``. Raises :class:`MalformedPlaceCode`."""
    return code_of(_checked(code)[: _SIGNIFICANT[level]])


def parent_code(code: str) -> str | None:
    """Code one level up by the digits alone, ``None`` for the nation. Municipal counties have a pseudo city (``110100``)."""
    level = level_of(code)
    if level is Level.NATION:
        return None
    return code_of(code[: _SIGNIFICANT[Level(level - 1)]])


def covers(prefix: str, code: str) -> bool:
    """Whether the subtree named by ``prefix`` holds ``code``. An empty code belongs to no place and only to the nation's subtree."""
    return code.startswith(prefix)
