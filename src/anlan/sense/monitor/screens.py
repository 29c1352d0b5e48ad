"""What the pages that watch points add to other pages, and their live feed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from anlan.desk import live, panels
from anlan.desk.mapping import layers
from anlan.kernel import clock
from anlan.sense.monitor import feed, rules, sources, views

_HOURS = frozenset({"1", "6", "24", "168", "720"})
"""Lengths that the page of a point offers without a script."""


def _plan_link(subject: Any, _request: Any) -> dict[str, Any]:
    return {"enterprise_id": subject.pk}


def _sensor_curves(subject: Any, request: HttpRequest) -> dict[str, Any]:
    """The chart of a point's own page, beginning with the hours that the page's address names."""
    hours = request.GET.get("hours", "")
    span = timedelta(hours=int(hours)) if hours in _HOURS else timedelta(days=1)
    now = clock.now()
    island = views.island((), rules.Window(now - span, now, live=True)) | {"points": [str(subject.pk)]}
    return {"island": island, "chart_label": gettext("%(name)s 的曲线") % {"name": subject.name}}


panels.register(
    "enterprises.detail",
    "plan",
    label=_("实时平面图"),
    order=41,
    template="monitor/_plan_link.html",
    provider=_plan_link,
    action="devices.view",
    shape="half",
)
panels.register(
    "enterprises.detail",
    "readings",
    label=_("危险源实时读数"),
    order=11,
    template="monitor/_sources.html",
    provider=sources.enterprise_panel,
    action="devices.view",
)
panels.register(
    "sensors.detail",
    "curves",
    label=_("曲线"),
    order=0,
    template="monitor/_sensor_curves.html",
    provider=_sensor_curves,
    action="devices.view",
)
layers.register(
    layers.MapLayer(
        "weather",
        _("气象（最新实测）"),
        "/monitor/weather.json",
        "devices.view",
        "arrow",
        order=60,
        tones={"plain": _("30 分钟内"), "grey": _("更早、存疑或没有读数")},
        legend=_("箭头指向风吹去的方向；没有风向时为圆圈；点选可看风、气温、湿度、降水、能见度"),
        group="sense",
        empty=_("没有气象测点。在设备档案中登记风速、风向、降水量或能见度测点并上报后显示。"),
    )
)
live.register_feed(feed.NAME, feed.values)
