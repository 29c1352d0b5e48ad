"""Forms of resources: readiness, certificates, movements of stock, and the question who can help."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from anlan.command.resources import rules, wording
from anlan.desk.resource.forms import PlaceField, ResourceForm
from anlan.routing.vehicles import LABELS

_DAY = {"widget": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")}


def vehicle_choices() -> list[tuple[str, Any]]:
    """Ways of going, the kind's own first."""
    return [("", _("按资源类别")), *((code, _(label)) for code, label in LABELS.items())]


class ReadinessForm(ResourceForm):
    """Ready, partly ready or out of service, and why."""

    readiness = forms.ChoiceField(
        label=_("备勤状态"), choices=[(code, _(rules.READINESS[code])) for code in (rules.READY, rules.LIMITED, rules.OUT)]
    )
    reason = forms.CharField(label=_("原因"), max_length=200, required=False, help_text=_("部分可用和停用必须说明原因。"))


class QualificationForm(ResourceForm):
    """One certificate."""

    name = forms.CharField(label=_("证书"), max_length=80)
    number = forms.CharField(label=_("编号"), max_length=60, required=False)
    level = forms.CharField(label=_("等级"), max_length=40, required=False)
    valid_until = forms.DateField(label=_("有效期至"), required=False, **_DAY)


class _MovementForm(ResourceForm):
    quantity = forms.DecimalField(label=_("数量"), max_digits=12, decimal_places=3, min_value=0)
    key = forms.CharField(widget=forms.HiddenInput, required=False, max_length=64)


class ReceiveForm(_MovementForm):
    """Supplies that come in, or back."""

    batch = forms.CharField(label=_("批号"), max_length=40, required=False)
    expires_on = forms.DateField(label=_("有效期至"), required=False, **_DAY)
    returned = forms.BooleanField(label=_("使用后归还"), required=False)
    note = forms.CharField(label=_("说明"), max_length=200, required=False)


class IssueForm(_MovementForm):
    """Supplies that go out, or are written off."""

    loss = forms.BooleanField(label=_("报废损耗"), required=False, help_text=_("报废损耗必须说明原因。"))
    note = forms.CharField(label=_("领用单位或说明"), max_length=200, required=False)


class TransferForm(_MovementForm):
    """Supplies moved to another depot."""

    depot_id = forms.ChoiceField(label=_("调往"))
    note = forms.CharField(label=_("说明"), max_length=200, required=False)

    def __init__(self, *args: Any, depots: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["depot_id"].choices = [("", "—"), *depots]


class CountForm(_MovementForm):
    """What a stock-take found of one batch."""

    quantity = forms.DecimalField(label=_("实盘数量"), max_digits=12, decimal_places=3, min_value=0)
    lot = forms.ChoiceField(label=_("批次"))
    note = forms.CharField(label=_("差异原因"), max_length=200, required=False, help_text=_("与账面不同时必须说明。"))

    def __init__(self, *args: Any, lots: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["lot"].choices = lots


class NeedForm(ResourceForm):
    """What is needed where."""

    capability = forms.ChoiceField(label=_("需要的能力"), required=False)
    supply = forms.CharField(
        label=_("或物资编码"), required=False, max_length=40, help_text=_("GB/T 38565 物资名称或七位编码；填写后不看上面的能力。")
    )
    quantity = forms.DecimalField(label=_("数量"), initial=1, min_value=0, max_digits=12, decimal_places=3)
    longitude = forms.FloatField(label=_("经度"), min_value=73, max_value=136)
    latitude = forms.FloatField(label=_("纬度"), min_value=3, max_value=54)
    vehicle = forms.ChoiceField(label=_("出行方式"), required=False, choices=vehicle_choices)
    place_code = PlaceField(label=_("所在地"), required=False, help_text=_("按所在地的支援协议查找邻近地区资源；不填为本单位所在地。"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["capability"].choices = list(wording.capability_choices())
