"""Major hazard units as the desk lists them, their layer on the map, things to do, and what stands of them on pages of lower rooms."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, time, timedelta
from typing import Any, cast

from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from anlan.desk import panels, todo
from anlan.desk.mapping import layers
from anlan.desk.resource import Actions, Badge, Choice, Column, DateRange, Equals, Flag, MapPoints, PlaceFilter, Resource, register
from anlan.desk.todo import Todo
from anlan.ground.places import door as places
from anlan.kernel.access import Actor
from anlan.ledger.scope import visible
from anlan.ledger.sources import law_day
from anlan.prevent.hazardsources import door, presenting, queries, reassessing, rules, tables
from anlan.prevent.hazardsources.models import Filing, HazardUnit, Reassessment

_STATES = [(state.code, _(state.label)) for state in rules.FLOW.states]

register(
    Resource(
        code="hazard-units",
        label=_("重大危险源单元"),
        model=HazardUnit,
        actions=Actions(view="hazardsources.view", create="hazardsources.register", export="hazardsources.export"),
        columns=(
            Column("name", link=True, sort="name_key"),
            Column("code"),
            Column("enterprise.name", label=_("企业")),
            Column(
                "major_level",
                label=_("等级"),
                value=lambda row: presenting.level_told(row.is_major, row.major_level),
                badge=Badge(),
            ),
            Column("s", numeric=True),
            Column("r", numeric=True),
            Column("to_reassess"),
            Column("filing_state", label=_("备案"), value=lambda row: presenting.state_told(row.filing_state), badge=Badge()),
            Column("next_due_on", sort=True),
            Column("place_code", label=_("归属地"), place=True),
            Column("kind", hidden=True),
            Column("assessed_at", hidden=True),
            Column("extent", hidden=True),
        ),
        filters=(
            PlaceFilter(label=_("归属地")),
            Choice("major_level", label=_("等级")),
            Flag("is_major"),
            Flag("to_reassess"),
            Choice("filing_state", label=_("备案"), choices=_STATES),
            Choice("kind"),
            DateRange("next_due_on"),
            Equals("enterprise", label=_("企业"), field="enterprise_id"),
        ),
        order="name_key",
        search=True,
        joins=("enterprise",),
        navigation="enterprise",
        detail_url="hazardsources:unit",
        create_url="hazardsources:register",
        map=MapPoints(properties=("name", "code", "major_level"), tone=presenting.tone_of, tone_by=("is_major", "major_level")),
        empty=_("还没有单元。点“新建”为企业登记生产单元或储存单元，填写物质清单后按 GB 18218 辨识分级。"),
        live=("hazardsources.changed", "hazardsources.assessed", "hazardsources.reassess", "hazardsources.filing"),
    )
)
layers.describe(
    "hazard-units",
    _("按 GB 18218-2018 分级"),
    {
        "red": _("一级"),
        "orange": _("二级"),
        "yellow": _("三级"),
        "blue": _("四级"),
        "green": _("不构成重大危险源"),
        "grey": _("未评估"),
    },
)

register(
    Resource(
        code="hazard-filings",
        label=_("重大危险源备案"),
        model=Filing,
        title="title",
        actions=Actions(view="hazardsources.view", export="hazardsources.export"),
        columns=(
            Column("title", link=True),
            Column("enterprise.name", label=_("企业")),
            Column("level"),
            Column("state", label=_("状态"), value=Filing.get_state_label, badge=Badge()),
            Column("due_at", sort=True),
            Column("submitted_at"),
            Column("receipt_number"),
            Column("place_code", label=_("归属地"), place=True),
            Column("opened_at", sort=True, hidden=True),
            Column("contact_name", hidden=True),
            Column("decided_at", hidden=True),
            Column("decided_by_name", hidden=True),
        ),
        filters=(
            PlaceFilter(label=_("归属地")),
            Choice("state", label=_("状态"), choices=_STATES),
            Choice("level"),
            DateRange("due_at"),
            Equals("enterprise", label=_("企业"), field="enterprise_id"),
        ),
        order="-opened_at",
        joins=("enterprise",),
        navigation="enterprise",
        detail_url="hazardsources:filing",
        empty=_("还没有备案。单元评估为重大危险源后自动生成待报送的备案。"),
        live=("hazardsources.filing", "hazardsources.assessed"),
    )
)


def waiting(actor: Actor, now: datetime) -> Iterable[Todo]:
    """Units to assess anew, and those whose three years end soon, for whoever may assess them."""
    mine = visible(HazardUnit.objects.all(), actor, "hazardsources.assess")
    kind = gettext("重新评估")
    open_ones = Reassessment.objects.filter(unit__in=mine.filter(to_reassess=True), closed_at__isnull=True).select_related("unit")
    for row in open_ones.order_by("at")[: todo.PER_SOURCE]:
        yield Todo(
            title=row.unit.name,
            kind=kind,
            url=queries.address(row.unit_id),
            what=reassessing.said(row, gettext),
            place=places.place_name(row.unit.place_code),
            since=row.at,
            overdue=row.trigger == rules.THREE_YEARS,
            subject=row.unit_id,
        )
    today = law_day(now)
    soon = today + timedelta(days=tables.parameter("remind_days", today).value)
    for unit in mine.filter(to_reassess=False, next_due_on__lte=soon).order_by("next_due_on")[: todo.PER_SOURCE]:
        until = datetime.combine(cast("Any", unit.next_due_on), time.max, queries.CHINA)
        yield Todo(
            title=unit.name,
            kind=kind,
            url=queries.address(unit.pk),
            what=gettext("三年评估即将到期"),
            place=places.place_name(unit.place_code),
            until=until,
            overdue=until < now,
            subject=unit.pk,
        )


todo.register("hazardsources", waiting)


def _actor(request: HttpRequest) -> Actor:
    return cast("Actor", request.actor)  # type: ignore[attr-defined]


def enterprise_panel(subject: Any, request: HttpRequest) -> dict[str, Any]:
    """Units of the enterprise whose page is shown, the gravest first."""
    actor = _actor(request)
    units = [(row, presenting.level_told(row.is_major, row.major_level)) for row in door.units_of(subject.pk, actor)[:20]]
    may = actor.may(
        "hazardsources.register", place_code=subject.place_code, enterprise_id=subject.pk, classification=subject.classification
    )
    return {"units": units, "may_register": may, "enterprise_id": subject.pk, "tones": rules.LEVEL_TONES}


def source_panel(subject: Any, request: HttpRequest) -> dict[str, Any] | None:
    """The unit that grades the hazard source that is shown."""
    unit = door.unit_of_source(subject.pk, _actor(request))
    return None if unit is None else {"unit": unit, "level": presenting.level_told(unit.is_major, unit.major_level)}


panels.register(
    "enterprises.detail",
    "hazard-units",
    label=_("重大危险源单元"),
    order=12,
    template="hazardsources/_enterprise.html",
    provider=enterprise_panel,
    action="hazardsources.view",
    shape="half",
)
panels.register(
    "risksources.detail",
    "hazard-unit",
    label=_("所属单元与分级"),
    order=10,
    template="hazardsources/_source.html",
    provider=source_panel,
    action="hazardsources.view",
)
