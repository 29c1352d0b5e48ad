"""Forms of natural hazards."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from anlan.desk.resource.forms import ResourceForm
from anlan.warn.hazards import rules
from anlan.warn.hazards.models import LEVELS, PlantAction


class TakeForm(ResourceForm):
    """Files to be taken in."""

    file = forms.FileField(
        label=_("文件"),
        widget=forms.ClearableFileInput(),
        help_text=_("国突预警 XML、CAP、QuakeML、USGS GeoJSON、热点 CSV，或装有这些文件的 zip。"),
    )
    exercise = forms.BooleanField(label=_("演练"), required=False, help_text=_("演练信号单独计算和显示，不进入实际风险。"))


class EstimateForm(ResourceForm):
    """An estimate of an earthquake."""

    origin_at = forms.DateTimeField(label=_("发震时刻"), help_text=_("北京时间，精确到秒。"))
    longitude = forms.FloatField(label=_("震中经度"), min_value=-180, max_value=180)
    latitude = forms.FloatField(label=_("震中纬度"), min_value=-90, max_value=90)
    depth_km = forms.FloatField(label=_("深度（公里）"), min_value=0, max_value=700)
    magnitude = forms.FloatField(label=_("震级"), min_value=0, max_value=10)
    place = forms.CharField(label=_("位置"), max_length=200, required=False)
    agency = forms.CharField(label=_("测定单位"), max_length=200, help_text=_("谁给出的估计，如：中国地震台网中心。"))
    reviewed = forms.BooleanField(label=_("正式测定"), required=False, help_text=_("勾选后不再接受预警估计，并评价漏报、误报。"))
    exercise = forms.BooleanField(label=_("演练"), required=False)


class ActionForm(ResourceForm):
    """What a plant's device does by itself when shaking is expected."""

    name = forms.CharField(label=_("名称"), max_length=120, help_text=_("如：氯气储罐出口紧急切断阀。"))
    device = forms.CharField(label=_("设备"), max_length=120, help_text=_("企业控制系统里的设备编号。"))
    address = forms.CharField(label=_("接收地址"), max_length=300, help_text=_("企业内网接口或渠道里登记的地址。"))
    verb = forms.ChoiceField(label=_("动作"), choices=list(PlantAction.VERBS.items()))
    intensity = forms.FloatField(label=_("触发烈度（度）"), min_value=3, max_value=12, initial=6)
    longitude = forms.FloatField(label=_("经度"), min_value=73, max_value=136)
    latitude = forms.FloatField(label=_("纬度"), min_value=3, max_value=54)


class ThresholdForm(ResourceForm):
    """A threshold of a gauge."""

    hazard = forms.ChoiceField(
        label=_("灾种"), choices=[(code, rules.hazards()[code].name_zh) for code in (rules.RAINSTORM, rules.FLOOD)], initial=rules.FLOOD
    )
    level = forms.TypedChoiceField(label=_("级别"), choices=LEVELS[1:], coerce=int)
    value = forms.FloatField(label=_("阈值"), help_text=_("读数达到或超过此值，单位同测点。"))
    holds_from = forms.DateField(label=_("起用日期"), widget=forms.DateInput(attrs={"type": "date"}))
    basis = forms.CharField(label=_("依据"), max_length=300, help_text=_("如：水文站警戒水位批复文号，或设计单位给定。"))
    status = forms.ChoiceField(label=_("核实"), choices=[(code, _(label)) for code, label in rules.STATUSES.items()], initial="unverified")
