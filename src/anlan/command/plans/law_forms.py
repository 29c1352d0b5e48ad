"""Forms of the law of plans."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from anlan.command.plans import law
from anlan.command.plans.obliging import Expert
from anlan.kernel import clock
from anlan.ledger.sources import law_day

AGREES, AGAINST, INTEREST = "同意", "不同意", "有利害关系"
MOST_EXPERTS = 50


class _Form(forms.Form):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, label_suffix="", **kwargs)

    def clean_past(self, name: str) -> Any:
        day = self.cleaned_data[name]
        if day > law_day(clock.now()):
            raise forms.ValidationError(_now("日期不能晚于今天"))
        return day


class ReviewForm(_Form):
    """The minutes of a review; experts one a line: name, unit, verdict, and whether there is an interest."""

    held_on = forms.DateField(label=_("评审日期"), widget=forms.DateInput(attrs={"type": "date"}))
    experts = forms.CharField(
        label=_("评审人员"),
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("每行一人：姓名，单位，同意或不同意；与编制单位有利害关系的在行末注明“有利害关系”"),
    )
    minutes = forms.CharField(label=_("评审意见"), widget=forms.Textarea(attrs={"rows": 3}))

    def clean_held_on(self) -> Any:
        return self.clean_past("held_on")

    def clean_experts(self) -> list[Expert]:
        lines = [line for line in self.cleaned_data["experts"].splitlines() if line.strip()]
        if len(lines) > MOST_EXPERTS:
            raise forms.ValidationError(_now("一次最多登记 {most} 人").format(most=MOST_EXPERTS))
        return [_expert(number, line) for number, line in enumerate(lines, 1)]


def _expert(number: int, line: str) -> Expert:
    parts = [part.strip() for part in line.replace(",", "，").split("，")]
    if len(parts) < 3 or not parts[0] or parts[2] not in (AGREES, AGAINST):
        raise forms.ValidationError(_now("第 {n} 行应为：姓名，单位，同意或不同意").format(n=number))
    return Expert(name=parts[0], unit=parts[1], agrees=parts[2] == AGREES, interest=INTEREST in parts[3:])


class FileForm(_Form):
    """What is handed in with a plan."""

    materials = forms.MultipleChoiceField(label=_("已交材料"), widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, kind: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["materials"].choices = [(row.code, row.title) for row in law.materials(kind, law_day(clock.now()))]


class RecordForm(_Form):
    """A drill, an evaluation or a reason to revise."""

    kind = forms.ChoiceField(label=_("记录类别"))
    day = forms.DateField(label=_("日期"), widget=forms.DateInput(attrs={"type": "date"}))
    how = forms.ChoiceField(label=_("方式或情形"), required=False)
    note = forms.CharField(label=_("评估结论和说明"), widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.drills = [(code, _now(label)) for code, label in law.DRILL_KINDS.items()]
        self.reasons = [(row.code, row.title) for row in law.triggers(law_day(clock.now()))]
        fields: dict[str, Any] = self.fields
        fields["kind"].choices = [(code, _now(label)) for code, label in law.RECORDS.items()]
        fields["how"].choices = [("", "—"), (_now("应急演练"), self.drills), (_now("修订情形"), self.reasons)]

    def clean_day(self) -> Any:
        return self.clean_past("day")

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        wanted = {law.DRILL: dict(self.drills), law.REVISION: dict(self.reasons), law.EVALUATION: {"": ""}}.get(given.get("kind", ""), {})
        if given.get("how", "") not in wanted:
            self.add_error("how", _now("请选择与记录类别相符的方式或情形"))
        return given
