"""Templates that sector packs hold, beside the room's own: read as rules of detection, and refused by the packs' reader where they are none."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from django.utils.translation import gettext

from anlan.desk.refusals import sentence
from anlan.ground.packs import door as packs
from anlan.kernel.errors import NotFound, Refusal
from anlan.sense.criteria import catalogue, rules
from anlan.sense.criteria.catalogue import Part, Template
from anlan.sense.devices import door as devices

GROUP = "packs"
TIMES_SENT = 5
"""A point is silent when so many times its interval passed. Project default, as in the room's own templates."""
_SLUG = re.compile(r"[A-Za-z0-9_-]+")


def templates(day: date) -> tuple[Template, ...]:
    """Templates of every pack in the versions of ``day``; one that this version of the program does not understand is left out."""
    return tuple(_template(each) for each in packs.sensor_templates(day) if why_not(each.row) is None)


def find(code: str, day: date) -> Template:
    """The template named ``code``, of the room or of a pack. Raises ``NotFound``."""
    try:
        return catalogue.template(code)
    except NotFound:
        for each in templates(day):
            if each.code == code:
                return each
        raise


def why_not(row: packs.SensorRow) -> str | None:
    """Why a row is no rule of detection, in the reader's language; ``None`` where it is one."""
    if not _SLUG.fullmatch(row.code):
        return gettext("代码只能用字母、数字、横线和下划线")
    if row.quantity not in {each.code for each in devices.sensor_classes()}:
        return gettext("测点类别 %(code)s 不在清单中") % {"code": row.quantity}
    try:
        rules.check(row.kind, _parameters(row))
    except Refusal as refusal:
        return sentence(refusal)
    return None


def _parameters(row: packs.SensorRow) -> dict[str, Any]:
    held = {name: value for name in ("dwell_s", "hold_s") if (value := getattr(row, name)) is not None}
    match row.kind:
        case "LIMIT":
            gravest = row.level == catalogue.CUT_OFF_LEVEL
            word = ("HH" if gravest else "H") if row.comparison == ">=" else ("LL" if gravest else "L")
            return {"word": word, "limit": row.threshold, **held}
        case "RATE":
            return {"per_minute": row.threshold, **held}
        case "SILENT":
            return {"interval_s": row.threshold, "times": TIMES_SENT}
        case "FROZEN":
            return {"for_s": row.threshold}
        case _:
            return held


def _template(each: packs.SensorTemplate) -> Template:
    row = each.row
    return Template(
        code=each.code,
        group=GROUP,
        name_zh=f"{each.pack_zh}：{row.name_zh}",
        name_en=f"{each.pack_en}: {row.name_en}",
        rules=(Part(row.kind, row.level, _parameters(row)),),
        source=row.source,
        status=row.status,
        article=row.article,
        sensor_class=row.quantity,
        effective_from=row.effective_from,
        note_zh="；".join(filter(None, (row.place_zh, row.unit, row.note_zh))),
        note_en="; ".join(filter(None, (row.place_en, row.unit, row.note_en))),
    )
