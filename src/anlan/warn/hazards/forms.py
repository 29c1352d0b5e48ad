"""Forms of natural hazards."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from anlan.desk.resource.forms import ResourceForm
from anlan.warn.hazards import queries, rules
from anlan.warn.hazards.models import LEVELS, GaugeThreshold, PlantAction


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
    channel = forms.ChoiceField(
        label=_("送达方式"), choices=list(PlantAction.CHANNELS.items()), help_text=_("须有覆盖本企业所在地的承运方（见“承运方”页）。")
    )
    address = forms.CharField(label=_("接收地址"), max_length=200, help_text=_("承运方据此找到设备：内网接口里的编号，或广播终端编号。"))
    verb = forms.ChoiceField(label=_("动作"), choices=list(PlantAction.VERBS.items()))
    intensity = forms.FloatField(label=_("触发烈度（度）"), min_value=3, max_value=12, initial=6)
    longitude = forms.FloatField(label=_("经度"), min_value=73, max_value=136)
    latitude = forms.FloatField(label=_("纬度"), min_value=3, max_value=54)


_HOURS = [(0, _("读数本身")), *((hours, format_lazy(_("{n} 小时累计"), n=hours)) for hours in rules.WINDOWS if hours)]


class ThresholdForm(ResourceForm):
    """A threshold of a gauge; of rain also over hours (``rain``)."""

    hazard = forms.ChoiceField(label=_("灾种"), choices=[(code, code) for code in (rules.RAINSTORM, rules.FLOOD)], initial=rules.FLOOD)
    level = forms.TypedChoiceField(label=_("级别"), choices=LEVELS[1:], coerce=int)
    hours = forms.TypedChoiceField(label=_("累计时长"), choices=_HOURS, coerce=int, help_text=_("雨量按小时数相加后与阈值比较。"))
    counted = forms.ChoiceField(
        label=_("读数含义"), choices=list(GaugeThreshold.COUNTED.items()), help_text=_("翻斗式逐次上报的选前者；累计值会定时清零的选后者。")
    )
    value = forms.FloatField(label=_("阈值"), help_text=_("达到或超过此值，单位同测点。"))
    holds_from = forms.DateField(label=_("起用日期"), widget=forms.DateInput(attrs={"type": "date"}))
    basis = forms.CharField(label=_("依据"), max_length=300, help_text=_("如：水文站警戒水位批复文号，或设计单位给定。"))
    status = forms.ChoiceField(label=_("核实"), choices=[(code, _(label)) for code, label in rules.STATUSES.items()], initial="unverified")

    def __init__(self, *args: Any, rain: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["hazard"].choices = [(code, queries.hazard_name(code)) for code in (rules.RAINSTORM, rules.FLOOD)]  # type: ignore[attr-defined]
        if not rain:
            del self.fields["hours"], self.fields["counted"]


class RainStandardForm(ResourceForm):
    """The thresholds of the weather service at once."""

    counted = forms.ChoiceField(label=_("读数含义"), choices=list(GaugeThreshold.COUNTED.items()))
    holds_from = forms.DateField(label=_("起用日期"), widget=forms.DateInput(attrs={"type": "date"}))
