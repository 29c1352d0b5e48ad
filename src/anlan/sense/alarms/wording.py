"""Words and colours in which alarms are shown."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from django.utils.translation import get_language, gettext

from anlan.desk.resource.declare import Tone
from anlan.kernel.words import N_
from anlan.sense.alarms import rules, tables
from anlan.sense.alarms.models import LEVELS, Alarm, EscalationRecord
from anlan.wire.blocks import DOUBTFUL, MAINTENANCE

LEVEL_TONES: dict[int, Tone] = {1: "red", 2: "orange", 3: "yellow", 4: "blue"}
STATE_TONES: dict[str, Tone] = {rules.CLOSED: "green"}
_SENTENCES: dict[str, str] = {
    "RATE": N_("变化过快：每分钟 %(per_minute)s，限值 %(limit)s；当时读数 %(value)s"),
    "FROZEN": N_("读数已 %(seconds)s 秒没有变化，停在 %(value)s"),
    "BLOCKED": N_("读数已 %(seconds)s 秒没有变化而相邻测点在变，疑似堵塞或遮挡；停在 %(value)s"),
    "RANGE": N_("读数 %(value)s 超出 %(low)s 至 %(high)s"),
    "DRIFT": N_("与参照测点相差 %(difference)s，限值 %(limit)s"),
    "SILENT": N_("测点没有数据，应每 %(interval_s)s 秒上报一次；设备链路正常"),
    "LINK": N_("链路中断，其后 %(points)s 个测点没有数据（设备 %(device)s，接入账号 %(credential)s）"),
    "REPEATED": N_("最近 %(readings)s 个读数逐一重复 %(lag)s 个之前的读数，疑似回放数据"),
    "CONFIGURED": N_("测点阈值未按规定设置，规定值 %(limit)s"),
    "COMBINED": N_("组合条件成立：%(count)s 项同时满足"),
    "COLOURS": N_("综合预警等级变化：%(colour)s"),
    "UNIT": N_("工艺单元整体偏离正常工况，统计量为阈值的 %(value)s 倍"),
}
"""What the kinds say, with their facts; the others compare a value with a limit."""


def state_label(row: Alarm) -> str:
    """Both axes in words."""
    return gettext(rules.FLOW.state(row.state).label)


def kind_label(kind: str) -> str:
    """What sort of alarm it is."""
    return gettext(rules.KINDS.get(kind, kind))


def level_label(level: int) -> str:
    """A level with its colour."""
    return str(dict(LEVELS)[level])


def escalated(record: EscalationRecord, labels: Mapping[str, str]) -> str:
    """The last rung an alarm climbed, in a few words."""
    names = "、".join(name for _key, name in record.told) or gettext("无人担任")
    return f"{post_label(record.post_kind, labels)} {names}"


def in_english() -> bool:
    """Whether the page is read in English."""
    return (get_language() or "").startswith("en")


def finding_label(code: str) -> str:
    """What an alarm turned out to be."""
    found = tables.finding(code)
    if found is None:
        return code
    return found.name_en if in_english() else found.name_zh


def post_label(kind: str, labels: Mapping[str, str]) -> str:
    """A kind of post in the reader's language."""
    return gettext(labels[kind]) if kind in labels else kind


def says(row: Alarm) -> str:
    """What the alarm says, in one sentence of the reader's language."""
    facts, value = row.facts, f"{row.value:g} {row.unit}".strip()
    figures = {"value": value, "limit": f"{row.limit:g} {row.unit}".strip(), **{name: _figure(each) for name, each in facts.items()}}
    sentence = _SENTENCES.get(row.kind)
    if row.kind == rules.HAPPENED:
        return gettext("设备报告：%(said)s") % {"said": " · ".join(part for part in (row.said, row.part, row.rule) if part)}
    if sentence is None:
        return gettext("报警：%(value)s，限值 %(limit)s") % figures
    if any(f"%({name})s" in sentence and name not in figures for name in _NEEDED):
        return kind_label(row.kind)
    return gettext(sentence) % {"low": "—", "high": "—", "credential": "—", "device": "—", **figures}


_NEEDED = ("points", "per_minute", "seconds", "colour", "difference", "readings", "lag", "count", "interval_s")
"""Facts without which a sentence says nothing."""
_FACT_LABELS: dict[str, str] = {
    "points": N_("受影响测点数"),
    "credential": N_("接入凭证"),
    "device": N_("设备"),
    "per_minute": N_("每分钟变化"),
    "seconds": N_("持续秒数"),
    "low": N_("下限"),
    "high": N_("上限"),
    "difference": N_("偏差"),
    "interval_s": N_("应报间隔（秒）"),
    "readings": N_("读数个数"),
    "lag": N_("重复间隔"),
    "count": N_("满足条件数"),
    "colour": N_("颜色"),
    "set_h": N_("已设高限"),
    "wanted_h": N_("规定高限"),
    "set_hh": N_("已设高高限"),
    "wanted_hh": N_("规定高高限"),
    "state": N_("工况内偏离（阈值的倍数）"),
    "residual": N_("关系偏离（阈值的倍数）"),
}
_SHOWN_ELSEWHERE = ("channel_", "share_")
"""Facts of a process unit that name points: the page shows them as a list (:func:`naming.contributions`)."""


def facts(row: Alarm) -> list[tuple[str, str]]:
    """The figures behind an alarm with their names; one without a name by its code."""
    shown = row.facts.items() if row.kind != "UNIT" else [each for each in row.facts.items() if not each[0].startswith(_SHOWN_ELSEWHERE)]
    return [(gettext(_FACT_LABELS[name]) if name in _FACT_LABELS else name, _figure(value)) for name, value in shown]


def _figure(value: object) -> str:
    return f"{value:g}" if isinstance(value, float | int) else str(value)


def quality_marks(row: Alarm) -> list[str]:
    """What is to be known of the reading behind it, in words."""
    marks = []
    if row.quality & DOUBTFUL:
        marks.append(gettext("读数存疑"))
    if row.quality & MAINTENANCE:
        marks.append(gettext("检修中"))
    return marks


def duration(length: timedelta) -> str:
    """A length of time in the two largest units: 3 分 20 秒, 2 小时 5 分, 4 天 1 小时."""
    seconds = max(0, int(length.total_seconds()))
    if seconds < 60:
        return gettext("%(seconds)s 秒") % {"seconds": seconds}
    if seconds < 3600:
        return gettext("%(minutes)s 分 %(seconds)s 秒") % {"minutes": seconds // 60, "seconds": seconds % 60}
    if seconds < 86400:
        return gettext("%(hours)s 小时 %(minutes)s 分") % {"hours": seconds // 3600, "minutes": seconds % 3600 // 60}
    return gettext("%(days)s 天 %(hours)s 小时") % {"days": seconds // 86400, "hours": seconds % 86400 // 3600}
