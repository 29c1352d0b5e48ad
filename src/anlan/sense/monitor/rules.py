"""The law of watching points: what a point's state is, which window of time is shown, how two curves go together. No Django, no clock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar
from uuid import UUID

import numpy as np

from anlan.kernel.errors import Refusal
from anlan.kernel.words import N_

MOST_ROWS = 10_000
"""Points on one page of the live list."""
MOST_COMPARED = 8
"""Points in one comparison: more lines than that nobody tells apart."""
SHORTEST, LONGEST = timedelta(seconds=1), timedelta(days=3660)
SPANS: dict[int, str] = {3600: N_("1 小时"), 86400: N_("1 天"), 604800: N_("1 周"), 2592000: N_("1 月"), 31536000: N_("1 年")}
"""Lengths of a window in seconds that have a button."""
EXACT_FIGURES = timedelta(days=93)
"""Up to this length the figures of a comparison come from every reading, beyond from hourly means. Project default."""

ALARM, ONLINE, OFFLINE, NEVER, UNKNOWN = "alarm", "online", "offline", "never", "unknown"
STATES: dict[str, str] = {ALARM: N_("报警"), ONLINE: N_("在线"), OFFLINE: N_("离线"), NEVER: N_("从未上报"), UNKNOWN: N_("未知")}
LEVELS: dict[int, str] = {1: N_("一级（红）"), 2: N_("二级（橙）"), 3: N_("三级（黄）"), 4: N_("四级（蓝）")}
LEVEL_TONES: dict[int, str] = {1: "red", 2: "orange", 3: "yellow", 4: "blue"}

STACKED, SHARED, NORMALISED = "stacked", "shared", "normal"
AXES: dict[str, str] = {STACKED: N_("分开的纵轴"), SHARED: N_("按单位共用纵轴"), NORMALISED: N_("归一化（0–100 %）")}

SOURCE, DEVICE = "source", "device"
PLACED_KINDS: dict[str, str] = {SOURCE: N_("危险源"), DEVICE: N_("设备")}
FARTHEST_M = 30_000.0
"""Nothing on a plan lies further from its reference point. Project default."""


class NoSuchWindow(Refusal):
    code: ClassVar[str] = "monitor_no_such_window"
    sentence: ClassVar[str] = N_("时间范围无效：结束须晚于开始，长度在 1 秒到 10 年之间。请重新选择时间范围。")
    status: ClassVar[int] = 422


class TooManyCompared(Refusal):
    code: ClassVar[str] = "monitor_too_many_compared"
    sentence: ClassVar[str] = N_("最多同时对比 {most} 个测点。请先移除一个。")
    status: ClassVar[int] = 422


class MalformedChoice(Refusal):
    code: ClassVar[str] = "monitor_malformed_choice"
    sentence: ClassVar[str] = N_("“{value}”不是有效的编号。请从列表中重新选择。")
    status: ClassVar[int] = 422


class OffThePlan(Refusal):
    code: ClassVar[str] = "monitor_off_the_plan"
    sentence: ClassVar[str] = N_("位置无效：向东、向北的距离须为数字，且距参考点不超过 {most} 米。")
    status: ClassVar[int] = 422


@dataclass(frozen=True)
class Filters:
    """What of all points is wanted; ``ids`` ``None`` where no points are named. ``offset``: rows passed over."""

    text: str = ""
    sensor_class: str = ""
    enterprise_id: UUID | None = None
    ids: tuple[UUID, ...] | None = None
    offset: int = 0

    @property
    def narrowing(self) -> dict[str, Any]:
        """The arguments that narrow a list of points."""
        return {"text": self.text, "sensor_class": self.sensor_class, "enterprise_id": self.enterprise_id}


def filters(one: Mapping[str, str], points: Sequence[str] = ()) -> Filters:
    """Filters from the parameters of an address: ``q``, ``class``, ``enterprise``, ``offset`` and the ``points`` named. Raises ``MalformedChoice``."""
    owner, offset = one.get("enterprise", "").strip(), one.get("offset", "").strip()
    return Filters(
        text=one.get("q", "").strip()[:100],
        sensor_class=one.get("class", "").strip()[:40],
        enterprise_id=identifier(owner) if owner else None,
        ids=tuple(identifier(point) for point in points) if points else None,
        offset=int(offset) if offset.isdigit() and len(offset) < 9 else 0,
    )


def identifier(text: str) -> UUID:
    """The id that ``text`` is. Raises ``MalformedChoice``."""
    try:
        return UUID(text)
    except ValueError:
        raise MalformedChoice(value=text[:60]) from None


@dataclass(frozen=True)
class Window:
    """What is shown: [since, until). ``live``: it ends now and moves on."""

    since: datetime
    until: datetime
    live: bool

    @property
    def span(self) -> timedelta:
        """Its length."""
        return self.until - self.since


def window(one: Mapping[str, str], now: datetime, usual: timedelta = timedelta(days=1)) -> Window:
    """The window that an address asks for.

    ``since`` and ``until`` in ms since 1970 UTC, or ``span`` in seconds up to now, else ``usual``. Raises ``NoSuchWindow``.
    """
    try:
        if one.get("until"):
            since, until = _moment(one.get("since", ""), now), _moment(one["until"], now)
            found = Window(since, until, live=False)
        else:
            found = Window(now - (timedelta(seconds=float(one["span"])) if one.get("span") else usual), now, live=True)
    except (ValueError, OverflowError, OSError):
        raise NoSuchWindow from None
    if not SHORTEST <= found.span <= LONGEST:
        raise NoSuchWindow
    return found


def _moment(text: str, now: datetime) -> datetime:
    return datetime.fromtimestamp(int(text) / 1000, now.tzinfo)


def state_of(at: datetime | None, now: datetime, online_s: float, *, known: bool, level: int | None) -> str:
    """State of a point: an active alarm goes before everything, and what is not known is never shown as normal."""
    if level is not None:
        return ALARM
    if not known:
        return UNKNOWN
    if at is None:
        return NEVER
    return ONLINE if (now - at).total_seconds() <= online_s else OFFLINE


def correlation(one: Mapping[int, float], other: Mapping[int, float]) -> tuple[float | None, int]:
    """Pearson's coefficient of two series over the stretches that both have, and how many those are.

    ``None`` with fewer than three of them, or when one of the two never changes.
    """
    common = sorted(one.keys() & other.keys())
    if len(common) < 3:
        return None, len(common)
    pairs = np.array([[one[key] for key in common], [other[key] for key in common]])
    centred = pairs - pairs.mean(axis=1, keepdims=True)
    size = np.sqrt((centred**2).sum(axis=1))
    if (size <= 1e-12 * np.maximum(np.abs(pairs).max(axis=1), 1e-300) * np.sqrt(len(common))).any():
        return None, len(common)
    return float(np.clip((centred[0] @ centred[1]) / (size[0] * size[1]), -1.0, 1.0)), len(common)


def filled(value: float, low: float | None, high: float | None) -> float | None:
    """How full a vessel is (0 to 1) by its level between ``low`` and ``high``; ``None`` where these are not known."""
    if low is None or high is None or high <= low:
        return None
    return min(1.0, max(0.0, (value - low) / (high - low)))
