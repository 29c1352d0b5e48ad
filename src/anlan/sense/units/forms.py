"""Forms of process units: whose it is, and what it says."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from anlan.desk.refusals import sentence
from anlan.desk.resource.forms import ResourceForm
from anlan.ground.enterprises import door as enterprises
from anlan.ground.risksources import door as risksources
from anlan.kernel.access import Actor
from anlan.sense.devices import door as devices
from anlan.sense.units import queries, rules
from anlan.sense.units.models import ProcessUnit

MOST_SUGGESTED = 1000


class BeginForm(ResourceForm):
    """Whose unit it is."""

    enterprise = forms.CharField(label=_("企业"), max_length=200, help_text=_("统一社会信用代码或企业全称。"))

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._actor = actor

    def clean_enterprise(self) -> UUID:
        """The enterprise meant."""
        text = self.cleaned_data["enterprise"].strip()
        found = enterprises.by_uscc(text, self._actor)
        if found is not None:
            return found.id
        named = [each for each in enterprises.search(text, self._actor) if text in (each.name, each.short_name)]
        if len(named) == 1:
            return named[0].id
        raise ValidationError(_("没有找到这家企业，或名称不唯一；请填写统一社会信用代码。"))


class _PeriodsField(forms.CharField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(widget=forms.Textarea(attrs={"rows": 3}), max_length=5000, **kwargs)

    def clean(self, value: Any) -> Any:
        try:
            return rules.periods(super().clean(value))
        except rules.WrongPeriod as refusal:
            raise ValidationError(sentence(refusal), code=refusal.code) from refusal

    def prepare_value(self, value: Any) -> Any:
        return rules.written(value) if isinstance(value, tuple) else value


class UnitForm(ResourceForm):
    """Points, normal operation, method."""

    name = forms.CharField(label=_("工艺单元名称"), max_length=100, help_text=_("例如：反应工段。报警标题以此开头。"))
    risk_source = forms.ChoiceField(label=_("危险源"), required=False)
    points = forms.CharField(
        label=_("测点"),
        max_length=80_000,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text=_("每行一个，写作“设备编号/测点编号”，2 至 500 个。选同一工段中相互影响的测点。"),
    )
    interval_s = forms.FloatField(
        label=_("判断间隔（秒）"),
        initial=rules.INTERVAL_S,
        widget=forms.NumberInput({"step": "any", "inputmode": "decimal"}),
        help_text=_("不短于测点的上报周期。"),
    )
    age_s = forms.FloatField(
        label=_("读数有效期（秒）"),
        initial=rules.AGE_S,
        widget=forms.NumberInput({"step": "any", "inputmode": "decimal"}),
        help_text=_("较慢的测点沿用上一个读数，最长用多久。"),
    )
    periods = _PeriodsField(label=_("正常运行时段"), help_text=_("每行一段（北京时间），例如：2026-11-01 00:00 至 2026-11-08 00:00。"))
    exclusions = _PeriodsField(
        label=_("排除时段"), required=False, help_text=_("其中开停车、异常、试验等不作为正常的时段。检修、校准和存疑读数会自动排除。")
    )
    method = forms.ChoiceField(
        label=_("训练方法"), initial=rules.CVA, help_text=_("CVA 兼顾各测点随时间的相互影响，一般选它；PCA 只看同一时刻的关系。")
    )
    quantile = forms.FloatField(
        label=_("阈值分位数"),
        initial=rules.QUANTILE,
        widget=forms.NumberInput({"step": "any", "inputmode": "decimal"}),
        help_text=_("0.99 即正常时刻约有百分之一超过阈值；连续几个时刻超过才报警。"),
    )
    note = forms.CharField(label=_("说明"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args: Any, actor: Actor, enterprise_id: UUID, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        listed = devices.sensors_of(enterprise_id, actor)
        self._by_name = {f"{point.device_code}/{point.code}": point for point in listed}
        self.fields["points"].widget.attrs.update({"autocomplete": "off", "spellcheck": "false"})
        sources = risksources.of_enterprise(enterprise_id, actor)
        choices = [("", gettext("不指定")), *((str(each.id), each.name) for each in sources)]
        self.fields["risk_source"].choices = choices  # type: ignore[attr-defined]
        self.fields["method"].choices = [(code, _(label)) for code, label in rules.METHODS.items()]  # type: ignore[attr-defined]
        what, normal, how = gettext("工艺单元"), gettext("正常运行"), gettext("训练")
        self.groups = {
            **dict.fromkeys(("name", "risk_source", "points", "note"), what),
            **dict.fromkeys(("periods", "exclusions"), normal),
            **dict.fromkeys(("interval_s", "age_s", "method", "quantile"), how),
        }
        self.order_fields(["name", "risk_source", "points", "note", "periods", "exclusions", "interval_s", "age_s", "method", "quantile"])

    def clean_points(self) -> list[int]:
        """Channel numbers of the points named."""
        found, wrong = [], []
        for line in self.cleaned_data["points"].replace("，", "\n").replace(",", "\n").splitlines():
            name = line.strip()
            if name and name in self._by_name:
                found.append(self._by_name[name].channel)
            elif name:
                wrong.append(sentence(rules.UnknownPoint(point=name[:80])))
        if wrong:
            raise ValidationError(wrong[:5])
        return found

    def suggestions(self) -> list[tuple[str, str]]:
        """Points of the enterprise as they are written, with their names."""
        return [(name, f"{point.name} {point.unit}".strip()) for name, point in list(self._by_name.items())[:MOST_SUGGESTED]]

    def values(self) -> dict[str, Any]:
        """What was written, as the services take it."""
        data = dict(self.cleaned_data)
        source, channels = data.pop("risk_source"), data.pop("points")
        return {**data, "channels": channels, "risk_source_id": UUID(source) if source else None}


def initial_of(unit: ProcessUnit) -> dict[str, Any]:
    """A unit as the form shows it."""
    known = queries.points(unit.channels, unit.enterprise_id)
    plain = {name: getattr(unit, name) for name in ("name", "interval_s", "age_s", "method", "quantile", "note")}
    return {
        **plain,
        "risk_source": str(unit.risk_source_id or ""),
        "points": "\n".join(f"{point.device_code}/{point.code}" for channel in unit.channels if (point := known.get(channel))),
        "periods": queries.kept_periods(unit.periods),
        "exclusions": queries.kept_periods(unit.exclusions),
    }
