"""Forms of roads: importing a net, trying a route."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from anlan.desk.resource.forms import PlaceField, ResourceForm
from anlan.routing import importing
from anlan.routing.vehicles import LABELS


class ImportForm(ResourceForm):
    """Which file, what it is called, where it comes from."""

    file = forms.FileField(
        label=_("道路文件"),
        widget=forms.ClearableFileInput(attrs={"accept": ",".join(importing.ENDINGS)}),
        help_text=_(
            "OSM XML（.osm）、OSM PBF（.osm.pbf）、Shapefile（打包为 .zip）、GeoJSON（.geojson）。坐标须为 CGCS2000 或 WGS-84 经纬度。"
        ),
    )
    name = forms.CharField(label=_("名称"), max_length=120)
    source = forms.CharField(label=_("数据来源"), max_length=200, help_text=_("提供单位和数据时间，例如：省交通运输厅，2026 年 6 月。"))
    licence = forms.CharField(
        label=_("许可说明"), max_length=200, required=False, help_text=_("开放数据请写明许可，例如：© OpenStreetMap 贡献者，ODbL。")
    )
    place_code = PlaceField(label=_("归属地"))


class RouteForm(ResourceForm):
    """From where to where, by what."""

    start = forms.CharField(label=_("起点（经度,纬度）"), max_length=60, widget=forms.TextInput(attrs={"placeholder": "117.0514,36.6636"}))
    end = forms.CharField(label=_("终点（经度,纬度）"), max_length=60, widget=forms.TextInput(attrs={"placeholder": "117.1200,36.6800"}))
    vehicle = forms.ChoiceField(label=_("通行方式"))
    exercise = forms.BooleanField(label=_("演练（同时避开演练封路）"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["vehicle"].choices = [(code, _(label)) for code, label in LABELS.items()]  # type: ignore[attr-defined]
