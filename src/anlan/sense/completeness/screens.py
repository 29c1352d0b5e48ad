"""Sums and gaps as the desk lists them; their own pages are in :mod:`.views`."""

from __future__ import annotations

from typing import Any, cast

from django.utils.translation import gettext_lazy as _

from anlan.desk import panels
from anlan.desk.resource import Actions, Badge, Choice, Column, DateRange, Equals, PlaceFilter, Resource, register
from anlan.sense.completeness import rules, views
from anlan.sense.completeness.models import CompletenessDay, Gap

DAYS = register(
    Resource(
        code="completeness",
        label=_("数据完整性"),
        model=CompletenessDay,
        actions=Actions(view="completeness.view", export="completeness.view"),
        columns=(
            Column("name", link=True),
            Column("day", sort=True),
            Column("share", sort=True, numeric=True),
            Column("expected", numeric=True),
            Column("received", numeric=True),
            Column("missing", sort=True, numeric=True),
            Column("late", numeric=True),
            Column("repeated", numeric=True),
            Column("refused", numeric=True),
            Column("points", numeric=True),
            Column("silent", numeric=True),
            Column("outside", numeric=True, hidden=True),
            Column("frozen", numeric=True, hidden=True),
            Column("devices", numeric=True, hidden=True),
            Column("place_code", label=_("归属地"), place=True),
            Column("as_of", hidden=True),
        ),
        filters=(
            PlaceFilter(label=_("归属地")),
            DateRange("day", label=_("日期")),
            Equals("enterprise", label=_("企业"), field="enterprise_id"),
        ),
        order="-day",
        navigation="enterprise",
        detail_url="completeness:day",
        empty=_("设备登记并接入后，每五分钟按企业和日期统计一次应收、实收与缺失。"),
    )
)

GAPS = register(
    Resource(
        code="gaps",
        label=_("数据缺口"),
        model=Gap,
        actions=Actions(view="completeness.view", export="completeness.view"),
        columns=(
            Column("name", link=True),
            Column("enterprise.name", label=_("企业")),
            Column("state", badge=Badge(cast(Any, rules.GAP_TONES))),
            Column("since", sort=True),
            Column("until"),
            Column("points", numeric=True),
            Column("missing_first", numeric=True),
            Column("missing", sort=True, numeric=True),
            Column("asked_at"),
            Column("filled_at", hidden=True),
            Column("place_code", label=_("归属地"), place=True),
        ),
        filters=(
            PlaceFilter(label=_("归属地")),
            Choice("state", label=_("状态")),
            DateRange("since", label=_("缺失开始")),
            Equals("enterprise", label=_("企业"), field="enterprise_id"),
            Equals("device", label=_("设备"), field="device_id"),
        ),
        order="-since",
        joins=("enterprise",),
        navigation="enterprise",
        detail_url="completeness:gap",
        empty=_("没有数据缺口：在用测点应上报的读数都收到了。"),
    )
)

panels.register(
    "sensors.detail",
    "completeness",
    label=_("上报间隔"),
    order=40,
    template="completeness/_interval.html",
    provider=views.interval_panel,
    action="completeness.view",
)
panels.register(
    "enterprises.detail",
    "completeness",
    label=_("数据完整性"),
    order=40,
    template="completeness/_days.html",
    provider=views.enterprise_panel,
    action="completeness.view",
    shape="half",
)
panels.register(
    "duty.desk",
    "disk",
    label=_("磁盘"),
    order=1,
    template="completeness/_disk.html",
    provider=views.disk_panel,
)
