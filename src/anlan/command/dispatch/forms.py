"""Forms of this room: asking for aid, offering it, going in."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from anlan.command.dispatch import rules
from anlan.command.resources import door as resources
from anlan.ground.organisations import door as organisations
from anlan.kernel.levels import parent_code

_MOMENT = "%Y-%m-%dT%H:%M"


def moment(value: Any) -> str:
    """A moment as the browser's field wants it."""
    return timezone.localtime(value).strftime(_MOMENT)


def _moment(label: Any, *, required: bool = True) -> forms.DateTimeField:
    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format=_MOMENT)
    return forms.DateTimeField(label=label, input_formats=[_MOMENT], widget=widget, required=required)


class AskForm(forms.Form):
    """A request for aid; ``told`` is all that the bureaus asked learn of what happened."""

    title = forms.CharField(label=_("请求事项"), max_length=120)
    capability = forms.ChoiceField(label=_("所需能力"), required=False)
    need = forms.CharField(label=_("需要的力量"), widget=forms.Textarea(attrs={"rows": 2}))
    told = forms.CharField(label=_("告知对方的情况"), widget=forms.Textarea(attrs={"rows": 3}), help_text=_("对方只看到这里写的内容"))
    meeting_point = forms.CharField(label=_("集结地点"), max_length=200)
    needed_by = _moment(_("最迟到场"))
    phone = forms.CharField(label=_("联系电话"), max_length=40, required=False)
    terms = forms.CharField(label=_("费用约定"), max_length=200, required=False)
    units = forms.MultipleChoiceField(label=_("向谁请求"), widget=forms.CheckboxSelectMultiple)
    shared = forms.BooleanField(label=_("向对方开放事件过程"), required=False)
    task_id = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, place_code: str, own: Any, **kwargs: Any) -> None:
        super().__init__(*args, label_suffix="", **kwargs)
        fields: dict[str, Any] = self.fields
        fields["capability"].choices = [("", "—"), *resources.capability_choices()]
        fields["units"].choices = [(str(unit.id), unit.name) for unit in bureaus_around(place_code) if unit.id != own]


def bureaus_around(place_code: str) -> list[organisations.OrganisationInfo]:
    """Bureaus that may be asked: those below the place above, and that one's own (neighbours and the level above)."""
    above = parent_code(place_code[:6]) or place_code
    return list(organisations.find("emergency_bureau", above, below=True))


class OfferForm(forms.Form):
    """What a bureau can send."""

    resource_id = forms.ChoiceField(label=_("派出力量"), required=False, help_text=_("派出时按此登记调用"))
    offer = forms.CharField(label=_("可派力量"), widget=forms.Textarea(attrs={"rows": 2}))
    people = forms.IntegerField(label=_("人数"), min_value=1, required=False)
    phone = forms.CharField(label=_("联系电话"), max_length=40)
    expected_at = _moment(_("预计到场"), required=False)

    def __init__(self, *args: Any, known: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, label_suffix="", **kwargs)
        fields: dict[str, Any] = self.fields
        fields["resource_id"].choices = [("", "—"), *known]

    def clean_resource_id(self) -> UUID | None:
        """The resource as its id."""
        return UUID(self.cleaned_data["resource_id"]) if self.cleaned_data["resource_id"] else None


class EnterForm(forms.Form):
    """Somebody, or a crew, goes in."""

    who = forms.CharField(label=_("人员或小组"), max_length=80)
    people = forms.IntegerField(label=_("人数"), min_value=1, initial=1)
    unit = forms.CharField(label=_("所属队伍"), max_length=120, required=False)
    phone = forms.CharField(label=_("电话或呼号"), max_length=40, required=False)
    sector = forms.CharField(label=_("区段"), max_length=60)
    zone = forms.ChoiceField(label=_("分区"), choices=[(code, _(label)) for code, label in rules.ZONES.items()])
    check_minutes = forms.IntegerField(label=_("报告安全间隔（分钟）"), min_value=1, max_value=240, required=False)
