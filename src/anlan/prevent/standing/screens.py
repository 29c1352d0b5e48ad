"""Gradings as the desk lists them, and what stands of them on the page of an enterprise."""

from __future__ import annotations

from typing import Any, cast

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from anlan.desk import panels
from anlan.desk.resource import Actions, Badge, Choice, Column, DateRange, Equals, Flag, PlaceFilter, Resource, register
from anlan.kernel import clock
from anlan.kernel.access import Actor
from anlan.ledger.sources import law_day
from anlan.prevent.standing import presenting, queries, rules
from anlan.prevent.standing.models import Grading

_TONES = Badge(cast(Any, {code: code for code in rules.COLOURS}))

register(
    Resource(
        code="risk-gradings",
        label=_("企业安全风险分级"),
        model=Grading,
        title="title",
        actions=Actions(view="standing.view", export="standing.view"),
        columns=(
            Column("title", link=True),
            Column("enterprise.name", label=_("企业")),
            Column("year", sort=True),
            Column("state", label=_("状态"), value=Grading.get_state_label, badge=Badge()),
            Column("colour", badge=_TONES),
            Column("review_score", numeric=True),
            Column("self_colour", badge=_TONES),
            Column("self_score", numeric=True),
            Column("place_code", label=_("归属地"), place=True),
            Column("next_due_on", hidden=True),
            Column("submitted_at", hidden=True),
            Column("reviewed_at", hidden=True),
            Column("reviewed_by_name", hidden=True),
            Column("exercise", hidden=True),
        ),
        filters=(
            PlaceFilter(label=_("归属地")),
            Choice("colour"),
            Choice("state", label=_("状态"), choices=[(state.code, _(state.label)) for state in rules.FLOW.states]),
            Choice("self_colour"),
            DateRange("next_due_on"),
            Flag("exercise", label=_("演练")),
            Equals("year", label=_("年度")),
            Equals("enterprise", label=_("企业"), field="enterprise_id"),
        ),
        order="-year",
        joins=("enterprise",),
        navigation="enterprise",
        detail_url="standing:grading",
        empty=_("还没有安全风险分级自评。企业在自己的档案页面“安全风险分级”中开始，监管部门审核后生效。"),
        live=("standing.saved", "standing.submitted", "standing.returned", "standing.accepted"),
    )
)


def _actor(request: HttpRequest) -> Actor:
    return cast("Actor", request.actor)  # type: ignore[attr-defined]


def enterprise_panel(subject: Any, request: HttpRequest) -> dict[str, Any] | None:
    """Gradings of the enterprise whose page is shown; nothing where the guide does not apply."""
    actor = _actor(request)
    rows = queries.of_enterprise(subject.pk, actor)
    if not rows and subject.sector_code not in rules.SECTORS:
        return None
    year = law_day(clock.now()).year
    may = actor.may("standing.fill", place_code=subject.place_code, enterprise_id=subject.pk, classification=subject.classification)
    told = [(row, presenting.colour_label(row.colour), presenting.colour_label(row.self_colour)) for row in rows[:5]]
    return {
        "rows": told,
        "may_begin": may and subject.sector_code in rules.SECTORS and not any(row.year == year for row in rows),
        "year": year,
    }


panels.register(
    "enterprises.detail",
    "risk-gradings",
    label=_("安全风险分级"),
    order=14,
    template="standing/_enterprise.html",
    provider=enterprise_panel,
    action="standing.view",
    shape="half",
)
