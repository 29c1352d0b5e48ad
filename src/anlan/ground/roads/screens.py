"""Closures and nets as the desk lists them; the page of the net and the trial of routes are in :mod:`.views`."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from anlan.desk.mapping import layers
from anlan.desk.resource import (
    Actions,
    Badge,
    Choice,
    Column,
    DateRange,
    Flag,
    Form,
    Input,
    MapPoints,
    PlaceFilter,
    Resource,
    register,
)
from anlan.ground.roads import drawn, netting, queries, rules, services
from anlan.ground.roads.models import RoadClosure, RoadNetwork
from anlan.kernel import clock
from anlan.kernel.access import Actor
from anlan.kernel.errors import Invalid


def _standing(row: RoadClosure) -> str:
    return rules.standing(row.from_at, row.until_at, row.opened_at, clock.now())


def _standing_label(row: RoadClosure) -> str:
    return str(_(rules.CLOSURE_STATES[_standing(row)]))


def _values(values: dict[str, Any]) -> dict[str, Any]:
    """The form's inputs as the service takes them. Raises ``Invalid`` at the input of the coordinates."""
    try:
        points = rules.parse_coordinates(values.pop("coordinates_text") or "")
    except rules.WrongCoordinates as wrong:
        raise Invalid({"coordinates_text": wrong}) from wrong
    return values | {"points": points}


def create(*, actor: Actor, now: datetime, **values: Any) -> RoadClosure:
    """Close a road from the form."""
    return services.close_road(actor=actor, now=now, **_values(values))


def change(closure_id: UUID, *, actor: Actor, now: datetime, **values: Any) -> RoadClosure:
    """Correct a closure from the form."""
    return services.change_closure(closure_id, actor=actor, now=now, **_values(values))


class DrawnShape(forms.Textarea):
    """Coordinates that may be drawn on a map beside; the text stays the input."""

    island = "src/closure.ts"


def _coordinates_field() -> forms.Field:
    return forms.CharField(
        label=_("坐标"),
        widget=DrawnShape(attrs={"rows": 4, "placeholder": "117.0514,36.6636"}),
        help_text=_(
            "可在地图上画，也可直接填写：每行一个点，经度,纬度（CGCS2000/WGS-84）。点和半径写一个点；沿线写两个以上；区域写三个以上。"
        ),
    )


CLOSURES = register(
    Resource(
        code="road-closures",
        label=_("封路"),
        model=RoadClosure,
        actions=Actions(view="roads.view", create="roads.close", change="roads.close", export="roads.view"),
        columns=(
            Column("name", link=True),
            Column("standing", label=_("状态"), value=_standing_label),
            Column("shape", badge=Badge({})),
            Column("from_at", sort=True),
            Column("until_at"),
            Column("reason"),
            Column("closed_by_name"),
            Column("place_code", label=_("所在地"), place=True),
            Column("lets_emergency_pass", hidden=True),
            Column("opened_at", hidden=True),
            Column("opened_by_name", hidden=True),
            Column("opened_reason", hidden=True),
            Column("exercise", hidden=True),
        ),
        filters=(
            PlaceFilter(label=_("所在地")),
            Choice("shape", label=_("封路方式")),
            DateRange("from_at", label=_("开始时间")),
            Flag("exercise", label=_("演练")),
        ),
        order="-from_at",
        form=Form(
            (
                "name",
                Input("place_code", place=True, label=_("所在地")),
                "shape",
                Input("coordinates_text", field=_coordinates_field),
                Input("radius_m", help=_("点和半径：封闭该半径内的全部道路。沿线：道路离所画线的最大距离。区域：不起作用。")),
                "reason",
                Input("from_at", required=False, help=_("留空为现在。")),
                Input("until_at", help=_("留空为直到人工解除。")),
                Input("lets_emergency_pass", help=_("交通管制可勾选：消防车、救护车、警车的路线不受影响；道路损毁不要勾选。")),
                Input("exercise", on="create", help=_("演练的封路只影响演练的路线。")),
            ),
            create=create,
            change=change,
        ),
        map=MapPoints(properties=("name", "reason"), tone=lambda row: rules.CLOSURE_TONES[_standing(row)]),
        detail_url="roads:closure",
        navigation="resource",
        live=("roads.closed", "roads.opened"),
        empty=_("没有登记过封路。登记后，路线、到达时间和等时圈都会避开封闭的道路。"),
    )
)

NETWORKS = register(
    Resource(
        code="road-networks",
        label=_("路网"),
        model=RoadNetwork,
        actions=Actions(view="roads.view", export="roads.view"),
        columns=(
            Column("name", link=True),
            Column("state", badge=Badge({rules.READY: "green", rules.FAILED: "red", rules.READING: "blue", rules.WAITING: "blue"})),
            Column("in_force_from"),
            Column("in_force_until"),
            Column("nodes", numeric=True),
            Column("edges", numeric=True),
            Column("length_km", numeric=True),
            Column("source"),
            Column("licence", hidden=True),
            Column("imported_by_name"),
            Column("enacted_by_name", hidden=True),
            Column("place_code", label=_("归属地"), place=True),
            Column("created_at", sort=True, label=_("导入时间")),
            Column("generated", hidden=True),
        ),
        filters=(PlaceFilter(label=_("归属地")), Choice("state"), DateRange("created_at", label=_("导入时间"))),
        order="-created_at",
        detail_url="roads:network",
        navigation="resource",
        visible_to=queries.networks,
        empty=_("还没有导入路网。在“路网与封路”页面上传道路文件。"),
    )
)

layers.register(
    layers.MapLayer(
        "road-closures",
        _("封路"),
        "/api/v1/roads/closed",
        "roads.view",
        order=35,
        geometry="lines",
        group="judgement",
        time=True,
        tones={drawn.CLOSED: _("全部车辆禁行"), drawn.PASSABLE: _("应急车辆可通行")},
        live=("roads.closed", "roads.opened"),
        legend=_("粗线为封闭的路段，浅色面为登记的范围"),
        empty=_("没有登记过封路。登记后，路线、到达时间和等时圈都会避开封闭的道路。"),
    )
)
layers.register(
    layers.MapLayer(
        netting.LAYER,
        _("路网"),
        "",
        "roads.view",
        on=True,
        order=95,
        geometry="lines",
        group="base",
        tiles="/roads/tiles/{z}/{x}/{y}.mvt",
        minzoom=netting.SHALLOWEST,
        live=("roads.enacted",),
        legend=_("现用路网；12 级起显示全部道路"),
    )
)
