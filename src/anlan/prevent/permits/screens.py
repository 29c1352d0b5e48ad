"""Special work permits and commitments as the desk lists them, their layer on the map, and what stands of them on pages of enterprises."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, cast

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from anlan.desk import offline, panels
from anlan.desk.mapping import layers
from anlan.desk.resource import Actions, Badge, Choice, Column, DateRange, Equals, Flag, MapPoints, Mark, PlaceFilter, Resource, register
from anlan.desk.resource.declare import Tone
from anlan.kernel import clock
from anlan.kernel.access import Actor
from anlan.ledger.sources import law_day
from anlan.prevent.permits import commitment, door, queries, rules
from anlan.prevent.permits.models import Commitment, Permit

_LIVE = ("permits.changed", "permits.approved", "permits.paused", "permits.expired", "permits.closed", "permits.warned")


def _tone(row: Permit) -> Tone:
    """Works that go on orange, paused yellow, signed green, what waits blue."""
    return cast("Tone", rules.STATE_TONES[row.state])


def _grade(row: Permit) -> str:
    return queries.worded(queries.grade(row.grade_code))


def _marks(rows: Sequence[Permit], actor: Actor) -> dict[Any, Mark]:
    """Which permits of a page endanger, or are endangered by, another work of their enterprise."""
    found = queries.in_conflict(queries.live_conflicts(actor, clock.now(), within={row.enterprise_id for row in rows}, limit=None))
    return {key: Mark(_("冲突已说明"), "yellow") if answered else Mark(_("冲突未说明"), "red") for key, answered in found.items()}


register(
    Resource(
        code="permits",
        label=_("特殊作业票"),
        model=Permit,
        title="title",
        actions=Actions(view="permits.view", create="permits.draft", export="permits.view"),
        columns=(
            Column("number", link=True),
            Column("title"),
            Column("grade_code", value=_grade),
            Column("state", label=_("状态"), value=Permit.get_state_label, badge=Badge()),
            Column("enterprise.name", label=_("企业")),
            Column("location"),
            Column("valid_from", sort=True),
            Column("valid_until", sort=True),
            Column("supervisor_name"),
            Column("place_code", label=_("归属地"), place=True),
            Column("kind", hidden=True),
            Column("work.work_unit", label=_("作业单位"), hidden=True),
            Column("work.contractor", label=_("承包商作业"), hidden=True),
            Column("applicant_name", hidden=True),
            Column("leader_name", hidden=True),
            Column("approved_by_name", hidden=True),
            Column("approved_at", hidden=True),
            Column("started_at", hidden=True),
            Column("finished_at", hidden=True),
            Column("accepted_by_name", hidden=True),
            Column("overrun", hidden=True),
            Column("exercise", hidden=True),
        ),
        filters=(
            PlaceFilter(label=_("归属地")),
            Choice("kind"),
            Choice("state", label=_("状态"), choices=[(state.code, _(state.label)) for state in rules.FLOW.states]),
            DateRange("valid_from"),
            Flag("overrun", label=_("到期未完工")),
            Flag("exercise", label=_("演练")),
            Equals("enterprise", label=_("企业"), field="enterprise_id"),
        ),
        order="-valid_from",
        search=True,
        joins=("enterprise", "work"),
        navigation="enterprise",
        detail_url="permits:detail",
        create_url="permits:draft",
        map=MapPoints("open_longitude", "open_latitude", properties=("title", "state"), tone=_tone, tone_by=("state",)),
        empty=_("还没有作业票。企业点“新建”填写作业分析，平台按作业内容自动生成所需的作业票。"),
        live=_LIVE,
        marks=_marks,
    )
)
layers.describe(
    "permits",
    _("只显示未关闭的作业票"),
    {
        "orange": _("作业中"),
        "yellow": _("已暂停"),
        "green": _("已批准，待开工"),
        "blue": _("待审批或待验收"),
        "grey": _("已申请"),
    },
)

register(
    Resource(
        code="commitments",
        label=_("安全承诺公告"),
        model=Commitment,
        title="day",
        actions=Actions(view="commitments.view", create="commitments.give", export="commitments.view"),
        columns=(
            Column("day", link=True, sort=True),
            Column("enterprise.name", label=_("企业")),
            Column("state", badge=Badge({Commitment.GIVEN: "green", Commitment.OWED: "orange"})),
            Column("missed"),
            Column("contradicted"),
            Column("risk_grade", badge=Badge(cast(Any, commitment.RISK_TONES))),
            Column("given_at"),
            Column("given_by_name"),
            Column("place_code", label=_("归属地"), place=True),
            Column("due_at", hidden=True),
            Column("statement", hidden=True),
            Column("reason", hidden=True),
            Column("corrected", hidden=True, numeric=True),
        ),
        filters=(
            PlaceFilter(label=_("归属地")),
            DateRange("day"),
            Choice("state"),
            Flag("missed", label=_("未按时公告")),
            Flag("contradicted", label=_("与平台记录不一致")),
            Choice("risk_grade", choices=[(code, _(word)) for code, word in commitment.RISK_GRADES.items()]),
            Equals("enterprise", label=_("企业"), field="enterprise_id"),
        ),
        order="-day",
        joins=("enterprise",),
        navigation="enterprise",
        detail_url="permits:commitment",
        create_url="permits:commitment_give",
        empty=_("还没有安全承诺。应公告的企业每天自动列出，由主要负责人在当地规定时间前公告。"),
        live=("commitments.given", "commitments.missed", "commitments.contradicted"),
    )
)


def enterprise_panel(subject: Any, request: HttpRequest) -> dict[str, Any]:
    """Permits of today of the enterprise whose page is shown, and its commitment of the day."""
    actor = cast("Actor", request.actor)  # type: ignore[attr-defined]
    now = clock.now()
    day = law_day(now)
    row = queries.commitments(actor).filter(enterprise_id=subject.pk, day=day).first()
    conflicts = queries.live_conflicts(actor, now, within=[subject.pk], limit=None)
    answered = queries.in_conflict(conflicts)
    return {
        "permits": [(each, answered.get(each.id)) for each in door.today(subject.pk, actor, now, limit=10)],
        "conflicts": conflicts[:4],
        "pairs": len({frozenset((each.permit.pk, each.other.pk)) for each in conflicts}),
        "commitment": row,
        "statement": door.commitment(subject.pk, day),
        "may_draft": actor.may("permits.draft", place_code=subject.place_code, enterprise_id=subject.pk, classification=1),
    }


def needed_offline(actor: Actor, now: datetime) -> list[str]:
    """Permits of the own enterprise that are open, those on which work goes on first, and the form that asks for new ones."""
    if actor.enterprise_id is None or not actor.may_somewhere("permits.work"):
        return []
    open_ones = queries.permits(actor).filter(enterprise_id=actor.enterprise_id, closed_at__isnull=True)
    rows = sorted(open_ones.order_by("valid_until")[:40], key=lambda row: row.state not in rules.LIVE_STATES)
    return [*(queries.address(row.pk) for row in rows), reverse("permits:draft")]


offline.register("permits", needed_offline)
panels.register(
    "enterprises.detail",
    "permits",
    label=_("今日特殊作业与安全承诺"),
    order=16,
    template="permits/_enterprise.html",
    provider=enterprise_panel,
    action="permits.view",
)
