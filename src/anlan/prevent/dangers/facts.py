"""What this room tells at the head and in the timeline of an enterprise's page."""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast

from django.db.models import Count, Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils.timezone import localtime
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from anlan.desk import facts, papers, timeline
from anlan.desk.documents import Block, Table
from anlan.kernel.access import Actor
from anlan.prevent.dangers import queries, rules
from anlan.prevent.dangers.models import Danger

PAGE = "enterprises.detail"


def _actor(request: HttpRequest) -> Actor:
    return cast("Actor", request.actor)  # type: ignore[attr-defined]


def enterprise_facts(subject: Any, request: HttpRequest) -> list[facts.Fact]:
    """Dangers that are not closed, how many of them are overdue and major; exercises left out."""
    rows = queries.dangers(_actor(request)).filter(enterprise_id=subject.pk, closed_at__isnull=True, exercise=False).order_by()
    count = rows.aggregate(open=Count("pk"), overdue=Count("pk", filter=Q(overdue=True)), major=Count("pk", filter=Q(grade=rules.MAJOR)))
    parts = [gettext("逾期 %(n)d") % {"n": count["overdue"]}] if count["overdue"] else []
    parts += [gettext("重大 %(n)d") % {"n": count["major"]}] if count["major"] else []
    tone: facts.Tone = "red" if count["overdue"] else "orange" if count["major"] else "yellow" if count["open"] else "green"
    states = "&".join(f"state={state}" for state in rules.OPEN_STATES)
    url = f"{reverse('desk:dangers-list')}?enterprise={subject.pk}&{states}&sort=deadline"
    return [facts.Fact(_("未销号隐患"), str(count["open"]), tone, " · ".join(parts), url)]


def found(subject: Any, request: HttpRequest, until: datetime, limit: int) -> list[timeline.Happening]:
    """Dangers by the moment they were found."""
    rows = queries.dangers(_actor(request)).filter(enterprise_id=subject.pk, found_at__lte=until).order_by("-found_at", "-pk")
    return [
        timeline.Happening(
            at=row.found_at,
            key=str(row.pk),
            title=row.title,
            note=f"{queries.grade_label(row.grade)} · {row.get_state_label()}",
            who=row.found_by_name,
            tone=_tone(row),
            url=queries.address(row.pk),
            exercise=row.exercise,
        )
        for row in rows[:limit]
    ]


def _tone(row: Danger) -> facts.Tone:
    """What is closed alarms nobody, whatever it was."""
    if row.closed_at:
        return "grey"
    return "red" if row.overdue or row.grade == rules.MAJOR else "yellow"


def printed(subject: Any, request: HttpRequest) -> list[Block]:
    """Dangers that are not closed, as the printed file of the enterprise has them."""
    rows = queries.dangers(_actor(request)).filter(enterprise_id=subject.pk, closed_at__isnull=True, exercise=False).order_by("-found_at")
    header = (gettext("隐患名称"), gettext("部位或设备"), gettext("隐患等级"), gettext("状态"), gettext("整改期限"))
    lines = tuple(
        (
            row.title,
            row.location,
            queries.grade_label(row.grade),
            row.get_state_label() + (f"（{gettext('逾期')}）" if row.overdue else ""),
            f"{localtime(row.deadline):%Y-%m-%d}" if row.deadline else "—",
        )
        for row in rows[:200]
    )
    return [Table(header, lines, (3, 2, 1.2, 2, 1.5))] if lines else []


facts.register(
    PAGE,
    "dangers",
    order=20,
    provider=enterprise_facts,
    action="dangers.view",
    live=("dangers.found", "dangers.graded", "dangers.closed", "dangers.escalated"),
)
timeline.register(PAGE, "dangers", label=_("隐患"), order=20, provider=found, action="dangers.view")
papers.register(PAGE, "dangers", label=_("未销号隐患"), order=40, provider=printed, action="dangers.view")
