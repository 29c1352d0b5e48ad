"""What this room tells at the head, in the timeline and in the printed file of an enterprise."""

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
from anlan.kernel.access import Actor
from anlan.prevent.risks import door, queries, rules
from anlan.prevent.risks.models import CheckTask

PAGE = "enterprises.detail"


def _actor(request: HttpRequest) -> Actor:
    return cast("Actor", request.actor)  # type: ignore[attr-defined]


def risk_facts(subject: Any, _request: HttpRequest) -> list[facts.Fact]:
    """Events by the grade that remains, the two gravest in front, and checks that are late; quiet where no register was begun."""
    counted = {grade: count for grade, count in door.grade_counts(subject.pk).items() if count}
    if not counted:
        return [facts.Fact(_("安全风险"), _("未登记"), url="#risks", quiet=True)]
    told = [f"{queries.grade_label(grade)} {counted[grade]}" for grade in sorted(counted)]
    late = queries.tasks(None).filter(enterprise_id=subject.pk, state=rules.OPEN, overdue=True).order_by().count()
    overdue = [gettext("排查逾期 %(n)d") % {"n": late}] if late else []
    note = " · ".join([*overdue, *told[2:]])
    tone = cast("Tone", "red" if late else queries.tone(min(counted)))
    listed = f"desk:risk-{'checks' if late else 'events'}-list"
    url = f"{reverse(listed)}?enterprise={subject.pk}&" + ("state=open&overdue=1" if late else f"residual_grade={min(counted)}")
    return [facts.Fact(_("安全风险"), " · ".join(told[:2]), tone, note, url)]


def assessed(subject: Any, request: HttpRequest, until: datetime, limit: int) -> list[timeline.Happening]:
    """Events by the moment they were assessed first."""
    rows = queries.events(_actor(request)).filter(enterprise_id=subject.pk, in_use=True, assessed_at__lte=until)
    return [
        timeline.Happening(
            at=row.assessed_at,
            key=str(row.pk),
            title=gettext("评价风险“%(name)s”") % {"name": row.title},
            note=f"{row.object.name} · {queries.grade_label(row.initial_grade)} → {queries.grade_label(row.residual_grade)}",
            who=row.assessed_by_name,
            tone=cast("Tone", queries.tone(row.residual_grade)),
            url=reverse("risks:event", args=[row.pk]),
        )
        for row in rows.order_by("-assessed_at", "-pk")[:limit]
    ]


def checked(subject: Any, request: HttpRequest, until: datetime, limit: int) -> list[timeline.Happening]:
    """Checks that found something abnormal, by the moment they were made: the normal ones stand in their list."""
    rows = queries.tasks(_actor(request)).filter(enterprise_id=subject.pk, done_at__lte=until, outcome=rules.ABNORMAL)
    return [_check(row) for row in rows.order_by("-done_at", "-pk")[:limit]]


def _check(row: CheckTask) -> timeline.Happening:
    assert row.done_at is not None
    return timeline.Happening(
        at=row.done_at,
        key=str(row.pk),
        title=gettext("排查发现异常（检查内容：%(what)s）") % {"what": row.title},
        note=row.where,
        who=row.done_by_name,
        tone="orange",
        url=reverse("risks:check", args=[row.pk]),
    )


def printed(subject: Any, request: HttpRequest) -> list[Block]:
    """Events in use, the gravest first, as the printed file of the enterprise has them."""
    header = (
        gettext("风险分析对象"),
        gettext("风险事件"),
        gettext("初始风险"),
        gettext("剩余风险"),
        gettext("管控层级"),
        gettext("责任人"),
    )
    rows = queries.events(_actor(request)).filter(enterprise_id=subject.pk, in_use=True).order_by("residual_grade", "-residual_value", "pk")
    lines = tuple(
        (
            row.object.name,
            row.title,
            queries.grade_label(row.initial_grade),
            queries.grade_label(row.residual_grade),
            queries.label("levels", row.level),
            row.responsible_name or "—",
        )
        for row in rows[:200]
    )
    return [Table(header, lines, (2, 3, 1, 1, 1, 1))] if lines else []


facts.register(
    PAGE,
    "risks",
    order=22,
    provider=risk_facts,
    action="risks.view",
    live=("risks.changed", "risks.check_done", "risks.check_overdue"),
)
timeline.register(PAGE, "risks", label=_("风险评价"), order=50, provider=assessed, action="risks.view")
timeline.register(PAGE, "risk-checks", label=_("风险排查"), order=51, provider=checked, action="risks.view")
papers.register(PAGE, "risks", label=_("安全风险"), order=35, provider=printed, action="risks.view")
