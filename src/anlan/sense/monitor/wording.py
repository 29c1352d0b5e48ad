"""Words and colours in which watched points are shown."""

from __future__ import annotations

from django.utils.translation import get_language, gettext

from anlan.sense.devices import door as devices
from anlan.sense.devices.door import ListedPoint
from anlan.sense.monitor import rules
from anlan.wire.blocks import DOUBTFUL, EXERCISE, LATE, MAINTENANCE, OUT_OF_RANGE

_ = gettext


def class_label(code: str) -> str:
    """Name of a class of points in the language of the request."""
    known = devices.sensor_class(code)
    if known is None:
        return code
    return known.name_zh if (get_language() or "zh").startswith("zh") else known.name_en


def state_label(state: str, level: int | None) -> str:
    """在线, 离线 … and for an alarm its level."""
    if state == rules.ALARM and level in rules.LEVELS:
        return _(rules.LEVELS[level])
    return _(rules.STATES[state])


def state_tone(state: str, level: int | None) -> str:
    """Colour of a state: a level's for alarms, green only for what reports, grey for the rest."""
    if state == rules.ALARM:
        return rules.LEVEL_TONES.get(level or 0, "red")
    return "green" if state == rules.ONLINE else "grey"


def mark_labels() -> dict[int, str]:
    """What the marks of a reading mean, by bit."""
    return {
        OUT_OF_RANGE: _("超出量程"),
        MAINTENANCE: _("检修中"),
        LATE: _("迟到"),
        EXERCISE: _("演练"),
        DOUBTFUL: _("设备标记为无效"),
    }


def remarks(quality: int) -> list[str]:
    """The marks of one reading in words."""
    return [label for bit, label in mark_labels().items() if quality & bit]


def value_text(point: ListedPoint, value: float) -> str:
    """A value with the decimals of its point, without the unit."""
    return f"{value:.{point.decimals}f}"
