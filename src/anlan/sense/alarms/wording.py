"""Words and colours in which alarms are shown."""

from __future__ import annotations

from datetime import timedelta

from django.utils.translation import gettext

from anlan.desk.resource.declare import Tone
from anlan.sense.alarms import rules
from anlan.sense.alarms.models import Alarm

LEVEL_TONES: dict[int, Tone] = {1: "red", 2: "orange", 3: "yellow", 4: "blue"}
STATE_TONES: dict[str, Tone] = {rules.CLOSED: "green"}


def state_label(row: Alarm) -> str:
    """Both axes in words."""
    return gettext(rules.FLOW.state(row.state).label)


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
