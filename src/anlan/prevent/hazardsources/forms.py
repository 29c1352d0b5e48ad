"""Forms of units: the unit itself, its inventory line by line, an assessment."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from anlan.desk.resource.forms import ResourceForm
from anlan.ground.enterprises import door as enterprises
from anlan.ground.risksources import door as risksources
from anlan.kernel.access import Actor
from anlan.prevent.hazardsources import queries, rules
from anlan.prevent.hazardsources.inventory import LIMITS, MOST_LINES, Line, line_of
from anlan.prevent.hazardsources.models import HazardUnit

SPARE = 3
"""Empty lines below those that are filled in."""


class UnitForm(ResourceForm):
    """A unit: what it is, where, and which hazard sources of the register belong to it."""

    name = forms.CharField(label=_("单元名称"), max_length=120, help_text=_("如：液氨储罐区、合成装置"))
    code = forms.CharField(label=_("单元编号"), max_length=40)
    kind = forms.ChoiceField(
        label=_("单元类型"), help_text=_("生产单元以切断阀为界，储存单元以防火堤或独立库房为界（GB 18218-2018 3.5、3.6）")
    )
    source_ids = forms.MultipleChoiceField(
        label=_("所含危险源"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("评估得出的等级会写入这些危险源的档案"),
    )
    extent = forms.CharField(label=_("划分依据"), max_length=200, required=False)
    site_id = forms.ChoiceField(label=_("厂区"), required=False, help_text=_("厂区边界用于估算周边500米人口"))
    longitude = forms.FloatField(label=_("经度"), required=False, widget=forms.NumberInput(attrs={"step": "any", "inputmode": "decimal"}))
    latitude = forms.FloatField(label=_("纬度"), required=False, widget=forms.NumberInput(attrs={"step": "any", "inputmode": "decimal"}))

    def __init__(self, *args: Any, enterprise_id: UUID, actor: Actor, unit: HazardUnit | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices: dict[str, list[tuple[str, str]]] = {
            "kind": [(code, gettext(label)) for code, label in rules.KINDS.items()],
            "site_id": [("", "—"), *((str(row.id), row.name) for row in enterprises.sites_of(enterprise_id))],
            "source_ids": [(str(row.id), f"{row.code} {row.name}") for row in self._free(enterprise_id, actor, unit)],
        }
        for name, offered in choices.items():
            self.fields[name].choices = offered  # type: ignore[attr-defined]

    @staticmethod
    def _free(enterprise_id: UUID, actor: Actor, unit: HazardUnit | None) -> list[risksources.RiskSourceSummary]:
        """Hazard sources that belong to no other unit."""
        found = []
        for row in risksources.of_enterprise(enterprise_id, actor):
            holder = queries.unit_of_source(row.id, None)
            if holder is None or (unit is not None and holder.pk == unit.pk):
                found.append(row)
        return found

    def values(self) -> dict[str, Any]:
        """As the verbs take them."""
        values = dict(self.cleaned_data)
        values["source_ids"] = [UUID(each) for each in values["source_ids"]]
        values["site_id"] = UUID(values["site_id"]) if values["site_id"] else None
        return values


def initial_of(unit: HazardUnit) -> dict[str, Any]:
    """A unit as its form shows it."""
    values = {name: getattr(unit, name) for name in ("name", "code", "kind", "extent", "longitude", "latitude")}
    sources = [str(row.id) for row in queries.sources_of(unit.pk)]
    return {**values, "site_id": str(unit.site_id or ""), "source_ids": sources}


class AssessForm(ResourceForm):
    """What an assessment needs beside the inventory."""

    people = forms.IntegerField(
        label=_("厂区边界外500米范围内常住人口"),
        min_value=0,
        required=False,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
        help_text=_("现场调查的人数；留空则按平台人口数据估算。确实无人居住请填 0"),
    )
    assessor = forms.CharField(
        label=_("评估人或机构"), max_length=120, help_text=_("本单位注册安全工程师、技术人员、聘请的专家或安全评价机构")
    )
    note = forms.CharField(label=_("说明"), required=False, max_length=400, widget=forms.Textarea(attrs={"rows": 2}))


def posted_lines(data: Mapping[str, Any]) -> list[Line]:
    """The lines of a posted inventory, in their order, empty ones left out. Raises ``FieldTooLong``."""
    count = int(data.get("count", "0")) if str(data.get("count", "")).isdigit() else 0
    lines = [line_of({name: data.get(f"{name}-{number}", "") for name in LIMITS}) for number in range(1, min(count, MOST_LINES + 1) + 1)]
    return [line for line in lines if not line.empty]
