"""Forms of population: the import, and the figures of day and night."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from anlan.desk.resource.forms import ResourceForm
from anlan.ground.population import rules


class ImportForm(ResourceForm):
    """A file with people in it, and where it comes from."""

    file = forms.FileField(
        label=_("文件"), help_text=_("边界或点用 GeoJSON（属性里有人口）；网格和县级表用 CSV。坐标为 CGCS2000/WGS-84 度。")
    )
    kind = forms.ChoiceField(label=_("数据种类"), choices=[(code, _(label)) for code, label in rules.KINDS.items()])
    name = forms.CharField(label=_("名称"), max_length=120)
    year = forms.IntegerField(label=_("年份"), min_value=1950, max_value=2200, help_text=_("人口是哪一年的。"))
    source = forms.CharField(label=_("出处"), max_length=300, help_text=_("如：第七次全国人口普查分乡镇资料，县统计局提供。"))
    licence = forms.CharField(label=_("许可说明"), max_length=200, required=False)
    status = forms.ChoiceField(label=_("核实"), choices=[(code, _(label)) for code, label in rules.STATUSES.items()], initial="unverified")


class PresenceForm(ResourceForm):
    """The figures of day and night, each with its bounds."""

    reason = forms.CharField(label=_("理由"), max_length=200)

    def __init__(self, *args: Any, english: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for row in rules.presence_rows():
            low, high = rules.BOUNDS[row.code]
            unit = {"h": "h", "m": "m"}.get(row.unit, "")
            label = row.note_en if english else row.note_zh
            self.fields[row.code] = forms.FloatField(label=f"{label} ({unit})" if unit else label, min_value=low, max_value=high)
        self.order_fields([*rules.BOUNDS, "reason"])
