"""Forms of command: opening an incident, asking for a response, ordering a task."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from anlan.command.incidents import rules
from anlan.command.plans import door as plans
from anlan.ground.organisations import door as organisations
from anlan.ground.people import door as people
from anlan.kernel import clock
from anlan.kernel.ids import new_id
from anlan.report.filings import door as filings

NEW = "new"
DATETIME = "%Y-%m-%dT%H:%M"


def _moment(label: Any) -> forms.DateTimeField:
    return forms.DateTimeField(
        label=label,
        input_formats=[DATETIME, "%Y-%m-%d %H:%M"],
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format=DATETIME),
    )


class IncidentForm(forms.Form):
    """A new incident; what comes from a filing or alarm is filled in already."""

    title = forms.CharField(label=_("事件名称"), max_length=120)
    kind = forms.ChoiceField(label=_("事件类别"))
    occurred_at = _moment(_("发生时间"))
    place_code = forms.RegexField(r"^\d{6}(\d{3})?$", label=_("行政区划代码"))
    location = forms.CharField(label=_("发生地点"), max_length=200, required=False)
    longitude = forms.FloatField(label=_("经度"), required=False, widget=forms.NumberInput(attrs={"step": "any"}))
    latitude = forms.FloatField(label=_("纬度"), required=False, widget=forms.NumberInput(attrs={"step": "any"}))
    description = forms.CharField(label=_("基本情况"), required=False, widget=forms.Textarea(attrs={"rows": 3}))
    exercise = forms.BooleanField(label=_("演练"), required=False)
    filing_id = forms.UUIDField(required=False, widget=forms.HiddenInput)
    alarm_id = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        english = get_language() == "en"
        day = timezone.localtime(clock.now()).date()
        fields: dict[str, Any] = self.fields
        fields["kind"].choices = [(row.code, row.name_en if english else row.name_zh) for row in filings.event_kinds(day)]


class ResponseForm(forms.Form):
    """What must be said when a response is asked for (突发事件应对法 art. 72)."""

    plan_id = forms.ChoiceField(label=_("依据预案"))
    level = forms.ChoiceField(
        label=_("响应级别"),
        choices=[(code, _(label)) for code, label in rules.RESPONSE_LEVELS.items()],
        widget=forms.RadioSelect,
    )
    matter = forms.CharField(label=_("响应事项"), max_length=200)
    expected_until = _moment(_("预计结束时间"))
    measures = forms.CharField(label=_("响应措施"), widget=forms.Textarea(attrs={"rows": 3}))
    grounds = forms.CharField(label=_("启动依据"), widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args: Any, place_code: str, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        example = _("示例")
        fields: dict[str, Any] = self.fields
        fields["plan_id"].choices = [
            (str(plan.id), f"{plan.title}（{example}）" if plan.example and "示例" not in plan.title else plan.title)
            for plan in plans.plans_for(place_code)
        ]


class TaskForm(forms.Form):
    """One more order."""

    title = forms.CharField(label=_("任务"), max_length=200)
    assignee = forms.CharField(label=_("承办岗位或单位"), max_length=120)
    due = _moment(_("时限"))
    done_when = forms.CharField(label=_("完成标准"), max_length=200, required=False)


class AppointForm(forms.Form):
    """Who leads a group from now on: somebody with an account, a unit, or a name with a telephone."""

    group = forms.ChoiceField(label=_("组别"))
    group_name = forms.CharField(label=_("新组名称"), max_length=80, required=False)
    who = forms.ChoiceField(label=_("由谁负责"), required=False)
    holder = forms.CharField(label=_("其他人员"), max_length=100, required=False)
    phone = forms.CharField(label=_("电话"), max_length=40, required=False)
    reason = forms.CharField(label=_("理由"), max_length=300)

    def __init__(self, *args: Any, incident: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        posts = incident.posts.filter(until=None).order_by("order")
        fields["group"].choices = [*((post.group, f"{post.group_name}（{post.holder or '—'}）") for post in posts), (NEW, _("新设一组"))]
        fields["who"].choices = [("", "—"), *_choices(incident.place_code[:6])]

    def clean(self) -> dict[str, Any]:
        """A new group needs its name; somebody must be named."""
        given: dict[str, Any] = super().clean() or {}
        if given.get("group") == NEW and not given.get("group_name"):
            self.add_error("group_name", _("请填写新组的名称。"))
        if not given.get("who") and not given.get("holder"):
            self.add_error("who", _("请选择负责的人员或单位，或填写其他人员。"))
        return given

    def values(self) -> dict[str, Any]:
        """What ``structuring.appoint`` takes."""
        given = self.cleaned_data
        kind, _sep, key = given["who"].partition(":")
        group = f"own-{new_id().hex[-8:]}" if given["group"] == NEW else given["group"]
        return {
            **{name: given[name] for name in ("group_name", "holder", "phone", "reason")},
            "group": group,
            "account_id": UUID(key) if kind == "account" else None,
            "organisation_id": UUID(key) if kind == "unit" else None,
        }


def _choices(place_code: str) -> list[tuple[str, str]]:
    kinds = people.post_kinds()
    held = [each for kind in ("duty_leader", "commander", "duty_officer") if kind in kinds for each in people.holders_of(kind, place_code)]
    units = organisations.below(place_code, limit=200)
    return [
        *((f"account:{each.account_id}", f"{each.name} · {each.post_name}") for each in held),
        *((f"unit:{unit.id}", unit.name) for unit in units),
    ]


class LevelForm(forms.Form):
    """A change of the response's level."""

    level = forms.ChoiceField(label=_("响应级别"), choices=[(code, _(label)) for code, label in rules.RESPONSE_LEVELS.items()])
    expected_until = _moment(_("预计结束时间"))
    reason = forms.CharField(label=_("理由"), max_length=500)
