"""The law of video: actions, states, what is refused, kinds of analysis events and figures as dated data. No Django, no clock."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import ClassVar
from urllib.parse import urlsplit

from anlan.kernel.errors import Refusal
from anlan.kernel.words import N_
from anlan.ledger.sources import DatedRule, in_force, load_rules
from anlan.wire.gb28181 import codes

_DATA = Path(__file__).parent / "data"

ACTIONS: dict[str, str] = {
    "video.view": N_("查看视频监控"),
    "video.manage": N_("管理视频平台与摄像机"),
    "video.take_in": N_("接收视频平台与分析设备的数据"),
}

DEFAULT_SERVER = "37000000002000000001"
"""Our own code of 20 digits where ``ANLAN_SIP_SERVER`` gives none. Project default."""

IN_USE, STOPPED = "in_use", "stopped"
PLATFORM_STATES: dict[str, str] = {IN_USE: N_("在用"), STOPPED: N_("停用")}

ONLINE, OFFLINE, NEVER = "online", "offline", "never"
LINE_STATES: dict[str, str] = {ONLINE: N_("在线"), OFFLINE: N_("离线"), NEVER: N_("从未上线")}

PTZ_TYPES: dict[int, str] = {1: N_("球机"), 2: N_("半球"), 3: N_("固定枪机"), 4: N_("遥控枪机")}
"""GB/T 28181-2016, A.2.1.9 (secondary source)."""

CAMERA_OFFLINE, PLATFORM_OFFLINE = "video.camera_offline", "video.platform_offline"
"""Kinds of happenings of this room besides ``video.<event kind>`` and ``gb28181.<alarm>``."""


@dataclass(frozen=True, kw_only=True)
class EventKind(DatedRule):
    """A kind of thing that analysis boxes see. No standard gives codes for them: the list is the project's own."""

    code: str
    name_zh: str
    name_en: str


@dataclass(frozen=True, kw_only=True)
class Figure(DatedRule):
    """One length, size or rate, in ``unit``."""

    code: str
    value: int
    unit: str
    name_zh: str
    name_en: str


@cache
def event_kinds() -> dict[str, EventKind]:
    """Every kind by its code."""
    return {row.code: row for row in load_rules(_DATA / "event_kinds.csv", EventKind)}


def kind_label(kind: str) -> str:
    """Chinese name of a happening's kind; the kind itself where no table has it."""
    protocol, _dot, word = kind.partition(".")
    if protocol == "video" and word in event_kinds():
        return event_kinds()[word].name_zh
    if protocol == "gb28181":
        method, _line, number = word.partition("_")
        digit = str(codes.METHODS.index(method)) if method in codes.METHODS else ""
        return (codes.name_of("alarm_type", f"{digit}.{number}") if number else codes.name_of("alarm_method", digit)) or kind
    return {CAMERA_OFFLINE: N_("摄像机离线"), PLATFORM_OFFLINE: N_("视频平台离线")}.get(kind, kind)


@cache
def _figures() -> tuple[Figure, ...]:
    return load_rules(_DATA / "figures.csv", Figure)


def figure(code: str, on: date) -> int:
    """The figure in force on ``on``. Raises ``KeyError`` for one that the table does not have."""
    for row in in_force(_figures(), on):
        if row.code == code:
            return row.value
    raise KeyError(code)


class UnknownEventKind(Refusal):
    code: ClassVar[str] = "video_unknown_event_kind"
    sentence: ClassVar[str] = N_("没有名为“{kind}”的视频事件类别，可用：{known}。")
    status: ClassVar[int] = 422


class UnknownCamera(Refusal):
    code: ClassVar[str] = "video_unknown_camera"
    sentence: ClassVar[str] = N_("摄像机编码“{camera}”没有登记在该凭证所属企业名下，请先登记摄像机并指定企业。")
    status: ClassVar[int] = 422


class MalformedEvent(Refusal):
    code: ClassVar[str] = "video_malformed_event"
    sentence: ClassVar[str] = N_("视频事件报文无法识别：{reason}。")
    status: ClassVar[int] = 422


class BadPicture(Refusal):
    code: ClassVar[str] = "video_bad_picture"
    sentence: ClassVar[str] = N_("图片无法使用：{reason}。只接收 JPEG、PNG 或 WebP 图片。")
    status: ClassVar[int] = 415


class PictureTooLarge(Refusal):
    code: ClassVar[str] = "video_picture_too_large"
    sentence: ClassVar[str] = N_("图片有 {size} 字节，最大 {limit} 字节，请降低分辨率或质量后重新发送。")
    status: ClassVar[int] = 413


class TimeNotPlausible(Refusal):
    code: ClassVar[str] = "video_time_not_plausible"
    sentence: ClassVar[str] = N_("事件时间 {time} 不合理（晚于现在 5 分钟以上或早于 31 天前），请校准设备时钟。")
    status: ClassVar[int] = 422


class CredentialRefused(Refusal):
    code: ClassVar[str] = "video_credential_refused"
    sentence: ClassVar[str] = N_("接入凭证或密钥不正确，或凭证已吊销。")
    status: ClassVar[int] = 401


class TooMany(Refusal):
    code: ClassVar[str] = "video_too_many"
    sentence: ClassVar[str] = N_("发送过于频繁，每分钟最多 {limit} 次，请 {wait} 秒后重试。")
    status: ClassVar[int] = 429


class CodeTaken(Refusal):
    code: ClassVar[str] = "video_code_taken"
    sentence: ClassVar[str] = N_("国标编码“{value}”已登记。")
    status: ClassVar[int] = 422


class PasswordMissing(Refusal):
    code: ClassVar[str] = "video_password_missing"
    sentence: ClassVar[str] = N_("请填写设备注册口令（6–64 个可见字符，不含引号）。")
    status: ClassVar[int] = 422


class BadTemplate(Refusal):
    code: ClassVar[str] = "video_bad_template"
    sentence: ClassVar[str] = N_(
        "播放地址模板无效：须以 https:// 或 http:// 开头，可用 {{device}}、{{channel}}、{{start}}、{{end}}，发现“{found}”。"
    )
    status: ClassVar[int] = 422


class PointIncomplete(Refusal):
    code: ClassVar[str] = "video_point_incomplete"
    sentence: ClassVar[str] = N_("经度和纬度须同时填写。")
    status: ClassVar[int] = 422


class PlatformOfAnother(Refusal):
    code: ClassVar[str] = "video_platform_of_another"
    sentence: ClassVar[str] = N_("视频平台“{name}”属于另一家企业，其摄像机不能登记到这家企业名下。")
    status: ClassVar[int] = 422


class EnterpriseFixed(Refusal):
    code: ClassVar[str] = "video_enterprise_fixed"
    sentence: ClassVar[str] = N_("摄像机已归属企业并可能已有报警记录，不能改为另一家企业。如设备已移走，请停用后重新接入。")
    status: ClassVar[int] = 422


_PASSWORD = re.compile(r"[!#-\[\]-~]{6,64}")
_FIELD = re.compile(r"\{([^{}]*)\}")
LIVE_FIELDS = frozenset({"device", "channel"})
PLAYBACK_FIELDS = LIVE_FIELDS | {"start", "end"}


def checked_password(value: str) -> str:
    """``value`` itself when it can be typed into equipment and stand in a header. Raises :class:`PasswordMissing`."""
    if not _PASSWORD.fullmatch(value):
        raise PasswordMissing
    return value


def checked_template(value: str, allowed: frozenset[str]) -> str:
    """``value`` itself when it is empty or an address with known fields. Raises :class:`BadTemplate`."""
    value = value.strip()
    if not value:
        return value
    unknown = [found for found in _FIELD.findall(value) if found not in allowed]
    parts = urlsplit(_FIELD.sub("x", value))
    bare = _FIELD.sub("", value)
    if (
        unknown
        or "{" in bare
        or "}" in bare
        or parts.scheme not in {"http", "https"}
        or not parts.hostname
        or re.search(r"[\s\"'<>;,]", bare)
    ):
        raise BadTemplate(found=unknown[0] if unknown else value[:60])
    if _FIELD.search(value.partition("://")[2].partition("/")[0]):
        raise BadTemplate(found=value[:60])
    return value


def filled(template: str, **values: str) -> str:
    """The address that a template gives; empty for none."""
    return _FIELD.sub(lambda found: values.get(found[1], ""), template)


def origin_of(address: str) -> str:
    """``https://host:port`` of an address, for a page's content policy; empty for none."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}" if parts.scheme in {"http", "https"} and parts.netloc else ""
