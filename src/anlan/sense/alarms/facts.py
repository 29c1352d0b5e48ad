"""What this room tells at the head and in the timeline of an enterprise's page."""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast

from django.db.models import Count, Min, Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from anlan.desk import facts, timeline
from anlan.desk.facts import Tone
from anlan.kernel.access import Actor
from anlan.sense.alarms import queries, rules
from anlan.sense.alarms.models import LEVELS

PAGE = "enterprises.detail"
_TONES: dict[int, Tone] = {1: "red", 2: "orange", 3: "yellow", 4: "blue"}


def _actor(request: HttpRequest) -> Actor:
    return cast("Actor", request.actor)  # type: ignore[attr-defined]


def enterprise_facts(subject: Any, request: HttpRequest) -> list[facts.Fact]:
    """Alarms that still need somebody, the gravest level, how many nobody acknowledged; exercises left out."""
    rows = queries.still_open(_actor(request)).filter(enterprise_id=subject.pk, exercise=False)
    unacknowledged = Count("pk", filter=Q(state__in=rules.UNACKNOWLEDGED_STATES))
    count = rows.aggregate(open=Count("pk"), unacknowledged=unacknowledged, worst=Min("level"))
    parts = [gettext("最高%(level)s") % {"level": dict(LEVELS)[count["worst"]]}] if count["open"] else []
    parts += [gettext("未确认 %(n)d") % {"n": count["unacknowledged"]}] if count["unacknowledged"] else []
    tone = _TONES.get(count["worst"], "grey") if count["open"] else "green"
    states = "&".join(f"state={state}" for state in sorted(rules.OPEN_STATES))
    url = f"{reverse('desk:alarms-list')}?enterprise={subject.pk}&{states}"
    return [facts.Fact(_("未解除报警"), str(count["open"]), tone, " · ".join(parts), url)]


def raised(subject: Any, request: HttpRequest, until: datetime, limit: int) -> list[timeline.Happening]:
    """Alarms by the moment they were raised."""
    rows = queries.alarms(_actor(request)).filter(enterprise_id=subject.pk, raised_at__lte=until).order_by("-raised_at", "-pk")
    return [
        timeline.Happening(
            at=row.raised_at,
            key=str(row.pk),
            title=row.title,
            note=row.get_state_label(),
            who=row.acknowledged_by_name,
            tone=_TONES.get(row.level, "grey"),
            url=reverse("alarms:detail", args=[row.pk]),
            exercise=row.exercise,
        )
        for row in rows[:limit]
    ]


facts.register(
    PAGE,
    "alarms",
    order=40,
    provider=enterprise_facts,
    action="alarms.view",
    live=("alarms.raised", "alarms.acknowledged", "alarms.cleared"),
)
timeline.register(PAGE, "alarms", label=_("报警"), order=10, provider=raised, action="alarms.view")
