"""Forms of devices: limits of a point, maintenance, credentials."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext, gettext_lazy

from anlan.desk.resource.forms import ResourceForm
from anlan.sense.devices import rules, wording
from anlan.sense.devices.rules import Limit

_ = gettext_lazy


def _number(label: Any, **more: Any) -> forms.FloatField:
    return forms.FloatField(label=label, required=False, widget=forms.NumberInput({"step": "any", "inputmode": "decimal"}), **more)


class ThresholdForm(ResourceForm):
    """The four limits of a point, each with hysteresis, dwell and level; an empty limit is not set."""

    basis = forms.ChoiceField(label=_("阈值依据"), choices=[(code, _(label)) for code, label in rules.THRESHOLD_SOURCES.items()])
    source = forms.CharField(label=_("来源"), max_length=200, help_text=_("设计文件名称与编号，或标准号与条款。"))
    status = forms.ChoiceField(
        label=_("核实情况"), initial="unverified", choices=[(code, _(label)) for code, label in rules.STATUSES.items()]
    )
    effective_from = forms.DateField(
        label=_("生效日期"), required=False, widget=forms.DateInput({"type": "date"}), help_text=_("不填即今天。")
    )

    def __init__(self, *args: Any, unit: str = "", present: tuple[Limit, ...] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.groups = {}
        known = {limit.kind: limit for limit in present}
        for kind in rules.KINDS:
            limit = known.get(kind)
            group = wording.kind_label(kind)
            fields = {
                f"{kind}_limit": _number(f"{gettext('限值')} {unit}", initial=limit.limit if limit else None),
                f"{kind}_hysteresis": _number(f"{gettext('回差')} {unit}", initial=limit.hysteresis if limit else 0),
                f"{kind}_dwell_s": _number(gettext("延时（秒）"), initial=limit.dwell_s if limit else 0),
                f"{kind}_level": forms.TypedChoiceField(
                    label=gettext("报警级别"),
                    coerce=int,
                    initial=limit.level if limit else rules.DEFAULT_LEVELS[kind],
                    choices=[(level, gettext(label)) for level, label in rules.LEVELS.items()],
                ),
            }
            for name, field in fields.items():
                self.fields[name] = field
                self.groups[name] = group
        for name in ("basis", "source", "status", "effective_from"):
            self.groups[name] = gettext("依据")
        self.order_fields(
            [name for name in self.fields if "_limit" in name or "_hysteresis" in name or "_dwell_s" in name or "_level" in name]
        )

    def limits(self) -> tuple[Limit, ...]:
        """The limits filled in."""
        data = self.cleaned_data
        return tuple(
            Limit(kind, data[f"{kind}_limit"], data[f"{kind}_hysteresis"] or 0.0, data[f"{kind}_dwell_s"] or 0.0, data[f"{kind}_level"])
            for kind in rules.KINDS
            if data.get(f"{kind}_limit") is not None
        )


class MaintenanceForm(ResourceForm):
    """A time of work on a device, or of an exercise."""

    kind = forms.ChoiceField(label=_("类别"), choices=[(code, _(label)) for code, label in rules.WINDOW_KINDS.items()])
    since = forms.DateTimeField(label=_("开始时间"), widget=forms.DateTimeInput({"type": "datetime-local"}))
    until = forms.DateTimeField(label=_("结束时间"), widget=forms.DateTimeInput({"type": "datetime-local"}))
    reason = forms.CharField(
        label=_("事由"),
        max_length=200,
        help_text=_("检修与校准期间读数照常保存并加标记，不产生报警。演练不屏蔽报警：只有设备自己标记为演练的读数按演练处理。"),
    )


class RevokeForm(ResourceForm):
    """Why a credential ends."""

    reason = forms.CharField(label=_("吊销原因"), max_length=200)


class QuotaForm(ResourceForm):
    """What everything behind a credential may send in a minute; 0: no bound."""

    messages_per_minute = forms.IntegerField(label=_("每分钟报文限额"), min_value=0, max_value=rules.MOST_PER_MINUTE)
    readings_per_minute = forms.IntegerField(label=_("每分钟读数限额"), min_value=0, max_value=rules.MOST_PER_MINUTE)


class CredentialForm(ResourceForm):
    """What a new credential is for."""

    label = forms.CharField(label=_("用途"), max_length=120, help_text=_("例如：罐区 DCS 网关。"))


class DeviceForm(ResourceForm):
    """A device of an enterprise."""

    code = forms.CharField(label=_("设备编号"), max_length=64, help_text=_("字母、数字、下划线或连字符；是上报主题的最后一级。"))
    name = forms.CharField(label=_("设备名称"), max_length=120)
    device_class = forms.ChoiceField(label=_("设备类型"), choices=[(code, _(label)) for code, label in rules.DEVICE_CLASSES.items()])
    credential_id = forms.TypedChoiceField(label=_("接入凭证"), required=False, coerce=UUID, empty_value=None)
    risk_source_id = forms.TypedChoiceField(label=_("危险源"), required=False, coerce=UUID, empty_value=None)
    location_note = forms.CharField(label=_("安装位置"), max_length=200, required=False)
    longitude = _number(_("经度"), min_value=-180, max_value=180)
    latitude = _number(_("纬度"), min_value=-90, max_value=90)
    commissioned_on = forms.DateField(
        label=_("投用日期"),
        required=False,
        widget=forms.DateInput({"type": "date"}),
        help_text=_("早于该日期且迟到 31 天以上的读数不采用；补报历史数据前，请填写实际投用日期。"),
    )

    def __init__(self, *args: Any, credentials: list[tuple[str, str]], risk_sources: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["credential_id"].choices = [("", gettext("暂不接入")), *credentials]  # type: ignore[attr-defined]
        self.fields["risk_source_id"].choices = [("", gettext("不属于危险源")), *risk_sources]  # type: ignore[attr-defined]


class SensorForm(ResourceForm):
    """A measuring point."""

    code = forms.CharField(label=_("测点编号"), max_length=64, help_text=_("设备上报时使用的编号，如 PT-101。"))
    name = forms.CharField(label=_("测点名称"), max_length=120)
    sensor_class = forms.ChoiceField(label=_("测点类别"), choices=wording.class_choices)
    range_low = _number(_("量程下限"))
    range_high = _number(_("量程上限"))
    decimals = forms.IntegerField(label=_("小数位数"), min_value=0, max_value=6, initial=2)
