"""What this room tells at the head and in the timeline of an enterprise's page."""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from anlan.desk import facts, papers, timeline
from anlan.desk.documents import Block, Table
from anlan.desk.facts import Tone
from anlan.kernel import clock
from anlan.kernel.access import Actor
from anlan.ledger.sources import law_day
from anlan.prevent.hazardsources import presenting, queries, rules
from anlan.prevent.hazardsources.models import Assessment

PAGE = "enterprises.detail"


def _actor(request: HttpRequest) -> Actor:
    return cast("Actor", request.actor)  # type: ignore[attr-defined]


def enterprise_facts(subject: Any, request: HttpRequest) -> list[facts.Fact]:
    """How many units are to be assessed anew, or are past their term; nothing where the enterprise has no unit."""
    rows = list(queries.of_enterprise(subject.pk, _actor(request)).order_by()[:500])
    if not rows:
        return []
    today = law_day(clock.now())
    late = [row for row in rows if row.next_due_on is not None and row.next_due_on < today]
    waiting = [row for row in rows if row.to_reassess or row in late or row.is_major is None]
    tone: Tone = "red" if late else "orange" if waiting else "green"
    note = gettext("已过期 %(n)d") % {"n": len(late)} if late else gettext("共 %(n)d 个单元") % {"n": len(rows)}
    lone = waiting[0] if len(waiting) == 1 else None
    url = queries.address(lone.pk) if lone else f"{reverse('desk:hazard-units-list')}?enterprise={subject.pk}"
    return [facts.Fact(_("待评估的危险源单元"), str(len(waiting)), tone, note, url)]


def assessed(subject: Any, request: HttpRequest, until: datetime, limit: int) -> list[timeline.Happening]:
    """Assessments of units, by the moment they were made."""
    units = queries.of_enterprise(subject.pk, _actor(request)).order_by().values("pk")
    rows = Assessment.objects.filter(unit_id__in=units, at__lte=until).select_related("unit").order_by("-at", "-pk")
    return [
        timeline.Happening(
            at=row.at,
            key=str(row.pk),
            title=gettext("评估“%(name)s”") % {"name": row.unit.name},
            note=presenting.level_told(row.is_major, row.level),
            who=row.by_name,
            tone=cast("Tone", rules.LEVEL_TONES.get(row.level or 0, "grey")),
            url=queries.address(row.unit_id),  # type: ignore[attr-defined]
        )
        for row in rows[:limit]
    ]


def printed(subject: Any, request: HttpRequest) -> list[Block]:
    """Units with their level, as the printed file of the enterprise has them."""
    header = (gettext("单元编号"), gettext("单元名称"), "S", "R", gettext("等级"), gettext("下次评估期限"))
    lines = tuple(
        (
            row.code,
            row.name,
            "—" if row.s is None else f"{row.s:f}",
            "—" if row.r is None else f"{row.r:f}",
            presenting.level_told(row.is_major, row.major_level),
            row.next_due_on.isoformat() if row.next_due_on else "—",
        )
        for row in queries.of_enterprise(subject.pk, _actor(request))[:200]
    )
    return [Table(header, lines, (1, 3, 1, 1, 1, 2))] if lines else []


facts.register(
    PAGE,
    "hazardsources",
    order=12,
    provider=enterprise_facts,
    action="hazardsources.view",
    live=("hazardsources.assessed", "hazardsources.reassess", "hazardsources.regraded"),
)
timeline.register(PAGE, "hazardsources", label=_("重大危险源评估"), order=40, provider=assessed, action="hazardsources.view")
papers.register(PAGE, "hazardsources", label=_("重大危险源单元"), order=12, provider=printed, action="hazardsources.view")
