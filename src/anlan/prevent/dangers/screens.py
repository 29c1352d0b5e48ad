"""Hidden dangers as the desk lists them, their layer on the map, and what stands of them on pages of enterprises and alarms."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from anlan.desk import panels
from anlan.desk.mapping import layers
from anlan.desk.resource import (
    Actions,
    Badge,
    Choice,
    Column,
    DateRange,
    Equals,
    Flag,
    MapPoints,
    PlaceFilter,
    Resource,
    Sheet,
    SheetColumn,
    cells,
    register,
)  # fmt: skip
from anlan.desk.resource.declare import Tone
from anlan.kernel.access import Actor
from anlan.prevent.dangers import door, importing, intake, periods, queries, rules
from anlan.prevent.dangers.models import Danger, PeriodReport

_LIVE = (
    "dangers.found",
    "dangers.imported",
    "dangers.graded",
    "dangers.ordered",
    "dangers.rectified",
    "dangers.verified",
    "dangers.sent_back",
    "dangers.closed",
    "dangers.changed",
    "dangers.listed",
    "dangers.escalated",
)


def _tone(row: Danger) -> Tone:
    """Overdue red, other major ones orange, the rest yellow; what is not graded yet grey."""
    if row.overdue:
        return "red"
    return {rules.MAJOR: "orange", rules.GENERAL: "yellow"}.get(row.grade, "grey")  # type: ignore[return-value]


_PARSERS: dict[str, Callable[[str], Any]] = {
    "uscc": lambda cell: cell.strip().upper(),
    "number": cells.text(60),
    "title": cells.text(120),
    "location": cells.text(160),
    "source": cells.choice(rules.SOURCES),
    "sector": cells.choice(rules.SECTORS),
    "grade": cells.choice(rules.GRADES),
    "order_basis": cells.text(300),
    "responsible_name": cells.text(60),
    "rectified_by_name": cells.text(100),
    "verified_by_name": cells.text(100),
} | dict.fromkeys(("found_at", "deadline", "rectified_at", "closed_at"), cells.moment)
_EXAMPLES = {
    "uscc": "91370102MA3C000000",
    "number": "2026-0001",
    "title": "（示例，导入前删除）配电箱门未关闭",
    "location": "1号车间配电间",
    "found_at": "2026-06-30 09:30",
    "grade": "一般隐患",
    "order_text": "立即关闭并上锁",
    "order_basis": "安全生产法第三十六条",
    "deadline": "2026-07-10",
}


def _sheet_column(name: str) -> SheetColumn:
    return SheetColumn(
        name,
        _(intake.LABELS[name]),
        parse=_PARSERS.get(name, cells.text(4000)),
        required=name in ("uscc", "number", "title", "location", "found_at"),
        example=_EXAMPLES.get(name, ""),
        help=_(intake.HELP[name]) if name in intake.HELP else "",
        unique=name == "number",
        stored_in="source_id" if name == "number" else None,
    )


register(
    Resource(
        code="dangers",
        label=_("事故隐患"),
        model=Danger,
        title="title",
        actions=Actions(view="dangers.view", create="dangers.report", import_="dangers.import", export="dangers.view"),
        columns=(
            Column("title", link=True),
            Column("grade", badge=Badge(cast(Any, rules.GRADE_TONES), quiet=lambda row: row.closed_at is not None)),
            Column("state", label=_("状态"), value=Danger.get_state_label, badge=Badge()),
            Column("enterprise.name", label=_("企业")),
            Column("place_code", label=_("归属地"), place=True),
            Column("deadline", sort=True),
            Column("overdue", label=_("逾期")),
            Column("found_at", sort=True),
            Column("source"),
            Column("location", hidden=True),
            Column("sector", hidden=True),
            Column("criterion", hidden=True),
            Column("listed_level", hidden=True),
            Column("repeated", hidden=True),
            Column("extended", hidden=True, numeric=True),
            Column("external_number", hidden=True),
            Column("found_by_name", hidden=True),
            Column("rectified_at", hidden=True),
            Column("closed_at", hidden=True),
            Column("late", hidden=True),
            Column("exercise", hidden=True),
        ),
        filters=(
            PlaceFilter(label=_("归属地")),
            Choice("grade"),
            Choice("state", label=_("状态"), choices=[(state.code, _(state.label)) for state in rules.FLOW.states]),
            Flag("overdue", label=_("逾期")),
            Choice("sector"),
            Choice("source"),
            Choice("listed_level"),
            Flag("repeated", label=_("重复隐患")),
            DateRange("found_at"),
            DateRange("deadline"),
            Flag("exercise", label=_("演练")),
            Equals("enterprise", label=_("企业"), field="enterprise_id"),
        ),
        order="-found_at",
        search=True,
        joins=("enterprise",),
        navigation="enterprise",
        detail_url="dangers:detail",
        create_url="dangers:report",
        sheet=Sheet(
            tuple(_sheet_column(name) for name in intake.LABELS),
            write=importing.import_dangers,
            resolve=importing.resolve,
        ),
        map=MapPoints("open_longitude", "open_latitude", properties=("title", "state"), tone=_tone, tone_by=("grade", "overdue")),
        empty=_("还没有隐患。检查、自查、举报或报警中发现隐患后，点“新建”登记，手机也可以。"),
        live=_LIVE,
    )
)
layers.describe(
    "dangers",
    _("只显示未销号的隐患"),
    {"red": _("逾期"), "orange": _("重大隐患"), "yellow": _("一般隐患"), "grey": _("待判定")},
)

register(
    Resource(
        code="danger-reports",
        label=_("隐患统计分析表"),
        model=PeriodReport,
        title="title",
        actions=Actions(view="dangers.view", export="dangers.view"),
        columns=(
            Column("period", link=True),
            Column("enterprise.name", label=_("企业")),
            Column("kind"),
            Column("state", label=_("状态"), value=PeriodReport.get_state_label, badge=Badge()),
            Column("due_at", sort=True),
            Column("signed_at"),
            Column("principal_name"),
            Column("place_code", label=_("归属地"), place=True),
        ),
        filters=(
            PlaceFilter(label=_("归属地")),
            Choice("state", label=_("状态"), choices=[(state.code, _(state.label)) for state in periods.FLOW.states]),
            Choice("kind"),
            DateRange("due_at"),
            Equals("enterprise", label=_("企业"), field="enterprise_id"),
        ),
        order="-due_at",
        joins=("enterprise",),
        navigation="enterprise",
        detail_url="dangers:table",
        empty=_("还没有应报的统计表。季度或年度结束后，有隐患记录的企业会自动生成。"),
        live=("dangers.report_signed",),
    )
)


def _actor(request: HttpRequest) -> Actor:
    return cast("Actor", request.actor)  # type: ignore[attr-defined]


def enterprise_panel(subject: Any, request: HttpRequest) -> dict[str, Any]:
    """Dangers of the enterprise whose page is shown, open ones first."""
    actor = _actor(request)
    return {"dangers": door.of_enterprise(subject.pk, actor, limit=10), "may_report": actor.may_somewhere("dangers.report")}


def alarm_panel(subject: Any, request: HttpRequest) -> dict[str, Any] | None:
    """The danger made from the alarm that is shown, or the button that makes it one."""
    actor = _actor(request)
    found = door.of_source(rules.ALARM, subject.pk, actor)
    may = actor.may(
        "dangers.report", place_code=subject.place_code, enterprise_id=subject.enterprise_id, classification=subject.classification
    )
    return {"danger": found, "alarm_id": subject.pk} if found is not None or may else None


panels.register(
    "enterprises.detail",
    "dangers",
    label=_("事故隐患"),
    order=18,
    template="dangers/_enterprise.html",
    provider=enterprise_panel,
    action="dangers.view",
)
panels.register(
    "alarms.detail", "dangers", label=_("事故隐患"), order=20, template="dangers/_alarm.html", provider=alarm_panel, action="dangers.view"
)


def pack_panel(subject: Any, _request: HttpRequest) -> dict[str, Any] | None:
    """The room's own lists and items that the sector pack shown refers to, of any day."""
    told = []
    for row in queries.every_list():
        if row.code in subject.criteria_from:
            items = [each for each in queries.every_criterion() if each.list == row.code]
            items = [each for each in items if not subject.criteria_groups or each.group_zh in subject.criteria_groups]
            told.append(({"name": queries.worded(row, "name"), "document": row.document, "note": queries.worded(row, "note")}, items))
    return {"lists": told} if told else None


panels.register(
    "packs.detail",
    "dangers",
    label=_("适用的重大事故隐患判定标准"),
    order=10,
    template="dangers/_pack.html",
    provider=pack_panel,
    action="dangers.view",
)
