"""What this room tells at the head and in the timeline of an enterprise's page."""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast

from django.db.models import F
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from anlan.desk import facts, timeline
from anlan.kernel.access import Actor
from anlan.warn.riskpicture import living, presenting, queries
from anlan.warn.riskpicture.door import GradeChanged

PAGE = "enterprises.detail"


def _actor(request: HttpRequest) -> Actor:
    return cast("Actor", request.actor)  # type: ignore[attr-defined]


def live_risk(subject: Any, request: HttpRequest) -> list[facts.Fact]:
    """The live grade and its score; quiet before the first."""
    row = queries.of_enterprise(subject.pk, _actor(request))
    if row is None:
        return [facts.Fact(_("实时风险"), _("未计算"), quiet=True)]
    note = gettext("风险分 %(score)s") % {"score": f"{row.score.normalize():f}"}
    if not row.assessed:
        note = f"{note} · {gettext('固有风险未评定')}"
    tone = cast("facts.Tone", presenting.tone(row.grade))
    return [facts.Fact(_("实时风险"), presenting.label(row.grade), tone, note, reverse("riskpicture:card", args=[subject.pk]))]


def changes(subject: Any, request: HttpRequest, until: datetime, limit: int) -> list[timeline.Happening]:
    """Grades that changed, with what moved them."""
    about = {"place_code": subject.place_code, "enterprise_id": subject.pk, "classification": subject.classification}
    if not _actor(request).may(queries.VIEW, **about):
        return []
    moved = list(queries.enterprise_moves(subject.pk).filter(at__lte=until, before__isnull=False).exclude(before=F("after"))[:limit])
    if not moved:
        return []
    told = presenting.moves(moved, living.live_index(until))
    return [
        timeline.Happening(
            at=move.at,
            key=str(move.pk),
            title=gettext("实时风险由%(before)s变为%(after)s")
            % {"before": presenting.label(cast("int", move.before)), "after": presenting.label(move.after)},
            note=line.why,
            tone=cast("facts.Tone", presenting.tone(move.after)),
            url=reverse("riskpicture:card", args=[subject.pk]),
        )
        for move, line in zip(moved, told, strict=True)
    ]


facts.register(PAGE, "live-risk", order=12, provider=live_risk, action="riskpicture.view", live=(GradeChanged.kind,))
timeline.register(PAGE, "live-risk", label=_("实时风险变化"), order=47, provider=changes, action="riskpicture.view")
