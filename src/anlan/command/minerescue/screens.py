"""The list of operations as the desk shows it, and the panel on the page of an incident at a mine."""

from __future__ import annotations

from typing import Any, cast

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from anlan.command.minerescue import door, rules
from anlan.command.minerescue.models import Operation
from anlan.desk import panels
from anlan.desk.resource import Actions, Badge, Choice, Column, DateRange, Flag, PlaceFilter, Resource, register
from anlan.ground.enterprises import door as enterprises
from anlan.kernel import clock
from anlan.kernel.access import Actor

register(
    Resource(
        code="mine-rescues",
        label=_("矿山救护"),
        model=Operation,
        title="title",
        actions=Actions(view="minerescue.view", export="minerescue.view"),
        columns=(
            Column("title", link=True),
            Column("state", label=_("状态"), value=Operation.get_state_label, badge=Badge()),
            Column("enterprise"),
            Column("disaster", value=Operation.get_disaster_display),
            Column("place_code", label=_("归属地"), place=True),
            Column("opened_at", label=_("开设时间"), sort=True),
            Column("closed_at", label=_("结束时间"), hidden=True),
            Column("exercise", hidden=True),
        ),
        filters=(
            PlaceFilter(label=_("归属地")),
            Choice("state", label=_("状态"), choices=[(state.code, _(state.label)) for state in rules.OPERATION_FLOW.states]),
            DateRange("opened_at", label=_("开设时间")),
            Flag("exercise", label=_("演练")),
        ),
        order="-opened_at",
        navigation="incident",
        detail_url="minerescue:detail",
        empty=_("没有矿山救护。可从煤矿、非煤矿山的突发事件页面开设。"),
        live=("minerescue.changed",),
    )
)


def incident_panel(subject: Any, request: HttpRequest) -> dict[str, Any] | None:
    """The operation of the incident whose page is shown, or how to open one; nothing where the incident is at no mine."""
    if subject.enterprise_id is None or enterprises.enterprise(subject.enterprise_id).sector_code not in rules.MINES:
        return None
    actor = cast("Actor", request.actor)  # type: ignore[attr-defined]
    found = door.of_incident(subject.pk, actor, clock.now())
    may = found is None and not subject.is_closed
    return {
        "operation": found,
        "incident_id": subject.pk,
        "disasters": [(code, _(label)) for code, label in rules.DISASTERS.items()],
        "may_open": may and actor.may("minerescue.record", place_code=subject.place_code, classification=subject.classification),
    }


panels.register(
    "incidents.detail",
    "minerescue",
    label=_("矿山救护"),
    order=5,
    template="minerescue/_panel.html",
    provider=incident_panel,
    action="minerescue.view",
)
