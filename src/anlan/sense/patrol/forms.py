"""Forms of patrols."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from anlan.desk.resource.forms import ResourceForm
from anlan.ground.people import door as people
from anlan.kernel.access import Actor
from anlan.sense.devices import door as devices
from anlan.sense.patrol import rules

_CHECKERS = ("inspector", "bureau_clerk")


class DrawForm(ResourceForm):
    """What is drawn from, how many, by which seed, and who checks."""

    title = forms.CharField(label=_("抽查名称"), max_length=120)
    place_code = forms.RegexField(r"^\d{6}(\d{3})?$", label=_("行政区划代码"))
    sensor_class = forms.ChoiceField(label=_("测点类别"), required=False)
    wanted = forms.IntegerField(label=_("抽取数"), min_value=1, max_value=rules.MOST_DRAWN, initial=10)
    seed = forms.CharField(
        label=_("抽取种子"),
        max_length=rules.LONGEST_SEED,
        required=False,
        help_text=_("可填公开产生的数字（如当日公布的号码）；留空则随机产生并记录。"),
    )
    due_on = forms.DateField(label=_("完成期限"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    assignees = forms.MultipleChoiceField(
        label=_("核查人"), required=False, widget=forms.CheckboxSelectMultiple, help_text=_("按抽取次序轮流分派。")
    )
    exercise = forms.BooleanField(label=_("演练"), required=False)

    def __init__(self, *args: Any, actor: Actor, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chinese = (get_language() or "").startswith("zh")
        classes = [(row.code, row.name_zh if chinese else row.name_en) for row in devices.sensor_classes()]
        holders = {holder.account_id: holder for kind in _CHECKERS for holder in people.holders_of(kind, actor.place_code, now=now)}
        self.fields["sensor_class"].choices = [("", gettext("全部类别")), *classes]  # type: ignore[attr-defined]
        self.fields["assignees"].choices = [(str(pk), f"{h.name}（{h.post_name}）") for pk, h in holders.items()]  # type: ignore[attr-defined]

    def clean_assignees(self) -> list[UUID]:
        """Accounts, in the order of the list."""
        return [UUID(value) for value in self.cleaned_data["assignees"]]


class CheckForm(ResourceForm):
    """What was found at a drawn point."""

    finding = forms.ChoiceField(label=_("核查结果"))
    site_value = forms.FloatField(label=_("现场示值"), required=False)
    note = forms.CharField(label=_("现场情况"), required=False, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [("", gettext("请选择")), *((code, gettext(label)) for code, label in rules.FINDINGS.items())]
        self.fields["finding"].choices = choices  # type: ignore[attr-defined]
