"""The editor's form: it parses; whether the words may go out is judged by the services."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from anlan.ground.places import door as places
from anlan.kernel.access import Actor
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

    def __init__(self, *args: Any, actor: Actor, place_code: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["event_code"].choices = [(row.code, f"{_name(row)}（{row.code}）") for row in rules.event_types()]  # type: ignore[attr-defined]
        self.fields["level"].choices = [(row.code, _name(row)) for row in rules.levels()]  # type: ignore[attr-defined]
        root = place_code or actor.place_code
        here = [(root, places.place_name(root))]
        self.fields["area_codes"].choices = here + [(child.code, child.name) for child in places.children(root)]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """A circle is whole or absent; a centre that came with the incident counts for nothing while no radius is given."""
        cleaned = super().clean() or self.cleaned_data
        parts = [cleaned.get(name) for name in ("circle_longitude", "circle_latitude", "circle_radius_km")]
        if parts[2] is None and cleaned.get("area_codes"):
            cleaned.update(circle_longitude=None, circle_latitude=None)
        elif any(part is not None for part in parts) and any(part is None for part in parts):
            self.add_error("circle_radius_km", _("中心经度、中心纬度和半径须一并填写。"))
        return cleaned
