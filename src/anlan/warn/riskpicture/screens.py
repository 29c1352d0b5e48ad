"""Grades as the desk lists and maps them, and what stands of them on the page of an enterprise."""

from __future__ import annotations

from typing import Any, cast

from django.http import HttpRequest
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

from anlan.desk import panels
from anlan.desk.mapping import layers
from anlan.desk.mapping.layers import MapLayer
from anlan.desk.resource import Actions, Badge, Choice, Column, DateRange, Equals, Flag, MapPoints, PlaceFilter, Resource, register
from anlan.kernel.access import Actor
from anlan.warn.riskpicture import presenting, queries, rules
from anlan.warn.riskpicture.door import GradeChanged, IndexEnacted
from anlan.warn.riskpicture.models import Grade

_TONES = Badge(cast(Any, rules.TONES))
_LIVE = (GradeChanged.kind, IndexEnacted.kind)

register(
    Resource(
        code="risk-grades",
        label=_("风险等级清单"),
        model=Grade,
        title="title",
        actions=Actions(view="riskpicture.view", export="riskpicture.export"),
        columns=(
            Column("title", label=_("名称"), link=True),
            Column("kind"),
            Column("enterprise.name", label=_("企业"), hidden=True),
            Column("grade", badge=_TONES),
            Column("score", numeric=True, sort=True),
            Column("before", badge=_TONES),
            Column("since", sort=True),
            Column("assessed"),
            Column("place_code", label=_("归属地"), place=True),
            Column("index_version", hidden=True),
            Column("computed_at", hidden=True),
        ),
        filters=(
            PlaceFilter(label=_("归属地")),
            Choice("grade"),
            Choice("kind"),
            Flag("assessed"),
            DateRange("since"),
            Equals("enterprise", label=_("企业"), field="enterprise_id"),
        ),
        order="-score",
        joins=("enterprise", "source"),
        navigation="warning",
        detail_url="riskpicture:grade",
        map=MapPoints(properties=("title", "score"), tone=lambda row: cast(Any, rules.TONES[row.grade]), tone_by=("grade",)),
        empty=_("还没有计算过风险等级。企业或危险源登记后一分钟内自动计算。"),
        live=_LIVE,
        visible_to=lambda actor: queries.grades(actor),
    )
)

layers.register(
    MapLayer(
        "risk-grades",
        _("实时风险"),
        cast(str, reverse_lazy("desk:api-risk-grades-features")),
        "riskpicture.view",
        shape="square",
        order=15,
        group="risk",
        tones={rules.TONES[grade]: _(label) for grade, label in rules.GRADES.items()},
        legend=_("企业和危险源实时风险等级"),
        live=_LIVE,
    )
)


def enterprise_panel(subject: Any, request: HttpRequest) -> dict[str, Any] | None:
    """The live grade with its strongest reasons; nothing before the first grade."""
    actor = cast("Actor", request.actor)  # type: ignore[attr-defined]
    row = queries.of_enterprise(subject.pk, actor)
    return None if row is None else presenting.brief(row, actor)


panels.register(
    "enterprises.detail",
    "live-risk",
    label=_("实时风险"),
    order=13,
    template="riskpicture/_enterprise.html",
    provider=enterprise_panel,
    action="riskpicture.view",
)
