"""What the parameters of each kind are called, how they are asked for, and how they are shown. Words of the pages, not law."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

NUMBER, COUNT, SECONDS, CHOICE, POINT, POINTS, TEXT = "number", "count", "seconds", "choice", "point", "points", "text"


@dataclass(frozen=True)
class Ask:
    """One parameter: its name in :mod:`anlan.wire.criteria`, its label, how it is asked for, and whether it may be left empty."""

    name: str
    label: Any
    how: str = NUMBER
    required: bool = True
    initial: Any = None
    help: Any = ""
    choices: tuple[tuple[str, Any], ...] = ()


WORDS = (("HH", _("高高限")), ("H", _("高限")), ("L", _("低限")), ("LL", _("低低限")))
DIRECTIONS = (("both", _("上升或下降")), ("up", _("上升")), ("down", _("下降")))
COMPARE = ((">=", "≥"), (">", ">"), ("<=", "≤"), ("<", "<"), ("==", "="), ("!=", "≠"))
WEEKDAYS = ((0, _("周一")), (1, _("周二")), (2, _("周三")), (3, _("周四")), (4, _("周五")), (5, _("周六")), (6, _("周日")))

_DWELL = Ask("dwell_s", _("持续多久才报警（秒）"), SECONDS, required=False, initial=0)
_HOLD = Ask("hold_s", _("恢复多久才解除（秒）"), SECONDS, required=False, initial=0)
_STANDING = (
    Ask("for_s", _("不变多久算异常（秒）"), SECONDS),
    Ask("tolerance", _("允许波动（测点单位）"), NUMBER, required=False, initial=0),
    Ask("gap_s", _("读数间隔超过多久重新计时（秒）"), SECONDS, initial=900, help=_("不来数据是失联，不是不变。")),
)

ASKS: Mapping[str, tuple[Ask, ...]] = {
    "LIMIT": (
        Ask("word", _("限值类别"), CHOICE, choices=WORDS, initial="H"),
        Ask("limit", _("限值（测点单位）"), help=_("高限：大于等于即达到；低限：小于等于即达到。")),
        Ask("restore", _("复位值（测点单位）"), required=False, help=_("高限：小于复位值才解除；不填即等于限值。")),
        _DWELL,
        _HOLD,
    ),
    "RATE": (
        Ask("per_minute", _("每分钟变化量（测点单位）")),
        Ask("window_s", _("按多长时间计算（秒）"), SECONDS, required=False, initial=60, help=_("填 0 表示相邻两次读数之间（突变）。")),
        Ask("direction", _("方向"), CHOICE, choices=DIRECTIONS, initial="both"),
        _DWELL,
        _HOLD,
    ),
    "FROZEN": _STANDING,
    "BLOCKED": (
        _STANDING[0],
        Ask("neighbours", _("邻近测点"), POINTS, help=_("每行一个，写作“设备编号/测点编号”。")),
        Ask("moved", _("邻近测点变化超过（测点单位）")),
        *_STANDING[1:],
    ),
    "RANGE": (
        Ask("low", _("下限（测点单位）"), required=False, help=_("不填即按仪表量程。")),
        Ask("high", _("上限（测点单位）"), required=False, help=_("不填即按仪表量程。")),
        _DWELL,
        _HOLD,
    ),
    "DRIFT": (
        Ask("twin", _("比对测点"), POINT, help=_("写作“设备编号/测点编号”。")),
        Ask("difference", _("均值相差达到（测点单位）")),
        Ask("window_s", _("按多长时间求均值（秒）"), SECONDS, initial=3600),
    ),
    "SILENT": (
        Ask("interval_s", _("正常上报周期（秒）"), SECONDS),
        Ask("times", _("超过几个周期无数据算失联"), NUMBER, initial=3),
    ),
    "REPEATED": (Ask("readings", _("连续多少次与前面完全相同"), COUNT, initial=96),),
    "CONFIGURED": (
        Ask("h", _("高限不得高于（测点单位）"), required=False),
        Ask("hh", _("高高限不得高于（测点单位）"), required=False),
    ),
    "COMBINED": (
        Ask("least", _("至少几项成立"), COUNT, required=False, initial=0, help=_("填 0 表示全部。")),
        _DWELL,
        _HOLD,
    ),
    "COLOURS": (
        Ask("blue_points", _("同一项目几个蓝色点计为黄色"), COUNT, initial=4, help=_("填 0 表示不这样累计。")),
        Ask("yellow_points", _("同一项目几个黄色点计为橙色"), COUNT, initial=3),
        Ask("orange_points", _("同一项目几个橙色点计为红色"), COUNT, initial=2),
        Ask("blue_items", _("几个蓝色项目计为黄色"), COUNT, initial=4),
        Ask("hold_s", _("颜色减轻多久才降级（秒）"), SECONDS, required=False, initial=3600),
    ),
    "VIRTUAL": (
        Ask("channel", _("结果写入的测点"), POINT, help=_("先登记一个测点存放结果，写作“设备编号/测点编号”。")),
        Ask("formula", _("公式"), TEXT, help=_("例如 (a - b) / b * 100；可用 abs sqrt exp log log10 min max mean where。")),
        Ask("age_s", _("输入超过多久不再使用（秒）"), SECONDS, initial=3600),
    ),
    "UNIT": (
        Ask("in_a_row", _("连续几个时刻超过阈值才报警"), COUNT, initial=3),
        Ask("age_s", _("读数超过多久不再使用（秒）"), SECONDS, initial=3600, help=_("任一测点超过此时间无读数，暂停判断。")),
    ),
}
"""Plain parameters of each kind, in the order of the form."""

ROWS: Mapping[str, tuple[tuple[str, Any, tuple[Ask, ...]], ...]] = {
    "COMBINED": (
        (
            "conditions",
            _("条件"),
            (
                Ask("channel", _("测点"), POINT),
                Ask("compare", _("比较"), CHOICE, choices=COMPARE, initial=">="),
                Ask("limit", _("数值")),
                Ask("hysteresis", _("回差"), required=False, initial=0),
                Ask("age_s", _("读数有效期（秒）"), SECONDS, required=False, initial=3600),
            ),
        ),
        (
            "states",
            _("状态条件（须全部成立）"),
            (
                Ask("channel", _("测点"), POINT),
                Ask("compare", _("比较"), CHOICE, choices=COMPARE, initial="=="),
                Ask("limit", _("数值")),
                Ask("age_s", _("读数有效期（秒）"), SECONDS, required=False, initial=86400),
            ),
        ),
    ),
    "COLOURS": (
        (
            "indicators",
            _("监测点"),
            (
                Ask("channel", _("测点"), POINT),
                Ask("item", _("监测项目"), TEXT),
                Ask("blue", _("蓝"), required=False),
                Ask("yellow", _("黄"), required=False),
                Ask("orange", _("橙"), required=False),
                Ask("red", _("红"), required=False),
                Ask("downward", _("越小越危险"), "flag", required=False),
            ),
        ),
    ),
    "VIRTUAL": (("inputs", _("输入"), (Ask("name", _("公式中的名称"), TEXT), Ask("channel", _("测点"), POINT))),),
}
"""Parameters that come in rows: name, label, and what a row asks."""
