"""The editor's form: it parses; whether the words may go out is judged by the services."""

from __future__ import annotations

import json
import re
from typing import Any

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from anlan.ground.places import door as places
from anlan.kernel.access import Actor
from anlan.kernel.levels import prefix_of
from anlan.warn.bulletins import rules

DATETIME = "%Y-%m-%dT%H:%M"


def _moment(label: Any) -> forms.DateTimeField:
    return forms.DateTimeField(
        label=label,
        input_formats=[DATETIME, "%Y-%m-%d %H:%M"],
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format=DATETIME),
    )


def _name(row: rules.WarningLevel | rules.EventType) -> str:
    return row.name_en if get_language() == "en" else row.name_zh


class BulletinForm(forms.Form):
    """One bulletin. ``actor`` decides which places can be chosen."""

    event_code = forms.ChoiceField(label=_("预警类别"))
    level = forms.ChoiceField(label=_("预警级别"), widget=forms.RadioSelect)
    headline = forms.CharField(
        label=_("标题"), max_length=200, help_text=_("写明发布单位、事由和级别，例如：某县人民政府发布危险化学品泄漏红色预警")
    )
    description = forms.CharField(
        label=_("警示事项"), widget=forms.Textarea(attrs={"rows": 4}), help_text=_("发生了什么、可能怎样影响群众")
    )
    instruction = forms.CharField(label=_("应采取的措施"), widget=forms.Textarea(attrs={"rows": 4}), help_text=_("一句一事，先写最要紧的"))
    subject = forms.CharField(
        label=_("事发单位或地点"), max_length=100, required=False, help_text=_("套用文本时填入，例如：某化工厂液氯储罐区")
    )
    area = forms.CharField(
        label=_("画出的范围"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}),
        help_text=_("可在地图上画，也可粘贴：每行一个顶点“经度,纬度”，空一行为另一个面；或 GeoJSON（CGCS2000/WGS-84）。"),
    )
    area_drawn = forms.CharField(required=False, widget=forms.HiddenInput)
    area_origin = forms.CharField(required=False, max_length=200, widget=forms.HiddenInput)
    area_list = forms.CharField(
        label=_("其他乡镇（街道）、区县"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("每行或用顿号分开写名称或区划代码，须在本辖区内。"),
    )
    area_codes = forms.MultipleChoiceField(label=_("影响区划"), required=False, widget=forms.CheckboxSelectMultiple)
    circle_longitude = forms.FloatField(label=_("中心经度"), required=False, min_value=-180, max_value=180)
    circle_latitude = forms.FloatField(label=_("中心纬度"), required=False, min_value=-90, max_value=90)
    circle_radius_km = forms.FloatField(label=_("半径（公里）"), required=False, min_value=0, help_text=_("不填半径，则只按所选区划发布"))
    onset = _moment(_("起始时间"))
    expires = _moment(_("失效时间"))
    issuer_name = forms.CharField(label=_("发布单位"), max_length=100)
    contact = forms.CharField(label=_("联系方式"), max_length=100, required=False)
    headline_en = forms.CharField(label=_("英文标题"), max_length=200, required=False)
    description_en = forms.CharField(label=_("英文警示事项"), required=False, widget=forms.Textarea(attrs={"rows": 3}))
    instruction_en = forms.CharField(label=_("英文措施"), required=False, widget=forms.Textarea(attrs={"rows": 3}))
    exercise = forms.BooleanField(label=_("演练"), required=False, help_text=_("演练预警不会发往真实接收者，也不进入公开订阅"))
    incident_id = forms.UUIDField(required=False, widget=forms.HiddenInput)
    foreign_id = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, actor: Actor, place_code: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["event_code"].choices = [(row.code, f"{_name(row)}（{row.code}）") for row in rules.event_types()]  # type: ignore[attr-defined]
        self.fields["level"].choices = [(row.code, _name(row)) for row in rules.levels()]  # type: ignore[attr-defined]
        root = place_code or actor.place_code
        self.root = root
        here = [(root, places.place_name(root))]
        self.fields["area_codes"].choices = here + [(child.code, child.name) for child in places.children(root)]  # type: ignore[attr-defined]

    def split_places(self, codes: list[str]) -> None:
        """Places without a box to tick stand in the text beside."""
        ticked = {code for code, _label in self.fields["area_codes"].choices}  # type: ignore[attr-defined]
        self.initial["area_list"] = "\n".join(code for code in codes if code not in ticked)

    def clean_area(self) -> dict[str, Any] | None:
        """GeoJSON as it was drawn or pasted, or lines of corners; whether it is an area the services judge."""
        return told_area(self.cleaned_data["area"])

    def clean_area_drawn(self) -> dict[str, Any] | None:
        """What was drawn before it was simplified or cut; kept for the record."""
        return told_area(self.cleaned_data["area_drawn"])

    def clean(self) -> dict[str, Any]:
        """A circle is whole or absent; a centre that came with the incident counts for nothing while no radius is given. Named places join
        those that were ticked."""
        cleaned = super().clean() or self.cleaned_data
        self._add_list(cleaned)
        parts = [cleaned.get(name) for name in ("circle_longitude", "circle_latitude", "circle_radius_km")]
        if parts[2] is None and (cleaned.get("area_codes") or cleaned.get("area")):
            cleaned.update(circle_longitude=None, circle_latitude=None)
        elif any(part is not None for part in parts) and any(part is None for part in parts):
            self.add_error("circle_radius_km", _("中心经度、中心纬度和半径须一并填写。"))
        return cleaned

    def _add_list(self, cleaned: dict[str, Any]) -> None:
        codes = list(cleaned.get("area_codes") or ())
        for name in re.split(r"[\s,，、;；]+", cleaned.pop("area_list", "") or ""):
            if not name:
                continue
            found = places.search(name, 5, within=prefix_of(self.root))
            exact = [place for place in found if name in (place.code, place.name, place.short_name)] or list(found[:1])
            if not exact:
                self.add_error("area_list", _("辖区内没有找到“%(name)s”。") % {"name": name})
            elif len({place.code for place in exact}) > 1:
                choices = "、".join(f"{places.full_name(place.code)}（{place.code}）" for place in exact)
                self.add_error("area_list", _("“%(name)s”有多处，请写代码：%(choices)s") % {"name": name, "choices": choices})
            elif exact[0].code not in codes:
                codes.append(exact[0].code)
        cleaned["area_codes"] = codes


def told_area(text: str) -> dict[str, Any] | None:
    """GeoJSON, or corners as ``longitude,latitude`` line by line (an empty line begins another polygon); ``None`` for nothing.

    Raises ``ValidationError`` when it is neither.
    """
    text = text.strip()
    if not text:
        return None
    if text.startswith("{"):
        try:
            told = json.loads(text)
        except ValueError:
            raise forms.ValidationError(_("这段 GeoJSON 不完整，请重新粘贴。")) from None
        return told if isinstance(told, dict) else None
    polygons: list[list[list[list[float]]]] = []
    for block in re.split(r"\n\s*\n", text.replace("\r", "")):
        ring = []
        for line in block.split("\n"):
            parts = [part for part in re.split(r"[,，\s]+", line.strip()) if part]
            try:
                longitude, latitude = (float(part) for part in parts)
            except ValueError:
                raise forms.ValidationError(_("“%(line)s”不是“经度,纬度”。") % {"line": line[:40]}) from None
            ring.append([longitude, latitude])
        polygons.append([ring])
    return {"type": "MultiPolygon", "coordinates": polygons}
