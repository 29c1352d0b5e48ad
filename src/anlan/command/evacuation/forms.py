"""Forms of evacuation."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from anlan.command.evacuation import rules
from anlan.kernel import clock
from anlan.ledger.sources import law_day

MOST_PEOPLE = 1_000_000


class _Form(forms.Form):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)


class PrepareForm(_Form):
    """A new evacuation; with a run of a judgement the places and shelters are filled in."""

    title = forms.CharField(label=_("名称"), max_length=120)
    run_id = forms.ChoiceField(label=_("依据的研判"), required=False)
    grounds = forms.CharField(label=_("疏散依据"), widget=forms.Textarea(attrs={"rows": 2}))
    exercise = forms.BooleanField(label=_("演练"), required=False)
    incident_id = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, runs: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["run_id"].choices = [("", _("不依据研判，手工添加地点")), *runs]


class PlaceForm(_Form):
    """One more place that is left."""

    name = forms.CharField(label=_("地点"), max_length=120)
    people = forms.IntegerField(label=_("人数"), min_value=0, max_value=MOST_PEOPLE)
    clerk_name = forms.CharField(label=_("责任人"), max_length=60, required=False)
    clerk_phone = forms.CharField(label=_("责任人电话"), max_length=30, required=False)
    gathering = forms.CharField(label=_("集合点"), max_length=120, required=False)


class GroupForm(_Form):
    """One household or class."""

    name = forms.CharField(label=_("户主或名称"), max_length=60)
    people = forms.IntegerField(label=_("人数"), min_value=1, max_value=MOST_PEOPLE)
    phone = forms.CharField(label=_("电话"), max_length=30, required=False)
    address = forms.CharField(label=_("住址"), max_length=120, required=False)
    needs = forms.MultipleChoiceField(label=_("特殊需要"), required=False, widget=forms.CheckboxSelectMultiple)
    remark = forms.CharField(label=_("备注"), max_length=200, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        english = get_language() == "en"
        rows = rules.needs(law_day(clock.now())).values()
        fields: dict[str, Any] = self.fields
        fields["needs"].choices = [(row.code, row.name_en if english else row.name_zh) for row in rows]


class ShelterForm(_Form):
    """A shelter to open: one on record nearby, or a hall found on the spot."""

    facility_id = forms.ChoiceField(label=_("登记在册的避难场所"), required=False)
    name = forms.CharField(label=_("或临时安置点名称"), max_length=120, required=False)
    beds = forms.IntegerField(label=_("可安置人数"), min_value=0, max_value=MOST_PEOPLE, required=False)
    contact_name = forms.CharField(label=_("负责人"), max_length=60, required=False)
    contact_phone = forms.CharField(label=_("电话"), max_length=30, required=False)

    def __init__(self, *args: Any, shelters: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["facility_id"].choices = [("", "—"), *shelters]

    def clean(self) -> dict[str, Any]:
        """One of the two must be given."""
        values: dict[str, Any] = super().clean() or {}
        if not values.get("facility_id") and not str(values.get("name", "")).strip():
            self.add_error("name", _("请选择避难场所，或填写临时安置点名称。"))
        return values


class VehicleForm(_Form):
    """A bus or ambulance put to a place."""

    name = forms.CharField(label=_("车辆"), max_length=60)
    seats = forms.IntegerField(label=_("座位"), min_value=1, max_value=500)
    driver_phone = forms.CharField(label=_("驾驶员电话"), max_length=30, required=False)
    place_id = forms.ChoiceField(label=_("派往"), required=False)

    def __init__(self, *args: Any, places: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["place_id"].choices = [("", "—"), *places]


class WaveForm(_Form):
    """Who may go back, and why it is safe."""

    places = forms.MultipleChoiceField(label=_("返回的地点"), widget=forms.CheckboxSelectMultiple)
    grounds = forms.CharField(label=_("安全依据"), widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args: Any, places: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["places"].choices = places
