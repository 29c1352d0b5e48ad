"""The list of incidents as a resource of the desk; panels on the pages of enterprises and filings."""

from __future__ import annotations

from typing import Any, cast

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from anlan.command.incidents import door, rules
from anlan.command.incidents.models import Incident
from anlan.desk import panels
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
    register,
)
from anlan.kernel.access import Actor
from anlan.report.filings import door as filings


def _state_choices() -> list[tuple[str, Any]]:
    return [(state.code, _(state.label)) for state in rules.INCIDENT_FLOW.states]


register(
    Resource(
        code="incidents",
        label=_("突发事件"),
        model=Incident,
        actions=Actions(view="incidents.view", create="incidents.open", export="incidents.view"),
        title="title",
        columns=(
            Column("title", link=True),
            Column("state", value=lambda record: record.get_state_label(), badge=Badge()),
            Column("kind", value=lambda record: filings.kind_name(record.kind)),
            Column("level_code", value=lambda record: filings.level_name(record.level_code) or "—"),
            Column("place_code", label=_("发生地"), place=True),
            Column("occurred_at", sort=True),
            Column("opened_at", label=_("立案时间"), sort=True),
            Column("opened_by_name"),
            Column("exercise", hidden=True),
        ),
        filters=(
            Choice("state", choices=_state_choices),
            PlaceFilter(),
            DateRange("opened_at", label=_("立案时间")),
            Flag("exercise"),
            Equals("enterprise"),
        ),
        order="-opened_at",
        navigation="incident",
        empty=_("没有突发事件。可从事故信息或报警页面立案，也可点“新建”。"),
        detail_url="incidents:detail",
        create_url="incidents:create",
        map=MapPoints(properties=("title", "state")),
        live=("incidents.opened", "incidents.changed", "incidents.closed"),
    )
)


def _actor(request: HttpRequest) -> Actor:
    return cast("Actor", request.actor)  # type: ignore[attr-defined]


def enterprise_panel(subject: Any, request: HttpRequest) -> dict[str, Any]:
    """Incidents at the enterprise whose page is shown."""
    return {"incidents": door.of_enterprise(subject.pk, _actor(request), limit=10)}


def filing_panel(subject: Any, request: HttpRequest) -> dict[str, Any]:
    """Incidents opened for the filing whose page is shown."""
    actor = _actor(request)
    may = not subject.is_closed and actor.may(
        "incidents.open",
        place_code=subject.place_code,
        enterprise_id=subject.enterprise_id,
        classification=subject.classification,
    )
    return {"incidents": door.for_subject("filing", subject.pk, actor), "open_for": f"filing={subject.pk}" if may else ""}


panels.register(
    "enterprises.detail",
    "incidents",
    label=_("突发事件"),
    order=70,
    template="incidents/_panel.html",
    provider=enterprise_panel,
    action="incidents.view",
    shape="half",
)
panels.register(
    "filings.detail",
    "incidents",
    label=_("突发事件"),
    order=10,
    template="incidents/_panel.html",
    provider=filing_panel,
    action="incidents.view",
)
