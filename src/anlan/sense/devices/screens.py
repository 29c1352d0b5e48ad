"""Devices and measuring points as the desk lists them; their own pages are in :mod:`.views`."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from anlan.desk import panels, todo
from anlan.desk.resource import (
    Actions,
    Badge,
    Choice,
    Column,
    DateRange,
    Equals,
    Flag,
    MapPoints,
    PlaceFilter,
    Resource,
    register,
)
from anlan.desk.resource.declare import Tone
from anlan.sense.devices import sheet, views, wording
from anlan.sense.devices.models import Device, Sensor


def _tone(row: Device) -> Tone:
    return wording.STATE_TONES.get(row.state, "grey")


DEVICES = register(
    Resource(
        code="devices",
        label=_("设备"),
        model=Device,
        actions=Actions(view="devices.view", import_="devices.import", export="devices.view"),
        columns=(
            Column("name", link=True, sort="name_key"),
            Column("code", sort=True),
            Column("enterprise.name", label=_("企业")),
            Column("device_class"),
            Column("place_code", label=_("归属地"), place=True),
            Column("state", badge=Badge(wording.STATE_TONES)),
            Column("location_note", hidden=True),
            Column("longitude", numeric=True, hidden=True),
            Column("latitude", numeric=True, hidden=True),
            Column("updated_at", sort=True),
        ),
        filters=(
            PlaceFilter(label=_("归属地")),
            Choice("device_class", label=_("设备类型")),
            Choice("state", label=_("状态")),
            Equals("enterprise", label=_("企业"), field="enterprise_id"),
        ),
        order="name_key",
        search=True,
        joins=("enterprise",),
        map=MapPoints(properties=("name", "code", "state"), tone=_tone, tone_by=("state",)),
        sheet=sheet.DEVICES,
        navigation="enterprise",
        empty=_("设备在企业档案的“设备与测点”一节登记。"),
        detail_url="devices:device",
    )
)

SENSORS = register(
    Resource(
        code="sensors",
        label=_("测点"),
        model=Sensor,
        actions=Actions(view="devices.view", export="devices.view"),
        columns=(
            Column("name", link=True, sort="name_key"),
            Column("code"),
            Column("enterprise.name", label=_("企业")),
            Column("device.name", label=_("设备")),
            Column("sensor_class", value=lambda row: wording.class_label(row.sensor_class)),
            Column("unit"),
            Column("place_code", label=_("归属地"), place=True),
            Column("calibrated_on", hidden=True),
            Column("calibration_due", sort=True),
            Column("channel", numeric=True, hidden=True),
            Column("updated_at", sort=True),
        ),
        filters=(
            PlaceFilter(label=_("归属地")),
            Choice("sensor_class", label=_("测点类别"), choices=wording.class_choices),
            Flag("in_use", label=_("在用")),
            DateRange("calibration_due", label=_("校准到期日")),
            Equals("enterprise", label=_("企业"), field="enterprise_id"),
            Equals("device", label=_("设备"), field="device_id"),
        ),
        order="name_key",
        search=True,
        joins=("enterprise", "device"),
        navigation="enterprise",
        empty=_("测点在设备页面登记。"),
        detail_url="devices:sensor",
    )
)

panels.register(
    "enterprises.detail",
    "devices",
    label=_("设备与测点"),
    order=73,
    template="devices/_enterprise.html",
    provider=views.enterprise_panel,
    action="devices.view",
    shape="folded",
)

todo.register("devices", views.todo)
