"""What this room tells at the head, in the timeline and in the printed file of an enterprise."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any, cast

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from anlan.desk import facts, papers, timeline
from anlan.desk.documents import Block, Table
from anlan.kernel import clock
from anlan.kernel.access import Actor
from anlan.ledger.sources import law_day
from anlan.prevent.standing import presenting, queries, rules
from anlan.prevent.standing.models import Grading

PAGE = "enterprises.detail"


def _actor(request: HttpRequest) -> Actor:
    return cast("Actor", request.actor)  # type: ignore[attr-defined]


def enterprise_facts(subject: Any, request: HttpRequest) -> list[facts.Fact]:
    """The colour that holds with its score; where none holds, how far the assessment is; quiet where the guide does not apply."""
    if subject.sector_code not in rules.SECTORS:
        return [facts.Fact(_("安全风险分级"), _("不适用"), note=_("仅危险化学品企业"), quiet=True)]
    rows = [row for row in queries.of_enterprise(subject.pk, _actor(request)) if not row.exercise]
    held = next((row for row in rows if row.state == rules.ACCEPTED and row.review_score is not None), None)
    going = next((row for row in rows if row.state != rules.ACCEPTED), None)
    if held is None:
        if going is None:
            url = f"{reverse('desk:risk-gradings-list')}?enterprise={subject.pk}"
            return [facts.Fact(_("安全风险分级"), _("未认定"), "grey", _("未自评"), url, quiet=True)]
        return [facts.Fact(_("安全风险分级"), _("未认定"), "orange", _self(going), queries.address(going.pk))]
    late = held.next_due_on is not None and held.next_due_on < law_day(clock.now())
    note = (
        gettext("已到自评期")
        if late
        else gettext("%(year)s 年认定 %(score)s 分") % {"year": held.year, "score": _points(held.review_score)}
    )
    tone = cast("facts.Tone", held.colour)
    return [facts.Fact(_("安全风险分级"), presenting.colour_label(held.colour), tone, note, queries.address(held.pk))]


def _points(score: Decimal | None) -> str:
    """A score without needless zeros."""
    return "—" if score is None else f"{score.normalize():f}"


def _self(row: Grading) -> str:
    """How an assessment stands that is not decided: its state, and what the enterprise gave itself."""
    told = row.get_state_label()
    if row.self_score is None:
        return told
    given = gettext("自评 %(score)s 分 %(colour)s") % {"score": _points(row.self_score), "colour": presenting.colour_label(row.self_colour)}
    return f"{told} · {given}"


def submitted(subject: Any, request: HttpRequest, until: datetime, limit: int) -> list[timeline.Happening]:
    """Assessments by the moment they were sent in."""
    rows = queries.gradings(_actor(request)).filter(enterprise_id=subject.pk, submitted_at__lte=until).order_by("-submitted_at", "-pk")
    return [
        timeline.Happening(
            at=cast("datetime", row.submitted_at),
            key=str(row.pk),
            title=gettext("提交 %(year)s 年安全风险分级自评") % {"year": row.year},
            note=_self(row) if row.self_score is not None else "",
            who=row.submitted_by_name,
            tone=cast("facts.Tone", row.self_colour or "grey"),
            url=queries.address(row.pk),
            exercise=row.exercise,
        )
        for row in rows[:limit]
    ]


def reviewed(subject: Any, request: HttpRequest, until: datetime, limit: int) -> list[timeline.Happening]:
    """What the bureau found, by the moment it decided."""
    rows = queries.gradings(_actor(request)).filter(enterprise_id=subject.pk, reviewed_at__lte=until).order_by("-reviewed_at", "-pk")
    return [
        timeline.Happening(
            at=cast("datetime", row.reviewed_at),
            key=str(row.pk),
            title=_found(row),
            note=row.verdict,
            who=row.reviewed_by_name,
            tone=cast("facts.Tone", row.review_colour or "grey"),
            url=queries.address(row.pk),
            exercise=row.exercise,
        )
        for row in rows[:limit]
    ]


def _found(row: Grading) -> str:
    if row.state != rules.ACCEPTED or row.review_score is None:
        return gettext("退回 %(year)s 年安全风险分级自评") % {"year": row.year}
    told = {"year": row.year, "colour": presenting.colour_label(row.review_colour), "score": _points(row.review_score)}
    return gettext("认定 %(year)s 年安全风险等级：%(colour)s，%(score)s 分") % told


def printed(subject: Any, request: HttpRequest) -> list[Block]:
    """Gradings year by year, as the printed file of the enterprise has them."""
    header = (gettext("年度"), gettext("状态"), gettext("企业自评"), gettext("监管部门认定"), gettext("下次自评"))
    lines = tuple(
        (
            str(row.year),
            row.get_state_label(),
            "—" if row.self_score is None else f"{_points(row.self_score)} · {presenting.colour_label(row.self_colour)}",
            "—" if row.review_score is None else f"{_points(row.review_score)} · {presenting.colour_label(row.review_colour)}",
            row.next_due_on.isoformat() if row.next_due_on else "—",
        )
        for row in queries.of_enterprise(subject.pk, _actor(request))[:10]
        if not row.exercise
    )
    return [Table(header, lines, (1, 1, 2, 2, 2))] if lines else []


facts.register(
    PAGE, "risk-gradings", order=15, provider=enterprise_facts, action="standing.view", live=("standing.submitted", "standing.accepted")
)
timeline.register(PAGE, "risk-gradings", label=_("风险分级自评"), order=45, provider=submitted, action="standing.view")
timeline.register(PAGE, "risk-reviews", label=_("风险分级认定"), order=46, provider=reviewed, action="standing.view")
papers.register(PAGE, "risk-gradings", label=_("安全风险分级"), order=16, provider=printed, action="standing.view")
