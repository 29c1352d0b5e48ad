"""What is hung up in the plant, on A4: the notice board of major and relatively large risks with the four-colour plan, and an object's card."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import cast
from uuid import UUID

import segno
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from anlan.desk.documents import Block, Document, Heading, Pairs, Paragraph, Picture, Table
from anlan.desk.documents.blocks import Tone
from anlan.desk.documents.map_picture import MapPicture, ShownArea, ShownMark, svg
from anlan.ground.enterprises import door as enterprises
from anlan.ground.places import door as places
from anlan.kernel.access import Actor
from anlan.prevent.risks import door, queries, rules
from anlan.prevent.risks.models import RiskEvent, RiskObject

_MODULE = 10
"""Width of one square of the code in the drawing's own units; it says nothing of its size on paper."""
_EMERGENCY = "emergency"


def board(enterprise_id: UUID, actor: Actor, now: datetime) -> Document:
    """The notice board of an enterprise: its plan in four colours, and every event that is major or relatively large before its measures.

    Raises ``NotFound`` for an enterprise that ``actor`` may not see.
    """
    enterprise = enterprises.enterprise(enterprise_id, actor)
    objects = door.objects_of(enterprise.id, actor)
    events = queries.events(actor).filter(enterprise_id=enterprise.id, in_use=True, object__in_use=True)
    grave = list(
        events.filter(initial_grade__in=rules.BOARD_GRADES).prefetch_related("measures").order_by("initial_grade", "object__name_key")
    )
    blocks: list[Block] = []
    if drawing := _plan(enterprise.id, objects):
        blocks += [Heading(_("风险四色图")), Picture(drawing, caption=_("按剩余风险的最高等级着色"))]
    blocks.append(Heading(_("重大风险和较大风险")))
    blocks.append(_board_table(grave) if grave else Paragraph(_("没有重大风险和较大风险。")))
    return _document(_("重大风险、较大风险公告栏"), enterprise.name, blocks, grave, now)


def _board_table(events: Iterable[RiskEvent]) -> Table:
    header = (_("风险点"), _("风险事件与后果"), _("初始风险"), _("剩余风险"), _("管控措施"), _("应急措施"), _("管控层级"))
    rows = tuple(
        (
            f"{event.object.name}\n{event.unit.name}",
            "\n".join(filter(None, (event.title, event.consequence))),
            _graded(event.initial_grade, event),
            _graded(event.residual_grade, event),
            _measures(event, emergency=False),
            _measures(event, emergency=True),
            "\n".join(filter(None, (queries.label("levels", event.level), event.responsible_name))),
        )
        for event in events
    )
    return Table(header, rows, (1.2, 1.7, 0.9, 0.9, 2.0, 1.5, 0.9))


def _graded(grade: int, event: RiskEvent) -> str:
    return queries.grade_label(grade) + (f"\n（{_('未核实')}）" if event.unverified else "")


def _measures(event: RiskEvent, *, emergency: bool) -> str:
    rows = [row for row in event.measures.all() if row.in_use and (row.kind == _EMERGENCY) == emergency]  # type: ignore[attr-defined]
    return "\n".join(row.text for row in rows) or "—"


def _plan(enterprise_id: UUID, objects: Iterable[door.RiskObjectSummary]) -> str:
    """The plan as a drawing: site boundaries, and a numbered mark for each object in its colour; empty where nothing has a place."""
    marks = [
        ShownMark((row.longitude, row.latitude), cast("Tone", row.tone), f"{row.name} {row.grade_label}")
        for row in objects
        if row.longitude is not None and row.latitude is not None
    ]
    areas = [
        ShownArea([site.boundary["coordinates"]], "", _("厂区边界"), dashed=True)  # type: ignore[list-item]
        for site in enterprises.sites_of(enterprise_id)
        if site.boundary is not None and site.boundary.get("type") == "Polygon"
    ]
    if not marks:
        return ""
    height = max(560, 60 + 26 * len(marks))
    return svg(MapPicture(areas=areas, marks=marks, north=_("北"), metres=_("米"), kilometres=_("公里"), height_px=height))


def card(row: RiskObject, address: str, actor: Actor, now: datetime) -> Document:
    """The card of one object (风险告知卡), with a code that opens its page at ``address`` for those who may see it."""
    events = list(queries.events(actor).filter(object=row, in_use=True).prefetch_related("measures").order_by("initial_grade", "title"))
    header = (_("风险事件与后果"), _("风险等级"), _("管控措施"), _("应急措施"))
    lines = tuple(
        (
            "\n".join(filter(None, (f"{event.unit.name}：{event.title}", event.consequence))),
            _graded(event.residual_grade, event),
            _measures(event, emergency=False),
            _measures(event, emergency=True),
        )
        for event in events
    )
    facts = (
        (_("编号"), row.code),
        (_("剩余风险"), queries.grade_label(row.residual_grade)),
        (_("责任人"), row.responsible_name or "—"),
        (_("位置"), row.location or places.full_name(row.place_code)),
        (_("火警、急救"), "119　120"),
    )
    blocks: list[Block] = [Pairs(facts), Table(header, lines, (2.0, 0.9, 2.0, 1.6)) if lines else Paragraph(_("还没有风险事件。"))]
    blocks.append(Picture(_code(address), caption=_("扫码查看现行内容和排查记录（须登录）")))
    return _document(_("安全风险告知卡：%(name)s") % {"name": row.name}, row.enterprise.name, blocks, events, now)


def _code(address: str) -> str:
    """The address as a code in the middle third of the width."""
    code = segno.make(address, error="m")
    side = code.symbol_size(border=4)[0] * _MODULE
    inner = code.svg_inline(scale=_MODULE, border=4, dark="#000", light="#fff", omitsize=True)
    placed = inner.replace("<svg", f'<svg x="{2 * side}" y="0" width="{side}" height="{side}"', 1)
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {5 * side} {side}" width="{5 * side}" height="{side}">{placed}</svg>'


def _document(title: str, organ: str, blocks: list[Block], events: Iterable[RiskEvent], now: datetime) -> Document:
    if any(event.unverified for event in events):
        blocks.append(Paragraph(_("标“未核实”的等级，其分级界值没有与原文核对，可由节点调整。")))
    return Document(
        title=title,
        organ=organ,
        date=f"{timezone.localtime(now):%Y-%m-%d}",
        blocks=tuple(blocks),
        foot=_("由安澜平台生成于 {at}").format(at=f"{timezone.localtime(now):%Y-%m-%d %H:%M}"),
        page=_("第 {page} 页，共 {pages} 页"),
        language="en" if get_language() == "en" else "zh",
        letterhead=False,
    )
