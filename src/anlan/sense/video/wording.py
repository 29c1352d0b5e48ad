"""States and kinds of video in words and tones, for pages."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from anlan.desk.resource.declare import Tone
from anlan.sense.video import rules
from anlan.wire.gb28181 import codes

LINE_TONES: dict[str, Tone] = {rules.ONLINE: "green", rules.OFFLINE: "grey", rules.NEVER: "grey"}
STATE_TONES: dict[str, Tone] = {rules.IN_USE: "green"}


def kind_label(kind: str) -> str:
    """A happening's kind in the language of the request."""
    protocol, _dot, word = kind.partition(".")
    if protocol == "video" and (row := rules.event_kinds().get(word)) is not None:
        return row.name_en if get_language() == "en" else row.name_zh
    label = rules.kind_label(kind)
    if get_language() == "en":
        english = next((row.name_en for row in codes.rows() if row.name_zh == label and row.table.startswith("alarm")), "")
        return english or _(label)
    return label


def code_facts(code: str) -> list[tuple[str, str]]:
    """What a 20-digit code says, as label and value; empty where it is none."""
    if not codes.is_code(code):
        return []
    found = codes.decode_code(code)
    english = {row.name_zh: row.name_en for row in codes.rows()} if get_language() == "en" else {}

    def named(number: str, name: str) -> str:
        return f"{number} {english.get(name, name)}".strip()

    return [
        (_("中心编码"), f"{found.place}{found.unit}"),
        (_("行业编码"), named(found.industry, found.industry_name)),
        (_("类型编码"), named(found.type, found.type_name)),
        (_("网络标识"), named(found.network, found.network_name)),
        (_("序号"), found.serial),
    ]


def since(moment: datetime | None, now: datetime) -> str:
    """How long ago, roughly: 5 分钟, 3 小时, 2 天."""
    if moment is None:
        return ""
    minutes = max(0, int((now - moment).total_seconds() // 60))
    if minutes < 60:
        return _("%(n)s 分钟") % {"n": minutes}
    if minutes < 48 * 60:
        return _("%(n)s 小时") % {"n": minutes // 60}
    return _("%(n)s 天") % {"n": minutes // 1440}
