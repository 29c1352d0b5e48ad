"""The law of devices and measuring points: codes, states, thresholds. No Django, no clock.

Threshold kinds follow the usual four limits of process control (HH, H, L, LL). The platform's alarm levels count from the gravest:
1 red, 2 orange, 3 yellow, 4 blue. GB/T 50493-2019 counts the other way round: its 一级报警 is the H limit and its 二级报警 the HH limit.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from itertools import pairwise
from math import isfinite
from typing import ClassVar

from anlan.kernel.errors import Refusal
from anlan.kernel.words import N_

ACTIONS: dict[str, str] = {
    "devices.view": N_("查看设备与测点"),
    "devices.register": N_("登记设备与测点"),
    "devices.change": N_("修改设备与测点"),
    "devices.set_thresholds": N_("设定报警阈值"),
    "devices.maintain": N_("登记检修、校准与演练"),
    "devices.credentials": N_("发放与更换接入凭证"),
    "devices.import": N_("批量导入设备"),
}

IN_USE, STOPPED, RETIRED = "in_use", "stopped", "retired"
DEVICE_STATES: dict[str, str] = {IN_USE: N_("在用"), STOPPED: N_("停止使用"), RETIRED: N_("报废")}
DEVICE_STATE_COLOURS: dict[str, str] = {IN_USE: "green"}

DEVICE_CLASSES: dict[str, str] = {
    "gas_detector": N_("气体探测器"),
    "tank_gauge": N_("储罐测量装置"),
    "control_system": N_("控制系统（DCS/PLC/SIS）"),
    "weather_station": N_("气象站"),
    "fire_panel": N_("火灾报警控制器"),
    "mine_station": N_("矿用分站"),
    "dam_station": N_("尾矿库监测站"),
    "gateway": N_("采集网关"),
    "camera": N_("摄像机"),
    "other": N_("其他"),
}

ACTIVE, REVOKED = "active", "revoked"
CREDENTIAL_STATES: dict[str, str] = {ACTIVE: N_("有效"), REVOKED: N_("已吊销")}

MAINTENANCE, CALIBRATION, EXERCISE = "maintenance", "calibration", "exercise"
WINDOW_KINDS: dict[str, str] = {MAINTENANCE: N_("检修作业"), CALIBRATION: N_("校准"), EXERCISE: N_("演练")}
WORK_KINDS = frozenset({MAINTENANCE, CALIBRATION})
"""Kinds of windows in which a device is worked on and raises no alarm. An exercise is none: it silences nothing."""
LONGEST_EXERCISE = timedelta(hours=24)
"""An exercise is announced for no longer at once. Project default: an emergency drill is a matter of hours, and while one is announced
a device is believed that calls its readings an exercise; a forgotten announcement must end by itself within a day."""
EXERCISES_REMEMBERED = timedelta(days=366)
"""So long after its end readings of an exercise are still known as such when they come in late. Project default: longer than any equipment
keeps what it could not send."""

BEFORE_REGISTRATION = timedelta(days=31)
"""So long before its registration a device may have measured, where no day is entered on which it was put into use. Project default."""

ROTATION_OVERLAP = timedelta(days=7)
"""How long the old secret still opens after a rotation. Project default: a week to change the equipment one by one."""

OVER_QUOTA_GAP = timedelta(minutes=10)
"""A credential that stayed within its quota for so long and exceeds it again begins anew. Project default."""
OVER_QUOTA_SHOWN = timedelta(hours=24)
"""For so long after the last message beyond its quota a credential is among the things to do. Project default."""

PROTOCOLS: dict[str, str] = {
    "hj212": N_("污染源在线监测（HJ 212）"),
    "sl651": N_("水文监测（SL 651）"),
    "gb26875": N_("城市消防远程监控（GB/T 26875）"),
    "jt808": N_("道路运输车辆终端（JT/T 808）"),
    "modbus": N_("Modbus TCP"),
    "opcua": N_("OPC UA"),
    "coalfile": N_("煤矿数据文件"),
}
"""Field protocols by the names of :mod:`anlan.wire.addresses`."""

PASSED, FAILED = "passed", "failed"
CALIBRATION_RESULTS: dict[str, str] = {PASSED: N_("合格"), FAILED: N_("不合格")}
LONGEST_CALIBRATION_DAYS = 3650
CALIBRATION_SOON_DAYS = 30
"""So many days ahead a calibration counts as due soon. Project default."""

UP, DOWN, NEVER = "up", "down", "never"
LINK_STATES: dict[str, str] = {UP: N_("在线"), DOWN: N_("离线"), NEVER: N_("未接入")}

HH, H, L, LL = "HH", "H", "L", "LL"
KINDS: tuple[str, ...] = (HH, H, L, LL)
KIND_LABELS: dict[str, str] = {HH: N_("高高限"), H: N_("高限"), L: N_("低限"), LL: N_("低低限")}
UPWARD = frozenset({HH, H})
DEFAULT_LEVELS: dict[str, int] = {HH: 1, H: 2, L: 2, LL: 1}
LEVELS: dict[int, str] = {1: N_("一级（红）"), 2: N_("二级（橙）"), 3: N_("三级（黄）"), 4: N_("四级（蓝）")}
LEVEL_COLOURS: dict[int, str] = {1: "red", 2: "orange", 3: "yellow", 4: "blue"}

DESIGN, STANDARD, ENTERPRISE = "design", "standard", "enterprise"
THRESHOLD_SOURCES: dict[str, str] = {DESIGN: N_("设计文件"), STANDARD: N_("标准规定"), ENTERPRISE: N_("企业自定")}
STATUSES: dict[str, str] = {"verified": N_("已核实"), "secondary": N_("二手来源"), "unverified": N_("未核实")}

_BEIJING = timezone(timedelta(hours=8))
_CODE = re.compile(r"[A-Za-z0-9_-]{1,64}")
"""A code is one level of an MQTT topic and one token of a stream subject: letters, digits, hyphen and underscore only."""


class MalformedCode(Refusal):
    code: ClassVar[str] = "device_malformed_code"
    sentence: ClassVar[str] = N_("编号“{value}”不能用作上报主题：只能使用 1–64 位字母、数字、下划线或连字符。")
    status: ClassVar[int] = 422


class MalformedTag(Refusal):
    code: ClassVar[str] = "device_malformed_tag"
    sentence: ClassVar[str] = N_("测点编号“{value}”无效：应为 1–64 个可见字符，首尾不留空格。")
    status: ClassVar[int] = 422


class CodeTaken(Refusal):
    code: ClassVar[str] = "device_code_taken"
    sentence: ClassVar[str] = N_("编号“{value}”已被使用，请换一个编号。")
    status: ClassVar[int] = 422


class UnknownQuantity(Refusal):
    code: ClassVar[str] = "device_unknown_quantity"
    sentence: ClassVar[str] = N_("没有名为“{value}”的测点类别，请从列表中选择。")
    status: ClassVar[int] = 422


class ThresholdOrder(Refusal):
    code: ClassVar[str] = "device_threshold_order"
    sentence: ClassVar[str] = N_(
        "阈值次序不对：应当 低低限 < 低限 < 高限 < 高高限，而 {first} 为 {first_limit}，{second} 为 {second_limit}。"
    )
    status: ClassVar[int] = 422


class ThresholdValue(Refusal):
    code: ClassVar[str] = "device_threshold_value"
    sentence: ClassVar[str] = N_("{kind} 的“{value}”无效：限值须为有限数，回差与延时不得为负，报警级别为 1 至 4。")
    status: ClassVar[int] = 422


class ThresholdOutOfRange(Refusal):
    code: ClassVar[str] = "device_threshold_out_of_range"
    sentence: ClassVar[str] = N_("{kind} 限值 {limit} 在测点量程 {low}–{high} 之外，永远不会报警。请核对限值或量程。")
    status: ClassVar[int] = 422


class ThresholdPeriod(Refusal):
    code: ClassVar[str] = "device_threshold_period"
    sentence: ClassVar[str] = N_("新阈值的生效日期 {since} 早于现行阈值的生效日期 {current}，请改为之后的日期。")
    status: ClassVar[int] = 422


class CredentialRevoked(Refusal):
    code: ClassVar[str] = "device_credential_revoked"
    sentence: ClassVar[str] = N_("接入凭证“{username}”已吊销，不能再使用或更换，请另行发放。")


class CredentialOfAnother(Refusal):
    code: ClassVar[str] = "device_credential_of_another"
    sentence: ClassVar[str] = N_("接入凭证“{username}”属于另一家企业，不能用于这台设备。")
    status: ClassVar[int] = 422


class AddressTaken(Refusal):
    code: ClassVar[str] = "device_address_taken"
    sentence: ClassVar[str] = N_("{protocol} 地址“{address}”已登记给另一台设备，请核对地址，或先从原设备移除。")
    status: ClassVar[int] = 422


class AddressWithoutCredential(Refusal):
    code: ClassVar[str] = "device_address_without_credential"
    sentence: ClassVar[str] = N_("设备“{device}”还没有接入凭证，先为它指定凭证，再登记现场协议地址。")
    status: ClassVar[int] = 422


class PollInterval(Refusal):
    code: ClassVar[str] = "device_poll_interval"
    sentence: ClassVar[str] = N_("采集间隔应在 {low} 秒至 {high} 秒之间。")
    status: ClassVar[int] = 422


class PointForm(Refusal):
    code: ClassVar[str] = "device_point_form"
    sentence: ClassVar[str] = N_("“{value}”不是有效的寄存器数据类型或字序。")
    status: ClassVar[int] = 422


class PointScale(Refusal):
    code: ClassVar[str] = "device_point_scale"
    sentence: ClassVar[str] = N_("倍率须为非零有限数，偏移须为有限数。")
    status: ClassVar[int] = 422


class PointTwice(Refusal):
    code: ClassVar[str] = "device_point_twice"
    sentence: ClassVar[str] = N_("代码“{code}”对应了不止一个测点，请逐个核对。")
    status: ClassVar[int] = 422


class NoSecret(Refusal):
    code: ClassVar[str] = "device_address_no_secret"
    sentence: ClassVar[str] = N_("地址“{address}”不核对密码，没有可更换的密码。")


class NoKeys(Refusal):
    code: ClassVar[str] = "device_address_no_keys"
    sentence: ClassVar[str] = N_("只有 HJ 212 地址可以设置 SM4 密钥，{protocol} 没有加密的数据区。")


class QuotaValue(Refusal):
    code: ClassVar[str] = "device_quota"
    sentence: ClassVar[str] = N_("每分钟限额须为 0（不限）或 1 至 {most} 的整数。")
    status: ClassVar[int] = 422


class CalibrationDate(Refusal):
    code: ClassVar[str] = "device_calibration_date"
    sentence: ClassVar[str] = N_("校准日期 {value} 晚于今天，请核对。")
    status: ClassVar[int] = 422


class CalibrationInterval(Refusal):
    code: ClassVar[str] = "device_calibration_interval"
    sentence: ClassVar[str] = N_("校准周期应为 1 至 {most} 天。")
    status: ClassVar[int] = 422


class WindowOver(Refusal):
    code: ClassVar[str] = "device_window_over"
    sentence: ClassVar[str] = N_("这次检修、校准或演练已经结束，无需再结束一次。")


class WindowPeriod(Refusal):
    code: ClassVar[str] = "device_window_period"
    sentence: ClassVar[str] = N_("结束时间须晚于开始时间，演练的结束时间还须晚于现在。")
    status: ClassVar[int] = 422


class ExerciseTooLong(Refusal):
    code: ClassVar[str] = "device_exercise_too_long"
    sentence: ClassVar[str] = N_("一次演练最长 {hours} 小时，请缩短时间，或到期后再登记一次。")
    status: ClassVar[int] = 422


class NothingToExercise(Refusal):
    code: ClassVar[str] = "device_nothing_to_exercise"
    sentence: ClassVar[str] = N_("“{enterprise}”还没有登记设备，无需登记演练。")
    status: ClassVar[int] = 422


@dataclass(frozen=True)
class Limit:
    """One limit of a measuring point.

    ``limit`` and ``hysteresis`` in the point's unit. An upward limit is reached at ``value >= limit`` and left at
    ``value < limit - hysteresis``, a downward one mirrored. ``dwell_s``: seconds the limit must stay reached before the alarm rises.
    """

    kind: str
    limit: float
    hysteresis: float
    dwell_s: float
    level: int


def checked_code(value: str) -> str:
    """``value`` itself when it can stand in a topic. Raises :class:`MalformedCode`."""
    if not _CODE.fullmatch(value):
        raise MalformedCode(value=value)
    return value


def checked_tag(value: str) -> str:
    """``value`` itself when it can name a measuring point in a payload (plants call theirs ``XMEAS(9)``, ``PT-101.PV``, 罐区温度1).

    Raises :class:`MalformedTag`.
    """
    if not (1 <= len(value) <= 64 and value.isprintable() and value == value.strip()):
        raise MalformedTag(value=value)
    return value


def checked_limits(limits: Sequence[Limit], low: float | None, high: float | None) -> tuple[Limit, ...]:
    """The limits in order HH, H, L, LL when they make sense together and lie in the measuring range ``low``–``high``.

    Raises :class:`ThresholdValue`, :class:`ThresholdOutOfRange`, :class:`ThresholdOrder`.
    """
    by_kind: dict[str, Limit] = {}
    for limit in limits:
        _check_one(limit, low, high)
        by_kind[limit.kind] = limit
    ordered = tuple(by_kind[kind] for kind in KINDS if kind in by_kind)
    for upper, lower in pairwise(ordered):
        if upper.limit <= lower.limit:
            raise ThresholdOrder(
                first=upper.kind,
                first_limit=upper.limit,
                second=lower.kind,
                second_limit=lower.limit,
            )
    return ordered


def _check_one(limit: Limit, low: float | None, high: float | None) -> None:
    if limit.kind not in KINDS:
        raise ThresholdValue(kind=limit.kind, value=limit.kind)
    name = limit.kind
    if not isfinite(limit.limit):
        raise ThresholdValue(kind=name, value=limit.limit)
    if not (isfinite(limit.hysteresis) and limit.hysteresis >= 0):
        raise ThresholdValue(kind=name, value=limit.hysteresis)
    if not (isfinite(limit.dwell_s) and limit.dwell_s >= 0):
        raise ThresholdValue(kind=name, value=limit.dwell_s)
    if limit.level not in LEVELS:
        raise ThresholdValue(kind=name, value=limit.level)
    if (high is not None and limit.limit > high) or (low is not None and limit.limit < low):
        raise ThresholdOutOfRange(kind=name, limit=limit.limit, low=low, high=high)


MOST_PER_MINUTE = 100_000_000


def checked_quota(value: int) -> int:
    """``value`` itself when it can be a quota per minute; 0: none. Raises :class:`QuotaValue`."""
    if not 0 <= value <= MOST_PER_MINUTE:
        raise QuotaValue(most=MOST_PER_MINUTE)
    return value


def beginning(commissioned_on: date | None, registered_at: datetime) -> datetime:
    """The moment before which a device measured nothing: the day (of Beijing time) it was put into use, else its registration less a month."""
    if commissioned_on is None:
        return registered_at - BEFORE_REGISTRATION
    return datetime.combine(commissioned_on, time(), _BEIJING)


def checked_window(kind: str, since: datetime, until: datetime, now: datetime) -> datetime:
    """The beginning of a window of ``kind``: ``since``, but for an exercise not before ``now``, so that none is made of what was real.

    Raises :class:`WindowPeriod`, :class:`ExerciseTooLong`.
    """
    if kind == EXERCISE:
        since = max(since, now)
        if until - since > LONGEST_EXERCISE:
            raise ExerciseTooLong(hours=LONGEST_EXERCISE // timedelta(hours=1))
    if until <= since:
        raise WindowPeriod()
    return since


SAME_CODE_TWICE = N_("设备按编号上报数据，不能随合并改号，请先处理其中一台")
"""What is to be done before two enterprises are merged that both have a device of one code."""


def calibration_due(calibrated_on: date | None, days: int | None) -> date | None:
    """When a point is due again that was calibrated on ``calibrated_on`` and has an interval of ``days``; ``None`` where one is unknown."""
    return None if calibrated_on is None or days is None else calibrated_on + timedelta(days=days)


def choices(table: Mapping[str, str] | Mapping[int, str]) -> list[tuple[object, str]]:
    """``table`` in the form that form fields and columns want."""
    return list(table.items())
