"""Judgements as the desk lists them; the layer of zones on the one map; buttons on the pages of alarms, filings, incidents and hazard sources."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from django.http import HttpRequest
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

from anlan.command.judgement import door, rules
from anlan.command.judgement.models import Judgement
from anlan.desk import panels
from anlan.desk.mapping import layers
from anlan.desk.resource import Actions, Badge, Choice, Column, DateRange, Equals, Flag, MapPoints, PlaceFilter, Resource, register
from anlan.kernel.access import Actor

register(
    Resource(
        code="judgements",
        label=_("研判"),
        model=Judgement,
        actions=Actions(view="judgement.view", create="judgement.run", export="judgement.view"),
        title="title",
        columns=(
            Column("title", link=True),
            Column("state", label=_("状态"), value=Judgement.get_state_label, badge=Badge()),
            Column("kind"),
            Column("substance_name"),
            Column("place_code", label=_("归属地"), place=True),
            Column("opened_at", label=_("建立时间"), sort=True),
            Column("opened_by_name"),
            Column("last_number", numeric=True),
            Column("closed_at", hidden=True),
            Column("exercise", hidden=True),
        ),
        filters=(
            PlaceFilter(label=_("归属地")),
            Choice("state", label=_("状态"), choices=[(state.code, _(state.label)) for state in rules.FLOW.states]),
            Choice("kind"),
            DateRange("opened_at", label=_("建立时间")),
            Flag("exercise", label=_("演练")),
            Equals("enterprise", label=_("企业"), field="enterprise_id"),
        ),
        order="-opened_at",
        navigation="incident",
        detail_url="judgement:detail",
        create_url="judgement:create",
        map=MapPoints(properties=("title", "state")),
        empty=_("还没有研判。可从报警、信息报送、突发事件或危险源页面点“研判”，也可新建。"),
        live=("judgement.changed", "judgement.run"),
    )
)

layers.register(
    layers.MapLayer(
        code="judgements",
        label=_("研判影响范围"),
        url=cast("str", reverse_lazy("judgement:features")),
        action="judgement.view",
        on=True,
        order=5,
        tones={"red": _("最重一级"), "orange": _("第二级"), "yellow": _("较轻各级")},
        legend=_("红、橙、黄为限值由重到轻，与报警级别无关"),
        live=("judgement.run", "judgement.changed"),
        geometry="areas",
        group="judgement",
        time=True,
        empty=_("没有进行中的研判。可从报警、信息报送、突发事件或危险源页面点“研判”。"),
    )
)


def _panel(kind: str) -> Callable[[Any, HttpRequest], dict[str, Any] | None]:
    def provider(subject: Any, request: HttpRequest) -> dict[str, Any] | None:
        actor = cast("Actor", request.actor)  # type: ignore[attr-defined]
        may = actor.may(
            "judgement.run",
            place_code=getattr(subject, "place_code", ""),
            enterprise_id=getattr(subject, "enterprise_id", None),
            classification=getattr(subject, "classification", 1),
        )
        found = door.for_subject(kind, subject.pk, actor)
        return {"judgements": found[:5], "open_for": kind if may else "", "subject_id": subject.pk} if found or may else None

    return provider


for _page, _kind, _order in (
    ("alarms.detail", "alarm", 5),
    ("filings.detail", "filing", 5),
    ("incidents.detail", "incident", 5),
    ("risksources.detail", "risk_source", 60),
    ("hazardsources.source", "risk_source", 60),
):
    panels.register(
        _page,
        "judgements",
        label=_("研判"),
        order=_order,
        template="judgement/_panel.html",
        provider=_panel(_kind),
        action="judgement.view",
    )
