"""The list of consultations as the desk shows it, and the panels on the pages of an incident and of a warning."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, cast
from uuid import UUID

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


def _panel(of: Callable[[UUID, Actor], Sequence[door.ConsultationSummary]], about: str) -> panels.Provider:
    """Consultations about the record whose page is shown, and the way to call one; ``about``: how that page names the record."""

    def provider(subject: Any, request: HttpRequest) -> dict[str, Any]:
        actor = cast("Actor", request.actor)  # type: ignore[attr-defined]
        may = not subject.is_closed and actor.may("consultation.call", place_code=actor.place_code)
        return {"consultations": of(subject.pk, actor), "may_call": may, "about": about, "about_id": subject.pk}

    return provider


for _page, _provider in (
    ("incidents.detail", _panel(door.of_incident, "incident_id")),
    ("bulletins.detail", _panel(door.of_bulletin, "bulletin_id")),
):
    panels.register(
        _page,
        "consultation",
        label=_("会商"),
        order=13,
        template="consultation/_panel.html",
        provider=_provider,
        action="consultation.view",
    )
