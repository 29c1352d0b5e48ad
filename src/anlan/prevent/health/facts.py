"""What this room tells at the head, in the timeline and in the printed file of an enterprise: factors, results and numbers, never a person."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any, cast

from django.db.models import Count, Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from anlan.desk import facts, papers, timeline
from anlan.desk.documents import Block, Table
from anlan.kernel import clock
from anlan.kernel.access import Actor
from anlan.ledger.sources import law_day
from anlan.prevent.health import queries
from anlan.prevent.health.models import Result

PAGE = "enterprises.detail"


def _actor(request: HttpRequest) -> Actor:
    return cast("Actor", request.actor)  # type: ignore[attr-defined]


def health_facts(subject: Any, request: HttpRequest) -> list[facts.Fact]:
    """Factors over their limit, how many were never measured, how many people's examinations are overdue; quiet without factors."""
    rows = queries.exposures(_actor(request)).filter(enterprise_id=subject.pk, in_use=True).order_by()
    count = rows.aggregate(
        all=Count("pk"), over=Count("pk", filter=Q(last_over=True)), never=Count("pk", filter=Q(last_measured__isnull=True))
    )
    if not count["all"]:
        return [facts.Fact(_("职业健康"), _("未登记"), url="#occupational-health", quiet=True)]
    late = queries.overdue_count(subject.pk, law_day(clock.now()))
    parts = [gettext("逾期未检 %(n)d 人") % {"n": late}] if late else []
    parts += [gettext("未检测 %(n)d 项") % {"n": count["never"]}] if count["never"] else []
    parts += [gettext("共 %(n)d 项因素") % {"n": count["all"]}]
    tone: facts.Tone = "red" if count["over"] else "orange" if late or count["never"] else "green"
    value = gettext("超限 %(n)d 项") % {"n": count["over"]} if count["over"] else _("无超限")
    more = "&last_over=1" if count["over"] else ""
    url = f"{reverse('desk:health-factors-list')}?enterprise={subject.pk}{more}"
    return [facts.Fact(_("职业健康"), value, tone, " · ".join(parts), url)]


def _noon(day: date) -> datetime:
    """Results have a day and no hour: they stand at its noon."""
    return datetime.combine(day, time(12), queries.CHINA)


def measured(subject: Any, request: HttpRequest, until: datetime, limit: int) -> list[timeline.Happening]:
    """Results by the day they were measured."""
    day = law_day(until)
    begun = day if _noon(day) <= until else day - timedelta(days=1)
    rows = queries.results(_actor(request)).filter(enterprise_id=subject.pk, measured_on__lte=begun).order_by("-measured_on", "-pk")
    return [
        timeline.Happening(
            at=_noon(row.measured_on),
            key=str(row.pk),
            title=row.exposure.title,
            note=_told(row),
            who=row.agency or row.by_name,
            tone="red" if row.over else "green",
            url=reverse("desk:health-results-detail", args=[row.pk]),
        )
        for row in rows[:limit]
    ]


def _told(row: Result) -> str:
    value, limit = f"{row.value.normalize():f} {row.unit}", f"{row.limit_value.normalize():f} {row.unit}"
    word = gettext("超限") if row.over else gettext("未超限")
    return gettext("检测 %(value)s，限值 %(limit)s，%(word)s") % {"value": value, "limit": limit, "word": word}


def printed(subject: Any, request: HttpRequest) -> list[Block]:
    """Factors with their newest day of measurement, as the printed file of the enterprise has them."""
    header = (gettext("工作场所或岗位"), gettext("危害因素"), gettext("接触人数"), gettext("最近检测"), gettext("最近超限"))
    rows = queries.exposures(_actor(request)).filter(enterprise_id=subject.pk, in_use=True).order_by("-last_over", "factor_key", "pk")
    lines = tuple(
        (
            row.workplace,
            row.factor,
            str(row.people),
            row.last_measured.isoformat() if row.last_measured else "—",
            gettext("超限") if row.last_over else "—",
        )
        for row in rows[:200]
    )
    return [Table(header, lines, (3, 3, 1, 2, 1))] if lines else []


facts.register(
    PAGE, "occupational-health", order=62, provider=health_facts, action="health.view", live=("health.changed", "health.over_limit")
)
timeline.register(PAGE, "occupational-health", label=_("职业健康检测"), order=70, provider=measured, action="health.view")
papers.register(PAGE, "occupational-health", label=_("职业健康"), order=45, provider=printed, action="health.view")
