"""Lists of reviews and lessons as the desk shows them, and the panel on an incident's page."""

from __future__ import annotations

from datetime import date
from typing import Any, cast

from django.http import HttpRequest
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from anlan.desk import panels
from anlan.desk.resource import Actions, Badge, Choice, Column, DateRange, Flag, PlaceFilter, Resource, register
from anlan.kernel import clock
from anlan.kernel.access import Actor
from anlan.ledger.sources import law_day
from anlan.report.filings import door as filings
from anlan.review.aftermath import queries, rules
from anlan.review.aftermath.models import Lesson, Review

register(
    Resource(
        code="reviews",
        label=_("复盘评估"),
        model=Review,
        title="title",
        actions=Actions(view="aftermath.view", export="aftermath.view"),
        columns=(
            Column("title", link=True),
            Column("state", label=_("状态"), value=Review.get_state_label, badge=Badge()),
            Column("kind", value=lambda record: filings.kind_name(record.kind)),
            Column("place_code", label=_("归属地"), place=True),
            Column("happened_at", sort=True),
            Column("issued_at", sort=True),
            Column("issued_by_name"),
            Column("written_by_name", hidden=True),
            Column("exercise", hidden=True),
        ),
        filters=(
            PlaceFilter(label=_("归属地")),
            Choice("state", label=_("状态"), choices=[(state.code, _(state.label)) for state in rules.REVIEW_FLOW.states]),
            DateRange("happened_at"),
            Flag("exercise", label=_("演练")),
        ),
        order="-happened_at",
        navigation="incident",
        detail_url="aftermath:detail",
        empty=_("还没有复盘评估。响应结束后，在突发事件页面点“复盘评估”。"),
        live=("aftermath.changed", "aftermath.issued"),
    )
)


def _today() -> date:
    return law_day(clock.now())


def _areas() -> list[tuple[str, str]]:
    english = get_language() == "en"
    return [(code, row.name_en if english else row.name_zh) for code, row in rules.areas(_today()).items()]


register(
    Resource(
        code="lessons",
        label=_("改进事项"),
        model=Lesson,
        title="problem",
        actions=Actions(view="aftermath.view", export="aftermath.view"),
        columns=(
            Column("problem", link=True),
            Column("area", value=lambda record: dict(_areas()).get(record.area, record.area)),
            Column("measure"),
            Column("review.title", label=_("复盘评估")),
            Column("owner_name"),
            Column("due", sort=True),
            Column("state", label=_("状态"), value=Lesson.get_state_label, badge=Badge()),
            Column("place_code", label=_("归属地"), place=True),
            Column("outcome", hidden=True),
            Column("done_by_name", hidden=True),
            Column("verified_by_name", hidden=True),
            Column("exercise", hidden=True),
        ),
        filters=(
            PlaceFilter(label=_("归属地")),
            Choice("state", label=_("状态"), choices=[(state.code, _(state.label)) for state in rules.LESSON_FLOW.states]),
            Choice("area", label=_("能力"), choices=_areas),
            DateRange("due"),
            Flag("exercise", label=_("演练")),
        ),
        order="due",
        navigation="incident",
        empty=_("没有改进事项。"),
        live=("aftermath.changed",),
    )
)


def incident_panel(subject: Any, request: HttpRequest) -> dict[str, Any]:
    """The review of the incident whose page is shown."""
    actor = cast("Actor", request.actor)  # type: ignore[attr-defined]
    may = actor.may("aftermath.write", place_code=subject.place_code, classification=subject.classification)
    return {"review": queries.of_incident(subject.pk, actor), "may_write": may, "incident_id": subject.pk}


panels.register(
    "incidents.detail",
    "aftermath",
    label=_("复盘评估"),
    order=90,
    template="aftermath/_panel.html",
    provider=incident_panel,
    action="aftermath.view",
)
