"""The list of process units as a resource of the desk; their own page is in :mod:`views`."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from anlan.desk import panels
from anlan.desk.resource import Actions, Choice, Column, DateRange, Equals, PlaceFilter, Resource, register
from anlan.sense.units import presenting
from anlan.sense.units.models import ProcessUnit

register(
    Resource(
        code="units",
        label=_("工艺单元"),
        model=ProcessUnit,
        actions=Actions(view="units.view", create="units.change", export="units.view"),
        columns=(
            Column("name", link=True, sort="name_key"),
            Column("enterprise.name", label=_("企业")),
            Column("risk_source.name", label=_("危险源")),
            Column("points", label=_("测点数"), value=lambda unit: len(unit.channels), numeric=True),
            Column("interval_s", numeric=True),
            Column("method", value=lambda unit: unit.get_method_display()),
            Column("place_code", label=_("归属地"), place=True),
            Column("updated_at", sort=True),
            Column("note", hidden=True),
        ),
        filters=(PlaceFilter(), Choice("method"), DateRange("updated_at"), Equals("enterprise", field="enterprise_id")),
        order="name_key",
        search=True,
        joins=("enterprise", "risk_source"),
        navigation="enterprise",
        detail_url="units:detail",
        create_url="units:create",
        empty=_("还没有工艺单元。登记一个工段的测点和正常运行时段，训练模型后即可作为检测规则启用。"),
    )
)

panels.register("alarms.detail", "unit", label=_("工艺单元"), order=15, template="units/_alarm.html", provider=presenting.alarm_panel)
