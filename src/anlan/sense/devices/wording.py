"""Words and colours in which devices are shown."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils.translation import get_language, gettext

from anlan.desk.resource.declare import Tone
from anlan.kernel.words import N_
from anlan.sense.devices import classes, rules
from anlan.sense.devices.door import LinkState

STATE_TONES: dict[str, Tone] = {rules.IN_USE: "green"}
CREDENTIAL_TONES: dict[str, Tone] = {rules.ACTIVE: "green"}
LEVEL_TONES: dict[int, Tone] = {1: "red", 2: "orange", 3: "yellow", 4: "blue"}
LINK_TONES: dict[str, Tone] = {rules.UP: "green", rules.DOWN: "red", rules.NEVER: "grey"}
LINK_REASONS: dict[str, str] = {
    "closed": N_("连接已关闭"),
    "closed_by_sender": N_("设备主动断开"),
    "timed_out": N_("长时间没有数据"),
    "not_stored": N_("数据流暂时不能保存"),
    "gateway_restarted": N_("网关重新启动"),
    "too_many_refusals": N_("多次身份核对失败"),
    "unreachable": N_("无法连接设备"),
    "no_answer": N_("设备没有应答"),
    "bad_answer": N_("设备应答有误"),
    "no_file": N_("超过时限没有新文件"),
}
"""Why a line is down, for the words that gateways and fetchers use."""
RANGES: dict[int, str] = {1: "1h", 6: "6h", 24: "24h", 168: "7d", 720: "30d"}
"""Lengths of a chart in hours."""


def class_label(code: str) -> str:
    """Name of a class of points in the language of the request."""
    known = classes.by_code().get(code)
    if known is None:
        return code
    return known.name_zh if (get_language() or "zh").startswith("zh") else known.name_en


def class_choices() -> list[tuple[str, str]]:
    """Every class by code with its name and unit."""
    return [(row.code, f"{class_label(row.code)}{f'（{row.unit}）' if row.unit else ''}") for row in classes.table()]


def link_label(line: LinkState, now: datetime) -> str:
    """在线, 离线 12 分钟, 未接入."""
    label = gettext(rules.LINK_STATES[line.state])
    if line.state != rules.DOWN or line.since is None:
        return label
    minutes = max(0, int((now - line.since).total_seconds() // 60))
    if minutes < 1:
        return label
    if minutes < 60:
        return gettext("离线 %(n)s 分钟") % {"n": minutes}
    if minutes < 2 * 1440:
        return gettext("离线 %(n)s 小时") % {"n": minutes // 60}
    return gettext("离线 %(n)s 天") % {"n": minutes // 1440}


def link_reason(word: str) -> str:
    """Why a line is down, in words; a word that nobody explained is shown as it is."""
    return gettext(LINK_REASONS[word]) if word in LINK_REASONS else word


def kind_label(kind: str) -> str:
    """高高限 and so on, with the short name that every control room knows."""
    return f"{gettext(rules.KIND_LABELS[kind])} {kind}"


def time_format(length: timedelta) -> str:
    """Format of times on a chart's axis."""
    return "H:i" if length <= timedelta(days=1) else ("m-d H:i" if length <= timedelta(days=3) else "m-d")
