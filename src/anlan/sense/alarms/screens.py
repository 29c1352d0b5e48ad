"""Alarms as the desk lists them (history, export, API, map points); the desk of open alarms and the alarm's page are in :mod:`.views`."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from anlan.desk import panels
from anlan.desk.mapping import layers
from anlan.desk.resource import Actions, Badge, Choice, Column, DateRange, Equals, Flag, MapPoints, PlaceFilter, Resource, register
from anlan.desk.resource.declare import Tone
from anlan.sense.alarms import rules, views, wording
from anlan.sense.alarms.models import Alarm

LIVE = ("alarms.raised", "alarms.acknowledged", "alarms.cleared")
_STATES = [(state.code, _(state.label)) for state in rules.FLOW.states]


def _tone(row: Alarm) -> Tone:
    return wording.LEVEL_TONES[row.level] if row.state != rules.CLOSED else "grey"


ALARMS = register(
    Resource(
        code="alarms",
        label=_("报警"),
        model=Alarm,
        title="title",
        actions=Actions(view="alarms.view", export="alarms.view"),
        columns=(
            Column("title", link=True),
            Column("level", badge=Badge(wording.LEVEL_TONES)),
            Column("state", label=_("状态"), value=wording.state_label),
            Column("enterprise.name", label=_("企业")),
            Column("place_code", label=_("归属地"), place=True),
            Column("raised_at", sort=True),
            Column("cleared_at"),
            Column("acknowledged_by_name"),
            Column("value", numeric=True, hidden=True),
            Column("limit", numeric=True, hidden=True),
            Column("peak", numeric=True, hidden=True),
            Column("unit", hidden=True),
            Column("acknowledged_at", hidden=True),
            Column("exercise", hidden=True),
        ),
        filters=(
            PlaceFilter(label=_("归属地")),
            Choice("level", label=_("报警级别")),
            Choice("state", label=_("状态"), choices=_STATES),
            DateRange("raised_at", label=_("报警时间")),
            Flag("exercise", label=_("演练")),
            Equals("enterprise", label=_("企业"), field="enterprise_id"),
            Equals("sensor", label=_("测点"), field="sensor_id"),
        ),
        order="-raised_at",
        joins=("enterprise",),
        map=MapPoints(properties=("title", "level", "state", "exercise"), tone=_tone, tone_by=("level", "state")),
        navigation="duty",
        empty=_("没有报警。读数达到测点的阈值时，报警会自动出现在这里。"),
        detail_url="alarms:detail",
        live=LIVE,
    )
)

# On the map only what is not closed: the layer is the desk's own with the state already chosen.
_OPEN = "&".join(f"state={state}" for state in sorted(rules.OPEN_STATES))
layers.register(
    layers.MapLayer(
        "alarms",
        _("报警"),
        "/alarms/map.json",
        "alarms.view",
        "triangle",
        on=True,
        order=10,
        tones={"red": _("一级（红）"), "orange": _("二级（橙）"), "yellow": _("三级（黄）"), "blue": _("四级（蓝）")},
        live=LIVE,
        group="risk",
        time=True,
        tiles=f"/tiles/alarms/{{z}}/{{x}}/{{y}}.mvt?{_OPEN}",
        empty=_("没有报警。读数达到测点的阈值时，报警会自动出现在这里。"),
    )
)

panels.register(
    "sensors.detail",
    "alarms",
    label=_("最近报警"),
    order=20,
    template="alarms/_list.html",
    provider=views.sensor_panel,
    action="alarms.view",
)
panels.register(
    "enterprises.detail",
    "alarms",
    label=_("最近报警"),
    order=20,
    template="alarms/_list.html",
    provider=views.enterprise_panel,
    action="alarms.view",
    shape="half",
)
