"""The list of consultations as the desk shows it, and the panels on the pages of an incident and of a warning."""

from __future__ import annotations

from typing import Any, cast

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from anlan.command.consultation import door, queries, rules
from anlan.command.consultation.models import Consultation
from anlan.desk import panels
from anlan.desk.resource import Actions, Badge, Choice, Column, DateRange, Equals, Flag, PlaceFilter, Resource, register
from anlan.kernel.access import Actor

register(
    Resource(
        code="consultations",
        label=_("会商"),
        model=Consultation,
        title="title",
        actions=Actions(view="consultation.view", create="consultation.call", export="consultation.view"),
        columns=(
            Column("title", link=True),
            Column("state", label=_("状态"), value=Consultation.get_state_label, badge=Badge()),
            Column("starts_at", sort=True),
            Column("organisation_name"),
            Column("chair_name"),
            Column("place_code", label=_("归属地"), place=True),
            Column("signed_at", sort=True, hidden=True),
            Column("called_by_name", hidden=True),
            Column("exercise", hidden=True),
        ),
        filters=(
            PlaceFilter(label=_("归属地")),
            Choice("state", label=_("状态"), choices=[(state.code, _(state.label)) for state in rules.FLOW.states]),
            DateRange("starts_at"),
            Flag("exercise", label=_("演练")),
            Equals("incident", label=_("所属事件"), field="incident_id"),
        ),
        order="-starts_at",
        visible_to=queries.consultations,
        navigation="incident",
        detail_url="consultation:detail",
        create_url="consultation:create",
        empty=_("没有会商。可从突发事件或预警页面召集，也可点“新建”。"),
        live=("consultation.changed", "consultation.signed"),
    )
)


def incident_panel(subject: Any, request: HttpRequest) -> dict[str, Any]:
    """Consultations about the incident whose page is shown."""
    actor = cast("Actor", request.actor)  # type: ignore[attr-defined]
    may = not subject.is_closed and actor.may("consultation.call", place_code=actor.place_code)
    return {"consultations": door.of_incident(subject.pk, actor), "may_call": may, "about": "incident_id", "about_id": subject.pk}


def bulletin_panel(subject: Any, request: HttpRequest) -> dict[str, Any]:
    """Consultations about the warning whose page is shown."""
    actor = cast("Actor", request.actor)  # type: ignore[attr-defined]
    may = not subject.is_closed and actor.may("consultation.call", place_code=actor.place_code)
    return {"consultations": door.of_bulletin(subject.pk, actor), "may_call": may, "about": "bulletin_id", "about_id": subject.pk}


for _page, _provider in (("incidents.detail", incident_panel), ("bulletins.detail", bulletin_panel)):
    panels.register(
        _page,
        "consultation",
        label=_("会商"),
        order=13,
        template="consultation/_panel.html",
        provider=_provider,
        action="consultation.view",
    )
