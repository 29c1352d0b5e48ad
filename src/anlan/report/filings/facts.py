"""What this room tells in the timeline of an enterprise's page."""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from anlan.desk import timeline
from anlan.kernel.access import Actor
from anlan.report.filings import queries


def occurred(subject: Any, request: HttpRequest, until: datetime, limit: int) -> list[timeline.Happening]:
    """Reported events by the moment they occurred."""
    rows = queries.filings(cast("Actor", request.actor)).filter(enterprise_id=subject.pk, occurred_at__lte=until)  # type: ignore[attr-defined]
    return [
        timeline.Happening(
            at=row.occurred_at,
            key=str(row.pk),
            title=row.title,
            note=row.get_state_label(),
            who=row.reporter_name,
            tone="orange",
            url=reverse("filings:detail", args=[row.pk]),
            exercise=row.exercise,
        )
        for row in rows.order_by("-occurred_at", "-pk")[:limit]
    ]


timeline.register("enterprises.detail", "filings", label=_("信息报送"), order=60, provider=occurred, action="filings.view")
