"""The books on an incident's page."""

from __future__ import annotations

from typing import Any, cast

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from anlan.command.casebook import queries, rules
from anlan.desk import panels
from anlan.kernel.access import Actor


def panel(subject: Any, request: HttpRequest) -> dict[str, Any]:
    """Casualties, the last decision, statements that wait, cost."""
    actor = cast("Actor", request.actor)  # type: ignore[attr-defined]
    report, compared = queries.compared(subject.pk, actor)
    return {
        "figures": queries.figures(subject.pk, actor),
        "differs": report is not None and any(row.differs for row in compared),
        "decision": queries.decisions(subject.pk, actor).order_by("-at").first(),
        "waiting": queries.statements(subject.pk, actor).filter(state=rules.SUBMITTED).count(),
        "issued": queries.statements(subject.pk, actor).filter(state=rules.ISSUED).count(),
        "total": queries.total(subject.pk, actor),
        "incident_id": subject.pk,
    }


panels.register(
    "incidents.detail",
    "casebook",
    label=_("事件台账"),
    order=8,
    template="casebook/_panel.html",
    provider=panel,
    action="casebook.view",
)
