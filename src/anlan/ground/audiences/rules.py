"""Law of audiences: who can be told, on what ground, by which address, and how little of a person a page shows. Pure, never reads the clock.

个人信息保护法 第十三条 (grounds of processing), 第十五条 (withdrawing consent), 第四十七条 (deletion), 第五十一条 (masking and access by need).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import time
from functools import cache
from pathlib import Path
from typing import ClassVar

from anlan.kernel.errors import Refusal
from anlan.kernel.words import N_
from anlan.ledger.sources import DatedRule, load_rules

_DATA = Path(__file__).parent / "data"

ACTIONS: dict[str, str] = {
    "audiences.view": N_("查看预警受众（隐去个人信息）"),
    "audiences.view_addresses": N_("查看预警受众完整姓名、电话和地址"),
    "audiences.register": N_("登记预警受众"),
    "audiences.change": N_("修改预警受众、登记同意与撤回"),
    "audiences.erase": N_("删除预警受众的个人信息"),
    "audiences.import": N_("批量导入预警受众"),
    "audiences.export": N_("导出预警受众（隐去个人信息）"),
}

DUTY, CONSENT, EMERGENCY, WITHDRAWN = 1, 2, 3, 4
PHONE, EMAIL, DEVICE = 1, 2, 4
"""Bits of ``reach``: which addresses a recipient has."""
ADDRESS_BITS = {"phone": PHONE, "email": EMAIL, "device": DEVICE}

NEEDS: dict[str, str] = {
    "hearing": N_("听力障碍"),
    "sight": N_("视力障碍"),
    "moving": N_("行动不便"),
    "alone": N_("独居老人"),
    "child": N_("留守儿童"),
}
"""What a warning must heed: somebody who does not hear is not called, somebody who cannot move is fetched first."""

LEVELS = ("red", "orange", "yellow", "blue")

CELL_RESOLUTION = 8
"""H3 resolution of the cells that people are counted in: 0.74 km² on the average. Project default."""
NEAR_TOWNSHIP_KM = 8.0
"""Somebody without a point counts as inside an area when his township's point is so near to it. Project default: rather too many than too few."""
LARGEST_AREA_KM2 = 20_000.0
"""A drawn area larger than that is warned by place codes. Project default: about the size of a prefecture."""


@dataclass(frozen=True, kw_only=True)
class RoleRow(DatedRule):
    """What a recipient is. ``rank``: 1 is told first; ``duty``: told by duty, without consent; ``staff``: goes and calls others; ``channel``: the only channel of a device."""

    code: str
    name_zh: str
    name_en: str
    rank: int
    duty: bool
    staff: bool
    channel: str


@dataclass(frozen=True, kw_only=True)
class ReachRow(DatedRule):
    """A ground for telling somebody, and the lowest level of warning that it carries; ``none``: never one by one."""

    code: str
    number: int
    name_zh: str
    name_en: str
    lowest_level: str


@dataclass(frozen=True, kw_only=True)
class LanguageRow(DatedRule):
    """A language that a recipient reads or hears."""

    code: str
    name_zh: str
    name_en: str


class UnknownRole(Refusal):
    code: ClassVar[str] = "audiences.unknown_role"
    sentence: ClassVar[str] = N_("没有“{value}”这一受众角色，可填：{known}。")
    status: ClassVar[int] = 422


class UnknownLanguage(Refusal):
    code: ClassVar[str] = "audiences.unknown_language"
    sentence: ClassVar[str] = N_("没有“{value}”这一语言，可填：{known}。")
    status: ClassVar[int] = 422


class UnknownNeed(Refusal):
    code: ClassVar[str] = "audiences.unknown_need"
    sentence: ClassVar[str] = N_("没有“{value}”这一特殊需要，可填：{known}。")
    status: ClassVar[int] = 422


class WrongPhone(Refusal):
    code: ClassVar[str] = "audiences.wrong_phone"
    sentence: ClassVar[str] = N_("“{value}”不是电话号码：应为 11 位手机号，或带区号的固定电话，如 0531-81234567。")
    status: ClassVar[int] = 422


class WrongEmail(Refusal):
    code: ClassVar[str] = "audiences.wrong_email"
    sentence: ClassVar[str] = N_("“{value}”不是电子邮箱地址。")
    status: ClassVar[int] = 422


class WrongTime(Refusal):
    code: ClassVar[str] = "audiences.wrong_time"
    sentence: ClassVar[str] = N_("“{value}”不是时刻，应写成 22:00 的形式。")
    status: ClassVar[int] = 422


class NoAddress(Refusal):
    code: ClassVar[str] = "audiences.no_address"
    sentence: ClassVar[str] = N_("请至少填写电话、邮箱或设备地址中的一项，否则无法通知到。")
    status: ClassVar[int] = 422


class NameMissing(Refusal):
    code: ClassVar[str] = "audiences.name_missing"
    sentence: ClassVar[str] = N_("请填姓名或设备名称。")
    status: ClassVar[int] = 422


class HalfPoint(Refusal):
    code: ClassVar[str] = "audiences.half_point"
    sentence: ClassVar[str] = N_("经度和纬度须一并填写，或都不填。")
    status: ClassVar[int] = 422


class AlreadyThere(Refusal):
    code: ClassVar[str] = "audiences.already_there"
    sentence: ClassVar[str] = N_("该地址已以同一角色登记在本区划，请修改原记录。")
    status: ClassVar[int] = 409


class AreaTooLarge(Refusal):
    code: ClassVar[str] = "audiences.area_too_large"
    sentence: ClassVar[str] = N_("所画区域约 {size} 平方公里，超过 {limit} 平方公里；更大的范围请按行政区划发布。")
    status: ClassVar[int] = 422


class AreaNotAnArea(Refusal):
    code: ClassVar[str] = "audiences.area_not_an_area"
    sentence: ClassVar[str] = N_("所画区域没有面积，或坐标不是数字，请重新绘制。")
    status: ClassVar[int] = 422


@cache
def roles() -> dict[str, RoleRow]:
    """Every role by its code, first told first."""
    return {row.code: row for row in sorted(load_rules(_DATA / "roles.csv", RoleRow), key=lambda row: row.rank)}


@cache
def grounds() -> dict[int, ReachRow]:
    """Every ground by its number."""
    return {row.number: row for row in load_rules(_DATA / "reach.csv", ReachRow)}


@cache
def languages() -> dict[str, LanguageRow]:
    """Every language by its code."""
    return {row.code: row for row in load_rules(_DATA / "languages.csv", LanguageRow)}


def role(value: object) -> str:
    """Code of a role given by code or Chinese name. Raises :class:`UnknownRole`."""
    text = str(value or "").strip()
    found = next((row.code for row in roles().values() if text in (row.code, row.name_zh)), None)
    if found is None:
        raise UnknownRole(value=text, known="、".join(row.name_zh for row in roles().values()))
    return found


def language(value: object) -> str:
    """Code of a language given by code or Chinese name; empty is Chinese. Raises :class:`UnknownLanguage`."""
    text = str(value or "zh").strip()
    found = next((row.code for row in languages().values() if text in (row.code, row.name_zh)), None)
    if found is None:
        raise UnknownLanguage(value=text, known="、".join(row.name_zh for row in languages().values()))
    return found


def needs(value: object) -> str:
    """Codes of needs, one space between, in the order of the table; given as a list, or as words with commas. Raises :class:`UnknownNeed`."""
    parts = (
        re.split(r"[\s,，、;；]+", value)
        if isinstance(value, str)
        else [str(each) for each in value]
        if isinstance(value, Iterable)
        else []
    )
    by_word = {label: code for code, label in NEEDS.items()}
    asked = {by_word.get(part, part) for part in parts if part}
    for each in asked - NEEDS.keys():
        raise UnknownNeed(value=each, known="、".join(NEEDS.values()))
    return " ".join(code for code in NEEDS if code in asked)


_PHONE = re.compile(r"(\+?86)?(1\d{10}|0\d{9,11})|\+\d{8,15}")
_EMAIL = re.compile(r"[^@\s]{1,64}@[A-Za-z0-9.-]{1,180}\.[A-Za-z]{2,24}")


def phone(value: object) -> str:
    """A telephone number without spaces and dashes, ``+86`` left out; empty stays empty. Raises :class:`WrongPhone`."""
    text = re.sub(r"[\s()（）-]", "", str(value or ""))
    if not text:
        return ""
    found = _PHONE.fullmatch(text)
    if found is None:
        raise WrongPhone(value=value)
    return found[2] or text


def email(value: object) -> str:
    """An e-mail address in lower case; empty stays empty. Raises :class:`WrongEmail`."""
    text = str(value or "").strip().lower()
    if text and not _EMAIL.fullmatch(text):
        raise WrongEmail(value=value)
    return text


def moment(value: object) -> time | None:
    """A time of the day, ``22:00``; empty is none. Raises :class:`WrongTime`."""
    if value is None or value == "" or isinstance(value, time):
        return value or None  # type: ignore[return-value]
    try:
        return time.fromisoformat(str(value).strip().zfill(5))
    except ValueError:
        raise WrongTime(value=value) from None


def ground(role_code: str, consented: bool, withdrawn: bool) -> int:
    """On what ground somebody is told. A duty outlives a withdrawn consent: it never rested on one."""
    if roles()[role_code].duty:
        return DUTY
    if withdrawn:
        return WITHDRAWN
    return CONSENT if consented else EMERGENCY


def grounds_for(level: str) -> tuple[int, ...]:
    """Grounds that carry a warning of ``level`` (red to blue; empty: the lowest). Raises ``ValueError`` for another word."""
    height = LEVELS.index(level or "blue")
    return tuple(n for n, row in grounds().items() if row.lowest_level != "none" and height <= LEVELS.index(row.lowest_level))


def reach(phone_number: str, address: str, device: str) -> int:
    """The bits of the addresses that are there."""
    return (PHONE if phone_number else 0) | (EMAIL if address else 0) | (DEVICE if device else 0)


def masked_name(name: str) -> str:
    """``张三`` → ``张*``, ``欧阳小敏`` → ``欧**敏``; what is longer than a person's name (a device, a unit) stays."""
    if len(name) > 4:
        return name
    return name[:1] + "*" * max(1, len(name) - 2) + (name[-1] if len(name) > 2 else "") if name else ""


def masked_address(address: str) -> str:
    """``13800000001`` → ``138****0001``, ``zhang@example.cn`` → ``z***@example.cn``; of a device's address the first and last letters."""
    if "@" in address:
        return f"{address[:1]}***@{address.partition('@')[2]}"
    if len(address) >= 7:
        return f"{address[:3]}****{address[-4:]}"
    return "*" * len(address)


def quiet(at: time, begins: time | None, ends: time | None) -> bool:
    """Whether ``at`` lies in the quiet hours; they may go over midnight."""
    if begins is None or ends is None or begins == ends:
        return False
    return begins <= at < ends if begins < ends else at >= begins or at < ends
