"""The early-warning message: one dataclass per block, field names as in the message, in snake case."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import ClassVar

from anlan.kernel.words import N_
from anlan.wire.cap.message import Category, Certainty, Coordinates, MessageType, Scope, Status, Urgency
from anlan.wire.problems import Faulty, Kind

BEIJING = timezone(timedelta(hours=8))
"""All times of the profile are Beijing time, whether they say so or not."""

NOT_AN_EARLY_WARNING = Kind("cn_not_an_early_warning", N_("根元素是 {found}，不是预警信息发布系统的 alert（没有命名空间，带 senderCode）"))
NOT_BEIJING_TIME = Kind("cn_not_a_time", N_("{name} 的值“{found}”不是时间，应写成 2020-02-05 10:45:00+08:00 或 20200205104500"))
NO_EVENT_TYPE = Kind("cn_no_event_type", N_("没有 eventType，不知道预警什么"))
REFERENCES_MISSING = Kind("cn_references_missing", N_("msgType 为 {kind} 时必须有 references，指明所更新或解除的预警编号"))
ODD_IDENTIFIER = Kind("cn_odd_identifier", N_("identifier“{found}”不是 14 位发布单位代码、14 位时间和序号（共 31 位）"))
ODD_SENDER_CODE = Kind("cn_odd_sender_code", N_("senderCode“{found}”不是 14 位代码"))
SENDER_DIFFERS = Kind("cn_sender_differs", N_("identifier 的前 14 位与 senderCode“{found}”不同"))
UNKNOWN_EVENT_TYPE = Kind("cn_unknown_event_type", N_("事件类型编码“{found}”不在已知的编码表里，按原样保留"))
ODD_GEOCODE = Kind("cn_odd_geocode", N_("行政区划代码“{found}”不是 6 位或 12 位数字"))
NO_EXPIRES = Kind("cn_no_expires", N_("没有失效时间（expires）"))
NO_INSTRUCTION = Kind("cn_no_instruction", N_("没有防御指南（instruction）：突发事件应对法第六十四条要求写明应当采取的措施"))
NO_AREA = Kind("cn_no_area", N_("没有行政区划代码、多边形或圆，影响范围只有文字或没有"))
COLOURS_DIFFER = Kind("cn_colours_differ", N_("标题写的是“{found}”，severity 却是 {level}"))
SENT_FROM_THE_FUTURE = Kind("cn_future", N_("发布时间 {sent} 晚于现在，请核对对方时钟"))


class EarlyWarningRefused(Faulty):
    """The bytes are no acceptable early-warning message; ``problems`` holds every reason found."""

    code: ClassVar[str] = "early_warning_refused"
    sentence: ClassVar[str] = N_("预警信息报文不符合要求：{why}")


class Level(StrEnum):
    """The colour (突发事件应对法 2024, 第六十三条)."""

    RED = "Red"
    ORANGE = "Orange"
    YELLOW = "Yellow"
    BLUE = "Blue"
    UNKNOWN = "Unknown"


COLOURS = {"红色": Level.RED, "橙色": Level.ORANGE, "黄色": Level.YELLOW, "蓝色": Level.BLUE}


@dataclass(frozen=True)
class Method:
    """A text for one channel (``SMS``, ``WEB``, ``SPEAKER``, …) and the groups it is for, as the sender's platform numbers them."""

    name: str
    message: str = ""
    audience_groups: tuple[str, ...] = ()
    audience_part: str = ""


@dataclass(frozen=True)
class Area:
    """Where; polygons and circles as in CAP (latitude first, radius in km), ``geocodes`` of GB/T 2260 with 6 or 12 digits."""

    area_desc: str
    polygons: tuple[Coordinates, ...] = ()
    circles: tuple[tuple[float, float, float], ...] = ()
    geocodes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Info:
    """What. ``event_type`` is kept as it came, known or not."""

    event_type: str
    severity: Level
    language: str = "zh-CN"
    urgency: Urgency = Urgency.UNKNOWN
    certainty: Certainty = Certainty.UNKNOWN
    effective: datetime | None = None
    onset: datetime | None = None
    expires: datetime | None = None
    sender_name: str = ""
    headline: str = ""
    description: str = ""
    instruction: str = ""
    web: str = ""
    contact: str = ""
    areas: tuple[Area, ...] = ()


@dataclass(frozen=True)
class EarlyWarning:
    """A whole message. ``references`` holds identifiers of the messages it updates or lifts."""

    identifier: str
    sender: str
    sender_code: str
    send_time: datetime
    status: Status
    msg_type: MessageType
    scope: Scope
    infos: tuple[Info, ...]
    methods: tuple[Method, ...] = ()
    sec_classification: str = ""
    note: str = ""
    references: tuple[str, ...] = ()


@dataclass(frozen=True)
class EventType:
    """A known event type; ``status`` says how far its source goes (verified, secondary, unverified)."""

    code: str
    name_zh: str
    name_en: str
    cap_category: Category
    source: str
    status: str


@cache
def event_types() -> Mapping[str, EventType]:
    """Known event types by code."""
    with (resources.files("anlan.wire.cap_cn") / "data/event_types.csv").open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    return {
        row["code"]: EventType(row["code"], row["name_zh"], row["name_en"], Category(row["cap_category"]), row["source"], row["status"])
        for row in rows
    }


def event_type(code: str) -> EventType | None:
    """The event type of a code, if it is known."""
    return event_types().get(code)
