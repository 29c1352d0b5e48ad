"""What this room tells at the head and in the timeline of an enterprise's page."""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast

from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from anlan.desk import facts, timeline
from anlan.kernel.access import Actor
from anlan.ledger.scope import visible
from anlan.sense.patrol import rules
from anlan.sense.patrol.models import PatrolPoint

PAGE = "enterprises.detail"


def _checked(subject: Any, request: HttpRequest) -> QuerySet[PatrolPoint]:
    rows = PatrolPoint.objects.filter(enterprise_id=subject.pk, checked_at__isnull=False)
    return visible(rows, cast("Actor", request.actor), "patrol.view").order_by("-checked_at", "-pk")  # type: ignore[attr-defined]


def _tone(row: PatrolPoint) -> facts.Tone:
    return "green" if row.finding == rules.FINE else "orange"


def enterprise_facts(subject: Any, request: HttpRequest) -> list[facts.Fact]:
    """The last spot check of the enterprise's points; nothing where there was none."""
    row = _checked(subject, request).first()
    if row is None or row.checked_at is None:
        return []
    url = reverse("patrol:point", args=[row.pk])
    return [facts.Fact(_("最近一次监测抽查"), f"{localtime(row.checked_at):%Y-%m-%d}", _tone(row), row.get_finding_display(), url)]


def checked(subject: Any, request: HttpRequest, until: datetime, limit: int) -> list[timeline.Happening]:
    """Drawn points by the moment they were checked."""
    return [
        timeline.Happening(
            at=row.checked_at,
            key=str(row.pk),
            title=row.name,
            note=row.get_finding_display(),
            who=row.checked_by_name,
            tone=_tone(row),
            url=reverse("patrol:point", args=[row.pk]),
        )
        for row in _checked(subject, request).filter(checked_at__lte=until)[:limit]
        if row.checked_at is not None
    ]


facts.register(PAGE, "patrol", order=70, provider=enterprise_facts, action="patrol.view")
timeline.register(PAGE, "patrol", label=_("监测抽查"), order=45, provider=checked, action="patrol.view")
