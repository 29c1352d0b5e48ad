"""The list of evacuations as the desk shows it, and the panel on an incident's page."""

from __future__ import annotations

from typing import Any, cast

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from anlan.command.evacuation import door, rules
from anlan.command.evacuation.models import Evacuation
from anlan.desk import panels
from anlan.desk.resource import Actions, Badge, Choice, Column, DateRange, Equals, Flag, PlaceFilter, Resource, register
from anlan.kernel.access import Actor

register(
    Resource(
        code="evacuations",
        label=_("人员疏散"),
        model=Evacuation,
        title="title",
        actions=Actions(view="evacuation.view", create="evacuation.prepare", export="evacuation.view"),
        columns=(
            Column("title", link=True),
            Column("state", label=_("状态"), value=Evacuation.get_state_label, badge=Badge()),
            Column("place_code", label=_("归属地"), place=True),
            Column("ordered_at", sort=True),
            Column("ordered_by_name"),
            Column("emptied_at", sort=True),
            Column("closed_at", label=_("结束时间"), hidden=True),
            Column("prepared_by_name", hidden=True),
            Column("exercise", hidden=True),
        ),
        filters=(
            PlaceFilter(label=_("归属地")),
            Choice("state", label=_("状态"), choices=[(state.code, _(state.label)) for state in rules.FLOW.states]),
            DateRange("ordered_at"),
            Flag("exercise", label=_("演练")),
            Equals("incident", label=_("所属事件"), field="incident_id"),
        ),
        order="-opened_at",
        navigation="incident",
        detail_url="evacuation:detail",
        create_url="evacuation:create",
        empty=_("没有人员疏散。可从突发事件或研判页面编制，也可点“新建”。"),
        live=("evacuation.ordered", "evacuation.changed", "evacuation.closed"),
    )
)


def incident_panel(subject: Any, request: HttpRequest) -> dict[str, Any]:
    """Evacuations of the incident whose page is shown."""
    actor = cast("Actor", request.actor)  # type: ignore[attr-defined]
    may = not subject.is_closed and actor.may("evacuation.prepare", place_code=subject.place_code, classification=subject.classification)
    return {"evacuations": door.of_incident(subject.pk, actor), "may_prepare": may, "incident_id": subject.pk}


panels.register(
    "incidents.detail",
    "evacuation",
    label=_("人员疏散"),
    order=12,
    template="evacuation/_panel.html",
    provider=incident_panel,
    action="evacuation.view",
)
