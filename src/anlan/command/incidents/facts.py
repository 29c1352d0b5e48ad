"""What this room tells at the head and in the timeline of an enterprise's page."""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from anlan.command.incidents import queries, rules
from anlan.command.incidents.models import Incident
from anlan.desk import facts, timeline
from anlan.kernel.access import Actor
from anlan.ledger.scope import visible

PAGE = "enterprises.detail"


def _actor(request: HttpRequest) -> Actor:
    return cast("Actor", request.actor)  # type: ignore[attr-defined]


def enterprise_facts(subject: Any, request: HttpRequest) -> list[facts.Fact]:
    """Incidents at the enterprise that are being commanded; nothing where there is none."""
    rows = list(
        visible(Incident.objects.filter(enterprise_id=subject.pk, exercise=False), _actor(request), "incidents.view")
        .exclude(state=rules.CLOSED)
        .order_by("-opened_at")[:2]
    )
    if not rows:
        return []
    url = queries.address(rows[0].pk) if len(rows) == 1 else reverse("desk:incidents-list")
    return [facts.Fact(_("正在处置的突发事件"), str(len(rows)) if len(rows) == 1 else "2+", "red", rows[0].title, url)]


def occurred(subject: Any, request: HttpRequest, until: datetime, limit: int) -> list[timeline.Happening]:
    """Incidents by the moment they occurred."""
    rows = visible(Incident.objects.filter(enterprise_id=subject.pk, occurred_at__lte=until), _actor(request), "incidents.view")
    return [
        timeline.Happening(
            at=row.occurred_at,
            key=str(row.pk),
            title=row.title,
            note=row.get_state_label(),
            who=row.opened_by_name,
            tone="red",
            url=queries.address(row.pk),
            exercise=row.exercise,
        )
        for row in rows.order_by("-occurred_at", "-pk")[:limit]
    ]


facts.register(
    PAGE, "incidents", order=5, provider=enterprise_facts, action="incidents.view", live=("incidents.opened", "incidents.closed")
)
timeline.register(PAGE, "incidents", label=_("突发事件"), order=50, provider=occurred, action="incidents.view")
