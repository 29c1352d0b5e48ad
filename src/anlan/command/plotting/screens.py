"""The list of boards as the desk shows it; the panel on an incident's page; layers of the one map; the live feed."""

from __future__ import annotations

from typing import Any, cast

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from anlan.command.plotting import feed, queries, rules, services
from anlan.command.plotting.models import Board
from anlan.desk import live, panels
from anlan.desk.mapping import layers
from anlan.desk.resource import Actions, Badge, Choice, Column, DateRange, Equals, Flag, PlaceFilter, Resource, register
from anlan.kernel.access import Actor

BOARDS = register(
    Resource(
        code="plotting",
        label=_("标绘图"),
        model=Board,
        title="title",
        actions=Actions(view="plotting.view", create="plotting.open", export="plotting.view"),
        columns=(
            Column("title", link=True),
            Column("state", label=_("状态"), value=Board.get_state_label, badge=Badge(cast(Any, rules.STATE_TONES))),
            Column("place_code", label=_("归属地"), place=True),
            Column("opened_by_name"),
            Column("opened_at", label=_("新建时间"), sort=True),
            Column("closed_at", label=_("关闭时间"), hidden=True),
            Column("restricted", hidden=True),
            Column("remark", hidden=True),
            Column("exercise", hidden=True),
        ),
        filters=(
            PlaceFilter(label=_("归属地")),
            Choice("state", label=_("状态"), choices=[(state.code, _(state.label)) for state in rules.FLOW.states]),
            DateRange("opened_at", label=_("新建时间")),
            Flag("exercise", label=_("演练")),
            Equals("incident", label=_("所属事件"), field="incident_id"),
        ),
        order="-opened_at",
        navigation="incident",
        detail_url="plotting:board",
        create_url="plotting:create",
        empty=_("还没有标绘图。可从突发事件页面新建，也可点“新建”。"),
        live=("plotting.changed",),
    )
)


def incident_panel(subject: Any, request: HttpRequest) -> dict[str, Any]:
    """Boards of the incident whose page is shown."""
    actor = cast("Actor", request.actor)  # type: ignore[attr-defined]
    may = not subject.is_closed and actor.may("plotting.open", place_code=subject.place_code, classification=subject.classification)
    return {"boards": queries.summaries(subject.pk, actor), "may_open": may, "incident_id": subject.pk}


panels.register(
    "incidents.detail",
    "plotting",
    label=_("协同标绘"),
    order=15,
    template="plotting/_panel.html",
    provider=incident_panel,
    action="plotting.view",
)
live.register_feed(feed.NAME, feed.drawings)
live.register_channel(services.CHANNEL, feed.hear)
for _code, _label, _geometry in (
    ("plotting", _("标绘：点与符号"), "points"),
    ("plotting-lines", _("标绘：线与箭头"), "lines"),
    ("plotting-areas", _("标绘：面与范围"), "areas"),
):
    layers.register(
        layers.MapLayer(
            _code,
            _label,
            f"/plotting/features.json?shape={_geometry}",
            "plotting.view",
            order=15,
            live=("plotting.changed",),
            geometry=cast(layers.Geometry, _geometry),
            group="judgement",
            time=True,
            empty=_("视野内没有进行中的标绘图。可从突发事件页面新建。"),
        )
    )
